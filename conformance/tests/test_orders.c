/* SPDX-License-Identifier: MIT
 *
 * test_orders.c - the orders of the specification, searched.
 *
 * Chapters 9, 11 and 12 give orders of steps and flushes: for a create, for a
 * flush, for giving up a table, for growing and shrinking.  Here a toy runs
 * them on clusters of four sectors, and the crash engine decides every state
 * after every power cut.  The specification's order passes; with one step
 * left out, or two exchanged, it is caught, or the table of harmless changes
 * says why it need not be.  Then all programs of the same steps with flushes
 * anywhere are tried: none that passes has fewer flushes.
 *
 * Deliberately missing: requests that run at the same time.
 */
#include "crash_small.h"
#include "run_tests.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define C SMALL_CLUSTER
#define S 512u
#define CREATE             \
    {                      \
        CRASH_CREATE, 0, 0 \
    }
#define REPLACE            \
    {                      \
        CRASH_CREATE, 1, 0 \
    }
#define THROUGH ADDCOW_OPEN_WRITETHROUGH
#define MAX_WORKS 10
#define MAX_LINE 200

/* ---- The orders and what shows a wrong one ------------------------------ */

struct family {
    const char *name;
    size_t program; /* offset in struct toy_program */
    unsigned char steps[TOY_MAX_STEPS];
    unsigned max_flushes[2]; /* that the search places: image, add-cow */
    struct small_work works[MAX_WORKS];
};

#define NEW_SHAPE                                                 \
    {                                                             \
        .image_len = 3 * C, .backing_len = 2 * C, .no_addcow = 1, \
        .long_names = 1                                           \
    }
#define OLD_SHAPE                                                  \
    {                                                              \
        .image_len = 3 * C, .backing_len = 2 * C, .old_addcow = 1, \
        .long_names = 1                                            \
    }
#define FLAT_SHAPE                                                 \
    {                                                              \
        .image_len = 4 * C, .backing_len = 3 * C, .bits = { 0x04 } \
    }
#define TABLES_SHAPE                                                       \
    {                                                                      \
        .image_len = 11 * C, .backing_len = 11 * C, .bits = { 0x02, 0x01 } \
    }
#define TAIL_SHAPE                                   \
    {                                                \
        .image_len = 2 * C + S, .backing_len = 8 * C \
    }
#define ODD_SHAPE                                          \
    {                                                      \
        .image_len = 2 * C + S + 100, .backing_len = 8 * C \
    }
#define STALE_SHAPE                                            \
    {                                                          \
        .image_len = 2 * C, .backing_len = C, .bits = { 0xf1 } \
    }
#define HIGH_SHAPE                                                         \
    {                                                                      \
        .image_len = 12 * C, .backing_len = 12 * C, .bits = { 0x06, 0x0c } \
    }

static const struct family families[] = {
    {"create",
     offsetof(struct toy_program, create),
     {DO_SIZE, DO_SECTORS_1_TO_4, DO_FLUSH_ADDCOW, DO_SECTOR_0,
      DO_FLUSH_ADDCOW},
     {0, 3},
     {{"new", NEW_SHAPE, 0, {CREATE}}}},
    {"replace",
     offsetof(struct toy_program, create),
     {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_SECTORS_1_TO_4,
      DO_FLUSH_ADDCOW, DO_SECTOR_0, DO_FLUSH_ADDCOW},
     {0, 3},
     {{"old", OLD_SHAPE, 0, {REPLACE}}, {"new", NEW_SHAPE, 0, {CREATE}}}},
    {"flush",
     offsetof(struct toy_program, flush),
     {DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS, DO_NOTE_DIRTY, DO_FLUSH_ADDCOW},
     {1, 1},
     {{"part", FLAT_SHAPE, 0, {WRITE(S, S), FLUSH, WRITE(S, S), FLUSH}},
      {"two", FLAT_SHAPE, 0, {WRITE(S, 0), FLUSH, WRITE(C, C), FLUSH}},
      {"overwrite", FLAT_SHAPE, 0, {WRITE(S, 2 * C), FLUSH}},
      {"idle-between",
       FLAT_SHAPE,
       0,
       {WRITE(S, 0), FLUSH, FLUSH, WRITE(S, C), FLUSH}},
      {"through", FLAT_SHAPE, THROUGH, {WRITE(S, 0), WRITE(S, 2 * C)}},
      {"close", FLAT_SHAPE, 0, {WRITE(S, C), {CRASH_CLOSE, 0, 0}}}}},
    {"evict",
     offsetof(struct toy_program, evict),
     {DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS, DO_NOTE_DIRTY},
     {1, 1},
     {{"then-allocated",
       TABLES_SHAPE,
       0,
       {FLUSH, WRITE(S, 0), WRITE(S, 8 * C), FLUSH}},
      {"then-new",
       TABLES_SHAPE,
       0,
       {FLUSH, WRITE(S, 0), WRITE(S, 9 * C), FLUSH}},
      {"to-and-fro",
       TABLES_SHAPE,
       0,
       {WRITE(S, 0), WRITE(S, 9 * C), WRITE(S, 2 * C), FLUSH}}}},
    {"grow",
     offsetof(struct toy_program, grow),
     {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND, DO_NEW_BITS,
      DO_FLUSH_ADDCOW, DO_NEW_SIZE},
     {1, 1},
     {{"tail", TAIL_SHAPE, 0, {RESIZE(9 * C), FLUSH}},
      {"tail-in-its-cluster", TAIL_SHAPE, 0, {RESIZE(2 * C + 2 * S), FLUSH}},
      {"odd", ODD_SHAPE, 0, {RESIZE(9 * C), FLUSH}},
      {"odd-in-its-cluster", ODD_SHAPE, 0, {RESIZE(2 * C + 2 * S), FLUSH}},
      {"pending", TAIL_SHAPE, 0, {WRITE(S, S), RESIZE(9 * C), FLUSH}},
      {"stale-bits", STALE_SHAPE, 0, {RESIZE(8 * C), FLUSH}},
      {"through", TAIL_SHAPE, THROUGH, {RESIZE(9 * C)}},
      {"beyond-backing",
       {.image_len = 2 * C, .backing_len = C},
       0,
       {RESIZE(20 * C), FLUSH}},
      {"after-a-shrink",
       HIGH_SHAPE,
       0,
       {RESIZE(2 * C), RESIZE(12 * C), FLUSH}}}},
    {"shrink",
     offsetof(struct toy_program, shrink),
     {DO_CUT, DO_FLUSH_IMAGE, DO_CLEAR_BITS, DO_TRIM},
     {1, 1},
     {{"far", HIGH_SHAPE, 0, {RESIZE(2 * C), FLUSH}},
      {"in-a-byte", HIGH_SHAPE, 0, {RESIZE(11 * C), FLUSH}},
      {"in-a-cluster", HIGH_SHAPE, 0, {RESIZE(2 * C + S), FLUSH}},
      {"through", HIGH_SHAPE, THROUGH, {RESIZE(2 * C)}},
      {"then-growth",
       HIGH_SHAPE,
       0,
       {RESIZE(2 * C), FLUSH, RESIZE(12 * C), FLUSH}}}}};
#define N_FAMILIES (sizeof(families) / sizeof(families[0]))

/* ---- Changes that are not caught, and why they need not be -------------- */

struct harmless {
    const char *family;
    const char *change;
    const char *why;
};

static const struct harmless harmless[] = {
    {"create", "1 (size) and 2 (sectors 1-4)", "both wait for the same flush"},
    {"flush", "1 (snapshot) and 2 (flush image)",
     "nothing comes between in one thread; a_write_during_a_flush is red"},
    {"evict", "1 (snapshot) and 2 (flush image)",
     "nothing comes between in one thread"},
    {"grow", "1 (old size) and 2 (complete)",
     "both wait for the same flush, in different sectors"},
    {"grow", "1 (old size) and 4 (extend)",
     "a length is one datum: the later one stands for both (DUR-4)"},
    {"grow", "3 (flush image) and 4 (extend)",
     "a longer add-cow file shows nothing (BMP-13)"},
    {"grow", "4 (extend) and 5 (new bits)",
     "both wait for the same flush, and new bytes of a file are zeros"},
    {"shrink", "without 3 (clear bits)",
     "RSZ-9 is a SHOULD: growth writes the bits anew"},
    {"shrink", "without 4 (trim)", "a longer add-cow file shows nothing"},
    {"shrink", "3 (clear bits) and 4 (trim)",
     "each may land without the other, both after the cut"},
    {NULL, NULL, NULL}};

static const struct harmless *find_harmless(const char *family,
                                            const char *change)
{
    for (const struct harmless *h = harmless; h->family; h++)
        if (strcmp(h->family, family) == 0 && strcmp(h->change, change) == 0)
            return h;
    return NULL;
}

/* ---- Judging a program -------------------------------------------------- */

static unsigned n_programs;
static struct crash_report total;

/* The first workload that shows STEPS to be wrong, or null. */
static const char *shown_by(const struct family *f, const unsigned char *steps,
                            struct crash_failure *failure)
{
    struct toy_program p = toy_right;

    memcpy((unsigned char *)&p + f->program, steps, TOY_MAX_STEPS);
    n_programs++;
    for (const struct small_work *w = f->works; w->name; w++)
        if (small_run(failure, &total, w, &p, NULL) != 0)
            return w->name;
    return NULL;
}

static size_t length(const unsigned char *steps)
{
    size_t n = 0;

    while (n < TOY_MAX_STEPS && steps[n] != DO_END)
        n++;
    return n;
}

/* "size, sectors 1-4, flush add-cow" */
static void text(char out[MAX_LINE], const unsigned char *steps)
{
    out[0] = '\0';
    for (size_t i = 0; i < length(steps); i++) {
        const char *name = toy_step_name(steps[i]);

        if (strlen(out) + strlen(name) + 3 < MAX_LINE) {
            strcat(out, i ? ", " : "");
            strcat(out, name);
        }
    }
}

/* ---- One change --------------------------------------------------------- */

static unsigned n_wrong;

static void judge_change(const struct family *f, const unsigned char *steps,
                         const char *change)
{
    struct crash_failure failure = {.clause = ""};
    const char *shown = shown_by(f, steps, &failure);
    const struct harmless *h = find_harmless(f->name, change);

    if (shown)
        printf("  %-44s caught: %s, %s\n", change, shown, failure.clause);
    else
        printf("  %-44s %s\n", change, h ? h->why : "NOT CAUGHT");
    if ((shown != NULL) == (h != NULL)) {
        if (shown)
            printf("  ... and yet it is among the harmless ones\n");
        n_wrong++;
    }
}

static void leave_out(const struct family *f, size_t i)
{
    unsigned char steps[TOY_MAX_STEPS] = {DO_END};
    char change[MAX_LINE];
    size_t n = length(f->steps);

    memcpy(steps, f->steps, i);
    memcpy(steps + i, f->steps + i + 1, n - i - 1);
    snprintf(change, sizeof(change), "without %zu (%s)", i + 1,
             toy_step_name(f->steps[i]));
    judge_change(f, steps, change);
}

static void exchange(const struct family *f, size_t i, size_t k)
{
    unsigned char steps[TOY_MAX_STEPS];
    char change[MAX_LINE];

    memcpy(steps, f->steps, sizeof(steps));
    steps[i] = f->steps[k];
    steps[k] = f->steps[i];
    snprintf(change, sizeof(change), "%zu (%s) and %zu (%s)", i + 1,
             toy_step_name(f->steps[i]), k + 1, toy_step_name(f->steps[k]));
    judge_change(f, steps, change);
}

START_TEST(each_change_is_caught)
{
    const struct family *f = &families[_i];
    struct crash_failure failure;
    size_t n = length(f->steps);
    char line[MAX_LINE];
    const char *shown;

    text(line, f->steps);
    printf("%s: %s\n", f->name, line);
    shown = shown_by(f, f->steps, &failure);
    ck_assert_msg(shown == NULL, "%s: the specification's order fails: %s: %s",
                  f->name, failure.clause, failure.got);
    for (size_t i = 0; i < n; i++)
        leave_out(f, i);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            if (f->steps[i] != f->steps[k])
                exchange(f, i, k);
    printf("  %u programs, %u not as expected\n", n_programs, n_wrong);
    fflush(stdout);
    ck_assert_uint_eq(n_wrong, 0);
}
END_TEST

/* ---- All programs ------------------------------------------------------- */

struct search {
    const struct family *f;
    unsigned char moves[TOY_MAX_STEPS]; /* the steps that are no flush */
    size_t n_moves;
    unsigned n_flushes; /* of the specification's order */
    unsigned n_passed;
    unsigned n_passed_as_short;
    unsigned n_shorter;
    int found; /* the specification's order was among them */
};

static bool is_flush(unsigned step)
{
    return step == DO_FLUSH_IMAGE || step == DO_FLUSH_ADDCOW;
}

static unsigned count_flushes(const unsigned char *steps)
{
    unsigned n = 0;

    for (size_t i = 0; i < length(steps); i++)
        n += is_flush(steps[i]) != 0;
    return n;
}

static void try_program(struct search *s, const unsigned char *steps)
{
    struct crash_failure failure;
    unsigned n = count_flushes(steps);
    char line[MAX_LINE];

    if (n > s->n_flushes || shown_by(s->f, steps, &failure))
        return;
    s->n_passed++;
    s->n_shorter += n < s->n_flushes;
    if (memcmp(steps, s->f->steps, TOY_MAX_STEPS) == 0)
        s->found = 1;
    text(line, steps);
    printf("  passes: %s\n", line);
}

/* Adds to the N steps in STEPS what is left: USED is the set of moves. */
static void extend(struct search *s, unsigned char *steps, size_t n,
                   unsigned used, const unsigned left[2])
{
    static const unsigned char flushes[] = {DO_FLUSH_IMAGE, DO_FLUSH_ADDCOW};

    if (used == (1u << s->n_moves) - 1)
        try_program(s, steps);
    if (n + 1 >= TOY_MAX_STEPS)
        return;
    for (unsigned k = 0; k < 2; k++) {
        unsigned rest[2] = {left[0], left[1]};

        if (!left[k] || (n && steps[n - 1] == flushes[k]))
            continue;
        rest[k]--;
        steps[n] = flushes[k];
        extend(s, steps, n + 1, used, rest);
    }
    for (size_t i = 0; i < s->n_moves; i++) {
        if (used >> i & 1)
            continue;
        steps[n] = s->moves[i];
        extend(s, steps, n + 1, used | 1u << i, left);
    }
    steps[n] = DO_END;
}

START_TEST(no_order_needs_fewer_flushes)
{
    const struct family *f = &families[_i];
    struct search s = {.f = f, .n_flushes = count_flushes(f->steps)};
    unsigned char steps[TOY_MAX_STEPS] = {DO_END};

    for (size_t i = 0; i < length(f->steps); i++)
        if (!is_flush(f->steps[i]))
            s.moves[s.n_moves++] = f->steps[i];
    printf("%s, all programs of %zu steps and at most %u flushes:\n", f->name,
           s.n_moves, s.n_flushes);
    extend(&s, steps, 0, 0, f->max_flushes);
    printf("  %u programs tried, %u pass, %u of them with fewer flushes\n",
           n_programs, s.n_passed, s.n_shorter);
    fflush(stdout);
    ck_assert_int_eq(s.found, 1);
    ck_assert_uint_eq(s.n_shorter, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("orders");

    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, each_change_is_caught, 0, (int)N_FAMILIES);
    tcase_add_loop_test(tests, no_order_needs_fewer_flushes, 0,
                        (int)N_FAMILIES);
    return run_tests("orders", tests);
}
