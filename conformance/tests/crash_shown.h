/* SPDX-License-Identifier: MIT
 *
 * crash_shown.h - by which broken toy each case of power cuts has been seen
 * red: one of its own, which no other case names.
 */
#ifndef ADDCOW_CRASH_SHOWN_H
#define ADDCOW_CRASH_SHOWN_H

#include "fakes/toys/zoo.h"

struct shown_row {
    const char *id;
    const char *toy;    /* of the zoo */
    const char *clause; /* that is broken first */
    struct toy_when when;
};

extern const struct shown_row shown_rows[];
extern const size_t n_shown_rows;

#endif
