/* SPDX-License-Identifier: MIT
 *
 * replay.h - one file as a recording shows it, moment by moment: what is
 * visible, what is durable, what may survive a power cut.
 *
 * What a write, a new length and a flush do to each of these is decided here
 * (DUR-1 to DUR-6), sector by sector and in bytes.  crash/pending.c decides it
 * once more, for whole sectors known by number, because the engine asks at
 * millions of states; tests/test_roads.c holds the two together.
 *
 * Deliberately missing: calls that overlap a change of the file's length, such
 * as a write beyond its end; and a failed change of the length that was made
 * all the same (DUR-5): it counts as not made.
 */
#ifndef ADDCOW_DISK_REPLAY_H
#define ADDCOW_DISK_REPLAY_H

#include "data/store.h"
#include "record.h"

#include <stdbool.h>

struct replay;

/* A file of this CONTENT, which is durable; null: there is no file. */
struct replay *replay_new(const struct store *content);
void replay_free(struct replay *r);

/* E, an event of this file, begins or ends.  A call acts when it ends; what it
 * writes may survive from its begin on. */
void replay_begin(struct replay *r, const struct event *e);
void replay_end(struct replay *r, const struct event *e);

/* Both, where calls follow each other. */
void replay_event(struct replay *r, const struct event *e);

/* What readers see; null: there is no file. */
const struct store *replay_visible(const struct replay *r);

/* What readers will see after a failed flush that drops what is pending. */
const struct store *replay_fallback(const struct replay *r);

/* What is there whatever else is lost, for store_free(); null: no file. */
struct store *replay_durable(const struct replay *r);

/* What the newest flush that succeeded covered, byte for byte: after a failed
 * flush a byte counts once it has been written again, not because another
 * byte of its sector has (FLS-7). */
const struct store *replay_covered(const struct replay *r);

/* ---- If the power is cut now */

#define REPLAY_ABSENT UINT64_MAX

/* The lengths that the file may have, the durable one first. */
size_t replay_n_sizes(const struct replay *r);
uint64_t replay_size(const struct replay *r, size_t k);

/* Calls VISIT with each content that SECTOR may have if length number K is the
 * one that survived, the durable one first; some may come twice. */
void replay_each_survivor(const struct replay *r,
                          void (*visit)(void *arg, const uint8_t *bytes),
                          void *arg, uint64_t sector, size_t k);

#endif
