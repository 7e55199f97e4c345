/* SPDX-License-Identifier: MIT
 *
 * host.c - the simulated storage as a host table, to the letter of
 * addcow_shim.h.
 *
 * Each function waits for its turn, begins an event, may be held, then may
 * fail by a fault, then acts; all under one lock, which a caller lets go while
 * it waits.
 */
#include "base/memory.h"
#include "disk_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OFFSET UINT64_C(0x7fffffffffffffff)

static _Thread_local unsigned thread_number;

void disk_name_thread(unsigned thread)
{
    thread_number = thread;
}

unsigned host_thread(void)
{
    return thread_number;
}

/* Notes the shim's first bug. */
__attribute__((format(printf, 2, 3))) static int bug(struct disk *d,
                                                     const char *fmt, ...)
{
    va_list args;

    if (!d->bug[0]) {
        va_start(args, fmt);
        vsnprintf(d->bug, sizeof(d->bug), fmt, args);
        va_end(args);
    }
    return ADDCOW_INVALID;
}

/* Whether FILE is a handle that the shim may use.  A handle is never freed
 * before the disk is, so an old one is recognised. */
static bool is_open(struct disk *d, const struct addcow_file *file)
{
    for (const struct addcow_file *f = d->files; f; f = f->next)
        if (f == file)
            return f->is_open;
    return false;
}

/* Records what the call is about; E, which may be null, has what R has not. */
static size_t note(struct disk *d, const struct request *r,
                   const struct addcow_file *file, const struct event *e)
{
    struct event event = {0};

    if (e)
        event = *e;
    event.kind = r->kind;
    event.thread = thread_number;
    event.len = (size_t)r->len;
    event.offset = r->offset;
    if (r->node) {
        event.inode = r->node->inode;
        event.handle = file->number;
        if (r->node->content)
            event.old_size = store_size(r->node->content);
    }
    return record_begin(d->record, &event);
}

/* What each call of the host begins with: locks, records, perhaps waits.
 * On 0 the call may act; else it returns this result. */
static int begin(struct disk *d, size_t *index, struct request *r,
                 const struct addcow_file *file, const struct event *e)
{
    pthread_mutex_lock(&d->lock);
    await_turn(d);
    if (is_open(d, file))
        r->node = file->node;
    *index = record_is_paused(d->record) ? record_begin(d->record, e)
                                         : note(d, r, file, e);
    if (d->n_calls == 0)
        return bug(d, "host %s outside of a call of the shim",
                   event_kind_name(r->kind));
    if (d->one_thread && !pthread_equal(d->thread, pthread_self()))
        return bug(d, "host %s from another thread without CONCURRENT",
                   event_kind_name(r->kind));
    if (!r->name && !r->node)
        return bug(d, "host %s with a handle that is not open",
                   event_kind_name(r->kind));
    return ADDCOW_OK;
}

static int end(struct disk *d, size_t index, int result)
{
    record_edit(d->record, index)->is_refused = d->is_refusing;
    d->is_refusing = false;
    record_end(d->record, index, result);
    pthread_mutex_unlock(&d->lock);
    return result;
}

/* Begins a call on an open handle. */
static int begin_on(struct disk *d, size_t *index, struct addcow_file *file,
                    struct request *r, const struct event *e)
{
    int result = begin(d, index, r, file, e);

    if (!result)
        hold_if_asked(d, r);
    return result;
}

/* The result of a fault that fires, or 0. */
static int refusal(struct disk *d, const struct request *r)
{
    const struct disk_fault *f = fault_fires(d, r);

    return f ? f->result : ADDCOW_OK;
}

static struct addcow_file *new_handle(struct disk *d, struct node *node,
                                      const char *name, int writable)
{
    struct addcow_file *f = mem_new(1, sizeof(*f));

    f->node = node;
    f->name = mem_string(name);
    f->number = ++d->n_files;
    f->is_open = 1;
    f->writable = writable;
    f->next = d->files;
    d->files = f;
    d->n_open++;
    return f;
}

/* Finds or makes the node that is to be opened. */
static int node_to_open(struct disk *d, struct node **out, const char *name,
                        uint32_t flags)
{
    struct node *parent;
    char *last;
    int r = name_walk(d, out, &parent, &last, d->cwd, name,
                      (flags & ADDCOW_FILE_CREATE) != 0);

    if (r)
        return r;
    if (*out && (flags & ADDCOW_FILE_CREATE))
        r = ADDCOW_EXISTS;
    else if (!*out && !(flags & ADDCOW_FILE_CREATE))
        r = ADDCOW_NOT_FOUND;
    else if (!*out) {
        *out = node_new(d, NODE_FILE);
        name_enter(parent, last, *out);
    }
    mem_free(last);
    return r;
}

static int do_open(struct disk *d, struct addcow_file **out, const char *name,
                   uint32_t flags)
{
    struct node *node;
    int r = node_to_open(d, &node, name, flags);

    if (r)
        return r;
    if (node->kind != NODE_FILE || (node->denied & DISK_DENY_ALL))
        return ADDCOW_IO;
    if ((flags & ADDCOW_FILE_WRITE) && (node->denied & DISK_DENY_WRITE))
        return ADDCOW_READ_ONLY;
    *out = new_handle(d, node, name, (flags & ADDCOW_FILE_WRITE) != 0);
    return ADDCOW_OK;
}

static int host_open(void *ctx, struct addcow_file **out, const char *name,
                     uint32_t flags)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_OPEN, .name = name};
    struct event e = {.flags = flags, .text = (char *)(uintptr_t)name};
    struct event *event;
    size_t i;
    int result = begin(d, &i, &r, NULL, &e);

    if (result)
        return end(d, i, result);
    r.node = name_find(d, d->cwd, name);
    hold_if_asked(d, &r);
    if ((flags & ~(ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE)) ||
        flags == ADDCOW_FILE_CREATE)
        result = bug(d, "host open with flags %" PRIu32, flags);
    if (!result)
        result = refusal(d, &r);
    if (!result)
        result = do_open(d, out, name, flags);
    if (!result) {
        event = record_edit(d->record, i);
        event->handle = (*out)->number;
        event->inode = (*out)->node->inode;
        event->old_size = store_size((*out)->node->content);
    }
    return end(d, i, result);
}

static int host_close(void *ctx, struct addcow_file *file)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_CLOSE};
    size_t i;
    int result = begin_on(d, &i, file, &r, NULL);

    if (!result) {
        d->n_open -= file->is_open != 0;
        file->is_open = 0;
        result = refusal(d, &r);
    }
    return end(d, i, result);
}

static int host_identify(void *ctx, struct addcow_file *file,
                         struct addcow_identity *out)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_IDENTIFY};
    size_t i;
    int result = begin_on(d, &i, file, &r, NULL);

    if (!result)
        result = refusal(d, &r);
    if (!result)
        *out = file->node->identity;
    return end(d, i, result);
}

static int host_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_GET_SIZE};
    size_t i;
    int result = begin_on(d, &i, file, &r, NULL);

    if (!result)
        result = refusal(d, &r);
    if (!result) {
        *out = store_size(file->node->content);
        record_edit(d->record, i)->size = *out;
    }
    return end(d, i, result);
}

static int host_set_size(void *ctx, struct addcow_file *file, uint64_t size)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_SET_SIZE};
    size_t i;
    int result = begin_on(d, &i, file, &r, &(struct event){.size = size});

    if (!result && !file->writable)
        result = bug(d, "host set_size on a handle that is read-only");
    if (!result && size > MAX_OFFSET)
        result = ADDCOW_RANGE;
    if (!result)
        result = refusal(d, &r);
    if (!result && file->node->fixed_size)
        result = ADDCOW_IO;
    if (!result)
        store_set_size(file->node->content, size);
    return end(d, i, result);
}

static int host_read(void *ctx, struct addcow_file *file, void *out,
                     size_t len, uint64_t offset)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_READ, .len = len, .offset = offset};
    size_t i;
    int result = begin_on(d, &i, file, &r, NULL);
    uint64_t size;

    if (result)
        return end(d, i, result);
    size = store_size(file->node->content);
    if (offset > size || len > size - offset)
        return end(d, i, ADDCOW_RANGE);
    result = refusal(d, &r);
    if (result)
        memset(out, 0xa5, len); /* unspecified: nobody may rely on it */
    else
        store_read(file->node->content, out, len, offset);
    return end(d, i, result);
}

/* What may be written of LEN bytes before FAULT, the end of the space or the
 * end of a file of fixed size stops it. */
static int write_limit(struct disk *d, size_t *len, struct node *node,
                       const struct disk_fault *fault, uint64_t offset)
{
    uint64_t size = store_size(node->content);
    size_t room;

    if (fault) {
        uint64_t stop = (offset / 512 + fault->n_sectors) * 512;

        room = stop > offset ? (size_t)(stop - offset) : 0;
        if (room < *len)
            *len = room;
        return fault->result;
    }
    if (node->fixed_size && offset + *len > size) {
        *len = 0;
        return ADDCOW_IO;
    }
    room = space_take(d, node, *len, offset);
    if (room == *len)
        return ADDCOW_OK;
    *len = room;
    d->is_refusing = true;
    return ADDCOW_NO_SPACE;
}

static int host_write(void *ctx, struct addcow_file *file, const void *data,
                      size_t len, uint64_t offset)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_WRITE, .len = len, .offset = offset};
    struct event e = {.len = len, .data = (uint8_t *)(uintptr_t)data};
    size_t i;
    int result = begin_on(d, &i, file, &r, &e);

    if (!result && !file->writable)
        result = bug(d, "host write on a handle that is read-only");
    if (!result && (offset > MAX_OFFSET || len > MAX_OFFSET - offset))
        result = ADDCOW_RANGE;
    if (result)
        return end(d, i, result);
    result = write_limit(d, &len, file->node, fault_fires(d, &r), offset);
    store_write(file->node->content, data, len, offset);
    record_edit(d->record, i)->n_applied = len;
    return end(d, i, result);
}

/* A failed flush: what was pending goes from view, or stays. */
static int flush_fails(struct disk *d, struct node *node, size_t i,
                       const struct disk_fault *fault)
{
    if (fault->drop) {
        store_free(node->content);
        node->content = store_clone(node->durable);
        record_edit(d->record, i)->dropped = 1;
    }
    return fault->result;
}

static int host_flush(void *ctx, struct addcow_file *file)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_FLUSH};
    const struct disk_fault *fault;
    struct store *now = NULL;
    struct node *node;
    size_t i;
    int result = begin(d, &i, &r, file, NULL);

    if (!result) {
        /* What completed before the call was made is covered, no more: a
         * copy is taken before anybody may be held. */
        node = file->node;
        now = store_clone(node->content);
        hold_if_asked(d, &r);
        fault = fault_fires(d, &r);
        if (fault) {
            result = flush_fails(d, node, i, fault);
        } else {
            store_free(node->durable);
            node->durable = now;
            now = NULL;
        }
    }
    store_free(now);
    return end(d, i, result);
}

static int host_remove(void *ctx, const char *name)
{
    struct disk *d = ctx;
    struct request r = {.kind = EV_REMOVE, .name = name};
    struct event e = {.text = (char *)(uintptr_t)name};
    struct node *node = NULL;
    struct node *parent;
    char *last = NULL;
    size_t i;
    int result = begin(d, &i, &r, NULL, &e);

    if (result)
        return end(d, i, result);
    r.node = name_find(d, d->cwd, name);
    hold_if_asked(d, &r);
    result = refusal(d, &r);
    if (!result)
        result = name_walk(d, &node, &parent, &last, d->cwd, name, 1);
    if (!result && !node)
        result = ADDCOW_NOT_FOUND;
    if (!result && node->kind == NODE_DIR)
        result = ADDCOW_IO;
    if (!result) {
        record_edit(d->record, i)->inode = node->inode;
        name_drop(parent, last);
    }
    mem_free(last);
    return end(d, i, result);
}

void host_init(struct disk *d)
{
    d->host = (struct addcow_host){.size = sizeof(d->host),
                                   .abi = ADDCOW_SHIM_ABI,
                                   .ctx = d,
                                   .open = host_open,
                                   .close = host_close,
                                   .identify = host_identify,
                                   .get_size = host_get_size,
                                   .set_size = host_set_size,
                                   .read = host_read,
                                   .write = host_write,
                                   .flush = host_flush,
                                   .remove = host_remove};
}
