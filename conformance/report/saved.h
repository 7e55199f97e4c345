/* SPDX-License-Identifier: MIT
 *
 * saved.h - runs that were written as JSON, as if they had just been made.
 *
 * A report is read only by the version of the suite that wrote it: clauses
 * and cases are those of the tables.
 */
#ifndef ADDCOW_SAVED_H
#define ADDCOW_SAVED_H

#include "run/run.h"

struct saved {
    struct run run; /* its options are those below */
    struct options options;
    const char *file; /* of which it was read; the caller's */
    void *document;   /* owned; strings of the options are in it */
    bool joined;      /* its results are those of another one now */
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
