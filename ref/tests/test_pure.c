/* SPDX-License-Identifier: MIT
 *
 * The pure functions of the reference, at their boundaries.
 */
#include "judge.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(cluster_counts_round_up)
{
    static const struct {
        uint64_t size, clusters, bitmap_len;
    } rows[] = {
        {0, 0, 0},
        {512, 1, 1},
        {65535, 1, 1},
        {65536, 1, 1},
        {65537, 2, 1},
        {8 * 65536, 8, 1},
        {8 * 65536 + 512, 9, 2},
        {590336, 10, 2},
        {UINT64_C(8) << 20, 128, 16},
        {UINT64_C(8) << 30, 131072, 16384},
        {UINT64_C(5) << 40, UINT64_C(83886080), UINT64_C(10485760)},
        {UINT64_C(8) << 40, UINT64_C(134217728), UINT64_C(16777216)},
        {UINT64_C(1) << 62, UINT64_C(1) << 46, UINT64_C(1) << 43},
        {SIZE_LIMIT, UINT64_C(1) << 47, UINT64_C(1) << 44},
        {UINT64_MAX, UINT64_C(1) << 48, UINT64_C(1) << 45},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_uint_eq(siz_clusters(rows[i].size), rows[i].clusters);
        ck_assert_uint_eq(siz_bitmap_len(rows[i].size), rows[i].bitmap_len);
    }
}
END_TEST

START_TEST(cluster_counts_agree_with_counting)
{
    uint64_t clusters = 0;

    for (uint64_t size = 0; size <= 40 * 65536; size += 512) {
        if (size % 65536 == 512)
            clusters++;
        ck_assert_uint_eq(siz_clusters(size), clusters);
        ck_assert_uint_eq(siz_bitmap_len(size), (clusters + 7) / 8);
    }
}
END_TEST

START_TEST(virtual_size_is_whole_sectors)
{
    ck_assert_uint_eq(siz_virtual(0), 0);
    ck_assert_uint_eq(siz_virtual(511), 0);
    ck_assert_uint_eq(siz_virtual(512), 512);
    ck_assert_uint_eq(siz_virtual(1000), 512);
    ck_assert_uint_eq(siz_virtual(INT64_MAX), SIZE_LIMIT);
}
END_TEST

START_TEST(ranges_do_not_wrap)
{
    ck_assert(siz_within(0, 0, 0));
    ck_assert(!siz_within(0, 1, 0));
    ck_assert(!siz_within(0, 0, 1));
    ck_assert(siz_within(512, 512, 0));
    ck_assert(siz_within(512, 0, 512));
    ck_assert(!siz_within(512, 1, 512));
    ck_assert(!siz_within(512, 513, 0));
    ck_assert(siz_within(SIZE_LIMIT, 1, SIZE_LIMIT - 1));
    ck_assert(!siz_within(SIZE_LIMIT, 2, SIZE_LIMIT - 1));
    ck_assert(!siz_within(SIZE_LIMIT, UINT64_MAX, 1));
    ck_assert(!siz_within(SIZE_LIMIT, 1, UINT64_MAX));
    ck_assert(!siz_within(SIZE_LIMIT, UINT64_MAX, UINT64_MAX));
}
END_TEST

START_TEST(short_bitmaps_are_seen)
{
    ck_assert(siz_holds_bitmap(2560, 0));
    ck_assert(!siz_holds_bitmap(2559, 0));
    ck_assert(!siz_holds_bitmap(2560, 512));
    ck_assert(siz_holds_bitmap(2561, 8 * 65536));
    ck_assert(!siz_holds_bitmap(2561, 8 * 65536 + 512));
    ck_assert(siz_holds_bitmap(2562, 8 * 65536 + 512));
    ck_assert(!siz_holds_bitmap(0, 0));
    ck_assert(!siz_holds_bitmap(UINT64_C(1) << 44, SIZE_LIMIT));
    ck_assert(siz_holds_bitmap((UINT64_C(1) << 44) + 2560, SIZE_LIMIT));
}
END_TEST

START_TEST(bits_count_from_the_least_significant)
{
    unsigned char bits[4] = {0};

    for (uint64_t bit = 0; bit < 32; bit++) {
        memset(bits, 0, sizeof(bits));
        bits[bit / 8] = (unsigned char)(1u << bit % 8);
        for (uint64_t other = 0; other < 32; other++)
            ck_assert_int_eq(bits_get(bits, other), other == bit);
        ck_assert_uint_eq(bits_count(bits, 32), 1);
        ck_assert_uint_eq(bits_count(bits, bit), 0);
    }
}
END_TEST

START_TEST(probe_reads_no_more_than_it_is_given)
{
    static const unsigned char good[12] = {'A', 'D',  'D', '_', 'C', 'O',
                                           'W', 0xFF, 0,   0,   0,   1};

    for (size_t len = 0; len <= sizeof(good); len++) {
        unsigned char *head = malloc(len ? len : 1); /* for ASan */

        ck_assert_ptr_nonnull(head);
        memcpy(head, good, len);
        ck_assert_int_eq(addcow_probe(head, len),
                         len < 8 ? ADDCOW_NOT_ADDCOW : ADDCOW_OK);
        free(head);
    }
    ck_assert_int_eq(addcow_probe(NULL, 0), ADDCOW_NOT_ADDCOW);
}
END_TEST

START_TEST(probe_tells_every_bit_of_magic_and_version)
{
    for (size_t bit = 0; bit < 96; bit++) {
        unsigned char head[12] = {'A', 'D',  'D', '_', 'C', 'O',
                                  'W', 0xFF, 0,   0,   0,   1};

        head[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_int_eq(addcow_probe(head, sizeof(head)),
                         bit < 64 ? ADDCOW_NOT_ADDCOW : ADDCOW_VERSION);
    }
}
END_TEST

START_TEST(version_is_big_endian)
{
    static const unsigned char little[12] = {'A', 'D',  'D', '_', 'C', 'O',
                                             'W', 0xFF, 1,   0,   0,   0};

    ck_assert_int_eq(addcow_probe(little, sizeof(little)), ADDCOW_VERSION);
}
END_TEST

START_TEST(header_is_built_byte_for_byte)
{
    unsigned char head[HEADER_LEN];
    struct findings findings = {.file = "x"};

    hdr_build(head, "disk.raw", "base.raw");
    ck_assert_mem_eq(head, "ADD_COW\xFF\0\0\0\1base.raw\0", 21);
    ck_assert_mem_eq(head + 1036, "disk.raw\0", 9);
    ck_assert_uint_eq(bits_count(head + 20, 8 * 1016), 0);
    ck_assert_uint_eq(bits_count(head + 1044, 8 * 1516), 0);
    ck_assert_int_eq(hdr_judge(&findings, head, sizeof(head)), ADDCOW_OK);
}
END_TEST

/* Every byte of a header with two names of three bytes: which may change. */
START_TEST(each_fixed_byte_of_a_header_is_judged)
{
    for (size_t at = 0; at < HEADER_LEN; at++) {
        bool in_name = (at >= 12 && at < 15) || (at >= 1036 && at < 1039);
        unsigned char head[HEADER_LEN];
        struct findings findings = {.file = "x"};
        int want = in_name ? ADDCOW_OK : ADDCOW_CORRUPT;

        hdr_build(head, "abc", "def");
        head[at] ^= 0x01;
        if (at < 8)
            want = ADDCOW_NOT_ADDCOW;
        else if (at < 12)
            want = ADDCOW_VERSION;
        else if (at == 15 || at == 1039) /* one more byte of a name */
            want = ADDCOW_OK;
        ck_assert_msg(hdr_judge(&findings, head, sizeof(head)) == want,
                      "byte %zu", at);
    }
}
END_TEST

START_TEST(each_short_header_is_refused)
{
    unsigned char head[HEADER_LEN];

    hdr_build(head, "abc", "def");
    for (size_t len = 0; len < HEADER_LEN; len++) {
        struct findings findings = {.file = "x"};

        ck_assert_int_eq(hdr_judge(&findings, head, len),
                         len < 8 ? ADDCOW_NOT_ADDCOW : ADDCOW_CORRUPT);
    }
}
END_TEST

START_TEST(names_are_joined_by_text)
{
    static const struct {
        const char *entry, *name, *path;
    } rows[] = {
        {"a.cow", "b", "b"},           {"./a.cow", "b", "./b"},
        {"d/a.cow", "../b", "d/../b"}, {"/d/e/a.cow", "f/b", "/d/e/f/b"},
        {"/a.cow", "b", "/b"},         {"d/a.cow", "/b", "/b"},
        {"d//a.cow", " b ", "d// b "}, {"d/", "b", "d/b"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *path = nam_join(rows[i].entry, rows[i].name);

        ck_assert_str_eq(path, rows[i].path);
        free(path);
    }
}
END_TEST

static bool names_protocol(const char *name)
{
    return hdr_is_protocol((const unsigned char *)name, strlen(name));
}

START_TEST(protocols_have_a_colon_first)
{
    ck_assert(names_protocol("nbd:x"));
    ck_assert(names_protocol(":"));
    ck_assert(names_protocol("a:b/c"));
    ck_assert(!names_protocol("./a:b"));
    ck_assert(!names_protocol("/a:b"));
    ck_assert(!names_protocol("a/b:c"));
    ck_assert(!names_protocol("a"));
    ck_assert(!names_protocol(""));
}
END_TEST

START_TEST(classes_have_names)
{
    ck_assert_str_eq(addcow_result_name(ADDCOW_OK), "OK");
    ck_assert_str_eq(addcow_result_name(ADDCOW_OTHER), "OTHER");
    ck_assert_str_eq(addcow_result_name(22), "unknown result");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/pure");
    TCase *cases = tcase_create("pure");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_test(cases, cluster_counts_round_up);
    tcase_add_test(cases, cluster_counts_agree_with_counting);
    tcase_add_test(cases, virtual_size_is_whole_sectors);
    tcase_add_test(cases, ranges_do_not_wrap);
    tcase_add_test(cases, short_bitmaps_are_seen);
    tcase_add_test(cases, bits_count_from_the_least_significant);
    tcase_add_test(cases, probe_reads_no_more_than_it_is_given);
    tcase_add_test(cases, probe_tells_every_bit_of_magic_and_version);
    tcase_add_test(cases, version_is_big_endian);
    tcase_add_test(cases, header_is_built_byte_for_byte);
    tcase_add_test(cases, each_fixed_byte_of_a_header_is_judged);
    tcase_add_test(cases, each_short_header_is_refused);
    tcase_add_test(cases, names_are_joined_by_text);
    tcase_add_test(cases, protocols_have_a_colon_first);
    tcase_add_test(cases, classes_have_names);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
