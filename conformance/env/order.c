/* SPDX-License-Identifier: MIT
 *
 * order.c - calls of the shim at once, in an order of our choosing.
 *
 * A call runs in a thread of its own, and goes from one call of the host to
 * the next when we let it.  We let one go when all others are at rest: each
 * waits for its turn, is held in the host, has returned, or sleeps, which it
 * does while it waits for a lock of the implementation's.  Thus the order of
 * what the host is asked for is the same in each run.  A wrong guess about a
 * sleeper only changes which order is tried; no verdict comes from it.
 */
#define _GNU_SOURCE /* syscall() */
#include "env_impl.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REST_POLLS 5 /* in a row, POLL_NS apart */
#define POLL_NS 50000

enum call_kind { CALL_READ, CALL_WRITE, CALL_FLUSH, CALL_DISCARD, CALL_MAP };

struct call {
    struct call *next; /* of those that run */
    struct env *env;
    struct img *img;
    enum call_kind kind;
    struct guarded *buffer;
    uint8_t *written; /* of a write: what the buffer must still hold */
    size_t len;
    uint64_t offset;
    uint64_t map_len; /* the answer of a map */
    uint32_t map_state;
    uint64_t op; /* the oracle's number, or its clock for a read */
    char text[100];
    pthread_t thread;
    unsigned number;
    atomic_long tid;
    atomic_int returned;
    unsigned long n_sleeps; /* of the thread, when it was last looked at */
    int result;
    bool harvested;
};

static int perform(struct call *c)
{
    const struct addcow_shim *shim = c->env->shim;
    void *handle = c->img->handle;

    switch (c->kind) {
    case CALL_READ:
        return shim->read(handle, guard_data(c->buffer), c->len, c->offset);
    case CALL_WRITE:
        return shim->write(handle, guard_data(c->buffer), c->len, c->offset);
    case CALL_FLUSH:
        return shim->flush(handle);
    case CALL_MAP:
        return shim->map(handle, &c->map_len, &c->map_state, c->len,
                         c->offset);
    default:
        return shim->discard(handle, c->len, c->offset);
    }
}

static void *thread_main(void *arg)
{
    struct call *c = arg;
    size_t mark = 0;

    disk_name_thread(c->number);
    atomic_store(&c->tid, syscall(SYS_gettid));
    if (c->env->disk)
        mark = disk_enter(c->env->disk, c->text);
    c->result = perform(c);
    if (c->env->disk)
        disk_leave(c->env->disk, mark, c->result);
    atomic_store(&c->returned, 1);
    return NULL;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
}

/* Whether the thread TID sleeps, and how many times it has gone to sleep. */
static bool is_asleep(unsigned long *n_sleeps, long tid)
{
    char path[64];
    char line[256];
    bool is = false;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/self/task/%ld/status", tid);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, "State:\tS", 8) == 0)
            is = true;
        sscanf(line, "voluntary_ctxt_switches: %lu", n_sleeps);
    }
    if (f)
        fclose(f);
    return is;
}

/* Whether C sleeps, and has not been awake since it was last looked at. */
static bool sleeps_on(struct call *c)
{
    long tid = atomic_load(&c->tid);
    unsigned long before = c->n_sleeps;

    return tid && is_asleep(&c->n_sleeps, tid) && c->n_sleeps == before;
}

static bool is_held(const struct call *c)
{
    return c->env->disk && disk_held(c->env->disk) == (int)c->number;
}

static bool anyone_held(const struct call *c)
{
    return c->env->disk && disk_held(c->env->disk) >= 0;
}

/* Whether C does nothing until we let it. */
static bool is_stopped(const struct call *c)
{
    return atomic_load(&c->returned) || is_held(c) ||
           (c->env->disk && disk_waits(c->env->disk, c->number));
}

/* Returns once all calls are at rest. */
static void wait_for_rest(const struct env *env)
{
    unsigned n = 0;

    while (n < REST_POLLS) {
        bool all_stopped = true;
        bool all_rest = true;

        for (struct call *c = env->calls; c; c = c->next) {
            bool stopped = is_stopped(c);

            all_stopped &= stopped;
            all_rest &= stopped || sleeps_on(c);
        }
        if (all_stopped)
            return;
        n = all_rest ? n + 1 : 0;
        nap();
    }
}

/* Lets each call go on as far as it can. */
static void take_turns(const struct env *env)
{
    do
        wait_for_rest(env);
    while (env->disk && disk_next_turn(env->disk));
}

static void note_read(struct call *c)
{
    struct oracle *o = c->img->oracle;
    struct mismatch m;
    char want[300];

    if (!o || oracle_check_since(o, &m, guard_data(c->buffer), c->len,
                                 c->offset, c->op))
        return;
    snprintf(want, sizeof(want), "%s, at guest offset %" PRIu64 ": %s",
             c->text, m.offset, m.expected);
    fail_as(c->env, first_clause(c->env), CHECK_GUEST, m.kind, want, "%s",
            m.got);
}

static void note_end(struct call *c)
{
    struct oracle *o = c->img->oracle;
    bool ok = c->result == ADDCOW_OK;

    if (c->kind == CALL_READ && ok)
        note_read(c);
    if (c->kind == CALL_FLUSH && o)
        oracle_flush_end(o, c->op, ok);
    if (c->kind == CALL_WRITE && o)
        oracle_write_end(o, c->op, ok);
    if (c->kind == CALL_DISCARD && o)
        oracle_discard(o, c->len, c->offset, ok);
}

/* Takes in what a call that has returned did. */
static void harvest(struct call *c)
{
    struct env *env = c->env;
    struct call **at = &env->calls;

    if (c->harvested)
        return;
    pthread_join(c->thread, NULL);
    c->harvested = true;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    check_conduct(env);
    check_result(env, c->result);
    if (c->buffer)
        guard_check(env, c->buffer, c->written);
    note_end(c);
}

enum call_state call_state(struct call *c)
{
    for (;;) {
        take_turns(c->env);
        if (atomic_load(&c->returned))
            break;
        if (is_held(c))
            return CALL_HELD;
        if (anyone_held(c))
            return CALL_WAITING;
    }
    harvest(c);
    return CALL_RETURNED;
}

static struct call *start(struct call *c)
{
    struct env *env = c->env;

    if (!c->img->is_open)
        error(env, "the case uses an image that it has closed");
    note_base(env);
    doing(env, "%s", c->text);
    c->number = ++env->n_threads;
    if (pthread_create(&c->thread, NULL, thread_main, c))
        error(env, "cannot start a thread");
    c->next = env->calls;
    env->calls = c;
    call_state(c);
    return c;
}

static struct call *new_call(struct img *img, enum call_kind kind, size_t len,
                             uint64_t offset)
{
    static const char *const names[] = {"read", "write", "flush", "discard",
                                        "map"};
    struct call *c = case_alloc(img->env, sizeof(*c));

    need_cap(img->env, ADDCOW_CAP_CONCURRENT);
    c->env = img->env;
    c->img = img;
    c->kind = kind;
    c->len = len;
    c->offset = offset;
    if (kind == CALL_FLUSH)
        snprintf(c->text, sizeof(c->text), "flush");
    else
        snprintf(c->text, sizeof(c->text), "%s %zu bytes at %" PRIu64,
                 names[kind], len, offset);
    return c;
}

struct call *start_read(struct img *img, size_t len, uint64_t offset)
{
    struct call *c = new_call(img, CALL_READ, len, offset);

    c->buffer = guard(img->env, NULL, len);
    if (img->oracle)
        c->op = oracle_now(img->oracle);
    return start(c);
}

struct call *start_write(struct img *img, size_t len, uint64_t offset)
{
    struct call *c = new_call(img, CALL_WRITE, len, offset);

    c->written = case_alloc(img->env, len);
    pattern_fill(c->written, len, offset, next_tag(img->env));
    c->buffer = guard(img->env, c->written, len);
    if (img->oracle)
        c->op = oracle_write_begin(img->oracle, c->written, len, offset);
    return start(c);
}

struct call *start_flush(struct img *img)
{
    struct call *c = new_call(img, CALL_FLUSH, 0, 0);

    if (img->oracle)
        c->op = oracle_flush_begin(img->oracle);
    return start(c);
}

struct call *start_discard(struct img *img, uint64_t len, uint64_t offset)
{
    return start(new_call(img, CALL_DISCARD, (size_t)len, offset));
}

struct call *start_map(struct img *img, uint64_t len, uint64_t offset)
{
    need_cap(img->env, ADDCOW_CAP_MAP);
    return start(new_call(img, CALL_MAP, (size_t)len, offset));
}

void hold_host(struct env *env, enum event_kind kind, const char *name,
               uint64_t nth)
{
    need_simulated(env);
    disk_hold(env->disk, kind, name, nth);
}

void release_host(struct env *env)
{
    need_simulated(env);
    disk_release(env->disk);
    take_turns(env);
}

int finish_call(struct call *c)
{
    if (c->env->disk)
        disk_release(c->env->disk);
    while (!c->harvested)
        call_state(c);
    return c->result;
}
