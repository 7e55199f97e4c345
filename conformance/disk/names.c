/* SPDX-License-Identifier: MIT
 *
 * names.c - from a path to a file.
 */
#include "base/memory.h"
#include "disk_impl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINKS 40 /* followed in one walk */

struct node *node_new(struct disk *d, enum node_kind kind)
{
    struct node *n = mem_new(1, sizeof(*n));

    n->kind = kind;
    n->inode = 100 + ++d->n_nodes;
    n->identity = (struct addcow_identity){.device = 1, .inode = n->inode};
    n->next = d->nodes;
    d->nodes = n;
    if (kind == NODE_FILE) {
        n->content = store_new();
        n->durable = store_new();
    }
    return n;
}

static struct entry *entry_of(const struct node *dir, const char *name)
{
    for (size_t i = 0; i < dir->n_entries; i++)
        if (strcmp(dir->entries[i].name, name) == 0)
            return &dir->entries[i];
    return NULL;
}

void name_enter(struct node *dir, const char *name, struct node *node)
{
    dir->entries = mem_grow(dir->entries, &dir->room, dir->n_entries + 1,
                            sizeof(*dir->entries));
    dir->entries[dir->n_entries].name = mem_string(name);
    dir->entries[dir->n_entries].node = node;
    dir->n_entries++;
    if (node->kind == NODE_DIR)
        node->parent = dir;
    if (!node->label)
        node->label = name_path(dir, name);
}

void name_drop(struct node *dir, const char *name)
{
    struct entry *e = entry_of(dir, name);

    mem_free(e->name);
    *e = dir->entries[--dir->n_entries];
}

char *name_path(const struct node *dir, const char *name)
{
    const char *above = dir->parent == dir ? "" : dir->label;
    size_t len = strlen(above) + strlen(name) + 2;
    char *path = mem_new(1, len);

    snprintf(path, len, "%s/%s", above, name);
    return path;
}

/* Takes the next component off *REST into *OUT.  Returns 0 at the end. */
static bool component(char **out, const char **rest)
{
    const char *p = *rest + strspn(*rest, "/");
    size_t len = strcspn(p, "/");

    *rest = p + len;
    if (len == 0)
        return false;
    *out = mem_new(1, len + 1);
    memcpy(*out, p, len);
    return true;
}

static struct node *child(const struct node *dir, const char *name)
{
    const struct entry *e;

    if (strcmp(name, ".") == 0)
        return (struct node *)(uintptr_t)dir;
    if (strcmp(name, "..") == 0)
        return dir->parent;
    e = entry_of(dir, name);
    return e ? e->node : NULL;
}

/* The path TARGET with what is left of the walk behind it. */
static char *spliced(const char *target, const char *rest)
{
    size_t len = strlen(target) + strlen(rest) + 2;
    char *s = mem_new(1, len);

    snprintf(s, len, "%s/%s", target, rest);
    if (!*rest)
        s[len - 2] = '\0';
    return s;
}

struct walk {
    struct node *at;
    struct node *parent;
    char *last;
    char *path;       /* owned: what is being walked */
    const char *rest; /* within PATH */
    unsigned n_links;
};

/* Goes into the link at W->at. */
static int follow(struct disk *d, struct walk *w)
{
    char *path;

    if (++w->n_links > MAX_LINKS)
        return ADDCOW_IO;
    path = spliced(w->at->target, w->rest);
    mem_free(w->path);
    w->path = path;
    w->rest = path;
    w->at = *path == '/' ? d->root : w->parent;
    return ADDCOW_OK;
}

/* One component.  1: go on; 0: the walk is over; else a result. */
static int step(struct disk *d, struct walk *w, int nofollow)
{
    char *name;
    int r;

    if (!component(&name, &w->rest))
        return 0;
    mem_free(w->last);
    w->last = name;
    if (w->at->kind != NODE_DIR)
        return ADDCOW_NOT_FOUND;
    w->parent = w->at;
    w->at = child(w->parent, name);
    if (!w->at)
        return w->rest[strspn(w->rest, "/")] ? ADDCOW_NOT_FOUND : 0;
    if (w->at->kind != NODE_SYMLINK || (nofollow && !*w->rest))
        return 1;
    r = follow(d, w);
    return r ? r : 1;
}

/* Most names are those of files in the directory itself. */
static struct node *plain_child(struct node *start, const char *name)
{
    const struct entry *e =
        start->kind == NODE_DIR ? entry_of(start, name) : NULL;

    return e && e->node->kind != NODE_SYMLINK ? e->node : NULL;
}

int name_walk(struct disk *d, struct node **out, struct node **parent,
              char **last, struct node *start, const char *name, int nofollow)
{
    struct walk w = {.at = plain_child(start, name)};
    int r = *name ? 1 : ADDCOW_NOT_FOUND;

    if (w.at) {
        *out = w.at;
        *parent = start;
        *last = mem_string(name);
        return ADDCOW_OK;
    }
    w.path = mem_string(name);
    w.rest = w.path;
    w.at = *name == '/' ? d->root : start;
    w.parent = w.at;
    while (r == 1)
        r = step(d, &w, nofollow);
    if (!r && w.at && w.at->kind == NODE_FILE && *w.path &&
        w.path[strlen(w.path) - 1] == '/')
        r = ADDCOW_NOT_FOUND;
    mem_free(w.path);
    if (r) {
        mem_free(w.last);
        return r;
    }
    *out = w.at;
    *parent = w.parent;
    *last = w.last ? w.last : mem_string(".");
    return ADDCOW_OK;
}

struct node *name_find(struct disk *d, struct node *start, const char *name)
{
    struct node *node = plain_child(start, name);
    struct node *parent;
    char *last;

    if (node)
        return node;
    if (name_walk(d, &node, &parent, &last, start, name, 0))
        return NULL;
    mem_free(last);
    return node;
}
