/* SPDX-License-Identifier: MIT
 *
 * junit.c - the report as JUnit XML, a suite for each chapter.
 *
 * What does not count is "skipped" there, with its failure as the message: a
 * consumer knows no other word for it.  junit.xsd says what is written.
 */
#include "base/text.h"
#include "report.h"
#include "run/status.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sums {
    size_t tests, failures, errors, skipped;
    bool timed;
    uint64_t wall; /* microseconds */
};

enum kind { GOOD, FAILED, BROKEN, SKIPPED };

static enum kind kind_of(const struct run *run, const struct result *r)
{
    enum verdict v = r->outcome.verdict;

    if (v == V_ERROR)
        return BROKEN;
    if (v == V_NA || v == V_XFAIL)
        return SKIPPED;
    if (!report_is_bad(r))
        return GOOD;
    return report_is_lenient(run, r) && !r->stale ? SKIPPED : FAILED;
}

static size_t chapter_len(const struct result *r)
{
    return strcspn(r->c->id, "/");
}

static bool same_chapter(const struct result *a, const struct result *b)
{
    size_t len = chapter_len(a);

    return chapter_len(b) == len && memcmp(a->c->id, b->c->id, len) == 0;
}

static bool is_first(const struct run *run, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_chapter(&run->results[k], &run->results[i]))
            return false;
    return true;
}

/* The sums of the chapter of FIRST, of all if that is null. */
static struct sums sum(const struct run *run, const struct result *first)
{
    struct sums s = {0};

    for (size_t i = 0; i < run->n_reported; i++) {
        const struct result *r = &run->results[i];
        enum kind kind;

        if (first && !same_chapter(first, r))
            continue;
        kind = kind_of(run, r);
        s.tests++;
        s.failures += kind == FAILED;
        s.errors += kind == BROKEN;
        s.skipped += kind == SKIPPED;
        s.timed |= r->timed;
        s.wall += r->times.wall;
    }
    return s;
}

static void put_text(FILE *to, const char *s)
{
    text_put_xml(to, s, strlen(s));
}

static void put_time(FILE *to, uint64_t microseconds)
{
    fputs(" time=\"", to);
    text_put_seconds(to, microseconds);
    fputc('"', to);
}

static void put_sums(FILE *to, const struct sums *s)
{
    fprintf(to,
            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\""
            " skipped=\"%zu\"",
            s->tests, s->failures, s->errors, s->skipped);
    if (s->timed)
        put_time(to, s->wall);
    fputs(">\n", to);
}

static void put_message(FILE *to, const struct result *r)
{
    const struct outcome *o = &r->outcome;

    fputs(" message=\"", to);
    if (r->waiver) {
        put_text(to, r->waiver);
        fputs("; ", to);
    }
    if (o->verdict == V_NA)
        fprintf(to, "NA: %s", o->reason);
    else
        put_text(to, verdict_name(o->verdict));
    if (o->expected[0]) {
        fputs(": expected ", to);
        put_text(to, o->expected);
    }
    if (o->got[0]) {
        fputs(", got ", to);
        put_text(to, o->got);
    }
    fputc('"', to);
}

static void put_details(FILE *to, const struct run *run,
                        const struct result *r)
{
    char *again = report_again(run, r);

    fprintf(to, " type=\"%s\">", verdict_name(r->outcome.verdict));
    if (r->outcome.clause[0])
        fprintf(to, "clause %s&#10;", r->outcome.clause);
    if (r->outcome.doing[0]) {
        fputs("during ", to);
        put_text(to, r->outcome.doing);
        fputs("&#10;", to);
    }
    if (r->outcome.witness[0]) {
        fputs("witness ", to);
        put_text(to, r->outcome.witness);
        fputs("&#10;", to);
    }
    if (r->outcome.evidence[0]) {
        fputs("evidence ", to);
        put_text(to, r->outcome.evidence);
        fputs("&#10;", to);
    }
    fputs("again ", to);
    put_text(to, again);
    free(again);
}

static void put_end(FILE *to, const struct run *run, const struct result *r)
{
    static const char *const names[] = {NULL, "failure", "error", "skipped"};
    enum kind kind = kind_of(run, r);

    if (kind == GOOD)
        return;
    fprintf(to, "   <%s", names[kind]);
    put_message(to, r);
    if (kind == SKIPPED) {
        fputs("/>\n", to);
        return;
    }
    put_details(to, run, r);
    fprintf(to, "</%s>\n", names[kind]);
}

static void put_case(FILE *to, const struct run *run, const struct result *r)
{
    fprintf(to, "  <testcase classname=\"%.*s\" name=\"%s",
            (int)chapter_len(r), r->c->id, r->c->id);
    report_repetition(to, r);
    fputc('"', to);
    if (r->timed)
        put_time(to, r->times.wall);
    fputs(">\n", to);
    put_end(to, run, r);
    if (r->printed_len) {
        fputs("   <system-out>", to);
        text_put_xml(to, r->printed, r->printed_len);
        fputs("</system-out>\n", to);
    }
    fputs("  </testcase>\n", to);
}

static void put_suite(FILE *to, const struct run *run,
                      const struct result *first)
{
    struct sums s = sum(run, first);

    fprintf(to, " <testsuite name=\"%.*s\"", (int)chapter_len(first),
            first->c->id);
    put_sums(to, &s);
    for (size_t i = 0; i < run->n_reported; i++)
        if (same_chapter(first, &run->results[i]))
            put_case(to, run, &run->results[i]);
    fputs(" </testsuite>\n", to);
}

/* Consumers count failures: a run that was cut short must not look whole. */
static void put_cut(FILE *to, const struct run *run)
{
    fputs(" <testsuite name=\"run\" tests=\"1\" failures=\"0\" errors=\"1\""
          " skipped=\"0\">\n"
          "  <testcase classname=\"run\" name=\"ends\">\n"
          "   <error message=\"",
          to);
    report_cut(to, run);
    fputs("\" type=\"CUT\"/>\n  </testcase>\n </testsuite>\n", to);
}

void report_junit(FILE *to, const struct run *run)
{
    struct sums all = sum(run, NULL);
    bool cut = status_is_cut(run);

    all.tests += cut;
    all.errors += cut;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"",
          to);
    put_text(to, run->shim.name);
    fputc(' ', to);
    put_text(to, run->shim.version);
    fputc('"', to);
    put_sums(to, &all);
    for (size_t i = 0; i < run->n_reported; i++)
        if (is_first(run, i))
            put_suite(to, run, &run->results[i]);
    if (cut)
        put_cut(to, run);
    fputs("</testsuites>\n", to);
}
