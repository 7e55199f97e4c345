/* SPDX-License-Identifier: MIT
 *
 * manifest.c - the two lists of a corpus.
 */
#include "manifest.h"
#include "base/sha256.h"
#include "tree.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 2048u
#define N_COLUMNS 11u

static const char head[] = "id\tresult\tclasses\tlevel\tclauses\tflags\t"
                           "virtual size\tguest sha256\tentry\tsince\t"
                           "comment\n";

__attribute__((format(printf, 2, 3))) static bool
append(struct bytes *out, const char *format, ...)
{
    char line[MAX_LINE];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    return len >= 0 && (size_t)len < sizeof(line) &&
           bytes_write(out, line, (size_t)len, out->len);
}

bool manifest_head(struct bytes *out)
{
    return append(out, "%s", head);
}

/* Writes TEXT for the %b of printf(1): bytes that could be misunderstood as \0
 * and three octal digits. */
static bool append_escaped(struct bytes *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-:";
    bool ok = true;

    for (; ok && *text; text++)
        if (strchr(plain, *text))
            ok = append(out, "%c", *text);
        else
            ok = append(out, "\\0%03o", (unsigned)(unsigned char)*text);
    return ok;
}

/* ln=OLD=NEW or ln-s=OLD=NEW for each link, with a comma between; "-" for
 * none. */
static bool append_flags(struct bytes *out, const struct vector *v)
{
    bool ok = true, any = false;

    for (size_t i = 0; ok && i < v->n_files; i++) {
        const struct vector_file *file = &v->files[i];

        if (!file->target)
            continue;
        ok = append(out, "%s%s=", any ? "," : "",
                    file->symbolic ? "ln-s" : "ln") &&
             append_escaped(out, file->target) && append(out, "=") &&
             append_escaped(out, file->name);
        any = true;
    }
    return ok && (any || append(out, "-"));
}

bool manifest_add(struct bytes *out, const struct vector *v)
{
    char sum[SHA256_HEX_LEN + 1] = "-";
    char size[24] = "-";

    if (v->result != RESULT_INVALID) {
        sha256_hex(sum, v->guest.data, v->guest.len);
        snprintf(size, sizeof(size), "%zu", v->guest.len);
    }
    return append(out, "%s\t%s\t%s\t%s\t%s\t", v->id,
                  vector_result_name(v->result), v->classes, v->level,
                  v->clauses) &&
           append_flags(out, v) &&
           append(out, "\t%s\t%s\tv/%s/%s\t%s\t%s\n", size, sum, v->id,
                  v->entry, v->since, v->comment);
}

static int by_name(const void *a, const void *b)
{
    const struct vector_file *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

bool sums_add(struct bytes *out, const struct vector *v)
{
    const struct vector_file *sorted[VECTOR_MAX_FILES];
    size_t n = 0;
    bool ok = true;

    for (size_t i = 0; i < v->n_files; i++)
        if (!v->files[i].target)
            sorted[n++] = &v->files[i];
    qsort(sorted, n, sizeof(sorted[0]), by_name);
    for (size_t i = 0; ok && i < n; i++) {
        char sum[SHA256_HEX_LEN + 1];

        sha256_hex(sum, sorted[i]->content.data, sorted[i]->content.len);
        ok = append(out, "%s  v/%s/%s\n", sum, v->id, sorted[i]->name);
    }
    return ok;
}

static bool is_result(const char *word, size_t len)
{
    for (int i = RESULT_VALID; i <= RESULT_IMPL; i++) {
        const char *name = vector_result_name((enum vector_result)i);

        if (strlen(name) == len && strncmp(word, name, len) == 0)
            return true;
    }
    return false;
}

/* Null if LINE has the form of a vector's line. */
static const char *fault_of_line(const char *line, size_t len)
{
    size_t n_columns = 1;
    const char *result = NULL;

    for (size_t i = 0; i < len; i++) {
        if (line[i] != '\t')
            continue;
        n_columns++;
        if (i == 0 || line[i - 1] == '\t' || i + 1 == len)
            return "an empty column (none is written -)";
        if (n_columns == 2)
            result = line + i + 1;
    }
    if (n_columns != N_COLUMNS)
        return "not 11 columns with tabs between";
    if (!is_result(result, strcspn(result, "\t")))
        return "the result is neither valid, invalid nor impl";
    return NULL;
}

/* The length of the line at OFFSET, its end excluded; LEN if B is at its
 * end. */
static size_t line_len(const struct bytes *b, size_t offset)
{
    const uint8_t *end = memchr(b->data + offset, '\n', b->len - offset);

    return end ? (size_t)(end - b->data) - offset : b->len - offset;
}

static enum manifest_state complain(const char *path, unsigned line,
                                    const char *what,
                                    enum manifest_state state)
{
    fprintf(stderr, "%s:%u: %s\n", path, line, what);
    return state;
}

static enum manifest_state compare(const char *path, const struct bytes *is,
                                   const struct bytes *wanted)
{
    enum manifest_state state = MANIFEST_RIGHT;
    size_t at = 0, want = 0;
    unsigned n = 1;

    for (; at < is->len; n++) {
        const char *line = (const char *)is->data + at;
        size_t len = line_len(is, at);
        size_t want_len = want < wanted->len ? line_len(wanted, want) : 0;
        const char *fault = n == 1 ? NULL : fault_of_line(line, len);
        bool equal = want < wanted->len && len == want_len &&
                     memcmp(line, wanted->data + want, len) == 0;

        if (n == 1 && !equal)
            fault = "not the head of a manifest";
        if (at + len == is->len)
            fault = "a line without end";
        if (fault)
            return complain(path, n, fault, MANIFEST_MALFORMED);
        if (!equal && state == MANIFEST_RIGHT)
            state =
                complain(path, n, "not what the recipes make", MANIFEST_WRONG);
        at += len + 1;
        want += want_len + 1;
    }
    if (state == MANIFEST_RIGHT && want < wanted->len)
        state =
            complain(path, n, "lines are missing at the end", MANIFEST_WRONG);
    return state;
}

enum manifest_state manifest_compare(const char *path,
                                     const struct bytes *wanted)
{
    struct bytes is = {NULL, 0};
    enum manifest_state state = MANIFEST_MALFORMED;

    if (tree_read(&is, path))
        state = is.len ? compare(path, &is, wanted)
                       : complain(path, 1, "empty", MANIFEST_MALFORMED);
    free(is.data);
    return state;
}
