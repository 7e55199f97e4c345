/* SPDX-License-Identifier: MIT
 *
 * alphabet.h - sixteen operations on an image of ten clusters, from which
 * workloads are put together: nine whole clusters and a tail of 33 sectors;
 * the backing file ends 700 bytes into cluster 8.
 */
#ifndef ADDCOW_ALPHABET_H
#define ADDCOW_ALPHABET_H

#include "power.h"

#define N_LETTERS 16

/* The files, without operations. */
extern const struct scenario alphabet_files;

/* Letter N, done on a disk of *SIZE bytes, which follows. */
struct crash_op alphabet_op(uint64_t *size, unsigned n);

#endif
