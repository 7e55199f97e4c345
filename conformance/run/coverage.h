/* SPDX-License-Identifier: MIT
 *
 * coverage.h - how well the clauses were tested by a run.
 */
#ifndef ADDCOW_COVERAGE_H
#define ADDCOW_COVERAGE_H

#include "base/clauses.h"
#include "run.h"

#include <stdbool.h>

enum clause_state {
    CLAUSE_UNTESTED,
    CLAUSE_NA, /* each case was, or came to nothing */
    CLAUSE_FAILED,
    CLAUSE_VERIFIED, /* a case passed, none failed */
    CLAUSE_EXAMPLES, /* the same, but the power was cut by examples only */
    N_CLAUSE_STATES
};

/* Of one clause. */
struct coverage {
    bool counts;      /* it binds what is tested; or, where only some cases
                         were asked for, one of these names it */
    unsigned n_cases; /* results that name it */
    unsigned n_passed;
    unsigned n_failed; /* ERROR, too */
    unsigned n_na;
    enum clause_state state;
};

/* One for each entry of clause_table, to be freed, over what was reported. */
struct coverage *coverage_new(const struct run *run);

/* VERIFIED or EXAMPLES. */
bool coverage_is_verified(const struct coverage *c);

struct share {
    unsigned n;
    unsigned n_verified;
    unsigned n_examples; /* of these */
};

/* Of the clauses of LEVEL that count, those in the chapter of clause ID, or
 * all if that is null. */
struct share coverage_share(const struct coverage *coverage, enum level level,
                            const char *id);

#endif
