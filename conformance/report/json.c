/* SPDX-License-Identifier: MIT
 *
 * json.c - a run as JSON: what every other report can be made from.
 *
 * report-schema.json says what is in it.  Nothing depends on the number of
 * jobs, and nothing on the clock but the times that --timestamps wants.
 */
#include "base/clauses.h"
#include "emit.h"
#include "hint.h"
#include "report.h"
#include "run/coverage.h"
#include "run/status.h"
#include "run/waivers.h"

#include <stdlib.h>
#include <string.h>

static void put_suite(struct emit *e, const struct run *run)
{
    emit_open(e, "suite", '{');
    emit_text(e, "version", run->suite);
    emit_number(e, "abi", ADDCOW_SHIM_ABI);
    emit_close(e, '}');
}

static void put_strings(struct emit *e, const char *key,
                        const struct strings *list)
{
    emit_open(e, key, '[');
    for (size_t i = 0; i < list->n; i++)
        emit_text(e, NULL, list->items[i]);
    emit_close(e, ']');
}

static void put_shim(struct emit *e, const struct run *run)
{
    uint64_t claimed = run->shim.capabilities;
    const char *name;

    emit_open(e, "shim", '{');
    emit_text(e, "file", run->options->shim);
    put_strings(e, "options", &run->options->shim_options);
    emit_text(e, "name", run->shim.name);
    emit_text(e, "version", run->shim.version);
    emit_open(e, "capabilities", '[');
    while ((name = load_next_capability(&claimed)) != NULL)
        emit_text(e, NULL, name);
    emit_close(e, ']');
    emit_text(e, "choices", run->shim.choices);
    emit_close(e, '}');
}

static void put_shard(struct emit *e, const struct options *o)
{
    if (!o->shard) {
        emit_null(e, "shard");
        return;
    }
    emit_open(e, "shard", '{');
    emit_number(e, "index", o->shard);
    emit_number(e, "of", o->n_shards);
    emit_close(e, '}');
}

/* Its lines. */
static void put_identity(struct emit *e, const char *line)
{
    if (!line)
        return;
    emit_open(e, "identity", '[');
    while (*line) {
        size_t len = strcspn(line, "\n");

        emit_bytes(e, NULL, line, len);
        line += len + (line[len] != '\0');
    }
    emit_close(e, ']');
}

static void put_run(struct emit *e, const struct run *run)
{
    const struct options *o = run->options;

    emit_open(e, "run", '{');
    emit_text(e, "program", o->program);
    emit_text(e, "profile", profile_names[o->profile]);
    emit_text(e, "level", level_names[o->level]);
    emit_text(e, "crash", crash_names[o->crash]);
    emit_flag(e, "strict", o->strict);
    emit_flag(e, "filtered", run->filtered);
    emit_flag(e, "waived", run->waived);
    emit_number(e, "seed", o->seed);
    emit_number(e, "repeat", o->repeat);
    emit_number(e, "timeout_ms", o->timeout_ms);
    put_shard(e, o);
    emit_number(e, "planned", run->tally.n);
    emit_number(e, "whole", run->n_whole);
    put_identity(e, run->identity);
    emit_number(e, "interrupted_by", (uint64_t)run->interrupted);
    if (status_is_cut(run) && run->stopped)
        emit_text(e, "stopped", run->stopped);
    emit_close(e, '}');
}

static void put_summary(struct emit *e, const struct run *run)
{
    const struct tally *t = &run->tally;

    emit_open(e, "summary", '{');
    emit_number(e, "exit", (uint64_t)status_of_run(run));
    emit_number(e, "cases", t->n);
    for (enum verdict v = V_PASS; v <= V_ERROR; v++)
        emit_number(e, verdict_name(v), t->of[v]);
    emit_number(e, "na_capability", t->na_capability);
    emit_number(e, "na_storage", t->na_storage);
    emit_number(e, "na_crash", t->na_crash);
    emit_number(e, "na_choice", t->na_choice);
    emit_number(e, "failed_must", t->must_failed);
    emit_number(e, "failed_should", t->should_failed);
    emit_number(e, "failed_may", t->may_failed);
    emit_number(e, "failed_later", t->later_failed);
    emit_number(e, "stale", t->stale);
    emit_close(e, '}');
}

static void put_clauses(struct emit *e, const struct run *run)
{
    static const char *const states[N_CLAUSE_STATES] = {
        [CLAUSE_UNTESTED] = "untested", [CLAUSE_NA] = "na",
        [CLAUSE_FAILED] = "failed",     [CLAUSE_VERIFIED] = "verified",
        [CLAUSE_EXAMPLES] = "verified",
    };
    struct coverage *coverage = coverage_new(run);

    emit_open(e, "clauses", '[');
    for (size_t i = 0; clause_table[i].id; i++) {
        const struct clause *c = &clause_table[i];

        emit_open(e, NULL, '{');
        emit_text(e, "id", c->id);
        emit_text(e, "level", clause_level_name(c->level));
        emit_text(e, "subject", c->subject);
        emit_text(e, "source", clause_source_name(c->source));
        emit_flag(e, "departs", c->departs);
        emit_text(e, "words", c->words);
        emit_text(e, "status", states[coverage[i].state]);
        emit_close(e, '}');
    }
    emit_close(e, ']');
    free(coverage);
}

static void put_if(struct emit *e, const char *key, const char *s)
{
    if (s && *s)
        emit_text(e, key, s);
}

/* Without figures. */
static void put_decided(struct emit *e, const struct crash_report *r)
{
    emit_open(e, "decided", '[');
    for (unsigned i = 0; i < CRASH_N_METHODS; i++)
        if (r->methods >> i & 1)
            emit_text(e, NULL, report_method_name(i));
    emit_close(e, ']');
}

/* How the power was cut, if it was. */
static void put_power(struct emit *e, const struct crash_report *r)
{
    if (r->n_workloads == 0 && r->methods)
        put_decided(e, r);
    if (r->n_workloads == 0)
        return;
    emit_open(e, "power", '{');
    emit_number(e, "workloads", r->n_workloads);
    emit_number(e, "points", r->n_points);
    for (unsigned i = 0; i < CRASH_N_METHODS; i++)
        emit_number(e, report_method_name(i), r->by[i]);
    emit_number(e, "states", r->states.exact);
    emit_fraction(e, "states_log2", r->states.log2);
    emit_number(e, "executions", r->n_executions);
    emit_number(e, "redone", r->n_redone);
    emit_number(e, "declined", r->n_declined);
    emit_number(e, "not_opaque", r->n_not_opaque);
    emit_number(e, "violations", r->n_violations);
    emit_close(e, '}');
}

static void put_failure(struct emit *e, const struct run *run,
                        const struct result *r)
{
    char signature[SIGNATURE_SIZE];
    char *again = report_again(run, r);

    waivers_signature(signature, &r->outcome);
    put_if(e, "hint", hint_of(&r->outcome));
    emit_text(e, "signature", signature);
    emit_text(e, "again", again);
    free(again);
}

static void put_times(struct emit *e, const struct isolate_times *times)
{
    emit_open(e, "seconds", '{');
    emit_seconds(e, "cpu", times->cpu);
    emit_seconds(e, "wall", times->wall);
    emit_close(e, '}');
}

static void put_outcome(struct emit *e, const struct run *run,
                        const struct result *r)
{
    const struct outcome *o = &r->outcome;

    put_if(e, "clause", o->clause);
    put_if(e, "reason", o->reason);
    put_if(e, "during", o->doing);
    put_if(e, "expected", o->expected);
    put_if(e, "got", o->got);
    put_if(e, "witness", o->witness);
    put_if(e, "evidence", o->evidence);
    put_power(e, &o->crash);
    put_if(e, "waiver", r->waiver);
    if (r->timed)
        put_times(e, &r->times);
    if (r->n_left)
        emit_number(e, "left_running", r->n_left);
    if (r->printed_len)
        emit_bytes(e, "printed", r->printed, r->printed_len);
    if (r->more)
        emit_flag(e, "printed_more", true);
    if (report_is_bad(r) || o->verdict == V_XFAIL)
        put_failure(e, run, r);
}

static void put_case(struct emit *e, const struct run *run,
                     const struct result *r)
{
    size_t len;
    const char *id;

    emit_open(e, NULL, '{');
    emit_text(e, "id", r->c->id);
    emit_text(e, "title", r->c->title);
    emit_open(e, "clauses", '[');
    for (size_t k = 0; (id = clause_in_list(&len, r->c->clauses, k)) != NULL;
         k++)
        emit_bytes(e, NULL, id, len);
    emit_close(e, ']');
    emit_text(e, "level", r->must ? "MUST" : r->should ? "SHOULD" : "MAY");
    emit_number(e, "repetition", r->repetition + 1);
    emit_number(e, "seed", r->seed);
    emit_text(e, "verdict", verdict_name(r->outcome.verdict));
    emit_flag(e, "scored", !r->later);
    emit_flag(e, "stale", r->stale);
    put_outcome(e, run, r);
    emit_close(e, '}');
}

void report_json(FILE *to, const struct run *run)
{
    struct emit e = {.to = to};

    emit_open(&e, NULL, '{');
    emit_text(&e, "format", "addcow-conform-report-1");
    put_suite(&e, run);
    put_shim(&e, run);
    put_run(&e, run);
    put_summary(&e, run);
    put_clauses(&e, run);
    emit_open(&e, "cases", '[');
    for (size_t i = 0; i < run->n_reported; i++)
        put_case(&e, run, &run->results[i]);
    emit_close(&e, ']');
    emit_close(&e, '}');
}
