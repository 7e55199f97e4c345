/* SPDX-License-Identifier: MIT
 *
 * recorded.c - makes the trace from a recording of simulated storage
 * (disk/record.h), for requests in flight at once and for hosts that fail.
 */
#include "base/memory.h"
#include "disk/replay.h"
#include "run_ops.h"

#include <stdbool.h>
#include <string.h>

enum { N_INODES = 8, LEN = CRASH_SECTOR };

struct feed {
    struct crash *c;
    uint64_t inodes[N_FILES][N_INODES]; /* of files that had the name */
    struct replay *replay[N_WRITABLE];  /* for what a failed flush shows */
};

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
    trace_size(&c->workload.trace, &c->workload.now, file, e->began, end_of(e),
               0);
}

static void removed(struct feed *f, const struct event *e)
{
    unsigned file = file_named(f, e->text);

    if (e->result != ADDCOW_OK || file >= N_WRITABLE)
        return;
    memset(f->inodes[file], 0, sizeof(f->inodes[file])); /* a file no more */
    medium_set_size(&f->c->workload.now, file, CRASH_ABSENT);
    trace_size(&f->c->workload.trace, &f->c->workload.now, file, e->began,
               end_of(e), 0);
}

/* One that failed may have written all of its sectors, or none, and one under
 * way as well: what is visible is what it has written when it ends. */
static void written(struct feed *f, unsigned file, const struct event *e,
                    bool ends)
{
    struct crash *c = f->c;
    uint64_t began = ends ? e->ended : e->began;
    int failed = e->ended && e->result != ADDCOW_OK;
    uint64_t size = c->workload.now.files[file].size;

    if (!event_may_act(e))
        return;
    medium_copy_file(&c->point.scratch, &c->workload.now, file);
    medium_write(&c->point.scratch, file, e->data, e->len, e->offset);
    trace_write(&c->workload.trace, &c->point.scratch, file, e->offset, e->len,
                began, end_of(e), failed);
    if (ends || !event_was_held(e))
        medium_write(&c->workload.now, file, e->data, e->n_applied, e->offset);
    else if (c->point.scratch.files[file].size > size)
        medium_set_size(&c->workload.now, file,
                        c->point.scratch.files[file].size);
    if (failed && c->workload.now.files[file].size != size)
        trace_size(&c->workload.trace, &c->workload.now, file, began,
                   end_of(e), 1);
}

/* Makes FILE of what is visible what it is by REPLAY. */
static void show_again(struct feed *f, unsigned file)
{
    const struct store *s = replay_visible(f->replay[file]);
    uint64_t size = s ? store_size(s) : 0;
    uint8_t *data = mem_raw(size ? (size_t)size : 1);

    if (s)
        store_read(s, data, (size_t)size, 0);
    medium_load(&f->c->workload.now, file, data, s ? size : CRASH_ABSENT);
    mem_free(data);
}

static void flushed(struct feed *f, unsigned file, const struct event *e)
{
    struct crash *c = f->c;

    if (e->result == ADDCOW_OK) {
        trace_flush(&c->workload.trace, file, e->began, end_of(e));
        return;
    }
    if (e->dropped)
        show_again(f, file);
    trace_lost(&c->workload.trace, &c->workload.now, file, e->began, end_of(e),
               e->dropped);
}

/* ENDS: a write that was held is let go. */
static void take_event(struct feed *f, const struct event *e, bool ends)
{
    struct crash *c = f->c;
    unsigned file = file_of(f, e);

    c->workload.is_in_doubt |= e->ended && e->result != ADDCOW_OK;
    c->workload.has_lost |=
        file < N_WRITABLE && e->ended && e->result != ADDCOW_OK &&
        (e->kind == EV_FLUSH || e->kind == EV_WRITE || e->kind == EV_SET_SIZE);
    if (e->kind == EV_OPEN) {
        opened(f, e);
    } else if (e->kind == EV_REMOVE) {
        removed(f, e);
    } else if (file < N_WRITABLE && e->kind == EV_WRITE) {
        written(f, file, e, ends);
    } else if (file < N_WRITABLE && e->kind == EV_FLUSH) {
        flushed(f, file, e);
    } else if (file < N_WRITABLE && e->kind == EV_SET_SIZE && e->ended &&
               e->result == ADDCOW_OK) {
        medium_set_size(&c->workload.now, file, e->size);
        trace_size(&c->workload.trace, &c->workload.now, file, e->began,
                   end_of(e), 0);
    }
}

/* Whether E counts at this moment.  A flush counts when it returns, anything
 * else when it is called; a write that was held while others ran may have come
 * last, and counts once more when it returns. */
static bool counts(const struct event *e, bool is_end)
{
    if (e->kind == EV_FLUSH)
        return is_end;
    return !is_end || (e->kind == EV_WRITE && event_was_held(e));
}

/* ---- Calls -------------------------------------------------------------- */

/* The calls that begin or end when E, a mark, does. */
static void take_mark(struct crash *c, const struct event *e, bool is_end)
{
    uint64_t at = is_end ? e->ended : e->began;

    for (size_t i = 0; i < c->workload.n_calls; i++) {
        struct call *call = &c->workload.calls[i];

        if (at != (is_end ? call->ended : call->began))
            continue;
        trace_call(&c->workload.trace, is_end ? STEP_END : STEP_BEGIN, i, at);
        if (is_end)
            guest_call_end(c, call);
        else
            guest_call_begin(&c->workload.guest, call);
    }
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

/* ---- All of it ---------------------------------------------------------- */

static struct replay *replay_of(const struct crash *c, unsigned file)
{
    uint64_t size = c->setup.base.files[file].size;
    struct replay *r;
    struct store *s;

    if (size == CRASH_ABSENT)
        return replay_new(NULL);
    s = store_new();
    for (uint64_t i = 0; i < sectors_of(size); i++)
        if (medium_id(&c->setup.base, file, i))
            store_write(s,
                        contents_at(c->setup.contents,
                                    medium_id(&c->setup.base, file, i)),
                        LEN, i * LEN);
    store_set_size(s, size);
    r = replay_new(s);
    store_free(s);
    return r;
}

/* A name that is opened for the first time is known when the call ends. */
static void follow(struct feed *f, const struct event *e, bool is_end)
{
    unsigned file = e->kind == EV_OPEN || e->kind == EV_REMOVE
                        ? file_named(f, e->text)
                        : file_of(f, e);

    if (file >= N_WRITABLE)
        return;
    if (is_end)
        replay_end(f->replay[file], e);
    else
        replay_begin(f->replay[file], e);
}

void crash_take_record(struct crash *c, const struct record *record,
                       const struct crash_call *calls, size_t n_calls,
                       uint32_t flags)
{
    struct feed f = {.c = c};
    struct moment *moments;
    size_t n;

    c->report.figures.n_workloads++;
    crash_begin(c, flags, n_calls && calls[0].op.kind == CRASH_CREATE);
    take_calls(&c->workload, calls, n_calls);
    for (unsigned file = 0; file < N_WRITABLE; file++)
        f.replay[file] = replay_of(c, file);
    moments = record_moments(record, &n, 0);
    for (size_t i = 0; i < n; i++) {
        const struct event *e = record_at(record, moments[i].event);

        if (e->kind == EV_GUEST) {
            take_mark(c, e, moments[i].is_end);
            continue;
        }
        follow(&f, e, moments[i].is_end);
        if (counts(e, moments[i].is_end))
            take_event(&f, e, moments[i].is_end);
    }
    mem_free(moments);
    for (unsigned file = 0; file < N_WRITABLE; file++)
        replay_free(f.replay[file]);
}

int crash_run_record(struct crash *c, const struct record *record,
                     const struct crash_call *calls, size_t n_calls,
                     uint32_t flags)
{
    crash_take_record(c, record, calls, n_calls, flags);
    return decide(c);
}
