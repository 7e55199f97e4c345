/* SPDX-License-Identifier: MIT
 *
 * saved_read.c - reading a run back from JSON.
 */
#include "base/memory.h"
#include "base/text.h"
#include "base/version.h"
#include "report.h"
#include "run/requirements.h"
#include "run/select.h"
#include "run/status.h"
#include "run/waivers.h"
#include "saved.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* WHICH may be anything that FILE has. */
static int complain(const char *file, const char *what, const char *which)
{
    fprintf(stderr, "addcow-conform: '%s': %s", file, what);
    text_put(stderr, which);
    fputc('\n', stderr);
    return STATUS_USAGE;
}

static int no_report(const char *file, const char *why)
{
    return complain(file, "is no report of a run: ", why);
}

/* ---- The head ----------------------------------------------------------- */

static int read_suite(struct saved *s, json_t *root)
{
    const char *file = s->file;
    json_error_t error;
    const char *format, *version;

    if (json_unpack_ex(root, &error, 0, "{s:s, s:{s:s}}", "format", &format,
                       "suite", "version", &version))
        return no_report(file, error.text);
    if (strcmp(format, "addcow-conform-report-1") != 0)
        return complain(file, "is of another format: ", format);
    if (version_compare(version, "1.0") < 0 ||
        version_compare(version, CONFORM_VERSION) > 0)
        return complain(
            file, "was written by another version of the suite: ", version);
    s->run.suite = version;
    return 0;
}

static int read_options_of_shim(struct saved *s, json_t *list)
{
    size_t n = json_array_size(list);

    s->options.shim_options.items = mem_new(n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++) {
        const char *item = json_string_value(json_array_get(list, i));

        if (!item)
            return no_report(s->file, "shim");
        s->options.shim_options.items[s->options.shim_options.n++] = item;
    }
    return 0;
}

static int read_shim(struct saved *s, json_t *root)
{
    json_error_t error;
    json_t *capabilities, *options;
    const char *name, *version, *choices;
    struct shim_info *shim = &s->run.shim;

    if (json_unpack_ex(root, &error, 0, "{s:{s:s, s:o, s:s, s:s, s:o, s:s}}",
                       "shim", "file", &s->options.shim, "options", &options,
                       "name", &name, "version", &version, "capabilities",
                       &capabilities, "choices", &choices))
        return no_report(s->file, error.text);
    snprintf(shim->name, sizeof(shim->name), "%s", name);
    snprintf(shim->version, sizeof(shim->version), "%s", version);
    snprintf(shim->choices, sizeof(shim->choices), "%s", choices);
    for (size_t i = 0; i < json_array_size(capabilities); i++) {
        const char *each = json_string_value(json_array_get(capabilities, i));

        shim->capabilities |= each ? load_capability_bit(each) : 0;
    }
    return read_options_of_shim(s, options);
}

static int read_shard(struct saved *s, json_t *shard)
{
    json_int_t index, of;
    json_error_t error;

    if (json_is_null(shard))
        return 0;
    if (json_unpack_ex(shard, &error, 0, "{s:I, s:I}", "index", &index, "of",
                       &of))
        return no_report(s->file, error.text);
    if (index < 1 || of < index)
        return no_report(s->file, "shard");
    s->options.shard = (uint64_t)index;
    s->options.n_shards = (uint64_t)of;
    return 0;
}

/* Null where the report is of a version that did not write it. */
static int read_identity(struct saved *s, json_t *list)
{
    size_t len, i;
    json_t *line;
    FILE *to;

    if (!list)
        return 0;
    to = mem_checked(open_memstream(&s->run.identity, &len));
    json_array_foreach(list, i, line)
    {
        const char *text = json_string_value(line);

        fprintf(to, "%s\n", text ? text : "");
    }
    fclose(to);
    return len ? 0 : no_report(s->file, "its identity");
}

static int take_choices(struct saved *s, const char *profile,
                        const char *level, const char *crash)
{
    struct options *o = &s->options;

    o->profile = options_number(profile_names, profile);
    o->level = options_number(level_names, level);
    o->crash = options_number(crash_names, crash);
    if (o->profile < 0 || o->level < LEAST_MUST || o->crash < CRASH_NONE)
        return no_report(s->file, "its options");
    return 0;
}

static int read_run(struct saved *s, json_t *root)
{
    json_error_t error;
    json_t *shard;
    json_t *identity = NULL;
    json_int_t seed, repeat, timeout, planned, whole = 0;
    const char *profile, *level, *crash;
    struct options *o = &s->options;
    struct run *run = &s->run;
    int strict, filtered, waived, result;

    if (json_unpack_ex(
            root, &error, 0,
            "{s:{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:I, s:I, s:I, s:o, s:I,"
            " s:i, s?s, s?o, s?I}}",
            "run", "program", &o->program, "profile", &profile, "level",
            &level, "crash", &crash, "strict", &strict, "filtered", &filtered,
            "waived", &waived, "seed", &seed, "repeat", &repeat, "timeout_ms",
            &timeout, "shard", &shard, "planned", &planned, "interrupted_by",
            &run->interrupted, "stopped", &run->stopped, "identity", &identity,
            "whole", &whole))
        return no_report(s->file, error.text);
    if (seed < 0 || repeat < 1 || timeout < 1 || planned < 0 || whole < 0 ||
        run->interrupted < 0 || run->interrupted > 64)
        return no_report(s->file, "a number is out of range");
    o->strict = strict;
    run->filtered = filtered;
    run->waived = waived;
    o->seed = (uint64_t)seed;
    o->repeat = (uint64_t)repeat;
    o->timeout_ms = (uint64_t)timeout;
    run->tally.n = (size_t)planned;
    run->n_whole = (size_t)whole;
    result = take_choices(s, profile, level, crash);
    if (result == 0)
        result = read_shard(s, shard);
    return result ? result : read_identity(s, identity);
}

/* ---- The cases ---------------------------------------------------------- */

static void copy(char *out, size_t size, json_t *o, const char *key)
{
    const char *value = json_string_value(json_object_get(o, key));

    snprintf(out, size, "%s", value ? value : "");
}

/* The clause, which the outcome has already, and what follows it. */
static void read_signature(struct outcome *o, json_t *from)
{
    char signature[SIGNATURE_SIZE];

    copy(signature, sizeof(signature), from, "signature");
    snprintf(o->sign, sizeof(o->sign), "%s",
             signature + strcspn(signature, ":/"));
}

/* What is not there stays 0. */
static void read_power(struct crash_report *r, json_t *from)
{
    const struct {
        const char *key;
        uint64_t *number;
    } rows[] = {
        {"workloads", &r->n_workloads},   {"points", &r->n_points},
        {"brute", &r->by[CRASH_BRUTE]},   {"tokens", &r->by[CRASH_TOKENS]},
        {"lazy", &r->by[CRASH_LAZY]},     {"sampled", &r->by[CRASH_SAMPLED]},
        {"states", &r->states.exact},     {"executions", &r->n_executions},
        {"redone", &r->n_redone},         {"declined", &r->n_declined},
        {"not_opaque", &r->n_not_opaque}, {"violations", &r->n_violations}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        *rows[i].number =
            (uint64_t)json_integer_value(json_object_get(from, rows[i].key));
    r->states.log2 = json_number_value(json_object_get(from, "states_log2"));
}

static void read_decided(struct crash_report *r, json_t *from)
{
    size_t i;
    json_t *method;

    json_array_foreach(from, i, method)
    {
        const char *name = json_string_value(method);

        for (unsigned k = 0; name && k < CRASH_N_METHODS; k++)
            if (strcmp(name, report_method_name(k)) == 0)
                r->methods |= 1u << k;
    }
}

/* In microseconds, as in memory. */
static uint64_t read_seconds(const json_t *seconds, const char *key)
{
    double value = json_number_value(json_object_get(seconds, key));

    return value > 0 && value < 1e9 ? (uint64_t)(value * 1e6 + 0.5) : 0;
}

/* Without --timestamps there are no times. */
static void read_times(struct result *r, const json_t *seconds)
{
    r->timed = seconds != NULL;
    r->times.cpu = read_seconds(seconds, "cpu");
    r->times.wall = read_seconds(seconds, "wall");
}

static void read_outcome(struct result *r, json_t *from)
{
    struct outcome *o = &r->outcome;
    const json_t *printed = json_object_get(from, "printed");
    const char *waiver = json_string_value(json_object_get(from, "waiver"));

    copy(o->clause, sizeof(o->clause), from, "clause");
    copy(o->reason, sizeof(o->reason), from, "reason");
    copy(o->doing, sizeof(o->doing), from, "during");
    copy(o->expected, sizeof(o->expected), from, "expected");
    copy(o->got, sizeof(o->got), from, "got");
    copy(o->witness, sizeof(o->witness), from, "witness");
    read_power(&o->crash, json_object_get(from, "power"));
    read_decided(&o->crash, json_object_get(from, "decided"));
    copy(o->evidence, sizeof(o->evidence), from, "evidence");
    read_signature(o, from);
    r->n_left =
        (unsigned)json_integer_value(json_object_get(from, "left_running"));
    read_times(r, json_object_get(from, "seconds"));
    r->more = json_is_true(json_object_get(from, "printed_more"));
    r->waiver = waiver ? mem_format("%s", waiver) : NULL;
    r->printed_len = json_string_length(printed);
    r->printed = mem_new(r->printed_len + 1, 1);
    if (r->printed_len)
        memcpy(r->printed, json_string_value(printed), r->printed_len);
}

/* A case that was withdrawn since the report was written, named as the report
 * does; null: nobody withdrew ID. */
static const struct conf_case *find_withdrawn(struct saved *s, json_t *from,
                                              const char *id)
{
    struct withdrawn w;
    const struct clause *clause;
    struct conf_case *c = &s->gone[s->n_gone];

    if (!withdrawn_find(&w, id) || !(clause = clause_find(w.clause)))
        return NULL;
    c->id = id;
    c->title = json_string_value(json_object_get(from, "title"));
    c->clauses = clause->id;
    if (!c->title)
        return NULL;
    s->n_gone++;
    return c;
}

static int read_case(struct result *r, struct saved *s, json_t *from)
{
    json_error_t error;
    json_int_t repetition, seed;
    const char *id, *verdict;
    int scored, stale;
    enum level rank;

    if (json_unpack_ex(from, &error, 0, "{s:s, s:I, s:I, s:s, s:b, s:b}", "id",
                       &id, "repetition", &repetition, "seed", &seed,
                       "verdict", &verdict, "scored", &scored, "stale",
                       &stale))
        return no_report(s->file, error.text);
    if (repetition < 1 || seed < 0)
        return no_report(s->file, "a number is out of range");
    r->outcome.verdict = verdict_of_name(verdict);
    r->c = select_find(&r->place, id);
    if (!r->c)
        r->c = find_withdrawn(s, from, id);
    if (!r->c || r->outcome.verdict == V_NONE)
        return complain(s->file,
                        "names no case or verdict of this suite: ", id);
    rank = select_rank(select_clause(r->c));
    r->must = rank == LEVEL_MUST;
    r->should = rank == LEVEL_SHOULD;
    r->later = !scored;
    r->stale = stale;
    r->repetition = (uint64_t)repetition - 1;
    r->seed = (uint64_t)seed;
    r->done = true;
    read_outcome(r, from);
    return 0;
}

/* One that was withdrawn has the place of the case before it. */
static bool follows(const struct result *r, const struct result *before)
{
    return r->place > before->place ||
           (r->place == before->place &&
            (strcmp(r->c->id, before->c->id) != 0 ||
             r->repetition > before->repetition));
}

/* What was not run has a reason; before 1.1 a failure was one, as with
 * --fail-fast. */
static bool is_cut(const struct run *run)
{
    for (enum verdict v = V_PASS; v <= V_ERROR; v++)
        if (verdict_is_bad(v) && run->tally.of[v])
            return false;
    return status_is_cut(run) && !run->interrupted && !run->stopped;
}

static int read_cases(struct saved *s, json_t *root)
{
    json_t *cases = json_object_get(root, "cases");
    struct run *run = &s->run;
    size_t n = json_array_size(cases);

    if (!json_is_array(cases) || n > run->tally.n)
        return no_report(s->file, "not the cases that it planned");
    run->results = mem_new(n + 1, sizeof(*run->results));
    s->gone = mem_new(n + 1, sizeof(*s->gone));
    for (size_t i = 0; i < n; i++) {
        struct result *r = &run->results[run->n_results];

        if (read_case(r, s, json_array_get(cases, i)))
            return STATUS_USAGE;
        if (i && !r->c->run)
            r->place = (r - 1)->place;
        run->n_results = ++run->n_reported;
        tally_add(&run->tally, r);
        if (i && !follows(r, r - 1))
            return complain(s->file,
                            "a case stands twice, or too late: ", r->c->id);
    }
    return is_cut(run) ? no_report(s->file, "fewer cases than it planned") : 0;
}

int saved_read(struct saved *out, const char *file)
{
    const size_t flags = JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
    json_error_t error;
    json_t *root;

    memset(out, 0, sizeof(*out));
    out->file = file;
    out->run.options = &out->options;
    out->document = json_load_file(file, flags, &error);
    root = out->document;
    if (!root && error.line < 0)
        return complain(file, "cannot be read: ", strerror(errno));
    if (!root)
        return no_report(file, error.text);
    if (read_suite(out, root) || read_shim(out, root) || read_run(out, root) ||
        read_cases(out, root))
        return STATUS_USAGE;
    return 0;
}

void saved_finish(struct saved *s)
{
    run_finish(&s->run);
    free(s->gone);
    free(s->options.shim_options.items);
    json_decref(s->document);
}
