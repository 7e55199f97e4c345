/* SPDX-License-Identifier: MIT
 *
 * html_evidence.c - the evidence to which the cells of the matrix lead.
 *
 * A case that names several clauses is shown in full with its first one; the
 * others lead there.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "html_evidence.h"
#include "base/memory.h"
#include "base/text.h"
#include "hint.h"
#include "report.h"
#include "run/select.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Links to recordings ------------------------------------------------ */

/* The directory that the page is in, absolute; to be freed, or null. */
static char *directory_of(const char *name)
{
    char *copy = mem_format("%s", name);
    char *slash = strrchr(copy, '/');
    char *out;

    if (slash)
        slash[slash == copy] = '\0';
    out = realpath(slash ? copy : ".", NULL);
    free(copy);
    return out;
}

static void put_url(FILE *to, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/";

    for (; *s; s++)
        if (strchr(plain, *s))
            fputc(*s, to);
        else
            fprintf(to, "%%%02X", (unsigned char)*s);
}

/* The way from the directory FROM to the file TO_PATH, both absolute. */
static void put_way(FILE *to, const char *from, const char *to_path)
{
    size_t same = 0;
    size_t len;

    for (size_t i = 0; from[i] == to_path[i] && from[i]; i++)
        if (from[i] == '/')
            same = i + 1;
    len = strlen(from);
    if (strncmp(from, to_path, len) == 0 && to_path[len] == '/')
        same = len + 1;
    else
        fputs("../", to);
    for (const char *p = from + (same <= len ? same : len); *p; p++)
        if (*p == '/')
            fputs("../", to);
    put_url(to, to_path + same);
}

/* Each file that was kept, as far as it is still there. */
static void put_files(const struct page *page, const char *evidence)
{
    struct dirent **entries = NULL;
    char *from = page->name ? directory_of(page->name) : NULL;
    char *there = realpath(evidence, NULL);
    int n = from && there ? scandir(there, &entries, NULL, alphasort) : 0;

    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            char *path = mem_format("%s/%s", there, entries[i]->d_name);

            fputs(" <a href=\"", page->to);
            put_way(page->to, from, path);
            fputs("\">", page->to);
            html_text(page->to, entries[i]->d_name);
            fputs("</a>", page->to);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
    free(from);
    free(there);
}

/* ---- A case ------------------------------------------------------------- */

static void put_field(FILE *to, const char *what, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(to, "<dt>%s</dt><dd>", what);
    html_text(to, text);
    fputs("</dd>\n", to);
}

static void put_evidence(const struct page *page, const struct outcome *o)
{
    if (o->evidence[0] == '\0')
        return;
    fputs("<dt>Recording</dt><dd><code>", page->to);
    html_text(page->to, o->evidence);
    fputs("</code>", page->to);
    put_files(page, o->evidence);
    fputs("</dd>\n", page->to);
}

static void put_printed(FILE *to, const struct result *r)
{
    if (r->printed_len == 0)
        return;
    fputs("<dt>Printed</dt><dd><pre>", to);
    text_put_xml(to, r->printed, r->printed_len);
    fputs(r->more ? "&#10;... and more</pre></dd>\n" : "</pre></dd>\n", to);
}

static void put_details(const struct page *page, const struct run *run,
                        const struct result *r)
{
    const struct outcome *o = &r->outcome;
    FILE *to = page->to;

    fputs("<dl>\n", to);
    put_field(to, "Clause", o->clause);
    put_field(to, "Reason", o->reason);
    put_field(to, "During", o->doing);
    put_field(to, "Expected", o->expected);
    put_field(to, "Got", o->got);
    put_field(to, "Witness", o->witness);
    put_field(to, "Hint", hint_of(o));
    put_field(to, r->stale ? "Stale" : "Waiver", r->waiver);
    put_printed(to, r);
    put_evidence(page, o);
    if (o->verdict != V_NA) {
        char *again;

        fputs("<dt>Again</dt><dd><code>", to);
        again = report_again(run, r);
        html_text(to, again);
        free(again);
        fputs("</code></dd>\n", to);
    }
    fputs("</dl>\n", to);
}

static void put_anchor(FILE *to, size_t run, const struct result *r)
{
    fprintf(to, "case-%zu-%s", run + 1, r->c->id);
    if (r->repetition)
        fprintf(to, "-%" PRIu64, r->repetition + 1);
}

static bool is_first_clause(const struct result *r, const struct clause *c)
{
    return select_clause(r->c) == c;
}

static void put_power(FILE *to, const struct crash_report *r)
{
    fputs("<br><small>", to);
    report_crash(to, r);
    fputs("</small>\n", to);
}

static void put_case(const struct page *page, size_t i, const struct result *r,
                     const struct clause *clause)
{
    FILE *to = page->to;
    struct mark mark = html_mark(page->runs[i], r);
    bool here = is_first_clause(r, clause);

    fprintf(to, "<li%s", here ? " id=\"" : "");
    if (here)
        put_anchor(to, i, r);
    fprintf(to, "%s><b class=\"%s\">%c</b> ", here ? "\"" : "", mark.style,
            mark.letter);
    if (!here) {
        fputs("<a href=\"#", to);
        put_anchor(to, i, r);
        fputs("\">", to);
    }
    html_text(to, r->c->id);
    fputs(here ? "" : "</a>", to);
    fputs(" <span>", to);
    html_text(to, r->c->title);
    fputs("</span>\n", to);
    if (here && (r->outcome.crash.n_workloads || r->outcome.crash.methods))
        put_power(to, &r->outcome.crash);
    if (here && r->outcome.verdict != V_PASS)
        put_details(page, page->runs[i], r);
    fputs("</li>\n", to);
}

/* ---- A clause ----------------------------------------------------------- */

/* What a reader looks for is open, the rest is folded away. */
enum group { OTHERS, PASSED, NOT_APPLICABLE };

static enum group group_of(const struct result *r)
{
    if (r->outcome.verdict == V_PASS)
        return PASSED;
    return r->outcome.verdict == V_NA ? NOT_APPLICABLE : OTHERS;
}

static bool is_wanted(const struct result *r, const struct clause *clause,
                      enum group group)
{
    return group_of(r) == group &&
           select_names(r->c, clause->id, strlen(clause->id));
}

static void put_cases(const struct page *page, size_t i,
                      const struct clause *clause, enum group group)
{
    const struct run *run = page->runs[i];

    fputs("<ul>\n", page->to);
    for (size_t k = 0; k < run->n_reported; k++)
        if (is_wanted(&run->results[k], clause, group))
            put_case(page, i, &run->results[k], clause);
    fputs("</ul>\n", page->to);
}

static void put_folded(const struct page *page, size_t i,
                       const struct clause *clause, enum group group)
{
    fprintf(page->to, "<details><summary>%s</summary>\n",
            group == PASSED ? "passed" : "not applicable");
    put_cases(page, i, clause, group);
    fputs("</details>\n", page->to);
}

static void put_cell(const struct page *page, size_t i, size_t index)
{
    const struct clause *clause = &clause_table[index];
    const struct coverage *c = &page->coverage[i][index];
    struct mark mark = html_mark_clause(page->runs[i], clause);
    FILE *to = page->to;

    fprintf(to,
            "<section class=\"cell\" id=\"%s-%zu\">\n<h4><b class=\"%s\">"
            "%c</b> ",
            clause->id, i + 1, mark.style, mark.letter);
    html_name(page, i);
    fprintf(to, " <small>%u of %u cases passed</small></h4>\n", c->n_passed,
            c->n_cases);
    if (c->n_cases > c->n_passed + c->n_na)
        put_cases(page, i, clause, OTHERS);
    if (c->n_na)
        put_folded(page, i, clause, NOT_APPLICABLE);
    if (c->n_passed)
        put_folded(page, i, clause, PASSED);
    fputs("</section>\n", to);
}

static void put_clause(const struct page *page, size_t index)
{
    const struct clause *c = &clause_table[index];
    FILE *to = page->to;

    fprintf(to,
            "<article class=\"clause\" id=\"%s\">\n<h3>%s <small>%s %s, %s%s"
            "</small></h3>\n<p>",
            c->id, c->id, clause_level_name(c->level), c->subject,
            clause_source_name(c->source),
            c->departs ? ", departs from the original driver" : "");
    html_text(to, c->words);
    fputs("</p>\n", to);
    for (size_t i = 0; i < page->n_runs; i++)
        put_cell(page, i, index);
    fputs("</article>\n", to);
}

void html_evidence(const struct page *page)
{
    fputs("<section id=\"evidence\">\n<h2>Evidence</h2>\n", page->to);
    for (size_t i = 0; clause_table[i].id; i++)
        if (html_shows(page, i))
            put_clause(page, i);
    fputs("</section>\n", page->to);
}
