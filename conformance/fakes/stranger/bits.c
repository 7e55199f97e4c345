/* SPDX-License-Identifier: MIT
 *
 * bits.c - sets of clusters (chapter 5).
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

uint64_t n_clusters(uint64_t size)
{
    return size / CLUSTER + (size % CLUSTER != 0);
}

uint64_t bitmap_len(uint64_t size)
{
    return (n_clusters(size) + 7) / 8;
}

int bits_get(const struct bits *bits, uint64_t cluster)
{
    return bits->bytes[cluster / 8] >> cluster % 8 & 1;
}

void bits_touch(struct bits *bits, uint64_t first, uint64_t end)
{
    if (first >= end)
        return;
    if (bits->first >= bits->end) {
        bits->first = first;
        bits->end = end;
    }
    if (first < bits->first)
        bits->first = first;
    if (end > bits->end)
        bits->end = end;
}

void bits_set(struct bits *bits, uint64_t cluster, int value)
{
    if (bits_get(bits, cluster) == value)
        return;
    bits->bytes[cluster / 8] ^= (unsigned char)(1 << cluster % 8);
    bits_touch(bits, cluster / 8, cluster / 8 + 1);
}

bool bits_any(const struct bits *bits)
{
    for (uint64_t i = bits->first; i < bits->end; i++)
        if (bits->bytes[i])
            return true;
    return false;
}

void bits_settle(struct bits *bits)
{
    bits->first = bits->end = 0;
}

int bits_room(struct bits *bits, uint64_t old_len, uint64_t len)
{
    unsigned char *bytes = calloc(1, (size_t)len + 1);

    if (!bytes)
        return ADDCOW_NO_MEMORY;
    if (bits->bytes)
        memcpy(bytes, bits->bytes, (size_t)(old_len < len ? old_len : len));
    free(bits->bytes);
    bits->bytes = bytes;
    return ADDCOW_OK;
}

void bits_cut(struct bits *bits, uint64_t cluster, uint64_t len)
{
    uint64_t byte = cluster / 8;

    if (byte >= len)
        return;
    bits->bytes[byte] &= (unsigned char)((1 << cluster % 8) - 1);
    memset(bits->bytes + byte + 1, 0, (size_t)(len - byte - 1));
    bits_touch(bits, byte, len);
}
