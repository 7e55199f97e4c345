/* SPDX-License-Identifier: MIT
 *
 * run_ops.c - a workload is run, and its trace is made.
 */
#include "run_ops.h"
#include "base/memory.h"
#include "base/result.h"
#include "data/pattern.h"

#include <stdbool.h>
#include <stdio.h>

enum { LEN = CRASH_SECTOR };

/* An opening; that of a killed process is closed at the end, on a host that
 * refuses everything. */
struct opening {
    struct opening *next;
    struct medium_host host;
    void *image;
    bool is_open;
};

struct runner {
    struct crash *c;
    struct opening *openings; /* the newest first */
};

/* ---- The beginning ------------------------------------------------------ */

/* By the specification: bit 1, the image file; else the backing file, zeros
 * past its end. */
static void find_first(struct setup *s, bool is_new)
{
    const struct medium *base = &s->base;
    uint32_t per = s->given.geometry.cluster_len / LEN;

    s->n_first = spans_count(&s->spans, base->files[F_IMAGE].size / LEN);
    mem_free(s->first);
    s->first = mem_new(s->n_first, sizeof(*s->first));
    for (size_t i = 0; i < s->n_first; i++) {
        uint64_t sector = spans_sector(&s->spans, i);
        bool is_set = !is_new && bit_at(s, base, sector / per);

        s->first[i] = medium_id(base, is_set ? F_IMAGE : F_BACKING, sector);
    }
}

static void free_datas(struct workload *w)
{
    for (size_t i = 0; i < w->n_datas; i++)
        mem_free(w->datas[i]);
    w->n_datas = 0;
}

void workload_finish(struct workload *w)
{
    free_datas(w);
    mem_free(w->datas);
    mem_free(w->calls);
    trace_finish(&w->trace);
    guest_finish(&w->guest);
    medium_finish(&w->now);
    medium_finish(&w->created);
}

static void workload_begin(struct workload *w, const struct setup *s,
                           uint32_t flags, bool is_new)
{
    free_datas(w);
    trace_clear(&w->trace);
    w->n_calls = 0;
    w->flags = flags;
    w->has_created = w->has_written_backing = w->is_in_doubt = false;
    w->has_lost = w->is_unpromised = false;
    w->live_from = is_new ? UINT64_MAX : 0;
    guest_start(&w->guest, s->contents, &s->spans, s->first, s->n_first,
                s->base.files[F_IMAGE].size / LEN * LEN);
    w->guest.cut_early = (s->limits.flags & CRASH_CUT_EARLY) != 0;
    medium_keep(&w->now, &s->base);
}

void crash_begin(struct crash *c, uint32_t flags, bool is_new)
{
    if (!c->setup.is_child)
        find_first(&c->setup, is_new);
    workload_begin(&c->workload, &c->setup, flags, is_new);
    c->report.has_failed = c->report.has_again = false;
    medium_keep(&c->point.work, &c->setup.base);
    medium_keep(&c->point.scratch, &c->setup.base);
}

/* ---- The trace ---------------------------------------------------------- */

static void on_write(void *arg, unsigned file, uint64_t offset, size_t len)
{
    struct workload *w = arg;
    uint64_t at = ++w->trace.clock;

    if (file < N_WRITABLE)
        trace_write(&w->trace, &w->now, file, offset, len, at, at + 1, 0);
    else
        w->has_written_backing = true;
}

static void on_size(void *arg, unsigned file)
{
    struct workload *w = arg;
    uint64_t at = ++w->trace.clock;

    if (file < N_WRITABLE)
        trace_size(&w->trace, &w->now, file, at, at + 1, 0);
    else
        w->has_written_backing = true;
}

static void on_flush(void *arg, unsigned file)
{
    struct workload *w = arg;
    uint64_t at = ++w->trace.clock;

    if (file < N_WRITABLE)
        trace_flush(&w->trace, file, at, at + 1);
}

/* A host over what is visible, whose calls are the trace. */
static void traced_host(struct medium_host *h, struct crash *c)
{
    medium_host_init(h, &c->workload.now, &c->setup.given);
    h->watch = (struct medium_watch){.arg = &c->workload,
                                     .write = on_write,
                                     .size = on_size,
                                     .flush = on_flush};
}

/* ---- What calls mean ---------------------------------------------------- */

static bool is_write(const struct call *call)
{
    return call->op.kind == CRASH_WRITE || call->op.kind == CRASH_ZEROS;
}

void guest_call_begin(struct guest *g, struct call *call)
{
    call->size = guest_newest_size(g);
    if (is_write(call))
        guest_write_begin(g, call->began, call->data, call->op.len,
                          call->op.offset);
    else if (call->op.kind == CRASH_RESIZE)
        guest_resize_begin(g, call->began, call->op.len);
}

static bool is_end(const struct call *call)
{
    return call->op.kind == CRASH_REOPEN || call->op.kind == CRASH_CLOSE;
}

/* What an implementation may decline, and then it is a no-op. */
static bool is_declined(const struct guest *g, const struct call *call)
{
    if (call->result == ADDCOW_OK)
        return false;
    if (call->op.kind == CRASH_RESIZE)
        return call->result != ADDCOW_IO && call->result != ADDCOW_NO_SPACE &&
               call->result != ADDCOW_NO_MEMORY;
    if (!is_write(call))
        return false;
    if (call->result == ADDCOW_RANGE) /* after a shrink */
        return call->op.offset + call->op.len > guest_newest_size(g);
    return call->result == ADDCOW_INVALID &&
           (call->op.len % LEN || call->op.offset % LEN);
}

static void created(struct workload *w, const struct call *call)
{
    if (call->result != ADDCOW_OK)
        return;
    medium_keep(&w->created, &w->now);
    w->has_created = true;
    w->live_from = call->ended;
}

/* What the host holds after a kill is what a new process sees. */
static void settle(struct crash *c, uint64_t at)
{
    struct shown *answer = &c->point.answer;

    medium_copy(&c->point.scratch, &c->workload.now);
    show(c, answer, &c->point.scratch, 0);
    for (size_t i = 0; answer->opened == ADDCOW_OK && i < answer->n; i++)
        guest_settle(&c->workload.guest, at, spans_sector(&c->setup.spans, i),
                     answer->ids[i]);
}

/* DUR-22: what an earlier handle lost is promised by no later one, nor what
 * was written over it. */
static bool is_through(const struct workload *w)
{
    return (w->flags & ADDCOW_OPEN_WRITETHROUGH) && !w->is_unpromised;
}

static void handle_lost(struct workload *w)
{
    guest_doubt(&w->guest);
    w->is_unpromised |= w->has_lost;
}

static void flushed(struct workload *w, const struct call *call)
{
    w->has_lost = false;
    if (!w->is_unpromised)
        guest_durable(&w->guest, call->began, call->ended);
}

/* A resize that failed has taken place if the image file's length says so. */
static void resized(struct workload *w, const struct call *call)
{
    bool ok = call->result == ADDCOW_OK;
    uint64_t size = w->now.files[F_IMAGE].size / LEN * LEN;

    guest_resize_end(&w->guest, call->ended, ok, is_through(w),
                     call->declined);
    if (!ok && !call->declined && size == call->size)
        guest_resize_never(&w->guest);
}

void guest_call_end(struct crash *c, struct call *call)
{
    struct workload *w = &c->workload;
    struct guest *g = &w->guest;
    bool ok = call->result == ADDCOW_OK;

    call->declined = is_declined(g, call);
    c->report.figures.n_declined += call->declined;
    if (is_write(call) && call->declined)
        guest_write_undo(g, call->began, call->ended);
    else if (is_write(call))
        guest_write_end(g, call->began, call->ended, call->op.len,
                        call->op.offset, ok, is_through(w));
    else if (call->op.kind == CRASH_RESIZE)
        resized(w, call);
    else if (call->op.kind == CRASH_CREATE)
        created(w, call);
    else if (call->op.kind == CRASH_KILL && !w->is_in_doubt)
        settle(c, call->ended);
    else if (call->op.kind == CRASH_KILL || (is_end(call) && !ok))
        handle_lost(w);
    else if (ok)
        flushed(w, call);
}

/* ---- Calls of the implementation ---------------------------------------- */

static int open_anew(struct runner *r)
{
    struct crash *c = r->c;
    struct addcow_open_args args = {.size = sizeof(args),
                                    .flags =
                                        ADDCOW_OPEN_WRITE | c->workload.flags,
                                    .name = c->setup.given.addcow.name};
    struct opening *o = mem_new(1, sizeof(*o));
    int result;

    traced_host(&o->host, c);
    o->next = r->openings;
    r->openings = o;
    result = c->setup.given.shim->open(&o->image, &o->host.table, &args);
    o->is_open = result == ADDCOW_OK;
    return result;
}

static int close_newest(struct runner *r)
{
    r->openings->is_open = 0;
    return r->c->setup.given.shim->close(r->openings->image);
}

static int create(struct runner *r, const struct crash_op *op)
{
    const struct crash_setup *setup = &r->c->setup.given;
    struct addcow_create_args args = {
        .size = sizeof(args),
        .flags = (setup->backing_name ? 0 : ADDCOW_CREATE_NO_BACKING) |
                 (op->len ? ADDCOW_CREATE_REPLACE : 0),
        .name = setup->addcow.name,
        .image_name = setup->image_name,
        .backing_name = setup->backing_name};
    struct medium_host h;

    traced_host(&h, r->c);
    return setup->shim->create(&h.table, &args);
}

static int reopen(struct runner *r, enum crash_op_kind kind)
{
    int result;

    if (kind == CRASH_KILL) {
        r->openings->host.dead = 1;
        return open_anew(r);
    }
    result = close_newest(r);
    if (result != ADDCOW_OK || kind == CRASH_CLOSE)
        return result;
    return open_anew(r);
}

static int do_op(struct runner *r, const struct call *call)
{
    const struct addcow_shim *shim = r->c->setup.given.shim;
    const struct crash_op *op = &call->op;

    if (op->kind == CRASH_CREATE)
        return create(r, op);
    if (!r->openings || !r->openings->is_open)
        return ADDCOW_OTHER;
    if (is_write(call))
        return shim->write(r->openings->image, call->data, (size_t)op->len,
                           op->offset);
    if (op->kind == CRASH_FLUSH)
        return shim->flush(r->openings->image);
    if (op->kind == CRASH_RESIZE)
        return shim->set_size ? shim->set_size(r->openings->image, op->len)
                              : ADDCOW_UNIMPLEMENTED;
    return reopen(r, op->kind);
}

/* ---- The workload ------------------------------------------------------- */

/* What the implementation did before any cut was wrong. */
static int fail_call(struct report *r, const char *kind, const char *clause,
                     const char *expected, const char *got)
{
    struct crash_failure *f = &r->last.failure;

    snprintf(f->clause, sizeof(f->clause), "%s", clause);
    snprintf(f->clauses, sizeof(f->clauses), "%s", clause);
    snprintf(f->kind, sizeof(f->kind), "%s", kind);
    snprintf(f->expected, sizeof(f->expected), "%s", expected);
    snprintf(f->got, sizeof(f->got), "%s", got);
    f->witness[0] = '\0';
    r->has_failed = true;
    r->figures.n_violations++;
    return -1;
}

static int refuse(struct crash *c, const struct crash_op *op, int result)
{
    static const struct {
        enum crash_op_kind kind;
        const char *clause;
    } rows[] = {{CRASH_FLUSH, "FLS-5"},   {CRASH_REOPEN, "DUR-13"},
                {CRASH_KILL, "DUR-21"},   {CRASH_CLOSE, "FLS-14"},
                {CRASH_CREATE, "CRT-19"}, {CRASH_RESIZE, "RSZ-4"}};
    const char *clause = "WR-2";
    char text[80];
    char expected[160];
    char got[60];

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].kind == op->kind)
            clause = rows[i].clause;
    crash_op_text(text, sizeof(text), op);
    snprintf(expected, sizeof(expected),
             "'%s' succeeds on storage that does not fail", text);
    snprintf(got, sizeof(got), "it fails with %s", class_name(result));
    return fail_call(&c->report, "refused", clause, expected, got);
}

/* Nothing that is looked at after a cut would show it. */
static int check_backing(struct crash *c, const struct crash_op *op)
{
    char text[80];
    char got[160];

    if (!c->workload.has_written_backing)
        return 0;
    crash_op_text(text, sizeof(text), op);
    snprintf(got, sizeof(got), "it was written by '%s'", text);
    return fail_call(&c->report, "backing-written", "WR-20",
                     "the backing file is never written", got);
}

/* Zeros that live as long as the workload. */
static uint8_t *new_data(struct workload *w, size_t len)
{
    w->datas =
        mem_grow(w->datas, &w->data_room, w->n_datas + 1, sizeof(*w->datas));
    w->datas[w->n_datas] = mem_new(len, 1);
    return w->datas[w->n_datas++];
}

struct call *new_call(struct workload *w)
{
    w->calls =
        mem_grow(w->calls, &w->call_room, w->n_calls + 1, sizeof(*w->calls));
    return &w->calls[w->n_calls++];
}

static struct call *add_call(struct crash *c, const struct crash_op *op)
{
    struct workload *w = &c->workload;
    struct call *call;
    uint8_t *data = NULL;

    if (op->kind == CRASH_WRITE || op->kind == CRASH_ZEROS)
        data = new_data(w, (size_t)op->len);
    if (op->kind == CRASH_WRITE)
        pattern_fill(data, (size_t)op->len, op->offset,
                     TAG_WRITE + (++c->setup.n_writes & TAG_NUMBER));
    call = new_call(w);
    *call = (struct call){.op = *op,
                          .data = data,
                          .ended = UINT64_MAX,
                          .number = c->setup.n_writes};
    return call;
}

/* To whoever watches. */
static void tell_op(const struct report *r, const struct crash_op *op)
{
    char text[100];

    if (!r->doing)
        return;
    crash_op_text(text, sizeof(text), op);
    r->doing(r->doing_arg, text);
}

static int one_op(struct runner *r, const struct crash_op *op)
{
    struct crash *c = r->c;
    struct workload *w = &c->workload;
    struct call *call = add_call(c, op);

    tell_op(&c->report, op);
    call->began = ++w->trace.clock;
    trace_call(&w->trace, STEP_BEGIN, w->n_calls - 1, call->began);
    guest_call_begin(&w->guest, call);
    call->result = do_op(r, call);
    call->ended = ++w->trace.clock;
    trace_call(&w->trace, STEP_END, w->n_calls - 1, call->ended);
    guest_call_end(c, call);
    if (call->result != ADDCOW_OK && !call->declined)
        return refuse(c, op, call->result);
    return check_backing(c, op);
}

/* What happens now is not in the trace. */
static void close_all(struct runner *r)
{
    while (r->openings) {
        struct opening *next = r->openings->next;

        r->openings->host.watch = (struct medium_watch){0};
        if (r->openings->is_open)
            r->c->setup.given.shim->close(r->openings->image);
        mem_free(r->openings);
        r->openings = next;
    }
}

/* The first one, in words. */
static const struct crash_op opening = {CRASH_REOPEN, 0, 0};

static int open_or_refuse(struct runner *r)
{
    int result = open_anew(r);

    return result == ADDCOW_OK ? 0 : refuse(r->c, &opening, result);
}

int run_ops(struct crash *c, const struct crash_op *ops)
{
    struct runner r = {.c = c};
    int result = ops->kind == CRASH_CREATE ? 0 : open_or_refuse(&r);

    if (result == 0)
        result = check_backing(c, &opening);
    for (; result == 0 && ops->kind != CRASH_END; ops++) {
        result = one_op(&r, ops);
        if (result == 0 && ops->kind == CRASH_CREATE)
            result = open_or_refuse(&r);
    }
    close_all(&r);
    return result;
}
