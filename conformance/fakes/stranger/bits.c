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
    if (bits->marks)
        memset(bits->marks + first, 1, (size_t)(end - first));
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
    if (bits->marks && bits->first < bits->end)
        memset(bits->marks + bits->first, 0,
               (size_t)(bits->end - bits->first));
    bits->first = bits->end = 0;
}

/* LEN bytes, of which the first are those of OLD, freed. */
static unsigned char *room(unsigned char *old, uint64_t old_len, uint64_t len)
{
    unsigned char *bytes = calloc(1, (size_t)len + 1);

    if (!bytes)
        return NULL;
    if (old)
        memcpy(bytes, old, (size_t)(old_len < len ? old_len : len));
    free(old);
    return bytes;
}

int bits_room(struct bits *bits, uint64_t old_len, uint64_t len, bool marks)
{
    unsigned char *bytes = room(bits->bytes, old_len, len);

    if (!bytes)
        return ADDCOW_NO_MEMORY;
    bits->bytes = bytes;
    if (!marks)
        return ADDCOW_OK;
    bytes = room(bits->marks, old_len, len);
    if (!bytes)
        return ADDCOW_NO_MEMORY;
    bits->marks = bytes;
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
