/* SPDX-License-Identifier: MIT
 *
 * waivers.h - failures that are known, and how long that may go on.
 *
 * A file of waivers has a line for each; five fields with tabs between, lines
 * that begin with '#' are comments:
 *
 *   case  verdict  signature  until  reason
 *
 * The signature is that of the failure, as the report prints it: another
 * failure of the same case is not waived.  Those of 1.0 were hashes of words;
 * until 1.2 their clause alone is compared.  "until" is the first version of
 * the suite in which the waiver is stale.  A waived case runs as any other.
 */
#ifndef ADDCOW_WAIVERS_H
#define ADDCOW_WAIVERS_H

#include "run.h"

enum { SIGNATURE_SIZE = 64 };

struct waiver {
    char *id; /* of a case; owned, as all strings */
    char *verdict;
    char *signature;
    char *until;
    char *reason;
    unsigned line; /* of the file */
};

/* Reads the file NAME into *OUT, to be freed by waivers_free().  Returns a
 * status: GOOD or USAGE. */
int waivers_read(struct waiver **out, const char *name);

void waivers_free(struct waiver *waivers);

/* Judges R, which has its verdict: a failure that is waived becomes XFAIL, a
 * pass XPASS; what is waived wrongly is stale. */
void waivers_apply(struct result *r, const struct waiver *waivers);

/* Writes the waivers that RUN needs; the reason is left to a person, and a
 * file without is refused.  0, or -1 with errno. */
int waivers_write(FILE *to, const struct run *run);

/* What distinguishes the failure O from others of its case, in three parts:
 * "HDR-2/refused/success" is the clause, the check and the kind of what was
 * seen.  No words of a message are in it, and no numbers. */
void waivers_signature(char out[SIGNATURE_SIZE], const struct outcome *o);

#endif
