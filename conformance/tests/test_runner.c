/* SPDX-License-Identifier: MIT
 *
 * test_runner.c - the decisions of the runner: exit status, verdicts, what a
 * profile asks for, what a report may print.
 */
#define _POSIX_C_SOURCE 200809L
#include "base/clauses.h"
#include "base/text.h"
#include "base/version.h"
#include "env/checks.h"
#include "run/coverage.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/select.h"
#include "run/status.h"
#include "run_tests.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- Versions ----------------------------------------------------------- */

START_TEST(versions_in_order)
{
    static const char *const order[] = {"0.9",    "1.0",  "1.0.1", "1.1",
                                        "1.9.12", "1.10", "2.0"};
    static const char *const none[] = {
        "", "1", "1.", "1.0.", "1.0.0.0", "v1.0", "1.0-rc", " 1.0", "1. 0"};
    unsigned numbers[3];

    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++)
            ck_assert_int_eq(version_compare(order[i], order[k]),
                             (i > k) - (i < k));
    ck_assert_int_eq(version_compare("1.1", "1.1.0"), 0);
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        ck_assert_int_eq(version_parse(numbers, none[i]), -1);
}
END_TEST

/* ---- Exit status -------------------------------------------------------- */

static void count(struct tally *tally, enum verdict verdict, bool must,
                  bool should)
{
    struct result r = {.must = must, .should = should};

    r.outcome.verdict = verdict;
    tally_add(tally, &r);
}

START_TEST(exit_status)
{
    struct tally t = {0};

    ck_assert_int_eq(status_of_tally(&t, false), STATUS_NOTHING);
    count(&t, V_NA, true, false);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_NOTHING);
    count(&t, V_FAIL, false, true);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_NOTHING);
    count(&t, V_PASS, true, false);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_GOOD);
    ck_assert_int_eq(status_of_tally(&t, true), STATUS_FAILED);
    count(&t, V_FAIL, true, false);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_FAILED);
    count(&t, V_ERROR, true, false);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_ERROR);
}
END_TEST

START_TEST(each_failure_counts)
{
    static const enum verdict bad[] = {V_FAIL, V_CRASH, V_HANG, V_UNIMPL};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct tally must = {0}, may = {0};

        count(&must, V_PASS, true, false);
        count(&must, bad[i], true, false);
        ck_assert_int_eq(status_of_tally(&must, false), STATUS_FAILED);
        count(&may, V_PASS, true, false);
        count(&may, bad[i], false, false);
        ck_assert_int_eq(status_of_tally(&may, true), STATUS_GOOD);
    }
}
END_TEST

START_TEST(many_failures_are_no_count)
{
    struct tally t = {0};

    for (int i = 0; i < 256; i++)
        count(&t, V_FAIL, true, false);
    ck_assert_int_eq(status_of_tally(&t, false), STATUS_FAILED);
}
END_TEST

START_TEST(status_of_a_part)
{
    struct options o = {.replay = "a/case#1"};
    struct run run = {.options = &o};

    count(&run.tally, V_ERROR, true, false);
    ck_assert_int_eq(status_of_run(&run), STATUS_USAGE);
    o.replay = NULL;
    ck_assert_int_eq(status_of_run(&run), STATUS_ERROR);
    run.interrupted = SIGINT;
    ck_assert_int_eq(status_of_run(&run), STATUS_ERROR);
    run.tally = (struct tally){0};
    count(&run.tally, V_PASS, true, false);
    ck_assert_int_eq(status_of_run(&run), STATUS_USAGE);
    run.interrupted = 0;
    ck_assert_int_eq(status_of_run(&run), STATUS_GOOD);
    run.tally.n = 1; /* but none was reported */
    ck_assert_int_eq(status_of_run(&run), STATUS_USAGE);
    count(&run.tally, V_FAIL, true, false);
    ck_assert_int_eq(status_of_run(&run), STATUS_FAILED);
}
END_TEST

START_TEST(reasons_of_na)
{
    struct tally t = {0};
    struct result r = {.outcome = {.verdict = V_NA, .reason = "storage"}};

    tally_add(&t, &r);
    strcpy(r.outcome.reason, "choice");
    tally_add(&t, &r);
    strcpy(r.outcome.reason, "capability");
    tally_add(&t, &r);
    tally_add(&t, &r);
    ck_assert_uint_eq(t.na_storage, 1);
    ck_assert_uint_eq(t.na_choice, 1);
    ck_assert_uint_eq(t.na_capability, 2);
    ck_assert_uint_eq(t.of[V_NA], 4);
}
END_TEST

/* ---- Verdicts ----------------------------------------------------------- */

static const struct conf_case a_case = {.id = "a/case",
                                        .clauses = "ONE-1 ONE-2"};

static struct outcome judged(enum verdict said, enum isolate_end end,
                             int status)
{
    struct outcome o = {.verdict = said};
    struct isolate_result result = {.end = end, .status = status};

    verdict_judge(&o, &a_case, &result);
    return o;
}

START_TEST(ends_of_a_process)
{
    struct outcome o = judged(V_PASS, ISOLATE_EXITED, 0);

    ck_assert_int_eq(o.verdict, V_PASS);
    o = judged(V_NONE, ISOLATE_EXITED, 0);
    ck_assert_int_eq(o.verdict, V_CRASH);
    ck_assert_str_eq(o.got, "ended the process with status 0");
    ck_assert_str_eq(o.clause, "ONE-1");
    o = judged(V_PASS, ISOLATE_EXITED, 99);
    ck_assert_int_eq(o.verdict, V_CRASH);
    o = judged(V_PASS, ISOLATE_KILLED, SIGSEGV);
    ck_assert_int_eq(o.verdict, V_CRASH);
    ck_assert_str_eq(o.got, "killed by SIGSEGV (11)");
    ck_assert_str_eq(o.sign, "/returns/SIGSEGV");
    o = judged(V_FAIL, ISOLATE_KILLED, SIGSEGV);
    ck_assert_int_eq(o.verdict, V_FAIL);
    o = judged(V_PASS, ISOLATE_OVERDUE, 0);
    ck_assert_int_eq(o.verdict, V_HANG);
    o = judged(V_NONE, ISOLATE_LOST, 0);
    ck_assert_int_eq(o.verdict, V_ERROR);
    o = judged(V_NONE, ISOLATE_IMPOSSIBLE, 11);
    ck_assert_int_eq(o.verdict, V_ERROR);
}
END_TEST

START_TEST(summary_of_a_sanitizer)
{
    static const char text[] = "==1==ERROR\nSUMMARY: a leak\nmore";
    struct outcome o = {0};
    struct isolate_result end = {.end = ISOLATE_EXITED, .status = 1};

    memcpy(end.printed, text, sizeof(text) - 1);
    end.printed_len = sizeof(text) - 1;
    verdict_judge(&o, &a_case, &end);
    ck_assert_str_eq(o.got, "ended the process with status 1; a leak");
}
END_TEST

/* ---- Names -------------------------------------------------------------- */

START_TEST(names_and_numbers)
{
    ck_assert_str_eq(profile_names[PROFILE_FULL], "full");
    ck_assert_str_eq(level_names[LEAST_MAY], "may");
    ck_assert_str_eq(crash_names[CRASH_FULL], "full");
    ck_assert_int_eq(options_number(profile_names, "claimed"),
                     PROFILE_CLAIMED);
    ck_assert_int_eq(options_number(level_names, "must"), LEAST_MUST);
    ck_assert_int_eq(options_number(crash_names, "none"), CRASH_NONE);
    ck_assert_int_eq(options_number(crash_names, "no"), -1);
    for (enum verdict v = V_NONE; v <= V_ERROR; v++)
        ck_assert_int_eq(verdict_of_name(verdict_name(v)), v);
    ck_assert_int_eq(verdict_of_name("fail"), V_NONE);
}
END_TEST

/* ---- Profiles ----------------------------------------------------------- */

static struct result planned(uint64_t needs, uint64_t claimed, int profile)
{
    static struct conf_case c;
    struct result r = {.c = &c};

    c.needs = needs;
    plan_judge(&r, claimed, profile);
    return r;
}

/* Waivers are tied to the names: one that is listed here stays. */
START_TEST(names_of_checks)
{
    static const char *const published[N_CHECKS] = {
        "case",   "success",   "open",      "write",        "flush",
        "close",  "get-size",  "read-back", "refused",      "implemented",
        "result", "returns",   "conduct",   "leak",         "input",
        "buffer", "same-size", "holds",     "number",       "bytes",
        "there",  "unchanged", "new-file",  "bit",          "bitmap",
        "guest",  "zeros",     "bit-order", "flush-covers", "power",
        "claim",  "loads",     "directory"};
    struct outcome o = {0};

    for (enum check c = 0; c < N_CHECKS; c++)
        ck_assert_str_eq(check_name(c), published[c]);
    check_sign(&o, CHECK_REFUSED, "success");
    ck_assert_str_eq(o.sign, "/refused/success");
}
END_TEST

START_TEST(what_is_not_claimed)
{
    struct result r = planned(0, 0, PROFILE_FULL);

    ck_assert_int_eq(r.done, 0);
    r = planned(ADDCOW_CAP_WRITE, ADDCOW_CAP_WRITE, PROFILE_WRITER);
    ck_assert_int_eq(r.done, 0);
    r = planned(ADDCOW_CAP_WRITE, 0, PROFILE_CLAIMED);
    ck_assert_int_eq(r.outcome.verdict, V_NA);
    ck_assert_str_eq(r.outcome.reason, "capability");
    r = planned(ADDCOW_CAP_WRITE, 0, PROFILE_WRITER);
    ck_assert_int_eq(r.outcome.verdict, V_UNIMPL);
    r = planned(ADDCOW_CAP_HOST, 0, PROFILE_FULL);
    ck_assert_int_eq(r.outcome.verdict, V_NA);
    ck_assert_str_eq(r.outcome.reason, "storage");
    r = planned(ADDCOW_CAP_HOST | ADDCOW_CAP_CLASSES, 0, PROFILE_FULL);
    ck_assert_str_eq(r.outcome.reason, "capability");
    r = planned(ADDCOW_CAP_CONCURRENT, 0, PROFILE_FULL);
    ck_assert_int_eq(r.outcome.verdict, V_NA);
    r = planned(ADDCOW_CAP_HOST | ADDCOW_CAP_MAP, 0, PROFILE_FULL);
    ck_assert_int_eq(r.outcome.verdict, V_UNIMPL);
}
END_TEST

START_TEST(features_of_profiles)
{
    ck_assert_uint_eq(select_features(PROFILE_READER), 0);
    ck_assert_uint_eq(select_features(PROFILE_WRITER), ADDCOW_CAP_WRITE);
    ck_assert_uint_eq(select_features(PROFILE_FULL) & ADDCOW_CAP_DISCARD, 0);
    ck_assert_uint_ne(select_features(PROFILE_FULL) & ADDCOW_CAP_CHECK, 0);
    ck_assert_uint_ne(select_features(PROFILE_CLAIMED) & ADDCOW_CAP_DISCARD,
                      0);
}
END_TEST

/* ---- Clauses ------------------------------------------------------------ */

START_TEST(clauses_are_read)
{
    const struct clause *c = clause_find("ONE-2");

    ck_assert_ptr_nonnull(c);
    ck_assert_int_eq(c->level, LEVEL_MUST);
    ck_assert_int_eq(c->source, SOURCE_DECIDED);
    ck_assert_int_eq(c->departs, 1);
    ck_assert_str_eq(c->words, "The second MUST follow at once. And go on "
                               "with less of an indent.");
    ck_assert_int_eq(clause_find("DEF-1")->source, SOURCE_NONE);
    ck_assert_ptr_null(clause_find("ONE-"));
    ck_assert_ptr_null(clause_find("ONE-22"));
    ck_assert_ptr_null(clause_find(""));
    ck_assert_str_eq(clause_table[0].id, "ONE-1");
}
END_TEST

START_TEST(lists_of_clauses)
{
    size_t len;
    const char *list = " ONE-1  TWO-22 ";

    ck_assert_ptr_eq(clause_in_list(&len, list, 1), list + 8);
    ck_assert_uint_eq(len, 6);
    ck_assert_ptr_null(clause_in_list(&len, list, 2));
    ck_assert_ptr_null(clause_in_list(&len, "", 0));
}
END_TEST

START_TEST(subjects)
{
    const struct clause map = {.id = "MAP-1", .subject = "reader"};
    const struct clause *writer = clause_find("TWO-1");

    ck_assert_int_eq(clause_applies(writer, 0), 0);
    ck_assert_int_eq(clause_applies(writer, ADDCOW_CAP_WRITE), 1);
    ck_assert_int_eq(clause_applies(clause_find("ONE-1"), 0), 1);
    ck_assert_int_eq(clause_applies(clause_find("ONE-3"), 0), 1);
    ck_assert_int_eq(clause_applies(clause_find("TWO-3"), ADDCOW_CAP_WRITE),
                     0);
    ck_assert_int_eq(clause_applies(&map, ADDCOW_CAP_WRITE), 0);
    ck_assert_int_eq(clause_applies(&map, ADDCOW_CAP_MAP), 1);
}
END_TEST

START_TEST(tables_of_cases)
{
    ck_assert_int_eq(select_check_cases(), 0);
}
END_TEST

START_TEST(coverage_of_clauses)
{
    static const struct conf_case one = {.clauses = "ONE-1 TWO-1"};
    static const struct conf_case two = {.clauses = "TWO-1"};
    struct result results[] = {{.c = &one}, {.c = &two}};
    const struct options options = {.crash = CRASH_NAMED};
    struct run run = {
        .options = &options, .results = results, .n_reported = 2};
    struct coverage *c;

    results[0].outcome.verdict = V_PASS;
    results[1].outcome.verdict = V_FAIL;
    c = coverage_new(&run);
    ck_assert(coverage_is_verified(&c[clause_find("ONE-1") - clause_table]));
    ck_assert(!coverage_is_verified(&c[clause_find("TWO-1") - clause_table]));
    ck_assert(!coverage_is_verified(&c[clause_find("ONE-3") - clause_table]));
    free(c);
    /* What a case breaks on its way to its own clause. */
    strcpy(results[1].outcome.clause, "ONE-1");
    c = coverage_new(&run);
    ck_assert(!coverage_is_verified(&c[clause_find("ONE-1") - clause_table]));
    free(c);
}
END_TEST

/* ---- Text --------------------------------------------------------------- */

/* What FUNCTION writes of S, to be freed. */
static char *written(void (*function)(FILE *to, const char *s), const char *s)
{
    char *out = NULL;
    size_t len;
    FILE *to = open_memstream(&out, &len);

    function(to, s);
    fclose(to);
    return out;
}

static void wrapped(FILE *to, const char *s)
{
    text_put_wrapped(to, s, 70);
}

static void check_written(void (*function)(FILE *to, const char *s),
                          const char *s, const char *want)
{
    char *got = written(function, s);

    ck_assert_str_eq(got, want);
    free(got);
}

START_TEST(text_is_escaped)
{
    check_written(text_put, "a\033[1m\n\x7f b\xc3\xa9",
                  "a\\x1b[1m\\x0a\\x7f b\xc3\xa9");
    check_written(text_put_quoted, "plain/x.so", "plain/x.so");
    check_written(text_put_quoted, "it's", "'it'\\''s'");
    check_written(text_put_quoted, "", "''");
    check_written(text_put_quoted, "a b*", "'a b*'");
}
END_TEST

START_TEST(text_is_wrapped)
{
    const char *gap = "                                              "
                      "                        ";
    char want[200];

    snprintf(want, sizeof(want), "one two\n%sthree\n%slongest-word-there-is",
             gap, gap);
    check_written(wrapped, "one two  three longest-word-there-is ", want);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("decisions");

    tcase_add_test(tests, versions_in_order);
    tcase_add_test(tests, exit_status);
    tcase_add_test(tests, each_failure_counts);
    tcase_add_test(tests, many_failures_are_no_count);
    tcase_add_test(tests, status_of_a_part);
    tcase_add_test(tests, reasons_of_na);
    tcase_add_test(tests, names_and_numbers);
    tcase_add_test(tests, ends_of_a_process);
    tcase_add_test(tests, summary_of_a_sanitizer);
    tcase_add_test(tests, names_of_checks);
    tcase_add_test(tests, what_is_not_claimed);
    tcase_add_test(tests, features_of_profiles);
    tcase_add_test(tests, clauses_are_read);
    tcase_add_test(tests, lists_of_clauses);
    tcase_add_test(tests, subjects);
    tcase_add_test(tests, tables_of_cases);
    tcase_add_test(tests, coverage_of_clauses);
    tcase_add_test(tests, text_is_escaped);
    tcase_add_test(tests, text_is_wrapped);
    return run_tests("runner", tests);
}
