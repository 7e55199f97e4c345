/* SPDX-License-Identifier: MIT
 *
 * select.h - which cases a command line means.
 */
#ifndef ADDCOW_SELECT_H
#define ADDCOW_SELECT_H

#include "base/clauses.h"
#include "env/case.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct selection {
    const struct conf_case **cases; /* owned */
    size_t n;
};

/* Judges the tables of cases themselves.  Returns a status: ERROR after one
 * line on stderr for each fault, such as a doubled id or an unknown clause. */
int select_check_cases(void);

/* Fills OUT with the cases that O asks for, in the order of the tables.
 * Returns a status: USAGE if something that O names matches nothing. */
int select_cases(struct selection *out, const struct options *o);

void select_finish(struct selection *s);

/* The Nth of all cases; null past the end. */
const struct conf_case *select_nth(size_t n);

/* The case ID and its place among all; null if there is none. */
const struct conf_case *select_find(size_t *out_place, const char *id);

/* The clause that C is named by: its first. */
const struct clause *select_clause(const struct conf_case *c);

/* True if one of C's clauses is ID, LEN bytes. */
bool select_names(const struct conf_case *c, const char *id, size_t len);

/* MUST for a choice and for a DEF, too: an implementation that departs from
 * its declared choice, or from a term, breaks a requirement. */
enum level select_rank(const struct clause *clause);

/* True if O asks for some cases only, by more than profile and level. */
bool select_is_filtered(const struct options *o);

/* The number of cases that O asks for without its filters: by profile and the
 * level of power cuts, and SHOULD at least. */
size_t select_whole(const struct options *o);

/* What an implementation can do beyond reading, as far as PROFILE asks for
 * it, of enum profile; for PROFILE_CLAIMED all there is. */
uint64_t select_features(int profile);

#endif
