/* SPDX-License-Identifier: MIT
 *
 * test_crash_cases.c - each case of power cuts has been seen red:
 * crash_shown.c says by which broken toy, which is no other case's, and which
 * clause it breaks.  The right toys pass the named ones.
 *
 * Deliberately missing: the cases with requests in flight, which toys are not
 * made for; see t/concurrent.sh.
 */
#include "cases/all.h"
#include "cases/steps/scenarios.h"
#include "crash_shown.h"
#include "run_tests.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

#define OF_FAULTS "dur/any-call-fails-"

static bool is_of_power(const struct conf_case *c)
{
    return strncmp(c->id, "dur/", 4) == 0 &&
           strncmp(c->id, OF_FAULTS, strlen(OF_FAULTS)) != 0 &&
           !(c->needs & ADDCOW_CAP_CONCURRENT);
}

/* The cases of power cuts, one after the other; null after the last. */
static const struct conf_case *nth_case(size_t n)
{
    for (const struct conf_case *const *t = all_cases; *t; t++)
        for (const struct conf_case *c = *t; c->id; c++)
            if (is_of_power(c) && n-- == 0)
                return c;
    return NULL;
}

static const struct conf_case *case_named(const char *id)
{
    const struct conf_case *c;

    for (size_t n = 0; (c = nth_case(n)) != NULL; n++)
        if (strcmp(c->id, id) == 0)
            break;
    return c;
}

/* WITNESS: of one state, or null. */
static enum verdict verdict_of(struct outcome *out, const struct conf_case *c,
                               const struct zoo_toy *toy,
                               const struct toy_when *when,
                               const char *witness)
{
    struct case_options options = {.seed = 1, .witness = witness};
    struct toy_program p = zoo_program(toy);

    if (when)
        p.when = *when;
    memset(out, 0, sizeof(*out));
    case_run(out, c, toy_shim(&p, CLUSTER), &options);
    return out->verdict;
}

START_TEST(a_case_is_shown_red)
{
    static struct outcome out;
    const struct shown_row *row = &shown_rows[_i];
    const struct conf_case *c = case_named(row->id);
    const struct zoo_toy *toy = zoo_find(row->toy);

    ck_assert_msg(c != NULL, "%s: no such case", row->id);
    ck_assert_msg(toy != NULL, "%s: no toy \"%s\"", row->id, row->toy);
    ck_assert_msg(verdict_of(&out, c, toy, &row->when, NULL) == V_FAIL,
                  "%s does not show %s: verdict %d, %s", row->id, row->toy,
                  (int)out.verdict, out.got);
    ck_assert_msg(strcmp(out.clause, row->clause) == 0,
                  "%s, %s: %s, not %s: %s", row->id, row->toy, out.clause,
                  row->clause, out.got);
}
END_TEST

/* What each of them leaves as a witness shows the same alone. */
START_TEST(a_witness_replays)
{
    static struct outcome first;
    static struct outcome again;
    const struct shown_row *row = &shown_rows[_i];
    const struct conf_case *c = case_named(row->id);
    const struct zoo_toy *toy = zoo_find(row->toy);
    const char *witness;

    verdict_of(&first, c, toy, &row->when, NULL);
    witness = strchr(first.witness, '#');
    ck_assert_msg(witness != NULL, "%s: no witness: %s", row->id, first.got);
    ck_assert_msg(
        verdict_of(&again, c, toy, &row->when, witness + 1) == V_FAIL,
        "%s: %s shows nothing: %s", row->id, first.witness, again.got);
    ck_assert_str_eq(again.witness, first.witness);
    ck_assert_str_eq(again.clause, first.clause);
    if (strncmp(row->id, "dur/cut-again", 13) == 0)
        ck_assert_msg(strchr(witness, '~') != NULL, "%s: %s", row->id,
                      first.witness);
}
END_TEST

static bool same_toy(const struct shown_row *a, const struct shown_row *b)
{
    const struct toy_when *x = &a->when;
    const struct toy_when *y = &b->when;

    return strcmp(a->toy, b->toy) == 0 && x->kind == y->kind &&
           x->size == y->size && x->len == y->len && x->offset == y->offset &&
           x->through == y->through && x->backing == y->backing &&
           x->made == y->made && x->existed == y->existed &&
           x->whole == y->whole && x->zeros == y->zeros &&
           x->again == y->again && x->file == y->file && x->nth == y->nth;
}

/* One toy for each case, one case for each toy. */
START_TEST(each_has_its_own)
{
    size_t n_cases = 0;

    while (nth_case(n_cases))
        n_cases++;
    ck_assert_uint_eq(n_shown_rows, n_cases);
    for (size_t i = 0; i < n_shown_rows; i++)
        for (size_t k = 0; k < i; k++) {
            ck_assert_msg(strcmp(shown_rows[i].id, shown_rows[k].id) != 0,
                          "%s: twice", shown_rows[i].id);
            ck_assert_msg(!same_toy(&shown_rows[i], &shown_rows[k]),
                          "%s and %s: the same toy", shown_rows[i].id,
                          shown_rows[k].id);
        }
}
END_TEST

static bool is_red(const struct shown_row *in, const struct shown_row *when)
{
    static struct outcome out;

    return verdict_of(&out, case_named(in->id), zoo_find(in->toy), &when->when,
                      NULL) != V_PASS;
}

static bool is_named(const struct shown_row *row)
{
    return CASE_LEVEL(case_named(row->id)->needs) == CRASH_LEVEL_NAMED;
}

/* Where two named cases have the same mistake, bound to different requests,
 * one of them at least does not show what the other one shows. */
START_TEST(the_same_mistake_is_not_the_same_toy)
{
    const struct shown_row *a = &shown_rows[_i];

    for (const struct shown_row *b = shown_rows; b < a && is_named(a); b++)
        if (strcmp(a->toy, b->toy) == 0 && is_named(b))
            ck_assert_msg(!is_red(a, b) || !is_red(b, a),
                          "%s and %s: the same toy", a->id, b->id);
}
END_TEST

/* What is wrong only where a request is made again does not show before. */
START_TEST(cut_again_shows_more)
{
    static struct outcome out;

    for (size_t i = 0; i < n_shown_rows; i++) {
        const struct shown_row *row = &shown_rows[i];

        if (strcmp(row->id, "dur/cut-again-04") != 0)
            continue;
        ck_assert_int_eq(verdict_of(&out,
                                    case_named("dur/bounded-writeback-04"),
                                    zoo_find(row->toy), &row->when, NULL),
                         V_PASS);
        return;
    }
    ck_abort_msg("no row");
}
END_TEST

/* The first two of the zoo are right. */
START_TEST(each_named_case_passes)
{
    static struct outcome out;
    const struct conf_case *c;

    for (size_t n = 0; (c = nth_case(n)) != NULL; n++) {
        if (CASE_LEVEL(c->needs) != CRASH_LEVEL_NAMED)
            continue;
        ck_assert_msg(verdict_of(&out, c, &zoo[_i], NULL, NULL) == V_PASS,
                      "%s: %s: %s", c->id, out.clause, out.got);
    }
}
END_TEST

/* On a host that fails, one toy serves for all: the scenarios have been seen
 * red above.  None is right there, as toys do not recover; what passes is the
 * reference. */
START_TEST(lost_errors_show_in_each)
{
    static struct outcome out;
    const struct conf_case *c = &cases_dur_faults[_i];

    ck_assert_msg(strncmp(c->id, OF_FAULTS, strlen(OF_FAULTS)) == 0, "%s",
                  c->id);
    ck_assert_msg(verdict_of(&out, c, zoo_find("errors of the host lost"),
                             NULL, NULL) == V_FAIL,
                  "%s shows nothing: %s", c->id, out.got);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("crash cases");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_case_is_shown_red, 0, (int)n_shown_rows);
    tcase_add_loop_test(tests, a_witness_replays, 0, (int)n_shown_rows);
    tcase_add_test(tests, each_has_its_own);
    tcase_add_loop_test(tests, the_same_mistake_is_not_the_same_toy, 0,
                        (int)n_shown_rows);
    tcase_add_test(tests, cut_again_shows_more);
    tcase_add_loop_test(tests, each_named_case_passes, 0, 2);
    tcase_add_loop_test(tests, lost_errors_show_in_each, 0, N_SCENARIOS);
    return run_tests("crash cases", tests);
}
