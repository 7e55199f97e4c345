/* SPDX-License-Identifier: MIT
 *
 * zoo.h - the toys that are kept for the tests of power cuts.
 */
#ifndef ADDCOW_ZOO_H
#define ADDCOW_ZOO_H

#include "toys.h"

#include <stddef.h>

struct zoo_toy {
    struct toy_program program; /* a list without steps: the right toy's */
    const char *shown_by;       /* the small workload that must; null: right;
                                   "": none, but see crash_shown.c */
};

extern const struct zoo_toy zoo[];
extern const size_t zoo_len;

/* What T does, all lists filled in. */
struct toy_program zoo_program(const struct zoo_toy *t);

/* The toy of that name, or null. */
const struct zoo_toy *zoo_find(const char *name);

#endif
