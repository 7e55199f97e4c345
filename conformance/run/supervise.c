/* SPDX-License-Identifier: MIT
 *
 * supervise.c - the first process of a run, which never runs code of a shim.
 */
#define _GNU_SOURCE /* prctl, for a first process that is killed */
#include "supervise.h"
#include "status.h"
#include "work.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* After a signal the runner stops its cases, writes what there is to report,
 * and removes its directory. */
enum { HEED_S = 60 };

static _Noreturn void end_by(int number, const sigset_t *stops)
{
    sigset_t set;

    work_abandoned();
    if (sigismember(stops, number)) {
        signal(number, SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, number);
        raise(number);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
    fprintf(stderr, "addcow-conform: the runner was killed by signal %d\n",
            number);
    _exit(STATUS_ERROR);
}

/* Returns if the runner has not ended. */
static void look(pid_t runner, const sigset_t *stops)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)runner, &info, WEXITED | WSTOPPED | WNOHANG) ||
        info.si_pid == 0)
        return;
    if (info.si_code == CLD_STOPPED)
        kill(runner, SIGCONT);
    else if (info.si_code == CLD_EXITED)
        _exit(info.si_status);
    else
        end_by(info.si_status, stops);
}

static _Noreturn void watch(pid_t runner, const sigset_t *stops)
{
    sigset_t awaited = *stops;
    time_t late = 0;

    sigaddset(&awaited, SIGCHLD);
    for (;;) {
        struct timespec limit = {1, 0};
        struct timespec now;
        int number = sigtimedwait(&awaited, NULL, &limit);

        clock_gettime(CLOCK_MONOTONIC, &now);
        if (number > 0 && number != SIGCHLD) {
            kill(runner, number);
            late = late ? late : now.tv_sec + HEED_S;
        }
        if (late && now.tv_sec >= late)
            kill(runner, SIGKILL);
        look(runner, stops);
    }
}

void supervise(const sigset_t *stops)
{
    pid_t first = getpid();
    pid_t runner;

    work_prepare();
    fflush(NULL);
    runner = fork();
    if (runner > 0)
        watch(runner, stops);
    if (runner < 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != first)
        raise(SIGTERM);
}
