/* SPDX-License-Identifier: MIT
 *
 * spans.h - which sectors of the disk are looked at: all, or those of a few
 * spans, which are numbered consecutively.
 *
 * If all are looked at, the number of a sector is its index.  Deliberately
 * missing: a table to find a span; there are three at most.
 */
#ifndef ADDCOW_CRASH_SPANS_H
#define ADDCOW_CRASH_SPANS_H

#include "crash.h"

#include <stddef.h>
#include <stdint.h>

struct spans {
    size_t n;                        /* 0: all sectors */
    uint64_t first[CRASH_MAX_SPANS]; /* in order; they do not touch */
    uint64_t len[CRASH_MAX_SPANS];   /* sectors */
};

/* The sector of number I. */
static inline uint64_t spans_sector(const struct spans *s, uint64_t i)
{
    for (size_t k = 0; k < s->n; k++) {
        if (i < s->len[k])
            return s->first[k] + i;
        i -= s->len[k];
    }
    return i;
}

/* The number of SECTOR; UINT64_MAX: it is not looked at. */
static inline uint64_t spans_index(const struct spans *s, uint64_t sector)
{
    uint64_t before = 0;

    if (!s->n)
        return sector;
    for (size_t k = 0; k < s->n; k++) {
        if (sector >= s->first[k] && sector - s->first[k] < s->len[k])
            return before + sector - s->first[k];
        before += s->len[k];
    }
    return UINT64_MAX;
}

/* How many of the first SECTORS sectors are looked at. */
static inline size_t spans_count(const struct spans *s, uint64_t sectors)
{
    uint64_t n = 0;

    if (!s->n)
        return (size_t)sectors;
    for (size_t k = 0; k < s->n; k++)
        if (sectors > s->first[k])
            n += sectors - s->first[k] < s->len[k] ? sectors - s->first[k]
                                                   : s->len[k];
    return (size_t)n;
}

/* How many sectors follow each other from number I on, below number END. */
static inline size_t spans_run(const struct spans *s, size_t i, size_t end)
{
    uint64_t before = 0;

    for (size_t k = 0; k < s->n; k++) {
        if (i < before + s->len[k] && before + s->len[k] < end)
            return (size_t)(before + s->len[k] - i);
        if (i < before + s->len[k])
            break;
        before += s->len[k];
    }
    return end - i;
}

#endif
