/* SPDX-License-Identifier: MIT
 *
 * isolate.c - running a function where it can do no harm: the runner's side.
 */
#include "isolate.h"
#include "base/memory.h"
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct isolate {
    struct isolate_job job;
    struct mailbox *box;
    pid_t keeper; /* 0: there is none */
};

struct isolate *isolate_open(const struct isolate_job *job)
{
    struct isolate *i = mem_new(1, sizeof(*i));

    i->job = *job;
    i->box = mem_shared(sizeof(*i->box));
    return i;
}

/* Whether there is a keeper, which may have come to harm. */
static bool has_keeper(struct isolate *i)
{
    if (i->keeper && waitpid(i->keeper, NULL, WNOHANG) != 0)
        i->keeper = 0;
    return i->keeper != 0;
}

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
    memset(&i->box->result, 0, sizeof(i->box->result));
    if (strlen(dir) >= sizeof(i->box->dir)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(i->box->dir, dir);
    if (!has_keeper(i) && hire(i))
        return -1;
    i->box->n_asked++;
    return kill(i->keeper, SIGUSR1);
}

const struct isolate_result *isolate_result(struct isolate *i)
{
    if (i->box->n_done != i->box->n_asked && has_keeper(i))
        return NULL;
    return &i->box->result;
}

void isolate_stop(struct isolate *i)
{
    if (i->keeper)
        kill(i->keeper, SIGTERM);
}

void isolate_close(struct isolate *i)
{
    isolate_stop(i);
    if (i->keeper)
        waitpid(i->keeper, NULL, 0);
    munmap(i->box, sizeof(*i->box));
    mem_free(i);
}

static sigset_t awaited;

void isolate_prepare(void)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};

    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGUSR1);
    for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
        struct sigaction action;

        sigaction(stops[i], NULL, &action);
        if (action.sa_handler != SIG_IGN) /* as under nohup */
            sigaddset(&awaited, stops[i]);
    }
    sigprocmask(SIG_BLOCK, &awaited, NULL);
}

int isolate_wait(void)
{
    siginfo_t info;
    int number;

    do
        number = sigwaitinfo(&awaited, &info);
    while (number < 0 && errno == EINTR);
    return number == SIGCHLD || number == SIGUSR1 ? 0 : number;
}
