/* SPDX-License-Identifier: MIT
 *
 * Chapter 5, the COW bitmap: a bit, the runs of clusters whose bits are alike,
 * and how many are 1.  The bits are in the tables of cache.c.
 */
#include "internal.h"

/* BMP-3: the least significant bit first */
bool get_bit(const unsigned char *bits, uint64_t bit)
{
    return bits[bit / 8] >> bit % 8 & 1;
}

/*@ lemma or_of_bytes: \forall integer a, b; 0 <= a < 256 && 0 <= b < 256 ==>
      0 <= (unsigned char)(a | b) == (a | b) < 256;
    lemma twice: \forall integer p, q; 0 <= p && q == 1 ==>
      (1 << p + q) == ((1 << p) << q);
    lemma in_a_byte: \forall integer k; 0 <= k < 8 ==> 0 < (1 << k) <= 128; */

/* BMP-9, WR-10: this bit and no other */
void set_bit(unsigned char *bits, uint64_t bit)
{
    unsigned mask = 1u << bit % 8;

    //@ assert mask < 256;
    //@ assert (unsigned char)(bits[bit / 8] | mask) == (bits[bit / 8] | mask);
    bits[bit / 8] = (unsigned char)(bits[bit / 8] | mask);
}

/* BMP-2: cluster by cluster; RD-11: over tables, as far as it goes.  Only
 * bits below N are asked for (BMP-8), and nothing else tells the state: a
 * hole is data (BMP-4). */
int find_run(struct addcow_image *image, uint64_t *out_len,
             bool *out_allocated, uint64_t len, uint64_t offset)
{
    uint64_t first = offset / CLUSTER_LEN;
    uint64_t end = (offset + len - 1) / CLUSTER_LEN + 1;
    uint64_t next = first;
    uint64_t stop;
    struct table *table;

    do {
        int result = load(image, &table, next / TABLE_BITS);

        if (result != ADDCOW_OK)
            return result;
        if (next == first)
            *out_allocated = get_bit(table->bits, first % TABLE_BITS);
        stop = least(end, (next / TABLE_BITS + 1) * TABLE_BITS);
        while (next < stop &&
               get_bit(table->bits, next % TABLE_BITS) == *out_allocated)
            next++;
    } while (next == stop && next < end);
    *out_len = least(len, next * CLUSTER_LEN - offset);
    return ADDCOW_OK;
}

uint64_t count_bits(const unsigned char *bits, uint64_t count)
{
    uint64_t n_set = 0;

    /*@ loop invariant bit <= count && n_set <= bit;
        loop invariant n_set == ones(bits, bit);
        loop assigns bit, n_set;
        loop variant count - bit; */
    for (uint64_t bit = 0; bit < count; bit++)
        n_set += get_bit(bits, bit);
    return n_set;
}

/* Allocated means pending bits, too: TRM-9. */
int addcow_count_allocated(struct addcow_image *image, uint64_t *out)
{
    uint64_t clusters = clusters_of(image->size);

    *out = 0;
    for (uint64_t at = 0; at < clusters; at += TABLE_BITS) {
        struct table *table;
        int result = load(image, &table, at / TABLE_BITS);

        if (result != ADDCOW_OK)
            return result;
        *out += count_bits(table->bits, least(TABLE_BITS, clusters - at));
    }
    return ADDCOW_OK;
}
