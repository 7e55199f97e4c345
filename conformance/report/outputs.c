/* SPDX-License-Identifier: MIT
 *
 * outputs.c - the reports that go to files.
 */
#include "outputs.h"
#include "report.h"
#include "run/status.h"
#include "run/waivers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int outputs_check(const struct options *o, const struct run *run)
{
    const char *why = report_no_statement(run);

    if (!o->statement || !why)
        return STATUS_GOOD;
    fprintf(stderr, "addcow-conform: --statement: %s\n", why);
    return STATUS_USAGE;
}

static int open_one(FILE **out, const char *option, const char *name)
{
    if (!name)
        return 0;
    *out = fopen(name, "w");
    if (*out)
        return 0;
    fprintf(stderr, "addcow-conform: --%s: '%s': %s\n", option, name,
            strerror(errno));
    return STATUS_USAGE;
}

int outputs_open(struct outputs *out, const struct options *o)
{
    memset(out, 0, sizeof(*out));
    out->options = o;
    if (open_one(&out->tap, "tap", o->tap) ||
        open_one(&out->junit, "junit", o->junit) ||
        open_one(&out->json, "json", o->json) ||
        open_one(&out->html, "html", o->html) ||
        open_one(&out->statement, "statement", o->statement) ||
        open_one(&out->waivers, "write-waivers", o->write_waivers)) {
        outputs_drop(out);
        return STATUS_USAGE;
    }
    return 0;
}

static FILE **nth(struct outputs *o, size_t n)
{
    FILE **all[] = {&o->tap,  &o->junit,     &o->json,
                    &o->html, &o->statement, &o->waivers};

    return n < sizeof(all) / sizeof(*all) ? all[n] : NULL;
}

void outputs_drop(struct outputs *outputs)
{
    FILE **each;

    for (size_t i = 0; (each = nth(outputs, i)) != NULL; i++) {
        if (*each)
            fclose(*each);
        *each = NULL;
    }
}

/* There is no statement of a run that did not come to its end. */
static void put_statement(struct outputs *o, const struct run *run)
{
    const char *why = report_no_statement(run);

    if (!why) {
        report_statement(o->statement, run);
        return;
    }
    fprintf(stderr, "addcow-conform: no statement: %s\n", why);
    fclose(o->statement);
    o->statement = NULL;
    unlink(o->options->statement);
}

static void put_all(struct outputs *o, const struct run *const *runs, size_t n)
{
    if (o->junit)
        report_junit(o->junit, runs[0]);
    if (o->json)
        report_json(o->json, runs[0]);
    if (o->html)
        report_html(o->html, runs, n, o->options->html);
    if (o->statement)
        put_statement(o, runs[0]);
    if (o->waivers)
        waivers_write(o->waivers, runs[0]);
}

/* A report that could not be written is an error. */
int outputs_finish(struct outputs *outputs, const struct run *const *runs,
                   size_t n)
{
    bool bad = false;
    FILE **each;

    put_all(outputs, runs, n);
    for (size_t i = 0; (each = nth(outputs, i)) != NULL; i++) {
        if (!*each)
            continue;
        bad |= (ferror(*each) | fclose(*each)) != 0;
        *each = NULL;
    }
    if (bad)
        fputs("addcow-conform: a report could not be written\n", stderr);
    return bad ? STATUS_ERROR : STATUS_GOOD;
}
