/* SPDX-License-Identifier: MIT
 *
 * report_command.c - the command "report": from JSON to all other reports.
 */
#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "report/outputs.h"
#include "report/report.h"
#include "report/saved.h"
#include "run/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int complain(const char *what)
{
    fprintf(stderr, "addcow-conform: report: %s\n", what);
    return STATUS_USAGE;
}

/* The runs that are left when shards are joined, in the order given. */
static size_t collect(const struct run **out, const struct saved *all,
                      size_t n)
{
    size_t n_runs = 0;

    for (size_t i = 0; i < n; i++)
        if (!all[i].joined)
            out[n_runs++] = &all[i].run;
    return n_runs;
}

static void put(void (*choose)(struct report *, const struct run *, FILE *),
                const struct run *run, FILE *to)
{
    struct report report = {.run = run};

    choose(&report, run, to);
    report.begin(&report);
    for (size_t i = 0; i < run->n_reported; i++)
        report.result(&report, &run->results[i]);
    report.end(&report);
}

/* The options of the run, shown as those of this command line ask. */
static void show(const struct options *o, const struct saved *s)
{
    struct options mixed = s->options;
    struct run run = s->run;

    mixed.verbose = o->verbose;
    mixed.quiet = o->quiet;
    run.options = &mixed;
    put(o->format == FORMAT_TAP ? report_tap : report_human, &run, stdout);
}

static bool is_for_one(const struct options *o)
{
    return o->tap || o->junit || o->json || o->statement || o->format;
}

/* *LOST says whether one of the files could not be written. */
static int write_all(bool *lost, const struct options *o,
                     const struct run *const *runs, size_t n)
{
    struct outputs files;

    *lost = false;
    if (outputs_check(o, runs[0]) || outputs_open(&files, o))
        return STATUS_USAGE;
    if (files.tap)
        put(report_tap, runs[0], files.tap);
    *lost = outputs_finish(&files, runs, n) != 0;
    return STATUS_GOOD;
}

/* A line for each, and the status of all. */
static int show_several(const struct run *const *runs, size_t n)
{
    int status = STATUS_GOOD;

    for (size_t i = 0; i < n; i++) {
        text_put(stdout, runs[i]->options->shim);
        fputs(": ", stdout);
        report_verdict(stdout, runs[i]);
        fputc('\n', stdout);
        status = status_first(status, status_of_run(runs[i]));
    }
    return status;
}

/* A page of several compares failures, which are then no failure of it. */
static int status_of_page(int status)
{
    return status == STATUS_ERROR || status == STATUS_USAGE ? status
                                                            : STATUS_GOOD;
}

static int report(const struct options *o, struct saved *all, size_t n)
{
    const struct run **runs = mem_new(n + 1, sizeof(*runs));
    size_t n_runs = collect(runs, all, n);
    bool lost = false;
    int result;

    if (n_runs > 1 && is_for_one(o))
        result = complain("several implementations go into --html only");
    else
        result = write_all(&lost, o, runs, n_runs);
    if (result == 0 && n_runs == 1) {
        show(o, &all[0]);
        result = status_of_run(runs[0]);
    } else if (result == 0) {
        result = show_several(runs, n_runs);
        result = o->html ? status_of_page(result) : result;
    }
    free(runs);
    return lost ? status_with_loss(result) : result;
}

int command_report(const struct options *o, char **argv)
{
    size_t n = o->patterns.n, n_read = 0;
    int result = 0;
    struct saved *all;

    (void)argv;
    if (n == 0)
        return complain("of what? name files that --json wrote");
    all = mem_new(n, sizeof(*all));
    while (result == 0 && n_read < n) {
        result = saved_read(&all[n_read], o->patterns.items[n_read]);
        all[n_read].options.tap_version = o->tap_version;
        n_read++;
    }
    if (result == 0)
        result = saved_join(all, n);
    if (result == 0)
        result = report(o, all, n);
    for (size_t i = 0; i < n_read; i++)
        saved_finish(&all[i]);
    free(all);
    return result;
}
