/* SPDX-License-Identifier: MIT
 *
 * human.c - the report that people read: failures in full.
 */
#include "base/clauses.h"
#include "base/text.h"
#include "hint.h"
#include "report.h"
#include "run/waivers.h"

#include <inttypes.h>
#include <string.h>

enum { INDENT = 17 };

static void put_head(FILE *to, const char *what)
{
    fprintf(to, "       %-*s", INDENT - 7, what);
}

static void put_field(FILE *to, const char *what, const char *text)
{
    if (*text == '\0')
        return;
    put_head(to, what);
    text_put_wrapped(to, text, INDENT);
    fputc('\n', to);
}

static void begin(const struct report *report)
{
    const struct run *run = report->run;
    FILE *to = report->to;

    if (run->options->quiet)
        return;
    fputs("shim    ", to);
    text_put(to, run->options->shim);
    fputs(": ", to);
    text_put(to, run->shim.name);
    fputc(' ', to);
    text_put(to, run->shim.version);
    fputs("\nclaims  ", to);
    report_capabilities(to, run->shim.capabilities, " ");
    fputc('\n', to);
    if (run->shim.choices[0])
        fprintf(to, "choices %s\n", run->shim.choices);
    if (strcmp(run->suite, CONFORM_VERSION) != 0)
        fprintf(to, "suite   %s\n", run->suite);
    fprintf(to, "cases   %zu, seed %" PRIu64 "\n\n", run->n_results,
            run->options->seed);
}

static void put_clause(FILE *to, const struct clause *clause)
{
    put_head(to, "clause");
    fprintf(to, "%s %s %s, %s%s\n%*s", clause->id,
            clause_level_name(clause->level), clause->subject,
            clause_source_name(clause->source),
            clause->departs ? ", departs from the original driver" : "",
            INDENT, "");
    text_put_wrapped(to, clause->words, INDENT);
    fputc('\n', to);
}

/* The clause whose check failed; the case's first where nobody said. */
static void put_clauses(FILE *to, const struct result *r)
{
    size_t len;
    const char *first = clause_in_list(&len, r->c->clauses, 0);
    const struct clause *clause = clause_find(r->outcome.clause);

    if (!clause)
        clause = clause_find_len(first, len);
    if (clause)
        put_clause(to, clause);
}

static void put_printed(FILE *to, const struct result *r)
{
    if (r->printed_len == 0)
        return;
    fputs("       printed\n", to);
    text_put_lines(to, "         | ", r->printed, r->printed_len);
    if (r->more)
        fputs("         ... and more\n", to);
}

static void put_left(FILE *to, const struct result *r)
{
    if (r->n_left == 0)
        return;
    put_head(to, "left");
    fprintf(to, "%u process%s running, killed\n", r->n_left,
            r->n_left == 1 ? "" : "es");
}

/* What a waiver would have to quote. */
static void put_signature(FILE *to, const struct result *r)
{
    char signature[SIGNATURE_SIZE];

    if (!verdict_is_failure(r->outcome.verdict))
        return;
    waivers_signature(signature, &r->outcome);
    put_field(to, "signature", signature);
}

/* How the states of the case were decided; those of a failure up to it. */
static void put_decided(FILE *to, const struct result *r)
{
    if (r->outcome.crash.n_points == 0 && !r->outcome.crash.methods)
        return;
    put_head(to, "decided");
    report_crash(to, &r->outcome.crash);
}

static void put_details(const struct report *report, const struct result *r)
{
    FILE *to = report->to;
    const struct outcome *o = &r->outcome;

    put_field(to, "observes", r->c->title);
    put_clauses(to, r);
    put_field(to, "during", o->doing);
    put_field(to, "expected", o->expected);
    put_field(to, "got", o->got);
    put_field(to, "witness", o->witness);
    put_decided(to, r);
    put_field(to, r->stale ? "stale" : "waiver", r->waiver ? r->waiver : "");
    put_signature(to, r);
    put_field(to, "hint", hint_of(o) ? hint_of(o) : "");
    put_left(to, r);
    put_printed(to, r);
    put_field(to, "evidence", o->evidence);
    put_head(to, "again");
    report_command(to, report->run, r);
    fputs("\n\n", to);
}

static void put_times(FILE *to, const struct isolate_times *times)
{
    fputs(" (", to);
    text_put_seconds(to, times->cpu);
    fputs(" s of processor, ", to);
    text_put_seconds(to, times->wall);
    fputs(" s)", to);
}

static void put_line(const struct report *report, const struct result *r)
{
    FILE *to = report->to;
    enum verdict verdict = r->outcome.verdict;

    report_color(report, verdict);
    fprintf(to, "%-6s", verdict_name(verdict));
    report_plain(report);
    fprintf(to, " %s", r->c->id);
    report_repetition(to, r);
    if (verdict == V_NA)
        fprintf(to, " (%s)", r->outcome.reason);
    if (verdict_is_failure(verdict) && report_is_lenient(report->run, r))
        fprintf(to, " (%s: does not count)", report_excuse(r));
    if (r->timed)
        put_times(to, &r->times);
    fputc('\n', to);
}

/* A case that passed is worth a word if it left processes. */
static void put_quiet_result(const struct report *report,
                             const struct result *r)
{
    if (!report->run->options->verbose && !report->run->options->replay &&
        r->n_left == 0)
        return;
    put_line(report, r);
    put_decided(report->to, r);
    if (report->run->options->replay)
        put_field(report->to, "state", r->outcome.got);
    put_left(report->to, r);
    put_field(report->to, "waiver", r->waiver ? r->waiver : "");
    if (r->outcome.evidence[0])
        put_field(report->to, "kept in", r->outcome.evidence);
}

static void result(const struct report *report, const struct result *r)
{
    const struct options *o = report->run->options;
    bool bad = report_is_bad(r);

    if (!bad && o->quiet)
        return;
    if (!bad) {
        put_quiet_result(report, r);
        return;
    }
    put_line(report, r);
    /* A witness of no state: the clauses have no part in it. */
    if (o->replay && r->outcome.verdict == V_ERROR)
        put_field(report->to, "got", r->outcome.got);
    else if (!o->quiet)
        put_details(report, r);
}

void report_human(struct report *out, const struct run *run, FILE *to)
{
    out->run = run;
    out->to = to;
    out->color = false;
    out->begin = begin;
    out->result = result;
    out->end = report_summary;
}
