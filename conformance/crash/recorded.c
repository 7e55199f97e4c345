/* SPDX-License-Identifier: MIT
 *
 * recorded.c - the trace of a workload that ran on simulated storage
 * (disk/record.h): with requests in flight at once, or with faults.
 */
#include "base/memory.h"
#include "disk/record.h"
#include "run_ops.h"

#include <stdlib.h>
#include <string.h>

enum { N_INODES = 8 };

/* Something that happens at a time. */
struct moment {
    uint64_t at;
    const struct event *event; /* or null */
    size_t call;
    int ends;
};

struct feed {
    struct crash *c;
    uint64_t inodes[N_FILES][N_INODES]; /* of files that had the name */
    struct medium durable;
    struct moment *moments;
    size_t n;
    size_t room;
};

/* ---- Order -------------------------------------------------------------- */

static void add(struct feed *f, struct moment m)
{
    f->moments = mem_grow(f->moments, &f->room, f->n + 1, sizeof(*f->moments));
    f->moments[f->n++] = m;
}

static int compare(const void *a, const void *b)
{
    const struct moment *x = a;
    const struct moment *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

/* A flush counts when it returns, anything else when it is called. */
static void collect(struct feed *f, const struct record *r)
{
    for (size_t i = 0; i < record_len(r); i++) {
        const struct event *e = record_at(r, i);
        uint64_t at = e->kind == EV_FLUSH ? e->ended : e->began;

        if (at && e->kind != EV_GUEST)
            add(f, (struct moment){.at = at, .event = e});
        /* It was held while others ran: it may have come last. */
        if (e->kind == EV_WRITE && e->ended > e->began + 1)
            add(f, (struct moment){.at = e->ended, .event = e, .ends = 1});
    }
    for (size_t i = 0; i < f->c->workload.n_calls; i++) {
        const struct call *call = &f->c->workload.calls[i];

        add(f, (struct moment){.at = call->began, .call = i});
        if (call->ended != UINT64_MAX)
            add(f, (struct moment){.at = call->ended, .call = i, .ends = 1});
    }
    qsort(f->moments, f->n, sizeof(*f->moments), compare);
}

/* ---- Files -------------------------------------------------------------- */

static unsigned file_named(const struct feed *f, const char *name)
{
    const struct crash_setup *s = &f->c->setup.given;
    const char *const names[N_FILES] = {s->addcow.name, s->image.name,
                                        s->backing.name};
    unsigned file = 0;

    while (file < N_FILES &&
           (!name || !names[file] ||
            strcmp(last_component(name), last_component(names[file])) != 0))
        file++;
    return file;
}

static unsigned file_of(const struct feed *f, const struct event *e)
{
    for (unsigned file = 0; e->inode && file < N_FILES; file++)
        for (size_t i = 0; i < N_INODES; i++)
            if (f->inodes[file][i] == e->inode)
                return file;
    return N_FILES;
}

static void note_inode(struct feed *f, unsigned file, uint64_t inode)
{
    size_t i = 0;

    while (i + 1 < N_INODES && f->inodes[file][i] &&
           f->inodes[file][i] != inode)
        i++;
    f->inodes[file][i] = inode;
}

static uint64_t end_of(const struct event *e)
{
    return e->ended ? e->ended : UINT64_MAX;
}

static void opened(struct feed *f, const struct event *e)
{
    struct crash *c = f->c;
    unsigned file = file_named(f, e->text);

    if (e->result != ADDCOW_OK || file == N_FILES)
        return;
    note_inode(f, file, e->inode);
    if (file >= N_WRITABLE || c->workload.now.files[file].size != CRASH_ABSENT)
        return;
    medium_set_size(&c->workload.now, file, 0);
    trace_size(&c->workload.trace, &c->workload.now, file, e->began,
               end_of(e));
}

static void removed(struct feed *f, const struct event *e)
{
    unsigned file = file_named(f, e->text);

    if (e->result != ADDCOW_OK || file >= N_WRITABLE)
        return;
    medium_set_size(&f->c->workload.now, file, CRASH_ABSENT);
    trace_size(&f->c->workload.trace, &f->c->workload.now, file, e->began,
               end_of(e));
}

/* One that failed may have written all of its sectors, or none; what is
 * visible is what it did write. */
static void written(struct feed *f, unsigned file, const struct event *e,
                    int ends)
{
    struct crash *c = f->c;
    uint64_t began = ends ? e->ended : e->began;
    int failed = e->ended && e->result != ADDCOW_OK;

    if (failed && !e->n_applied && e->result != ADDCOW_IO &&
        e->result != ADDCOW_NO_SPACE)
        return;
    if (failed) {
        medium_copy(&c->point.scratch, &c->workload.now);
        medium_write(&c->point.scratch, file, e->data, e->len, e->offset);
        trace_write(&c->workload.trace, &c->point.scratch, file, e->offset,
                    e->len, began, end_of(e), 1);
    }
    medium_write(&c->workload.now, file, e->data, e->n_applied, e->offset);
    if (!failed)
        trace_write(&c->workload.trace, &c->workload.now, file, e->offset,
                    e->len, began, end_of(e), 0);
}

static void flushed(struct feed *f, unsigned file, const struct event *e)
{
    struct crash *c = f->c;

    trace_flush(&c->workload.trace, file, e->began, end_of(e),
                e->result == ADDCOW_OK, e->dropped);
    if (e->result == ADDCOW_OK)
        medium_copy_file(&f->durable, &c->workload.now, file);
    else if (e->dropped)
        medium_copy_file(&c->workload.now, &f->durable, file);
}

/* ENDS: a write that was held is let go. */
static void take_event(struct feed *f, const struct event *e, int ends)
{
    struct crash *c = f->c;
    unsigned file = file_of(f, e);

    c->workload.is_in_doubt |= e->ended && e->result != ADDCOW_OK;
    if (e->kind == EV_OPEN) {
        opened(f, e);
    } else if (e->kind == EV_REMOVE) {
        removed(f, e);
    } else if (file < N_WRITABLE && e->kind == EV_WRITE) {
        written(f, file, e, ends);
    } else if (file < N_WRITABLE && e->kind == EV_FLUSH) {
        flushed(f, file, e);
    } else if (file < N_WRITABLE && e->kind == EV_SET_SIZE &&
               e->result == ADDCOW_OK) {
        medium_set_size(&c->workload.now, file, e->size);
        trace_size(&c->workload.trace, &c->workload.now, file, e->began,
                   end_of(e));
    }
}

/* ---- Calls -------------------------------------------------------------- */

static void take_call(struct feed *f, const struct moment *m)
{
    struct crash *c = f->c;
    struct call *call = &c->workload.calls[m->call];

    trace_call(&c->workload.trace, m->ends ? STEP_END : STEP_BEGIN, m->call,
               m->at);
    if (m->ends)
        guest_call_end(c, call);
    else
        guest_call_begin(&c->workload.guest, call);
}

static void take_calls(struct workload *w, const struct crash_call *calls,
                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        *new_call(w) = (struct call){.op = calls[i].op,
                                     .data = calls[i].data,
                                     .began = calls[i].began,
                                     .ended = calls[i].ended ? calls[i].ended
                                                             : UINT64_MAX,
                                     .result = calls[i].result};
}

int crash_run_record(struct crash *c, const struct record *record,
                     const struct crash_call *calls, size_t n_calls,
                     uint32_t flags)
{
    struct feed f = {.c = c};

    c->report.figures.n_workloads++;
    crash_begin(c, flags, n_calls && calls[0].op.kind == CRASH_CREATE);
    take_calls(&c->workload, calls, n_calls);
    medium_init(&f.durable, c->setup.contents);
    medium_copy(&f.durable, &c->setup.base);
    collect(&f, record);
    for (size_t i = 0; i < f.n; i++) {
        if (f.moments[i].event)
            take_event(&f, f.moments[i].event, f.moments[i].ends);
        else
            take_call(&f, &f.moments[i]);
    }
    mem_free(f.moments);
    medium_finish(&f.durable);
    return decide(c);
}
