/* SPDX-License-Identifier: MIT
 *
 * test_roads_guest.c - the two ideal disks, held together.
 *
 * Cases judge what the guest reads by oracle/, which knows the versions of a
 * sector as bytes and needs no end of the workload; the engine of power cuts
 * by crash/allowed.h, which knows them as intervals of the clock.  Neither
 * knows the other.  Both are shown the same requests here, and must allow the
 * same contents at every point: to a reader now, and after a power cut.
 *
 * The oracle is more lenient about what was cut off: it does not ask with
 * which virtual size a content is found; see is_lenient().  Nothing that is
 * judged with its help is cut off and read after a power cut.
 */
#include "base/memory.h"
#include "crash/allowed.h"
#include "data/pattern.h"
#include "data/store.h"
#include "oracle/oracle.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, FIRST_LEN = 6, MAX_LEN = 10, MAX_IDS = 400 };
enum { N_WORKLOADS = 600, N_OPS = 16 };

static uint64_t rng;

static unsigned below(unsigned n)
{
    rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(rng >> 33) % n;
}

/* What workloads held, and what was found at their points. */
static struct {
    unsigned writes, part_sectors, zeros, failed, in_flight, flushes,
        failed_flushes, flushes_in_flight, growths, cuts, declined;
    unsigned points, open_sectors, choices, durable, wrong, lenient;
} seen;

/* Contents that a sector has had, or might have. */
struct ids {
    uint32_t all[MAX_IDS];
    size_t n;
};

struct both {
    struct oracle *oracle;
    struct guest guest;
    struct contents *contents;
    uint32_t first[FIRST_LEN];
    struct ids ids[MAX_LEN];
    uint64_t at;
    uint64_t len;   /* sectors */
    uint64_t least; /* that it has ever been */
    unsigned seed, n_ops;
};

static void add_id(struct ids *ids, uint32_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->all[i] == id)
            return;
    if (ids->n < MAX_IDS)
        ids->all[ids->n++] = id;
}

static void both_begin(struct both *b, unsigned seed)
{
    static const struct spans all;
    struct store *backing = store_new();
    uint8_t bytes[SECTOR];

    memset(b, 0, sizeof(*b));
    rng = seed;
    b->seed = seed;
    b->len = b->least = FIRST_LEN;
    b->contents = contents_new();
    store_fill(backing, TAG_BACKING, MAX_LEN * SECTOR);
    b->oracle = oracle_new(FIRST_LEN * SECTOR);
    oracle_set_files(b->oracle, NULL, backing);
    for (uint64_t s = 0; s < FIRST_LEN; s++) {
        store_read(backing, bytes, SECTOR, s * SECTOR);
        b->first[s] = contents_put(b->contents, bytes);
    }
    for (uint64_t s = 0; s < MAX_LEN; s++) {
        store_read(backing, bytes, SECTOR, s * SECTOR);
        add_id(&b->ids[s], contents_put(b->contents, bytes));
        add_id(&b->ids[s], 0);
    }
    guest_start(&b->guest, b->contents, &all, b->first, FIRST_LEN,
                FIRST_LEN * SECTOR);
    b->guest.cut_early = seed % 4 == 1;
    store_free(backing);
}

static void both_end(struct both *b)
{
    guest_finish(&b->guest);
    contents_free(b->contents);
    oracle_free(b->oracle);
}

/* ---- What they allow ---------------------------------------------------- */

/* By any of the sizes that may be found. */
static bool guest_allows(const struct both *b, uint64_t sector, uint32_t id)
{
    const struct guest *g = &b->guest;
    uint64_t epochs;

    for (size_t i = 0; i < g->n_sizes; i++)
        if (sector * SECTOR < g->sizes[i].size &&
            guest_size_allowed(g, &epochs, b->at, g->sizes[i].size) &&
            guest_allowed(g, b->at, epochs, sector, id))
            return true;
    return false;
}

/* Without a power cut. */
static bool guest_shows(const struct both *b, uint64_t sector, uint32_t id)
{
    const struct guest *g = &b->guest;

    if (!guest_touched(g, sector))
        return id == guest_first(g, sector);
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next)
        if (g->versions[v].id == id && !g->versions[v].gone)
            return true;
    return false;
}

static bool guest_reaches(const struct both *b, uint64_t sector)
{
    const struct guest *g = &b->guest;

    for (size_t i = 0; i < g->n_sizes; i++)
        if (sector * SECTOR < g->sizes[i].size && b->at < g->sizes[i].dropped)
            return true;
    return false;
}

static void differ(const struct both *b, const char *what, uint64_t sector,
                   uint32_t id, bool by_oracle)
{
    char name[100];

    pattern_name(name, sizeof(name), contents_at(b->contents, id), SECTOR,
                 sector * SECTOR);
    ck_abort_msg("workload %u after %u operations: sector %llu %s %s, by %s "
                 "alone",
                 b->seed, b->n_ops, (unsigned long long)sector, what, name,
                 by_oracle ? "the oracle" : "the guest of the power cuts");
}

/* Whether the oracle may allow more, in a sector that was ever cut off: zeros,
 * whether or not the new size is there (DUR-19 is about sectors below both);
 * the engine asks for that profile.  And what was there at first, while
 * nothing that was written is durable: the oracle's memory goes by the sectors
 * that were written, and a cut writes none. */
static bool is_lenient(const struct both *b, uint64_t sector, uint32_t id)
{
    if (sector < b->least)
        return false;
    return id == 0 ? !b->guest.cut_early
                   : id == b->ids[sector].all[0] &&
                         oracle_lo(b->oracle, sector) == 0;
}

static void compare_sector(struct both *b, uint64_t sector)
{
    const struct ids *ids = &b->ids[sector];
    unsigned n_shown = 0;
    unsigned n_allowed = 0;
    struct mismatch m;

    for (size_t i = 0; i < ids->n; i++) {
        uint32_t id = ids->all[i];
        const uint8_t *bytes = contents_at(b->contents, id);
        bool may = oracle_may_survive(b->oracle, bytes, sector);
        bool shows =
            sector < b->len &&
            oracle_check_since(b->oracle, &m, bytes, SECTOR, sector * SECTOR,
                               oracle_now(b->oracle));

        if (may && !guest_allows(b, sector, id) && is_lenient(b, sector, id))
            seen.lenient++;
        else if (may != guest_allows(b, sector, id))
            differ(b, "may survive as", sector, id, may);
        if (sector < b->len && shows != guest_shows(b, sector, id))
            differ(b, "may be read as", sector, id, shows);
        n_shown += shows;
        n_allowed += may;
        seen.wrong += !may;
    }
    ck_assert_uint_ge(n_allowed, 1);
    seen.open_sectors += n_shown > 1;
    seen.choices += n_allowed > 1;
    seen.durable += oracle_lo(b->oracle, sector) > 0;
}

static void compare(struct both *b)
{
    seen.points++;
    ck_assert_uint_eq(oracle_size(b->oracle), b->len * SECTOR);
    for (uint64_t s = 0; s < MAX_LEN; s++)
        if (guest_reaches(b, s))
            compare_sector(b, s);
}

/* ---- Requests ----------------------------------------------------------- */

struct write {
    uint8_t data[MAX_LEN * SECTOR];
    size_t len;
    uint64_t offset;
    uint64_t op;    /* of the oracle */
    uint64_t began; /* of the guest */
};

/* What each content of the sectors of W may become. */
static void note_ids(struct both *b, const struct write *w)
{
    for (size_t done = 0; done < w->len;) {
        uint64_t offset = w->offset + done;
        size_t at = (size_t)(offset % SECTOR);
        size_t n = SECTOR - at < w->len - done ? SECTOR - at : w->len - done;
        struct ids *ids = &b->ids[offset / SECTOR];
        size_t n_ids = n == SECTOR ? 1 : ids->n;

        for (size_t i = 0; i < n_ids; i++) {
            uint8_t bytes[SECTOR];

            memcpy(bytes, contents_at(b->contents, ids->all[i]), SECTOR);
            memcpy(bytes + at, w->data + done, n);
            add_id(ids, contents_put(b->contents, bytes));
        }
        done += n;
    }
}

static void begin_write(struct both *b, struct write *w, uint64_t first,
                        uint64_t n)
{
    static uint32_t tag;

    w->offset = first * SECTOR + below((unsigned)n * SECTOR);
    w->len = 1 + below((unsigned)((first + n) * SECTOR - w->offset));
    if (below(2)) {
        w->offset -= w->offset % SECTOR;
        w->len = SECTOR;
    }
    seen.writes++;
    seen.part_sectors += w->offset % SECTOR || w->len % SECTOR;
    if (below(5)) {
        pattern_fill(w->data, w->len, w->offset,
                     TAG_WRITE + (++tag & TAG_NUMBER));
    } else {
        memset(w->data, 0, w->len);
        seen.zeros++;
    }
    note_ids(b, w);
    w->op = oracle_write_begin(b->oracle, w->data, w->len, w->offset);
    w->began = ++b->at;
    guest_write_begin(&b->guest, w->began, w->data, w->len, w->offset);
    compare(b);
}

static void end_write(struct both *b, const struct write *w)
{
    int ok = below(4) != 0;

    seen.failed += !ok;
    oracle_write_end(b->oracle, w->op, ok);
    guest_write_end(&b->guest, w->began, ++b->at, w->len, w->offset, ok, 0);
    compare(b);
}

static void do_write(struct both *b, uint64_t first, uint64_t n)
{
    struct write w;

    begin_write(b, &w, first, n);
    end_write(b, &w);
}

static uint64_t begin_flush(struct both *b, uint64_t *began)
{
    *began = ++b->at;
    return oracle_flush_begin(b->oracle);
}

static void end_flush(struct both *b, uint64_t op, uint64_t began)
{
    int ok = below(3) != 0;

    seen.flushes++;
    seen.failed_flushes += !ok;
    oracle_flush_end(b->oracle, op, ok);
    b->at++;
    if (ok)
        guest_durable(&b->guest, began, b->at);
    compare(b);
}

static void do_flush(struct both *b)
{
    uint64_t began;
    uint64_t op = begin_flush(b, &began);

    end_flush(b, op, began);
}

/* Requests at once: two writes that share no sector, and a flush. */
static void do_at_once(struct both *b)
{
    struct write one;
    struct write two;
    uint64_t began;
    uint64_t op;
    uint64_t half = b->len / 2;
    bool is_early;

    seen.in_flight++;
    begin_write(b, &one, 0, half);
    if (below(2))
        do_flush(b);
    op = begin_flush(b, &began);
    is_early = below(2) != 0;
    if (is_early)
        end_write(b, &one); /* not covered: the flush was called before */
    begin_write(b, &two, half, b->len - half);
    end_flush(b, op, began);
    seen.flushes_in_flight++;
    end_write(b, &two);
    if (below(2))
        do_flush(b);
    if (!is_early)
        end_write(b, &one);
}

static void do_resize(struct both *b)
{
    uint64_t len = 2 + below(MAX_LEN - 1);
    int declined = below(6) == 0;

    seen.growths += !declined && len > b->len;
    seen.cuts += !declined && len < b->len;
    seen.declined += declined != 0;
    guest_resize_begin(&b->guest, ++b->at, len * SECTOR);
    guest_resize_end(&b->guest, ++b->at, !declined, 0, declined);
    if (!declined) {
        oracle_resize(b->oracle, len * SECTOR);
        b->len = len;
        if (len < b->least)
            b->least = len;
    }
    compare(b);
}

static void one_op(struct both *b)
{
    unsigned what = below(10);

    if (what < 5)
        do_write(b, 0, b->len);
    else if (what < 7)
        do_flush(b);
    else if (what < 8)
        do_at_once(b);
    else if (b->seed % 2)
        do_resize(b);
}

/* A test that reaches nothing finds nothing. */
static void expect_seen(void)
{
    const unsigned *counts = (const unsigned *)&seen;

    for (size_t i = 0; i < sizeof(seen) / sizeof(*counts); i++)
        if (counts[i] < 100)
            ck_abort_msg("count %zu is %u", i, counts[i]);
}

START_TEST(guests)
{
    struct both b;

    for (unsigned seed = 1; seed <= N_WORKLOADS; seed++) {
        both_begin(&b, seed);
        for (; b.n_ops < N_OPS; b.n_ops++)
            one_op(&b);
        both_end(&b);
    }
    expect_seen();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guests");

    tcase_add_test(tests, guests);
    return run_tests("roads of the guest", tests);
}
