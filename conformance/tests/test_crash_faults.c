/* SPDX-License-Identifier: MIT
 *
 * test_crash_faults.c - the crash engine on recordings of a host that fails:
 * what may survive then, counted.
 */
#include "crash_small.h"
#include "disk/record.h"
#include "run_tests.h"

#include <check.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u

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
    c = crash_new(&s.setup, &small_brute);
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

/* A cut that the host refused has cut nothing off: what lies beyond it stays,
 * with whatever size comes then. */
START_TEST(a_refused_cut_has_not_been)
{
    static const struct failing f[] = {{.size = C, .result = ADDCOW_IO},
                                       {.size = 2 * C - S},
                                       {.len = 0},
                                       {.size = 2 * C},
                                       {.len = 0}};
    uint64_t states;

    ck_assert_int_eq(fail_so(&states, f, 3), 0);
    ck_assert_int_eq(fail_so(&states, f, 5), 0);
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

int main(void)
{
    TCase *tests = tcase_create("faults");

    tcase_add_test(tests, a_failed_write_stays_unknown);
    tcase_add_test(tests, a_dropped_write_is_lost);
    tcase_add_test(tests, a_cut_ends_what_a_failed_write_left);
    tcase_add_test(tests, a_dropped_cut_has_not_been);
    tcase_add_test(tests, a_refused_cut_has_not_been);
    tcase_add_test(tests, a_length_that_is_set_again_is_durable);
    return run_tests("faults", tests);
}
