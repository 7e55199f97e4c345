/* SPDX-License-Identifier: MIT
 *
 * still.h - files at rest, as the host of a shim: the input is the add-cow
 * file, in place, and each name that it may carry leads to a file by rule.
 *
 * So a header of random names has random files, and nothing is built for an
 * input or taken down after it.  The rule: paths are taken apart at '/', "."
 * and ".." mean what they do, directories exist, and the first letters of the
 * last component say what is there:
 *
 *     m             nothing
 *     in, or none   a directory
 *     h             a file of 2^63 - 1 bytes
 *     z, y          an empty file; one of 511 bytes
 *     b             66148 bytes: ends within a cluster and a sector
 *     s             one sector more than the input has bits for
 *     x             as long as the input has bits for
 *     anything else 198044 bytes less than that, or 100
 *
 * The last three count 4 MiB of bits at most.  The content is the
 * pattern TAG_OLD in the image file, and TAG_BACKING in others.
 *
 * It stands for the simulated storage of the suite, which would cost more than
 * all that is done with a header; tests/still_disk.c sees that the two answer
 * alike.
 *
 * Deliberately missing: links, writing (who asks for it is noted), records,
 * threads, faults.  The simulated storage of the suite has these.
 */
#ifndef FUZZ_STILL_H
#define FUZZ_STILL_H

#include "table.h"

/* The path by which the add-cow file is to be opened: one of a few, as the
 * input has it. */
const char *still_entry(void);

/* From now on the add-cow file has these LEN bytes, which stay the caller's.
 * Forgets what was opened and noted. */
void still_begin(const uint8_t *data, size_t len);

/* This file is the image file. */
void still_set_image(const struct place *image);

/* What PATH leads to; a look_function. */
void still_look(struct place *out, void *ctx, const char *path);

const struct addcow_host *still_host(void);

/* What the shim did against the contract, first of all; null: nothing. */
const char *still_bug(void);
/* How many handles are open. */
unsigned still_n_open(void);

/* The first file opened so far that is neither the add-cow file nor one of
 * NAMED (N_NAMED of them): its path, or null. */
const char *still_stranger(const struct place *named, size_t n_named);

#endif
