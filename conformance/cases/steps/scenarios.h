/* SPDX-License-Identifier: MIT
 *
 * scenarios.h - the scenarios that chapter 10 of the specification, Power cut,
 * has names for: of each the files and what is done to them.
 */
#ifndef ADDCOW_SCENARIOS_H
#define ADDCOW_SCENARIOS_H

#include "power.h"

enum {
    FLUSHED,
    OVERWRITTEN,
    SUB_SECTOR,
    PARTIAL,
    TORN_COPY,
    NEIGHBOURS,
    ONE_BYTE,
    STALE_COPY,
    TWO_SECTORS,
    CLOSED,
    KILLED,
    SHORT_BACKING,
    NO_BACKING,
    TAIL,
    ZEROED,
    COPIED_AGAIN,
    THROUGH,
    THROUGH_ZEROS,
    ALL_BITS,
    CREATED,
    CREATED_GROWN,
    CREATED_GROWN_BYTE,
    CREATED_SHRUNK,
    GROWN,
    GROWN_ODD,
    GROWN_BYTE,
    GROWN_PENDING,
    GROWN_THROUGH,
    SHRUNK,
    SHRUNK_THROUGH,
    SHRUNK_GROWN,
    SHRUNK_GROWN_BYTE,
    N_SCENARIOS
};

extern const struct scenario scenarios[N_SCENARIOS];

#endif
