/* SPDX-License-Identifier: MIT
 *
 * test_crash.c - the crash engine proves itself: how many states there are,
 * that each is another one, that witnesses replay, and that two runs say the
 * same.  What it finds in whom stands in test_crash_toys.c.
 */
#include "crash/spans.h"
#include "crash_small.h"
#include "disk/record.h"
#include "fakes/toys/zoo.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u
#define FLUSH             \
    {                     \
        CRASH_FLUSH, 0, 0 \
    }
#define WRITE(len, offset)           \
    {                                \
        CRASH_WRITE, (len), (offset) \
    }
#define RESIZE(len)            \
    {                          \
        CRASH_RESIZE, (len), 0 \
    }

/* Two clusters that are allocated, one that is not. */
#define SHAPE                                                            \
    {                                                                    \
        .image_len = 3 * C, .backing_len = 2 * C + 700, .bits = { 0x03 } \
    }

static const struct crash_limits brute = {.flags = CRASH_NO_REDO,
                                          .brute = UINT64_C(1) << 20,
                                          .brute_work = UINT64_C(1) << 40};

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

START_TEST(states_are_as_many_as_the_closed_form)
{
    static struct small s;
    static const struct small_shape shape = SHAPE;
    struct crash *c;
    const struct crash_report *r;

    small_init(&s, &shape, &toy_right);
    counted = s.setup.shim;
    counting = *counted;
    counting.open = counting_open;
    image_name = s.setup.image.name;
    s.setup.shim = &counting;
    n_seen = 0;
    c = crash_new(&s.setup, &brute);
    ck_assert_int_eq(crash_run(c, counts[_i].ops, 0), 0);
    r = crash_report(c);
    ck_assert_uint_eq(r->states.exact, counts[_i].all);
    ck_assert_uint_eq(r->n_executions, counts[_i].all);
    ck_assert_uint_eq(r->by[CRASH_BRUTE], r->n_points);
    ck_assert_uint_eq(n_seen, counts[_i].last);
    crash_free(c);
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
    static struct small s;
    static const struct small_shape shape = SHAPE;
    struct crash *c;
    const struct crash_report *r;

    small_init(&s, &shape, &toy_right);
    counted = s.setup.shim;
    counting = *counted;
    counting.open = counting_open;
    image_name = s.setup.image.name;
    s.setup.shim = &counting;
    n_seen = 0;
    c = crash_new(&s.setup, &sampling);
    ck_assert_int_eq(crash_run(c, counts[_i].ops, 0), 0);
    r = crash_report(c);
    ck_assert_uint_eq(r->by[CRASH_SAMPLED], r->n_points);
    ck_assert_uint_ge(r->n_executions, r->n_points * sampling.samples);
    ck_assert_uint_eq(r->states.exact, counts[_i].all);
    ck_assert_uint_eq(n_seen, counts[_i].last);
    crash_free(c);
}
END_TEST

/* A cut of the image file: what is beyond it changes with the size. */
START_TEST(a_cut_is_one_choice)
{
    struct crash_report sum = {0};
    struct small_work w = {"cut", SHAPE, 0, {RESIZE(C)}};

    ck_assert_int_eq(small_run(NULL, &sum, &w, &toy_right, &brute), 0);
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
    struct crash_limits limits = brute;

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

/* ---- Witnesses ---------------------------------------------------------- */

static const struct small_work broken = {
    "broken",
    {.image_len = 6 * C + S, .backing_len = 4 * C + 700, .bits = {0x04}},
    0,
    {WRITE(S, S), WRITE(2 * S, 2 * C), FLUSH, WRITE(S, 4 * C), FLUSH}};

/* The same in so few sectors that a thousand samples meet every state. */
static const struct small_work few = {
    "few",
    {.image_len = 3 * C, .backing_len = C + 700, .bits = {0x02}},
    0,
    {WRITE(S, S), FLUSH, WRITE(S, C), FLUSH, WRITE(10, 2 * C), FLUSH}};

/* Runs the toy on BROKEN; WITNESS null: looks for one. */
static int look(struct crash_failure *out, const struct zoo_toy *toy,
                const char *witness)
{
    static struct small s;
    struct toy_program p = zoo_program(toy);
    struct crash *c;
    int result;

    small_init(&s, &broken.shape, &p);
    c = crash_new(&s.setup, NULL);
    if (witness)
        ck_assert_int_eq(crash_only(c, witness), 0);
    result = crash_run(c, broken.ops, 0);
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

START_TEST(a_right_state_is_told_too)
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

    small_init(&s, &broken.shape, &toy_right);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct crash *c = crash_new(&s.setup, NULL);

        ck_assert_int_eq(crash_only(c, texts[i]), 0);
        ck_assert_int_eq(crash_run(c, broken.ops, 0), 0);
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

    small_init(&s, &broken.shape, &toy_right);
    c = crash_new(&s.setup, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(crash_only(c, texts[i]) == -1, "'%s'", texts[i]);
    crash_free(c);
}
END_TEST

/* ---- Hosts that fail ---------------------------------------------------- */

#define MAX_CALLS 5

/* A guest that writes 10 bytes, resizes or flushes, and what the host said to
 * the one call that this takes. */
struct failing {
    uint64_t len, offset; /* of a write; LEN 0: none */
    int result;
    int dropped;   /* a flush: what was pending is gone */
    uint64_t size; /* of a resize; 0: none */
};

static enum event_kind kind_of(const struct failing *f)
{
    if (f->size)
        return EV_SET_SIZE;
    return f->len ? EV_WRITE : EV_FLUSH;
}

static struct crash_op op_of(const struct failing *f)
{
    if (f->size)
        return (struct crash_op){CRASH_RESIZE, f->size, 0};
    return (struct crash_op){f->len ? CRASH_WRITE : CRASH_FLUSH, f->len,
                             f->offset};
}

static void host_event(struct record *r, const struct failing *f,
                       const uint8_t *data)
{
    uint8_t copy[10];
    struct event e = {.kind = kind_of(f),
                      .size = f->size,
                      .inode = 1,
                      .len = (size_t)f->len,
                      .offset = f->offset,
                      .data = f->len ? copy : NULL,
                      .n_applied = f->result ? 0 : (size_t)f->len,
                      .dropped = f->dropped};

    memcpy(copy, data, sizeof(copy));
    record_end(r, record_begin(r, &e), f->result);
}

static void guest_event(struct record *r, struct crash_call *call,
                        const struct failing *f, const uint8_t *data)
{
    char text[] = "request";
    struct event e = {.kind = EV_GUEST, .text = text};
    size_t mark = record_begin(r, &e);

    host_event(r, f, data);
    record_end(r, mark, f->result);
    *call = (struct crash_call){.op = op_of(f),
                                .data = data,
                                .began = record_at(r, mark)->began,
                                .ended = record_at(r, mark)->ended,
                                .result = f->result};
}

/* The first N of F, on an image whose bits are 1; STATES of all points. */
static int fail_so(uint64_t *states, const struct failing *f, size_t n)
{
    static const uint8_t data[MAX_CALLS][10] = {"one", "two", "one", "four",
                                                "five"};
    static const struct small_shape shape = {
        .image_len = 2 * C, .backing_len = 2 * C, .bits = {0x03}};
    static struct small s;
    char name[] = "small.raw";
    struct event open = {.kind = EV_OPEN, .inode = 1, .text = name};
    struct crash_call calls[MAX_CALLS];
    struct record *r = record_new();
    struct crash *c;
    int result;

    small_init(&s, &shape, &toy_right);
    record_end(r, record_begin(r, &open), ADDCOW_OK);
    for (size_t i = 0; i < n; i++)
        guest_event(r, &calls[i], &f[i], data[i]);
    c = crash_new(&s.setup, &brute);
    result = crash_run_record(c, r, calls, n, 0);
    *states = crash_report(c)->states.exact;
    crash_free(c);
    record_free(r);
    return result;
}

/* Old or new, whatever was flushed, until it is written again. */
START_TEST(a_failed_write_stays_unknown)
{
    static const struct failing f[] = {
        {.len = 10, .result = ADDCOW_IO}, {.len = 0}, {.len = 10}, {.len = 0}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 2), 0);
    ck_assert_uint_eq(states, 2 + 2 + 2);
    ck_assert_int_eq(fail_so(&states, f, 4), 0);
    ck_assert_uint_eq(states, 2 + 2 + 2 + 2 + 2 + 1);
}
END_TEST

/* A later success covers it only if the host still had it: then the write to
 * the same sector took it along. */
START_TEST(a_dropped_write_is_lost)
{
    struct failing f[] = {{.len = 10},
                          {.result = ADDCOW_IO},
                          {.len = 10, .offset = 20},
                          {.len = 0}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 4), 0);
    f[1].dropped = 1;
    ck_assert_int_ne(fail_so(&states, f, 4), 0);
}
END_TEST

/* It does not come back with the length. */
START_TEST(a_cut_ends_what_a_failed_write_left)
{
    static const struct failing f[] = {
        {.len = 10, .offset = 2 * C - S, .result = ADDCOW_IO},
        {.size = 2 * C - S},
        {.len = 0},
        {.size = 2 * C},
        {.len = 0}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 5), 0);
    ck_assert_uint_eq(states, 2 + 2 + 3 + 3 + 1 + 2 + 2 + 1);
}
END_TEST

/* The host shows the old length again, and all that was there. */
START_TEST(a_dropped_cut_has_not_been)
{
    static const struct failing f[] = {
        {.size = 2 * C - S}, {.result = ADDCOW_IO, .dropped = 1}, {.len = 10}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 3), 0);
}
END_TEST

/* A flush that failed may have lost it; then it is set again. */
START_TEST(a_length_that_is_set_again_is_durable)
{
    static const struct failing f[] = {{.size = 2 * C - S},
                                       {.result = ADDCOW_IO},
                                       {.size = 2 * C - S},
                                       {.len = 0}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 4), 0);
}
END_TEST

/* ---- Samples ----------------------------------------------------------- */

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
    ck_assert_int_eq(look_by(&zoo[_i], &sampling), look_by(&zoo[_i], &brute));
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

/* BROKEN, as a whole or in three spans that leave nothing out. */
static int look_at(struct crash_failure *out, struct crash_report *r,
                   const struct zoo_toy *toy, int in_spans)
{
    static const struct crash_span spans[] = {
        {0, S}, {S, 2 * C}, {2 * C + S, 4 * C}};
    static struct small s;
    struct toy_program p = zoo_program(toy);
    struct crash *c;
    int result;

    small_init(&s, &broken.shape, &p);
    if (in_spans)
        memcpy(s.setup.spans, spans, sizeof(spans));
    s.setup.backing.len = broken.shape.image_len;
    c = crash_new(&s.setup, NULL);
    result = crash_run(c, broken.ops, 0);
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

/* ---- The same twice ----------------------------------------------------- */

START_TEST(two_runs_say_the_same)
{
    struct crash_failure a = {{0}, {0}, {0}, {0}, {0}};
    struct crash_failure b = {{0}, {0}, {0}, {0}, {0}};
    struct crash_report r = {0};
    struct crash_report q = {0};
    struct toy_program p = zoo_program(&zoo[_i]);

    small_run(&a, &r, &broken, &p, NULL);
    small_run(&b, &q, &broken, &p, NULL);
    ck_assert_mem_eq(&r, &q, sizeof(r));
    ck_assert_str_eq(a.got, b.got);
    ck_assert_str_eq(a.witness, b.witness);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crash");
    SRunner *runner = srunner_create(suite);
    TCase *tests = tcase_create("engine");
    int n_failed;

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, states_are_as_many_as_the_closed_form, 0,
                        (int)N_COUNTS);
    tcase_add_loop_test(tests, samples_meet_all_states, 0, (int)N_COUNTS);
    tcase_add_test(tests, a_cut_is_one_choice);
    tcase_add_test(tests, zeros_may_come_before_the_cut);
    tcase_add_test(tests, counts_are_shown_as_they_are);
    tcase_add_loop_test(tests, witnesses_replay, 0, (int)zoo_len);
    tcase_add_test(tests, some_are_wrong);
    tcase_add_test(tests, a_right_state_is_told_too);
    tcase_add_test(tests, sectors_in_a_row_are_one_choice);
    tcase_add_test(tests, what_is_not_there_is_not_met);
    tcase_add_test(tests, nonsense_is_no_witness);
    tcase_add_test(tests, a_failed_write_stays_unknown);
    tcase_add_test(tests, a_dropped_write_is_lost);
    tcase_add_test(tests, a_cut_ends_what_a_failed_write_left);
    tcase_add_test(tests, a_dropped_cut_has_not_been);
    tcase_add_test(tests, a_length_that_is_set_again_is_durable);
    tcase_add_loop_test(tests, samples_find_the_same, 0, (int)zoo_len);
    tcase_add_test(tests, samples_find_some);
    tcase_add_loop_test(tests, spans_show_the_same, 0, (int)zoo_len);
    tcase_add_test(tests, spans_are_numbered_through);
    tcase_add_loop_test(tests, two_runs_say_the_same, 0, (int)zoo_len);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
