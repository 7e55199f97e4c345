/* SPDX-License-Identifier: MIT
 *
 * html_parts.h - what both halves of the page that report_html() writes, the
 * matrix and the evidence, are made of.
 */
#ifndef ADDCOW_HTML_PARTS_H
#define ADDCOW_HTML_PARTS_H

#include "base/clauses.h"
#include "run/coverage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct page {
    FILE *to;
    const struct run *const *runs; /* a column each */
    size_t n_runs;
    struct coverage **coverage; /* of each run */
    const char *name;           /* of the file, for links out of it */
};

/* A verdict on a clause or a case: a letter and a class of the style sheet,
 * "good", "bad", "warn" or "none". */
struct mark {
    char letter;
    const char *style;
    const char *words;
};

struct mark html_mark(const struct run *run, const struct result *r);

/* The worst of the cases of CLAUSE; "." if it has no case. */
struct mark html_mark_clause(const struct run *run,
                             const struct clause *clause);

/* True if the page shows CLAUSE: a case of a run names it, or it MUST or
 * SHOULD have one. */
bool html_shows(const struct page *page, size_t index);

/* The name of column I; if another one has it, that of its file before it. */
void html_name(const struct page *page, size_t i);

void html_text(FILE *to, const char *s);

/* What the letters and colors mean. */
void html_legend(FILE *to);

#endif
