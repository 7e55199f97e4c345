/* SPDX-License-Identifier: MIT
 *
 * plan.h - from the selected cases to the results that a run is to have.
 */
#ifndef ADDCOW_PLAN_H
#define ADDCOW_PLAN_H

#include "run.h"
#include "select.h"

/* Fills RUN's results: one for each case of SELECTION and repetition. */
void plan_make(struct run *run, const struct selection *selection);

/* Gives R its verdict, UNIMPL or NA, if a shim that claims no more than
 * CLAIMED cannot run it under PROFILE, of enum profile. */
void plan_judge(struct result *r, uint64_t claimed, int profile);

#endif
