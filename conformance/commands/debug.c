/* SPDX-License-Identifier: MIT
 *
 * debug.c - one case without isolation, for debuggers.
 *
 * Deliberately missing: deadline, captured output, memory limit.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/memory.h"
#include "commands.h"
#include "report/report.h"
#include "run/plan.h"
#include "run/status.h"
#include "run/work.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int show(struct run *run, struct result *r)
{
    struct report report;
    struct options verbose = *run->options;

    verbose.verbose = true;
    verbose.quiet = false;
    run->options = &verbose;
    run->n_reported = 1;
    tally_add(&run->tally, r);
    report_human(&report, run, stdout);
    report.result(&report, r);
    return status_of_tally(&run->tally, verbose.strict);
}

/* As elsewhere, the case runs in a working directory of its own. */
static int call(struct run *run, struct result *r)
{
    char *evidence = NULL;
    char *dir = work_new();
    char *before = realpath(".", NULL);
    bool ended = false;

    if (dir && before && evidence_begin(&evidence, run, r) == 0 &&
        chdir(dir) == 0) {
        case_call(&r->outcome, run, r, evidence);
        if (chdir(before) == 0) {
            evidence_end(r, run);
            ended = true;
        }
    }
    work_end(dir);
    free(before);
    free(evidence);
    return ended ? show(run, r) : STATUS_USAGE;
}

int debug_in_process(const struct options *o,
                     const struct selection *selection)
{
    struct run run = {.options = o};
    struct addcow_shim shim;
    struct complaint why = {{0}};
    int result;

    run.shim_path = o->shim ? realpath(o->shim, NULL) : NULL;
    if (!run.shim_path) {
        fprintf(stderr, "addcow-conform: --shim: %s\n",
                o->shim ? strerror(errno) : "needed");
        return STATUS_USAGE;
    }
    if (load_shim(&shim, &why, run.shim_path)) {
        fprintf(stderr, "addcow-conform: %s: %s\n", o->shim, why.text);
        free(run.shim_path);
        return STATUS_USAGE;
    }
    load_describe(&run.shim, &shim);
    plan_make(&run, selection);
    result = run.results[0].done ? show(&run, &run.results[0])
                                 : call(&run, &run.results[0]);
    run_finish(&run);
    return result;
}

static bool is_tool(const char *arg)
{
    return strcmp(arg, "--gdb") == 0 || strcmp(arg, "--valgrind") == 0;
}

int debug_exec(const struct options *o, char **argv)
{
    static char gdb[] = "gdb", args[] = "--args", valgrind[] = "valgrind",
                quiet[] = "-q", status[] = "--error-exitcode=1",
                self[] = "/proc/self/exe", in_process[] = "--in-process";
    size_t argc = 0, n = 0;
    char **out;
    char *path;

    while (argv[argc])
        argc++;
    out = mem_new(argc + 6, sizeof(*out));
    path = realpath(self, NULL);
    if (o->gdb) {
        out[n++] = gdb;
        out[n++] = args;
    } else {
        out[n++] = valgrind;
        out[n++] = quiet;
        out[n++] = status;
    }
    out[n++] = path ? path : argv[0];
    for (size_t i = 1; i < argc; i++)
        out[n++] = is_tool(argv[i]) ? in_process : argv[i];
    execvp(out[0], out);
    fprintf(stderr, "addcow-conform: cannot run %s: %s\n", out[0],
            strerror(errno));
    free(path);
    free(out);
    return STATUS_USAGE;
}
