/* SPDX-License-Identifier: MIT
 *
 * flushes.h - what the recording says of flushes, of what they cover, and of
 * what was written again after one that failed.
 *
 * Works on the recording alone: an implementation may flush more than it
 * must, write bits early or late, rewrite the whole bitmap each time or read
 * what it likes.  Simulated storage.
 *
 * Deliberately missing: media after a power cut.
 */
#ifndef ADDCOW_FLUSHES_H
#define ADDCOW_FLUSHES_H

#include "env/env.h"

#include <stdbool.h>

/* The first flush of NAME from event FIRST on that failed, or NO_EVENT. */
size_t failed_flush(struct env *env, const char *name, size_t first);

/* Nothing that was written to NAME, or its length, since event FIRST lacks a
 * successful flush that began after it. */
void expect_nothing_pending(struct env *env, const char *clause,
                            const char *name, size_t first);

/* As expect_nothing_pending(), for the add-cow file and the image file. */
void expect_all_durable(struct env *env, const char *clause, size_t first);

/* NAME was flushed with success from event FIRST on. */
void expect_flushed(struct env *env, const char *clause, const char *name,
                    size_t first);

/* Whether a flush of NAME at event END (NO_EVENT: now) must be made by an
 * operation that is to make all durable: something was written to NAME since
 * the last that succeeded, or none has (FLS-16). */
bool flush_was_needed(struct env *env, const char *name, size_t end);

/* RESULT, of a flush or a close while each flush of NAME fails, is a refusal;
 * a success only where no flush was needed any more. */
void expect_failing(struct env *env, const char *clause, const char *name,
                    int result);

/* No flush of NAME from event FIRST on came with nothing written since the
 * last that succeeded, if one has. */
void expect_no_idle_flush(struct env *env, const char *clause,
                          const char *name, size_t first);

/* Of the LEN bytes at OFFSET of NAME those that were not durable when the
 * flush FAILED was called were written again after it; and all that was
 * written since has been flushed.  What the implementation had made durable by
 * then, bits as well as data, it need not write again. */
void expect_made_good(struct env *env, const char *clause, const char *name,
                      size_t failed, uint64_t len, uint64_t offset);

/* If the bit of CLUSTER was turned to 1 after the flush FAILED of the image
 * file, the bytes of the cluster, on a disk of SIZE bytes, that were not
 * durable when FAILED was called were written between the two. */
void expect_held_back(struct env *env, const char *clause, uint64_t cluster,
                      uint64_t size, size_t failed);

/* Each sector of the range, as IMG reads it, is its newest durable version or
 * one submitted since. */
void expect_some_version(struct env *env, const char *clause, struct img *img,
                         size_t len, uint64_t offset);

#endif
