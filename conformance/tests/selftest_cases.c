/* SPDX-License-Identifier: MIT
 *
 * selftest_cases.c - cases that come out as the tests of the runner want,
 * and a case_run() that has no storage.
 */
#include "addcow_shim.h"
#include "env/case.h"
#include "env/checks.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What case_run() sets up; the runner never sees inside. */
struct env {
    struct outcome *out;
    const struct addcow_shim *shim;
    const struct case_options *options;
};

static void put_evidence(struct env *env)
{
    char name[1024];
    FILE *file;

    if (!env->options->evidence_dir)
        return;
    snprintf(name, sizeof(name), "%s/recording.txt",
             env->options->evidence_dir);
    file = fopen(name, "w");
    if (file) {
        fputs("nothing was recorded\n", file);
        fclose(file);
    }
}

static void run_pass(struct env *env, const struct conf_case *self)
{
    (void)self;
    if (env->options->keep_always)
        put_evidence(env);
    env->out->verdict = V_PASS;
}

static void run_fail(struct env *env, const struct conf_case *self)
{
    struct outcome *o = env->out;

    (void)self;
    snprintf(o->clause, sizeof(o->clause), "ONE-2");
    snprintf(o->doing, sizeof(o->doing), "read 512 bytes at 65536");
    snprintf(o->expected, sizeof(o->expected), "backing content");
    snprintf(o->got, sizeof(o->got), "zeros\nand a line more");
    check_sign(o, CHECK_BYTES, "zeros");
    printf("the implementation prints \033[1m this\n");
    put_evidence(env);
    o->verdict = V_FAIL;
}

static void run_error(struct env *env, const struct conf_case *self)
{
    (void)self;
    snprintf(env->out->got, sizeof(env->out->got), "the case is wrong");
    env->out->verdict = V_ERROR;
}

static void run_unimplemented(struct env *env, const struct conf_case *self)
{
    (void)self;
    snprintf(env->out->got, sizeof(env->out->got), "UNIMPLEMENTED");
    env->out->verdict = V_UNIMPL;
}

static void run_na(struct env *env, const struct conf_case *self)
{
    snprintf(env->out->reason, sizeof(env->out->reason), "%s", self->text);
    env->out->verdict = V_NA;
}

/* The shim's open() decides: 0 is right. */
static void run_open(struct env *env, const struct conf_case *self)
{
    struct outcome *o = env->out;
    struct addcow_open_args args = {.size = sizeof(args), .name = "x"};
    void *image = NULL;
    int result;

    (void)self;
    snprintf(o->doing, sizeof(o->doing), "open \"x\"");
    result = env->shim->open(&image, NULL, &args);
    snprintf(o->expected, sizeof(o->expected), "0");
    snprintf(o->got, sizeof(o->got), "%d", result);
    o->verdict = result ? V_FAIL : V_PASS;
}

/* Fails for even seeds. */
static void run_seed(struct env *env, const struct conf_case *self)
{
    (void)self;
    check_sign(env->out, CHECK_NUMBER, "more");
    snprintf(env->out->got, sizeof(env->out->got), "seed %llu",
             (unsigned long long)env->options->seed);
    env->out->verdict = env->options->seed % 2 ? V_PASS : V_FAIL;
}

/* The working directory is its own and empty. */
static void run_directory(struct env *env, const struct conf_case *self)
{
    FILE *there;
    FILE *mine;

    (void)self;
    there = fopen("mark", "r");
    mine = fopen("mark", "w");
    if (there)
        fclose(there);
    if (mine)
        fclose(mine);
    env->out->verdict = !there && mine ? V_PASS : V_FAIL;
}

/* ---- What is left of the cases before ----------------------------------- */

/* The parent of process NAME, a number; 0 if it is not known. */
static int parent_of(const char *name)
{
    char path[300];
    int parent = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%s/stat", name);
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1)
        parent = 0;
    fclose(file);
    return parent;
}

/* A line for each process that PID, called WHO, is the parent of. */
static void put_children(FILE *to, const char *who, int pid)
{
    DIR *dir = opendir("/proc");

    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        if (isdigit((unsigned char)e->d_name[0]) &&
            parent_of(e->d_name) == pid)
            fprintf(to, "%s has a child\n", who);
    if (dir)
        closedir(dir);
}

/* A line for each descriptor. */
static void put_descriptors(FILE *to, const char *who, int pid)
{
    char path[64];
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        if (isdigit((unsigned char)e->d_name[0]))
            fprintf(to, "%s has open %s\n", who, e->d_name);
    if (dir)
        closedir(dir);
}

/* Writes into the file that SELFTEST_LEFT names which descriptors and
 * children the runner, the keeper and the case have. */
static void run_left(struct env *env, const struct conf_case *self)
{
    struct {
        const char *who;
        int pid;
    } rows[] = {{"the runner", 0},
                {"the keeper", (int)getppid()},
                {"the case", (int)getpid()}};
    char keeper[16];
    const char *name = getenv("SELFTEST_LEFT");
    FILE *to = name ? fopen(name, "w") : NULL;

    (void)self;
    env->out->verdict = !name || to ? V_PASS : V_ERROR;
    if (!to)
        return;
    snprintf(keeper, sizeof(keeper), "%d", (int)getppid());
    rows[0].pid = parent_of(keeper);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        put_descriptors(to, rows[i].who, rows[i].pid);
        put_children(to, rows[i].who, rows[i].pid);
    }
    fclose(to);
}

void case_run(struct outcome *out, const struct conf_case *c,
              const struct addcow_shim *shim, const struct case_options *o)
{
    struct env env = {out, shim, o};

    out->n_checks = 1;
    c->run(&env, c);
}

static const struct conf_case ok[] = {
    {.id = "ok/pass", .title = "passes", .clauses = "ONE-1", .run = run_pass},
    {.id = "ok/directory-1",
     .title = "finds an empty directory",
     .clauses = "ONE-1",
     .run = run_directory},
    {.id = "ok/directory-2",
     .title = "finds an empty directory",
     .clauses = "ONE-1 IMPL-1",
     .run = run_directory},
    {.id = "ok/write",
     .title = "needs WRITE",
     .clauses = "TWO-1",
     .needs = ADDCOW_CAP_WRITE,
     .run = run_pass},
    {.id = "ok/host",
     .title = "needs HOST",
     .clauses = "ONE-1",
     .needs = ADDCOW_CAP_HOST,
     .run = run_pass},
    {.id = "ok/choice",
     .title = "shows a choice",
     .clauses = "IMPL-1",
     .run = run_pass},
    {0},
};

static const struct conf_case bad[] = {
    {.id = "bad/fail",
     .title = "fails",
     .clauses = "ONE-1 ONE-2",
     .run = run_fail},
    {.id = "bad/should",
     .title = "fails what should be",
     .clauses = "ONE-3",
     .run = run_fail},
    {.id = "bad/may",
     .title = "fails what may be",
     .clauses = "TWO-2",
     .run = run_fail},
    {.id = "bad/error",
     .title = "is wrong itself",
     .clauses = "ONE-1",
     .run = run_error},
    {.id = "bad/unimplemented",
     .title = "is answered unimplemented",
     .clauses = "ONE-1",
     .run = run_unimplemented},
    {.id = "bad/seed",
     .title = "fails for even seeds",
     .clauses = "ONE-1",
     .run = run_seed},
    {0},
};

static const struct conf_case other[] = {
    {.id = "other/na-storage",
     .title = "has no storage",
     .clauses = "ONE-1",
     .run = run_na,
     .text = "storage"},
    {.id = "other/na-capability",
     .title = "has no capability",
     .clauses = "ONE-1",
     .run = run_na,
     .text = "capability"},
    {.id = "other/open",
     .title = "opens",
     .clauses = "ONE-1",
     .run = run_open},
    {.id = "other/open-again",
     .title = "opens again",
     .clauses = "ONE-2",
     .run = run_open},
    {.id = "other/what-is-left",
     .title = "finds nothing of the cases before",
     .clauses = "ONE-1",
     .run = run_left},
    {.id = "new/in-1-1",
     .title = "fails for even seeds, since 1.1",
     .clauses = "ONE-1",
     .run = run_seed},
    {0},
};

const struct conf_case *const all_cases[] = {ok, bad, other, NULL};
