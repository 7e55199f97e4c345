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

/* What --OPTION asks for. */
struct output {
    const char *option;
    const char *name;
    FILE **file;
};

/* The Nth; without a file past the end. */
static struct output nth(struct outputs *out, size_t n)
{
    const struct options *o = out->options;
    const struct output all[] = {
        {"tap", o->tap, &out->tap},
        {"junit", o->junit, &out->junit},
        {"json", o->json, &out->json},
        {"html", o->html, &out->html},
        {"statement", o->statement, &out->statement},
        {"write-waivers", o->write_waivers, &out->waivers},
        {0}};

    return all[n];
}

void outputs_drop(struct outputs *outputs)
{
    struct output each;

    for (size_t i = 0; (each = nth(outputs, i)).file != NULL; i++) {
        if (*each.file)
            fclose(*each.file);
        *each.file = NULL;
    }
}

static int complain(const struct output *output, const char *why)
{
    fprintf(stderr, "addcow-conform: --%s: '%s': %s\n", output->option,
            output->name, why);
    return STATUS_USAGE;
}

int outputs_open(struct outputs *out, const struct options *o)
{
    struct output each;

    memset(out, 0, sizeof(*out));
    out->options = o;
    for (size_t i = 0; (each = nth(out, i)).file != NULL; i++) {
        if (!each.name)
            continue;
        *each.file = fopen(each.name, "w");
        if (!*each.file) {
            int result = complain(&each, strerror(errno));

            outputs_drop(out);
            return result;
        }
    }
    return 0;
}

/* There is no statement of a run that was cut short. */
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

static int finish(const struct output *output)
{
    bool lost = ferror(*output->file) != 0;

    lost |= fclose(*output->file) != 0;
    *output->file = NULL;
    return lost ? complain(output, "it could not be written") : STATUS_GOOD;
}

int outputs_finish(struct outputs *outputs, const struct run *const *runs,
                   size_t n)
{
    int result = STATUS_GOOD;
    struct output each;

    put_all(outputs, runs, n);
    for (size_t i = 0; (each = nth(outputs, i)).file != NULL; i++)
        if (*each.file && finish(&each))
            result = STATUS_USAGE;
    return result;
}
