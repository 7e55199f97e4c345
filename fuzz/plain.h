/* SPDX-License-Identifier: MIT
 *
 * plain.h - included before each file of the harness (-include): copies and
 * comparisons that no sanitizer and no engine looks into, and no locks.  They
 * would cost more than all the rest: what is not instrumented still calls the
 * memcpy of ASan and the memcmp of libFuzzer.
 *
 * What the implementation hands to the host is checked once, in guard.c.
 * Deliberately missing: machines other than x86-64, which use libc's.
 */
#ifndef FUZZ_PLAIN_H
#define FUZZ_PLAIN_H

#include <pthread.h>
#include <stdint.h>
#include <string.h>

/* A target has one thread; a lock takes as long as what it guards. */
#undef pthread_mutex_lock
#undef pthread_mutex_unlock
#define pthread_mutex_lock(m) ((void)(m))
#define pthread_mutex_unlock(m) ((void)(m))

#if defined(__x86_64__) && defined(__GNUC__)

#include <emmintrin.h>

/* What is short goes as its first and its last bytes, which may overlap; to
 * begin a "rep" takes longer than that. */
static inline void *plain_copy(void *to, const void *from, size_t len)
{
    uint8_t *at = to;
    const uint8_t *source = from;

    if (len > 512) {
        __asm__ volatile("rep movsb"
                         : "+D"(at), "+S"(source), "+c"(len)
                         :
                         : "memory");
        return to;
    }
    for (; len > 32; len -= 16, at += 16, source += 16)
        __builtin_memcpy(at, source, 16);
    if (len >= 16) {
        __m128i first = _mm_loadu_si128((const __m128i *)(const void *)source);

        __builtin_memcpy(at + len - 16, source + len - 16, 16);
        _mm_storeu_si128((__m128i *)(void *)at, first);
        return to;
    }
    if (len >= 8) {
        __builtin_memcpy(at, source, 8);
        __builtin_memcpy(at + len - 8, source + len - 8, 8);
        return to;
    }
    for (; len; len--)
        *at++ = *source++;
    return to;
}

static inline void *plain_set(void *to, int byte, size_t len)
{
    uint8_t *at = to;
    __m128i all = _mm_set1_epi8((char)byte);

    if (len >= 512) {
        __asm__ volatile("rep stosb"
                         : "+D"(at), "+c"(len)
                         : "a"(byte)
                         : "memory");
        return to;
    }
    for (; len >= 16; len -= 16, at += 16) {
        _mm_storeu_si128((__m128i *)(void *)at, all);
        __asm__ volatile("" ::: "memory"); /* or it becomes memset() */
    }
    for (; len; len--) {
        *at++ = (uint8_t)byte;
        __asm__ volatile("" ::: "memory");
    }
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

/* A bit for each of the 16 bytes AT that is BYTE. */
static inline unsigned plain_where(const uint8_t *at, int byte)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at),
                       _mm_set1_epi8((char)byte)));
}

static inline void *plain_find(const void *start, int byte, size_t len)
{
    const uint8_t *at = start;

    for (; len >= 16; len -= 16, at += 16) {
        unsigned where = plain_where(at, byte);

        if (where)
            return (void *)(uintptr_t)(at + __builtin_ctz(where));
    }
    for (; len; len--, at++)
        if (*at == (uint8_t)byte)
            return (void *)(uintptr_t)at;
    return NULL;
}

/* Sixteen bytes at an address that they divide lie in one page. */
static inline size_t plain_length(const char *text)
{
    const uint8_t *start = (const uint8_t *)text;
    const uint8_t *at = (const uint8_t *)((uintptr_t)start & ~(uintptr_t)15);
    unsigned skipped = (unsigned)(start - at);
    unsigned where = plain_where(at, 0) >> skipped << skipped;

    while (!where) {
        at += 16;
        where = plain_where(at, 0);
    }
    return (size_t)(at - start) + (size_t)__builtin_ctz(where);
}

static inline char *plain_last(const char *text, int byte)
{
    size_t at = plain_length(text);

    while (at--)
        if (text[at] == byte)
            return (char *)(uintptr_t)(text + at);
    return NULL;
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
#undef memchr
#undef strcmp
#undef strlen
#undef strrchr
#define memcpy(to, from, len)                  \
    (__builtin_constant_p(len) && (len) <= 128 \
         ? __builtin_memcpy(to, from, len)     \
         : plain_copy(to, from, len))
#define memset(to, byte, len)                  \
    (__builtin_constant_p(len) && (len) <= 128 \
         ? __builtin_memset(to, byte, len)     \
         : plain_set(to, byte, len))
#define memcmp(a, b, len) plain_compare(a, b, len)
#define memchr(start, byte, len) plain_find(start, byte, len)
#define strcmp(a, b) plain_order(a, b)
#define strlen(text) plain_length(text)
#define strrchr(text, byte) plain_last(text, byte)

#endif

#endif
