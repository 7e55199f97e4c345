/* SPDX-License-Identifier: MIT
 *
 * collection.c - reading recipes/, and the proof of each vector.
 */
#include "collection.h"
#include "model.h"
#include "recipe.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_recipe(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* By id: "a" stands before "a-b", which their file names would not give. */
static int by_id(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return strcmp(x->built.id, y->built.id);
}

static bool load_one(struct pair *p, const char *dir, const char *name)
{
    char path[PATH_LEN];
    int len = snprintf(path, sizeof(path), "%s/recipes/%s", dir, name);

    if (len < 0 || (size_t)len >= sizeof(path)) {
        fprintf(stderr, "%s: the path is too long\n", dir);
        return false;
    }
    return recipe_build(&p->built, path, false) &&
           recipe_build(&p->undone, path, true);
}

bool collection_load(struct collection *out, const char *dir)
{
    struct dirent **names = NULL;
    char path[PATH_LEN];
    bool ok = true;
    int n;

    memset(out, 0, sizeof(*out));
    snprintf(path, sizeof(path), "%s/recipes", dir);
    n = scandir(path, &names, is_recipe, by_bytes);
    if (n < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    out->pairs = calloc((size_t)n + 1, sizeof(*out->pairs));
    ok = out->pairs && (size_t)n <= COLLECTION_MAX;
    if (!ok)
        fprintf(stderr, "%s: too many recipes, or no memory\n", path);
    for (int i = 0; i < n; i++) {
        if (ok)
            ok = load_one(&out->pairs[out->n_pairs++], dir, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    if (ok)
        qsort(out->pairs, out->n_pairs, sizeof(*out->pairs), by_id);
    return ok;
}

void collection_finish(struct collection *all)
{
    for (size_t i = 0; i < all->n_pairs; i++) {
        vector_finish(&all->pairs[i].built);
        vector_finish(&all->pairs[i].undone);
    }
    free(all->pairs);
    memset(all, 0, sizeof(*all));
}

/* Null if a reader accepts V and reads what the recipe says. */
static const char *fault_of_image(struct vector *v)
{
    struct bytes guest = {NULL, 0};
    const char *class = model_read(&guest, v);
    bool equal =
        !class && guest.len == v->guest.len &&
        (!guest.len || memcmp(guest.data, v->guest.data, guest.len) == 0);

    free(guest.data);
    if (class)
        return "without its defect the image would still be refused";
    return equal ? NULL : "the guest would read something else";
}

/* Null if a reader refuses V with its first class. */
static const char *fault_of_defect(struct vector *v)
{
    struct bytes guest = {NULL, 0};
    const char *class = model_read(&guest, v);
    size_t len = strcspn(v->classes, ",");
    bool expected =
        class && strlen(class) == len && strncmp(class, v->classes, len) == 0;

    free(guest.data);
    if (!class)
        return "the defect would be accepted";
    return expected ? NULL : "the defect is of another class";
}

static bool is_same(const struct vector_file *a, const struct vector_file *b)
{
    if (!a->target != !b->target || a->symbolic != b->symbolic)
        return false;
    if (a->target)
        return strcmp(a->target, b->target) == 0;
    return a->content.len == b->content.len &&
           (a->content.len == 0 ||
            memcmp(a->content.data, b->content.data, a->content.len) == 0);
}

/* True if A and B are equal outside LEN bytes at OFFSET, to where both of
 * them reach. */
static bool is_same_around(const struct bytes *a, const struct bytes *b,
                           size_t len, size_t offset)
{
    size_t shorter = a->len < b->len ? a->len : b->len;

    if (a->len != b->len && (shorter != offset || a->len != offset + len))
        return false;
    for (size_t at = 0; at < shorter; at++)
        if (a->data[at] != b->data[at] && (at < offset || at - offset >= len))
            return false;
    return true;
}

/* Null if the two differ in the defect alone. */
static const char *fault_of_difference(struct vector *good,
                                       struct vector *built)
{
    const struct defect *d = &built->defect;
    size_t n_differ = 0;

    for (size_t i = 0; i < good->n_files; i++) {
        const struct vector_file *a = &good->files[i];
        const struct vector_file *b = vector_find(built, a->name);

        if (!b && !d->removed)
            return "a file is missing that the defect does not remove";
        if (b && is_same(a, b))
            continue;
        n_differ++;
        if (b &&
            (d->removed || strcmp(b->name, d->file) != 0 ||
             !is_same_around(&a->content, &b->content, d->len, d->offset)))
            return "the files differ in more than the defect";
    }
    if (built->n_files + (d->removed ? 1 : 0) != good->n_files)
        return "the defect makes or removes other files";
    return n_differ == 1 ? NULL : "the defect changes nothing, or two files";
}

bool pair_prove(struct pair *p, const char *dir)
{
    const char *fault = fault_of_image(&p->undone);

    if (!fault && p->built.defect.present)
        fault = fault_of_difference(&p->undone, &p->built);
    if (!fault && p->built.defect.present)
        fault = fault_of_defect(&p->built);
    if (fault)
        fprintf(stderr, "%s/recipes/%s.recipe: %s\n", dir, p->built.id, fault);
    return !fault;
}
