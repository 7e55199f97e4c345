/* SPDX-License-Identifier: MIT
 *
 * supervise.h - the first process of a run, which never runs code of a shim.
 */
#ifndef ADDCOW_SUPERVISE_H
#define ADDCOW_SUPERVISE_H

#include <signal.h>

/* Returns in a new process, the runner: its children are those that it makes,
 * and their orphans.  The first process remains: it passes the signals
 * of STOPS on, lets the runner go on when it is stopped, kills it when it
 * does not heed them, removes its directory, and ends as it ends.  If no
 * process can be made, it returns in the first. */
void supervise(const sigset_t *stops);

#endif
