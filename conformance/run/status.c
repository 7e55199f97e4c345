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

/* An ERROR of a run that replays a witness: the witness is of no state, or of
 * another version. */
int status_of_run(const struct run *run)
{
    if (run->interrupted)
        return STATUS_SIGNAL + run->interrupted;
    if (run->options->replay && run->tally.of[V_ERROR])
        return STATUS_USAGE;
    return status_of_tally(&run->tally, run->options->strict);
}
