/* SPDX-License-Identifier: MIT
 *
 * tally.c - counting verdicts; which clauses are verified.
 */
#include "base/clauses.h"
#include "base/memory.h"
#include "run.h"

#include <stdbool.h>
#include <string.h>

void tally_add(struct tally *tally, const struct result *r)
{
    enum verdict verdict = r->outcome.verdict;

    tally->of[verdict]++;
    tally->stale += r->stale != 0;
    if (verdict_is_failure(verdict) && r->later)
        tally->later_failed++;
    else if (verdict_is_failure(verdict) && !r->stale) {
        tally->must_failed += r->must != 0;
        tally->should_failed += r->should != 0;
        tally->may_failed += !r->must && !r->should;
    }
    crash_report_add(&tally->crash, &r->outcome.crash);
    if (verdict == V_NA && strcmp(r->outcome.reason, "storage") == 0)
        tally->na_storage++;
    else if (verdict == V_NA && strcmp(r->outcome.reason, "crash") == 0)
        tally->na_crash++;
    else if (verdict == V_NA)
        tally->na_capability++;
}

static void cover(struct coverage *c, enum verdict verdict)
{
    c->n_cases++;
    c->n_passed += verdict == V_PASS;
    c->n_failed += verdict_is_failure(verdict) || verdict == V_ERROR ||
                   verdict == V_XFAIL;
    c->n_na += verdict == V_NA;
}

struct coverage *coverage_new(const struct run *run)
{
    size_t n = 0;
    struct coverage *out;

    while (clause_table[n].id)
        n++;
    out = mem_new(n, sizeof(*out));
    for (size_t i = 0; i < run->n_reported; i++) {
        const struct result *r = &run->results[i];
        size_t len;
        const char *id;

        for (size_t k = 0;
             (id = clause_in_list(&len, r->c->clauses, k)) != NULL; k++)
            cover(&out[clause_find_len(id, len) - clause_table],
                  r->outcome.verdict);
    }
    return out;
}

bool coverage_verified(const struct coverage *c)
{
    return c->n_passed > 0 && c->n_failed == 0;
}

const char *coverage_status(const struct coverage *c)
{
    if (c->n_failed)
        return "failed";
    if (c->n_passed)
        return "verified";
    return c->n_na ? "na" : "untested";
}
