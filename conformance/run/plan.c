/* SPDX-License-Identifier: MIT
 *
 * plan.c - from the selected cases to the results that a run is to have.
 *
 * What a shim does not claim is known before any case runs: such a case gets
 * its verdict here.
 */
#include "plan.h"
#include "addcow_shim.h"
#include "base/memory.h"
#include "env/checks.h"
#include "requirements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lack_required(struct outcome *o, uint64_t missing, int profile)
{
    o->verdict = V_UNIMPL;
    check_sign(o, CHECK_CLAIM, load_capability_name(missing));
    snprintf(o->expected, sizeof(o->expected), "%s, which profile %s requires",
             load_capability_name(missing), profile_names[profile]);
    snprintf(o->got, sizeof(o->got), "the shim does not claim it");
}

/* HOST alone is a matter of the storage: a mount would do as well. */
static void lack_optional(struct outcome *o, uint64_t missing)
{
    o->verdict = V_NA;
    snprintf(o->reason, sizeof(o->reason), "%s",
             missing == ADDCOW_CAP_HOST ? "storage" : "capability");
    snprintf(o->got, sizeof(o->got), "the shim does not claim %s",
             load_capability_name(missing & ~ADDCOW_CAP_HOST
                                      ? missing & ~ADDCOW_CAP_HOST
                                      : missing));
}

void plan_judge(struct result *r, uint64_t claimed, int profile)
{
    uint64_t missing = CASE_CAPS(r->c->needs) & ~claimed;
    uint64_t required =
        profile == PROFILE_CLAIMED ? 0 : select_features(profile);

    if (!missing)
        return;
    if (missing & required)
        lack_required(&r->outcome, missing & required, profile);
    else
        lack_optional(&r->outcome, missing);
    r->done = true;
}

/* --crash none */
static void leave_out(struct result *r)
{
    memset(&r->outcome, 0, sizeof(r->outcome));
    r->outcome.verdict = V_NA;
    snprintf(r->outcome.reason, sizeof(r->outcome.reason), "crash");
    snprintf(r->outcome.got, sizeof(r->outcome.got),
             "no power is cut: --crash none");
    r->done = true;
}

static void fill(struct result *r, const struct run *run,
                 const struct conf_case *c, uint64_t repetition)
{
    enum level rank = select_rank(select_clause(c));

    r->c = select_find(&r->place, c->id);
    r->repetition = repetition;
    r->seed = run->options->seed + repetition;
    r->must = rank == LEVEL_MUST;
    r->should = rank == LEVEL_SHOULD;
    r->later = !requirements_name(c->id);
    plan_judge(r, run->shim.capabilities, run->options->profile);
    if (run->options->crash == CRASH_NONE && CASE_LEVEL(r->c->needs))
        leave_out(r);
}

void run_finish(struct run *run)
{
    for (size_t i = 0; i < run->n_results; i++) {
        free(run->results[i].printed);
        free(run->results[i].waiver);
    }
    free(run->results);
    free(run->shim_path);
    free(run->identity);
}

void plan_make(struct run *run, const struct selection *selection)
{
    const struct options *o = run->options;
    size_t n = 0;
    size_t first = o->shard ? o->shard - 1 : 0;
    size_t step = o->shard ? o->n_shards : 1;

    run->filtered = select_is_filtered(o) || o->replay;
    run->results = mem_new(selection->n * o->repeat, sizeof(*run->results));
    for (size_t i = first; i < selection->n; i += step)
        for (uint64_t k = 0; k < o->repeat; k++)
            fill(&run->results[n++], run, selection->cases[i], k);
    run->tally.n = run->n_results = n;
    run->n_whole = select_whole(o) * o->repeat;
}
