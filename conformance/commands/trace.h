/* SPDX-License-Identifier: MIT
 *
 * trace.h - which parts of the project speak of a clause.
 */
#ifndef ADDCOW_TRACE_H
#define ADDCOW_TRACE_H

#include "base/clauses.h"

#include <stddef.h>

/* The Nth vector of the corpus whose row names CLAUSE; null past the end.
 * Its id is as long as *OUT_LEN. */
const char *trace_vector(size_t *out_len, const struct clause *clause,
                         size_t n);

/* As trace_vector(), for mutants: the name of the patch without directory or
 * suffix. */
const char *trace_mutant(size_t *out_len, const struct clause *clause,
                         size_t n);

#endif
