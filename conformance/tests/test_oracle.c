/* SPDX-License-Identifier: MIT
 *
 * test_oracle.c - patterns, sparse stores and the ideal disk.
 */
#include "data/pattern.h"
#include "data/store.h"
#include "oracle/oracle.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER UINT64_C(65536)

/* ---- Patterns */

START_TEST(patterns_identify)
{
    static const uint64_t offsets[] = {0, 5, 512, 65535, UINT64_C(1) << 62};
    static const uint32_t tags[] = {TAG_OLD, TAG_BACKING, TAG_WRITE | 1,
                                    TAG_WRITE | TAG_NUMBER};
    uint8_t buf[40];
    uint32_t tag;
    uint64_t sector;

    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 4; k++) {
            pattern_fill(buf, sizeof(buf), offsets[i], tags[k]);
            ck_assert(
                pattern_identify(&tag, &sector, buf, sizeof(buf), offsets[i]));
            ck_assert_uint_eq(tag, tags[k]);
            ck_assert_uint_eq(sector, (offsets[i] + 15) / 16 * 16 / 512);
            buf[20] ^= 1;
            buf[39] ^= 1;
            ck_assert(!pattern_identify(&tag, &sector, buf + 16, 24,
                                        offsets[i] + 16) ||
                      offsets[i] % 16);
        }
}
END_TEST

/* What a single byte can tell. */
START_TEST(patterns_differ_everywhere)
{
    uint8_t a[4096];
    uint8_t b[4096];

    for (uint32_t n = 1; n < 64; n++) {
        pattern_fill(a, sizeof(a), 1000, TAG_WRITE);
        pattern_fill(b, sizeof(b), 1000, TAG_WRITE | n);
        for (size_t i = 0; i < sizeof(a); i++)
            ck_assert_uint_ne(a[i], b[i]);
    }
    pattern_fill(a, sizeof(a), 0, TAG_OLD);
    pattern_fill(b, sizeof(b), 0, TAG_BACKING);
    for (size_t i = 0; i < sizeof(a); i++)
        ck_assert(a[i] != b[i] && a[i] && b[i]);
}
END_TEST

START_TEST(patterns_have_names)
{
    uint8_t buf[64] = {0};
    char name[100];

    pattern_name(name, sizeof(name), buf, sizeof(buf), 0);
    ck_assert_str_eq(name, "zeros");
    pattern_fill(buf, sizeof(buf), 5 * 512 + 3, TAG_BACKING);
    pattern_name(name, sizeof(name), buf, sizeof(buf), 5 * 512 + 3);
    ck_assert_str_eq(name, "backing bytes of sector 5");
    pattern_name(name, sizeof(name), buf, 2, 5 * 512 + 3);
    ck_assert_msg(strncmp(name, "backing bytes: ", 15) == 0, "%s", name);
    pattern_fill(buf, sizeof(buf), 512, TAG_WRITE | 7);
    pattern_name(name, sizeof(name), buf, sizeof(buf), 512);
    ck_assert_str_eq(name, "guest write 7 at sector 1");
}
END_TEST

/* ---- Stores, against a flat array */

#define FLAT 20000

static void same_as(const struct store *s, const uint8_t *flat, size_t size)
{
    uint8_t buf[FLAT];

    ck_assert_uint_eq(store_size(s), size);
    store_read(s, buf, FLAT, 0);
    ck_assert(memcmp(buf, flat, FLAT) == 0);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 33;
}

START_TEST(store_is_a_file)
{
    struct store *s = store_new();
    struct store *copy;
    uint8_t flat[FLAT];
    uint8_t kept[FLAT];
    uint8_t data[5000];
    size_t size = 15000;
    uint64_t seed = 1;

    store_fill(s, TAG_OLD, size);
    memset(flat, 0, FLAT);
    pattern_fill(flat, size, 0, TAG_OLD);
    for (int i = 0; i < 300; i++) {
        size_t at = next(&seed) % (FLAT - 5000);
        size_t len = next(&seed) % 5000;

        copy = store_clone(s);
        memcpy(kept, flat, FLAT);
        if (next(&seed) % 3) {
            memset(data, i + 1, len);
            store_write(s, data, len, at);
            memcpy(flat + at, data, len);
            size = len && at + len > size ? at + len : size;
        } else {
            store_set_size(s, at);
            memset(flat + at, 0, FLAT - at);
            size = at;
        }
        same_as(s, flat, size);
        same_as(copy, kept, (size_t)store_size(copy));
        store_free(copy);
    }
    store_free(s);
}
END_TEST

struct seen {
    unsigned n;
    struct changed last;
    uint8_t before[STORE_PAGE];
    uint8_t now[STORE_PAGE];
};

static void see(void *arg, const struct changed *page)
{
    struct seen *seen = arg;

    seen->n++;
    seen->last = *page;
    memcpy(seen->before, page->before, STORE_PAGE);
    memcpy(seen->now, page->now, STORE_PAGE);
}

START_TEST(changes_are_seen)
{
    struct store *s = store_new();
    struct store *old;
    struct seen seen = {0};
    uint8_t same[STORE_PAGE];

    store_fill(s, TAG_OLD, 20000);
    old = store_clone(s);
    store_write(s, "change", 6, 4096 + 1020); /* across two sectors */
    pattern_fill(same, sizeof(same), 8192, TAG_OLD);
    store_write(s, same, sizeof(same), 8192);
    store_each_change(s, old, see, &seen);
    ck_assert_uint_eq(seen.n, 1);
    ck_assert_uint_eq(seen.last.offset, 4096);
    ck_assert_uint_eq(seen.last.sectors, 6);
    ck_assert_mem_eq(seen.now + 1020, "change", 6);
    pattern_fill(same, sizeof(same), 4096, TAG_OLD);
    ck_assert_mem_eq(seen.before, same, sizeof(same));
    store_free(old);
    old = store_clone(s);
    store_each_change(s, old, see, &seen);
    ck_assert_uint_eq(seen.n, 1);
    store_free(old);
    store_free(s);
}
END_TEST

static uint8_t byte_at(const struct store *s, uint64_t offset)
{
    uint8_t byte;

    store_read(s, &byte, 1, offset);
    return byte;
}

START_TEST(pages_are_shared_until_written)
{
    struct store *a = store_new();
    struct store *b = store_new();

    store_write(a, "a", 1, 5000);
    store_write(b, "b", 1, 4999);
    store_share_page(b, a, 4096);
    ck_assert_uint_eq(store_size(b), 5001);
    ck_assert_uint_eq(byte_at(b, 5000), 'a');
    ck_assert_uint_eq(byte_at(b, 4999), 0);
    store_write(b, "c", 1, 5000);
    ck_assert_uint_eq(byte_at(a, 5000), 'a');
    store_share_page(b, a, 4096);
    store_write(a, "d", 1, 5000);
    ck_assert_uint_eq(byte_at(b, 5000), 'a');
    store_write(b, "far", 3, 9000);
    store_share_page(b, a, 4096);
    ck_assert_uint_eq(store_size(b), 9003);
    store_free(a);
    ck_assert_uint_eq(byte_at(b, 5000), 'd');
    store_free(b);
}
END_TEST

START_TEST(copies_are_apart)
{
    struct store *a = store_new();
    struct store *b = store_clone(a);
    struct store *c;

    store_write(b, "b", 1, 1);
    ck_assert_uint_eq(store_size(a), 0);
    store_assign(a, b);
    c = store_clone(b);
    for (unsigned i = 0; i < 40; i++) /* the table grows */
        store_write(c, "c", 1, 1 + 4096 * (uint64_t)i);
    store_write(a, "a", 1, 1);
    ck_assert_uint_eq(byte_at(a, 1), 'a');
    ck_assert_uint_eq(byte_at(b, 1), 'b');
    ck_assert_uint_eq(byte_at(c, 1), 'c');
    store_assign(c, c);
    ck_assert_uint_eq(byte_at(c, 1 + 4096 * 39), 'c');
    store_free(a);
    store_free(b);
    store_free(c);
}
END_TEST

START_TEST(stores_differ)
{
    struct store *a = store_new();
    struct store *b;
    uint64_t at;
    uint64_t huge = UINT64_C(1) << 62;

    store_fill(a, TAG_OLD, huge);
    b = store_clone(a);
    ck_assert(!store_differ(a, b, &at));
    store_write(b, "x", 1, huge / 2 + 5);
    ck_assert(store_differ(a, b, &at));
    ck_assert_uint_eq(at, huge / 2 + 5);
    store_set_size(b, huge / 2 - 3);
    ck_assert(store_differ(a, b, &at));
    ck_assert_uint_eq(at, huge / 2 - 3);
    store_set_size(b, huge);
    ck_assert(store_differ(a, b, &at));
    ck_assert_uint_eq(at, huge / 2 - 3);
    store_free(a);
    store_free(b);
}
END_TEST

/* ---- The ideal disk */

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
                      uint64_t offset, int ok)
{
    uint8_t *data = malloc(len);

    pattern_fill(data, len, offset, TAG_WRITE | n);
    oracle_write(o, data, len, offset, ok);
    free(data);
}

static int shows(struct oracle *o, uint32_t tag, size_t len, uint64_t offset)
{
    struct mismatch m;
    uint8_t *data = calloc(1, len);
    int good;

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

START_TEST(failed_write_is_open_until_seen)
{
    struct oracle *o = small();

    write_tag(o, 1, 1024, 0, 1);
    write_tag(o, 2, 1024, 0, 0);
    ck_assert(!shows(o, TAG_BACKING, 512, 0));
    ck_assert(shows(o, TAG_WRITE | 2, 512, 0));
    ck_assert(!shows(o, TAG_WRITE | 1, 512, 0)); /* settled */
    ck_assert(shows(o, TAG_WRITE | 1, 512, 512));
    ck_assert(!shows(o, TAG_WRITE | 2, 512, 512));
    write_tag(o, 3, 512, CLUSTER * 2, 0);
    ck_assert_int_eq(oracle_allocation(o, 2), ALLOC_MAYBE);
    write_tag(o, 4, 512, CLUSTER * 2, 1);
    ck_assert(!shows(o, TAG_WRITE | 3, 512, CLUSTER * 2));
    ck_assert(shows(o, TAG_WRITE | 4, 512, CLUSTER * 2));
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
    ck_assert_str_eq(m.expected,
                     "guest write 2 at sector 3 (version 2 of sector 3)");
    ck_assert_str_eq(m.got,
                     "guest write 1 at sector 3 (version 1 of sector 3)");
    oracle_free(o);
}
END_TEST

static int run(Suite *s)
{
    SRunner *r = srunner_create(s);
    int failed;

    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
    Suite *s = suite_create("oracle");
    TCase *t = tcase_create("oracle");

    tcase_add_test(t, patterns_identify);
    tcase_add_test(t, patterns_differ_everywhere);
    tcase_add_test(t, patterns_have_names);
    tcase_add_test(t, store_is_a_file);
    tcase_add_test(t, changes_are_seen);
    tcase_add_test(t, pages_are_shared_until_written);
    tcase_add_test(t, copies_are_apart);
    tcase_add_test(t, stores_differ);
    tcase_add_test(t, base);
    tcase_add_test(t, written);
    tcase_add_test(t, clusters_written);
    tcase_add_test(t, failed_write_is_open_until_seen);
    tcase_add_test(t, writes_at_once_take_any_order);
    tcase_add_test(t, read_at_once_sees_before_and_after);
    tcase_add_test(t, durable);
    tcase_add_test(t, first_content_is_known_unread);
    tcase_add_test(t, resized);
    tcase_add_test(t, grown);
    tcase_add_test(t, discarded);
    tcase_add_test(t, mismatches_are_named);
    suite_add_tcase(s, t);
    return run(s);
}
