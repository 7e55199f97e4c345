/* SPDX-License-Identifier: MIT
 *
 * test_crash_toys.c - the crash engine judges toys: each broken one is caught
 * by each method, the right ones show nothing.
 */
#include "crash_small.h"
#include "disk/disk.h"
#include "fakes/toys/zoo.h"
#include "run_tests.h"

#include <check.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u

/* ---- Workloads ---------------------------------------------------------- */

/* Six clusters and a tail of a sector; backing ends inside cluster 4. */
#define SHAPE                                                                \
    {                                                                        \
        .image_len = 6 * C + S, .backing_len = 4 * C + 700, .bits = { 0x04 } \
    }
#define THROUGH ADDCOW_OPEN_WRITETHROUGH

static const struct small_work works[] = {
    {"part", SHAPE, 0, {WRITE(S, S), FLUSH}},
    {"whole", SHAPE, 0, {WRITE(C, 3 * C), FLUSH, WRITE(S, 3 * C), FLUSH}},
    {"neighbours", SHAPE, 0, {WRITE(C, 0), FLUSH, WRITE(C, C), FLUSH}},
    {"over-backing-end", SHAPE, 0, {WRITE(S, 4 * C), FLUSH}},
    {"overwrite", SHAPE, 0, {WRITE(2 * S, 2 * C), FLUSH}},
    {"tail", SHAPE, 0, {WRITE(S, 6 * C), {CRASH_CLOSE, 0, 0}}},
    {"zeros", SHAPE, 0, {{CRASH_ZEROS, S, 2 * C}, FLUSH}},
    {"through", SHAPE, THROUGH, {WRITE(S, 0), WRITE(S, 2 * C)}},
    {"reopen",
     SHAPE,
     0,
     {WRITE(S, 0), {CRASH_REOPEN, 0, 0}, WRITE(C, C), FLUSH}},
    {"grow", SHAPE, 0, {WRITE(S, S), {CRASH_RESIZE, 12 * C, 0}, FLUSH}},
    {"grow-tail",
     {.image_len = 2 * C + S, .backing_len = 8 * C},
     0,
     {{CRASH_RESIZE, 9 * C, 0}, FLUSH}},
    {"shrink",
     {.image_len = 12 * C, .backing_len = 12 * C, .bits = {0x06, 0x0c}},
     0,
     {{CRASH_RESIZE, 2 * C, 0}, FLUSH}},
    {"create",
     {.image_len = 3 * C,
      .backing_len = 2 * C,
      .no_addcow = 1,
      .long_names = 1},
     0,
     {{CRASH_CREATE, 0, 0}}},
    {"replace",
     {.image_len = 3 * C,
      .backing_len = 2 * C,
      .old_addcow = 1,
      .long_names = 1},
     0,
     {{CRASH_CREATE, 1, 0}}}};
#define N_WORKS (sizeof(works) / sizeof(works[0]))

/* ---- Methods ------------------------------------------------------------ */

#define BRUTE .brute = UINT64_C(1) << 20, .brute_work = UINT64_C(1) << 30

/* First without what is done again: lazily that is done on few states. */
static const struct crash_limits methods[] = {
    {.flags = CRASH_NO_REDO, BRUTE},
    {.flags = CRASH_NO_REDO | CRASH_NO_BRUTE},
    {.flags = CRASH_NO_REDO | CRASH_NO_BRUTE | CRASH_NO_TOKENS},
    {BRUTE},
    {.flags = CRASH_NO_BRUTE},
    {.flags = CRASH_NO_BRUTE | CRASH_NO_TOKENS}};
static const char *const method_names[] = {"brute",
                                           "tokens",
                                           "lazy",
                                           "brute, done again",
                                           "tokens, done again",
                                           "lazy, done again"};
#define N_METHODS 3
#define N_ALL 6

START_TEST(toy_is_judged)
{
    const struct zoo_toy *t = &zoo[_i];
    struct toy_program p = zoo_program(t);

    for (size_t w = 0; w < N_WORKS; w++) {
        int results[N_ALL];
        struct crash_failure failure;

        for (unsigned m = 0; m < N_ALL; m++) {
            unsigned as = m < N_METHODS ? 0 : N_METHODS;

            memset(&failure, 0, sizeof(failure));
            results[m] = small_run(&failure, NULL, &works[w], &p, &methods[m]);
            if (m == 1 && p.quirks & QUIRK_SPARSE)
                continue; /* it looks: tokens are not for it */
            ck_assert_msg(results[m] == results[as],
                          "%s on %s: %s finds %d, brute %d: %s", p.name,
                          works[w].name, method_names[m], results[m],
                          results[as], failure.got);
            if (!t->shown_by)
                ck_assert_msg(results[m] == 0, "%s on %s, %s: %s: %s", p.name,
                              works[w].name, method_names[m], failure.clause,
                              failure.got);
        }
        if (t->shown_by && t->shown_by[0] &&
            strcmp(works[w].name, t->shown_by) == 0)
            ck_assert_msg(results[N_METHODS] != 0, "%s is not shown by %s",
                          p.name, t->shown_by);
    }
}
END_TEST

/* What a medium holds after a cut shows neither. */
START_TEST(the_backing_file_is_untouched)
{
    static const char *const names[] = {
        "an open that writes the backing file",
        "a flush that writes the backing file"};
    struct toy_program p = zoo_program(zoo_find(names[_i]));
    struct crash_failure failure;

    for (unsigned m = 0; m < N_ALL; m++) {
        ck_assert_int_ne(small_run(&failure, NULL, &works[0], &p, &methods[m]),
                         0);
        ck_assert_str_eq(failure.clause, "WR-20");
    }
}
END_TEST

/* The guest sees nothing of it: only the image file alone is wrong, and only
 * when all bits are 1. */
START_TEST(the_image_file_alone_is_the_disk)
{
    static const struct small_work all_bits = {
        "all-bits",
        {.image_len = 2 * C, .backing_len = 2 * C},
        0,
        {WRITE(C, 0), WRITE(S, C), FLUSH}};
    struct toy_program p = toy_right;
    struct crash_failure failure;

    p.name = "inverts";
    for (unsigned m = 0; m < N_ALL; m++) {
        p.quirks = 0;
        ck_assert_int_eq(small_run(NULL, NULL, &all_bits, &p, &methods[m]), 0);
        p.quirks = QUIRK_INVERTS;
        ck_assert_msg(small_run(&failure, NULL, &all_bits, &p, &methods[m]) !=
                          0,
                      "%s", method_names[m]);
        ck_assert_str_eq(failure.clause, "WR-24");
    }
}
END_TEST

/* Each method decides by itself what it is given. */
START_TEST(methods_are_what_they_say)
{
    static const enum crash_method want[] = {CRASH_BRUTE, CRASH_TOKENS,
                                             CRASH_LAZY};

    for (unsigned m = 0; m < N_METHODS; m++) {
        struct crash_report sum = {0};

        for (size_t w = 0; w < N_WORKS; w++)
            ck_assert_int_eq(
                small_run(NULL, &sum, &works[w], &toy_right, &methods[m]), 0);
        ck_assert_uint_gt(sum.n_points, 0);
        ck_assert_uint_eq(sum.by[want[m]], sum.n_points);
    }
}
END_TEST

/* ---- Looking into guest data -------------------------------------------- */

static const struct small_work no_zeros = {
    "no-zeros", SHAPE, 0, {WRITE(S, S), FLUSH, WRITE(2 * S, 2 * C), FLUSH}};

/* Sums make an implementation look into what it passes on.  A token is not
 * the right content; that convicts nobody, and it is noticed. */
START_TEST(a_checksum_is_not_convicted)
{
    struct toy_program p = toy_right;
    struct crash_failure failure;
    struct crash_report sum;

    p.name = "checksum";
    p.quirks = QUIRK_CHECKSUM;
    for (unsigned m = 0; m < N_METHODS; m++) {
        memset(&sum, 0, sizeof(sum));
        ck_assert_msg(
            small_run(&failure, &sum, &no_zeros, &p, &methods[m]) == 0,
            "%s: %s: %s", method_names[m], failure.clause, failure.got);
        if (m == 1)
            ck_assert_uint_gt(sum.n_not_opaque, 0);
    }
}
END_TEST

/* Zeros that mean something: wrong only where zeros are written, and noticed
 * elsewhere when one of many states is made with zeros. */
static uint64_t n_not_opaque(const struct toy_program *p)
{
    static struct small s;
    struct crash *c;
    uint64_t n;

    small_init(&s, &no_zeros.shape, p);
    c = crash_new(&s.setup, &methods[1]);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(crash_run(c, no_zeros.ops, no_zeros.flags), 0);
    n = crash_report(c)->n_not_opaque;
    crash_free(c);
    return n;
}

START_TEST(a_look_into_guest_data_is_noticed)
{
    struct toy_program p = toy_right;

    ck_assert_uint_eq(n_not_opaque(&toy_right), 0);
    p.name = "sparse";
    p.quirks = QUIRK_SPARSE;
    ck_assert_uint_gt(n_not_opaque(&p), 0);
}
END_TEST

/* ---- A write that arrives while a flush runs ---------------------------- */

#define N_CALLS 3

struct during {
    struct disk *disk;
    const struct addcow_shim *shim;
    void *image;
    struct crash_call *call;
    unsigned char data[2][S];
};

static void timed(struct during *d, struct crash_call *call, size_t mark)
{
    const struct event *e;

    disk_leave(d->disk, mark, call->result);
    e = record_at(disk_record(d->disk), mark);
    call->began = e->began;
    call->ended = e->ended;
}

static void write_now(struct during *d, struct crash_call *call, size_t which,
                      uint64_t offset)
{
    size_t mark = disk_enter(d->disk, "write");

    memset(d->data[which], (int)(0xd0 + which), S);
    call->op = (struct crash_op)WRITE(S, offset);
    call->data = d->data[which];
    call->result = d->shim->write(d->image, d->data[which], S, offset);
    timed(d, call, mark);
}

static void write_in_flush(void *arg)
{
    struct during *d = arg;

    toy_during_flush(NULL, NULL);
    write_now(d, &d->call[2], 1, C);
}

static void put_file(struct disk *d, const struct crash_file *f)
{
    ck_assert_int_eq(disk_put_file(d, f->name), 0);
    if (f->len)
        store_write(disk_content(d, f->name), f->data, (size_t)f->len, 0);
    disk_settle(d, f->name);
}

/* Writes a part of cluster 0, flushes, and in the middle of that writes a
 * part of cluster 1, in the same byte of the bitmap. */
static int snapshot_is_kept(const struct toy_program *p,
                            struct crash_failure *failure)
{
    static struct small s;
    struct crash_call calls[N_CALLS];
    struct during d = {.disk = disk_new(), .call = calls};
    struct addcow_open_args args = {sizeof(args), ADDCOW_OPEN_WRITE,
                                    "small.add-cow"};
    struct crash *c;
    size_t mark;
    int result;

    memset(calls, 0, sizeof(calls));
    small_init(&s, &no_zeros.shape, p);
    d.shim = s.setup.shim;
    put_file(d.disk, &s.setup.addcow);
    put_file(d.disk, &s.setup.image);
    put_file(d.disk, &s.setup.backing);
    mark = disk_enter(d.disk, "open");
    ck_assert_int_eq(s.setup.shim->open(&d.image, disk_host(d.disk), &args),
                     0);
    disk_leave(d.disk, mark, 0);
    write_now(&d, &calls[0], 0, S);
    toy_during_flush(write_in_flush, &d);
    mark = disk_enter(d.disk, "flush");
    calls[1].op = (struct crash_op)FLUSH;
    calls[1].result = s.setup.shim->flush(d.image);
    timed(&d, &calls[1], mark);
    ck_assert_int_eq(calls[2].result, 0);
    c = crash_new(&s.setup, NULL);
    result = crash_run_record(c, disk_record(d.disk), calls, N_CALLS, 0);
    *failure = *crash_failure(c);
    crash_free(c);
    mark = disk_enter(d.disk, "close");
    s.setup.shim->close(d.image);
    disk_leave(d.disk, mark, 0);
    disk_free(d.disk);
    return result;
}

START_TEST(a_write_during_a_flush)
{
    static const unsigned char live[] = {DO_FLUSH_IMAGE,  DO_SNAPSHOT,
                                         DO_BITS,         DO_NOTE_DIRTY,
                                         DO_FLUSH_ADDCOW, DO_END};
    struct toy_program p = toy_right;
    struct crash_failure failure;

    ck_assert_msg(snapshot_is_kept(&p, &failure) == 0, "%s", failure.got);
    p.name = "live table";
    memcpy(p.flush, live, sizeof(live));
    ck_assert_int_ne(snapshot_is_kept(&p, &failure), 0);
    ck_assert_str_eq(failure.clause, "DUR-11");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("crash toys");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, toy_is_judged, 0, (int)zoo_len);
    tcase_add_loop_test(tests, the_backing_file_is_untouched, 0, 2);
    tcase_add_test(tests, the_image_file_alone_is_the_disk);
    tcase_add_test(tests, methods_are_what_they_say);
    tcase_add_test(tests, a_write_during_a_flush);
    tcase_add_test(tests, a_checksum_is_not_convicted);
    tcase_add_test(tests, a_look_into_guest_data_is_noticed);
    return run_tests("crash toys", tests);
}
