/* SPDX-License-Identifier: MIT
 *
 * report.h - telling people, and programs, how a run went.
 */
#ifndef ADDCOW_REPORT_H
#define ADDCOW_REPORT_H

#include "run/run.h"

#include <stdbool.h>
#include <stdio.h>

struct report {
    const struct run *run;
    FILE *to;
    bool color;
    void (*begin)(const struct report *report);
    void (*result)(const struct report *report, const struct result *r);
    void (*end)(const struct report *report);
};

void report_human(struct report *out, const struct run *run, FILE *to);
void report_tap(struct report *out, const struct run *run, FILE *to);

/* The end of the human report: clauses, verdicts, the result in words. */
void report_summary(const struct report *report);

/* Switches to the color of VERDICT and back, if REPORT has colors. */
void report_color(const struct report *report, enum verdict verdict);
void report_plain(const struct report *report);

/* The names of the capabilities in MASK, with SEPARATOR between; "reading
 * only" if there are none. */
void report_capabilities(FILE *to, uint64_t mask, const char *separator);

/* How the states of the storage were decided, on a line. */
void report_crash(FILE *to, const struct crash_report *r);

/* " (repetition 2)", if R is one. */
void report_repetition(FILE *to, const struct result *r);

/* The command that runs R again. */
void report_command(FILE *to, const struct run *run, const struct result *r);

/* Whether the failure of R leaves the exit status alone. */
bool report_is_lenient(const struct run *run, const struct result *r);

/* FAIL, CRASH, HANG, UNIMPL, ERROR, and a pass that a waiver denies. */
bool report_is_bad(const struct result *r);

/* Why the failure of R does not count, where report_is_lenient(). */
const char *report_excuse(const struct result *r);

/* What report_command() writes, to be freed. */
char *report_again(const struct run *run, const struct result *r);

/* Of one of the CRASH_N_METHODS, as JSON has it. */
const char *report_method_name(unsigned method);

/* Why RUN is cut short, where it is, and how much of it is missing. */
void report_cut(FILE *to, const struct run *run);

/* The result of RUN in a few words, without a newline. */
void report_verdict(FILE *to, const struct run *run);

/* Reports of a whole run at once.  A page may have several. */
void report_json(FILE *to, const struct run *run);
void report_junit(FILE *to, const struct run *run);
void report_statement(FILE *to, const struct run *run);
void report_html(FILE *to, const struct run *const *runs, size_t n,
                 const char *name);

/* Null if a statement may be made of RUN, else why not. */
const char *report_no_statement(const struct run *run);

/* On a terminal: how far the run is; nothing elsewhere. */
void report_progress(const struct run *run);
void report_progress_clear(void);

#endif
