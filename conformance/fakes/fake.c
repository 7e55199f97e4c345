/* SPDX-License-Identifier: MIT
 *
 * fake.c - broken shims, one for each FAKE_* macro.
 *
 * Each does one thing wrong, in open() unless its name says otherwise.  None
 * implements anything: what is judged is the runner.
 */
#define _DEFAULT_SOURCE
#include "addcow_shim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(FAKE_CHILDREN)
/* One child in our group, one in a session of its own, one an orphan. */
static void misbehave(void)
{
    pid_t parent;

    if (fork() == 0)
        for (;;)
            pause();
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        signal(SIGTERM, SIG_IGN);
        for (;;)
            pause();
    }
    parent = fork();
    if (parent == 0) {
        if (setsid() > 0 && fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    waitpid(parent, NULL, 0);
}
#elif defined(FAKE_FLOOD)
static void misbehave(void)
{
    for (int i = 0; i < 200000; i++)
        fprintf(stderr, "line %d of a flood\n", i);
}
#elif defined(FAKE_CLOSEFDS)
static void misbehave(void)
{
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
}
#elif defined(FAKE_CHDIR)
static void misbehave(void)
{
    if (chdir("/"))
        abort();
}
#elif defined(FAKE_CRASH)
static void misbehave(void)
{
    fprintf(stderr, "about to crash\n");
    raise(SIGSEGV);
}
#elif defined(FAKE_HOSTILE)
/* Markup, the end of CDATA, bytes that are no text. */
static void misbehave(void)
{
    static const char text[] = "<b>&\"]]> \xff\xc3 \xef\xbf\xbe \001 end\n";

    fwrite(text, 1, sizeof(text), stdout); /* the NUL, too */
}
#elif defined(FAKE_PIPES)
/* Writes where nobody reads. */
static void misbehave(void)
{
    int ends[2];

    if (pipe(ends) || close(ends[0]) || write(ends[1], "x", 1) < 0)
        _exit(1);
}
#elif defined(FAKE_ABORT)
static void misbehave(void)
{
    abort();
}
#elif defined(FAKE_EXIT_0)
static void misbehave(void)
{
    printf("bye");
    exit(0);
}
#elif defined(FAKE_EXIT_7)
static void misbehave(void)
{
    _exit(7);
}
#elif defined(FAKE_HANGS)
static void misbehave(void)
{
    for (volatile unsigned i = 0;; i = i + 1)
        ;
}
#elif defined(FAKE_SLEEPS)
static void misbehave(void)
{
    for (;;)
        pause();
}
#elif defined(FAKE_EATS_MEMORY)
static void misbehave(void)
{
    for (size_t total = 0; total < (size_t)16 << 30; total += 1 << 26) {
        char *p = malloc(1 << 26);

        if (!p)
            abort();
        memset(p, 1, 4096);
    }
}
#elif defined(FAKE_THROWS_VERDICT)
static void leave(void)
{
    _exit(0);
}

static void misbehave(void)
{
    atexit(leave);
    kill(0, SIGKILL);
}
#elif defined(FAKE_STOPS_PARENT)
static void misbehave(void)
{
    kill(getppid(), SIGSTOP);
    pause();
}
#elif defined(FAKE_KILLS_PARENT)
static void misbehave(void)
{
    kill(getppid(), SIGKILL);
    pause();
}
#elif defined(FAKE_SIGNALS_PARENT)
static void misbehave(void)
{
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,
                                  SIGUSR1, SIGUSR2, SIGALRM};

    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        kill(getppid(), signals[i]);
}
#elif defined(FAKE_TRACES_PARENT)
/* Stopped in this way, no SIGCONT helps it. */
static void misbehave(void)
{
    ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
    pause();
}
#elif defined(FAKE_STOPS_RUNNER) || defined(FAKE_KILLS_RUNNER)
static void misbehave(void)
{
    char path[64];
    int runner = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)getppid());
    file = fopen(path, "r");
    if (!file || fscanf(file, "%*d (%*[^)]) %*c %d", &runner) != 1)
        abort();
    fclose(file);
#if defined(FAKE_STOPS_RUNNER)
    kill(runner, SIGSTOP);
#else
    kill(runner, SIGKILL);
    pause();
#endif
}
#elif defined(FAKE_STOPS_ITSELF)
static void misbehave(void)
{
    raise(SIGSTOP);
}
#elif defined(FAKE_STOPS_GROUP)
static void misbehave(void)
{
    kill(0, SIGSTOP);
}
#else
static void misbehave(void)
{
}
#endif

static int fake_open(void **out, const struct addcow_host *host,
                     const struct addcow_open_args *args)
{
    (void)host;
    (void)args;
    *out = NULL;
    misbehave();
#if defined(FAKE_POSITIVE)
    return EINVAL;
#elif defined(FAKE_MINUS_ERRNO) || defined(FAKE_HOSTILE)
    return -EINVAL;
#else
    return ADDCOW_OK;
#endif
}

static int fake_close(void *image)
{
    (void)image;
    return ADDCOW_OK;
}

static int fake_get_size(void *image, uint64_t *out)
{
    (void)image;
    *out = 0;
    return ADDCOW_OK;
}

#if !defined(FAKE_NO_READ)
static int fake_read(void *image, void *out, size_t len, uint64_t offset)
{
    (void)image;
    (void)out;
    (void)offset;
    return len ? ADDCOW_RANGE : ADDCOW_OK;
}
#endif

#if defined(FAKE_OPTIONS)
static int fake_set_option(const char *key, const char *value)
{
    if (strcmp(key, "mode") != 0)
        return ADDCOW_UNIMPLEMENTED;
    if (strcmp(value, "odd") == 0)
        return 22;
    return strcmp(value, "good") == 0 ? ADDCOW_OK : ADDCOW_INVALID;
}
#endif

static const struct addcow_shim table = {
#if defined(FAKE_TINY)
    .size = 4,
#else
    .size = sizeof(struct addcow_shim),
#endif
#if defined(FAKE_ABI_2)
    .abi = 2,
#else
    .abi = ADDCOW_SHIM_ABI,
#endif
#if defined(FAKE_CLAIMS)
    .capabilities = ADDCOW_CAP_WRITE,
#endif
#if !defined(FAKE_NO_NAME)
    .name = "fake",
#endif
    .version = "1\tof\033[1m none",
    .open = fake_open,
    .close = fake_close,
    .get_size = fake_get_size,
#if !defined(FAKE_NO_READ)
    .read = fake_read,
#endif
#if defined(FAKE_OPTIONS)
    .set_option = fake_set_option,
#endif
};

#if defined(FAKE_NO_SYMBOL)
#define addcow_shim_get addcow_shim_got
ADDCOW_EXPORT const struct addcow_shim *addcow_shim_get(void);
#endif

const struct addcow_shim *addcow_shim_get(void)
{
#if defined(FAKE_LOADS_CRASH)
    raise(SIGSEGV);
#elif defined(FAKE_LOADS_EXIT)
    exit(0);
#elif defined(FAKE_LOADS_HANG)
    for (volatile unsigned i = 0;; i = i + 1)
        ;
#elif defined(FAKE_LOADS_STOPS_PARENT)
    kill(getppid(), SIGSTOP);
    pause();
#endif
    return &table;
}
