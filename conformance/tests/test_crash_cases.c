/* SPDX-License-Identifier: MIT
 *
 * test_crash_cases.c - each named case of power cuts has been seen red: the
 * table says by which broken toy.  The right toys pass them all.
 *
 * Deliberately missing: the cases of bounded and full, which are sums of
 * small workloads.
 */
#include "../cases/case.h"
#include "crash_zoo.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER 65536u

#define EARLY_BITS "bits before the data is flushed"
#define NO_DATA_FLUSH "no flush of the data"
#define EARLY_ACK "acknowledged before the bits are flushed"
#define STALE "bits written back from a stale copy"
#define CLEARED "a neighbour's bit cleared and set again"
#define TORN "a copy that lacks its last sector"
#define NO_ZEROS "nothing copied past the end of backing"
#define LATE_COPY "the copy made after the data was flushed"
#define LAZY "an overwrite that needs no flush"
#define EARLY_HEADER "sector 0 before the rest of a header"
#define ONE_FLUSH "one flush for a whole header"
#define OLD_HEADER "an old header that is not put out of use first"
#define EARLY_GROWTH "an image that grows before its bitmap"
#define NO_TAIL "a tail that is forgotten in a growth"
#define EARLY_TRIM "a bitmap that shrinks before the cut is durable"
#define SPARSE "zeros in the image file taken for a hole"
#define WRITES_ON_OPEN "an open for reading that writes"
#define NO_CLOSE "a close that flushes nothing"

static const struct {
    const char *id;
    const char *toy;
} shown[] = {
    {"dur/flushed-writes", EARLY_BITS},
    {"dur/closed-images", NO_CLOSE},
    {"dur/writethrough", EARLY_ACK},
    {"dur/writethrough-over-allocated", LAZY},
    {"dur/overwrites", LAZY},
    {"dur/parts-of-sectors", LATE_COPY},
    {"dur/old-bytes", NO_DATA_FLUSH},
    {"dur/torn-copy", TORN},
    {"dur/old-bytes-past-a-short-backing-file", NO_ZEROS},
    {"dur/old-bytes-without-a-backing-file", NO_ZEROS},
    {"dur/tail", EARLY_ACK},
    {"dur/zeros", SPARSE},
    {"dur/neighbours", CLEARED},
    {"dur/one-byte", STALE},
    {"dur/stale-copy", STALE},
    {"dur/two-bitmap-sectors", NO_DATA_FLUSH},
    {"dur/created-image-opens", ONE_FLUSH},
    {"dur/created-image-opens-after-growth", EARLY_GROWTH},
    {"dur/created-image-opens-after-growth-of-the-bitmap", EARLY_GROWTH},
    {"dur/created-image-opens-after-shrinking", EARLY_TRIM},
    {"dur/opened-twice", WRITES_ON_OPEN},
    {"dur/opened-twice-after-partial-writes", WRITES_ON_OPEN},
    {"dur/writes-made-again", TORN},
    {"dur/partial-writes-made-again", LATE_COPY},
    {"dur/growth-made-again", NO_TAIL},
    {"dur/growth-of-the-bitmap-made-again", NO_TAIL},
    {"dur/shrinking-made-again", EARLY_TRIM},
    {"dur/bits-stay", CLEARED},
    {"dur/bits-stay-across-handles", CLEARED},
    {"dur/bits-stay-in-growth", EARLY_GROWTH},
    {"dur/all-bits", EARLY_BITS},
    {"dur/growth-cut", NO_TAIL},
    {"dur/growth-cut-of-an-odd-image-file", NO_TAIL},
    {"dur/growth-cut-of-the-bitmap", EARLY_GROWTH},
    {"dur/growth-cut-with-pending-writes", LATE_COPY},
    {"dur/growth-under-writethrough", LAZY},
    {"dur/shrinking-cut", EARLY_TRIM},
    {"dur/shrinking-under-writethrough", EARLY_TRIM},
    {"dur/shrinking-and-growth-cut", EARLY_GROWTH},
    {"dur/shrinking-and-growth-in-one-byte", EARLY_TRIM},
    {"dur/opened-for-reading", WRITES_ON_OPEN},
    {"dur/opened-for-reading-after-growth", WRITES_ON_OPEN},
    {"dur/opened-for-reading-after-growth-of-the-bitmap", WRITES_ON_OPEN},
    {"dur/process-ended", NO_DATA_FLUSH},
    {"dur/process-ended-in-partial-writes", EARLY_BITS},
    {"dur/process-ended-in-growth", NO_TAIL},
    {"dur/process-ended-in-shrinking", EARLY_TRIM},
    {"dur/create-cut", EARLY_HEADER},
    {"dur/create-cut-replacing", OLD_HEADER},
    {"dur/create-cut-replacing-a-shorter-file", OLD_HEADER},
    {"dur/create-cut-with-a-longer-bitmap", EARLY_HEADER},
    {"dur/created", ONE_FLUSH},
    {"dur/created-replacing", OLD_HEADER}};
#define N_SHOWN (sizeof(shown) / sizeof(shown[0]))

static const char *toy_for(const char *id)
{
    for (size_t i = 0; i < N_SHOWN; i++)
        if (strcmp(shown[i].id, id) == 0)
            return shown[i].toy;
    return NULL;
}

static int is_named(const struct conf_case *c)
{
    return strncmp(c->id, "dur/", 4) == 0 &&
           CASE_LEVEL(c->needs) == CRASH_LEVEL_NAMED &&
           !(c->needs & ADDCOW_CAP_CONCURRENT); /* see t/concurrent.sh */
}

/* The named cases, one after the other; null after the last. */
static const struct conf_case *nth_named(size_t n)
{
    for (const struct conf_case *const *t = all_cases; *t; t++)
        for (const struct conf_case *c = *t; c->id; c++)
            if (is_named(c) && n-- == 0)
                return c;
    return NULL;
}

static enum verdict verdict_of(struct outcome *out, const struct conf_case *c,
                               const struct zoo_toy *toy)
{
    static const struct case_options options = {.seed = 1};
    struct toy_program p = zoo_program(toy);

    memset(out, 0, sizeof(*out));
    case_run(out, c, toy_shim(&p, CLUSTER), &options);
    return out->verdict;
}

START_TEST(each_case_is_shown_red)
{
    static struct outcome out;
    const struct conf_case *c;
    size_t n;

    for (n = 0; (c = nth_named(n)) != NULL; n++) {
        const char *name = toy_for(c->id);

        ck_assert_msg(name != NULL, "%s: no toy shows it red", c->id);
        ck_assert_msg(zoo_find(name) != NULL, "%s: no toy \"%s\"", c->id,
                      name);
        ck_assert_msg(verdict_of(&out, c, zoo_find(name)) == V_FAIL,
                      "%s does not show %s: verdict %d", c->id, name,
                      out.verdict);
        ck_assert(strncmp(out.clause, "DUR-", 4) == 0 ||
                  strncmp(out.clause, "WR-", 3) == 0);
    }
    ck_assert_uint_eq(n, N_SHOWN);
}
END_TEST

/* The first two of the zoo are right. */
START_TEST(each_case_passes)
{
    static struct outcome out;
    const struct conf_case *c;

    for (size_t n = 0; (c = nth_named(n)) != NULL; n++)
        ck_assert_msg(verdict_of(&out, c, &zoo[_i]) == V_PASS, "%s: %s: %s",
                      c->id, out.clause, out.got);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crash cases");
    SRunner *runner = srunner_create(suite);
    TCase *tests = tcase_create("cases");
    int n_failed;

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, each_case_is_shown_red);
    tcase_add_loop_test(tests, each_case_passes, 0, 2);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
