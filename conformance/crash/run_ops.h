/* SPDX-License-Identifier: MIT
 *
 * run_ops.h - the trace of a workload: of one that is run here, or of a
 * recording (recorded.c).
 */
#ifndef ADDCOW_CRASH_RUN_OPS_H
#define ADDCOW_CRASH_RUN_OPS_H

#include "engine.h"

#include <stdbool.h>

/* Nothing has been done yet.  IS_NEW: the image is to be made. */
void crash_begin(struct crash *c, uint32_t flags, bool is_new);
void workload_finish(struct workload *w);
/* A call more, to be filled in; valid until the next one. */
struct call *new_call(struct workload *w);

/* Runs OPS and fills the trace and the guest's versions.  -1 if a call failed
 * that must not. */
int run_ops(struct crash *c, const struct crash_op *ops);

/* recorded.c: fills them from a recording, as crash_run_record() does. */
void crash_take_record(struct crash *c, const struct record *record,
                       const struct crash_call *calls, size_t n_calls,
                       uint32_t flags);

/* What a guest call that began or ended means for what is allowed. */
void guest_call_begin(struct guest *g, struct call *call);
void guest_call_end(struct crash *c, struct call *call);

#endif
