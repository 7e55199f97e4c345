/* SPDX-License-Identifier: MIT
 *
 * The bits of the COW bitmap as such: reading one, setting one, counting them.
 * Which cluster a bit belongs to, and where it is kept, is not known here.
 */
#include "internal.h"

/* BMP-3: the least significant bit first */
bool bits_get(const unsigned char *bits, uint64_t bit)
{
    return bits[bit / 8] >> bit % 8 & 1;
}

/*@ lemma or_of_bytes: \forall integer a, b; 0 <= a < 256 && 0 <= b < 256 ==>
      0 <= (unsigned char)(a | b) == (a | b) < 256;
    lemma twice: \forall integer p, q; 0 <= p && q == 1 ==>
      (1 << p + q) == ((1 << p) << q);
    lemma in_a_byte: \forall integer k; 0 <= k < 8 ==> 0 < (1 << k) <= 128; */

/* BMP-9, WR-10: this bit and no other */
void bits_set(unsigned char *bits, uint64_t bit)
{
    unsigned mask = 1u << bit % 8;

    //@ assert mask < 256;
    //@ assert (unsigned char)(bits[bit / 8] | mask) == (bits[bit / 8] | mask);
    bits[bit / 8] = (unsigned char)(bits[bit / 8] | mask);
}

uint64_t bits_count(const unsigned char *bits, uint64_t count)
{
    uint64_t n_set = 0;

    /*@ loop invariant bit <= count && n_set <= bit;
        loop invariant n_set == ones(bits, bit);
        loop assigns bit, n_set;
        loop variant count - bit; */
    for (uint64_t bit = 0; bit < count; bit++)
        n_set += bits_get(bits, bit);
    return n_set;
}
