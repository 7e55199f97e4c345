/* SPDX-License-Identifier: MIT
 *
 * citations.h - which clauses a text cites, and where the reference cites
 * them.
 */
#ifndef ADDCOW_CITATIONS_H
#define ADDCOW_CITATIONS_H

#include <stdbool.h>

/* Where the reference cites clauses: lines "ID<TAB>file.c:function", to be
 * freed, in the order of the files.  Null after one line on stderr if there
 * is no reference in the directory TREE. */
char *citations_read(const char *tree);

/* True if TEXT has ID as a whole word. */
bool cites_clause(const char *text, const char *id);

#endif
