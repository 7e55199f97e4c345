/* SPDX-License-Identifier: MIT
 *
 * isolate.c - running a function where it can do no harm: the runner's side.
 *
 * The runner waits for nothing without a limit: a keeper that says nothing for
 * long after its job should have ended is taken for lost, whatever was done to
 * it.
 */
#define _POSIX_C_SOURCE 200809L
#include "isolate.h"
#include "base/memory.h"
#include "keeper.h"
#include "processes.h"
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a keeper may take to clear away: beyond the deadline of its job,
 * and after a request to stop; and how long the runner itself tries. */
enum { GRACE_MS = 5000, STOP_MS = 5000, SWEEP_MS = 5000 };

struct isolate {
    struct isolate *next;
    struct isolate_job job;
    struct mailbox *box;
    pid_t keeper;     /* 0: not started */
    uint64_t late_ms; /* when a keeper that says nothing is lost */
};

static struct isolate *all;

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void nap(void)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

struct isolate *isolate_open(const struct isolate_job *job)
{
    struct isolate *i = mem_new(1, sizeof(*i));

    i->job = *job;
    i->box = mem_shared(sizeof(*i->box));
    i->next = all;
    all = i;
    return i;
}

/* ---- A keeper that came to harm ----------------------------------------- */

static void end_orphan(void *arg, pid_t child)
{
    size_t *n = arg;

    for (struct isolate *i = all; i; i = i->next)
        if (i->keeper == child)
            return;
    kill(child, SIGKILL);
    if (waitpid(child, NULL, WNOHANG) == 0)
        ++*n;
}

/* What a killed keeper had adopted becomes the runner's. Apart from that the
 * runner has only keepers as children. */
static void sweep(void)
{
    uint64_t end = now_ms() + SWEEP_MS;
    size_t n;

    do {
        n = 0;
        processes_each_child(end_orphan, &n);
        if (n)
            nap();
    } while (n && now_ms() < end);
}

static void put_down(struct isolate *i)
{
    kill(i->keeper, SIGKILL);
    waitpid(i->keeper, NULL, 0);
    i->keeper = 0;
    sweep();
}

/* What has happened to the keeper, in INFO; false: nothing. */
static bool has_news(const struct isolate *i, siginfo_t *info)
{
    memset(info, 0, sizeof(*info));
    waitid(P_PID, (id_t)i->keeper, info,
           WEXITED | WSTOPPED | WNOHANG | WNOWAIT);
    return info->si_pid == i->keeper;
}

/* Writes the result of a job whose keeper cannot. */
static void note_end(struct isolate *i, const siginfo_t *info)
{
    struct isolate_result *out = &i->box->result;

    out->cpu_ms = i->job.cpu_ms;
    out->status = info->si_status;
    if (info->si_pid == 0)
        out->end = ISOLATE_OVERDUE;
    else
        out->end =
            info->si_code == CLD_EXITED ? ISOLATE_LOST : ISOLATE_DISTURBED;
    i->box->n_done = i->box->n_asked;
}

/* Whether the keeper, which has a job, is there and well. */
static bool keeps(struct isolate *i)
{
    siginfo_t info;

    if (!has_news(i, &info) && now_ms() < i->late_ms)
        return true;
    put_down(i);
    if (i->box->n_done != i->box->n_asked)
        note_end(i, &info);
    return false;
}

/* ---- Jobs --------------------------------------------------------------- */

static int hire(struct isolate *i)
{
    i->box->n_asked = 0;
    i->box->n_done = 0;
    i->box->runner = getpid();
    fflush(NULL);
    i->keeper = fork();
    if (i->keeper == 0)
        keeper_run(i->box, &i->job);
    if (i->keeper < 0)
        i->keeper = 0;
    return i->keeper ? 0 : -1;
}

int isolate_start(struct isolate *i, const char *dir)
{
    siginfo_t info;

    memset(&i->box->result, 0, sizeof(i->box->result));
    i->box->result.cpu_ms = i->job.cpu_ms;
    if (strlen(dir) >= sizeof(i->box->dir)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(i->box->dir, dir);
    if (i->keeper && has_news(i, &info))
        put_down(i);
    if (!i->keeper && hire(i))
        return -1;
    i->late_ms = now_ms() + ISOLATE_WALL_FACTOR * i->job.cpu_ms + GRACE_MS;
    i->box->n_asked++;
    return kill(i->keeper, SIGUSR1);
}

const struct isolate_result *isolate_result(struct isolate *i)
{
    if (i->box->n_done != i->box->n_asked && i->keeper && keeps(i))
        return NULL;
    return &i->box->result;
}

void isolate_stop(struct isolate *i)
{
    uint64_t late = now_ms() + STOP_MS;

    if (!i->keeper)
        return;
    if (late < i->late_ms)
        i->late_ms = late;
    kill(i->keeper, SIGTERM);
}

void isolate_close(struct isolate *i)
{
    uint64_t end = now_ms() + STOP_MS;
    siginfo_t info;

    isolate_stop(i);
    while (i->keeper && !has_news(i, &info) && now_ms() < end)
        nap();
    if (i->keeper && info.si_code == CLD_EXITED)
        waitpid(i->keeper, NULL, 0);
    else if (i->keeper)
        put_down(i);
    for (struct isolate **at = &all; *at; at = &(*at)->next)
        if (*at == i) {
            *at = i->next;
            break;
        }
    munmap(i->box, sizeof(*i->box));
    mem_free(i);
}

/* ---- Signals ------------------------------------------------------------ */

static sigset_t awaited;

void isolate_prepare(void)
{
    static const int all_stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t stops;

    signal(SIGCHLD, SIG_DFL); /* if ignored, children leave no status */
    sigemptyset(&stops);
    for (size_t i = 0; i < sizeof(all_stops) / sizeof(*all_stops); i++) {
        struct sigaction action;

        sigaction(all_stops[i], NULL, &action);
        if (action.sa_handler != SIG_IGN) /* as under nohup */
            sigaddset(&stops, all_stops[i]);
    }
    awaited = stops;
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGUSR1);
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    supervise(&stops);
}

int isolate_wait(void)
{
    struct timespec limit = {1, 0};
    int number = sigtimedwait(&awaited, NULL, &limit);

    return number < 0 || number == SIGCHLD || number == SIGUSR1 ? 0 : number;
}
