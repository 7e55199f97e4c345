/* SPDX-License-Identifier: MIT
 *
 * test_data.c - patterns and sparse stores.
 */
#include "data/pattern.h"
#include "data/store.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

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

START_TEST(zeros_are_seen)
{
    uint8_t buf[600] = {0};

    ck_assert(pattern_is_zeros(buf, 0));
    ck_assert(pattern_is_zeros(buf, 1));
    ck_assert(pattern_is_zeros(buf, sizeof(buf)));
    for (size_t i = 0; i < sizeof(buf); i++) {
        buf[i] = 1;
        ck_assert(!pattern_is_zeros(buf, sizeof(buf)));
        ck_assert(pattern_is_zeros(buf, i));
        buf[i] = 0;
    }
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

START_TEST(patterns_have_kinds)
{
    static const struct {
        uint32_t tag;
        const char *kind;
    } rows[] = {{TAG_OLD, "old"},
                {TAG_BACKING, "backing"},
                {TAG_BACKING | 9, "backing"},
                {TAG_WRITE | 7, "write"}};
    uint8_t buf[64] = {0};

    ck_assert_str_eq(pattern_kind(buf, sizeof(buf), 0), "zeros");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pattern_fill(buf, sizeof(buf), 512, rows[i].tag);
        ck_assert_str_eq(pattern_kind(buf, sizeof(buf), 512), rows[i].kind);
        ck_assert_str_eq(pattern_kind(buf + 3, 2, 515), rows[i].kind);
    }
    memset(buf, 1, sizeof(buf));
    ck_assert_str_eq(pattern_kind(buf, sizeof(buf), 0), "unknown");
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

int main(void)
{
    TCase *tests = tcase_create("data");

    tcase_add_test(tests, patterns_identify);
    tcase_add_test(tests, patterns_differ_everywhere);
    tcase_add_test(tests, zeros_are_seen);
    tcase_add_test(tests, patterns_have_names);
    tcase_add_test(tests, patterns_have_kinds);
    tcase_add_test(tests, store_is_a_file);
    tcase_add_test(tests, changes_are_seen);
    tcase_add_test(tests, pages_are_shared_until_written);
    tcase_add_test(tests, copies_are_apart);
    tcase_add_test(tests, stores_differ);
    return run_tests("data", tests);
}
