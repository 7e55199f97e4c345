/* SPDX-License-Identifier: MIT
 *
 * mutator.c - changes to an add-cow file that know its fields.
 *
 * A blind mutator never makes a name of 1024 bytes without a NUL, nor a good
 * header from a bad one; each step here is one defect of one field, at a
 * boundary where the field has one, or its repair.
 */
#include "mutator.h"

#include <stdbool.h>
#include <string.h>

enum {
    VERSION_AT = 8,
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    FIELD_LEN = 1024,
    RESERVED_AT = 2060,
    HEADER_LEN = 2560
};

static const uint8_t good_start[BACKING_AT] = {
    0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f, 0x57, 0xff, 0, 0, 0, 1};

/* What is being changed, and the choices that are left in the seed. */
struct draft {
    uint8_t *data;
    size_t len;
    size_t room;
    uint64_t random;
};

/* xorshift64*: a number below LIMIT. */
static size_t pick(struct draft *d, size_t limit)
{
    d->random ^= d->random >> 12;
    d->random ^= d->random << 25;
    d->random ^= d->random >> 27;
    return (size_t)((d->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % limit;
}

static bool one_in(struct draft *d, size_t n)
{
    return pick(d, n) == 0;
}

/* Cuts, or extends with zeros. */
static void set_len(struct draft *d, size_t len)
{
    if (len > d->room)
        len = d->room;
    if (len > d->len)
        memset(d->data + d->len, 0, len - d->len);
    d->len = len;
}

static void set_byte(struct draft *d, size_t at, size_t byte)
{
    if (at < d->len)
        d->data[at] = (uint8_t)byte;
}

static void flip_bit(struct draft *d, size_t at)
{
    if (at < d->len)
        d->data[at] ^= (uint8_t)(1u << pick(d, 8));
}

/* ---- Magic, version, reserved bytes, length, bitmap --------------------- */

static void break_magic(struct draft *d)
{
    if (one_in(d, 2))
        flip_bit(d, pick(d, VERSION_AT));
    else
        set_byte(d, pick(d, VERSION_AT), one_in(d, 2) ? 0 : pick(d, 256));
}

static void change_version(struct draft *d)
{
    static const uint8_t versions[][4] = {
        {0, 0, 0, 0},    {0, 0, 0, 1},    {0, 0, 0, 2},
        {1, 0, 0, 0},    {0, 0, 1, 0},    {0, 0, 1, 1},
        {0, 1, 0, 1},    {1, 0, 0, 1},    {0x80, 0, 0, 1},
        {0, 0, 0, 0x81}, {0, 0, 0, 0xff}, {0xff, 0xff, 0xff, 0xff}};
    const uint8_t *version =
        versions[pick(d, sizeof(versions) / sizeof(*versions))];

    if (one_in(d, 4))
        flip_bit(d, VERSION_AT + pick(d, 4));
    else
        for (size_t i = 0; i < 4; i++)
            set_byte(d, VERSION_AT + i, version[i]);
}

/* The first, the last, any: a single bit, as a feature flag would be. */
static void change_reserved(struct draft *d)
{
    static const size_t places[] = {RESERVED_AT, RESERVED_AT + 3,
                                    HEADER_LEN - 4, HEADER_LEN - 1};
    size_t at = one_in(d, 2) ? places[pick(d, 4)]
                             : RESERVED_AT + pick(d, HEADER_LEN - RESERVED_AT);

    flip_bit(d, at);
}

static void change_len(struct draft *d)
{
    static const size_t lens[] = {
        0,    1,    7,    8,    9,    11,   12,   13,   511,  512,  513,
        1035, 1036, 1037, 1044, 2059, 2060, 2061, 2558, 2559, 2560, 2561,
        2562, 2563, 2568, 2569, 3071, 3072, 3073, 4096, 6656};

    switch (pick(d, 4)) {
    case 0:
        set_len(d, d->len + 1);
        break;
    case 1:
        set_len(d, d->len ? d->len - 1 : 0);
        break;
    default:
        set_len(d, lens[pick(d, sizeof(lens) / sizeof(*lens))]);
    }
}

static void change_bitmap(struct draft *d)
{
    size_t len;

    if (d->len <= HEADER_LEN)
        set_len(d, HEADER_LEN + 1 + pick(d, 16));
    if (d->len <= HEADER_LEN)
        return;
    len = d->len - HEADER_LEN;
    if (one_in(d, 4))
        memset(d->data + HEADER_LEN, one_in(d, 2) ? 0 : 0xff, len);
    else if (one_in(d, 2))
        flip_bit(d, HEADER_LEN + pick(d, len));
    else
        set_byte(d, HEADER_LEN + pick(d, len), pick(d, 256));
}

/* ---- Names -------------------------------------------------------------- */

/* What a name may be made of: plain, absolute, upwards, protocols, the
 * add-cow file itself, and the letters of still.h. */
static const char *const words[] = {"disk.raw",
                                    "base.raw",
                                    "d",
                                    "",
                                    "/dir/disk.add-cow",
                                    "disk.add-cow",
                                    "./disk.raw",
                                    "/dir/disk.raw",
                                    "/base.raw",
                                    "missing",
                                    "in",
                                    "in/",
                                    ".",
                                    "..",
                                    "/",
                                    "../dir/disk.raw",
                                    "x/../disk.raw",
                                    "huge",
                                    "short",
                                    "exact",
                                    "zero",
                                    "yes",
                                    "file:base",
                                    "nbd://h/e",
                                    ":disk",
                                    "disk:",
                                    "a:b/c",
                                    "./a:b",
                                    "a/b:c",
                                    "d:",
                                    "DISK.RAW",
                                    " disk",
                                    "disk ",
                                    "di\\sk",
                                    "d\x01\x1b",
                                    "caf\xc3\xa9",
                                    "\xff\xfe",
                                    "%2e",
                                    "..//disk.raw",
                                    "dir/disk.add-cow"};

static void clear_field(struct draft *d, size_t field)
{
    if (d->len < field + FIELD_LEN)
        set_len(d, field + FIELD_LEN);
    if (d->len >= field + FIELD_LEN)
        memset(d->data + field, 0, FIELD_LEN);
}

/* LEN bytes of name: as many "./" as it takes before the word. */
static void put_name(struct draft *d, size_t field, const char *word,
                     size_t len)
{
    size_t word_len = strlen(word);
    size_t at = 0;

    clear_field(d, field);
    for (; at + word_len < len; at++)
        set_byte(d, field + at, (len - word_len - at) % 2 ? '/' : '.');
    for (size_t i = 0; i < word_len && at < FIELD_LEN; i++)
        set_byte(d, field + at++, (uint8_t)word[i]);
}

static void put_word(struct draft *d, size_t field)
{
    static const size_t lens[] = {1,   2,    63,   127,  255,  256,
                                  500, 1020, 1021, 1022, 1023, 1024};
    const char *word = words[pick(d, sizeof(words) / sizeof(*words))];
    size_t len = strlen(word);

    if (one_in(d, 3)) {
        size_t wanted =
            one_in(d, 2) ? 1 + pick(d, FIELD_LEN) : lens[pick(d, 12)];

        len = wanted > len ? wanted : len;
    }
    put_name(d, field, word, len);
}

/* Something where the zeros are: right after the NUL, last, anywhere. */
static void break_padding(struct draft *d, size_t field)
{
    size_t len = 0;

    while (field + len < d->len && len < FIELD_LEN && d->data[field + len])
        len++;
    switch (pick(d, 3)) {
    case 0:
        set_byte(d, field + FIELD_LEN - 1, 1 + pick(d, 255));
        break;
    case 1:
        if (len + 1 < FIELD_LEN)
            set_byte(d, field + len + 1, 1 + pick(d, 255));
        break;
    default:
        flip_bit(d, field + pick(d, FIELD_LEN));
    }
}

/* No NUL at all, or only the very last byte. */
static void fill_field(struct draft *d, size_t field)
{
    clear_field(d, field);
    if (d->len >= field + FIELD_LEN)
        memset(d->data + field, one_in(d, 2) ? 'a' : '/', FIELD_LEN);
    if (one_in(d, 3))
        set_byte(d, field + FIELD_LEN - 1, 0);
}

/* One byte of the name: a NUL in it, a '/', a ':', any. */
static void change_byte(struct draft *d, size_t field)
{
    static const uint8_t bytes[] = {0, '/', ':', '.', 'm', 0xff};
    size_t at = field + pick(d, one_in(d, 2) ? 4 : FIELD_LEN);

    set_byte(d, at, one_in(d, 2) ? bytes[pick(d, 6)] : pick(d, 256));
}

static void copy_field(struct draft *d, size_t field)
{
    size_t from = field == IMAGE_AT ? BACKING_AT : IMAGE_AT;

    if (d->len >= IMAGE_AT + FIELD_LEN)
        memcpy(d->data + field, d->data + from, FIELD_LEN);
}

static void change_name(struct draft *d)
{
    size_t field = one_in(d, 2) ? BACKING_AT : IMAGE_AT;

    switch (pick(d, 12)) {
    case 0:
        copy_field(d, field);
        break;
    case 1:
        fill_field(d, field);
        break;
    case 2:
    case 3:
        break_padding(d, field);
        break;
    case 4:
    case 5:
        change_byte(d, field);
        break;
    default:
        put_word(d, field);
    }
}

/* ---- All of it ---------------------------------------------------------- */

static void zero_after_name(struct draft *d, size_t field)
{
    uint8_t *nul;

    d->data[field + FIELD_LEN - 1] = 0;
    nul = memchr(d->data + field, 0, FIELD_LEN);
    memset(nul, 0, (size_t)(d->data + field + FIELD_LEN - nul));
}

/* A header that has no defect but for its names. */
static void repair(struct draft *d)
{
    if (d->len < HEADER_LEN)
        set_len(d, HEADER_LEN);
    if (d->len < HEADER_LEN)
        return;
    memcpy(d->data, good_start, sizeof(good_start));
    zero_after_name(d, BACKING_AT);
    zero_after_name(d, IMAGE_AT);
    memset(d->data + RESERVED_AT, 0, HEADER_LEN - RESERVED_AT);
    if (!d->data[IMAGE_AT])
        put_name(d, IMAGE_AT, "disk.raw", 8);
}

static bool is_good_start(const struct draft *d)
{
    return d->len >= HEADER_LEN &&
           memcmp(d->data, good_start, sizeof(good_start)) == 0;
}

static void step(struct draft *d)
{
    switch (pick(d, 16)) {
    case 0:
        break_magic(d);
        break;
    case 1:
        change_version(d);
        break;
    case 2:
        change_reserved(d);
        break;
    case 3:
        change_len(d);
        break;
    case 4:
    case 5:
        change_bitmap(d);
        break;
    case 6:
        flip_bit(d, pick(d, d->len + 1));
        break;
    default:
        change_name(d);
    }
}

size_t mutate(uint8_t *data, size_t len, size_t room, uint64_t seed)
{
    struct draft d = {.data = data, .len = len, .room = room};
    size_t n_steps;

    d.random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    n_steps = 1 + pick(&d, 4) / 2;
    if (!is_good_start(&d) && !one_in(&d, 8))
        repair(&d);
    else if (one_in(&d, 4))
        repair(&d);
    while (n_steps--)
        step(&d);
    return d.len;
}

/* What libFuzzer has of its own, now and then; it is not there where another
 * engine links this file. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t room)
    __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t room,
                               unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t room,
                               unsigned seed)
{
    if (LLVMFuzzerMutate && seed % 16 == 0)
        return LLVMFuzzerMutate(data, len, room);
    return mutate(data, len, room, seed);
}
