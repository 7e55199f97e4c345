/* SPDX-License-Identifier: MIT
 *
 * run.h - what a run of the suite is made of, for the parts of the runner.
 */
#ifndef ADDCOW_RUN_H
#define ADDCOW_RUN_H

#include "env/case.h"
#include "isolate.h"
#include "load.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { N_VERDICTS = V_ERROR + 1 };

/* One case, once. */
struct result {
    const struct conf_case *c;
    size_t place;        /* of it among all cases */
    uint64_t repetition; /* from 0 on */
    uint64_t seed;
    bool must;    /* of a clause that is a MUST, a choice or a DEF */
    bool should;  /* a SHOULD; neither: a MAY */
    bool later;   /* no requirement of the version: it does not count */
    bool stale;   /* a waiver that no longer holds names it */
    char *waiver; /* what the waiver says, in words, owned; or null */
    bool done;
    struct outcome outcome;
    bool timed;                 /* the times are known, and to be shown */
    struct isolate_times times; /* of all its processes */
    uint64_t evidence_len;      /* in bytes of data */
    unsigned n_left;            /* processes that it left */
    bool more;                  /* it printed more than was kept */
    char *printed;              /* what was kept, owned; null: nothing */
    size_t printed_len;
};

/* How many results of which kind. */
struct tally {
    size_t n; /* results that were wanted: the denominator */
    size_t of[N_VERDICTS];
    size_t must_failed; /* FAIL, CRASH, HANG, UNIMPL */
    size_t should_failed;
    size_t may_failed;
    size_t later_failed; /* counted in none of the three */
    size_t stale;        /* failures and passes that a waiver misjudges */
    size_t na_capability;
    size_t na_storage;
    size_t na_crash;
    size_t na_choice;
    struct crash_report crash; /* of all cases that cut the power */
};

/* Evidence of some cases. */
struct kept {
    size_t n;
    uint64_t len; /* in bytes of data */
};

struct waiver;

struct run {
    const struct options *options;
    const char *suite; /* its version */
    struct shim_info shim;
    char *shim_path;        /* absolute, owned */
    char *identity;         /* of identity.h, owned; null: not known */
    struct result *results; /* owned, in the order of the report */
    size_t n_results;
    size_t n_whole;    /* results of a run without filters */
    size_t n_reported; /* less than n_results: stopped early */
    struct tally tally;
    struct kept kept;             /* evidence */
    struct kept left_out;         /* evidence that would have been too much */
    int interrupted;              /* the signal that did it */
    const char *stopped;          /* why it was cut short otherwise, in words;
                                     or null */
    bool filtered;                /* it was to run some cases only */
    bool waived;                  /* with waivers */
    const struct waiver *waivers; /* in force; ended by one without id */
};

/* ---- verdict.c ---------------------------------------------------------- */

/* "PASS", "FAIL", ... */
const char *verdict_name(enum verdict verdict);

/* V_NONE if no verdict has this name. */
enum verdict verdict_of_name(const char *name);

/* FAIL, CRASH, HANG or UNIMPL: the implementation's fault. */
bool verdict_is_failure(enum verdict verdict);

/* One of these, or ERROR. */
bool verdict_is_bad(enum verdict verdict);

/* Turns how the process ended and what the case said before into the
 * verdict.  OUTCOME is what the case left; it is completed in place. */
void verdict_judge(struct outcome *outcome, const struct conf_case *c,
                   const struct isolate_result *end);

/* ---- tally.c ------------------------------------------------------------ */

/* Counts R. */
void tally_add(struct tally *tally, const struct result *r);

/* ---- plan.c (and plan.h) ------------------------------------------------ */

/* Frees what RUN and its results own. */
void run_finish(struct run *run);

/* ---- negotiate.c -------------------------------------------------------- */

/* Loads the shim in a child process and fills RUN's shim.  Returns a
 * status: USAGE if the shim is refused. */
int negotiate(struct run *run);

/* Runs one case in this process, which is the case's own. */
void case_call(struct outcome *out, const struct run *run,
               const struct result *r, const char *evidence_dir);

/* ---- schedule.c --------------------------------------------------------- */

/* Runs all results that are not done yet, each in isolation, and hands them
 * in order to REPORT.  Where it cannot go on RUN says why, and so does a line
 * on stderr. */
void schedule(struct run *run, void (*report)(void *arg, struct result *r),
              void *arg);

/* ---- evidence_dir.c ----------------------------------------------------- */

/* Whether evidence can be kept where it is to be.  -1 after one line on
 * stderr. */
int evidence_check(const struct run *run);

/* Makes the empty directory for what R may leave as evidence; *OUT is its
 * absolute name, to be freed, or null where nothing is to be kept.  -1 after
 * one line on stderr. */
int evidence_begin(char **out, const struct run *run, const struct result *r);

/* Removes the directory if nothing is in it, else names it in R's outcome. */
void evidence_end(struct result *r, const struct run *run);

/* Called for each result in the order of the report: removes R's evidence if
 * it does not fit beside that of the results before. */
void evidence_cap(struct run *run, struct result *r);

/* Removes evidence of results that are not reported, and says on stderr how
 * much there is, and where. */
void evidence_conclude(struct run *run);

/* Notes which cases failed, for --last-failed. */
void last_failed_save(const struct run *run);

#endif
