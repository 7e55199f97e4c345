/* SPDX-License-Identifier: MIT
 *
 * work.h - the directory below which the cases of a run work.
 *
 * As long as a process of the run is alive, a lock is held on it, and a mark
 * in it says that there once was one.  A marked directory whose lock is free
 * has no owner: the next run removes it.
 */
#ifndef ADDCOW_WORK_H
#define ADDCOW_WORK_H

/* Called once before work_new(), where another process is to be able to call
 * work_abandoned(). */
void work_prepare(void);

/* An empty directory below TMPDIR, for work_end().  Null after one line on
 * stderr. */
char *work_new(void);

/* Removes DIR, which may be null, and everything below it. */
void work_end(char *dir);

/* Removes the directory of a runner that was killed, once the last process of
 * its run is gone; gives up after some seconds. */
void work_abandoned(void);

#endif
