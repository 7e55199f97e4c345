/* SPDX-License-Identifier: MIT
 *
 * run_tests.h - the main program of a test whose cases are in one list.
 */
#ifndef ADDCOW_RUN_TESTS_H
#define ADDCOW_RUN_TESTS_H

#include <check.h>
#include <stdlib.h>

/* Runs TESTS, which it then owns.  Returns the status of the process. */
static inline int run_tests(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);
    int n_failed;

    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
