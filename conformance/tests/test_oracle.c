/* SPDX-License-Identifier: MIT
 *
 * test_oracle.c - the ideal disk.
 */
#include "data/pattern.h"
#include "data/store.h"
#include "oracle/oracle.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER UINT64_C(65536)

/* Four clusters, the second of them allocated; backing ends at 100 bytes into
 * the third. */
static struct oracle *small(void)
{
    struct oracle *o = oracle_new(4 * CLUSTER + 100);
    struct store *image = store_new();
    struct store *backing = store_new();

    store_fill(image, TAG_OLD, 4 * CLUSTER);
    store_fill(backing, TAG_BACKING, 2 * CLUSTER + 100);
    oracle_set_files(o, image, backing);
    oracle_set_allocated(o, 1);
    store_free(image);
    store_free(backing);
    return o;
}

static void write_tag(struct oracle *o, uint32_t n, size_t len,
                      uint64_t offset, bool ok)
{
    uint8_t *data = malloc(len);

    pattern_fill(data, len, offset, TAG_WRITE | n);
    oracle_write_end(o, oracle_write_begin(o, data, len, offset), ok);
    free(data);
}

static bool shows(struct oracle *o, uint32_t tag, size_t len, uint64_t offset)
{
    struct mismatch m;
    uint8_t *data = calloc(1, len);
    bool good;

    if (tag)
        pattern_fill(data, len, offset, tag);
    good = oracle_check(o, &m, data, len, offset);
    free(data);
    return good;
}

START_TEST(base)
{
    struct oracle *o = small();

    ck_assert_uint_eq(oracle_size(o), 4 * CLUSTER);
    ck_assert(shows(o, TAG_BACKING, CLUSTER, 0));
    ck_assert(!shows(o, TAG_OLD, CLUSTER, 0));
    ck_assert(shows(o, TAG_OLD, CLUSTER, CLUSTER));
    ck_assert(shows(o, TAG_BACKING, 100, 2 * CLUSTER));
    ck_assert(!shows(o, TAG_BACKING, 101, 2 * CLUSTER));
    ck_assert(shows(o, 0, 2 * CLUSTER - 100, 2 * CLUSTER + 100));
    ck_assert_int_eq(oracle_allocation(o, 0), ALLOC_NO);
    ck_assert_int_eq(oracle_allocation(o, 1), ALLOC_YES);
    ck_assert_int_eq(oracle_allocation(o, 4), ALLOC_NO);
    oracle_free(o);
}
END_TEST

START_TEST(written)
{
    struct oracle *o = small();

    write_tag(o, 1, 1000, 700, 1);
    ck_assert(shows(o, TAG_BACKING, 700, 0));
    ck_assert(shows(o, TAG_WRITE | 1, 1000, 700));
    ck_assert(!shows(o, TAG_BACKING, 1, 700));
    ck_assert(!shows(o, TAG_WRITE | 1, 1, 1700));
    ck_assert_int_eq(oracle_allocation(o, 0), ALLOC_YES);
    write_tag(o, 2, 10, 4 * CLUSTER - 5, 0); /* outside: no effect */
    ck_assert(shows(o, 0, 5, 4 * CLUSTER - 5));
    ck_assert_int_eq(oracle_allocation(o, 3), ALLOC_NO);
    oracle_free(o);
}
END_TEST

START_TEST(clusters_written)
{
    struct oracle *o = small();

    ck_assert(!oracle_was_written(o, 1));
    write_tag(o, 1, 512, 2 * CLUSTER - 512, 1);
    ck_assert(oracle_was_written(o, 1));
    ck_assert(!oracle_was_written(o, 0));
    ck_assert(!oracle_was_written(o, 2));
    oracle_free(o);
}
END_TEST

START_TEST(failed_write_is_open_until_written_again)
{
    struct oracle *o = small();

    write_tag(o, 1, 1024, 0, 1);
    write_tag(o, 2, 1024, 0, 0);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    ck_assert(shows(o, TAG_WRITE | 2, 512, 0));
    ck_assert(shows(o, TAG_WRITE | 1, 512, 0)); /* a read settles nothing */
    ck_assert(shows(o, TAG_WRITE | 2, 512, 0));
    write_tag(o, 3, 512, 0, 1);
    ck_assert(shows(o, TAG_WRITE | 3, 512, 0));
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 0));
    ck_assert(shows(o, TAG_WRITE | 1, 512, 512));
    ck_assert(shows(o, TAG_WRITE | 2, 512, 512));
    write_tag(o, 4, 100, 512, 1); /* the rest of the sector stays open */
    ck_assert(!shows(o, TAG_WRITE | 1, 100, 512));
    ck_assert(shows(o, TAG_WRITE | 1, 412, 612));
    ck_assert(shows(o, TAG_WRITE | 2, 412, 612));
    write_tag(o, 3, 512, CLUSTER * 2, 0);
    ck_assert_int_eq(oracle_allocation(o, 2), ALLOC_MAYBE);
    write_tag(o, 4, 512, CLUSTER * 2, 1);
    ck_assert(!shows(o, TAG_WRITE | 3, 512, CLUSTER * 2));
    ck_assert(shows(o, TAG_WRITE | 4, 512, CLUSTER * 2));
    oracle_free(o);
}
END_TEST

START_TEST(lost_until_written_again)
{
    struct oracle *o = small();

    write_tag(o, 1, 512, 0, 1);
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    write_tag(o, 2, 1536, 512, 1);
    oracle_lose(o);
    ck_assert_int_eq(oracle_allocation(o, 0), ALLOC_MAYBE);
    ck_assert(!shows(o, TAG_BACKING, 512, 0)); /* was durable */
    ck_assert(shows(o, TAG_BACKING, 1536, 512));
    ck_assert(shows(o, TAG_WRITE | 2, 1536, 512));
    ck_assert(!shows(o, TAG_OLD, 512, 2048)); /* nobody wrote there */
    write_tag(o, 3, 600, 512, 1);
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 512));
    ck_assert(shows(o, TAG_BACKING, 512, 1024)); /* a part is not enough */
    oracle_flush_end(o, oracle_flush_begin(o), 0);
    ck_assert(shows(o, TAG_BACKING, 512, 1536));
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    ck_assert(!shows(o, TAG_BACKING, 512, 1536));
    ck_assert(shows(o, TAG_WRITE | 2, 512, 1536));
    oracle_free(o);
}
END_TEST

/* A version again, one since the durable one, and what was seen stays. */
START_TEST(lost_and_opened_again)
{
    struct oracle *o = small();

    write_tag(o, 1, 512, 0, 1);
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    write_tag(o, 2, 1024, 0, 1);
    oracle_lose(o);
    oracle_reopen(o);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    ck_assert(shows(o, TAG_WRITE | 1, 512, 0));
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 0));
    ck_assert(!shows(o, TAG_OLD, 512, 512));
    ck_assert(shows(o, TAG_BACKING, 512, 512));
    oracle_free(o);
}
END_TEST

/* Written again does not mean that its bit was: the handle has closed with an
 * error.  A flush of the next one covers what is there, not what was. */
START_TEST(lost_written_again_and_opened_again)
{
    struct oracle *o = small();

    write_tag(o, 1, 512, 0, 1);
    oracle_lose(o);
    write_tag(o, 2, 512, 0, 1);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    oracle_reopen(o);
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    ck_assert_uint_eq(oracle_lo(o, 0), 0);
    ck_assert(shows(o, TAG_BACKING, 512, 0));
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 0));
    oracle_reopen(o);
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 0));
    oracle_free(o);
}
END_TEST

START_TEST(lost_and_seen_is_made_durable)
{
    struct oracle *o = small();

    write_tag(o, 1, 512, 0, 1);
    oracle_lose(o);
    oracle_reopen(o);
    ck_assert(shows(o, TAG_WRITE | 1, 512, 0));
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    ck_assert_uint_eq(oracle_lo(o, 0), 1);
    oracle_restart(o);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    oracle_free(o);
}
END_TEST

/* The part that the disk has gained, until it is flushed or written. */
START_TEST(gained_and_lost)
{
    struct oracle *o = small();

    oracle_resize(o, 6 * CLUSTER);
    ck_assert(!shows(o, TAG_BACKING, 512, 5 * CLUSTER));
    oracle_lose(o);
    ck_assert(shows(o, TAG_BACKING, 2 * CLUSTER, 4 * CLUSTER));
    ck_assert(!shows(o, TAG_OLD, 2 * CLUSTER, 3 * CLUSTER));
    write_tag(o, 1, 512, 5 * CLUSTER, 1);
    ck_assert(!shows(o, TAG_BACKING, 512, 5 * CLUSTER));
    ck_assert(shows(o, TAG_BACKING, 512, 5 * CLUSTER + 512));
    oracle_flush_end(o, oracle_flush_begin(o), 1);
    ck_assert(!shows(o, TAG_BACKING, 512, 5 * CLUSTER + 512));
    oracle_lose(o);
    ck_assert(!shows(o, TAG_BACKING, 512, 5 * CLUSTER + 512));
    oracle_free(o);
}
END_TEST

START_TEST(writes_at_once_take_any_order)
{
    struct oracle *o = small();
    uint8_t a[512];
    uint8_t b[512];
    uint64_t x;
    uint64_t y;

    pattern_fill(a, 512, 0, TAG_WRITE | 1);
    pattern_fill(b, 512, 0, TAG_WRITE | 2);
    x = oracle_write_begin(o, a, 512, 0);
    y = oracle_write_begin(o, b, 512, 0);
    ck_assert(shows(o, TAG_BACKING, 512, 0)); /* settles nothing yet */
    oracle_write_end(o, y, 1);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    oracle_write_end(o, x, 1);
    ck_assert(shows(o, TAG_WRITE | 1, 512, 0)); /* y, then x: settled */
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 0));
    oracle_free(o);
}
END_TEST

START_TEST(read_at_once_sees_before_and_after)
{
    struct oracle *o = small();
    struct mismatch m;
    uint8_t old[512];
    uint64_t since = oracle_now(o);

    pattern_fill(old, 512, 0, TAG_BACKING);
    write_tag(o, 1, 512, 0, 1);
    ck_assert(oracle_check_since(o, &m, old, 512, 0, since));
    ck_assert(!oracle_check_since(o, &m, old, 512, 0, oracle_now(o)));
    oracle_free(o);
}
END_TEST

START_TEST(durable)
{
    struct oracle *o = small();
    uint8_t v[512];
    uint64_t flush;

    write_tag(o, 1, 512, 0, 1);
    flush = oracle_flush_begin(o);
    write_tag(o, 2, 512, 0, 1);
    ck_assert_uint_eq(oracle_lo(o, 0), 0);
    oracle_flush_end(o, flush, 0);
    ck_assert_uint_eq(oracle_lo(o, 0), 0);
    oracle_flush_end(o, flush, 1);
    ck_assert_uint_eq(oracle_lo(o, 0), 1);
    ck_assert_uint_eq(oracle_hi(o, 0), 2);
    pattern_fill(v, 512, 0, TAG_BACKING);
    ck_assert(!oracle_may_survive(o, v, 0));
    ck_assert(oracle_is_version(o, v, 0));
    pattern_fill(v, 512, 0, TAG_WRITE | 1);
    ck_assert(oracle_may_survive(o, v, 0));
    pattern_fill(v, 512, 0, TAG_OLD);
    ck_assert(!oracle_is_version(o, v, 0));
    oracle_free(o);
}
END_TEST

/* Cluster 1 of small() is allocated. */
START_TEST(first_content_is_known_unread)
{
    struct oracle *o = small();
    struct store *image = store_new();
    struct store *backing = store_new();
    uint8_t v[512];

    store_fill(image, TAG_OLD, 4 * CLUSTER);
    store_fill(backing, TAG_BACKING, 4 * CLUSTER);
    store_write(image, "page", 4, CLUSTER);
    oracle_set_files(o, image, backing);
    ck_assert(oracle_is_first_in(o, backing, 0));
    ck_assert(!oracle_is_first_in(o, image, 0));
    ck_assert(oracle_is_first_in(o, image, 128));
    ck_assert(oracle_is_first_in(o, image, 255));
    ck_assert(!oracle_is_first_in(o, backing, 128));
    ck_assert(!oracle_is_first_in(o, backing, 255));
    write_tag(o, 1, 1, CLUSTER, 0);
    ck_assert(!oracle_is_first_in(o, image, 128));
    pattern_fill(v, 512, 0, TAG_WRITE | 1);
    store_write(backing, v, 512, 0); /* and the rest of the page */
    ck_assert(!oracle_is_first_in(o, backing, 0));
    ck_assert(!oracle_is_first_in(o, backing, 7));
    ck_assert(oracle_is_first_in(o, backing, 8));
    store_set_size(backing, 9 * 512);
    ck_assert(oracle_is_first_in(o, backing, 8));
    ck_assert(!oracle_is_first_in(o, backing, 9));
    store_free(image);
    store_free(backing);
    oracle_free(o);
}
END_TEST

START_TEST(resized)
{
    struct oracle *o = small();
    uint8_t v[512];

    write_tag(o, 1, 512, CLUSTER, 1);
    oracle_resize(o, CLUSTER / 2);
    oracle_resize(o, 3 * CLUSTER);
    ck_assert(shows(o, TAG_BACKING, CLUSTER / 2, 0));
    ck_assert(shows(o, 0, 5 * CLUSTER / 2, CLUSTER / 2));
    /* what was cut off is still a version, for whoever judges the past */
    pattern_fill(v, 512, CLUSTER, TAG_WRITE | 1);
    ck_assert(oracle_is_version(o, v, CLUSTER / 512));
    pattern_fill(v, 512, CLUSTER / 2, TAG_BACKING);
    ck_assert(oracle_is_version(o, v, CLUSTER / 1024));
    pattern_fill(v, 512, CLUSTER, TAG_BACKING);
    ck_assert(!oracle_is_version(o, v, CLUSTER / 512));
    /* backing reaches into all three, which must not show it */
    ck_assert_int_eq(oracle_allocation(o, 0), ALLOC_YES);
    ck_assert_int_eq(oracle_allocation(o, 2), ALLOC_YES);
    oracle_resize(o, 4 * CLUSTER);
    ck_assert_int_eq(oracle_allocation(o, 3), ALLOC_MAYBE);
    oracle_free(o);
}
END_TEST

START_TEST(grown)
{
    struct oracle *o = oracle_new(CLUSTER);
    struct store *image = store_new();
    struct store *backing = store_new();
    uint8_t v[512];

    store_fill(backing, TAG_BACKING, 2 * CLUSTER);
    oracle_set_files(o, image, backing);
    store_free(image);
    store_free(backing);
    oracle_resize(o, 2 * CLUSTER);
    /* backing beyond the first size is no version, at no cut */
    pattern_fill(v, 512, CLUSTER, TAG_BACKING);
    ck_assert(!oracle_may_survive(o, v, CLUSTER / 512));
    ck_assert(!oracle_is_version(o, v, CLUSTER / 512));
    memset(v, 0, 512);
    ck_assert(oracle_may_survive(o, v, CLUSTER / 512));
    oracle_free(o);
}
END_TEST

START_TEST(discarded)
{
    struct oracle *o = small();

    oracle_discard(o, 1024, 0, 1);
    ck_assert(shows(o, 0, 512, 0));
    ck_assert(shows(o, TAG_BACKING, 512, 512));
    ck_assert(!shows(o, TAG_OLD, 512, 512));
    ck_assert(!shows(o, TAG_BACKING, 512, 0)); /* settled */
    oracle_discard(o, 512, 1024, 0);
    ck_assert(shows(o, 0, 512, 1024));
    ck_assert(shows(o, TAG_BACKING, 512, 1024));
    oracle_restart(o);
    ck_assert(shows(o, 0, 512, 1024));
    ck_assert(!shows(o, TAG_BACKING, 512, 1024));
    oracle_free(o);
}
END_TEST

START_TEST(mismatches_are_named)
{
    struct oracle *o = small();
    struct mismatch m;
    uint8_t got[1024];

    write_tag(o, 1, 1024, 1024, 1);
    write_tag(o, 2, 1024, 1024, 1);
    pattern_fill(got, 512, 1024, TAG_WRITE | 2);
    pattern_fill(got + 512, 512, 1536, TAG_WRITE | 1);
    ck_assert(!oracle_check(o, &m, got, sizeof(got), 1024));
    ck_assert_uint_eq(m.offset, 1536);
    ck_assert_str_eq(
        m.expected,
        "guest write 2 at sector 3 (left by change 2 of sector 3)");
    ck_assert_str_eq(
        m.got, "guest write 1 at sector 3 (left by change 1 of sector 3)");
    oracle_free(o);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("oracle");

    tcase_add_test(tests, base);
    tcase_add_test(tests, written);
    tcase_add_test(tests, clusters_written);
    tcase_add_test(tests, failed_write_is_open_until_written_again);
    tcase_add_test(tests, lost_until_written_again);
    tcase_add_test(tests, lost_and_opened_again);
    tcase_add_test(tests, lost_written_again_and_opened_again);
    tcase_add_test(tests, lost_and_seen_is_made_durable);
    tcase_add_test(tests, gained_and_lost);
    tcase_add_test(tests, writes_at_once_take_any_order);
    tcase_add_test(tests, read_at_once_sees_before_and_after);
    tcase_add_test(tests, durable);
    tcase_add_test(tests, first_content_is_known_unread);
    tcase_add_test(tests, resized);
    tcase_add_test(tests, grown);
    tcase_add_test(tests, discarded);
    tcase_add_test(tests, mismatches_are_named);
    return run_tests("oracle", tests);
}
