/* SPDX-License-Identifier: MIT
 *
 * test_workload.c - random workloads and how they shrink, cases on plain
 * files, and the evidence of a failure.
 */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "cases/all.h"
#include "toy_case.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Workloads */

static void ordered_workload(struct env *env, const struct conf_case *self)
{
    (void)self;
    run_workload(env, "WR-1",
                 &(struct workload){.recipe = {.image_size = 9 * CLUSTER,
                                               .backing_size = 8 * CLUSTER},
                                    .kinds = OP_WRITE | OP_FLUSH,
                                    .n_ops = 20,
                                    .order_clause = "FLS-1"});
}

static void workload(struct env *env, const struct conf_case *self)
{
    (void)self;
    run_workload(
        env, "WR-1",
        &(struct workload){.recipe = {.image_size = 9 * CLUSTER + 1024,
                                      .backing_size = 3 * CLUSTER + 700},
                           .kinds = OP_READ | OP_WRITE | OP_ZEROS | OP_FLUSH |
                                    OP_REOPEN | OP_RESIZE | OP_DISCARD,
                           .n_ops = 100,
                           .max_len = 2 * CLUSTER,
                           .max_size = 12 * CLUSTER});
}

static size_t count(const char *s, char c)
{
    size_t n = 0;

    for (; *s; s++)
        n += *s == c;
    return n;
}

START_TEST(workloads_shrink)
{
    struct outcome out = run_as(workload, TOY_GOOD);

    ck_assert_msg(out.verdict == V_PASS, "%s / %s", out.expected, out.got);
    out = run_as(workload, TOY_NO_COPY_UP);
    ck_fails(out, "WR-1", "after (seed 1): write");
    ck_assert_uint_eq(count(out.got, ';'), 0); /* one operation is left */
    ck_fails(run_as(ordered_workload, TOY_EARLY_BIT), "FLS-1",
             "after (seed 1): write");
    ck_assert_int_eq(run_as(ordered_workload, TOY_GOOD).verdict, V_PASS);
    out = run_as(workload, TOY_CLEAR_BITS);
    ck_fails(out, "WR-1", "after (seed 1): ");
    ck_assert_uint_eq(count(out.got, ';'), 1); /* two are needed */
}
END_TEST

/* The case random/faults, on a toy. */
START_TEST(workloads_with_faults_shrink)
{
    static struct outcome out;
    static const struct case_options options = {.seed = 1};
    const struct conf_case *c = cases_random;

    while (strcmp(c->id, "random/faults") != 0)
        c++;
    case_run(&out, c, toy(TOY_NO_COPY_UP), &options);
    ck_fails(out, "WR-15",
             "after (seed 1): opening; then read 4 of the host "
             "fails with IO; write ");
    ck_fails(out, "WR-15",
             "; the host failed read 2 of the backing file with "
             "IO, during the 2nd call, write ");
    ck_assert_uint_eq(count(out.got, ';'), 3); /* one write is left */
}
END_TEST

/* ---- Plain files and evidence */

static char dir[] = "/tmp/addcow-env-XXXXXX";

static void enter_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    ck_assert_int_eq(mkdir("evidence", 0777), 0);
    ck_assert_int_eq(mkdir("files", 0777), 0);
    ck_assert_int_eq(chdir("files"), 0);
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void leave_dir(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void plain_writes(struct env *env, const struct conf_case *self)
{
    struct img *img;
    struct snapshot *s;

    (void)self;
    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-1", write_new(img, 1000, 2 * CLUSTER - 300));
    expect_guest_all(img, "WR-1");
    must_close(img);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, oracle_of(img));
    expect_unchanged(env, "WR-1", s, BACKING_NAME);
    expect_unchanged_except(env, "WR-1", s, ADDCOW_NAME, 1, HEADER_LEN);
    put_symlink(env, "link", IMAGE_NAME);
    expect_u64(env, "WR-1", "size", file_size(env, "link"),
               9 * CLUSTER + 1024);
}

static void too_large(struct env *env, const struct conf_case *self)
{
    (void)self;
    put_file(env, "huge", UINT64_MAX / 2 + 1);
}

static void needs_record(struct env *env, const struct conf_case *self)
{
    (void)self;
    (void)n_events(env);
}

START_TEST(plain_files)
{
    struct outcome out = run_on(toy_posix(TOY_GOOD), plain_writes, NULL);

    ck_assert_msg(out.verdict == V_PASS, "%s / %s", out.expected, out.got);
    ck_fails(run_on(toy_posix(TOY_NO_COPY_UP), plain_writes, NULL), "WR-1",
             "old bytes of the image file");
    out = run_on(toy_posix(TOY_GOOD), workload, NULL);
    ck_assert_msg(out.verdict == V_PASS, "%s / %s", out.expected, out.got);
    ck_fails(run_on(toy_posix(TOY_CLEAR_BITS), workload, NULL), "WR-1",
             "after (seed 1): ");
    out = run_on(toy_posix(TOY_GOOD), too_large, NULL);
    ck_assert_int_eq(out.verdict, V_NA);
    ck_assert_str_eq(out.reason, "storage");
    out = run_on(toy_posix(TOY_GOOD), needs_record, NULL);
    ck_assert_str_eq(out.reason, "storage");
}
END_TEST

START_TEST(evidence)
{
    struct stat st;
    struct outcome out = run_on(toy(TOY_NO_COPY_UP), writes, "../evidence");

    ck_assert_int_eq(out.verdict, V_FAIL);
    ck_assert_str_eq(out.evidence, "../evidence");
    ck_assert_int_eq(stat("../evidence/recording.txt", &st), 0);
    ck_assert(st.st_size > 100);
    ck_assert_int_eq(stat("../evidence/before/test.raw", &st), 0);
    ck_assert_int_eq(st.st_size, 9 * (long)CLUSTER + 1024);
    ck_assert_int_eq(stat("../evidence/after/test.add-cow", &st), 0);
    ck_assert_int_eq(st.st_size, 2562);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("workload");
    TCase *t = tcase_create("workload");
    TCase *plain = tcase_create("plain");
    SRunner *r;
    int failed;

    tcase_add_test(t, workloads_shrink);
    tcase_add_test(t, workloads_with_faults_shrink);
    tcase_add_checked_fixture(plain, enter_dir, leave_dir);
    tcase_add_test(plain, plain_files);
    tcase_add_test(plain, evidence);
    tcase_set_timeout(plain, 60);
    suite_add_tcase(s, plain);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
