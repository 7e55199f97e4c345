/* SPDX-License-Identifier: MIT
 *
 * keeper.c - the processes beside the runner: the keeper and its jobs.
 */
#define _GNU_SOURCE /* prctl, for orphans and for a runner that is killed */
#include "keeper.h"
#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 50, OUR_DESCRIPTORS = 64 };
enum { KEPT_FREE = 1 << 30, GROWN_BY = 256 * 1024, MAPPED_FROM = 32 << 20 };
enum { NOT_ZEROS = 0x5a };

/* What the keeper knows of the job that runs. */
struct keeper {
    struct mailbox *box;
    const struct isolate_job *job;
    int signals; /* signalfd: no handler, which a sanitizer might put off */
    pid_t child;
    int pipe; /* what the child prints, not blocking */
    bool at_end;
    bool stop_asked;
    struct timespec started;
};

/* ---- The child ---------------------------------------------------------- */

static void set_limits(const struct isolate_job *job)
{
    const struct rlimit core = {0, 0};
    const struct rlimit memory = {job->memory, job->memory};

    setrlimit(RLIMIT_CORE, &core);
    if (job->memory)
        setrlimit(RLIMIT_AS, &memory);
}

/* A job ends soon: memory that it frees is kept for its next request, which
 * saves getting it back page by page.  What it forgets to set is rubbish, not
 * zeros. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    mallopt(M_TOP_PAD, GROWN_BY);
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    mallopt(M_PERTURB, NOT_ZEROS);
#endif
}

static void reset_signals(void)
{
    static const int ours[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                               SIGCHLD, SIGUSR1, SIGPIPE};
    sigset_t none;

    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
        signal(ours[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void redirect(int printed)
{
    int null = open("/dev/null", O_RDONLY);

    dup2(null, STDIN_FILENO);
    dup2(printed, STDOUT_FILENO);
    dup2(printed, STDERR_FILENO);
    for (int fd = STDERR_FILENO + 1; fd < OUR_DESCRIPTORS; fd++)
        close(fd);
    /* What is in a buffer when the process crashes is lost. */
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static _Noreturn void run_child(struct keeper *k, int printed)
{
    const struct isolate_job *job = k->job;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    redirect(printed);
    if (chdir(k->box->dir)) {
        perror(k->box->dir);
        _exit(127);
    }
    munmap(k->box, sizeof(*k->box)); /* not for the job to write in */
    umask(022);
    set_limits(job);
    keep_memory();
    reset_signals();
    job->body(job->arg);
    fflush(NULL);
    _exit(0);
}

/* ---- The keeper --------------------------------------------------------- */

static void keep_printed(struct isolate_result *out, const char *data,
                         size_t len)
{
    size_t room = sizeof(out->printed) - out->printed_len;

    if (len > room) {
        out->more = true;
        len = room;
    }
    memcpy(out->printed + out->printed_len, data, len);
    out->printed_len += len;
}

/* One read at a time: a child that floods the pipe must not keep the keeper
 * from looking at its deadline. */
static bool drain(struct keeper *k)
{
    char data[65536];
    ssize_t n = k->at_end ? 0 : read(k->pipe, data, sizeof(data));

    if (n > 0)
        keep_printed(&k->box->result, data, (size_t)n);
    if (n == 0)
        k->at_end = true;
    return n > 0;
}

static uint64_t microseconds(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_nsec / 1000;
}

static uint64_t elapsed(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return microseconds(&now) - microseconds(since);
}

static uint64_t cpu_of(pid_t pid)
{
    struct timespec used = {0, 0};
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &used);
    return microseconds(&used);
}

/* Of all that this keeper has reaped, and what they have reaped. */
static uint64_t cpu_of_reaped(void)
{
    struct rusage r;

    getrusage(RUSAGE_CHILDREN, &r);
    return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static bool is_overdue(const struct keeper *k)
{
    uint64_t limit = k->job->cpu_ms * 1000;

    return cpu_of(k->child) >= limit ||
           elapsed(&k->started) >= ISOLATE_WALL_FACTOR * limit;
}

/* Who asks for it: the runner, or its end. A job that sends us a signal
 * changes nothing. */
static void read_signals(struct keeper *k)
{
    struct signalfd_siginfo info;

    while (read(k->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        if (info.ssi_signo == SIGTERM &&
            info.ssi_pid == (uint32_t)k->box->runner)
            k->stop_asked = true;
    if (getppid() != k->box->runner)
        k->stop_asked = true;
}

/* Waits for output, a signal, or TIMEOUT_MS (-1: for ever). */
static void pause_for(struct keeper *k, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = k->signals, .events = POLLIN},
                           {.fd = k->at_end ? -1 : k->pipe, .events = POLLIN}};

    poll(fds, sizeof(fds) / sizeof(*fds), timeout_ms);
    read_signals(k);
}

static bool has_ended(const struct keeper *k)
{
    siginfo_t info = {0};

    waitid(P_PID, (id_t)k->child, &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == k->child;
}

/* By which signal the child is stopped; 0: it is not. */
static int stop_signal(const struct keeper *k)
{
    siginfo_t info = {0};

    waitid(P_PID, (id_t)k->child, &info, WSTOPPED | WNOHANG | WNOWAIT);
    return info.si_pid == k->child ? info.si_status : 0;
}

/* The number of the group is taken as long as its leader is not reaped. */
static void note_status(struct keeper *k)
{
    int status = 0;

    kill(-k->child, SIGKILL);
    waitpid(k->child, &status, 0);
    k->box->result.end = WIFSIGNALED(status) ? ISOLATE_KILLED : ISOLATE_EXITED;
    k->box->result.status =
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void watch(struct keeper *k)
{
    for (;;) {
        bool more = drain(k);

        if (has_ended(k)) {
            note_status(k);
            return;
        }
        if (k->stop_asked || is_overdue(k)) {
            k->box->result.end =
                k->stop_asked ? ISOLATE_STOPPED : ISOLATE_OVERDUE;
            k->box->result.status = stop_signal(k);
            kill(-k->child, SIGKILL);
            waitpid(k->child, NULL, 0);
            return;
        }
        pause_for(k, more ? 0 : LOOK_EVERY_MS);
    }
}

static void kill_child(void *arg, pid_t child)
{
    (void)arg;
    kill(child, SIGKILL);
}

/* Everything that the child left becomes a child of the keeper, its subtree
 * level by level.  Returns when nothing is left. */
static void clear_away(struct keeper *k)
{
    struct timespec nap = {0, 1000000};
    int status;

    for (;;) {
        pid_t pid = waitpid(-1, &status, WNOHANG);

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid > 0) {
            k->box->result.n_left +=
                WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
            continue;
        }
        processes_each_child(kill_child, NULL);
        nanosleep(&nap, NULL);
    }
}

static int start_child(struct keeper *k)
{
    int ends[2];

    if (pipe(ends))
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    k->pipe = ends[0];
    clock_gettime(CLOCK_MONOTONIC, &k->started);
    k->child = fork();
    if (k->child == 0)
        run_child(k, ends[1]);
    close(ends[1]);
    if (k->child < 0)
        return -1;
    setpgid(k->child, k->child); /* whoever is first: kill() needs the group */
    return 0;
}

/* One job, from its start to where nothing is left of it. */
static void serve(struct keeper *k)
{
    struct isolate_result *out = &k->box->result;
    uint64_t cpu_before = cpu_of_reaped();

    k->at_end = false;
    if (start_child(k)) {
        out->end = ISOLATE_IMPOSSIBLE;
        out->status = errno;
        return;
    }
    watch(k);
    clear_away(k);
    while (drain(k))
        ;
    close(k->pipe);
    out->times.cpu = cpu_of_reaped() - cpu_before;
    out->times.wall = elapsed(&k->started);
}

/* Out of reach of a terminal and of a job's group; of all signals only
 * SIGKILL and SIGSTOP come through, and those the runner sees. */
static void withdraw(struct keeper *k)
{
    sigset_t all;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGTERM, SIG_DFL); /* if ignored, it would not be seen */
    signal(SIGUSR1, SIG_DFL);
    k->signals = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
    read_signals(k);
}

_Noreturn void keeper_run(struct mailbox *box, const struct isolate_job *job)
{
    struct keeper k = {.box = box, .job = job, .at_end = true};

    withdraw(&k);
    for (;;) {
        while (!k.stop_asked && box->n_asked == box->n_done)
            pause_for(&k, -1);
        if (box->n_asked == box->n_done)
            _exit(0);
        serve(&k);
        k.at_end = true;
        box->n_done++;
        if (getppid() == box->runner)
            kill(box->runner, SIGUSR1);
    }
}
