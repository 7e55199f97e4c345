/* SPDX-License-Identifier: MIT
 *
 * status.c - which of the exit statuses a run has, once it has run.  What
 * keeps it from running ends with STATUS_USAGE where it is found.
 */
#include "status.h"

int status_of_tally(const struct tally *tally, bool strict)
{
    if (tally->of[V_ERROR])
        return STATUS_ERROR;
    if (tally->must_failed || (strict && tally->should_failed))
        return STATUS_FAILED;
    if (tally->stale)
        return STATUS_STALE;
    if (tally->of[V_PASS] == 0)
        return STATUS_NOTHING;
    return STATUS_GOOD;
}

bool status_is_cut(const struct run *run)
{
    return run->interrupted || run->n_reported < run->tally.n;
}

int status_with_loss(int status)
{
    return status == STATUS_ERROR || status == STATUS_FAILED ? status
                                                             : STATUS_USAGE;
}

/* An ERROR of a run that replays a witness: the witness is of no state, or of
 * another version. */
int status_of_run(const struct run *run)
{
    int result = status_of_tally(&run->tally, run->options->strict);

    if (run->options->replay && result == STATUS_ERROR)
        return STATUS_USAGE;
    return status_is_cut(run) ? status_with_loss(result) : result;
}

int status_first(int a, int b)
{
    static const int order[] = {STATUS_ERROR, STATUS_FAILED, STATUS_USAGE,
                                STATUS_STALE, STATUS_NOTHING};

    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return STATUS_GOOD;
}
