/* SPDX-License-Identifier: MIT
 *
 * Chapter 5, the COW bitmap: the runs of clusters whose bits are alike, and
 * the number of bits that are 1.  bits.c knows where a bit is in its byte, and
 * cache.c keeps the bytes.
 */
#include "internal.h"

/* BMP-2: cluster by cluster; RD-11: across tables, as long as the state is
 * the same.  Only bits below N are looked at (BMP-8), and nothing else decides
 * the state: a hole is data (BMP-4). */
int bmp_find_run(struct addcow_image *image, uint64_t *out_len,
                 bool *out_allocated, uint64_t len, uint64_t offset)
{
    uint64_t first = offset / CLUSTER_LEN;
    uint64_t end = (offset + len - 1) / CLUSTER_LEN + 1;
    uint64_t next = first;
    uint64_t stop;
    struct table *table;

    do {
        int result = cache_load(image, &table, next / TABLE_BITS);

        if (result != ADDCOW_OK)
            return result;
        if (next == first)
            *out_allocated = bits_get(table->bits, first % TABLE_BITS);
        stop = least(end, (next / TABLE_BITS + 1) * TABLE_BITS);
        while (next < stop &&
               bits_get(table->bits, next % TABLE_BITS) == *out_allocated)
            next++;
    } while (next == stop && next < end);
    *out_len = least(len, next * CLUSTER_LEN - offset);
    return ADDCOW_OK;
}

/* TRM-9: a cluster whose bit is pending is allocated */
int addcow_count_allocated(struct addcow_image *image, uint64_t *out)
{
    uint64_t clusters = siz_clusters(image->size);

    *out = 0;
    for (uint64_t at = 0; at < clusters; at += TABLE_BITS) {
        struct table *table;
        int result = cache_load(image, &table, at / TABLE_BITS);

        if (result != ADDCOW_OK)
            return result;
        *out += bits_count(table->bits, least(TABLE_BITS, clusters - at));
    }
    return ADDCOW_OK;
}
