/* SPDX-License-Identifier: MIT
 *
 * test_refuses.c - the flags of cases say what happens in them: the
 * reference, REF, refuses something in those with CASE_REFUSES or CASE_BOTH
 * and nothing in the others.
 *
 * Deliberately missing: the workloads of the levels bounded and full, and
 * what the reference is not shown.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "addcow_shim.h"
#include "cases/all.h"
#include "run/select.h"
#include "run_tests.h"

#include <check.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct addcow_shim shim; /* the reference */
static struct outcome *outcome; /* shared with the child */

static void load(void)
{
    void *file = dlopen(REF, RTLD_NOW | RTLD_LOCAL);
    void *symbol = file ? dlsym(file, "addcow_shim_get") : NULL;

    const struct addcow_shim *(*get)(void);

    ck_assert_msg(symbol != NULL, "%s", REF);
    memcpy(&get, &symbol, sizeof(get));
    shim = *get();
    outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(outcome, MAP_FAILED);
}

/* In a process of its own: what a case leaves open ends with it. */
static void run_case(const struct conf_case *c)
{
    struct case_options options = {.seed = 1};
    pid_t child;
    int status;

    memset(outcome, 0, sizeof(*outcome));
    child = fork();
    if (child == 0) {
        case_run(outcome, c, &shim, &options);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(status == 0, "%s: ended with %d", c->id, status);
}

/* NA are those that want what a host has no word for, such as a FIFO. */
static bool is_wrong(const struct conf_case *c)
{
    int says = CASE_IS_NEGATIVE(c->needs);

    if (outcome->verdict == V_NA)
        return false;
    if (outcome->verdict != V_PASS)
        printf("%s: verdict %d\n", c->id, (int)outcome->verdict);
    else if (says && !outcome->n_refused)
        printf("%s: nothing is refused, and it has CASE_REFUSES\n", c->id);
    else if (!says && outcome->n_refused)
        printf("%s: something is refused, and it lacks CASE_REFUSES\n", c->id);
    else
        return false;
    return true;
}

START_TEST(each_case)
{
    const struct conf_case *c;
    unsigned n_wrong = 0;

    load();
    for (size_t i = 0; (c = select_nth(i)) != NULL; i++) {
        if (CASE_LEVEL(c->needs) > CRASH_LEVEL_NAMED)
            continue;
        run_case(c);
        n_wrong += (unsigned)is_wrong(c);
    }
    fflush(stdout);
    ck_assert_uint_eq(n_wrong, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("cases");

    tcase_set_timeout(tests, 280);
    tcase_add_test(tests, each_case);
    return run_tests("refuses", tests);
}
