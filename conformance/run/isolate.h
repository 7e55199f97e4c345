/* SPDX-License-Identifier: MIT
 *
 * isolate.h - running a function where it can do no harm.
 *
 * For each job there are two processes.  The keeper, which serves one job
 * after the other, watches: it drains what the job prints, holds it to its
 * deadline, and when it has ended kills whatever it left.  The job runs in a
 * process group and a working directory of its own.  The keeper adopts
 * orphans, so that even a process which left the group is found.
 *
 * A job knows its keeper: getppid() names it.  If it kills or stops the
 * keeper, the runner sees that, and ends both and whatever they left.
 * One that finds the runner in /proc ends the run; the first process of all
 * (supervise.h) then cleans up.  Against a job that kills every process that
 * it may kill, as root all of the machine, nothing here is a defence.
 *
 * Linux-specific calls of the runner are in keeper.c, processes.c,
 * supervise.c and work.c.
 */
#ifndef ADDCOW_ISOLATE_H
#define ADDCOW_ISOLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISOLATE_PRINTED = 16384 }; /* bytes kept of what a job prints */
enum { ISOLATE_WALL_FACTOR = 6 }; /* from the deadline in processor time */

enum isolate_end {
    ISOLATE_LOST,      /* the keeper ended without a word */
    ISOLATE_DISTURBED, /* the keeper was killed or stopped, not by the runner
                        */
    ISOLATE_EXITED,
    ISOLATE_KILLED,
    ISOLATE_OVERDUE,
    ISOLATE_STOPPED,   /* by the runner */
    ISOLATE_IMPOSSIBLE /* no process or pipe could be made */
};

/* What a job took, in microseconds, with all processes that it started. */
struct isolate_times {
    uint64_t cpu;
    uint64_t wall;
};

/* How a job ended. */
struct isolate_result {
    enum isolate_end end;
    int status;      /* of EXITED; the signal of KILLED and DISTURBED; errno
                        of IMPOSSIBLE; of OVERDUE the signal by which the job
                        was stopped, or 0 */
    uint64_t cpu_ms; /* the job's deadline */
    unsigned n_left; /* processes that outlived the job */
    struct isolate_times times;
    bool more; /* it printed more than was kept */
    size_t printed_len;
    char printed[ISOLATE_PRINTED];
};

/* What all jobs of one keeper have in common. */
struct isolate_job {
    void (*body)(void *arg); /* runs in the child of a keeper that was forked
                                when it was first needed: what was written
                                since then, and results, go through memory
                                from mem_shared() */
    void *arg;
    uint64_t cpu_ms; /* deadline in processor time; wall time
                        ISOLATE_WALL_FACTOR times */
    uint64_t memory; /* limit of address space in bytes, 0: none */
};

struct isolate; /* a place for a keeper, and its job */

/* No keeper yet. */
struct isolate *isolate_open(const struct isolate_job *job);

/* Starts the job in directory DIR; no other may be running in this place.
 * -1 with errno if it could not be.  isolate_prepare() must have been called
 * before. */
int isolate_start(struct isolate *i, const char *dir);

/* How the job ended, or null: it runs.  Valid until the next one. */
const struct isolate_result *isolate_result(struct isolate *i);

/* Stops the job that runs, and ends the keeper. */
void isolate_stop(struct isolate *i);
void isolate_close(struct isolate *i);

/* Makes the signals of keepers, and those that end our life, wait until they
 * are asked for.  Returns in a process that is supervised (supervise.h). */
void isolate_prepare(void);

/* Waits for one, but not for long: 0 if a job may have ended, else the signal
 * by which somebody wants the runner to stop. */
int isolate_wait(void);

#endif
