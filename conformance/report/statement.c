/* SPDX-License-Identifier: MIT
 *
 * statement.c - the statement of conformance.
 *
 * It says what was verified, and as clearly what was not.  Clauses of chapter
 * 10 are verified by --crash bounded or full only.
 */
#include "base/clauses.h"
#include "base/text.h"
#include "report.h"
#include "run/coverage.h"
#include "run/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *report_no_statement(const struct run *run)
{
    const struct options *o = run->options;

    if (strcmp(run->suite, CONFORM_VERSION) != 0)
        return "the run was made by another version of the suite";
    if (run->filtered)
        return "the run was to judge some cases only";
    if (run->waived)
        return "the run had waivers";
    if (o->shard)
        return "the run is one of several shards; join them with report";
    if (o->fail_fast)
        return "the run was to stop at the first failure";
    if (o->level == LEAST_MUST)
        return "the run left out what should be";
    if (run->interrupted || run->n_reported < run->tally.n)
        return "the run was cut short";
    return NULL;
}

/* Why a clause is not verified; null: it is. */
static const char *const reasons[N_CLAUSE_STATES] = {
    [CLAUSE_FAILED] = "failed",
    [CLAUSE_NA] = "every case was NA: not claimed, not chosen, or no storage",
    [CLAUSE_UNTESTED] = "no case",
    [CLAUSE_EXAMPLES] = "power cuts: needs --crash bounded",
};

static void put_field(FILE *to, const char *what, const char *text)
{
    fprintf(to, "%-15s ", what);
    text_put_wrapped(to, *text ? text : "-", 16);
    fputc('\n', to);
}

static void put_head(FILE *to, const struct run *run)
{
    const struct options *o = run->options;

    fputs("STATEMENT OF CONFORMANCE\n\n", to);
    put_field(to, "implementation", run->shim.name);
    put_field(to, "version", run->shim.version);
    fputs("claims          ", to);
    report_capabilities(to, run->shim.capabilities, " ");
    fputc('\n', to);
    put_field(to, "choices", run->shim.choices);
    put_field(to, "suite", run->suite);
    put_field(to, "profile", profile_names[o->profile]);
    put_field(to, "power cuts", crash_names[o->crash]);
    if (run->tally.crash.n_workloads) {
        fputs("decided         ", to);
        report_crash(to, &run->tally.crash);
    }
    fprintf(to, "%-15s %" PRIu64 ", repeated %" PRIu64 "\n", "seed", o->seed,
            o->repeat);
}

static const char *result_of(const struct run *run,
                             const struct coverage *coverage)
{
    struct share must = coverage_share(coverage, LEVEL_MUST, NULL);

    switch (status_of_tally(&run->tally, run->options->strict)) {
    case STATUS_GOOD:
        break;
    case STATUS_FAILED:
        return "DOES NOT CONFORM";
    case STATUS_ERROR:
        return "UNKNOWN: the suite itself failed";
    default:
        return "UNKNOWN: nothing was verified";
    }
    return must.n == must.n_verified - must.n_examples
               ? "conforms: each MUST clause is verified"
               : "no failure; MUST clauses that are not verified stand below";
}

/* The clauses of LEVEL that are not verified, a line for each. */
static void put_unverified(FILE *to, const struct coverage *coverage,
                           enum level level)
{
    for (size_t i = 0; clause_table[i].id; i++) {
        const struct clause *c = &clause_table[i];
        const char *reason = reasons[coverage[i].state];

        if (c->level == level && coverage[i].counts && reason)
            fprintf(to, "not verified    %-8s %-7s %s\n", c->id,
                    clause_level_name(level), reason);
    }
}

void report_statement(FILE *to, const struct run *run)
{
    static const enum level levels[] = {LEVEL_MUST, LEVEL_SHOULD,
                                        LEVEL_CHOICE};
    struct coverage *coverage = coverage_new(run);

    put_head(to, run);
    put_field(to, "result", result_of(run, coverage));
    for (size_t i = 0; i < 3; i++) {
        struct share s = coverage_share(coverage, levels[i], NULL);

        fprintf(to, "%-6s clauses  %u of %u verified\n",
                clause_level_name(levels[i]), s.n_verified - s.n_examples,
                s.n);
    }
    fputs("cases          ", to);
    for (enum verdict v = V_PASS; v <= V_ERROR; v++)
        fprintf(to, " %s %zu", verdict_name(v), run->tally.of[v]);
    fputs("\n\n", to);
    for (size_t i = 0; i < 3; i++)
        put_unverified(to, coverage, levels[i]);
    free(coverage);
}
