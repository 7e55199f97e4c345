/* SPDX-License-Identifier: MIT
 *
 * html.c - the report as one page: verdicts, the matrix of clauses and
 * implementations, and the evidence to which each of its cells leads.
 *
 * Deliberately missing: scripts, and anything that is not in the file.
 */
#include "base/documents.h"
#include "base/memory.h"
#include "html_evidence.h"
#include "html_parts.h"
#include "report.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

/* ---- Verdicts ----------------------------------------------------------- */

static const char *style_of(const struct run *run)
{
    switch (status_of_run(run)) {
    case STATUS_GOOD:
        return "good";
    case STATUS_STALE:
    case STATUS_NOTHING:
        return "warn";
    default:
        return "bad";
    }
}

static void put_clause_count(const struct page *page, size_t i,
                             enum level level, const char *word)
{
    struct share s = coverage_share(page->coverage[i], level, NULL);

    fprintf(page->to, "<dt>%s clauses</dt><dd>%u of %u verified</dd>\n", word,
            s.n_verified, s.n);
}

/* Failures that do not count explain why the verdict has less of them. */
static void put_verdict_list(FILE *to, const struct run *run)
{
    const struct tally *t = &run->tally;
    size_t lenient = t->may_failed + t->later_failed +
                     (run->options->strict ? 0 : t->should_failed);

    fprintf(to, "<dt>Cases</dt><dd>%zu:", t->n);
    for (enum verdict v = V_PASS; v <= V_ERROR; v++)
        if (t->of[v])
            fprintf(to, " %s&nbsp;%zu", verdict_name(v), t->of[v]);
    if (lenient)
        fprintf(to, " (failures&nbsp;not&nbsp;counted:&nbsp;%zu)", lenient);
    fputs("</dd>\n", to);
}

/* The way to what has to be mended, without a search for red. */
static void put_failed(const struct page *page, size_t i)
{
    enum { N_SHOWN = 12 };
    size_t n = 0;

    for (size_t k = 0; clause_table[k].id; k++) {
        const char *id = clause_table[k].id;
        struct mark mark = html_mark_clause(page->runs[i], &clause_table[k]);

        if (strcmp(mark.style, "bad") != 0)
            continue;
        if (n++ == 0)
            fputs("<dt>To mend</dt><dd>", page->to);
        if (n <= N_SHOWN)
            fprintf(page->to, "<a href=\"#%s-%zu\">%s</a>\n", id, i + 1, id);
    }
    if (n > N_SHOWN)
        fprintf(page->to, "and %zu more", n - N_SHOWN);
    if (n)
        fputs("</dd>\n", page->to);
}

static void put_run(const struct page *page, size_t i)
{
    const struct run *run = page->runs[i];
    FILE *to = page->to;

    fprintf(to, "<article class=\"run %s\">\n<h2>", style_of(run));
    html_name(page, i);
    fputs(" <small>", to);
    html_text(to, run->shim.version);
    fputs("</small></h2>\n<p class=\"result\">", to);
    report_verdict(to, run);
    fputs("</p>\n<dl>\n", to);
    if (strcmp(run->suite, CONFORM_VERSION) != 0)
        fprintf(to, "<dt>Suite</dt><dd>%s</dd>\n", run->suite);
    put_clause_count(page, i, LEVEL_MUST, "MUST");
    put_clause_count(page, i, LEVEL_SHOULD, "SHOULD");
    put_verdict_list(to, run);
    put_failed(page, i);
    fputs("<dt>Claims</dt><dd>", to);
    report_capabilities(to, run->shim.capabilities, ", ");
    fprintf(to, "</dd>\n<dt>Profile</dt><dd>%s, power cuts: %s%s%s</dd>\n",
            profile_names[run->options->profile],
            crash_names[run->options->crash],
            run->filtered ? ", <b>some cases only</b>" : "",
            run->waived ? ", <b>with waivers</b>" : "");
    if (run->tally.crash.n_workloads) {
        fputs("<dd class=\"wide\">", to);
        report_crash(to, &run->tally.crash);
        fputs("</dd>\n", to);
    }
    fputs("</dl>\n</article>\n", to);
}

/* ---- The matrix --------------------------------------------------------- */

/* The one of clause ID. */
static void put_chapter(const struct page *page, const char *id)
{
    FILE *to = page->to;

    fprintf(to,
            "<tr class=\"chapter\"><th scope=\"rowgroup\">%.*s</th>"
            "<td class=\"words\">MUST clauses verified</td>",
            (int)clause_chapter_len(id), id);
    for (size_t i = 0; i < page->n_runs; i++) {
        struct share s = coverage_share(page->coverage[i], LEVEL_MUST, id);

        fprintf(to, "<td>%u/<wbr>%u</td>", s.n_verified, s.n);
    }
    fputs("</tr>\n", to);
}

static void put_row(const struct page *page, const struct clause *clause)
{
    FILE *to = page->to;

    fprintf(to,
            "<tr><th scope=\"row\"><a href=\"#%s\">%s</a></th>"
            "<td class=\"words\">",
            clause->id, clause->id);
    html_text(to, clause->words);
    fputs("</td>", to);
    for (size_t i = 0; i < page->n_runs; i++) {
        struct mark mark = html_mark_clause(page->runs[i], clause);

        fprintf(to,
                "<td class=\"%s\"><a href=\"#%s-%zu\" title=\"%s\">%c</a>"
                "</td>",
                mark.style, clause->id, i + 1, mark.words, mark.letter);
    }
    fputs("</tr>\n", to);
}

static void put_rows(const struct page *page)
{
    const char *before = NULL; /* the row before */

    for (size_t i = 0; clause_table[i].id; i++) {
        const char *id = clause_table[i].id;

        if (!html_shows(page, i))
            continue;
        if (!before || !clause_same_chapter(before, id))
            put_chapter(page, id);
        put_row(page, &clause_table[i]);
        before = id;
    }
}

static void put_matrix(const struct page *page)
{
    FILE *to = page->to;

    fputs("<section id=\"clauses\">\n<h2>Clauses</h2>\n", to);
    html_legend(to);
    fputs("<table>\n<thead><tr><th scope=\"col\">Clause</th>"
          "<th scope=\"col\" class=\"words\">Words</th>",
          to);
    for (size_t i = 0; i < page->n_runs; i++) {
        fputs("<th scope=\"col\" class=\"who\"><span>", to);
        html_name(page, i);
        fputs("</span></th>", to);
    }
    fputs("</tr></thead>\n<tbody>\n", to);
    put_rows(page);
    fputs("</tbody>\n</table>\n</section>\n", to);
}

/* ---- The page ----------------------------------------------------------- */

static void put_style(FILE *to)
{
    const struct document *d = document_find("/report.css");

    fputs("<style>\n", to);
    for (const char *const *line = d ? d->lines : NULL; line && *line; line++)
        fprintf(to, "%s\n", *line);
    fputs("</style>\n", to);
}

static void put_page(const struct page *page)
{
    FILE *to = page->to;

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<title>add-cow conformance: ",
          to);
    for (size_t i = 0; i < page->n_runs; i++) {
        fputs(i ? ", " : "", to);
        html_text(to, page->runs[i]->shim.name);
    }
    fputs("</title>\n", to);
    put_style(to);
    fprintf(to,
            "</head>\n<body class=\"%s\">\n<header>\n<h1>add-cow "
            "conformance</h1>\n"
            "<p>Suite %s. <a href=\"#clauses\">Clauses</a> "
            "<a href=\"#evidence\">Evidence</a></p>\n</header>\n<main>\n"
            "<section class=\"runs\">\n",
            page->n_runs > 1 ? "several" : "one", CONFORM_VERSION);
    for (size_t i = 0; i < page->n_runs; i++)
        put_run(page, i);
    fputs("</section>\n", to);
    put_matrix(page);
    html_evidence(page);
    fputs("</main>\n</body>\n</html>\n", to);
}

void report_html(FILE *to, const struct run *const *runs, size_t n,
                 const char *name)
{
    struct page page = {.to = to, .runs = runs, .n_runs = n, .name = name};

    page.coverage = mem_new(n, sizeof(struct coverage *));
    for (size_t i = 0; i < n; i++)
        page.coverage[i] = coverage_new(runs[i]);
    put_page(&page);
    for (size_t i = 0; i < n; i++)
        free(page.coverage[i]);
    free(page.coverage);
}
