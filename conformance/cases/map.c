/* SPDX-License-Identifier: MIT
 *
 * map.c - chapter 13, Allocation map.
 *
 * Answers may be shorter than the run that they describe (MAP-3): every case
 * asks again for the rest.
 */
#include "all.h"
#include "env/env.h"

#include <stdbool.h>
#include <stdio.h>

#define NEEDS ADDCOW_CAP_MAP
#define NEEDS_WRITE (ADDCOW_CAP_MAP | ADDCOW_CAP_WRITE)
#define NEEDS_HOST (ADDCOW_CAP_MAP | ADDCOW_CAP_HOST)

/* ---- Helpers ------------------------------------------------------------ */

/* The state at OFFSET, asked for LEN bytes; *OUT_LEN is the answer's length.
 */
static int ask(struct env *env, struct img *img, const char *clause,
               uint64_t *out_len, uint64_t len, uint64_t offset)
{
    uint32_t state = 0;

    expect_ok(env, clause, img_map(img, out_len, &state, len, offset));
    expect_that(env, clause, "a length from 1 to the one asked for",
                *out_len >= 1 && *out_len <= len,
                "a length of %llu bytes, asked for were %llu",
                (unsigned long long)*out_len, (unsigned long long)len);
    return state & ADDCOW_MAP_ALLOCATED ? 1 : 0;
}

static int state_at(struct env *env, struct img *img, const char *clause,
                    uint64_t len, uint64_t offset)
{
    uint64_t told;

    return ask(env, img, clause, &told, len, offset);
}

/* The first byte at OFFSET or beyond, below END, at which the state is not
 * WANT; END if there is no such byte. */
static uint64_t end_of_run(struct env *env, struct img *img,
                           const char *clause, int want, uint64_t end,
                           uint64_t offset)
{
    while (offset < end) {
        uint64_t told;

        if (ask(env, img, clause, &told, end - offset, offset) != want)
            break;
        offset += told;
    }
    return offset;
}

/* The unit of requests that every shim accepts (IMPL-2). */
static uint64_t unit(struct env *env)
{
    return choice_of(env, "IMPL-2") == 'a' ? 1 : SECTOR;
}

/* What a map answered for WHERE is WANT: 1 allocated, 0 not. */
static void expect_told(struct env *env, const char *clause, const char *where,
                        int got, int want)
{
    static const char *const states[] = {"unallocated", "allocated"};
    char words[100];

    snprintf(words, sizeof(words), "%s: %s", where, states[want]);
    expect_that(env, clause, words, got == want, "%s: %s", where, states[got]);
}

/* The state of CLUSTER at its first and at its last unit. */
static void expect_state(struct env *env, struct img *img, const char *clause,
                         uint64_t cluster, int want)
{
    uint64_t start = cluster * CLUSTER, end = start + CLUSTER;
    uint64_t size = img_size(img), u = unit(env);

    if (end > size)
        end = size;
    doing(env, "map of cluster %llu", (unsigned long long)cluster);
    expect_told(env, clause, "first byte of the cluster",
                state_at(env, img, clause, u, start), want);
    expect_told(env, clause, "last byte of the cluster",
                state_at(env, img, clause, u, end - u), want);
}

/* ---- MAP-1 -------------------------------------------------------------- */

static const uint64_t mixed[] = {0, 2, 7, 9, 10, END_OF_LIST};

#define MIXED_SIZE (12 * CLUSTER + 1024)

static bool in_list(const uint64_t *list, uint64_t cluster)
{
    while (*list != END_OF_LIST)
        if (*list++ == cluster)
            return true;
    return false;
}

static struct img *open_mixed(struct env *env, uint32_t flags)
{
    make_image(env, &(struct image_recipe){.image_size = MIXED_SIZE,
                                           .backing_size = 3 * CLUSTER,
                                           .set = mixed});
    return open_image(env, flags);
}

/* ARG are the flags of open.  What is open for writing may have been copied up
 * without a request (IMPL-3 b). */
static void each_cluster(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, (uint32_t)self->arg);
    uint64_t c, n = clusters_of(MIXED_SIZE);
    bool may_copy = self->arg && choice_of(env, "IMPL-3") != 'a';

    for (c = 0; c < n; c++)
        if (in_list(mixed, c) || !may_copy)
            expect_state(env, img, "MAP-1", c, in_list(mixed, c));
    must_close(img);
}

/* ARG is the virtual size; all bits are 1, or none if TEXT is null. */
static void one_state(struct env *env, const struct conf_case *self)
{
    int want = self->text != NULL;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER,
                                           .set_all = want});
    img = open_image(env, 0);
    expect_u64(env, "MAP-1", "end of the run",
               end_of_run(env, img, "MAP-2", want, self->arg, 0), self->arg);
    expect_state(env, img, "MAP-1", clusters_of(self->arg) - 1, want);
    must_close(img);
}

/* ARG is a cluster, the only one that is allocated, or the only one that is
 * not if TEXT is given; there is one after it. */
static void lone_cluster(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg, END_OF_LIST};
    uint64_t c = self->arg, size = (c + 2) * CLUSTER;
    int inverse = self->text != NULL;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = size,
                                           .backing_size = CLUSTER,
                                           .set = inverse ? NULL : set,
                                           .set_all = inverse});
    if (inverse)
        set_bit_of(env, ADDCOW_NAME, c, 0);
    img = open_image(env, 0);
    expect_state(env, img, "MAP-1", c, !inverse);
    expect_state(env, img, "MAP-1", c + 1, inverse);
    if (c)
        expect_state(env, img, "MAP-1", c - 1, inverse);
    must_close(img);
}

static void no_backing_file(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = MIXED_SIZE,
                                           .no_backing = 1,
                                           .set = mixed});
    img = open_image(env, 0);
    expect_state(env, img, "MAP-1", 0, 1);
    expect_state(env, img, "MAP-1", 1, 0);
    expect_state(env, img, "MAP-1", 12, 0);
    must_close(img);
}

/* A bit beyond the last cluster says nothing of the disk. */
static void stale_bits(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 2 * CLUSTER + 512,
                                           .backing_size = CLUSTER});
    set_bit_of(env, ADDCOW_NAME, 3, 1);
    set_bit_of(env, ADDCOW_NAME, 7, 1);
    img = open_image(env, 0);
    expect_u64(env, "MAP-1", "end of the run",
               end_of_run(env, img, "MAP-2", 0, 2 * CLUSTER + 512, 0),
               2 * CLUSTER + 512);
    must_close(img);
}

static void pending_bits(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, ADDCOW_OPEN_WRITE);
    uint64_t last = clusters_of(MIXED_SIZE) - 1;

    (void)self;
    must_write(img, 512, CLUSTER + 1024);
    must_write(img, 1024, 9 * CLUSTER - 512);
    must_write(img, 512, MIXED_SIZE - 512);
    expect_state(env, img, "MAP-1", 1, 1);
    expect_state(env, img, "MAP-1", 8, 1);
    expect_state(env, img, "MAP-1", last, 1);
    must_flush(img);
    expect_state(env, img, "MAP-1", 1, 1);
    expect_state(env, img, "MAP-1", 8, 1);
    expect_state(env, img, "MAP-1", last, 1);
    must_close(img);
}

/* Clusters that no request touched; they stay so unless IMPL-3 is (b). */
static void untouched_neighbours(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, ADDCOW_OPEN_WRITE);
    int free_to_copy = choice_of(env, "IMPL-3") != 'a';

    (void)self;
    must_write(img, CLUSTER, 4 * CLUSTER);
    for (uint64_t c = 3; c <= 5 && !free_to_copy; c++)
        expect_state(env, img, "MAP-1", c, c == 4);
    expect_state(env, img, "MAP-1", 4, 1);
    must_close(img);
}

/* ---- MAP-2 -------------------------------------------------------------- */

/* The number of clusters from FIRST to LAST that have not STATE. */
static uint64_t others(uint64_t first, uint64_t last, int state)
{
    uint64_t n = 0;

    for (; first <= last; first++)
        n += in_list(mixed, first) != state;
    return n;
}

/* Walks the disk by questions of ARG bytes. */
static void walk(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, 0);
    uint64_t offset = 0;

    if (self->arg % unit(env))
        skip_na(env, NA_CHOICE);
    while (offset < MIXED_SIZE) {
        uint64_t told, left = MIXED_SIZE - offset;
        uint64_t len = left < self->arg ? left : self->arg;
        int state = ask(env, img, "MAP-2", &told, len, offset);

        expect_told(env, "MAP-1", "offset that was asked for", state,
                    in_list(mixed, offset / CLUSTER));
        expect_u64(
            env, "MAP-2",
            "clusters of another state in the range of the answer",
            others(offset / CLUSTER, (offset + told - 1) / CLUSTER, state), 0);
        offset += told;
    }
    must_close(img);
}

/* From the middle of each cluster on, a run ends where the state changes. */
static void runs_end(struct env *env, const struct conf_case *self)
{
    static const struct {
        uint64_t cluster, end;
        int state;
    } runs[] = {{0, 1, 1}, {1, 2, 0}, {2, 3, 1},  {3, 7, 0},
                {7, 8, 1}, {8, 9, 0}, {9, 11, 1}, {11, 13, 0}};
    struct img *img = open_mixed(env, 0);

    (void)self;
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        uint64_t end = runs[i].end * CLUSTER;

        if (end > MIXED_SIZE)
            end = MIXED_SIZE;
        expect_u64(env, "MAP-2", "end of a run",
                   end_of_run(env, img, "MAP-2", runs[i].state, MIXED_SIZE,
                              runs[i].cluster * CLUSTER + 512),
                   end);
    }
    must_close(img);
}

/* The state changes at the offset ARG, and nowhere else, on a disk that ends
 * two clusters later. */
static void run_ends_at(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg / CLUSTER, self->arg / CLUSTER + 1,
                            END_OF_LIST};
    uint64_t size = self->arg + 2 * CLUSTER, from = 0;
    struct img *img;

    if (self->arg > 64 * MIB)
        from = self->arg - 64 * MIB;
    make_image(env, &(struct image_recipe){.image_size = size,
                                           .backing_size = CLUSTER,
                                           .set = set});
    img = open_image(env, 0);
    expect_u64(env, "MAP-2", "end of the unallocated run",
               end_of_run(env, img, "MAP-2", 0, size, from), self->arg);
    expect_u64(env, "MAP-2", "end of the allocated run",
               end_of_run(env, img, "MAP-2", 1, size, self->arg), size);
    must_close(img);
}

/* ---- MAP-4 -------------------------------------------------------------- */

struct range {
    uint64_t len, offset;
};

enum {
    EMPTY,
    EMPTY_AT_END,
    PAST_END,
    AT_END,
    BEYOND,
    LAST_AND_MORE,
    WRAPS,
    WRAPS_TO_ZERO,
    ALL_AND_MORE
};

static const struct range bad_ranges[] = {
    [EMPTY] = {0, 0},
    [EMPTY_AT_END] = {0, MIXED_SIZE},
    [PAST_END] = {CLUSTER, MIXED_SIZE - 512},
    [AT_END] = {512, MIXED_SIZE},
    [BEYOND] = {512, MIXED_SIZE + 8 * CLUSTER},
    [LAST_AND_MORE] = {1024, MIXED_SIZE - 512},
    [WRAPS] = {UINT64_MAX - 511, 1024},
    [WRAPS_TO_ZERO] = {1024, UINT64_MAX - 1023},
    [ALL_AND_MORE] = {MIXED_SIZE + 512, 0}};

static void bad_range(struct env *env, const struct conf_case *self)
{
    const struct range *r = &bad_ranges[self->arg];
    struct img *img = open_mixed(env, 0);
    uint64_t told;
    uint32_t state;

    expect_refused(env, "MAP-4",
                   img_map(img, &told, &state, r->len, r->offset),
                   ADDCOW_RANGE, 0);
    expect_ok(env, "MAP-4", img_map(img, &told, &state, 512, 0));
    must_close(img);
}

static void last_range(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, 0);

    (void)self;
    expect_told(env, "MAP-4", "last sector",
                state_at(env, img, "MAP-4", 512, MIXED_SIZE - 512), 0);
    must_close(img);
}

static void empty_disk(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint64_t told;
    uint32_t state;

    make_image(
        env, &(struct image_recipe){.image_size = 0, .backing_size = CLUSTER});
    img = open_image(env, 0);
    expect_refused(env, "MAP-4", img_map(img, &told, &state, self->arg, 0),
                   ADDCOW_RANGE, 0);
    must_close(img);
}

/* ---- MAP-5, MAP-6 ------------------------------------------------------- */

static void map_all(struct env *env, struct img *img, const char *clause)
{
    uint64_t offset = 0, told;

    for (; offset < MIXED_SIZE; offset += told)
        ask(env, img, clause, &told, MIXED_SIZE - offset, offset);
}

/* ARG are the flags of open. */
static void nothing_modified(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, (uint32_t)self->arg);
    struct snapshot *s = take_snapshot(env);

    map_all(env, img, "MAP-5");
    expect_nothing_changed(env, "MAP-5", s);
    must_close(img);
}

static void pending_not_written(struct env *env, const struct conf_case *self)
{
    struct img *img = open_mixed(env, ADDCOW_OPEN_WRITE);
    struct snapshot *s;

    (void)self;
    must_write(img, 512, CLUSTER);
    s = take_snapshot(env);
    map_all(env, img, "MAP-5");
    expect_nothing_changed(env, "MAP-5", s);
    must_close(img);
}

/* Bytes of the bitmap that event E read. */
static uint64_t bitmap_bytes(const struct event *e)
{
    uint64_t end = e->offset + e->len;

    if (end <= HEADER_LEN)
        return 0;
    return end - (e->offset > HEADER_LEN ? e->offset : HEADER_LEN);
}

/* One question about 8 TiB at the offset ARG. */
static void reads_64_kib(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint64_t told, n_bytes = 0;
    size_t i, first;

    make_image(env, &(struct image_recipe){.image_size = 8 * TIB,
                                           .backing_size = CLUSTER});
    img = open_image(env, 0);
    first = n_events(env);
    ask(env, img, "MAP-6", &told, 8 * TIB - self->arg, self->arg);
    for (i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_READ && event_is(env, e, ADDCOW_NAME))
            n_bytes += bitmap_bytes(e);
    }
    expect_that(env, "MAP-6",
                "one answer reads at most 65536 bytes of the bitmap",
                n_bytes <= 64 * KIB, "it reads %llu bytes",
                (unsigned long long)n_bytes);
    must_close(img);
}

#define TABLE_END (32 * GIB)

const struct conf_case cases_map[] = {
    {"map/each-cluster", "A map tells the state of each cluster", "MAP-1",
     NEEDS, .run = each_cluster},
    {"map/each-cluster-of-a-writable-image",
     "A map of an image open for writing tells the state of each cluster",
     "MAP-1", NEEDS_WRITE, .run = each_cluster, .arg = ADDCOW_OPEN_WRITE},
    {"map/none-allocated", "A map of a new image is one unallocated run",
     "MAP-1 MAP-2", NEEDS, .run = one_state, .arg = 9 * CLUSTER + 512},
    {"map/all-allocated", "A map of a whole image is one allocated run",
     "MAP-1 MAP-2", NEEDS, .run = one_state, .arg = 9 * CLUSTER + 512,
     .text = "all"},
    {"map/one-sector-allocated", "A map of a disk of one sector",
     "MAP-1 MAP-2", NEEDS, .run = one_state, .arg = 512, .text = "all"},
    {"map/8-clusters-allocated", "A map of one whole bitmap byte",
     "MAP-1 MAP-2", NEEDS, .run = one_state, .arg = 8 * CLUSTER,
     .text = "all"},
    {"map/cluster-0-alone", "Cluster 0 alone is allocated", "MAP-1", NEEDS,
     .run = lone_cluster},
    {"map/cluster-7-alone", "Cluster 7 alone is allocated", "MAP-1", NEEDS,
     .run = lone_cluster, .arg = 7},
    {"map/cluster-8-alone", "Cluster 8 alone is allocated", "MAP-1", NEEDS,
     .run = lone_cluster, .arg = 8},
    {"map/cluster-7-missing", "Cluster 7 alone is not allocated", "MAP-1",
     NEEDS, .run = lone_cluster, .arg = 7, .text = "missing"},
    {"map/cluster-8-missing", "Cluster 8 alone is not allocated", "MAP-1",
     NEEDS, .run = lone_cluster, .arg = 8, .text = "missing"},
    {"map/cluster-524287-alone", "The last cluster below 32 GiB alone",
     "MAP-1", NEEDS, .run = lone_cluster, .arg = 524287},
    {"map/cluster-524288-alone", "The first cluster above 32 GiB alone",
     "MAP-1", NEEDS, .run = lone_cluster, .arg = 524288},
    {"map/cluster-above-2-tib", "A cluster above 2 TiB alone", "MAP-1", NEEDS,
     .run = lone_cluster, .arg = 2 * TIB / CLUSTER + 1},
    {"map/without-backing-file",
     "Clusters of an image without a backing file are told apart", "MAP-1",
     NEEDS, .run = no_backing_file},
    {"map/bits-beyond-the-last-cluster",
     "Bits beyond the last cluster do not show in a map", "MAP-1 MAP-2", NEEDS,
     .run = stale_bits},
    {"map/pending-bits", "A map includes bits that are pending", "MAP-1",
     NEEDS_WRITE, .run = pending_bits},
    {"map/neighbours-of-a-write",
     "A map tells clusters beside a write as they were", "MAP-1", NEEDS_WRITE,
     .run = untouched_neighbours},
    {"map/asked-by-an-odd-length", "Answers to questions of 4099 bytes",
     "MAP-2 MAP-1", NEEDS, .run = walk, .arg = 4099},
    {"map/asked-by-511-bytes", "Answers to questions of 511 bytes",
     "MAP-2 MAP-1", NEEDS, .run = walk, .arg = 511},
    {"map/asked-by-the-sector", "Answers to questions of 512 bytes",
     "MAP-2 MAP-1", NEEDS, .run = walk, .arg = 512},
    {"map/asked-by-the-cluster", "Answers to questions of 65536 bytes",
     "MAP-2 MAP-1", NEEDS, .run = walk, .arg = CLUSTER},
    {"map/asked-by-a-sector-and-a-cluster",
     "Answers to questions of 66048 bytes", "MAP-2 MAP-1", NEEDS, .run = walk,
     .arg = CLUSTER + 512},
    {"map/asked-for-all", "Answers to questions about the whole rest",
     "MAP-2 MAP-1", NEEDS, .run = walk, .arg = MIXED_SIZE},
    {"map/runs-end-where-the-state-changes",
     "Each run ends where the state changes or the disk ends", "MAP-2", NEEDS,
     .run = runs_end},
    {"map/run-ends-at-cluster-8", "A run ends between two bitmap bytes",
     "MAP-2", NEEDS, .run = run_ends_at, .arg = 8 * CLUSTER},
    {"map/run-ends-at-the-table-boundary",
     "A run ends at cluster 524288, another begins there", "MAP-2", NEEDS,
     .run = run_ends_at, .arg = TABLE_END},
    {"map/run-ends-before-the-table-boundary",
     "A run crosses the boundary at cluster 524288", "MAP-2", NEEDS,
     .run = run_ends_at, .arg = TABLE_END - CLUSTER},
    {"map/empty-range", "An empty range is refused", "MAP-4",
     NEEDS | CASE_REFUSES, .run = bad_range, .arg = EMPTY},
    {"map/empty-range-at-the-end", "An empty range at the end is refused",
     "MAP-4", NEEDS | CASE_REFUSES, .run = bad_range, .arg = EMPTY_AT_END},
    {"map/past-the-end", "A range that begins inside and ends past the disk",
     "MAP-4", NEEDS | CASE_REFUSES, .run = bad_range, .arg = PAST_END},
    {"map/at-the-end", "A range that begins at the end is refused", "MAP-4",
     NEEDS | CASE_REFUSES, .run = bad_range, .arg = AT_END},
    {"map/beyond-the-end", "A range beyond the end is refused", "MAP-4",
     NEEDS | CASE_REFUSES, .run = bad_range, .arg = BEYOND},
    {"map/a-sector-past-the-end", "A range one sector too long is refused",
     "MAP-4", NEEDS | CASE_REFUSES, .run = bad_range, .arg = LAST_AND_MORE},
    {"map/whole-disk-and-a-sector",
     "A range one sector longer than the disk is refused", "MAP-4",
     NEEDS | CASE_REFUSES, .run = bad_range, .arg = ALL_AND_MORE},
    {"map/length-that-wraps", "A length that wraps past 2^64 is refused",
     "MAP-4", NEEDS | CASE_REFUSES, .run = bad_range, .arg = WRAPS},
    {"map/range-that-wraps-to-0", "A range that ends at 2^64 is refused",
     "MAP-4", NEEDS | CASE_REFUSES, .run = bad_range, .arg = WRAPS_TO_ZERO},
    {"map/last-sector", "A range of the last sector is told", "MAP-4", NEEDS,
     .run = last_range},
    {"map/sector-of-an-empty-disk", "A sector of a disk of size 0 is refused",
     "MAP-4", NEEDS | CASE_REFUSES, .run = empty_disk, .arg = 512},
    {"map/empty-range-of-an-empty-disk",
     "An empty range of a disk of size 0 is refused", "MAP-4",
     NEEDS | CASE_REFUSES, .run = empty_disk},
    {"map/modifies-nothing", "A map modifies no file", "MAP-5", NEEDS,
     .run = nothing_modified},
    {"map/modifies-nothing-open-for-writing",
     "A map of an image open for writing modifies no file", "MAP-5",
     NEEDS_WRITE, .run = nothing_modified, .arg = ADDCOW_OPEN_WRITE},
    {"map/modifies-nothing-while-bits-are-pending",
     "A map does not write bits that are pending", "MAP-5", NEEDS_WRITE,
     .run = pending_not_written},
    {"map/one-answer-reads-64-kib",
     "One answer about 8 TiB reads no more than 64 KiB of the bitmap", "MAP-6",
     NEEDS_HOST, .run = reads_64_kib},
    {"map/one-answer-from-the-middle-reads-64-kib",
     "One answer from the middle of a table reads no more than 64 KiB",
     "MAP-6", NEEDS_HOST, .run = reads_64_kib, .arg = 16 * GIB},
    {0}};
