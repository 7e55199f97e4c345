/* SPDX-License-Identifier: MIT
 *
 * checks.h - by what a failure is known again: the check that failed, and the
 * kind of thing that it saw.  Waivers are tied to these, so the names in the
 * table stay as they are; words of messages may become better.
 */
#ifndef ADDCOW_CHECKS_H
#define ADDCOW_CHECKS_H

#include "case.h"

enum check {
    CHECK_CASE, /* a decision of the case itself */
    /* Calls that must succeed. */
    CHECK_SUCCESS,
    CHECK_OPEN,
    CHECK_WRITE,
    CHECK_FLUSH,
    CHECK_CLOSE,
    CHECK_GET_SIZE,
    CHECK_READ_BACK,
    /* The result of a call, and what it must leave alone. */
    CHECK_REFUSED,
    CHECK_IMPLEMENTED,
    CHECK_RESULT,
    CHECK_RETURNS,
    CHECK_CONDUCT,
    CHECK_LEAK,
    CHECK_INPUT,
    CHECK_BUFFER,
    CHECK_SAME_SIZE,
    /* Values. */
    CHECK_HOLDS,
    CHECK_NUMBER,
    CHECK_BYTES,
    /* Files. */
    CHECK_THERE,
    CHECK_UNCHANGED,
    CHECK_NEW_FILE,
    CHECK_BIT,
    CHECK_BITMAP,
    /* The guest. */
    CHECK_GUEST,
    CHECK_ZEROS,
    /* Order, and power cuts. */
    CHECK_BIT_ORDER,
    CHECK_FLUSH_COVERS,
    CHECK_POWER,
    /* The shim as such. */
    CHECK_CLAIM,
    CHECK_LOADS,
    CHECK_DIRECTORY,
    N_CHECKS
};

/* Lower case with hyphens; never changed, never used for another check. */
const char *check_name(enum check check);

/* Notes in OUT that CHECK failed, and the kind of what it saw instead: a name
 * that no offset, number or address is part of. */
void check_sign(struct outcome *out, enum check check, const char *seen);

#endif
