/* SPDX-License-Identifier: MIT
 *
 * mix.h - a number scattered over 64 bits, and a sequence of such numbers:
 * SplitMix64, which is the same everywhere.
 */
#ifndef ADDCOW_MIX_H
#define ADDCOW_MIX_H

#include <stdint.h>

/* Each bit of Z decides about half of the bits of the result. */
static inline uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The next number of the sequence that *STATE, which is its seed at first,
 * has come to. */
static inline uint64_t mix_next(uint64_t *state)
{
    return mix(*state += UINT64_C(0x9e3779b97f4a7c15));
}

#endif
