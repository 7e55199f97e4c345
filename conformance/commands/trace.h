/* SPDX-License-Identifier: MIT
 *
 * trace.h - which parts of the project speak of a clause.
 */
#ifndef ADDCOW_TRACE_H
#define ADDCOW_TRACE_H

#include <stdio.h>

#include "base/clauses.h"

/* Where the reference cites clauses: lines "ID<TAB>file.c:function", to be
 * freed, in the order of the files.  Null after one line on stderr if there
 * is no reference in the directory TREE. */
char *citations_read(const char *tree);

/* The Nth vector of the corpus whose row names CLAUSE; null past the end.
 * Its id is as long as *OUT_LEN. */
const char *trace_vector(size_t *out_len, const struct clause *clause,
                         size_t n);

/* The same for mutants: the name of the patch without directory or suffix. */
const char *trace_mutant(size_t *out_len, const struct clause *clause,
                         size_t n);

/* Nonzero if ID stands in TEXT as a whole word. */
int trace_mentions(const char *text, const char *id);

#endif
