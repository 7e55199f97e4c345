/* SPDX-License-Identifier: MIT
 *
 * plain.h - included before each file of the harness (-include): copies and
 * comparisons that no sanitizer and no engine looks into.  They would cost
 * more than all the rest: what is not instrumented still calls the memcpy of
 * ASan and the memcmp of libFuzzer.
 *
 * What the implementation hands to the host is checked once, in guard.c.
 * Deliberately missing: machines other than x86-64, which use libc's.
 */
#ifndef FUZZ_PLAIN_H
#define FUZZ_PLAIN_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

static inline void *plain_copy(void *to, const void *from, size_t len)
{
    void *at = to;

    __asm__ volatile("rep movsb"
                     : "+D"(at), "+S"(from), "+c"(len)
                     :
                     : "memory");
    return to;
}

static inline void *plain_set(void *to, int byte, size_t len)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(byte) : "memory");
    return to;
}

/* 64 bytes at once, then those that differ or are left. */
static inline int plain_compare(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a;
    const uint8_t *y = b;

    for (; len >= 64; len -= 64, x += 64, y += 64) {
        uint64_t u[8];
        uint64_t v[8];
        uint64_t all = 0;

        __builtin_memcpy(u, x, 64);
        __builtin_memcpy(v, y, 64);
        for (int i = 0; i < 8; i++)
            all |= u[i] ^ v[i];
        if (all)
            break;
    }
    for (; len; len--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

static inline int plain_order(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

#undef memcpy
#undef memset
#undef memcmp
#undef strcmp
#define memcpy(to, from, len)                 \
    (__builtin_constant_p(len) && (len) <= 64 \
         ? __builtin_memcpy(to, from, len)    \
         : plain_copy(to, from, len))
#define memset(to, byte, len)                 \
    (__builtin_constant_p(len) && (len) <= 64 \
         ? __builtin_memset(to, byte, len)    \
         : plain_set(to, byte, len))
#define memcmp(a, b, len) plain_compare(a, b, len)
#define strcmp(a, b) plain_order(a, b)

#endif

#endif
