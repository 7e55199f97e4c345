/* SPDX-License-Identifier: MIT
 *
 * schedule.c - running cases side by side and reporting them in order.
 *
 * The runner waits for signals only: those of keepers when a case has ended,
 * the others when somebody wants it to stop.
 */
#include "addcow_shim.h"
#include "base/dirs.h"
#include "base/memory.h"
#include "base/text.h"
#include "run.h"
#include "waivers.h"
#include "work.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of address space for a case. */
#define MEMORY_LIMIT (UINT64_C(2) << 30)

/* What a running case shares with the runner. */
struct shared {
    struct outcome outcome;
    size_t index;            /* of its result */
    uint64_t resume;         /* as in struct case_options */
    char evidence[PATH_MAX]; /* "": none is kept */
};

struct slot {
    struct isolate *isolate;
    struct run *run;
    struct result *result; /* null: free */
    char *dir;
    char *empty; /* the directory of a case before that left nothing in it, or
                    null: renaming costs less than removing and making */
    struct shared *shared;
};

struct schedule {
    struct run *run;
    char *work;
    struct slot *slots;
    size_t n_slots;
    size_t n_running;
    size_t next; /* result to start */
    bool stopping;
};

static const char cannot_start[] = "a case could not be started";

/* Ends the run before its end.  WHY is in words, for its reports. */
static void cut_short(struct schedule *s, const char *why)
{
    s->stopping = true;
    if (!s->run->stopped)
        s->run->stopped = why;
}

/* In the case's own process, whose copy of the run is an old one. */
static void body(void *arg)
{
    struct slot *s = arg;
    struct result *r = &s->run->results[s->shared->index];
    const char *evidence = s->shared->evidence;

    r->outcome.resume = s->shared->resume;
    case_call(&s->shared->outcome, s->run, r, *evidence ? evidence : NULL);
}

static struct slot *free_slot(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++)
        if (!s->slots[i].result)
            return &s->slots[i];
    return NULL;
}

static void release(struct slot *slot)
{
    if (!slot->empty && dirs_is_empty(slot->dir)) {
        slot->empty = slot->dir;
    } else {
        dirs_remove(slot->dir);
        free(slot->dir);
    }
    slot->dir = NULL;
    slot->result = NULL;
}

static int share(struct slot *slot, size_t index)
{
    struct shared *shared = slot->shared;
    char *evidence;

    if (evidence_begin(&evidence, slot->run, slot->result))
        return -1;
    memset(&shared->outcome, 0, sizeof(shared->outcome));
    shared->index = index;
    shared->resume = slot->result->outcome.resume;
    snprintf(shared->evidence, sizeof(shared->evidence), "%s",
             evidence ? evidence : "");
    free(evidence);
    return 0;
}

static int make_dir(struct slot *slot)
{
    char *empty = slot->empty;
    int result;

    slot->empty = NULL;
    result = empty && rename(empty, slot->dir) == 0
                 ? 0
                 : mkdir(slot->dir, DIRS_MODE);
    free(empty);
    return result;
}

/* The number in the name is the result's, not the slot's: what a case prints
 * of its directory depends on nothing but the case. */
static int start(struct schedule *s, struct slot *slot, size_t index)
{
    slot->result = &s->run->results[index];
    slot->dir = mem_format("%s/%zu", s->work, index);
    if (share(slot, index))
        return -1;
    if (make_dir(slot) || isolate_start(slot->isolate, slot->dir)) {
        perror("addcow-conform: cannot start a case");
        return -1;
    }
    return 0;
}

static void start_some(struct schedule *s)
{
    struct slot *slot;

    while (!s->stopping && (slot = free_slot(s)) != NULL) {
        while (s->next < s->run->n_results && s->run->results[s->next].done)
            s->next++;
        if (s->next == s->run->n_results)
            return;
        if (start(s, slot, s->next++)) {
            evidence_end(slot->result, s->run);
            release(slot);
            cut_short(s, cannot_start);
            return;
        }
        s->n_running++;
    }
}

/* After a crash a case that cuts the power goes on with the workload after the
 * one that crashed; the first crash stays its verdict. */
static bool goes_on(struct schedule *s, struct slot *slot,
                    const struct isolate_result *end)
{
    struct result *r = slot->result;
    struct outcome now = slot->shared->outcome;
    struct crash_report decided = r->outcome.crash;

    verdict_judge(&now, r->c, end);
    if (now.verdict != V_CRASH || now.resume <= r->outcome.resume ||
        s->stopping || s->run->options->replay)
        return false;
    crash_report_add(&decided, &now.crash);
    if (r->outcome.verdict == V_NONE)
        r->outcome = now;
    r->outcome.crash = decided;
    r->outcome.resume = now.resume;
    return true;
}

/* What came after a crash adds to what was decided, and to nothing else. */
static void take_rest(struct slot *slot)
{
    crash_report_add(&slot->result->outcome.crash,
                     &slot->shared->outcome.crash);
    evidence_end(slot->result, slot->run);
    slot->result->done = true;
}

static void take_result(struct slot *slot, const struct isolate_result *end)
{
    struct result *r = slot->result;

    if (r->outcome.verdict == V_CRASH) {
        take_rest(slot);
        return;
    }
    r->outcome = slot->shared->outcome;
    verdict_judge(&r->outcome, r->c, end);
    r->n_left = end->n_left;
    r->more = end->more;
    r->printed = text_utf8(&r->printed_len, end->printed, end->printed_len);
    evidence_end(r, slot->run);
    r->done = true;
}

/* The times of a case that went on are added up. */
static void take_times(struct slot *slot, const struct isolate_times *times)
{
    struct result *r = slot->result;

    r->timed = slot->run->options->timestamps;
    r->times.cpu += times->cpu;
    r->times.wall += times->wall;
}

static void stop(struct schedule *s, const char *why)
{
    cut_short(s, why);
    for (size_t i = 0; i < s->n_slots; i++)
        isolate_stop(s->slots[i].isolate);
}

/* Whatever came out on a full disk, and is not PASS, may be the fault of the
 * disk.  A shim that claims HOST touches none. */
static bool lacks_space(const struct slot *slot)
{
    const struct outcome *o = &slot->result->outcome;

    if (o->verdict == V_NA && strcmp(o->reason, NA_SPACE) == 0)
        return true;
    return o->verdict != V_PASS &&
           !(slot->run->shim.capabilities & ADDCOW_CAP_HOST) &&
           dirs_is_full(slot->dir);
}

static void give_up(struct schedule *s, struct slot *slot)
{
    slot->result->done = false;
    if (!s->stopping)
        fprintf(stderr,
                "addcow-conform: no space left in '%s', where %s ran; "
                "TMPDIR names another place\n",
                s->work, slot->result->c->id);
    stop(s, "no space left where the cases run");
}

/* By us; or by whoever sends SIGTERM to all of our processes, whose signal to
 * the runner itself may come later. */
static void note_stopped(struct schedule *s, struct slot *slot)
{
    slot->result->done = false;
    if (s->stopping)
        return;
    s->run->interrupted = SIGTERM;
    stop(s, NULL);
}

static void conclude(struct schedule *s, struct slot *slot,
                     const struct isolate_result *end)
{
    take_times(slot, &end->times);
    if (goes_on(s, slot, end)) {
        size_t index = (size_t)(slot->result - s->run->results);

        release(slot);
        if (start(s, slot, index) == 0)
            return;
        cut_short(s, cannot_start);
    }
    take_result(slot, end);
    /* It failed. */
    if (end->end == ISOLATE_STOPPED)
        note_stopped(s, slot);
    else if (lacks_space(slot))
        give_up(s, slot);
    release(slot);
    s->n_running--;
}

static void reap(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++) {
        struct slot *slot = &s->slots[i];
        const struct isolate_result *end =
            slot->result ? isolate_result(slot->isolate) : NULL;

        if (end)
            conclude(s, slot, end);
    }
}

static bool is_last(const struct run *run, const struct result *r)
{
    return run->options->fail_fast && verdict_is_bad(r->outcome.verdict);
}

static void report_some(struct schedule *s,
                        void (*report)(void *, struct result *), void *arg)
{
    struct run *run = s->run;

    while (run->n_reported < run->n_results &&
           run->results[run->n_reported].done) {
        struct result *r = &run->results[run->n_reported];

        if (run->n_reported && is_last(run, r - 1))
            break;
        run->n_reported++;
        evidence_cap(run, r);
        waivers_apply(r, run->waivers);
        tally_add(&run->tally, r);
        report(arg, r);
        if (is_last(run, r))
            stop(s, "stopped at the first failure");
    }
}

static void wait_a_while(struct schedule *s)
{
    int number = isolate_wait();

    if (number) {
        s->run->interrupted = number;
        stop(s, NULL);
    }
    reap(s);
}

static void open_slot(struct slot *slot, struct run *run)
{
    struct isolate_job job = {
        .body = body,
        .arg = slot,
        .cpu_ms = run->options->timeout_ms,
        .memory = load_under_tool() ? 0 : MEMORY_LIMIT,
    };

    slot->run = run;
    slot->shared = mem_shared(sizeof(*slot->shared));
    slot->isolate = isolate_open(&job);
}

static void open_slots(struct schedule *s)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    s->n_slots = s->run->options->jobs;
    if (s->n_slots == 0)
        s->n_slots = processors > 0 ? (size_t)processors : 1;
    if (s->n_slots > s->run->n_results)
        s->n_slots = s->run->n_results;
    s->slots = mem_new(s->n_slots, sizeof(*s->slots));
    for (size_t i = 0; i < s->n_slots; i++)
        open_slot(&s->slots[i], s->run);
}

static void close_slots(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++) {
        isolate_close(s->slots[i].isolate);
        free(s->slots[i].empty);
        munmap(s->slots[i].shared, sizeof(*s->slots[i].shared));
    }
    free(s->slots);
    work_end(s->work);
}

void schedule(struct run *run, void (*report)(void *arg, struct result *r),
              void *arg)
{
    struct schedule s = {.run = run, .work = work_new()};

    if (!s.work) {
        cut_short(&s, "there is no directory to run cases in");
        return;
    }
    open_slots(&s);
    for (;;) {
        report_some(&s, report, arg);
        start_some(&s);
        if (s.n_running == 0)
            break;
        wait_a_while(&s);
    }
    close_slots(&s);
}
