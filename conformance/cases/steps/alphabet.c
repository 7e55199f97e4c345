/* SPDX-License-Identifier: MIT
 *
 * alphabet.c - sixteen operations on an image of ten clusters.
 */
#include "alphabet.h"

#define IMAGE_LEN (9 * CLUSTER + 33 * SECTOR)
#define BACKING_LEN (8 * CLUSTER + 700)

const struct scenario alphabet_files = {.image_len = IMAGE_LEN,
                                        .backing_len = BACKING_LEN};

static const struct crash_op letters[N_LETTERS] = {
    {CRASH_WRITE, CLUSTER, 0},
    {CRASH_WRITE, CLUSTER, CLUSTER},
    {CRASH_WRITE, CLUSTER, 8 * CLUSTER},
    {CRASH_WRITE, 512, 1024},
    {CRASH_WRITE, 1000, CLUSTER + 777},
    {CRASH_WRITE, 2048, CLUSTER - 1024},
    {CRASH_WRITE, 2 * CLUSTER, 2 * CLUSTER},
    {CRASH_WRITE, 3 * CLUSTER / 2, 7 * CLUSTER + CLUSTER / 2},
    {CRASH_WRITE, 512, IMAGE_LEN - 512},
    {CRASH_WRITE, 1536, 512},
    {CRASH_WRITE, 1024, BACKING_LEN - 512},
    {CRASH_ZEROS, CLUSTER, CLUSTER},
    {CRASH_FLUSH, 0, 0},
    {CRASH_REOPEN, 0, 0},
    {CRASH_RESIZE, 0, 0}, /* shrink by one cluster */
    {CRASH_RESIZE, 1, 0}, /* grow by two */
};

struct crash_op alphabet_op(uint64_t *size, unsigned n)
{
    struct crash_op op = letters[n];

    if (op.kind != CRASH_RESIZE)
        return op;
    op.len = op.len ? *size + 2 * CLUSTER : *size - CLUSTER;
    *size = op.len;
    return op;
}
