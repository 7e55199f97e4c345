/* SPDX-License-Identifier: MIT
 *
 * report.c - what several reports have in common.
 */
#include "report.h"
#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

void report_color(const struct report *report, enum verdict verdict)
{
    const char *code = "31;1"; /* red */

    if (verdict == V_PASS)
        code = "32"; /* green */
    else if (verdict == V_NA)
        code = "36"; /* cyan */
    else if (verdict == V_ERROR || verdict == V_UNIMPL)
        code = "35;1"; /* magenta */
    if (report->color)
        fprintf(report->to, "\033[%sm", code);
}

void report_plain(const struct report *report)
{
    if (report->color)
        fputs("\033[0m", report->to);
}

void report_capabilities(FILE *to, uint64_t mask, const char *separator)
{
    const char *name = load_next_capability(&mask);

    fputs(name ? name : "reading only", to);
    while ((name = load_next_capability(&mask)) != NULL)
        fprintf(to, "%s%s", separator, name);
}

static void put_timeout(FILE *to, uint64_t ms)
{
    if (ms != 10000)
        fprintf(to, " --timeout %" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
}

/* The case, or the one state of it that is meant. */
static void put_case(FILE *to, const struct result *r)
{
    unsigned level = CASE_LEVEL(r->c->needs);

    if (r->outcome.witness[0]) {
        fputs(" --replay ", to);
        text_put_quoted(to, r->outcome.witness);
        return;
    }
    if (level > CRASH_LEVEL_NAMED)
        fprintf(to, " --crash %s", crash_names[CRASH_NONE + level]);
    fprintf(to, " %s", r->c->id);
}

static const struct {
    const char *name; /* of JSON */
    const char *words;
} methods[CRASH_N_METHODS] = {{"brute", "by brute force"},
                              {"tokens", "by tokens, given data opacity"},
                              {"lazy", "lazily"},
                              {"sampled", "sampled only"}};

const char *report_method_name(unsigned method)
{
    return methods[method].name;
}

static void put_methods(FILE *to, unsigned which)
{
    const char *separator = "";

    for (unsigned i = 0; i < CRASH_N_METHODS; i++) {
        if (!(which >> i & 1))
            continue;
        fprintf(to, "%s%s", separator, methods[i].words);
        separator = ", ";
    }
    fputs("; the figures differ from run to run\n", to);
}

void report_crash(FILE *to, const struct crash_report *r)
{
    const char *separator = ": ";
    char states[40];

    if (r->methods && !r->n_workloads) {
        put_methods(to, r->methods);
        return;
    }
    crash_count_text(states, sizeof(states), &r->states);
    fprintf(to,
            "%" PRIu64 " workloads, %" PRIu64 " points, %s states, %" PRIu64
            " executions",
            r->n_workloads, r->n_points, states, r->n_executions);
    for (unsigned i = 0; i < CRASH_N_METHODS; i++) {
        if (r->by[i] == 0)
            continue;
        fprintf(to, "%s%" PRIu64 " %s", separator, r->by[i], methods[i].words);
        separator = ", ";
    }
    fprintf(to, "; %" PRIu64 " made again", r->n_redone);
    if (r->n_declined)
        fprintf(to, ", %" PRIu64 " declined", r->n_declined);
    if (r->n_not_opaque)
        fprintf(to, ", data looked into at %" PRIu64 " points",
                r->n_not_opaque);
    fputc('\n', to);
}

void report_repetition(FILE *to, const struct result *r)
{
    if (r->repetition)
        fprintf(to, " (repetition %" PRIu64 ")", r->repetition + 1);
}

void report_command(FILE *to, const struct run *run, const struct result *r)
{
    const struct options *o = run->options;

    text_put_quoted(to, o->program);
    fputs(" run --shim ", to);
    text_put_quoted(to, o->shim);
    for (size_t i = 0; i < o->shim_options.n; i++) {
        fputs(" --shim-opt ", to);
        text_put_quoted(to, o->shim_options.items[i]);
    }
    if (o->profile)
        fprintf(to, " --profile %s", profile_names[o->profile]);
    if (!r->must && !r->should)
        fputs(" --level may", to);
    put_timeout(to, o->timeout_ms);
    fprintf(to, " --seed %" PRIu64, r->seed);
    put_case(to, r);
}

bool report_is_lenient(const struct run *run, const struct result *r)
{
    if (r->later)
        return true;
    if (r->must)
        return false;
    return !(r->should && run->options->strict);
}

bool report_is_bad(const struct result *r)
{
    enum verdict v = r->outcome.verdict;

    return verdict_is_bad(v) || v == V_XPASS;
}

const char *report_excuse(const struct result *r)
{
    if (r->later)
        return "later than the requirements";
    return r->should ? "SHOULD" : "MAY";
}

char *report_again(const struct run *run, const struct result *r)
{
    char *out = NULL;
    size_t len;
    FILE *to = open_memstream(&out, &len);

    if (!to)
        return mem_format("%s", r->c->id);
    report_command(to, run, r);
    fclose(to);
    return out;
}

static int shown; /* columns of the progress line */

void report_progress_clear(void)
{
    if (shown)
        fprintf(stderr, "\r%*s\r", shown, "");
    shown = 0;
}

void report_progress(const struct run *run)
{
    const struct tally *t;
    size_t failed;

    if (!isatty(STDERR_FILENO))
        return;
    fflush(stdout);
    t = &run->tally;
    failed = t->must_failed + t->should_failed + t->may_failed;
    report_progress_clear();
    shown = fprintf(stderr, "%zu of %zu cases, %zu failed", run->n_reported,
                    run->n_results, failed);
    fflush(stderr);
}
