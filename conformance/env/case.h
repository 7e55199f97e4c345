/* SPDX-License-Identifier: MIT
 *
 * case.h - what a case is, and the one door between runner and cases.
 *
 * The runner knows cases only through this header: run/select.c lists them,
 * and run/negotiate.c, in a process of their own, calls case_run().  env.h
 * says what a case may do while it runs.
 */
#ifndef ADDCOW_CASE_H
#define ADDCOW_CASE_H

#include "data/figures.h"

#include <stdbool.h>
#include <stdint.h>

struct addcow_shim;
struct env;

/* What a run of a case came to.  NA is never counted as passed. */
enum verdict {
    V_NONE, /* the case has not ended: a crash, if the process has */
    V_PASS,
    V_FAIL,
    V_CRASH,
    V_HANG,
    V_UNIMPL, /* claimed or required, but answered unimplemented */
    V_NA,     /* with a reason, one of those below or in words */
    V_XFAIL,
    V_XPASS,
    V_ERROR /* the suite's own fault */
};

/* Reasons of NA: a capability is not claimed; the choice that was declared
 * lets it be; the storage cannot show it.  SPACE is not a verdict: the disk
 * that the suite works on is full, and the run cannot go on. */
#define NA_CAPABILITY "capability"
#define NA_CHOICE "choice"
#define NA_STORAGE "storage"
#define NA_SPACE "space"

/* How many power cuts are tried, each level with those before it. */
enum crash_level {
    CRASH_LEVEL_NONE,
    CRASH_LEVEL_NAMED,
    CRASH_LEVEL_BOUNDED,
    CRASH_LEVEL_FULL
};

/* In NEEDS, beside the capabilities: the case belongs to this level. */
#define CASE_CRASH(level) ((uint64_t)(level) << 60)
#define CASE_LEVEL(needs) ((unsigned)((needs) >> 60 & 3))
#define CASE_CAPS(needs) ((needs) & ~(CASE_CRASH(3) | CASE_BOTH))

/* Also in NEEDS: what the case shows.  Without a flag: something works, and
 * every call succeeds.  REFUSES: something is refused or fails, or a check
 * finds an error.  BOTH: what works beside it is as much the point, as with
 * the last sector of a disk and the one past it.  tests/test_refuses.c
 * compares this with what the reference does. */
#define CASE_REFUSES (UINT64_C(1) << 62)
#define CASE_BOTH (CASE_REFUSES | UINT64_C(1) << 63)
#define CASE_IS_POSITIVE(needs) (((needs)&CASE_BOTH) != CASE_REFUSES)
#define CASE_IS_NEGATIVE(needs) (((needs)&CASE_REFUSES) != 0)

/* A case.  Tables of them, one a chapter, end with {0}.  The members after RUN
 * are for it, where one function serves several cases; a row names those that
 * the function uses. */
struct conf_case {
    const char *id;      /* "hdr/version-2": chapter / what is observed */
    const char *title;   /* a sentence in the spec's words, without its stop */
    const char *clauses; /* one to three IDs, blanks between; the first is
                            the one that a crash or a hang is charged to */
    uint64_t needs;      /* ADDCOW_CAP_*: without all of them, NA; and
                            CASE_CRASH(), CASE_REFUSES,
                            CASE_BOTH */
    void (*run)(struct env *env, const struct conf_case *self);
    uint64_t arg;
    const char *text;
    uint64_t offset; /* of a range, of the guest or of a file */
    size_t len;
    const void *data; /* what the chapter describes in a struct of its own */
};

/* How a case came out, in memory that parent and child share: it survives
 * whatever the implementation does to the child. */
struct outcome {
    enum verdict verdict;
    char clause[16];    /* the clause whose check failed */
    char sign[48];      /* of a failure, the rest of its signature: see
                           checks.h */
    char reason[64];    /* of NA */
    char doing[256];    /* the call that was under way, in words */
    char expected[512]; /* of FAIL, in words */
    char got[1024];     /* of FAIL, or what is wrong for ERROR */
    char evidence[512]; /* directory with images and recording, or "" */
    uint64_t
        n_checks; /* that were made: a case without checks has not passed */
    uint64_t n_refused; /* calls of the shim that were not a success, and
                           checks that found errors */
    uint64_t resume;    /* after a crash the case may go on with this step of
                           it; 0: it may not */
    char witness[832];  /* of FAIL, where one state of the storage shows it */
    struct crash_report crash; /* of a case that cuts the power */
};

struct case_options {
    uint64_t seed;            /* every random choice comes from it */
    const char *evidence_dir; /* an existing directory for files that show a
                                 failure; null: write no files */
    bool keep_always;         /* write them even for a case that passes */
    uint64_t resume;     /* where to go on after a crash; 0: at the start */
    const char *witness; /* look at this state alone; null: at all */
};

/* Runs C against SHIM and fills OUT.  SHIM is a zero-extended copy of the
 * table that the shared object gave.  The working directory is private and
 * empty.  Returns even if the case fails; what the shim left open then ends
 * with the process. */
void case_run(struct outcome *out, const struct conf_case *c,
              const struct addcow_shim *shim, const struct case_options *o);

/* The chapters' tables in the order of the spec, ended by null. */
extern const struct conf_case *const all_cases[];

#endif
