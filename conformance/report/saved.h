/* SPDX-License-Identifier: MIT
 *
 * saved.h - runs that were written as JSON, as if they had just been made.
 *
 * Clauses and cases are those of the tables, so a report of a later version of
 * the suite is refused.  One of an earlier version may have cases that were
 * withdrawn since.
 */
#ifndef ADDCOW_SAVED_H
#define ADDCOW_SAVED_H

#include "run/run.h"

struct saved {
    struct run run; /* its options are those below */
    struct options options;
    const char *file;       /* of which it was read; the caller's */
    void *document;         /* owned; strings of the options are in it */
    bool joined;            /* its results are those of another one now */
    struct conf_case *gone; /* owned: of cases that were withdrawn */
    size_t n_gone;
};

/* Reads FILE.  Returns a status, GOOD or USAGE; saved_finish() is due in
 * either case. */
int saved_read(struct saved *out, const char *file);

void saved_finish(struct saved *s);

/* Puts shards that belong together, among the N of ALL, into the first of
 * them; the others are marked as joined.  Returns a status: USAGE if one is
 * missing or given twice. */
int saved_join(struct saved *all, size_t n);

#endif
