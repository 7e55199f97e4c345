/* SPDX-License-Identifier: MIT
 *
 * pattern.c - content that says where it came from.
 *
 * A unit of 16 bytes: the upper two bits of each are the class, the lower six
 *     0      number, bits 0..5
 *     1      the mask: (number ^ sector), bits 0..5
 *     2..10  sector, bits 6..59        from here on xor the mask
 *     11..13 number, bits 6..23
 *     14     the place of the unit in its sector
 *     15     the sum of bytes 2 to 14 before the mask
 */
#include "pattern.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SECTOR_LEN 512
#define UNITS (SECTOR_LEN / PATTERN_UNIT)
#define LOW6 0x3fu

/* What all units of a sector share: the unit at place 0, and its sum. */
struct unit {
    uint8_t bytes[PATTERN_UNIT];
    uint8_t mask, class;
    unsigned sum;
};

static void unit_begin(struct unit *u, uint64_t sector, uint32_t tag)
{
    uint32_t number = tag & TAG_NUMBER;

    u->class = (uint8_t)((tag & TAG_CLASS) >> 24 << 6);
    u->mask = (uint8_t)((number ^ sector) & LOW6);
    u->sum = 0;
    u->bytes[0] = (uint8_t)(number & LOW6) | u->class;
    u->bytes[1] = u->mask | u->class;
    for (int i = 2; i <= 13; i++) {
        uint64_t six = i <= 10 ? sector >> (6 * (i - 1))
                               : (uint64_t)number >> (6 * (i - 10));

        u->sum += (unsigned)(six & LOW6);
        u->bytes[i] = (uint8_t)((six & LOW6) ^ u->mask) | u->class;
    }
}

/* The last two bytes of the unit at PLACE in its sector. */
static void unit_end(uint8_t out[2], const struct unit *u, unsigned place)
{
    unsigned sum = (u->sum + place) & LOW6;

    out[0] = (uint8_t)(place ^ u->mask) | u->class;
    out[1] = (uint8_t)(sum ^ u->mask) | u->class;
}

static void unit_put(uint8_t out[PATTERN_UNIT], const struct unit *u,
                     unsigned place)
{
    memcpy(out, u->bytes, PATTERN_UNIT);
    unit_end(out + PATTERN_UNIT - 2, u, place);
}

/* All ends first: a compiler makes them many at a time, and half of what the
 * suite does is making and comparing patterns. */
static void fill_sector(uint8_t *out, uint64_t sector, uint32_t tag)
{
    uint8_t ends[2 * UNITS];
    struct unit u;

    unit_begin(&u, sector, tag);
    for (unsigned i = 0; i < UNITS; i++)
        unit_end(&ends[2 * i], &u, i);
    for (size_t i = 0; i < UNITS; i++, out += PATTERN_UNIT) {
        memcpy(out, u.bytes, PATTERN_UNIT);
        memcpy(out + PATTERN_UNIT - 2, &ends[2 * i], 2);
    }
}

/* The part of a sector from FROM to TO. */
static void fill_part(uint8_t *out, size_t from, size_t to, uint64_t sector,
                      uint32_t tag)
{
    uint8_t whole[SECTOR_LEN];

    fill_sector(whole, sector, tag);
    memcpy(out, whole + from, to - from);
}

static struct kept {
    uint32_t tag;
    size_t len;
    uint8_t *bytes;
} kept[4];

const uint8_t *pattern_view(size_t len, uint64_t offset, uint32_t tag)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept) && kept[i].bytes; i++)
        if (kept[i].tag == tag && offset <= kept[i].len &&
            len <= kept[i].len - offset)
            return kept[i].bytes + offset;
    return NULL;
}

void pattern_keep(uint32_t tag, size_t len)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        if (kept[i].bytes)
            continue;
        kept[i].bytes = mem_raw(len);
        pattern_fill(kept[i].bytes, len, 0, tag);
        kept[i].tag = tag;
        kept[i].len = len;
        return;
    }
}

void pattern_fill(void *out, size_t len, uint64_t offset, uint32_t tag)
{
    uint8_t *to = out;
    const uint8_t *ready = pattern_view(len, offset, tag);

    if (ready) {
        memcpy(out, ready, len);
        return;
    }

    while (len) {
        size_t from = (size_t)(offset % SECTOR_LEN);
        size_t n = SECTOR_LEN - from;

        if (n > len)
            n = len;
        if (n == SECTOR_LEN)
            fill_sector(to, offset / SECTOR_LEN, tag);
        else
            fill_part(to, from, from + n, offset / SECTOR_LEN, tag);
        to += n;
        len -= n;
        offset += n;
    }
}

bool pattern_is_zeros(const void *data, size_t len)
{
    const uint8_t *bytes = data;

    return len == 0 || (!bytes[0] && !memcmp(bytes, bytes + 1, len - 1));
}

/* Reads one unit: what it says, if writing that again gives these bytes. */
static bool decode(uint32_t *tag, uint64_t *sector, const uint8_t *in)
{
    struct unit u;
    uint8_t again[PATTERN_UNIT];
    uint8_t mask = in[1] & LOW6;
    uint32_t number = in[0] & LOW6;
    uint64_t s = (in[0] ^ in[1]) & LOW6;
    unsigned place = (unsigned)(in[14] ^ mask) & LOW6;

    for (int i = 2; i <= 10; i++)
        s |= (uint64_t)((in[i] ^ mask) & LOW6) << (6 * (i - 1));
    for (int i = 11; i <= 13; i++)
        number |= (uint32_t)((in[i] ^ mask) & LOW6) << (6 * (i - 10));
    *tag = (uint32_t)(in[0] >> 6) << 24 | number;
    *sector = s;
    if (!(*tag & TAG_CLASS) || place >= UNITS)
        return false;
    unit_begin(&u, s, *tag);
    unit_put(again, &u, place);
    return memcmp(again, in, PATTERN_UNIT) == 0;
}

bool pattern_identify(uint32_t *tag, uint64_t *sector, const void *data,
                      size_t len, uint64_t offset)
{
    size_t skip =
        (size_t)((PATTERN_UNIT - offset % PATTERN_UNIT) % PATTERN_UNIT);

    if (len < skip || len - skip < PATTERN_UNIT)
        return false;
    return decode(tag, sector, (const uint8_t *)data + skip);
}

static const char *class_name(unsigned class)
{
    static const char *const names[] = {
        "bytes of no pattern", "old bytes of the image file", "backing bytes",
        "guest-written bytes"};

    return names[class & 3];
}

static bool one_class(const uint8_t *data, size_t len)
{
    for (size_t i = 1; i < len; i++)
        if (data[i] >> 6 != data[0] >> 6)
            return false;
    return len && data[0] >> 6;
}

static void name_tag(char *out, size_t size, uint32_t tag, uint64_t sector)
{
    unsigned number = tag & TAG_NUMBER;

    if ((tag & TAG_CLASS) == TAG_WRITE)
        snprintf(out, size, "guest write %u at sector %llu", number,
                 (unsigned long long)sector);
    else if (number)
        snprintf(out, size, "%s, another file %u, sector %llu",
                 class_name(tag >> 24), number, (unsigned long long)sector);
    else
        snprintf(out, size, "%s of sector %llu", class_name(tag >> 24),
                 (unsigned long long)sector);
}

void pattern_name(char *out, size_t size, const void *data, size_t len,
                  uint64_t offset)
{
    const uint8_t *bytes = data;
    uint32_t tag;
    uint64_t sector;
    size_t n;

    if (pattern_is_zeros(bytes, len)) {
        snprintf(out, size, "zeros");
        return;
    }
    if (pattern_identify(&tag, &sector, data, len, offset)) {
        name_tag(out, size, tag, sector);
        return;
    }
    n = (size_t)snprintf(out, size, "%s:",
                         one_class(bytes, len < 16 ? len : 16)
                             ? class_name(bytes[0] >> 6)
                             : "unknown bytes");
    for (size_t i = 0; i < len && i < 16 && n + 4 < size; i++)
        n += (size_t)snprintf(out + n, size - n, " %02x", bytes[i]);
}

const char *pattern_kind(const void *data, size_t len, uint64_t offset)
{
    static const char *const kinds[] = {"unknown", "old", "backing", "write"};
    const uint8_t *bytes = data;
    uint32_t tag;
    uint64_t sector;

    if (pattern_is_zeros(bytes, len))
        return "zeros";
    if (pattern_identify(&tag, &sector, data, len, offset))
        return kinds[tag >> 24 & 3];
    return one_class(bytes, len < 16 ? len : 16) ? kinds[bytes[0] >> 6]
                                                 : kinds[0];
}

/* How many of LEN bytes at DATA have the class of the first. */
static size_t same_class(const uint8_t *data, size_t len)
{
    size_t n = 1;

    while (n < len && data[n] >> 6 == data[0] >> 6)
        n++;
    return n;
}

void pattern_name_parts(char *out, size_t size, const void *data, size_t len,
                        uint64_t offset)
{
    const uint8_t *bytes = data;
    size_t used = 0;
    size_t n;

    out[0] = '\0';
    for (size_t at = 0, i = 0; at < len && i < 4 && used < size;
         at += n, i++) {
        char name[120];

        n = same_class(bytes + at, len - at);
        pattern_name(name, sizeof(name), bytes + at, n, offset + at);
        name[strcspn(name, ":")] = '\0'; /* too long in hex */
        if (at)
            used += (size_t)snprintf(out + used, size - used,
                                     ", from byte %zu on ", at);
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%s", name);
    }
}
