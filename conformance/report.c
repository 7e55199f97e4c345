/* SPDX-License-Identifier: MIT
 *
 * report.c - what several reports have in common.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

void report_color(const struct report *report, enum verdict verdict)
{
    const char *code = "31;1"; /* red */
    if (verdict == V_PASS)
        code = "32"; /* green */
    else if (verdict == V_NA)
        code = "36"; /* cyan */
    else if (verdict == V_ERROR || verdict == V_UNIMPL)
        code = "35;1"; /* magenta */
    if (report->color)
        fprintf(report->to, "\033[%sm", code);
}

void report_plain(const struct report *report)
{
    if (report->color)
        fputs("\033[0m", report->to);
}

static void put_timeout(FILE *to, uint64_t ms)
{
    if (ms != 10000)
        fprintf(to, " --timeout %" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
}

void report_command(FILE *to, const struct run *run, const struct result *r)
{
    static const char *const profiles[] = {"", "reader", "writer", "full"};
    const struct options *o = run->options;
    text_put_quoted(to, o->program);
    fputs(" run --shim ", to);
    text_put_quoted(to, o->shim);
    for (size_t i = 0; i < o->shim_options.n; i++) {
        fputs(" --shim-opt ", to);
        text_put_quoted(to, o->shim_options.items[i]);
    }
    if (o->profile)
        fprintf(to, " --profile %s", profiles[o->profile]);
    if (!r->must && !r->should)
        fputs(" --level may", to);
    put_timeout(to, o->timeout_ms);
    fprintf(to, " --seed %" PRIu64 " %s", r->seed, r->c->id);
}

int report_is_lenient(const struct run *run, const struct result *r)
{
    if (r->must)
        return 0;
    return !(r->should && run->options->strict);
}

static int shown; /* columns of the progress line */

void report_progress_clear(void)
{
    if (shown)
        fprintf(stderr, "\r%*s\r", shown, "");
    shown = 0;
}

void report_progress(const struct run *run)
{
    if (!isatty(STDERR_FILENO))
        return;
    fflush(stdout);
    const struct tally *t = &run->tally;
    size_t failed = t->must_failed + t->should_failed + t->may_failed;
    report_progress_clear();
    shown = fprintf(stderr, "%zu of %zu cases, %zu failed", run->n_reported,
                    run->n_results, failed);
    fflush(stderr);
}
