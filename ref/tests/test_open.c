/* SPDX-License-Identifier: MIT
 *
 * What open, check and read_names refuse, in which words, and that nothing
 * stays open: defects one by one, and each call of the host failing.
 */
#include "addcow.h"
#include "mem_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define K64 UINT64_C(65536)

static struct mem_host host;
static struct addcow_image *image;
static struct addcow_error error;

static void setup(void)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};

    mem_init(&host);
    mem_set_size(&host, "raw", 10 * K64);
    mem_set_size(&host, "base", 10 * K64 + 5);
    ck_assert_int_eq(addcow_create(NULL, &host.table, &args), ADDCOW_OK);
}

static void teardown(void)
{
    ck_assert_uint_eq(host.n_open, 0);
    mem_finish(&host);
}

static const struct defect {
    uint64_t offset;
    const char *bytes;
    size_t len;
    int result;
    const char *clause;
    uint64_t blamed;
} defects[] = {
    {0, "B", 1, ADDCOW_NOT_ADDCOW, "HDR-2", 0},
    {7, "", 1, ADDCOW_NOT_ADDCOW, "HDR-2", 0},
    {8, "\1\0\0\0", 4, ADDCOW_VERSION, "HDR-3", 8},
    {16, "\0x", 2, ADDCOW_CORRUPT, "HDR-7", 17},
    {1035, "x", 1, ADDCOW_CORRUPT, "HDR-7", 1035},
    {1036, "\0\0\0", 3, ADDCOW_CORRUPT, "HDR-9", 1036},
    {1036, "nbd:x", 6, ADDCOW_CORRUPT, "NAM-6", 1036},
    {12, "nbd:x", 6, ADDCOW_CORRUPT, "NAM-6", 12},
    {2060, "x", 1, ADDCOW_CORRUPT, "HDR-8", 2060},
    {2559, "x", 1, ADDCOW_CORRUPT, "HDR-8", 2559},
    {12, "none", 5, ADDCOW_NOT_FOUND, "NAM-15", ADDCOW_NO_OFFSET},
    {1036, "none", 5, ADDCOW_NOT_FOUND, "NAM-14", ADDCOW_NO_OFFSET},
    {1036, "base", 5, ADDCOW_CORRUPT, "NAM-10", ADDCOW_NO_OFFSET},
    {1036, "x.cow", 6, ADDCOW_CORRUPT, "NAM-10", ADDCOW_NO_OFFSET},
    {12, "x.cow", 6, ADDCOW_CORRUPT, "NAM-10", ADDCOW_NO_OFFSET},
};

START_TEST(each_defect_is_refused_in_its_words)
{
    const struct defect *defect = &defects[_i];

    mem_put(&host, "x.cow", defect->bytes, defect->len, defect->offset);
    for (uint32_t flags = 0; flags < 2; flags++) {
        ck_assert_int_eq(
            addcow_open(&image, &error, &host.table, "x.cow", flags),
            defect->result);
        ck_assert_int_eq(error.result, defect->result);
        ck_assert_str_eq(error.clause, defect->clause);
        ck_assert_uint_eq(error.offset, defect->blamed);
        ck_assert_str_ne(error.what, "");
    }
}
END_TEST

START_TEST(name_without_nul_is_refused)
{
    char name[1024];

    memset(name, 'n', sizeof(name));
    mem_put(&host, "x.cow", name, sizeof(name), _i ? 1036 : 12);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_CORRUPT);
    ck_assert_str_eq(error.clause, "HDR-6");
}
END_TEST

START_TEST(refusals_name_clause_and_offset)
{
    mem_put(&host, "x.cow", "x", 1, 2077);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_CORRUPT);
    ck_assert_str_eq(error.clause, "HDR-8");
    ck_assert_str_eq(error.file, "x.cow");
    ck_assert_uint_eq(error.offset, 2077);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "", 0),
                     ADDCOW_INVALID);
    ck_assert_int_eq(addcow_open(&image, NULL, &host.table, "none", 0),
                     ADDCOW_NOT_FOUND);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 2),
                     ADDCOW_INVALID);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 4),
                     ADDCOW_UNIMPLEMENTED);
}
END_TEST

START_TEST(short_files_are_refused)
{
    static const struct {
        uint64_t len;
        int result;
        const char *clause;
    } rows[] = {
        {0, ADDCOW_NOT_ADDCOW, "HDR-2"}, {7, ADDCOW_NOT_ADDCOW, "HDR-2"},
        {8, ADDCOW_CORRUPT, "HDR-5"},    {11, ADDCOW_CORRUPT, "HDR-5"},
        {2559, ADDCOW_CORRUPT, "HDR-5"}, {2560, ADDCOW_CORRUPT, "BMP-7"},
        {2561, ADDCOW_CORRUPT, "BMP-7"}};

    mem_set_size(&host, "x.cow", rows[_i].len);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     rows[_i].result);
    ck_assert_str_eq(error.clause, rows[_i].clause);
}
END_TEST

START_TEST(longest_name_is_opened)
{
    char name[1024];

    memset(name, 'n', sizeof(name));
    name[1023] = '\0';
    mem_put(&host, "x.cow", name, sizeof(name), 1036);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_NOT_FOUND);
    ck_assert_str_eq(error.file, name);
}
END_TEST

START_TEST(long_path_is_cut_in_the_description)
{
    static char name[2 * sizeof(error.file)];

    memset(name, 'n', sizeof(name) - 1);
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, name, 0),
                     ADDCOW_NOT_FOUND);
    ck_assert_uint_eq(strlen(error.file), sizeof(error.file) - 1);
    ck_assert_int_eq(strncmp(error.file, name, strlen(error.file)), 0);
}
END_TEST

static int open_and_use(void)
{
    unsigned char byte;
    int result = addcow_open(&image, &error, &host.table, "x.cow", 1);

    if (result != ADDCOW_OK)
        return result;
    result = addcow_read(image, &byte, 1, 0);
    host.countdown = 0;
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    return result;
}

static int check_it(void)
{
    struct addcow_check_result found = {.size = sizeof(found)};

    return addcow_check(&found, &error, &host.table, "x.cow", NULL, NULL);
}

START_TEST(each_failure_of_the_host_is_passed_on)
{
    int (*const calls[])(void) = {open_and_use, check_it};
    unsigned n_failed = 0;

    for (unsigned k = 1;; k++) {
        host.only = MEM_CALLS;
        host.countdown = k;
        host.result = ADDCOW_NO_MEMORY;
        if (calls[_i]() == ADDCOW_OK)
            break;
        ck_assert_int_eq(error.result, ADDCOW_NO_MEMORY);
        ck_assert_uint_eq(host.n_open, 0);
        n_failed++;
    }
    ck_assert_uint_ge(n_failed, 5);
}
END_TEST

START_TEST(nonsense_of_the_host_is_a_failure)
{
    host.countdown = 1;
    host.result = 22;
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_IO);
}
END_TEST

static int refuse_identity(void *ctx, struct addcow_file *file,
                           struct addcow_identity *out)
{
    (void)ctx;
    (void)file;
    (void)out;
    return ADDCOW_IO;
}

START_TEST(unknown_identity_is_refused)
{
    struct addcow_host table = host.table;

    table.identify = refuse_identity;
    ck_assert_int_eq(addcow_open(&image, &error, &table, "x.cow", 0),
                     ADDCOW_IO);
}
END_TEST

static int open_result;

static int refuse_writers(void *ctx, struct addcow_file **out,
                          const char *name, uint32_t flags)
{
    if (flags & ADDCOW_FILE_WRITE && strcmp(name, "raw") == 0)
        return open_result;
    return host.table.open(ctx, out, name, flags);
}

START_TEST(image_file_that_may_not_be_written_is_refused)
{
    static const int results[] = {ADDCOW_READ_ONLY, ADDCOW_OTHER, ADDCOW_IO,
                                  ADDCOW_NO_MEMORY};
    struct addcow_host table = host.table;

    table.open = refuse_writers;
    open_result = results[_i];
    ck_assert_int_eq(addcow_open(&image, &error, &table, "x.cow", 1),
                     open_result);
    ck_assert_str_eq(error.file, "raw");
    ck_assert_int_eq(addcow_open(&image, &error, &table, "x.cow", 0),
                     ADDCOW_OK);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(names_are_seen_before_they_are_opened)
{
    struct addcow_names names;

    mem_put(&host, "x.cow", "../none", 8, 12);
    ck_assert_int_eq(addcow_read_names(&names, &error, &host.table, "x.cow"),
                     ADDCOW_OK);
    ck_assert_str_eq(names.backing, "../none");
    ck_assert_str_eq(names.image, "raw");
    ck_assert_uint_eq(mem_count(&host, MEM_OPEN, "base"), 1);
    mem_put(&host, "x.cow", "x", 1, 2060);
    ck_assert_int_eq(addcow_read_names(&names, &error, &host.table, "x.cow"),
                     ADDCOW_CORRUPT);
}
END_TEST

START_TEST(facts_are_told)
{
    unsigned char byte;

    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_OK);
    ck_assert_uint_eq(addcow_size(image), 10 * K64);
    ck_assert_uint_eq(addcow_clusters(image), 10);
    ck_assert_uint_eq(addcow_bitmap_len(image), 2);
    ck_assert_uint_eq(addcow_backing_len(image), 10 * K64 + 5);
    ck_assert_str_eq(addcow_names(image)->image, "raw");
    ck_assert_int_eq(addcow_read(image, &byte, 1, 10 * K64), ADDCOW_RANGE);
    ck_assert_str_eq(addcow_last_error(image)->clause, "RD-5");
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    ck_assert_int_eq(addcow_close(NULL), ADDCOW_OK);
}
END_TEST

START_TEST(check_counts)
{
    struct addcow_check_result found = {.size = sizeof(found)};

    ck_assert_int_eq(
        addcow_open(&image, &error, &host.table, "x.cow", ADDCOW_OPEN_WRITE),
        ADDCOW_OK);
    ck_assert_int_eq(addcow_write(image, "", 1, 9 * K64), ADDCOW_OK);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    mem_put(&host, "x.cow", "\xFE", 1, 2561);
    ck_assert_int_eq(
        addcow_check(&found, &error, &host.table, "x.cow", NULL, NULL), 0);
    ck_assert_uint_eq(found.errors, 0);
    ck_assert_uint_eq(found.warnings, 1);
    ck_assert_uint_eq(found.clusters, 10);
    ck_assert_uint_eq(found.allocated, 1);
    mem_set_size(&host, "x.cow", 2561);
    ck_assert_int_eq(
        addcow_check(&found, &error, &host.table, "x.cow", NULL, NULL), 0);
    ck_assert_uint_eq(found.errors, 1);
    ck_assert_uint_eq(found.warnings, 0);
    mem_put(&host, "x.cow", "x", 1, 2060);
    mem_put(&host, "x.cow", "x", 1, 2000);
    ck_assert_int_eq(
        addcow_check(&found, &error, &host.table, "x.cow", NULL, NULL), 0);
    ck_assert_uint_eq(found.errors, 2);
    ck_assert_uint_eq(found.clusters, 0);
}
END_TEST

static void list(void *ctx, const struct addcow_error *finding)
{
    char *text = ctx;
    size_t len = strlen(text);

    snprintf(text + len, 200 - len, "%s@%d ", finding->clause,
             finding->offset == ADDCOW_NO_OFFSET ? -1 : (int)finding->offset);
}

static const char *findings_of(int result)
{
    static char text[200];
    struct addcow_check_result found = {.size = sizeof(found)};

    text[0] = '\0';
    ck_assert_int_eq(
        addcow_check(&found, &error, &host.table, "x.cow", list, text),
        result);
    return text;
}

START_TEST(check_reports_all_that_it_finds)
{
    mem_put(&host, "x.cow", "\x04", 1, 2561);
    mem_set_size(&host, "raw", 10 * K64 + 513);
    ck_assert_str_eq(findings_of(ADDCOW_OK), "CHK-7@-1 ");
    mem_set_size(&host, "raw", 10 * K64 - 1);
    ck_assert_str_eq(findings_of(ADDCOW_OK), "CHK-7@-1 CHK-3@2561 ");
    mem_set_size(&host, "x.cow", 2561);
    ck_assert_str_eq(findings_of(ADDCOW_OK), "BMP-7@2561 CHK-7@-1 ");
    mem_put(&host, "x.cow", "x", 1, 100);
    mem_put(&host, "x.cow", "x", 1, 2100);
    ck_assert_str_eq(findings_of(ADDCOW_OK), "HDR-7@100 HDR-8@2100 ");
    mem_put(&host, "x.cow", "\2", 1, 11);
    ck_assert_str_eq(findings_of(ADDCOW_VERSION), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/open");
    TCase *cases = tcase_create("open");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, each_defect_is_refused_in_its_words, 0,
                        sizeof(defects) / sizeof(defects[0]));
    tcase_add_loop_test(cases, name_without_nul_is_refused, 0, 2);
    tcase_add_test(cases, refusals_name_clause_and_offset);
    tcase_add_loop_test(cases, short_files_are_refused, 0, 7);
    tcase_add_test(cases, longest_name_is_opened);
    tcase_add_test(cases, long_path_is_cut_in_the_description);
    tcase_add_loop_test(cases, each_failure_of_the_host_is_passed_on, 0, 2);
    tcase_add_test(cases, nonsense_of_the_host_is_a_failure);
    tcase_add_test(cases, unknown_identity_is_refused);
    tcase_add_loop_test(cases, image_file_that_may_not_be_written_is_refused,
                        0, 4);
    tcase_add_test(cases, names_are_seen_before_they_are_opened);
    tcase_add_test(cases, facts_are_told);
    tcase_add_test(cases, check_counts);
    tcase_add_test(cases, check_reports_all_that_it_finds);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
