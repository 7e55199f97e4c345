/* SPDX-License-Identifier: MIT
 *
 * schedule.c - running cases side by side and reporting them in order.
 *
 * The runner waits for signals only: SIGCHLD when a keeper has ended, the
 * others when somebody wants it to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "memory.h"
#include "run.h"
#include "text.h"
#include "waivers.h"

/* Of address space for a case. */
#define MEMORY_LIMIT (UINT64_C(2) << 30)

/* What a running case shares with the runner. */
struct shared {
    struct outcome outcome;
    struct isolate_result end;
};

struct slot {
    pid_t keeper; /* 0: free */
    const struct run *run;
    struct result *result;
    char *dir;
    char *evidence;
    struct shared *shared;
};

struct schedule {
    struct run *run;
    char *work;
    struct slot *slots;
    size_t n_slots;
    size_t n_running;
    size_t next; /* result to start */
    int stopping;
    int broken; /* the runner itself cannot go on */
};

static void body(void *arg)
{
    struct slot *s = arg;
    case_call(&s->shared->outcome, s->run, s->result, s->evidence);
}

static struct slot *free_slot(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++)
        if (s->slots[i].keeper == 0)
            return &s->slots[i];
    return NULL;
}

static void release(struct slot *slot)
{
    files_remove_tree(slot->dir);
    free(slot->dir);
    free(slot->evidence);
    slot->dir = slot->evidence = NULL;
    slot->result = NULL;
    slot->keeper = 0;
}

/* The number in the name is the result's, not the slot's: what a case prints
 * of its directory depends on nothing but the case. */
static int start(struct schedule *s, struct slot *slot, size_t index)
{
    slot->run = s->run;
    slot->result = &s->run->results[index];
    slot->dir = memory_format("%s/%zu", s->work, index);
    if (evidence_begin(&slot->evidence, s->run, slot->result))
        return -1;
    memset(&slot->shared->outcome, 0, sizeof(slot->shared->outcome));
    struct isolate_job job = {
        .body = body,
        .arg = slot,
        .dir = slot->dir,
        .cpu_ms = s->run->options->timeout_ms,
        .memory = load_under_tool() ? 0 : MEMORY_LIMIT,
    };
    slot->keeper = -1;
    if (mkdir(slot->dir, 0777) == 0)
        slot->keeper = isolate_start(&slot->shared->end, &job);
    if (slot->keeper < 0) {
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
            s->stopping = s->broken = 1;
            return;
        }
        s->n_running++;
    }
}

/* After a crash a case that cuts the power goes on behind the workload that
 * it was at; the first crash stays its verdict. */
static int goes_on(struct schedule *s, struct slot *slot)
{
    struct result *r = slot->result;
    struct outcome now = slot->shared->outcome;
    struct crash_report decided = r->outcome.crash;
    verdict_judge(&now, r->c, &slot->shared->end);
    if (now.verdict != V_CRASH || now.resume <= r->outcome.resume ||
        s->stopping || s->run->options->replay)
        return 0;
    crash_report_add(&decided, &now.crash);
    if (r->outcome.verdict == V_NONE)
        r->outcome = now;
    r->outcome.crash = decided;
    r->outcome.resume = now.resume;
    return 1;
}

/* What came after a crash adds to what was decided, and to nothing else. */
static void take_rest(struct slot *slot)
{
    crash_report_add(&slot->result->outcome.crash,
                     &slot->shared->outcome.crash);
    evidence_end(slot->result, slot->run);
    slot->result->done = 1;
}

static void take_result(struct slot *slot)
{
    struct result *r = slot->result;
    const struct isolate_result *end = &slot->shared->end;
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
    r->done = 1;
}

static void reap(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++) {
        struct slot *slot = &s->slots[i];
        if (slot->keeper == 0 || waitpid(slot->keeper, NULL, WNOHANG) == 0)
            continue;
        if (goes_on(s, slot)) {
            size_t index = (size_t)(slot->result - s->run->results);
            release(slot);
            if (start(s, slot, index) == 0)
                continue;
            s->broken = 1;
        }
        take_result(slot);
        /* It was stopped by us: it came to nothing. */
        if (slot->shared->end.end == ISOLATE_STOPPED)
            slot->result->done = 0;
        release(slot);
        s->n_running--;
    }
}

static void stop(struct schedule *s)
{
    s->stopping = 1;
    for (size_t i = 0; i < s->n_slots; i++)
        if (s->slots[i].keeper)
            kill(s->slots[i].keeper, SIGTERM);
}

static int is_last(const struct run *run, const struct result *r)
{
    return run->options->fail_fast &&
           (verdict_is_failure(r->outcome.verdict) ||
            r->outcome.verdict == V_ERROR);
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
        waivers_apply(r, run->waivers);
        tally_add(&run->tally, r);
        report(arg, r);
        if (is_last(run, r))
            stop(s);
    }
}

static void wait_a_while(struct schedule *s)
{
    int number = isolate_wait();
    if (number) {
        s->run->interrupted = number;
        stop(s);
    }
    reap(s);
}

static void open_slots(struct schedule *s)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    s->n_slots = s->run->options->jobs;
    if (s->n_slots == 0)
        s->n_slots = processors > 0 ? (size_t)processors : 1;
    if (s->n_slots > s->run->n_results)
        s->n_slots = s->run->n_results;
    s->slots = memory_new(s->n_slots, sizeof(*s->slots));
    for (size_t i = 0; i < s->n_slots; i++)
        s->slots[i].shared = memory_shared(sizeof(*s->slots[i].shared));
}

static void close_slots(struct schedule *s)
{
    for (size_t i = 0; i < s->n_slots; i++)
        munmap(s->slots[i].shared, sizeof(*s->slots[i].shared));
    free(s->slots);
    files_remove_tree(s->work);
    free(s->work);
}

int schedule(struct run *run, void (*report)(void *arg, struct result *r),
             void *arg)
{
    struct schedule s = {.run = run, .work = work_new()};
    if (!s.work)
        return 3;
    open_slots(&s);
    for (;;) {
        report_some(&s, report, arg);
        start_some(&s);
        if (s.n_running == 0)
            break;
        wait_a_while(&s);
    }
    close_slots(&s);
    return s.broken ? 3 : 0;
}
