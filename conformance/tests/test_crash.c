/* SPDX-License-Identifier: MIT
 *
 * test_crash.c - the crash engine proves itself: how many states there are,
 * that each is another one, and that samples, spans and a second run show the
 * same.  What it finds in whom is in test_crash_toys.c.
 */
#include "crash/spans.h"
#include "crash_small.h"
#include "fakes/toys/zoo.h"
#include "run_tests.h"

#include <check.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u
/* Two clusters that are allocated, one that is not. */
#define SHAPE                                                            \
    {                                                                    \
        .image_len = 3 * C, .backing_len = 2 * C + 700, .bits = { 0x03 } \
    }

/* ---- Every medium that was opened --------------------------------------- */

#define MAX_SEEN (1u << 16)

static struct addcow_shim counting;
static const struct addcow_shim *counted;
static uint64_t seen[MAX_SEEN];
static size_t n_seen;

/* FNV-1a over the length and the bytes of a file. */
static uint64_t hash_file(const struct addcow_host *host, const char *name,
                          uint64_t hash)
{
    static unsigned char data[SMALL_MAX_LEN];
    struct addcow_file *file;
    uint64_t size = 0;

    if (host->open(host->ctx, &file, name, 0) != ADDCOW_OK)
        return hash * 3;
    host->get_size(host->ctx, file, &size);
    ck_assert_uint_le(size, sizeof(data));
    ck_assert_int_eq(host->read(host->ctx, file, data, (size_t)size, 0), 0);
    host->close(host->ctx, file);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    return (hash ^ size) * UINT64_C(0x100000001b3);
}

static void note(uint64_t hash)
{
    for (size_t i = 0; i < n_seen; i++)
        if (seen[i] == hash)
            return;
    ck_assert_uint_lt(n_seen, MAX_SEEN);
    seen[n_seen++] = hash;
}

static const char *image_name;

static int counting_open(void **out, const struct addcow_host *host,
                         const struct addcow_open_args *args)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (!(args->flags & ADDCOW_OPEN_WRITE)) {
        hash = hash_file(host, args->name, hash);
        note(hash_file(host, image_name, hash));
    }
    return counted->open(out, host, args);
}

/* ---- How many states ---------------------------------------------------- */

/* Pending overwrites, so that no bit changes.  LAST is the number of states
 * at the last point, which holds those of the others; ALL is the sum over
 * all points, worked out by hand.  The toy writes cluster by cluster. */
static const struct {
    struct crash_op ops[6];
    uint64_t last;
    uint64_t all;
} counts[] = {
    {{WRITE(S, 0)}, 2, 2 + 2},
    {{WRITE(3 * S, S)}, 8, 8 + 8},
    {{WRITE(3 * S, 0), WRITE(2 * S, S)}, 18, 8 + 8 + 18 + 18},
    {{WRITE(S, 0), WRITE(S, 0), WRITE(S, 0)}, 4, 2 + 2 + 3 + 3 + 4 + 4},
    {{{CRASH_ZEROS, S, 0}, {CRASH_ZEROS, S, 0}}, 2, 4 * 2},
    {{WRITE(C + S, C - S)}, 32, 2 + 32 + 32},
    {{WRITE(S, 0), WRITE(S, C + S), WRITE(10, S + 7)},
     8,
     2 + 2 + 4 + 4 + 8 + 8}};
#define N_COUNTS (sizeof(counts) / sizeof(counts[0]))

/* Runs the operations of row I and notes each medium that is opened. */
static struct crash_report count_media(size_t i,
                                       const struct crash_limits *limits)
{
    static struct small s;
    static const struct small_shape shape = SHAPE;
    struct crash_report report;
    struct crash *c;

    small_init(&s, &shape, &toy_right);
    counted = s.setup.shim;
    counting = *counted;
    counting.open = counting_open;
    image_name = s.setup.image.name;
    s.setup.shim = &counting;
    n_seen = 0;
    c = crash_new(&s.setup, limits);
    ck_assert_int_eq(crash_run(c, counts[i].ops, 0), 0);
    report = *crash_report(c);
    crash_free(c);
    return report;
}

START_TEST(states_are_as_many_as_the_closed_form)
{
    struct crash_report r = count_media((size_t)_i, &small_brute);

    ck_assert_uint_eq(r.states.exact, counts[_i].all);
    ck_assert_uint_eq(r.n_executions, counts[_i].all);
    ck_assert_uint_eq(r.by[CRASH_BRUTE], r.n_points);
    ck_assert_uint_eq(n_seen, counts[_i].last);
}
END_TEST

/* Past the limit, with the lazy executions all spent at once, as many samples
 * as meet each of a few states: those that are met are all that there are. */
static const struct crash_limits sampling = {
    .flags = CRASH_NO_REDO | CRASH_NO_BRUTE | CRASH_NO_TOKENS,
    .lazy = 1,
    .samples = 1000};

START_TEST(samples_meet_all_states)
{
    struct crash_report r = count_media((size_t)_i, &sampling);

    ck_assert_uint_eq(r.by[CRASH_SAMPLED], r.n_points);
    ck_assert_uint_ge(r.n_executions, r.n_points * sampling.samples);
    ck_assert_uint_eq(r.states.exact, counts[_i].all);
    ck_assert_uint_eq(n_seen, counts[_i].last);
}
END_TEST

/* A cut of the image file: what is beyond it changes with the size. */
START_TEST(a_cut_is_one_choice)
{
    struct crash_report sum = {0};
    struct small_work w = {"cut", SHAPE, 0, {RESIZE(C)}};

    ck_assert_int_eq(small_run(NULL, &sum, &w, &toy_right, &small_brute), 0);
    ck_assert_uint_ge(sum.states.exact, 2);
    ck_assert_uint_eq(sum.states.exact, sum.n_executions);
}
END_TEST

/* With CRASH_CUT_EARLY the eight sectors that go may be zeros, each, while
 * the size is the old one. */
START_TEST(zeros_may_come_before_the_cut)
{
    struct crash_report plain = {0};
    struct crash_report early = {0};
    struct small_work w = {"cut", SHAPE, 0, {RESIZE(C)}};
    struct crash_limits limits = small_brute;

    ck_assert_int_eq(small_run(NULL, &plain, &w, &toy_right, &limits), 0);
    limits.flags |= CRASH_CUT_EARLY;
    ck_assert_int_eq(small_run(NULL, &early, &w, &toy_right, &limits), 0);
    ck_assert_uint_eq(plain.states.exact, 2 + 2 + 2);
    ck_assert_uint_eq(early.states.exact, 1 + 256 + 2 + 2);
    ck_assert_uint_eq(early.states.exact, early.n_executions);
}
END_TEST

START_TEST(counts_are_shown_as_they_are)
{
    struct crash_count a = {6, 2.584962500721156};
    struct crash_count b = {0, 200};
    struct crash_count zero = {0, 0};
    char text[40];

    crash_count_add(&zero, &a);
    crash_count_text(text, sizeof(text), &zero);
    ck_assert_str_eq(text, "6");
    crash_count_add(&a, &b);
    crash_count_text(text, sizeof(text), &a);
    ck_assert_str_eq(text, "2^200.00");
}
END_TEST

/* ---- Samples ----------------------------------------------------------- */

/* So few sectors that a thousand samples meet every state. */
static const struct small_work few = {
    "few",
    {.image_len = 3 * C, .backing_len = C + 700, .bits = {0x02}},
    0,
    {WRITE(S, S), FLUSH, WRITE(S, C), FLUSH, WRITE(10, 2 * C), FLUSH}};

static int look_by(const struct zoo_toy *toy,
                   const struct crash_limits *limits)
{
    struct toy_program p = zoo_program(toy);

    return small_run(NULL, NULL, &few, &p, limits);
}

/* Where there are few states samples find what brute force finds, and where
 * it finds nothing nothing. */
START_TEST(samples_find_the_same)
{
    ck_assert_int_eq(look_by(&zoo[_i], &sampling),
                     look_by(&zoo[_i], &small_brute));
}
END_TEST

START_TEST(samples_find_some)
{
    unsigned n = 0;

    for (size_t i = 0; i < zoo_len; i++)
        n += look_by(&zoo[i], &sampling) != 0;
    ck_assert_uint_ge(n, 8);
}
END_TEST

/* ---- Spans ----------------------------------------------------------- */

/* small_broken, as a whole or in three spans that leave nothing out. */
static int look_at(struct crash_failure *out, struct crash_report *r,
                   const struct zoo_toy *toy, int in_spans)
{
    static const struct crash_span spans[] = {
        {0, S}, {S, 2 * C}, {2 * C + S, 4 * C}};
    static struct small s;
    struct toy_program p = zoo_program(toy);
    struct crash *c;
    int result;

    small_init(&s, &small_broken.shape, &p);
    if (in_spans)
        memcpy(s.setup.spans, spans, sizeof(spans));
    s.setup.backing.len = small_broken.shape.image_len;
    c = crash_new(&s.setup, NULL);
    result = crash_run(c, small_broken.ops, 0);
    *out = *crash_failure(c);
    *r = *crash_report(c);
    crash_free(c);
    return result;
}

START_TEST(spans_show_the_same)
{
    struct crash_failure a;
    struct crash_failure b;
    struct crash_report r;
    struct crash_report q;

    ck_assert_int_eq(look_at(&a, &r, &zoo[_i], 1),
                     look_at(&b, &q, &zoo[_i], 0));
    ck_assert_mem_eq(&r, &q, sizeof(r));
    ck_assert_str_eq(a.got, b.got);
    ck_assert_str_eq(a.witness, b.witness);
}
END_TEST

/* Numbers and sectors are each other's inverse. */
START_TEST(spans_are_numbered_through)
{
    static const struct spans s = {3, {0, 7, 100}, {2, 3, 5}};
    static const uint64_t sectors[] = {0, 1, 7, 8, 9, 100, 101, 102, 103, 104};
    static const size_t runs[] = {2, 1, 3, 2, 1, 4, 3, 2, 1, 0};

    for (size_t i = 0; i < 10; i++) {
        ck_assert_uint_eq(spans_sector(&s, i), sectors[i]);
        ck_assert_uint_eq(spans_index(&s, sectors[i]), i);
        ck_assert_uint_eq(spans_count(&s, sectors[i]), i);
        ck_assert_uint_eq(spans_run(&s, i, 9), runs[i]);
    }
    ck_assert_uint_eq(spans_count(&s, 1000), 10);
    ck_assert_uint_eq(spans_index(&s, 2), UINT64_MAX);
    ck_assert_uint_eq(spans_index(&s, 105), UINT64_MAX);
}
END_TEST

/* ---- Two runs ----------------------------------------------------------- */

START_TEST(two_runs_say_the_same)
{
    struct crash_failure a = {.clause = {0}};
    struct crash_failure b = {.clause = {0}};
    struct crash_report r = {0};
    struct crash_report q = {0};
    struct toy_program p = zoo_program(&zoo[_i]);

    small_run(&a, &r, &small_broken, &p, NULL);
    small_run(&b, &q, &small_broken, &p, NULL);
    ck_assert_mem_eq(&r, &q, sizeof(r));
    ck_assert_str_eq(a.got, b.got);
    ck_assert_str_eq(a.witness, b.witness);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("engine");

    tcase_add_loop_test(tests, states_are_as_many_as_the_closed_form, 0,
                        (int)N_COUNTS);
    tcase_add_loop_test(tests, samples_meet_all_states, 0, (int)N_COUNTS);
    tcase_add_test(tests, a_cut_is_one_choice);
    tcase_add_test(tests, zeros_may_come_before_the_cut);
    tcase_add_test(tests, counts_are_shown_as_they_are);
    tcase_add_loop_test(tests, samples_find_the_same, 0, (int)zoo_len);
    tcase_add_test(tests, samples_find_some);
    tcase_add_loop_test(tests, spans_show_the_same, 0, (int)zoo_len);
    tcase_add_test(tests, spans_are_numbered_through);
    tcase_add_loop_test(tests, two_runs_say_the_same, 0, (int)zoo_len);
    return run_tests("engine", tests);
}
