/* SPDX-License-Identifier: MIT
 *
 * run_ops.c - a workload is run, and its trace is made.
 */
#include "run_ops.h"
#include "base/memory.h"
#include "data/pattern.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static void find_first(struct crash *c, bool is_new)
{
    uint64_t size = c->base.files[F_IMAGE].size;
    uint32_t per = c->setup.geometry.cluster_len / LEN;

    c->n_first = spans_count(&c->spans, size / LEN);
    mem_free(c->first);
    c->first = mem_new(c->n_first, sizeof(*c->first));
    for (size_t i = 0; i < c->n_first; i++) {
        uint64_t s = spans_sector(&c->spans, i);

        c->first[i] = !is_new && bit_at(c, &c->base, s / per)
                          ? medium_id(&c->base, F_IMAGE, s)
                          : medium_id(&c->base, F_BACKING, s);
    }
}

void crash_free_data(struct crash *c)
{
    for (size_t i = 0; i < c->n_datas; i++)
        mem_free(c->datas[i]);
    c->n_datas = 0;
}

static void ready(struct crash *c, struct medium *m)
{
    if (!m->contents)
        medium_init(m, c->contents);
    medium_copy(m, &c->base);
}

void crash_begin(struct crash *c, uint32_t flags, bool is_new)
{
    crash_free_data(c);
    trace_clear(&c->trace);
    c->n_calls = 0;
    c->flags = flags;
    c->has_failed = c->has_created = c->has_again = c->is_in_doubt = 0;
    c->wrote_backing = 0;
    c->live_from = is_new ? UINT64_MAX : 0;
    if (!c->is_child)
        find_first(c, is_new);
    guest_start(&c->guest, c->contents, &c->spans, c->first, c->n_first,
                c->base.files[F_IMAGE].size / LEN * LEN);
    c->guest.cut_early = (c->limits.flags & CRASH_CUT_EARLY) != 0;
    ready(c, &c->now);
    ready(c, &c->work);
    ready(c, &c->scratch);
}

/* ---- The trace ---------------------------------------------------------- */

static void on_write(void *arg, unsigned file, uint64_t offset, size_t len)
{
    struct crash *c = arg;
    uint64_t at = ++c->trace.clock;

    if (file < N_WRITABLE)
        trace_write(&c->trace, &c->now, file, offset, len, at, at + 1, 0);
    else
        c->wrote_backing = 1;
}

static void on_size(void *arg, unsigned file)
{
    struct crash *c = arg;
    uint64_t at = ++c->trace.clock;

    if (file < N_WRITABLE)
        trace_size(&c->trace, &c->now, file, at, at + 1);
    else
        c->wrote_backing = 1;
}

static void on_flush(void *arg, unsigned file)
{
    struct crash *c = arg;
    uint64_t at = ++c->trace.clock;

    if (file < N_WRITABLE)
        trace_flush(&c->trace, file, at, at + 1, 1, 0);
}

/* ---- What calls mean ---------------------------------------------------- */

static bool is_write(const struct call *call)
{
    return call->op.kind == CRASH_WRITE || call->op.kind == CRASH_ZEROS;
}

void guest_call_begin(struct crash *c, struct call *call)
{
    call->size = c->guest.sizes[c->guest.n_sizes - 1].size;
    if (is_write(call))
        guest_write_begin(&c->guest, call->began, call->data, call->op.len,
                          call->op.offset);
    else if (call->op.kind == CRASH_RESIZE)
        guest_resize_begin(&c->guest, call->began, call->op.len);
}

static bool is_end(const struct call *call)
{
    return call->op.kind == CRASH_REOPEN || call->op.kind == CRASH_CLOSE;
}

/* What an implementation may decline, and then it is a no-op. */
static bool is_declined(const struct crash *c, const struct call *call)
{
    if (call->result == ADDCOW_OK)
        return false;
    if (call->op.kind == CRASH_RESIZE)
        return call->result != ADDCOW_IO && call->result != ADDCOW_NO_SPACE &&
               call->result != ADDCOW_NO_MEMORY;
    if (!is_write(call))
        return false;
    if (call->result == ADDCOW_RANGE) /* after a shrink */
        return call->op.offset + call->op.len >
               c->guest.sizes[c->guest.n_sizes - 1].size;
    return call->result == ADDCOW_INVALID &&
           (call->op.len % LEN || call->op.offset % LEN);
}

static void created(struct crash *c, const struct call *call)
{
    if (call->result != ADDCOW_OK)
        return;
    if (!c->created.contents)
        medium_init(&c->created, c->contents);
    medium_copy(&c->created, &c->now);
    c->has_created = 1;
    c->live_from = call->ended;
}

/* What the host holds after a kill is what a new process sees. */
static void settle(struct crash *c, uint64_t at)
{
    medium_copy(&c->scratch, &c->now);
    show(c, &c->answer, &c->scratch, 0);
    for (size_t i = 0; c->answer.opened == ADDCOW_OK && i < c->answer.n; i++)
        guest_settle(&c->guest, at, spans_sector(&c->spans, i),
                     c->answer.ids[i]);
}

void guest_call_end(struct crash *c, struct call *call)
{
    int ok = call->result == ADDCOW_OK;
    int through = (c->flags & ADDCOW_OPEN_WRITETHROUGH) != 0;

    call->declined = is_declined(c, call);
    c->report.n_declined += call->declined != 0;
    if (is_write(call) && call->declined)
        guest_write_undo(&c->guest, call->began, call->ended);
    else if (is_write(call))
        guest_write_end(&c->guest, call->began, call->ended, call->op.len,
                        call->op.offset, ok, through);
    else if (call->op.kind == CRASH_RESIZE)
        guest_resize_end(&c->guest, call->ended, ok, through, call->declined);
    else if (call->op.kind == CRASH_CREATE)
        created(c, call);
    else if (call->op.kind == CRASH_KILL && !c->is_in_doubt)
        settle(c, call->ended);
    else if (call->op.kind == CRASH_KILL || (is_end(call) && !ok))
        guest_doubt(&c->guest);
    else if (ok)
        guest_durable(&c->guest, call->began, call->ended);
}

/* ---- Calls of the implementation ---------------------------------------- */

static int open_anew(struct runner *r)
{
    struct crash *c = r->c;
    struct addcow_open_args args = {.size = sizeof(args),
                                    .flags = ADDCOW_OPEN_WRITE | c->flags,
                                    .name = c->setup.addcow.name};
    struct opening *o = mem_new(1, sizeof(*o));
    int result;

    medium_host_init(&o->host, &c->now, &c->setup);
    o->host.watch = (struct medium_watch){
        .arg = c, .write = on_write, .size = on_size, .flush = on_flush};
    o->next = r->openings;
    r->openings = o;
    result = c->setup.shim->open(&o->image, &o->host.table, &args);
    o->is_open = result == ADDCOW_OK;
    return result;
}

static int close_newest(struct runner *r)
{
    r->openings->is_open = 0;
    return r->c->setup.shim->close(r->openings->image);
}

static int create(struct runner *r, const struct crash_op *op)
{
    const struct crash_setup *setup = &r->c->setup;
    struct addcow_create_args args = {
        .size = sizeof(args),
        .flags = (setup->backing_name ? 0 : ADDCOW_CREATE_NO_BACKING) |
                 (op->len ? ADDCOW_CREATE_REPLACE : 0),
        .name = setup->addcow.name,
        .image_name = setup->image_name,
        .backing_name = setup->backing_name};
    struct medium_host h;

    medium_host_init(&h, &r->c->now, setup);
    h.watch = (struct medium_watch){
        .arg = r->c, .write = on_write, .size = on_size, .flush = on_flush};
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
    const struct addcow_shim *shim = r->c->setup.shim;
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
static int fail_call(struct crash *c, const char *clause, const char *expected,
                     const char *got)
{
    struct crash_failure *f = &c->failure;

    snprintf(f->clause, sizeof(f->clause), "%s", clause);
    snprintf(f->clauses, sizeof(f->clauses), "%s", clause);
    snprintf(f->expected, sizeof(f->expected), "%s", expected);
    snprintf(f->got, sizeof(f->got), "%s", got);
    f->witness[0] = '\0';
    c->has_failed = 1;
    c->report.n_violations++;
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
    char got[40];

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].kind == op->kind)
            clause = rows[i].clause;
    crash_op_text(text, sizeof(text), op);
    snprintf(expected, sizeof(expected),
             "'%s' succeeds on storage that does not fail", text);
    snprintf(got, sizeof(got), "result %d", result);
    return fail_call(c, clause, expected, got);
}

/* Nothing that is looked at after a cut would show it. */
static int check_backing(struct crash *c, const struct crash_op *op)
{
    char text[80];
    char got[160];

    if (!c->wrote_backing)
        return 0;
    crash_op_text(text, sizeof(text), op);
    snprintf(got, sizeof(got), "it was written by '%s'", text);
    return fail_call(c, "WR-20", "the backing file is never written", got);
}

/* Zeros that live as long as the workload. */
static uint8_t *new_data(struct crash *c, size_t len)
{
    c->datas =
        mem_grow(c->datas, &c->data_room, c->n_datas + 1, sizeof(*c->datas));
    c->datas[c->n_datas] = mem_new(len, 1);
    return c->datas[c->n_datas++];
}

static struct call *add_call(struct crash *c, const struct crash_op *op)
{
    struct call *call;
    uint8_t *data = NULL;

    if (op->kind == CRASH_WRITE || op->kind == CRASH_ZEROS)
        data = new_data(c, (size_t)op->len);
    if (op->kind == CRASH_WRITE)
        pattern_fill(data, (size_t)op->len, op->offset,
                     TAG_WRITE + (++c->n_writes & TAG_NUMBER));
    c->calls =
        mem_grow(c->calls, &c->call_room, c->n_calls + 1, sizeof(*c->calls));
    call = &c->calls[c->n_calls++];
    *call = (struct call){
        .op = *op, .data = data, .ended = UINT64_MAX, .number = c->n_writes};
    return call;
}

static int one_op(struct runner *r, const struct crash_op *op)
{
    struct crash *c = r->c;
    struct call *call = add_call(c, op);
    char text[100];

    if (c->doing) {
        crash_op_text(text, sizeof(text), op);
        tell(c, text);
    }
    call->began = ++c->trace.clock;
    trace_call(&c->trace, STEP_BEGIN, c->n_calls - 1, call->began);
    guest_call_begin(c, call);
    call->result = do_op(r, call);
    call->ended = ++c->trace.clock;
    trace_call(&c->trace, STEP_END, c->n_calls - 1, call->ended);
    guest_call_end(c, call);
    if (call->result != ADDCOW_OK && !call->declined)
        return refuse(c, op, call->result);
    return check_backing(c, op);
}

/* Whatever happens now is no part of the trace. */
static void close_all(struct runner *r)
{
    while (r->openings) {
        struct opening *next = r->openings->next;

        r->openings->host.watch = (struct medium_watch){0};
        if (r->openings->is_open)
            r->c->setup.shim->close(r->openings->image);
        mem_free(r->openings);
        r->openings = next;
    }
}

int run_ops(struct crash *c, const struct crash_op *ops)
{
    static const struct crash_op opening = {CRASH_REOPEN, 0, 0};
    struct runner r = {.c = c};
    int result = 0;
    int opened = ops->kind == CRASH_CREATE ? ADDCOW_OK : open_anew(&r);

    c->ops = ops;
    if (opened != ADDCOW_OK)
        result = refuse(c, &opening, opened);
    else
        result = check_backing(c, &opening);
    for (; result == 0 && ops->kind != CRASH_END; ops++) {
        result = one_op(&r, ops);
        if (result == 0 && ops->kind == CRASH_CREATE) {
            opened = open_anew(&r);
            if (opened != ADDCOW_OK)
                result = refuse(c, &opening, opened);
        }
    }
    close_all(&r);
    return result;
}
