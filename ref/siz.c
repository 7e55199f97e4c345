/* SPDX-License-Identifier: MIT
 *
 * Chapter 6, sizes: arithmetic that neither wraps nor cuts (SIZ-6, LIM-1,
 * LIM-2).  All of it is on 64 bits, and every virtual size from 0 to
 * 2^63 - 512 is supported.
 */
#include "internal.h"

/* SIZ-1: whole sectors; SIZ-3: a size of 0 is fine */
uint64_t siz_virtual(uint64_t len)
{
    return len - len % SECTOR_LEN;
}

/* TRM-8: the quotients are rounded up without a sum that could wrap */
uint64_t siz_clusters(uint64_t size)
{
    return size / CLUSTER_LEN + (size % CLUSTER_LEN != 0);
}

uint64_t siz_bitmap_len(uint64_t size)
{
    uint64_t clusters = siz_clusters(size);

    return clusters / 8 + (clusters % 8 != 0);
}

/* RD-5, WR-11: without the sum of offset and length */
bool siz_within(uint64_t size, uint64_t len, uint64_t offset)
{
    return offset <= size && len <= size - offset;
}

/* BMP-6, BMP-7, SIZ-7, SIZ-8: long enough, however the file was made */
bool siz_holds_bitmap(uint64_t len, uint64_t size)
{
    return len >= HEADER_LEN && len - HEADER_LEN >= siz_bitmap_len(size);
}

uint64_t addcow_size(const struct addcow_image *image)
{
    return image->size;
}

uint64_t addcow_clusters(const struct addcow_image *image)
{
    return siz_clusters(image->size);
}

uint64_t addcow_bitmap_len(const struct addcow_image *image)
{
    return siz_bitmap_len(image->size);
}

uint64_t addcow_backing_len(const struct addcow_image *image)
{
    return image->backing_len;
}
