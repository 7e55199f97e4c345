/* SPDX-License-Identifier: MIT
 *
 * tap.c - the report as TAP, of which version 13 and 14 say the same here.
 *
 * The plan is at the end.  A run that was cut short has none, and bails out.
 * A failure that does not count carries TAP's own directive for that.
 */
#include "base/text.h"
#include "report.h"
#include "run/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void begin(const struct report *report)
{
    const struct run *run = report->run;

    fprintf(report->to, "TAP version %d\n# ",
            run->options->tap_version == TAP_14 ? 14 : 13);
    text_put(report->to, run->shim.name);
    fputc(' ', report->to);
    text_put(report->to, run->shim.version);
    fprintf(report->to, ", seed %" PRIu64 "\n", run->options->seed);
}

/* A YAML string in double quotes.  Bytes past ASCII stay as they are. */
static void put_yaml(FILE *to, const char *key, const char *s, size_t len)
{
    if (len == 0)
        return;
    fprintf(to, "  %s: \"", key);
    for (size_t i = 0; i < len; i++) {
        unsigned value = (unsigned char)s[i];

        if (value == '"' || value == '\\')
            fprintf(to, "\\%c", (int)value);
        else if (value == '\n')
            fputs("\\n", to);
        else if (value < 0x20 || value == 0x7f)
            fprintf(to, "\\x%02x", value);
        else
            fputc((int)value, to);
    }
    fputs("\"\n", to);
}

/* In milliseconds, under the name that readers of TAP know. */
static void put_times(FILE *to, const struct isolate_times *times)
{
    fprintf(to, "  duration_ms: %.3f\n", (double)times->wall / 1000);
    fprintf(to, "  cpu_ms: %.3f\n", (double)times->cpu / 1000);
}

static void put_details(const struct report *report, const struct result *r)
{
    FILE *to = report->to;
    const struct outcome *o = &r->outcome;
    const char *verdict = verdict_name(o->verdict);
    char *again = report_again(report->run, r);

    put_yaml(to, "verdict", verdict, strlen(verdict));
    put_yaml(to, "clause", o->clause, strlen(o->clause));
    put_yaml(to, "during", o->doing, strlen(o->doing));
    put_yaml(to, "expected", o->expected, strlen(o->expected));
    put_yaml(to, "got", o->got, strlen(o->got));
    if (r->waiver)
        put_yaml(to, "waiver", r->waiver, strlen(r->waiver));
    put_yaml(to, "witness", o->witness, strlen(o->witness));
    put_yaml(to, "printed", r->printed, r->printed_len);
    put_yaml(to, "evidence", o->evidence, strlen(o->evidence));
    put_yaml(to, "again", again, strlen(again));
    free(again);
}

static void put_todo(FILE *to, const char *why)
{
    fputs(" # TODO ", to);
    text_put(to, why);
}

static void put_directive(const struct report *report, const struct result *r)
{
    const struct outcome *o = &r->outcome;

    if (o->verdict == V_NA)
        fprintf(report->to, " # SKIP NA: %s", o->reason);
    else if (o->verdict == V_XFAIL)
        put_todo(report->to, r->waiver);
    else if (verdict_is_failure(o->verdict) &&
             report_is_lenient(report->run, r))
        fprintf(report->to, " # TODO %s: does not count", report_excuse(r));
}

static void result(const struct report *report, const struct result *r)
{
    enum verdict verdict = r->outcome.verdict;
    bool bad = report_is_bad(r) || verdict == V_XFAIL;

    fprintf(report->to, "%sok %zu - %s", bad ? "not " : "",
            (size_t)(r - report->run->results) + 1, r->c->id);
    report_repetition(report->to, r);
    put_directive(report, r);
    fputc('\n', report->to);
    if (!bad && !r->timed)
        return;
    fputs("  ---\n", report->to);
    if (bad)
        put_details(report, r);
    if (r->timed)
        put_times(report->to, &r->times);
    fputs("  ...\n", report->to);
}

static void end(const struct report *report)
{
    const struct run *run = report->run;

    if (status_is_cut(run)) {
        fputs("Bail out! ", report->to);
        report_cut(report->to, run);
        fputc('\n', report->to);
    } else {
        fprintf(report->to, "1..%zu\n", run->n_reported);
    }
}

void report_tap(struct report *out, const struct run *run, FILE *to)
{
    out->run = run;
    out->to = to;
    out->color = false;
    out->begin = begin;
    out->result = result;
    out->end = end;
}
