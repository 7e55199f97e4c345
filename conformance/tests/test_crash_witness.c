/* SPDX-License-Identifier: MIT
 *
 * test_crash_witness.c - the strings of the crash engine: a witness replays,
 * names one state, and is refused if it names nothing.
 */
#include "crash_small.h"
#include "fakes/toys/zoo.h"
#include "run_tests.h"

#include <check.h>
#include <string.h>

/* Runs the toy on small_broken; WITNESS null: looks for one. */
static int look(struct crash_failure *out, const struct zoo_toy *toy,
                const char *witness)
{
    static struct small s;
    struct toy_program p = zoo_program(toy);
    struct crash *c;
    int result;

    small_init(&s, &small_broken.shape, &p);
    c = crash_new(&s.setup, NULL);
    if (witness)
        ck_assert_int_eq(crash_only(c, witness), 0);
    result = crash_run(c, small_broken.ops, 0);
    *out = *crash_failure(c);
    crash_free(c);
    return result;
}

START_TEST(witnesses_replay)
{
    struct crash_failure first;
    struct crash_failure again;

    /* What goes wrong before any cut has none. */
    if (look(&first, &zoo[_i], NULL) == 0 || !first.witness[0])
        return;
    ck_assert_msg(look(&again, &zoo[_i], first.witness) != 0,
                  "%s: %s is not wrong again", zoo[_i].program.name,
                  first.witness);
    ck_assert_str_eq(again.witness, first.witness);
    ck_assert_str_eq(again.clause, first.clause);
    ck_assert_str_eq(again.expected, first.expected);
    ck_assert_str_eq(again.got, first.got);
}
END_TEST

/* What is broken shows in some of them. */
START_TEST(some_are_wrong)
{
    struct crash_failure f;
    unsigned n = 0;

    for (size_t i = 0; i < zoo_len; i++)
        n += look(&f, &zoo[i], NULL) != 0;
    ck_assert_uint_ge(n, 8);
}
END_TEST

START_TEST(a_right_state_is_described)
{
    struct crash_failure f;

    ck_assert_int_eq(look(&f, &zoo[0], "3:-"), 0);
    ck_assert_ptr_nonnull(strstr(f.got, "as it may be"));
}
END_TEST

START_TEST(sectors_in_a_row_are_one_choice)
{
    struct crash_failure f;

    ck_assert_int_eq(look(&f, &zoo[0], "3:i2-3.1"), 0);
    ck_assert_ptr_nonnull(strstr(f.got, "version 1 of sectors 2 to 3 of"));
    ck_assert_str_eq(f.witness, "3:i2-3.1");
}
END_TEST

/* A point, a size, a content, a sector that is not there, or is twice. */
START_TEST(what_is_not_there_is_not_met)
{
    static const char *const texts[] = {
        "3:-",       "3:i2-3.1",  "0:-",           "999:-",  "3:as1",
        "3:i2.2",    "3:i2-9.1",  "3:i9.1",        "3:a5.1", "3:i2.1,i2.1",
        "3:-~999:-", "999:-~1:-", "3:i2.1~1:a99.1"};
    static struct small s;

    small_init(&s, &small_broken.shape, &toy_right);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct crash *c = crash_new(&s.setup, NULL);

        ck_assert_int_eq(crash_only(c, texts[i]), 0);
        ck_assert_int_eq(crash_run(c, small_broken.ops, 0), 0);
        ck_assert_msg(!crash_was_met(c) == (i > 1), "'%s'", texts[i]);
        crash_free(c);
    }
}
END_TEST

START_TEST(nonsense_is_no_witness)
{
    static const char *const texts[] = {"",
                                        "5",
                                        "5:",
                                        ":-",
                                        "5:x1.1",
                                        "5:a1",
                                        "5:a1.",
                                        "5:as",
                                        "5:-,",
                                        "5:a1.1,",
                                        "x:-",
                                        "5:-~",
                                        "5:-~x",
                                        "~5:-",
                                        "5:-~5:",
                                        "5:a2-1.1",
                                        "5:a1-.1",
                                        "5:a-1.1",
                                        "5:a1-2",
                                        "+5:-",
                                        "5: a1.1",
                                        "5:a1.-1",
                                        "5:a99999999999999999999.1"};
    static struct small s;
    struct crash *c;

    small_init(&s, &small_broken.shape, &toy_right);
    c = crash_new(&s.setup, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(crash_only(c, texts[i]) == -1, "'%s'", texts[i]);
    crash_free(c);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("witnesses");

    tcase_add_loop_test(tests, witnesses_replay, 0, (int)zoo_len);
    tcase_add_test(tests, some_are_wrong);
    tcase_add_test(tests, a_right_state_is_described);
    tcase_add_test(tests, sectors_in_a_row_are_one_choice);
    tcase_add_test(tests, what_is_not_there_is_not_met);
    tcase_add_test(tests, nonsense_is_no_witness);
    return run_tests("witnesses", tests);
}
