/* SPDX-License-Identifier: MIT
 *
 * Create over a host in memory: what it refuses, and what it leaves when a
 * call of the host fails.
 */
#include "internal.h"
#include "mem_host.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define K64 UINT64_C(65536)

static struct mem_host host;
static struct addcow_error error;

static void setup(void)
{
    mem_init(&host);
}

static void teardown(void)
{
    ck_assert_uint_eq(host.n_open, 0);
    mem_finish(&host);
}

static int create(uint32_t flags)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .flags = flags,
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};

    return addcow_create(&error, &host.table, &args);
}

/* Each call of a create fails once, for a new file and for a replaced one. */
START_TEST(failed_create_leaves_no_magic)
{
    struct addcow_image *image;

    for (unsigned k = 1;; k++) {
        unsigned char head[8];
        int result;

        teardown();
        setup();
        mem_set_size(&host, "raw", 20 * K64);
        mem_set_size(&host, "base", K64);
        if (_i)
            mem_put(&host, "x.cow", "ADD_COW\xFF old", 12, 0);
        host.only = MEM_CALLS;
        host.countdown = k;
        host.result = ADDCOW_NO_SPACE;
        result = create(_i ? ADDCOW_CREATE_REPLACE : 0);
        if (result == ADDCOW_OK)
            break;
        ck_assert_int_eq(result, ADDCOW_NO_SPACE);
        mem_get(&host, "x.cow", head, 8, 0);
        if (mem_file(&host, "x.cow")->size == 12)
            ck_assert_mem_eq(head, "ADD_COW\xFF", 8);
        else
            ck_assert_uint_eq(bits_count(head, 64), 0);
    }
    ck_assert_uint_eq(mem_file(&host, "x.cow")->size, 2563);
    host.countdown = 0;
    ck_assert_int_eq(addcow_open(&image, &error, &host.table, "x.cow", 0),
                     ADDCOW_OK);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(create_refuses_wrong_arguments)
{
    char name[1026];
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};

    memset(name, 'n', sizeof(name) - 1);
    name[1024] = '\0';
    args.image_name = name;
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "CRT-14");
    args.image_name = "a:b";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "NAM-8");
    args.image_name = "";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    args.image_name = "raw";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_NOT_FOUND);
    ck_assert_str_eq(error.clause, "CRT-1");
    mem_set_size(&host, "raw", 512);
    mem_set_size(&host, "base", 512);
    args.backing_name = NULL;
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "CRT-16");
    args.backing_name = "raw";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "NAM-11");
    args.backing_name = "base";
    args.name = "base";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args), ADDCOW_EXISTS);
    args.flags = ADDCOW_CREATE_REPLACE;
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "CRT-7");
}
END_TEST

START_TEST(create_refuses_wrong_sizes)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .flags = ADDCOW_CREATE_SIZED |
                                               ADDCOW_CREATE_NO_BACKING,
                                      .name = "new",
                                      .image_name = "raw",
                                      .virtual_size = 512};

    mem_set_size(&host, "raw", 10 * K64);
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "CRT-6");
    mem_set_size(&host, "raw", 513);
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
    ck_assert_str_eq(error.clause, "CRT-17");
    args.flags = 64;
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_UNIMPLEMENTED);
    args.flags = 0;
    args.name = "";
    ck_assert_int_eq(addcow_create(&error, &host.table, &args),
                     ADDCOW_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/create");
    TCase *cases = tcase_create("create");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, failed_create_leaves_no_magic, 0, 2);
    tcase_add_test(cases, create_refuses_wrong_arguments);
    tcase_add_test(cases, create_refuses_wrong_sizes);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
