/* SPDX-License-Identifier: MIT
 *
 * negotiate.c - asks a shim, in a child process, what it is and what it
 * claims; loads it again there for each case.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/memory.h"
#include "base/text.h"
#include "env/checks.h"
#include "run.h"
#include "status.h"
#include "work.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Between the child that loads the shim and the runner. */
struct meeting {
    const struct run *run;
    bool done; /* the child got to the end */
    bool accepted;
    struct complaint why;
    struct shim_info info;
    const struct isolate_result *end; /* the runner's */
};

static void meet(void *arg)
{
    struct meeting *m = arg;
    const struct strings *options = &m->run->options->shim_options;
    struct addcow_shim shim;

    m->accepted = load_shim(&shim, &m->why, m->run->shim_path) == 0 &&
                  load_set_options(&shim, &m->why, options) == 0;
    if (m->accepted)
        load_describe(&m->info, &shim);
    m->done = true;
}

static int refuse(const struct run *run, const char *what)
{
    fprintf(stderr, "addcow-conform: %s: ", run->options->shim);
    text_put(stderr, what);
    fputc('\n', stderr);
    return STATUS_USAGE;
}

/* It breaks the contract: says in which way, WHAT, and where to read. */
static int refuse_shim(const struct run *run, const char *what)
{
    fprintf(stderr, "addcow-conform: %s: ", run->options->shim);
    text_put(stderr, what);
    fputs("; see addcow_shim.h\n", stderr);
    return STATUS_USAGE;
}

/* What a shim that was built with a sanitizer makes the loader say. */
static const struct sanitizer {
    const char *name;
    const char *option; /* of the compiler, and of cmake */
    const char *library;
    const char *words[4];
} sanitizers[] = {
    {"AddressSanitizer",
     "address",
     "libasan.so",
     {"ASan runtime does not come first", "__asan_", "libasan",
      "libclang_rt.asan"}},
    {"ThreadSanitizer",
     "thread",
     "libtsan.so",
     {"__tsan_", "libtsan", "libclang_rt.tsan"}},
    {"UndefinedBehaviorSanitizer",
     "undefined",
     "libubsan.so",
     {"__ubsan_", "libclang_rt.ubsan"}},
    {"MemorySanitizer", "memory", NULL, {"__msan_", "libclang_rt.msan"}},
};

/* The sanitizer that TEXT, LEN bytes, misses; or null. */
static const struct sanitizer *missed_in(const char *text, size_t len)
{
    char *copy = mem_format("%.*s", (int)len, text);
    const struct sanitizer *found = NULL;

    for (size_t i = 0; i < sizeof(sanitizers) / sizeof(*sanitizers); i++)
        for (size_t k = 0; k < 4 && sanitizers[i].words[k]; k++)
            if (!found && strstr(copy, sanitizers[i].words[k]))
                found = &sanitizers[i];
    free(copy);
    return found;
}

static int refuse_sanitized(const struct run *run, const struct sanitizer *s)
{
    char text[400];

    if (s->library)
        snprintf(text, sizeof(text),
                 "it was built with %s, which this runner lacks; run the "
                 "suite with LD_PRELOAD=\"$(gcc -print-file-name=%s)\" (of "
                 "the compiler that built it), or build it with "
                 "-DADDCOW_SANITIZE=%s",
                 s->name, s->library, s->option);
    else
        snprintf(text, sizeof(text),
                 "it was built with %s, which this runner lacks; build the "
                 "suite with the same compiler and -DADDCOW_SANITIZE=%s",
                 s->name, s->option);
    return refuse(run, text);
}

static int refuse_end(const struct run *run, const struct meeting *m)
{
    static const struct conf_case nobody = {.clauses = ""};
    struct outcome o = {0};
    char text[sizeof(o.got) + 64];
    const char *link = "";

    verdict_judge(&o, &nobody, m->end);
    if (m->end->end == ISOLATE_EXITED)
        link = "it ";
    else if (m->end->end == ISOLATE_KILLED)
        link = "the process was ";
    snprintf(text, sizeof(text), "while it was loaded, %s%s", link, o.got);
    if (m->end->end == ISOLATE_OVERDUE)
        snprintf(text, sizeof(text), "loading it does not come to an end: %s",
                 o.got);
    return refuse_shim(run, text);
}

static int conclude(struct run *run, const struct meeting *m)
{
    bool well = m->end->end == ISOLATE_EXITED && m->end->status == 0;
    const struct sanitizer *missed;

    if (m->done && m->accepted && well) {
        run->shim = m->info;
        return 0;
    }
    missed = missed_in(m->why.text, strlen(m->why.text));
    if (!missed)
        missed = missed_in(m->end->printed, m->end->printed_len);
    if (missed)
        return refuse_sanitized(run, missed);
    if (m->done && !m->accepted)
        return refuse_shim(run, m->why.text);
    return refuse_end(run, m);
}

static int find_shim(struct run *run)
{
    const char *name = run->options->shim;

    if (!name) {
        fputs("addcow-conform: which implementation? say --shim FILE\n",
              stderr);
        return STATUS_USAGE;
    }
    run->shim_path = realpath(name, NULL);
    return run->shim_path ? 0 : refuse(run, strerror(errno));
}

/* False if somebody stopped the runner meanwhile. */
static bool wait_for(struct run *run, struct meeting *m, struct isolate *i)
{
    while (!(m->end = isolate_result(i))) {
        int number = isolate_wait();

        if (number) {
            run->interrupted = number;
            isolate_stop(i);
        }
    }
    if (run->interrupted)
        fprintf(stderr, "addcow-conform: interrupted by signal %d\n",
                run->interrupted);
    return run->interrupted == 0;
}

int negotiate(struct run *run)
{
    struct isolate_job job = {.body = meet,
                              .cpu_ms = run->options->timeout_ms};
    struct isolate *i;
    struct meeting *m;
    char *dir;
    int result = STATUS_USAGE;

    if (find_shim(run))
        return STATUS_USAGE;
    dir = work_new();
    if (!dir)
        return STATUS_USAGE;
    m = mem_shared(sizeof(*m));
    m->run = run;
    job.arg = m;
    i = isolate_open(&job);
    if (isolate_start(i, dir))
        perror("addcow-conform: cannot start a process");
    else if (wait_for(run, m, i))
        result = conclude(run, m);
    isolate_close(i);
    munmap(m, sizeof(*m));
    work_end(dir);
    return result;
}

/* A shim that the runner met and that behaves otherwise in the case's own
 * process breaks the contract: its table stays unchanged. */
static void note_refusal(struct outcome *out, const struct complaint *why)
{
    out->verdict = V_FAIL;
    check_sign(out, CHECK_LOADS, "refused");
    snprintf(out->expected, sizeof(out->expected),
             "the shim loads as it did before");
    snprintf(out->got, sizeof(out->got), "%s", why->text);
}

static void note_directory(struct outcome *out, const struct stat *before)
{
    struct stat now;
    bool moved = stat(".", &now) || now.st_dev != before->st_dev ||
                 now.st_ino != before->st_ino;

    if (!moved || out->verdict != V_PASS)
        return;
    out->verdict = V_FAIL;
    check_sign(out, CHECK_DIRECTORY, "changed");
    snprintf(out->expected, sizeof(out->expected),
             "the shim does not change the working directory");
    snprintf(out->got, sizeof(out->got), "it did");
}

/* What follows the id of the case; checked before. */
static const char *witness_of(const struct options *o)
{
    const char *hash = o->replay ? strchr(o->replay, '#') : NULL;

    return hash ? hash + 1 : NULL;
}

void case_call(struct outcome *out, const struct run *run,
               const struct result *r, const char *evidence_dir)
{
    struct addcow_shim shim;
    struct complaint why = {{0}};
    struct stat before = {0};
    struct case_options options = {
        .seed = r->seed,
        .evidence_dir = evidence_dir,
        .keep_always = run->options->keep == KEEP_ALWAYS,
        .resume = r->outcome.resume,
        .witness = witness_of(run->options),
    };

    snprintf(out->doing, sizeof(out->doing), "load the shim");
    stat(".", &before);
    if (load_shim(&shim, &why, run->shim_path) ||
        load_set_options(&shim, &why, &run->options->shim_options)) {
        note_refusal(out, &why);
        return;
    }
    out->doing[0] = '\0';
    case_run(out, r->c, &shim, &options);
    note_directory(out, &before);
}
