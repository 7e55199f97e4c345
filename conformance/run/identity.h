/* SPDX-License-Identifier: MIT
 *
 * identity.h - which run it is: whatever decides what is run, and against
 * what.  Parts of one run have the same identity; it names no file, number of
 * jobs or place, so that each part may be made on another machine.
 */
#ifndef ADDCOW_IDENTITY_H
#define ADDCOW_IDENTITY_H

#include "run.h"
#include "select.h"

/* Notes in RUN, which has met its shim, what it is: lines of a name, a blank
 * and a value, the same names in each run.  Returns a status: USAGE if the
 * shim cannot be read again. */
int identity_make(struct run *run, const struct selection *selection);

/* The first line of A that is another in B, "seed 1", with its length in
 * *OUT_LEN, and the value in B; null if nothing follows. */
const char *identity_difference(size_t *out_len, const char **out_other,
                                size_t *out_other_len, const char *a,
                                const char *b);

#endif
