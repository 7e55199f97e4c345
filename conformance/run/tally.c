/* SPDX-License-Identifier: MIT
 *
 * tally.c - counting verdicts.
 */
#include "run.h"

#include <string.h>

void tally_add(struct tally *tally, const struct result *r)
{
    enum verdict verdict = r->outcome.verdict;

    tally->of[verdict]++;
    tally->stale += r->stale;
    if (verdict_is_failure(verdict) && r->later)
        tally->later_failed++;
    else if (verdict_is_failure(verdict) && !r->stale) {
        tally->must_failed += r->must;
        tally->should_failed += r->should;
        tally->may_failed += !r->must && !r->should;
    }
    crash_report_add(&tally->crash, &r->outcome.crash);
    if (verdict == V_NA && strcmp(r->outcome.reason, "storage") == 0)
        tally->na_storage++;
    else if (verdict == V_NA && strcmp(r->outcome.reason, "crash") == 0)
        tally->na_crash++;
    else if (verdict == V_NA && strcmp(r->outcome.reason, NA_CHOICE) == 0)
        tally->na_choice++;
    else if (verdict == V_NA)
        tally->na_capability++;
}
