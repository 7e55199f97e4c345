/* SPDX-License-Identifier: MIT
 *
 * sha256.c - SHA-256 in its plainest form: one block at a time, no tables
 * beyond those of the standard, no care for speed.
 */
#include "sha256.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_LEN 64u

static const uint32_t first_hash[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned by)
{
    return x >> by | x << (32 - by);
}

static void schedule(uint32_t w[64], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++) {
        const uint8_t *at = block + 4 * i;

        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
               (uint32_t)at[2] << 8 | at[3];
    }
    for (size_t i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) +
               (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
    }
}

static void compress(uint32_t hash[8], const uint8_t *block)
{
    uint32_t w[64], s[8];

    schedule(w, block);
    memcpy(s, hash, sizeof(s));
    for (size_t i = 0; i < 64; i++) {
        uint32_t e = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t t1 = s[7] + e + choice + round_constant[i] + w[i];
        uint32_t a = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);

        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t1;
        s[0] = t1 + a + majority;
    }
    for (size_t i = 0; i < 8; i++)
        hash[i] += s[i];
}

/* The last one or two blocks: the rest of the data, a bit, zeros, its
 * length in bits. */
static void finish(uint32_t hash[8], const uint8_t *rest, size_t rest_len,
                   uint64_t all_len)
{
    uint8_t last[2 * BLOCK_LEN] = {0};
    size_t last_len = rest_len < BLOCK_LEN - 8 ? BLOCK_LEN : 2 * BLOCK_LEN;

    if (rest_len)
        memcpy(last, rest, rest_len);
    last[rest_len] = 0x80;
    for (size_t i = 0; i < 8; i++)
        last[last_len - 1 - i] = (uint8_t)(all_len * 8 >> 8 * i);
    for (size_t at = 0; at < last_len; at += BLOCK_LEN)
        compress(hash, last + at);
}

void sha256_hex(char out[SHA256_HEX_LEN + 1], const uint8_t *data, size_t len)
{
    uint32_t hash[8];
    size_t at = 0;

    memcpy(hash, first_hash, sizeof(hash));
    for (; len - at >= BLOCK_LEN; at += BLOCK_LEN)
        compress(hash, data + at);
    finish(hash, len > at ? data + at : NULL, len - at, len);
    for (size_t i = 0; i < 8; i++)
        snprintf(out + 8 * i, 9, "%08x", (unsigned)hash[i]);
}
