/* SPDX-License-Identifier: MIT
 *
 * status.h - the exit statuses of the runner, which README.md explains to
 * users.  Functions that return one return STATUS_GOOD, or another after one
 * line on standard error.
 */
#ifndef ADDCOW_STATUS_H
#define ADDCOW_STATUS_H

#include "run.h"

#include <stdbool.h>

enum status {
    STATUS_GOOD = 0,
    STATUS_FAILED = 1, /* a case failed that counts; a trace that differs */
    STATUS_USAGE = 2,  /* a command line, a file or a shim is of no use; a
                          run that was cut short, an output that was lost */
    STATUS_ERROR = 3,  /* the suite itself failed */
    STATUS_STALE = 4,  /* a waiver is stale */
    STATUS_NOTHING = 5 /* nothing was verified */
};

/* What the results in TALLY come to: of all reasons the first that applies.
 * STRICT: a SHOULD counts as a MUST does. */
int status_of_tally(const struct tally *tally, bool strict);

/* Whether RUN did not come to its end: it was interrupted, or stopped. */
bool status_is_cut(const struct run *run);

/* The status of a run that was made.  One that was cut short is not good:
 * what was not run is not known. */
int status_of_run(const struct run *run);

/* What becomes of STATUS when an output is lost: ERROR and FAILED stay. */
int status_with_loss(int status);

/* Of the statuses of two runs, the first that applies: ERROR, FAILED, USAGE,
 * STALE, NOTHING, GOOD. */
int status_first(int a, int b);

#endif
