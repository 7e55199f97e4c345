/* SPDX-License-Identifier: MIT
 *
 * run_command.c - the command "run", from the selection to the exit status.
 */
#include "base/memory.h"
#include "commands.h"
#include "report/outputs.h"
#include "report/report.h"
#include "run/identity.h"
#include "run/plan.h"
#include "run/status.h"
#include "run/waivers.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reports {
    struct report of[2];
    size_t n;
    struct outputs files;
};

static bool wants_color(const struct options *o)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (o->color == COLOR_ALWAYS || o->color == COLOR_NEVER)
        return o->color == COLOR_ALWAYS;
    return !(no_color && *no_color) && isatty(STDOUT_FILENO) && term &&
           strcmp(term, "dumb") != 0;
}

static int open_reports(struct reports *out, const struct run *run)
{
    const struct options *o = run->options;

    memset(out, 0, sizeof(*out));
    if (o->format == FORMAT_TAP)
        report_tap(&out->of[out->n++], run, stdout);
    else
        report_human(&out->of[out->n++], run, stdout);
    out->of[0].color = o->format != FORMAT_TAP && wants_color(o);
    if (outputs_open(&out->files, o))
        return STATUS_USAGE;
    if (out->files.tap)
        report_tap(&out->of[out->n++], run, out->files.tap);
    return 0;
}

static void report_result(void *arg, struct result *r)
{
    struct reports *reports = arg;

    report_progress_clear();
    for (size_t i = 0; i < reports->n; i++)
        reports->of[i].result(&reports->of[i], r);
    report_progress(reports->of[0].run);
}

static int run_and_report(struct run *run)
{
    struct reports reports;
    int result = open_reports(&reports, run);

    if (result == 0 && evidence_check(run)) {
        outputs_drop(&reports.files);
        result = STATUS_USAGE;
    }
    if (result)
        return result;
    for (size_t i = 0; i < reports.n; i++)
        reports.of[i].begin(&reports.of[i]);
    schedule(run, report_result, &reports);
    report_progress_clear();
    for (size_t i = 0; i < reports.n; i++)
        reports.of[i].end(&reports.of[i]);
    evidence_conclude(run);
    last_failed_save(run);
    result = outputs_finish(&reports.files, &(const struct run *){run}, 1);
    return result ? status_with_loss(status_of_run(run)) : status_of_run(run);
}

/* A reader of our output that has gone, as "head" does, is an output that was
 * lost: the run goes on to its end and cleans up. */
static void ignore_lost_readers(void)
{
    signal(SIGPIPE, SIG_IGN);
}

static int run_isolated(const struct options *o,
                        const struct selection *selection,
                        const struct waiver *waivers)
{
    struct run run = {
        .options = o, .suite = CONFORM_VERSION, .waivers = waivers};
    int result;

    run.filtered = select_is_filtered(o) || o->replay;
    run.waived = waivers != NULL;
    if (outputs_check(o, &run)) /* what is known before any case has run */
        return STATUS_USAGE;
    ignore_lost_readers();
    isolate_prepare();
    result = negotiate(&run);
    if (result == 0) {
        plan_make(&run, selection);
        result = identity_make(&run, selection);
    }
    if (result == 0)
        result = run_and_report(&run);
    run_finish(&run);
    return result;
}

static int run_one(const struct options *o, const struct selection *selection,
                   char **argv)
{
    if (selection->n == 1)
        return o->gdb || o->valgrind ? debug_exec(o, argv)
                                     : debug_in_process(o, selection);
    fprintf(stderr,
            "addcow-conform: a debugger wants one case, %zu are selected\n",
            selection->n);
    return STATUS_USAGE;
}

static int run_with_waivers(const struct options *o,
                            const struct selection *selection)
{
    struct waiver *waivers = NULL;
    int result = o->waivers ? waivers_read(&waivers, o->waivers) : 0;

    if (result == 0)
        result = run_isolated(o, selection, waivers);
    waivers_free(waivers);
    return result;
}

/* A line on stderr says which case there is not. */
static bool is_of_case(const char *witness)
{
    char *id = mem_format("%.*s", (int)strcspn(witness, "#"), witness);
    size_t place;
    const struct conf_case *c = select_find(&place, id);

    if (!c)
        fprintf(stderr, "addcow-conform: --replay: there is no case '%s'\n",
                id);
    else if (!CASE_LEVEL(c->needs))
        fprintf(stderr,
                "addcow-conform: --replay: case '%s' cuts no power: it has "
                "no witness\n",
                id);
    free(id);
    return c && CASE_LEVEL(c->needs);
}

int command_run(const struct options *o, char **argv)
{
    struct selection selection;
    int result;

    if (o->replay && !strchr(o->replay, '#')) {
        fprintf(stderr, "addcow-conform: --replay: '%s' is no witness\n",
                o->replay);
        return STATUS_USAGE;
    }
    if (o->replay && !is_of_case(o->replay))
        return STATUS_USAGE;
    result = select_cases(&selection, o);
    if (result == 0 && (o->in_process || o->gdb || o->valgrind))
        result = run_one(o, &selection, argv);
    else if (result == 0)
        result = run_with_waivers(o, &selection);
    select_finish(&selection);
    return result;
}
