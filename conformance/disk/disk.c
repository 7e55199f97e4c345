/* SPDX-License-Identifier: MIT
 *
 * disk.c - simulated storage: its life, its files, and the watch on a shim.
 */
#include "disk.h"
#include "base/memory.h"
#include "disk_impl.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A disk with a root and nothing else. */
static struct disk *bare(void)
{
    struct disk *d = mem_new(1, sizeof(*d));

    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->let_go, NULL);
    d->record = record_new();
    d->free_len = UINT64_MAX;
    d->hold.kind = EV_GUEST;
    host_init(d);
    return d;
}

struct disk *disk_new(void)
{
    struct disk *d = bare();

    d->root = node_new(d, NODE_DIR);
    d->root->parent = d->root;
    d->root->label = mem_string("/");
    d->home = node_new(d, NODE_DIR);
    name_enter(d->root, &DISK_HOME[1], d->home);
    d->cwd = d->home;
    return d;
}

static void node_free(struct node *n)
{
    store_free(n->content);
    store_free(n->durable);
    store_free(n->charged);
    for (size_t i = 0; i < n->n_entries; i++)
        mem_free(n->entries[i].name);
    mem_free(n->entries);
    mem_free(n->target);
    mem_free(n->label);
    mem_free(n);
}

static void drop_handles(struct disk *d)
{
    while (d->files) {
        struct addcow_file *next = d->files->next;

        mem_free(d->files->name);
        mem_free(d->files);
        d->files = next;
    }
    d->n_files = d->n_open = 0;
}

void disk_free(struct disk *d)
{
    if (!d)
        return;
    disk_clear_faults(d);
    while (d->nodes) {
        struct node *next = d->nodes->next;

        node_free(d->nodes);
        d->nodes = next;
    }
    drop_handles(d);
    mem_free(d->hold.name);
    record_free(d->record);
    pthread_cond_destroy(&d->let_go);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

static struct node *node_by_inode(const struct disk *d, uint64_t inode)
{
    struct node *n = d->nodes;

    while (n && n->inode != inode)
        n = n->next;
    return n;
}

/* A copy of N whose entries are not there yet. */
static void copy_node(struct disk *to, const struct node *n)
{
    struct node *copy = mem_new(1, sizeof(*copy));

    copy->kind = n->kind;
    copy->inode = n->inode;
    copy->identity = n->identity;
    copy->denied = n->denied;
    copy->fixed_size = n->fixed_size;
    copy->label = mem_string(n->label);
    copy->target = mem_string(n->target);
    if (n->content) {
        copy->content = store_clone(n->content);
        copy->durable = store_clone(n->durable);
    }
    copy->next = to->nodes;
    to->nodes = copy;
}

static void copy_entries(struct disk *to, const struct node *n)
{
    struct node *copy = node_by_inode(to, n->inode);

    if (n->parent)
        copy->parent = node_by_inode(to, n->parent->inode);
    for (size_t i = 0; i < n->n_entries; i++)
        name_enter(copy, n->entries[i].name,
                   node_by_inode(to, n->entries[i].node->inode));
}

struct disk *disk_clone(struct disk *d)
{
    struct disk *copy = bare();

    pthread_mutex_lock(&d->lock);
    copy->n_nodes = d->n_nodes;
    for (const struct node *n = d->nodes; n; n = n->next)
        copy_node(copy, n);
    for (const struct node *n = d->nodes; n; n = n->next)
        copy_entries(copy, n);
    copy->root = node_by_inode(copy, d->root->inode);
    copy->home = node_by_inode(copy, d->home->inode);
    copy->cwd = node_by_inode(copy, d->cwd->inode);
    pthread_mutex_unlock(&d->lock);
    return copy;
}

static bool rewind_node(struct node *n, const struct node *original)
{
    if (!n || n->n_entries != original->n_entries)
        return false;
    if (n->content) {
        store_assign(n->content, original->content);
        store_assign(n->durable, original->durable);
        store_free(n->charged);
        n->charged = NULL;
    }
    return true;
}

bool disk_rewind(struct disk *d, const struct disk *original)
{
    if (d->n_nodes != original->n_nodes)
        return false;
    for (const struct node *n = original->nodes; n; n = n->next)
        if (!rewind_node(node_by_inode(d, n->inode), n))
            return false;
    drop_handles(d);
    disk_clear_faults(d);
    d->n_calls = 0;
    d->n_faults_hit = d->n_flushes_failed = 0;
    d->bug[0] = '\0';
    d->free_len = UINT64_MAX;
    d->hold.kind = EV_GUEST;
    return true;
}

const struct addcow_host *disk_host(struct disk *d)
{
    return &d->host;
}

struct record *disk_record(struct disk *d)
{
    return d->record;
}

/* Makes NAME a new node of KIND, or fails if it is there. */
static int make(struct disk *d, struct node **out, enum node_kind kind,
                const char *name)
{
    struct node *parent;
    char *last;
    int r = name_walk(d, out, &parent, &last, d->home, name, 1);

    if (r)
        return r;
    if (*out) {
        r = ADDCOW_EXISTS;
    } else {
        *out = node_new(d, kind);
        name_enter(parent, last, *out);
    }
    mem_free(last);
    return r;
}

int disk_put_file(struct disk *d, const char *name)
{
    struct node *node = name_find(d, d->home, name);

    if (!node)
        return make(d, &node, NODE_FILE, name);
    if (node->kind != NODE_FILE)
        return ADDCOW_EXISTS;
    store_set_size(node->content, 0);
    return ADDCOW_OK;
}

int disk_put_dir(struct disk *d, const char *name)
{
    struct node *node;

    return make(d, &node, NODE_DIR, name);
}

int disk_put_symlink(struct disk *d, const char *name, const char *target)
{
    struct node *node;
    int r = make(d, &node, NODE_SYMLINK, name);

    if (!r)
        node->target = mem_string(target);
    return r;
}

int disk_put_link(struct disk *d, const char *name, const char *existing)
{
    struct node *node = name_find(d, d->home, existing);
    struct node *there;
    struct node *parent;
    char *last;
    int r;

    if (!node || node->kind != NODE_FILE)
        return ADDCOW_NOT_FOUND;
    r = name_walk(d, &there, &parent, &last, d->home, name, 1);
    if (r)
        return r;
    if (there)
        r = ADDCOW_EXISTS;
    else
        name_enter(parent, last, node);
    mem_free(last);
    return r;
}

int disk_remove(struct disk *d, const char *name)
{
    struct node *node;
    struct node *parent;
    char *last;
    int r = name_walk(d, &node, &parent, &last, d->home, name, 1);

    if (r)
        return r;
    if (node)
        name_drop(parent, last);
    mem_free(last);
    return node ? ADDCOW_OK : ADDCOW_NOT_FOUND;
}

int disk_chdir(struct disk *d, const char *name)
{
    struct node *node = name_find(d, d->home, name);

    if (!node || node->kind != NODE_DIR)
        return ADDCOW_NOT_FOUND;
    d->cwd = node;
    return ADDCOW_OK;
}

bool disk_exists(struct disk *d, const char *name)
{
    return name_find(d, d->home, name) != NULL;
}

struct store *disk_content(struct disk *d, const char *name)
{
    struct node *node = name_find(d, d->home, name);

    return node ? node->content : NULL;
}

const struct store *disk_durable(struct disk *d, const char *name)
{
    struct node *n = name_find(d, d->home, name);

    return n && n->kind == NODE_FILE ? n->durable : NULL;
}

void disk_settle(struct disk *d, const char *name)
{
    struct node *n = name_find(d, d->home, name);

    if (!n || n->kind != NODE_FILE)
        return;
    store_free(n->durable);
    n->durable = store_clone(n->content);
}

int disk_fix_size(struct disk *d, const char *name)
{
    struct node *node = name_find(d, d->home, name);

    if (!node || node->kind != NODE_FILE)
        return ADDCOW_NOT_FOUND;
    node->fixed_size = 1;
    return ADDCOW_OK;
}

int disk_set_identity(struct disk *d, const char *name, uint64_t device,
                      uint64_t inode)
{
    struct node *node = name_find(d, d->home, name);

    if (!node)
        return ADDCOW_NOT_FOUND;
    node->identity =
        (struct addcow_identity){.device = device, .inode = inode};
    return ADDCOW_OK;
}

int disk_deny(struct disk *d, const char *name, unsigned denied)
{
    struct node *node = name_find(d, d->home, name);

    if (!node || node->kind != NODE_FILE)
        return ADDCOW_NOT_FOUND;
    node->denied = denied;
    return ADDCOW_OK;
}

uint64_t disk_inode(struct disk *d, const char *name)
{
    const struct node *node = name_find(d, d->home, name);
    char *path;
    uint64_t inode = 0;

    if (node)
        return node->inode;
    path = *name == '/' ? mem_string(name) : name_path(d->home, name);
    for (node = d->nodes; node && !inode; node = node->next)
        if (strcmp(node->label, path) == 0)
            inode = node->inode;
    mem_free(path);
    return inode;
}

static void each_in(const struct node *dir,
                    void (*visit)(void *arg, const char *path,
                                  const struct store *content),
                    void *arg)
{
    for (size_t i = 0; i < dir->n_entries; i++) {
        const struct node *n = dir->entries[i].node;

        if (n->kind == NODE_DIR) {
            each_in(n, visit, arg);
        } else if (n->kind == NODE_FILE) {
            char *path = name_path(dir, dir->entries[i].name);

            visit(arg, path, n->content);
            mem_free(path);
        }
    }
}

void disk_each(struct disk *d,
               void (*visit)(void *arg, const char *path,
                             const struct store *content),
               void *arg)
{
    each_in(d->root, visit, arg);
}

size_t disk_enter(struct disk *d, const char *text)
{
    struct event e = {.kind = EV_GUEST,
                      .thread = host_thread(),
                      .text = (char *)(uintptr_t)text};
    size_t mark;

    pthread_mutex_lock(&d->lock);
    await_turn(d);
    d->n_calls++;
    mark = record_begin(d->record, &e);
    pthread_mutex_unlock(&d->lock);
    return mark;
}

void disk_leave(struct disk *d, size_t mark, int result)
{
    pthread_mutex_lock(&d->lock);
    await_turn(d);
    d->n_calls--;
    record_end(d->record, mark, result);
    pthread_mutex_unlock(&d->lock);
}

void disk_one_thread(struct disk *d, int on)
{
    d->one_thread = on;
    d->thread = pthread_self();
}

const char *disk_bug(struct disk *d)
{
    return d->bug[0] ? d->bug : NULL;
}

const char *disk_leak(struct disk *d)
{
    for (const struct addcow_file *f = d->files; f; f = f->next)
        if (f->is_open)
            return f->name;
    return NULL;
}

unsigned disk_n_handles(struct disk *d)
{
    return d->n_open;
}
