/* SPDX-License-Identifier: MIT
 *
 * summary.c - the end of the human report.
 *
 * The denominator is every case that was asked for.  What was not verified
 * is named clause by clause: a run without failure proves no more than what
 * it verified.
 */
#include "base/clauses.h"
#include "base/memory.h"
#include "report.h"
#include "run/select.h"
#include "run/status.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether clause I counts in this run: of its profile, or, where only some
 * cases were asked for, named by one of these. */
static bool counts(const struct run *run, const struct coverage *coverage,
                   size_t i)
{
    uint64_t features = run->options->profile == PROFILE_CLAIMED
                            ? run->shim.capabilities
                            : select_features(run->options->profile);

    if (run->filtered)
        return coverage[i].n_cases > 0;
    return clause_applies(&clause_table[i], features);
}

struct chapter {
    const char *id; /* of one of its clauses */
    size_t len;     /* of the chapter's name in ID */
    unsigned n_must, n_verified, n_should, n_should_verified;
};

static bool in_chapter(const struct chapter *chapter, const char *id)
{
    return strncmp(chapter->id, id, chapter->len) == 0 &&
           id[chapter->len] == '-';
}

static void count_chapter(struct chapter *out, const struct run *run,
                          const struct coverage *coverage, size_t first)
{
    memset(out, 0, sizeof(*out));
    out->id = clause_table[first].id;
    out->len = clause_chapter_len(out->id);
    for (size_t i = first; clause_table[i].id; i++) {
        unsigned verified;

        if (!in_chapter(out, clause_table[i].id) || !counts(run, coverage, i))
            continue;
        verified = coverage_verified(&coverage[i]) != 0;
        if (clause_table[i].level == LEVEL_MUST) {
            out->n_must++;
            out->n_verified += verified;
        } else if (clause_table[i].level == LEVEL_SHOULD) {
            out->n_should++;
            out->n_should_verified += verified;
        }
    }
}

static bool is_first_of_chapter(size_t i)
{
    struct chapter chapter = {.id = clause_table[i].id};

    chapter.len = clause_chapter_len(chapter.id);
    for (size_t k = 0; k < i; k++)
        if (in_chapter(&chapter, clause_table[k].id))
            return false;
    return true;
}

/* One line of the table of chapters. */
static void put_chapter(FILE *to, const struct chapter *c, const char *name,
                        size_t name_len)
{
    char must[32];

    snprintf(must, sizeof(must), "%u of %u", c->n_verified, c->n_must);
    fprintf(to, "%-4.*s   ", (int)name_len, name);
    if (c->n_should)
        fprintf(to, "%-12s%u of %u", must, c->n_should_verified, c->n_should);
    else
        fputs(must, to);
    fputc('\n', to);
}

static void put_chapters(FILE *to, const struct run *run,
                         const struct coverage *coverage)
{
    struct chapter all = {0};

    fputs("Clauses verified\n       MUST        SHOULD\n", to);
    for (size_t i = 0; clause_table[i].id; i++) {
        struct chapter c;

        if (!is_first_of_chapter(i))
            continue;
        count_chapter(&c, run, coverage, i);
        if (c.n_must + c.n_should == 0)
            continue;
        put_chapter(to, &c, c.id, c.len);
        all.n_must += c.n_must;
        all.n_verified += c.n_verified;
        all.n_should += c.n_should;
        all.n_should_verified += c.n_should_verified;
    }
    put_chapter(to, &all, "all", 3);
    fputc('\n', to);
}

static const char *why_not(const struct coverage *c)
{
    if (c->n_failed)
        return "failed";
    if (c->n_na)
        return "NA: not claimed, or no storage that shows it";
    return "no case ran";
}

/* The MUST clauses that were not verified for REASON, on one line or more. */
static void put_unverified(FILE *to, const struct run *run,
                           const struct coverage *coverage, const char *reason)
{
    int column = 0;

    for (size_t i = 0; clause_table[i].id; i++) {
        if (clause_table[i].level != LEVEL_MUST || !counts(run, coverage, i) ||
            coverage_verified(&coverage[i]) ||
            strcmp(why_not(&coverage[i]), reason) != 0)
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

void report_verdict(FILE *to, const struct run *run)
{
    const struct tally *t = &run->tally;

    if (run->interrupted)
        fprintf(to, "interrupted by signal %d", run->interrupted);
    else if (t->of[V_ERROR] && run->options->replay)
        fputs("it could not be judged", to);
    else if (t->of[V_ERROR])
        fprintf(to, "the suite itself failed in %zu of %zu cases",
                t->of[V_ERROR], t->n);
    else if (status_of_tally(t, run->options->strict) == STATUS_FAILED)
        fprintf(to, "%zu of %zu cases failed",
                t->must_failed + (run->options->strict ? t->should_failed : 0),
                t->n);
    else if (t->stale)
        fprintf(to, "%zu waivers are stale", t->stale);
    else if (t->of[V_PASS] == 0)
        fprintf(to, "nothing was verified: none of %zu cases passed", t->n);
    else
        fprintf(to, "%zu of %zu cases passed", t->of[V_PASS], t->n);
}

void report_summary(const struct report *report)
{
    static const char *const reasons[] = {
        "failed", "NA: not claimed, or no storage that shows it",
        "no case ran"};
    const struct run *run = report->run;
    struct coverage *coverage = coverage_new(run);
    /* One state that is asked for says nothing of any clause. */
    if (!run->options->quiet && !run->options->replay) {
        if (run->options->verbose)
            fputc('\n', report->to);
        put_chapters(report->to, run, coverage);
        for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
            put_unverified(report->to, run, coverage, reasons[i]);
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
