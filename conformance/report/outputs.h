/* SPDX-License-Identifier: MIT
 *
 * outputs.h - the reports that go to files.
 */
#ifndef ADDCOW_OUTPUTS_H
#define ADDCOW_OUTPUTS_H

#include "run/run.h"

struct outputs {
    const struct options *options;
    FILE *tap, *junit, *json, *html, *statement, *waivers; /* or null */
};

/* Whether a statement may be made of RUN, if O wants one.  Returns a status:
 * GOOD or USAGE. */
int outputs_check(const struct options *o, const struct run *run);

/* Opens the files that O names, before any case runs: a directory may be
 * missing.  Returns a status: GOOD or USAGE. */
int outputs_open(struct outputs *out, const struct options *o);

/* Writes whatever is not written as the run goes on, of the N RUNS; closes
 * all.  Returns a status: USAGE if one of them was lost. */
int outputs_finish(struct outputs *outputs, const struct run *const *runs,
                   size_t n);

/* Closes what is open and leaves it as it is. */
void outputs_drop(struct outputs *outputs);

#endif
