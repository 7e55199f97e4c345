/* SPDX-License-Identifier: MIT
 *
 * fuzz_crash.h - what exhaustive.c has to know of a power cut.
 */
#ifndef FUZZ_FUZZ_CRASH_H
#define FUZZ_FUZZ_CRASH_H

#include <stdbool.h>

/* What was open at the cut, sectors and lengths, falls into so many groups,
 * in turn; the input's byte 76, if it has one, says which groups survive, the
 * first by its lowest bit. */
#define CRASH_N_GROUPS 4u

struct crash_end {
    bool was_cut;    /* 0: every call went well, and power went at the end */
    unsigned n_open; /* sectors and lengths that might survive or not */
};

/* Of the last input. */
void crash_last(struct crash_end *out);

#endif
