/* SPDX-License-Identifier: MIT
 *
 * coverage.c - how well the clauses were tested by a run.
 */
#include "coverage.h"
#include "base/memory.h"
#include "select.h"

#include <string.h>

static void add(struct coverage *c, enum verdict verdict)
{
    c->n_cases++;
    c->n_passed += verdict == V_PASS;
    c->n_failed += verdict_is_bad(verdict) || verdict == V_XFAIL;
    c->n_na += verdict == V_NA;
}

static bool is_listed(const struct conf_case *c, const char *clause)
{
    size_t len;
    const char *id;

    for (size_t k = 0; (id = clause_in_list(&len, c->clauses, k)) != NULL; k++)
        if (strlen(clause) == len && strncmp(id, clause, len) == 0)
            return true;
    return false;
}

/* A clause that a case broke on the way to its own is not verified. */
static void add_charged(struct coverage *coverage, const struct result *r)
{
    const struct clause *charged = clause_find(r->outcome.clause);

    if (charged && !is_listed(r->c, r->outcome.clause) &&
        (verdict_is_bad(r->outcome.verdict) || r->outcome.verdict == V_XFAIL))
        add(&coverage[charged - clause_table], r->outcome.verdict);
}

static void add_all(struct coverage *coverage, const struct run *run)
{
    for (size_t i = 0; i < run->n_reported; i++) {
        const struct result *r = &run->results[i];
        size_t len;
        const char *id;

        for (size_t k = 0;
             (id = clause_in_list(&len, r->c->clauses, k)) != NULL; k++)
            add(&coverage[clause_find_len(id, len) - clause_table],
                r->outcome.verdict);
        add_charged(coverage, r);
    }
}

static bool counts(const struct run *run, const struct clause *clause,
                   const struct coverage *c)
{
    int profile = run->options->profile;

    if (run->filtered)
        return c->n_cases > 0;
    return clause_applies(clause, profile == PROFILE_CLAIMED
                                      ? run->shim.capabilities
                                      : select_features(profile));
}

/* What a power cut leaves is verified by all cuts of a set of workloads. */
static enum clause_state state_of(const struct run *run,
                                  const struct clause *clause,
                                  const struct coverage *c)
{
    if (c->n_failed)
        return CLAUSE_FAILED;
    if (c->n_passed == 0)
        return c->n_na ? CLAUSE_NA : CLAUSE_UNTESTED;
    return clause_same_chapter(clause->id, "DUR-") &&
                   run->options->crash < CRASH_BOUNDED
               ? CLAUSE_EXAMPLES
               : CLAUSE_VERIFIED;
}

struct coverage *coverage_new(const struct run *run)
{
    size_t n = 0;
    struct coverage *out;

    while (clause_table[n].id)
        n++;
    out = mem_new(n, sizeof(*out));
    add_all(out, run);
    for (size_t i = 0; i < n; i++) {
        out[i].counts = counts(run, &clause_table[i], &out[i]);
        out[i].state = state_of(run, &clause_table[i], &out[i]);
    }
    return out;
}

bool coverage_is_verified(const struct coverage *c)
{
    return c->state == CLAUSE_VERIFIED || c->state == CLAUSE_EXAMPLES;
}

struct share coverage_share(const struct coverage *coverage, enum level level,
                            const char *id)
{
    struct share s = {0};

    for (size_t i = 0; clause_table[i].id; i++) {
        const struct clause *c = &clause_table[i];

        if (c->level != level || !coverage[i].counts ||
            (id && !clause_same_chapter(c->id, id)))
            continue;
        s.n++;
        s.n_verified += coverage_is_verified(&coverage[i]);
        s.n_examples += coverage[i].state == CLAUSE_EXAMPLES;
    }
    return s;
}
