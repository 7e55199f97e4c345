/* SPDX-License-Identifier: MIT
 *
 * html_parts.c - what both halves of the page, the matrix and the evidence,
 * are made of.
 */
#include "html_parts.h"
#include "base/text.h"
#include "report.h"
#include "run/select.h"

#include <string.h>

void html_text(FILE *to, const char *s)
{
    text_put_xml(to, s, strlen(s));
}

static bool is_alone(const struct page *page, size_t i)
{
    for (size_t k = 0; k < page->n_runs; k++)
        if (k != i &&
            strcmp(page->runs[k]->shim.name, page->runs[i]->shim.name) == 0)
            return false;
    return true;
}

void html_name(const struct page *page, size_t i)
{
    const struct run *run = page->runs[i];
    const char *slash = strrchr(run->options->shim, '/');

    if (is_alone(page, i)) {
        html_text(page->to, run->shim.name);
        return;
    }
    html_text(page->to, slash ? slash + 1 : run->options->shim);
    fputs(" (", page->to);
    html_text(page->to, run->shim.name);
    fputc(')', page->to);
}

/* ---- Marks -------------------------------------------------------------- */

/* From good to bad. */
static const struct {
    enum verdict verdict;
    struct mark mark;
} marks[] = {{V_NONE, {'.', "none", "no case"}},
             {V_NA, {'N', "none", "not applicable"}},
             {V_PASS, {'P', "good", "passed"}},
             {V_XFAIL, {'W', "warn", "waived failure"}},
             {V_XPASS, {'S', "bad", "stale waiver"}},
             {V_UNIMPL, {'U', "bad", "unimplemented"}},
             {V_FAIL, {'F', "bad", "failed"}},
             {V_HANG, {'H', "bad", "hung"}},
             {V_CRASH, {'C', "bad", "crashed"}},
             {V_ERROR, {'E', "bad", "error of the suite"}}};

enum { N_MARKS = sizeof(marks) / sizeof(*marks) };

static size_t badness(enum verdict verdict)
{
    size_t i = 0;

    while (marks[i].verdict != verdict)
        i++;
    return i;
}

struct mark html_mark(const struct run *run, const struct result *r)
{
    struct mark mark = marks[badness(r->outcome.verdict)].mark;

    if (verdict_is_failure(r->outcome.verdict) && report_is_lenient(run, r) &&
        !r->stale)
        mark.style = "warn";
    return mark;
}

struct mark html_mark_clause(const struct run *run,
                             const struct clause *clause)
{
    struct mark mark = marks[0].mark;
    size_t worst = 0;

    for (size_t i = 0; i < run->n_reported; i++) {
        const struct result *r = &run->results[i];
        size_t bad = badness(r->outcome.verdict);

        if (bad < worst || !select_names(r->c, clause->id, strlen(clause->id)))
            continue;
        if (bad > worst || strcmp(html_mark(run, r).style, "bad") == 0)
            mark = html_mark(run, r);
        worst = bad;
    }
    return mark;
}

bool html_shows(const struct page *page, size_t index)
{
    enum level level = clause_table[index].level;

    for (size_t i = 0; i < page->n_runs; i++)
        if (page->coverage[i][index].n_cases)
            return true;
    return level == LEVEL_MUST || level == LEVEL_SHOULD;
}

void html_legend(FILE *to)
{
    fputs("<p class=\"legend\">", to);
    for (size_t i = N_MARKS; i-- > 0;)
        fprintf(to, "<span><b class=\"%s\">%c</b> %s</span>\n",
                marks[i].mark.style, marks[i].mark.letter,
                marks[i].mark.words);
    fputs("<span><b class=\"warn\">F</b> failed, does not count</span></p>\n",
          to);
}
