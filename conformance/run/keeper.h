/* SPDX-License-Identifier: MIT
 *
 * keeper.h - the process that watches jobs, for isolate.c.
 */
#ifndef ADDCOW_KEEPER_H
#define ADDCOW_KEEPER_H

#include "isolate.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/types.h>

/* Between the runner and a keeper, in pages of its own. */
struct mailbox {
    struct isolate_result result;
    char dir[PATH_MAX];
    pid_t runner;
    atomic_uint n_asked; /* jobs, by the runner */
    atomic_uint n_done;  /* by the keeper */
};

/* What the keeper does, in a process that was forked for it: serves one job
 * after the other, until it gets SIGTERM.  When a job has ended, it sends
 * SIGUSR1 to the runner. */
_Noreturn void keeper_run(struct mailbox *box, const struct isolate_job *job);

#endif
