/* SPDX-License-Identifier: MIT
 *
 * vector.c - files in memory, and the pattern that fills them.
 */
#include "vector.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN 32u

static void free_file(struct vector_file *file)
{
    free(file->name);
    free(file->target);
    free(file->content.data);
}

void vector_finish(struct vector *v)
{
    for (size_t i = 0; i < v->n_files; i++)
        free_file(&v->files[i]);
    free(v->guest.data);
    memset(v, 0, sizeof(*v));
}

struct vector_file *vector_find(struct vector *v, const char *name)
{
    for (size_t i = 0; i < v->n_files; i++)
        if (strcmp(v->files[i].name, name) == 0)
            return &v->files[i];
    return NULL;
}

struct vector_file *vector_add(struct vector *v, const char *name)
{
    struct vector_file *file;

    if (v->n_files == VECTOR_MAX_FILES)
        return NULL;
    file = &v->files[v->n_files];
    memset(file, 0, sizeof(*file));
    file->name = strdup(name);
    if (!file->name)
        return NULL;
    v->n_files++;
    return file;
}

void vector_remove(struct vector *v, struct vector_file *file)
{
    size_t at = (size_t)(file - v->files);

    free_file(file);
    v->n_files--;
    memmove(file, file + 1, (v->n_files - at) * sizeof(*file));
}

bool bytes_resize(struct bytes *b, size_t len)
{
    uint8_t *data;

    if (len > VECTOR_MAX_LEN)
        return false;
    data = realloc(b->data, len ? len : 1);
    if (!data)
        return false;
    if (len > b->len)
        memset(data + b->len, 0, len - b->len);
    b->data = data;
    b->len = len;
    return true;
}

/* Makes B reach to OFFSET + LEN. */
static bool reach(struct bytes *b, size_t len, size_t offset)
{
    if (offset > VECTOR_MAX_LEN || len > VECTOR_MAX_LEN - offset)
        return false;
    return offset + len <= b->len || bytes_resize(b, offset + len);
}

bool bytes_write(struct bytes *b, const void *data, size_t len, size_t offset)
{
    if (!reach(b, len, offset))
        return false;
    if (len)
        memcpy(b->data + offset, data, len);
    return true;
}

static void pattern_line(char line[LINE_LEN + 1], const char *tag, size_t at)
{
    snprintf(line, LINE_LEN + 1, "%-10.10s %020zu\n", tag, at);
}

bool bytes_fill(struct bytes *b, const char *tag, size_t len, size_t offset)
{
    char line[LINE_LEN + 1];

    if (!reach(b, len, offset))
        return false;
    if (len && strcmp(tag, "zero") == 0) {
        memset(b->data + offset, 0, len);
        return true;
    }
    for (size_t at = offset; at < offset + len; at++) {
        if (at == offset || at % LINE_LEN == 0)
            pattern_line(line, tag, at / LINE_LEN * LINE_LEN);
        b->data[at] = (uint8_t)line[at % LINE_LEN];
    }
    return true;
}

const char *vector_result_name(enum vector_result result)
{
    static const char *const names[] = {NULL, "valid", "invalid", "impl"};

    return names[result];
}
