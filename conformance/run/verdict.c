/* SPDX-License-Identifier: MIT
 *
 * verdict.c - what became of a case and of its process.
 */
#define _GNU_SOURCE /* memmem */
#include "base/clauses.h"
#include "base/text.h"
#include "env/checks.h"
#include "run.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const names[N_VERDICTS] = {
    "NONE",   "PASS", "FAIL",  "CRASH", "HANG",
    "UNIMPL", "NA",   "XFAIL", "XPASS", "ERROR"};

const char *verdict_name(enum verdict verdict)
{
    return names[verdict];
}

enum verdict verdict_of_name(const char *name)
{
    for (enum verdict v = V_ERROR; v > V_NONE; v--)
        if (strcmp(names[v], name) == 0)
            return v;
    return V_NONE;
}

bool verdict_is_failure(enum verdict verdict)
{
    return verdict == V_FAIL || verdict == V_CRASH || verdict == V_HANG ||
           verdict == V_UNIMPL;
}

bool verdict_is_bad(enum verdict verdict)
{
    return verdict_is_failure(verdict) || verdict == V_ERROR;
}

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } rows[] = {
        {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
        {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"},
        {SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"}, {SIGTRAP, "SIGTRAP"},
        {SIGALRM, "SIGALRM"}, {SIGSYS, "SIGSYS"},   {SIGXFSZ, "SIGXFSZ"},
        {SIGXCPU, "SIGXCPU"}, {SIGSTOP, "SIGSTOP"}, {SIGTSTP, "SIGTSTP"},
        {SIGTTIN, "SIGTTIN"}, {SIGTTOU, "SIGTTOU"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].number == number)
            return rows[i].name;
    return "signal";
}

/* The line in which a sanitizer sums up what it found. */
static void append_summary(struct outcome *o, const struct isolate_result *end)
{
    static const char word[] = "SUMMARY: ";
    const char *line =
        memmem(end->printed, end->printed_len, word, sizeof(word) - 1);
    const char *stop;
    const char *newline;
    size_t used = strlen(o->got);

    if (!line)
        return;
    stop = end->printed + end->printed_len;
    newline = memchr(line, '\n', (size_t)(stop - line));
    line += sizeof(word) - 1;
    snprintf(o->got + used, sizeof(o->got) - used, "; %.*s",
             (int)((newline ? newline : stop) - line), line);
}

static void charge(struct outcome *o, const struct conf_case *c,
                   enum verdict verdict, const char *expected)
{
    size_t len;
    const char *first = clause_in_list(&len, c->clauses, 0);

    o->verdict = verdict;
    if (first)
        snprintf(o->clause, sizeof(o->clause), "%.*s", (int)len, first);
    snprintf(o->expected, sizeof(o->expected), "%s", expected);
}

static void crash(struct outcome *o, const struct conf_case *c,
                  const struct isolate_result *end)
{
    charge(o, c, V_CRASH, "every call returns");
    check_sign(o, CHECK_RETURNS,
               end->end == ISOLATE_KILLED ? signal_name(end->status) : "exit");
    if (end->end == ISOLATE_KILLED)
        snprintf(o->got, sizeof(o->got), "killed by %s (%d)",
                 signal_name(end->status), end->status);
    else
        snprintf(o->got, sizeof(o->got), "ended the process with status %d",
                 end->status);
    append_summary(o, end);
}

static double seconds(uint64_t ms)
{
    return (double)ms / 1000;
}

/* Which of the two deadlines it passed depends on what else the machine
 * does. */
static void hang(struct outcome *o, const struct conf_case *c,
                 const struct isolate_result *end)
{
    size_t used;

    charge(o, c, V_HANG, "every call returns");
    check_sign(o, CHECK_RETURNS, "overdue");
    snprintf(o->got, sizeof(o->got),
             "no answer within %g s of processor time or %g s in all "
             "(--timeout %g)",
             seconds(end->cpu_ms), seconds(end->cpu_ms * ISOLATE_WALL_FACTOR),
             seconds(end->cpu_ms));
    used = strlen(o->got);
    if (end->status)
        snprintf(o->got + used, sizeof(o->got) - used,
                 "; its process was stopped by %s (%d)",
                 signal_name(end->status), end->status);
}

/* What the case found out before is kept, unless it is PASS. */
static void disturbed(struct outcome *o, const struct conf_case *c,
                      const struct isolate_result *end)
{
    if (o->verdict != V_NONE && o->verdict != V_PASS)
        return;
    charge(o, c, V_FAIL, "the shim leaves other processes alone");
    check_sign(o, CHECK_CONDUCT, "disturbed");
    snprintf(o->got, sizeof(o->got),
             "the process that watches the case got %s (%d)",
             signal_name(end->status), end->status);
}

static void suite_fault(struct outcome *o, const char *what)
{
    o->verdict = V_ERROR;
    snprintf(o->got, sizeof(o->got), "%s", what);
}

/* The verdict of a case that has ended is kept, unless it is PASS and the
 * process then ended badly. */
static void judge_ended(struct outcome *o, const struct conf_case *c,
                        const struct isolate_result *end)
{
    bool well = end->end == ISOLATE_EXITED && end->status == 0;

    if (o->verdict == V_NONE || (o->verdict == V_PASS && !well))
        crash(o, c, end);
}

/* A case quotes bytes of images, and cuts what does not fit anywhere. */
static void make_text(struct outcome *o)
{
    text_make_utf8(o->clause, sizeof(o->clause));
    text_make_utf8(o->reason, sizeof(o->reason));
    text_make_utf8(o->doing, sizeof(o->doing));
    text_make_utf8(o->expected, sizeof(o->expected));
    text_make_utf8(o->got, sizeof(o->got));
    text_make_utf8(o->witness, sizeof(o->witness));
}

void verdict_judge(struct outcome *o, const struct conf_case *c,
                   const struct isolate_result *end)
{
    switch (end->end) {
    case ISOLATE_EXITED:
    case ISOLATE_KILLED:
        judge_ended(o, c, end);
        break;
    case ISOLATE_OVERDUE:
        hang(o, c, end);
        break;
    case ISOLATE_DISTURBED:
        disturbed(o, c, end);
        break;
    case ISOLATE_IMPOSSIBLE:
        suite_fault(o, strerror(end->status));
        break;
    case ISOLATE_STOPPED:
    case ISOLATE_LOST:
        suite_fault(o, "the process that watches the case ended");
        break;
    }
    make_text(o);
}
