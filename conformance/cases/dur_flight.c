/* SPDX-License-Identifier: MIT
 *
 * dur_flight.c - chapter 10, Power cut, with requests in flight at the same
 * time: one is held inside a function of the host while others run, and what
 * the host was asked to do is cut at each point.
 *
 * An implementation that serialises its requests passes: then the held one
 * comes first.
 */
#include "all.h"
#include "env/env_impl.h"
#include "steps/power.h"

#define NEEDS                                                     \
    (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST | ADDCOW_CAP_CONCURRENT | \
     CASE_CRASH(CRASH_LEVEL_NAMED))
#define NEEDS_THROUGH (NEEDS | ADDCOW_CAP_WRITETHROUGH)
#define IMAGE_LEN (9 * CLUSTER + 33 * SECTOR)
#define MAX_CALLS 8

/* BEFORE runs alone; FIRST is held at its call of KIND on FILE while SECOND
 * and THIRD begin; a flush comes last. */
struct flight {
    struct crash_op before;
    enum event_kind kind;
    const char *file;
    struct crash_op first, second, third;
    uint32_t flags;
};

#define WRITE(length, from)                               \
    {                                                     \
        CRASH_WRITE, (uint64_t)(length), (uint64_t)(from) \
    }
#define FLUSH             \
    {                     \
        CRASH_FLUSH, 0, 0 \
    }
#define NOTHING         \
    {                   \
        CRASH_END, 0, 0 \
    }

enum {
    ONE_BYTE,
    ONE_CLUSTER,
    IMAGE_FLUSH,
    BITS,
    ADDCOW_FLUSH,
    TWO_FLUSHES,
    THROUGH
};

static const struct flight flights[] = {
    [ONE_BYTE] = {NOTHING, EV_WRITE, IMAGE_NAME, WRITE(SECTOR, 3 * CLUSTER),
                  WRITE(SECTOR, 4 * CLUSTER), FLUSH, 0},
    [ONE_CLUSTER] = {NOTHING, EV_WRITE, IMAGE_NAME, WRITE(SECTOR, 3 * CLUSTER),
                     WRITE(SECTOR, 3 * CLUSTER + 4096), NOTHING, 0},
    [IMAGE_FLUSH] = {WRITE(SECTOR, 3 * CLUSTER), EV_FLUSH, IMAGE_NAME, FLUSH,
                     WRITE(SECTOR, 4 * CLUSTER),
                     WRITE(SECTOR, 3 * CLUSTER + 4096), 0},
    [BITS] = {WRITE(SECTOR, 3 * CLUSTER), EV_WRITE, ADDCOW_NAME, FLUSH,
              WRITE(SECTOR, 4 * CLUSTER), WRITE(SECTOR, 9 * CLUSTER), 0},
    [ADDCOW_FLUSH] = {WRITE(SECTOR, 3 * CLUSTER), EV_FLUSH, ADDCOW_NAME, FLUSH,
                      WRITE(CLUSTER, 4 * CLUSTER), NOTHING, 0},
    [TWO_FLUSHES] = {WRITE(SECTOR, 3 * CLUSTER), EV_FLUSH, IMAGE_NAME, FLUSH,
                     WRITE(SECTOR, 4 * CLUSTER), FLUSH, 0},
    [THROUGH] = {WRITE(SECTOR, 2 * CLUSTER), EV_FLUSH, IMAGE_NAME,
                 WRITE(SECTOR, 3 * CLUSTER), WRITE(SECTOR, 4 * CLUSTER),
                 NOTHING, ADDCOW_OPEN_WRITETHROUGH}};

struct flown {
    struct env *env;
    struct img *img;
    struct crash_call calls[MAX_CALLS];
    size_t marks[MAX_CALLS]; /* their events */
    size_t n;
};

static size_t next_mark(struct env *env, size_t from)
{
    while (from < n_events(env) && event_at(env, from)->kind != EV_GUEST)
        from++;
    return from;
}

static struct call *start(struct flown *f, const struct crash_op *op)
{
    size_t from = n_events(f->env);
    struct crash_call *out = &f->calls[f->n];
    struct call *call;
    uint8_t *data;

    if (op->kind == CRASH_END)
        return NULL;
    out->op = *op;
    if (op->kind == CRASH_FLUSH) {
        call = start_flush(f->img);
    } else {
        call = start_write(f->img, (size_t)op->len, op->offset);
        data = case_alloc(f->env, (size_t)op->len);
        pattern_fill(data, (size_t)op->len, op->offset,
                     TAG_WRITE | (f->env->n_writes & TAG_NUMBER));
        out->data = data;
    }
    f->marks[f->n++] = next_mark(f->env, from);
    return call;
}

static void finish(struct flown *f, struct call *call)
{
    if (call)
        expect_ok(f->env, first_clause(f->env), finish_call(call));
}

static void note_times(struct flown *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct event *e = event_at(f->env, f->marks[i]);

        f->calls[i].began = e->began;
        f->calls[i].ended = e->ended;
        f->calls[i].result = e->result;
    }
}

static void fly(struct flown *f, const struct flight *flight)
{
    struct call *first;
    struct call *second;
    struct call *third;
    struct crash_op flush = FLUSH;

    finish(f, start(f, &flight->before));
    hold_host(f->env, flight->kind, flight->file, 1);
    first = start(f, &flight->first);
    second = start(f, &flight->second);
    third = start(f, &flight->third);
    release_host(f->env);
    finish(f, first);
    finish(f, second);
    finish(f, third);
    finish(f, start(f, &flush));
    note_times(f);
}

static void in_flight(struct env *env, const struct conf_case *self)
{
    const struct flight *flight = &flights[self->arg];
    struct scenario s = {.image_len = IMAGE_LEN, .backing_len = IMAGE_LEN};
    struct image_recipe recipe = {.image_size = IMAGE_LEN,
                                  .backing_size = IMAGE_LEN};
    struct flown f = {.env = env};
    struct power *p = power_open(env, &s, NULL);

    make_image(env, &recipe);
    f.img = open_image(env, ADDCOW_OPEN_WRITE | flight->flags);
    fly(&f, flight);
    power_hide_figures(p);
    power_run_record(p, 0, f.calls, f.n, flight->flags);
}

const struct conf_case cases_dur_flight[] = {
    {"dur/in-flight-on-one-byte",
     "Two writes in flight whose bits share a byte", "DUR-9 DUR-12 DUR-16",
     NEEDS, .run = in_flight, .arg = ONE_BYTE},
    {"dur/in-flight-on-one-cluster",
     "Two writes in flight to a cluster that is copied", "DUR-9 DUR-10", NEEDS,
     .run = in_flight, .arg = ONE_CLUSTER},
    {"dur/acknowledged-while-a-flush-runs",
     "A write that is acknowledged between a flush and its return",
     "DUR-9 DUR-11", NEEDS, .run = in_flight, .arg = IMAGE_FLUSH},
    {"dur/arrives-while-bits-are-written",
     "A write that arrives while a flush writes the bits",
     "DUR-11 DUR-9 DUR-16", NEEDS, .run = in_flight, .arg = BITS},
    {"dur/arrives-while-bits-are-flushed",
     "A write that arrives while a flush flushes the add-cow file",
     "DUR-9 DUR-11", NEEDS, .run = in_flight, .arg = ADDCOW_FLUSH},
    {"dur/two-flushes-in-flight", "Two flushes and a write in flight",
     "DUR-9 DUR-11", NEEDS, .run = in_flight, .arg = TWO_FLUSHES},
    {"dur/in-flight-under-writethrough",
     "Two writes in flight under writethrough", "DUR-9 DUR-11 DUR-16",
     NEEDS_THROUGH, .run = in_flight, .arg = THROUGH},
    {0}};
