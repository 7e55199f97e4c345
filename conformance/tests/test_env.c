/* SPDX-License-Identifier: MIT
 *
 * test_env.c - the world of a case: a right implementation passes, each
 * broken one is caught with the right words.
 */
#include "cases/all.h"
#include "toy_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading and writing */

static void reads(struct env *env, const struct conf_case *self)
{
    struct img *img;
    struct snapshot *s;

    (void)self;
    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, 0);
    expect_u64(env, "RD-1", "virtual size", img_size(img), 9 * CLUSTER + 1024);
    expect_guest(img, "RD-1", 1000, 3 * CLUSTER + 300);
    expect_guest_all(img, "RD-1");
    must_close(img);
    expect_nothing_changed(env, "RD-1", s);
}

START_TEST(right_passes)
{
    ck_assert_int_eq(run_as(reads, TOY_GOOD).verdict, V_PASS);
    ck_assert_int_eq(run_as(writes, TOY_GOOD).verdict, V_PASS);
}
END_TEST

START_TEST(old_bytes_are_named)
{
    struct outcome out = run_as(reads, TOY_SHOW_OLD);

    ck_fails(out, "RD-1", "old bytes of the image file of sector 384");
    ck_assert(strstr(out.expected, "backing bytes of sector 384"));
    ck_assert_str_eq(out.sign, "/guest/old");
}
END_TEST

START_TEST(missing_copy_up)
{
    ck_fails(run_as(writes, TOY_NO_COPY_UP), "WR-1",
             "old bytes of the image file");
}
END_TEST

START_TEST(early_bit)
{
    ck_fails(run_as(writes, TOY_EARLY_BIT), "FLS-1",
             "the bit of cluster 2 became 1 before that, by a write of 1 byte "
             "at 2560 of the add-cow file, during the 2nd call, write 1000 ");
}
END_TEST

START_TEST(flush_that_is_none)
{
    ck_fails(run_as(writes, TOY_NO_FLUSH), "FLS-1",
             "flush ended well, but this was not flushed: write of 1 byte at "
             "2560 of the add-cow file, during the 2nd call, write 1000 ");
}
END_TEST

START_TEST(neighbours_bits)
{
    ck_fails(run_as(writes, TOY_CLEAR_BITS), "WR-1", "backing");
}
END_TEST

START_TEST(conduct)
{
    ck_fails(run_as(reads, TOY_LEAK), "RD-1", "\"base.img\" is still open");
    ck_fails(run_as(reads, TOY_PAST_BUFFER), "RD-1", "after the buffer");
    ck_fails(run_as(writes, TOY_CHANGE_INPUT), "RD-1", "input was changed");
    ck_fails(run_as(reads, TOY_BAD_HANDLE), "RD-1", "not open");
    ck_assert_int_eq(run_as(writes, TOY_UNIMPLEMENTED).verdict, V_UNIMPL);
}
END_TEST

/* ---- Refusals */

static void out_of_range(struct env *env, const struct conf_case *self)
{
    struct img *img;
    char c;

    (void)self;
    small_image(env);
    img = open_image(env, 0);
    expect_refused(env, "RD-1", img_read(img, &c, 1, UINT64_MAX), ADDCOW_RANGE,
                   0);
    must_close(img);
}

static void another_class(struct env *env, const struct conf_case *self)
{
    (void)self;
    expect_open_refused(env, "RD-1", "none", 0, ADDCOW_IO, ADDCOW_CORRUPT, 0);
}

static void not_refused(struct env *env, const struct conf_case *self)
{
    (void)self;
    small_image(env);
    expect_open_refused(env, "RD-1", ADDCOW_NAME, 0, 0);
}

START_TEST(refusals)
{
    struct outcome out = run_as(another_class, TOY_GOOD);

    ck_fails(out, "RD-1", "NOT_FOUND (-1005)");
    ck_assert_str_eq(out.sign, "/refused/NOT_FOUND");
    ck_assert_str_eq(out.expected,
                     "refused with IO (-1008) or CORRUPT (-1004)");
    ck_fails(run_as(not_refused, TOY_GOOD), "RD-1", "success");
    ck_assert_int_eq(run_as(out_of_range, TOY_GOOD).verdict, V_PASS);
    out = run_as(out_of_range, TOY_POSITIVE_ERRNO);
    ck_assert_str_eq(out.sign, "/result/positive");
    ck_fails(run_as(out_of_range, TOY_POSITIVE_ERRNO), "RD-1",
             "22: a positive number is never a result");
    ck_fails(run_as(out_of_range, TOY_MINUS_ERRNO), "RD-1",
             "-22: looks like -errno");
}
END_TEST

static void late_host(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    small_image(env);
    img = open_image(env, 0);
    expect_refused(env, "RD-1", shim_probe(env, "", 0), ADDCOW_NOT_ADDCOW, 0);
    must_close(img);
}

START_TEST(host_between_calls)
{
    ck_assert_int_eq(run_as(late_host, TOY_GOOD).verdict, V_PASS);
    ck_fails(run_as(late_host, TOY_LATE_HOST), "RD-1",
             "host flush outside of a call");
}
END_TEST

/* ---- The suite's own faults */

static void checks_nothing(struct env *env, const struct conf_case *self)
{
    (void)self;
    small_image(env);
}

static void foreign_clause(struct env *env, const struct conf_case *self)
{
    (void)self;
    expect_true(env, "HDR-1", "one is one", 1);
}

static void needs_resize(struct env *env, const struct conf_case *self)
{
    (void)self;
    need_cap(env, ADDCOW_CAP_RESIZE);
}

START_TEST(own_faults)
{
    struct outcome out = run_as(checks_nothing, TOY_GOOD);

    ck_assert_int_eq(out.verdict, V_ERROR);
    ck_assert_str_eq(out.got, "the case checked nothing");
    ck_assert_int_eq(run_as(foreign_clause, TOY_GOOD).verdict, V_ERROR);
    out = run_as(needs_resize, TOY_GOOD);
    ck_assert_int_eq(out.verdict, V_NA);
    ck_assert_str_eq(out.reason, "capability");
}
END_TEST

/* ---- Huge files, faults, space */

static void huge(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint64_t end = UINT64_C(1) << 46;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = end,
                                           .backing_size = end - 777});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-1", write_new(img, 3, end - 3));
    expect_ok(env, "WR-1", write_new(img, 3, end / 2));
    expect_guest_all(img, "WR-1");
    must_close(img);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, oracle_of(img));
}

static void failing_write(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, &(struct fault){.kind = EV_WRITE,
                                   .name = IMAGE_NAME,
                                   .result = ADDCOW_IO,
                                   .n_sectors = 1});
    expect_refused(env, "WR-1", write_new(img, 2048, CLUSTER), ADDCOW_IO, 0);
    expect_u64(env, "WR-1", "faults", n_faults_hit(env), 1);
    expect_guest_all(img, "WR-1");
    expect_ok(env, "WR-1", write_new(img, 2048, CLUSTER));
    set_free_space(env, 512);
    expect_refused(env, "WR-1", write_new(img, 2048, 5 * CLUSTER),
                   ADDCOW_NO_SPACE, 0);
    set_free_space(env, UINT64_MAX);
    expect_guest_all(img, "WR-1");
    expect_ok(env, "WR-1", write_new(img, 2048, 5 * CLUSTER));
    expect_guest_all(img, "WR-1");
    must_close(img);
}

/* The bit of cluster ARG, which nobody wrote: of the sector of bits that was
 * written, of another one in its page, of a page of its own. */
static void stray_bit(struct env *env, uint64_t cluster)
{
    struct oracle *o =
        make_image(env, &(struct image_recipe){.image_size = UINT64_C(1) << 46,
                                               .no_backing = 1});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, 512, 0);
    must_close(img);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
    set_bit_of(env, ADDCOW_NAME, cluster, 1);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
}

static void stray_beside(struct env *env, const struct conf_case *self)
{
    (void)self;
    stray_bit(env, 4095);
}

static void stray_in_page(struct env *env, const struct conf_case *self)
{
    (void)self;
    stray_bit(env, 4096);
}

static void stray_far(struct env *env, const struct conf_case *self)
{
    (void)self;
    stray_bit(env, 1 << 29);
}

START_TEST(stray_bits)
{
    ck_assert_int_eq(run_as(stray_beside, TOY_GOOD).verdict, V_FAIL);
    ck_assert_int_eq(run_as(stray_in_page, TOY_GOOD).verdict, V_FAIL);
    ck_assert_int_eq(run_as(stray_far, TOY_GOOD).verdict, V_FAIL);
}
END_TEST

/* Nothing of the old world is there, and the new one works. */
static void worlds(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    for (int i = 0; i < 2; i++) {
        expect_u64(env, "WR-1", "files",
                   (uint64_t)file_exists(env, IMAGE_NAME), 0);
        expect_u64(env, "WR-1", "events", n_events(env), 0);
        small_image(env);
        put_fault(env, &(struct fault){
                           .kind = EV_WRITE, .nth = 99, .result = ADDCOW_IO});
        img = open_image(env, ADDCOW_OPEN_WRITE);
        must_write(img, 1000, CLUSTER);
        expect_guest_all(img, "WR-1");
        new_world(env); /* closes the image */
    }
}

START_TEST(huge_and_faulty)
{
    ck_assert_int_eq(run_as(worlds, TOY_GOOD).verdict, V_PASS);
    ck_assert_int_eq(run_as(huge, TOY_GOOD).verdict, V_PASS);
    ck_assert_int_eq(run_as(failing_write, TOY_GOOD).verdict, V_PASS);
}
END_TEST

/* ---- Order */

static void two_at_once(struct env *env, const struct conf_case *self)
{
    struct img *img;
    struct call *a;
    struct call *b;

    (void)self;
    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    hold_host(env, EV_FLUSH, IMAGE_NAME, 1);
    a = start_flush(img);
    expect_u64(env, "FLS-1", "state", call_state(a), CALL_HELD);
    b = start_write(img, 512, 0);
    expect_u64(env, "FLS-1", "state", call_state(b), CALL_WAITING);
    release_host(env);
    expect_ok(env, "FLS-1", finish_call(a));
    expect_ok(env, "WR-1", finish_call(b));
    expect_guest_all(img, "WR-1");
    expect_bit_order(img, "FLS-1");
    must_close(img);
    expect_flush_covers(img, "FLS-1");
}

START_TEST(serialising_is_conformant)
{
    struct outcome out = run_as(two_at_once, TOY_GOOD);

    ck_assert_msg(out.verdict == V_PASS, "%s / %s", out.expected, out.got);
}
END_TEST

/* ---- The first chapter */

static enum verdict run_case(const char *id, enum toy_fault fault)
{
    struct case_options o = {.seed = 1};
    struct outcome out = {0};

    for (const struct conf_case *c = cases_hdr; c->id; c++)
        if (strcmp(c->id, id) == 0)
            case_run(&out, c, toy(fault), &o);
    toy_reset();
    return out.verdict;
}

START_TEST(chapter)
{
    ck_assert_int_eq(run_case("hdr/good-header-opens", TOY_GOOD), V_PASS);
    ck_assert_int_eq(run_case("hdr/good-header-opens", TOY_SHOW_OLD), V_FAIL);
    ck_assert_int_eq(run_case("hdr/version-2", TOY_GOOD), V_PASS);
    ck_assert_int_eq(run_case("hdr/version-2", TOY_ANY_VERSION), V_FAIL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("env");
    TCase *t = tcase_create("env");
    SRunner *r;
    int failed;

    tcase_add_test(t, right_passes);
    tcase_add_test(t, old_bytes_are_named);
    tcase_add_test(t, missing_copy_up);
    tcase_add_test(t, early_bit);
    tcase_add_test(t, flush_that_is_none);
    tcase_add_test(t, neighbours_bits);
    tcase_add_test(t, conduct);
    tcase_add_test(t, refusals);
    tcase_add_test(t, host_between_calls);
    tcase_add_test(t, own_faults);
    tcase_add_test(t, huge_and_faulty);
    tcase_add_test(t, stray_bits);
    tcase_add_test(t, serialising_is_conformant);
    tcase_add_test(t, chapter);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
