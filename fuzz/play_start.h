/* SPDX-License-Identifier: MIT
 *
 * play_start.h - what a workload starts from: the images as they are at first,
 * and what the guest writes to them.  Private to play*.c.
 */
#ifndef FUZZ_PLAY_START_H
#define FUZZ_PLAY_START_H

#include "play.h"

/* What an image is like before the first operation; made once. */
struct play_base {
    struct disk *disk;
    struct oracle *oracle;
    uint8_t *header;
    uint8_t *bits;
    size_t bits_len;
};

/* That of the setup S; never freed. */
const struct play_base *play_base_of(const struct setup *s);

/* The content of the write that is operation I. */
const uint8_t *play_data(unsigned i);

/* Where a request of LEN bytes reads to.  It ends where the memory ends, so
 * that a byte too many is seen. */
uint8_t *play_buffer(size_t len);

/* Whether DATA is what SECTOR of the image file holds at first. */
bool play_is_old(const uint8_t *data, uint64_t sector);

static inline uint64_t n_clusters(uint64_t size)
{
    return size / CLUSTER + (size % CLUSTER != 0);
}

#endif
