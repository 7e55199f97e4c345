/* SPDX-License-Identifier: MIT
 *
 * test_roads.c - the two roads that a write takes, held together.
 *
 * Cases judge by disk/replay.h (storage) and oracle/ (guest), the engine of
 * power cuts by crash/pending.h and crash/allowed.h.  Neither knows the other.
 * Both are shown the same recordings here, and must allow the same, state for
 * state, at every point.
 */
#include "base/memory.h"
#include "crash/engine.h"
#include "crash/run_ops.h"
#include "data/pattern.h"
#include "disk/replay.h"
#include "oracle/oracle.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, N_SECTORS = 8, MAX_IDS = 200 };

static uint64_t rng;

static unsigned below(unsigned n)
{
    rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(rng >> 33) % n;
}

/* ---- Storage: recordings ------------------------------------------------ */

enum {
    N_RECORDINGS = 1000,
    BASE_LEN = 4 * SECTOR + 100,
    MAX_LEN = N_SECTORS * SECTOR,
    GUEST_LEN = 8 * SECTOR
};

/* What recordings held, and what was found at their points. */
static struct {
    unsigned writes, part_sectors, refused, failed_writes, short_writes;
    unsigned flushes, failed_flushes, dropped, held_writes, held_flushes,
        removed, created, unfinished;
    unsigned points, choices, growths, cuts, lost, hidden;
} seen;

struct maker {
    struct record *record;
    struct event writes[2]; /* held, by thread */
    uint64_t inode;
    bool is_whole; /* the file has not been removed */
};

static void put(struct maker *m, struct event e)
{
    e.inode = m->inode;
    record_end(m->record, record_begin(m->record, &e), e.result);
}

/* A write within or beyond the file, with content of its own. */
static struct event a_write(uint8_t *data, unsigned max_len)
{
    static unsigned n;
    unsigned offset = below(max_len);
    unsigned len = 1 + below(max_len - offset);

    if (below(2)) {
        offset -= offset % SECTOR;
        len += SECTOR - 1;
        len -= len % SECTOR;
    }
    pattern_fill(data, len, offset, TAG_WRITE + (++n & TAG_NUMBER));
    seen.writes++;
    seen.part_sectors += offset % SECTOR || len % SECTOR;
    return (struct event){.kind = EV_WRITE,
                          .data = data,
                          .len = len,
                          .offset = offset,
                          .n_applied = len};
}

/* Fails after some sectors, or before it does anything. */
static void make_fail(struct event *e)
{
    size_t n = below(3) * SECTOR;

    e->n_applied = 0;
    if (below(6) == 0) {
        e->result = ADDCOW_RANGE;
        seen.refused++;
        return;
    }
    e->result = below(2) ? ADDCOW_IO : ADDCOW_NO_SPACE;
    seen.failed_writes++;
    if (n && n - e->offset % SECTOR < e->len) {
        e->n_applied = n - e->offset % SECTOR;
        seen.short_writes++;
    }
}

static struct event a_flush(void)
{
    struct event e = {.kind = EV_FLUSH};

    seen.flushes++;
    if (below(2))
        return e;
    seen.failed_flushes++;
    e.result = ADDCOW_IO;
    e.dropped = below(2) != 0;
    seen.dropped += e.dropped != 0;
    return e;
}

static void put_write(struct maker *m)
{
    uint8_t data[2 * MAX_LEN];
    struct event e = a_write(data, MAX_LEN);

    if (below(4) == 0)
        make_fail(&e);
    put(m, e);
}

static void put_size(struct maker *m)
{
    uint64_t size = 2 * SECTOR + below(MAX_LEN - 2 * SECTOR + 1);

    if (below(3) == 0)
        size -= size % SECTOR;
    put(m, (struct event){.kind = EV_SET_SIZE,
                          .size = size,
                          .result = below(8) ? 0 : ADDCOW_IO});
}

static void put_some(struct maker *m, unsigned n)
{
    while (n--) {
        unsigned what = below(8);

        if (what < 4)
            put_write(m);
        else if (what < 5)
            put_size(m);
        else
            put(m, a_flush());
    }
}

/* Calls that are held while others run: these do not change the length. */
static void put_held(struct maker *m)
{
    uint8_t data[2][4 * SECTOR];
    bool is_flush = below(3) == 0;
    struct event first =
        is_flush ? a_flush() : a_write(data[0], 2 * SECTOR - SECTOR);
    struct event second = a_write(data[1], 2 * SECTOR - SECTOR);
    size_t i, k;

    if (!is_flush && below(4) == 0)
        make_fail(&first);
    seen.held_flushes += is_flush;
    seen.held_writes += !is_flush;
    first.inode = second.inode = m->inode;
    i = record_begin(m->record, &first);
    if (below(2)) {
        put(m, second);
        if (below(2))
            put(m, a_flush());
        record_end(m->record, i, first.result);
        return;
    }
    if (below(2))
        second = a_flush(); /* which does not cover what ends after its call */
    second.inode = m->inode;
    k = record_begin(m->record, &second); /* both are held */
    if (below(2))
        put(m, a_flush());
    record_end(m->record, i, first.result);
    record_end(m->record, k, second.result);
}

static char file_name[] = "small.add-cow";

static void put_again(struct maker *m)
{
    put(m, (struct event){.kind = EV_REMOVE, .text = file_name});
    seen.removed++;
    if (below(4) == 0)
        return; /* what follows goes to a file without a name */
    m->inode++;
    seen.created++;
    put(m, (struct event){.kind = EV_OPEN,
                          .text = file_name,
                          .flags = ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE});
}

static struct record *make_record(uint64_t seed)
{
    struct maker m = {.record = record_new(), .inode = 1};
    uint8_t data[2 * MAX_LEN];
    struct event e;

    rng = seed;
    put(&m, (struct event){.kind = EV_OPEN, .text = file_name});
    for (int i = 0; i < 4; i++) {
        put_some(&m, 1 + below(4));
        if (seed % 2)
            put_held(&m);
        else if (seed % 4 == 0 && i == 1)
            put_again(&m);
    }
    if (below(4) == 0) {
        e = a_write(data, SECTOR);
        e.n_applied = 0;
        e.inode = m.inode;
        record_begin(m.record, &e);
        seen.unfinished++;
    }
    return m.record;
}

/* ---- Storage: both at each point ---------------------------------------- */

struct ids {
    struct contents *contents;
    uint32_t all[MAX_IDS];
    size_t n;
};

static void add_id(struct ids *ids, uint32_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->all[i] == id)
            return;
    ck_assert_uint_lt(ids->n, MAX_IDS);
    ids->all[ids->n++] = id;
}

static void add_bytes(void *arg, const uint8_t *bytes)
{
    struct ids *ids = arg;

    add_id(ids, contents_put(ids->contents, bytes));
}

static bool has_id(const struct ids *ids, uint32_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->all[i] == id)
            return true;
    return false;
}

static bool same_ids(const struct ids *a, const struct ids *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!has_id(b, a->all[i]))
            return false;
    return true;
}

struct both {
    struct crash *c;
    struct record *record;
    struct replay *replay;
    uint64_t seed;
    uint64_t at;
};

static void differ(const struct both *b, const char *what, uint64_t sector,
                   size_t k)
{
    if (getenv("ROADS_VERBOSE"))
        record_print(b->record, stdout);
    ck_abort_msg("recording %llu, clock %llu, sector %llu, length %zu: %s",
                 (unsigned long long)b->seed, (unsigned long long)b->at,
                 (unsigned long long)sector, k, what);
}

/* Returns how many contents there are. */
static size_t compare_sector(const struct both *b, uint64_t sector, size_t k)
{
    struct ids slow = {.contents = b->c->setup.contents};
    struct ids fast = {.contents = b->c->setup.contents};
    const uint32_t *ids;
    size_t n;

    replay_each_survivor(b->replay, add_bytes, &slow, sector, k);
    n = pending_choices(&b->c->point.pending, &ids, F_ADDCOW, sector, k);
    for (size_t i = 0; i < n; i++)
        add_id(&fast, ids[i]);
    seen.choices += n > 1;
    if (!same_ids(&slow, &fast))
        differ(b, "the contents differ", sector, k);
    if (slow.all[0] != fast.all[0])
        differ(b, "the durable contents differ", sector, k);
    return n;
}

static void compare_point(const struct both *b)
{
    const struct pending_file *f = &b->c->point.pending.files[F_ADDCOW];
    size_t n = replay_n_sizes(b->replay);

    seen.points++;
    if (n != f->n_sizes)
        differ(b, "the numbers of lengths differ", 0, n);
    for (size_t k = 0; k < n; k++)
        if (replay_size(b->replay, k) != f->sizes[k].size)
            differ(b, "the lengths differ", 0, k);
    for (size_t k = 1; k < n; k++) {
        seen.growths += f->sizes[k].size > f->sizes[k - 1].size;
        seen.cuts += f->sizes[k].size < f->sizes[k - 1].size;
    }
    for (uint64_t s = 0; s < 2 * N_SECTORS; s++) {
        size_t most = compare_sector(b, s, 0);

        for (size_t k = 1; k < n; k++)
            seen.hidden += compare_sector(b, s, k) != most;
    }
}

/* When a step counts. */
static uint64_t time_of(const struct step *s)
{
    return s->kind == STEP_FLUSH || s->kind == STEP_LOST ? s->ended : s->began;
}

/* A lost version that a later good flush left pending. */
static void note_lost(const struct both *b)
{
    const struct pending *p = &b->c->point.pending;
    const struct pending_file *f = &p->files[F_ADDCOW];

    for (size_t i = 0; i < f->n_sectors; i++)
        seen.lost += p->versions[f->head[f->sectors[i]]].lost;
}

static void take_step(struct both *b, const struct step *s)
{
    pending_step(&b->c->point.pending, &b->c->workload.trace, s);
    if (s->kind == STEP_FLUSH)
        note_lost(b);
}

static void walk(struct both *b)
{
    struct crash *c = b->c;
    size_t n;
    size_t step = 0;
    struct moment *moments = record_moments(b->record, &n, 0);

    pending_start(&c->point.pending, &c->setup.base, 0);
    for (size_t i = 0; i < n; i++) {
        const struct event *e = record_at(b->record, moments[i].event);

        b->at = moments[i].is_end ? e->ended : e->began;
        if (moments[i].is_end)
            replay_end(b->replay, e);
        else
            replay_begin(b->replay, e);
        for (; step < c->workload.trace.n_steps &&
               time_of(&c->workload.trace.steps[step]) <= b->at;
             step++)
            take_step(b, &c->workload.trace.steps[step]);
        if (moments[i].is_end || event_was_held(e))
            compare_point(b);
    }
    mem_free(moments);
}

/* A test that reaches nothing finds nothing. */
static void expect_seen(void)
{
    const unsigned *counts = (const unsigned *)&seen;

    for (size_t i = 0; i < sizeof(seen) / sizeof(*counts); i++)
        if (counts[i] < 100)
            ck_abort_msg("count %zu is %u", i, counts[i]);
}

static struct crash *an_engine(const uint8_t *data)
{
    static const struct crash_limits limits = {.flags = CRASH_NO_REDO};
    struct crash_setup setup = {
        .geometry = {.header_len = SECTOR,
                     .cluster_len = 4 * SECTOR,
                     .magic_len = 8},
        .addcow = {.name = file_name, .data = data, .len = BASE_LEN},
        .image = {.name = "small.raw", .len = GUEST_LEN},
        .backing = {.len = CRASH_ABSENT}};

    return crash_new(&setup, &limits);
}

START_TEST(storage)
{
    uint8_t data[BASE_LEN];
    struct store *base = store_new();
    struct crash *c;

    pattern_fill(data, sizeof(data), 0, TAG_OLD);
    store_write(base, data, sizeof(data), 0);
    c = an_engine(data);
    for (uint64_t seed = 1; seed <= N_RECORDINGS; seed++) {
        struct both b = {.c = c, .seed = seed, .record = make_record(seed)};

        b.replay = replay_new(base);
        crash_take_record(c, b.record, NULL, 0, 0);
        walk(&b);
        replay_free(b.replay);
        record_free(b.record);
    }
    crash_free(c);
    store_free(base);
    expect_seen();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("roads");

    tcase_add_test(tests, storage);
    return run_tests("roads", tests);
}
