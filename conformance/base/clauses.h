/* SPDX-License-Identifier: MIT
 *
 * clauses.h - the clauses of the specification, with their words.
 *
 * The table is made from spec/add-cow.txt by cmake/clauses.cmake when the
 * runner is built: what a report quotes is what the specification says.
 */
#ifndef ADDCOW_CLAUSES_H
#define ADDCOW_CLAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_CHOICE, LEVEL_DEF };

/* Where the requirement comes from; bits, so that a set of them is a mask. */
enum source {
    SOURCE_NONE = 0, /* of a DEF only */
    SOURCE_TEXT = 1,
    SOURCE_REVIEW = 2,
    SOURCE_DRIVER = 4,
    SOURCE_DECIDED = 8
};

struct clause {
    const char *id; /* "HDR-4" */
    enum level level;
    const char *subject; /* reader writer creator resizer checker all - */
    enum source source;
    bool departs;      /* an honest original driver would fail it */
    const char *words; /* one line, single blanks */
};

/* In the order of the specification, ended by an entry without id. */
extern const struct clause clause_table[];

/* Null if the specification has no such clause. */
const struct clause *clause_find(const char *id);

/* As clause_find(), for the first LEN bytes of ID. */
const struct clause *clause_find_len(const char *id, size_t len);

/* "MUST", "text": as the specification spells them. */
const char *clause_level_name(enum level level);
const char *clause_source_name(enum source source);

/* By the number of the bit; ended by null. */
extern const char *const clause_source_names[];

/* How long the chapter in ID is: 3 for "HDR-4". */
size_t clause_chapter_len(const char *id);

/* True if the clauses A and B are of one chapter. */
bool clause_same_chapter(const char *a, const char *b);

/* True if an implementation with the capabilities FEATURES has to follow
 * C, by C's subject. */
bool clause_applies(const struct clause *c, uint64_t features);

/* The Nth clause, from 0 on, that LIST (IDs with blanks between) names; its
 * length in *OUT_LEN.  Null past the end. */
const char *clause_in_list(size_t *out_len, const char *list, size_t n);

#endif
