/* SPDX-License-Identifier: MIT
 *
 * fuzz_open.c - the input is a whole add-cow file of any length: open it,
 * read the disk, ask for its map and check it, and compare all of that with
 * the decision table and the oracle of the suite.
 *
 * Reading is bounded: around each boundary of two clusters, at both ends, and
 * once over up to three clusters at a place that the input chooses.
 *
 * Deliberately missing: writing; fuzz_ops does.
 */
#include "data/pattern.h"
#include "data/store.h"
#include "fuzz.h"
#include "opened.h"
#include "oracle/oracle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLUSTER_LEN = 65536,
    HEADER_LEN = 2560,
    NEAR = 600, /* bytes read on either side of a boundary */
    ROOM = 3 * CLUSTER_LEN
};

/* An image that has been opened. */
struct opened {
    const struct addcow_shim *shim;
    const struct verdict *verdict;
    const uint8_t *bitmap;
    void *image;
    struct oracle *oracle;
    uint64_t unit; /* of requests: IMPL-2 */
};

static bool is_set(const uint8_t *bitmap, uint64_t cluster)
{
    return bitmap[cluster / 8] >> cluster % 8 & 1;
}

/* Any byte only of a shim that declares it. */
static uint64_t unit_of(const struct addcow_shim *shim)
{
    const struct addcow_choice *each = shim->choices;

    for (; each && each->clause; each++)
        if (strcmp(each->clause, "IMPL-2") == 0 && each->choice[0] == 'a')
            return 1;
    return 512;
}

/* Version 0 of everything, from the same files and bits. */
static struct oracle *ideal(const struct verdict *v, const uint8_t *bitmap)
{
    struct oracle *oracle = oracle_new(v->size);
    struct store *image = store_new();
    struct store *backing = store_new();

    store_fill(image, TAG_OLD, v->image.len);
    store_fill(backing, TAG_BACKING, v->backing.len);
    oracle_set_files(oracle, image, v->has_backing ? backing : NULL);
    for (uint64_t c = 0; c < v->n_clusters; c++)
        if (is_set(bitmap, c))
            oracle_set_allocated(oracle, c);
    store_free(image);
    store_free(backing);
    return oracle;
}

/* Whether a read of the range needs a backing file that is refused only now
 * (IMPL-1). */
static bool is_refused_late(const struct opened *o, uint64_t len,
                            uint64_t offset, int result)
{
    outcomes late = o->verdict->allowed & ~UINT32_C(1);
    bool told = (o->shim->capabilities & ADDCOW_CAP_CLASSES) != 0;

    if (!late || result == ADDCOW_OK || result == ADDCOW_UNIMPLEMENTED)
        return false;
    for (uint64_t c = offset / CLUSTER_LEN; c * CLUSTER_LEN < offset + len;
         c++)
        if (!is_set(o->bitmap, c))
            return !told || table_allows(late, result);
    return false;
}

/* Room for LEN bytes that end where the memory ends, so that a byte too many
 * is seen. */
static uint8_t *room_for(uint64_t len)
{
    static uint8_t *room;

    if (!room)
        room = malloc(ROOM);
    if (!room)
        abort();
    return room + (ROOM - len);
}

static void read_range(const struct opened *o, uint64_t from, uint64_t to)
{
    uint8_t *data;
    struct mismatch wrong;
    uint64_t len;
    int result;

    from -= from % o->unit;
    to += (o->unit - to % o->unit) % o->unit;
    to = to < o->verdict->size ? to : o->verdict->size;
    if (from >= to)
        return;
    len = to - from < ROOM ? to - from : ROOM;
    data = room_for(len);
    result = o->shim->read(o->image, data, (size_t)len, from);
    fuzz_count(0, 1, len);
    if (is_refused_late(o, len, from, result))
        return;
    if (result != ADDCOW_OK)
        fuzz_fail("RD-3",
                  "read of %llu bytes at %llu: expected success, got %s (%d)",
                  (unsigned long long)len, (unsigned long long)from,
                  table_name(result), result);
    if (!oracle_check(o->oracle, &wrong, data, (size_t)len, from))
        fuzz_fail("RD-3",
                  "read of %llu bytes at %llu: at %llu expected %s, got %s",
                  (unsigned long long)len, (unsigned long long)from,
                  (unsigned long long)wrong.offset, wrong.expected, wrong.got);
}

static void read_disk(const struct opened *o, uint64_t choice)
{
    uint64_t size = o->verdict->size;
    uint64_t at;

    read_range(o, 0, NEAR);
    for (at = CLUSTER_LEN; at < size; at += CLUSTER_LEN)
        read_range(o, at - NEAR, at + NEAR);
    read_range(o, size - (size < NEAR ? size : NEAR), size);
    at = size ? choice % size : 0;
    read_range(o, at, at + 1 + choice % ROOM);
}

/* Whether RESULT is CLASS, or any class of a shim that does not tell. */
static bool is_refusal(const struct addcow_shim *shim, int result, int class)
{
    if (shim->capabilities & ADDCOW_CAP_CLASSES)
        return result == class;
    return result != ADDCOW_OK && result != ADDCOW_UNIMPLEMENTED;
}

/* RD-5, RD-6: at the end, and where the sum wraps. */
static void read_outside(const struct opened *o)
{
    static uint8_t data[2 * 512];
    uint64_t size = o->verdict->size;
    int result = o->shim->read(o->image, data, 0, size);

    if (result != ADDCOW_OK)
        fuzz_fail("RD-6", "read of 0 bytes at the end: got %s (%d)",
                  table_name(result), result);
    result = o->shim->read(o->image, data, 512, size);
    if (!is_refusal(o->shim, result, ADDCOW_RANGE))
        fuzz_fail("RD-5", "read of 512 bytes at the end: got %s (%d)",
                  table_name(result), result);
    result = o->shim->read(o->image, data, sizeof(data), UINT64_MAX - 511);
    fuzz_count(0, 3, 0);
    if (!is_refusal(o->shim, result, ADDCOW_RANGE))
        fuzz_fail("RD-5", "read of 1024 bytes at 2^64 - 512: got %s (%d)",
                  table_name(result), result);
}

/* MAP-4 */
static void map_outside(const struct opened *o)
{
    uint64_t size = o->verdict->size;
    uint64_t len;
    uint32_t state;
    int empty = o->shim->map(o->image, &len, &state, 0, 0);
    int over = o->shim->map(o->image, &len, &state, size + 512, 0);

    fuzz_count(0, 2, 0);
    if (!is_refusal(o->shim, empty, ADDCOW_RANGE) ||
        !is_refusal(o->shim, over, ADDCOW_RANGE))
        fuzz_fail("MAP-4", "map of 0 bytes: %s (%d); past the end: %s (%d)",
                  table_name(empty), empty, table_name(over), over);
}

static uint64_t whole_units(const struct opened *o, uint64_t len)
{
    return (len + o->unit - 1) / o->unit * o->unit;
}

/* MAP-1, MAP-2: every run, from the start to the end. */
static void read_map(const struct opened *o)
{
    uint64_t size = o->verdict->size;
    uint64_t len = 0;
    uint32_t state;

    for (uint64_t at = 0; at < size; at += whole_units(o, len)) {
        int result = o->shim->map(o->image, &len, &state, size - at, at);

        fuzz_count(0, 1, 0);
        if (result != ADDCOW_OK || len == 0 || len > size - at)
            fuzz_fail("MAP-2", "map at %llu: %llu bytes and %s (%d)",
                      (unsigned long long)at, (unsigned long long)len,
                      table_name(result), result);
        for (uint64_t c = at / CLUSTER_LEN; c * CLUSTER_LEN < at + len; c++)
            if ((state == ADDCOW_MAP_ALLOCATED) != is_set(o->bitmap, c))
                fuzz_fail("MAP-1", "map at %llu: cluster %llu has state %u",
                          (unsigned long long)at, (unsigned long long)c,
                          state);
    }
}

static void use(const struct addcow_shim *shim, const struct verdict *v,
                void *image, const uint8_t *data, size_t len)
{
    struct opened o = {.shim = shim,
                       .verdict = v,
                       .bitmap = data + HEADER_LEN,
                       .image = image,
                       .oracle = ideal(v, data + HEADER_LEN),
                       .unit = unit_of(shim)};
    uint64_t choice = 0;

    for (size_t i = len; i > HEADER_LEN && i + 8 > len; i--)
        choice = choice << 8 | data[i - 1];
    read_disk(&o, choice * UINT64_C(0x9e3779b97f4a7c15) >> 8);
    read_outside(&o);
    if (shim->capabilities & ADDCOW_CAP_MAP) {
        read_map(&o);
        map_outside(&o);
    }
    oracle_free(o.oracle);
}

/* CHK-2, CHK-3, CHK-4: of an image that must open. */
static void judge_good(const struct addcow_check_result *found,
                       const struct verdict *v, const uint8_t *bitmap)
{
    uint64_t n_bits = (v->n_clusters + 7) / 8 * 8;
    uint64_t n_set = 0;
    bool stray = false;

    for (uint64_t c = 0; c < n_bits; c++) {
        if (is_set(bitmap, c) && c < v->n_clusters)
            n_set++;
        else if (is_set(bitmap, c))
            stray = true;
    }
    if (found->errors)
        fuzz_fail("CHK-2", "check: %llu errors in an image that must open",
                  (unsigned long long)found->errors);
    if (found->clusters != v->n_clusters || found->allocated != n_set)
        fuzz_fail("CHK-4",
                  "check: expected %llu clusters, %llu allocated; got %llu, "
                  "%llu",
                  (unsigned long long)v->n_clusters, (unsigned long long)n_set,
                  (unsigned long long)found->clusters,
                  (unsigned long long)found->allocated);
    if (stray && !found->warnings)
        fuzz_fail("CHK-3", "check: no warning for a bit beyond the last");
}

static void judge_check(const struct addcow_shim *shim,
                        const struct verdict *v, const uint8_t *data)
{
    const struct addcow_check_args args = {.size = sizeof(args),
                                           .name = still_entry()};
    struct addcow_check_result found = {.size = sizeof(found)};
    int result = shim->check(&found, judge_host(), &args);
    outcomes refused = v->allowed & ~UINT32_C(1);
    bool must_open = v->allowed == 1;

    fuzz_count(0, 1, 0);
    if (must_open && result == ADDCOW_OK)
        judge_good(&found, v, data + HEADER_LEN);
    else if (must_open)
        fuzz_fail("CHK-2", "check: got %s (%d) for an image that must open",
                  table_name(result), result);
    if (result != ADDCOW_OK && shim->capabilities & ADDCOW_CAP_CLASSES &&
        !table_allows(refused, result))
        fuzz_fail("CHK-6", "check: got %s (%d)", table_name(result), result);
    if (!v->accepted && result == ADDCOW_OK &&
        !table_allows(refused, ADDCOW_CORRUPT))
        fuzz_fail("CHK-6", "check: success for what %s refuses", v->clause);
    if (v->allowed == refused && table_allows(refused, ADDCOW_CORRUPT) &&
        result == ADDCOW_OK && !found.errors)
        fuzz_fail("CHK-1", "check: no error in an image that %s forbids",
                  v->clause);
    if (still_bug())
        fuzz_fail("CHK-5", "check: %s", still_bug());
    if (still_n_open())
        fuzz_fail("ERR-4", "check: files of the host are still open");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct addcow_shim *shim = fuzz_iut();
    struct verdict verdict;
    void *image;

    still_begin(data, len);
    judge_probe(shim, data, len);
    image = judge_open(&verdict, shim, data, len);
    if (image) {
        use(shim, &verdict, image, data, len);
        judge_close(shim, &verdict, image);
    }
    if (shim->capabilities & ADDCOW_CAP_CHECK)
        judge_check(shim, &verdict, data);
    return 0;
}
