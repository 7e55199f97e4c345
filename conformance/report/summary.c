/* SPDX-License-Identifier: MIT
 *
 * summary.c - the end of the human report.
 *
 * The denominator is every case that was asked for.  What was not verified
 * is named clause by clause: a run without failure proves no more than what
 * it verified.
 */
#include "base/clauses.h"
#include "report.h"
#include "run/coverage.h"
#include "run/status.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_first_of_chapter(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (clause_same_chapter(clause_table[k].id, clause_table[i].id))
            return false;
    return true;
}

/* One line of the table: the chapter of clause ID, or all if that is null. */
static void put_chapter(FILE *to, const struct coverage *coverage,
                        const char *id)
{
    struct share must = coverage_share(coverage, LEVEL_MUST, id);
    struct share should = coverage_share(coverage, LEVEL_SHOULD, id);
    char text[32];

    if (id && must.n + should.n == 0)
        return;
    snprintf(text, sizeof(text), "%u of %u", must.n_verified, must.n);
    fprintf(to, "%-4.*s   ", id ? (int)clause_chapter_len(id) : 3,
            id ? id : "all");
    if (should.n)
        fprintf(to, "%-12s%u of %u", text, should.n_verified, should.n);
    else
        fputs(text, to);
    fputc('\n', to);
}

static void put_chapters(FILE *to, const struct coverage *coverage)
{
    fputs("Clauses verified\n       MUST        SHOULD\n", to);
    for (size_t i = 0; clause_table[i].id; i++)
        if (is_first_of_chapter(i))
            put_chapter(to, coverage, clause_table[i].id);
    put_chapter(to, coverage, NULL);
    fputc('\n', to);
}

/* The MUST clauses in STATE, for REASON, on one line or more. */
static void put_unverified(FILE *to, const struct coverage *coverage,
                           enum clause_state state, const char *reason)
{
    int column = 0;

    for (size_t i = 0; clause_table[i].id; i++) {
        if (clause_table[i].level != LEVEL_MUST || !coverage[i].counts ||
            coverage[i].state != state)
            continue;
        if (column == 0)
            fprintf(to, "MUST clauses not verified (%s):\n", reason);
        if (column + (int)strlen(clause_table[i].id) > 76) {
            fputc('\n', to);
            column = 0;
        }
        column += fprintf(to, " %s", clause_table[i].id);
    }
    if (column)
        fputs("\n\n", to);
}

static void put_na(FILE *to, const struct tally *t)
{
    fprintf(to, "NA     capability %zu, storage %zu", t->na_capability,
            t->na_storage);
    if (t->na_choice)
        fprintf(to, ", choice %zu", t->na_choice);
    if (t->na_crash)
        fprintf(to, ", crash %zu", t->na_crash);
    fputc('\n', to);
}

static void put_verdicts(const struct report *report)
{
    const struct tally *t = &report->run->tally;
    FILE *to = report->to;

    fprintf(to, "Verdicts of %zu cases\n", t->n);
    for (enum verdict v = V_PASS; v <= V_ERROR; v++) {
        if (t->of[v])
            report_color(report, v);
        fprintf(to, "%s%s %zu", v == V_PASS ? "" : "  ", verdict_name(v),
                t->of[v]);
        if (t->of[v])
            report_plain(report);
    }
    fputc('\n', to);
    if (t->of[V_NA])
        put_na(to, t);
    if (t->should_failed + t->may_failed)
        fprintf(to, "Of the failed cases %zu SHOULD, %zu MAY\n",
                t->should_failed, t->may_failed);
    if (t->later_failed)
        fprintf(to,
                "Of the failed cases %zu are later than the "
                "requirements\n",
                t->later_failed);
    if (t->stale)
        fprintf(to, "Stale waivers %zu\n", t->stale);
    if (report->run->n_reported < t->n)
        fprintf(to, "Not run %zu\n", t->n - report->run->n_reported);
    if (t->crash.n_workloads) {
        fputs("Power  ", to);
        report_crash(to, &t->crash);
    }
    fputc('\n', to);
}

/* Of what was run, whatever was not. */
static void put_result(FILE *to, const struct run *run, int status)
{
    const struct tally *t = &run->tally;

    if (t->of[V_ERROR] && run->options->replay)
        fputs("it could not be judged", to);
    else if (status == STATUS_ERROR)
        fprintf(to, "the suite itself failed in %zu of %zu cases",
                t->of[V_ERROR], t->n);
    else if (status == STATUS_FAILED)
        fprintf(to, "%zu of %zu cases failed",
                t->must_failed + (run->options->strict ? t->should_failed : 0),
                t->n);
    else if (status == STATUS_STALE)
        fprintf(to, "%zu waivers are stale", t->stale);
    else if (status == STATUS_NOTHING)
        fprintf(to, "nothing was verified: none of %zu cases passed", t->n);
    else if (status == STATUS_GOOD)
        fprintf(to, "%zu of %zu cases passed", t->of[V_PASS], t->n);
    else
        fputs("none", to);
}

void report_cut(FILE *to, const struct run *run)
{
    if (run->interrupted)
        fprintf(to, "interrupted by signal %d", run->interrupted);
    else
        fputs(run->stopped ? run->stopped : "stopped at the first failure",
              to);
    fprintf(to, ", %zu of %zu cases were not run",
            run->tally.n - run->n_reported, run->tally.n);
}

void report_verdict(FILE *to, const struct run *run)
{
    put_result(to, run, status_of_run(run));
    if (status_is_cut(run)) {
        fputs(": ", to);
        report_cut(to, run);
    }
    if (run->n_whole > run->tally.n && !run->options->replay)
        fprintf(to, "; %zu of %zu are not in this run",
                run->n_whole - run->tally.n, run->n_whole);
}

void report_summary(const struct report *report)
{
    const struct run *run = report->run;
    struct coverage *coverage = coverage_new(run);

    /* One state that is asked for says nothing of any clause. */
    if (!run->options->quiet && !run->options->replay) {
        if (run->options->verbose)
            fputc('\n', report->to);
        put_chapters(report->to, coverage);
        put_unverified(report->to, coverage, CLAUSE_FAILED, "failed");
        put_unverified(report->to, coverage, CLAUSE_NA,
                       "NA: not claimed, not chosen, or no storage that "
                       "shows it");
        put_unverified(report->to, coverage, CLAUSE_UNTESTED, "no case ran");
        put_verdicts(report);
    }
    if (run->options->replay)
        fputs("\nresult  of one state alone: ", report->to);
    else
        fputs("result  ", report->to);
    report_verdict(report->to, run);
    fputc('\n', report->to);
    free(coverage);
}
