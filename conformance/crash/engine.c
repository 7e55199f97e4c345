/* SPDX-License-Identifier: MIT
 *
 * engine.c - a workload from its first call to the last point.
 */
#include "engine.h"
#include "base/memory.h"
#include "data/pattern.h"
#include "run_ops.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR, SPARE_TOKENS = 2048 };

/* ---- Life --------------------------------------------------------------- */

static void set_limits(struct crash *c, const struct crash_limits *limits)
{
    static const struct crash_limits none;

    c->limits = limits ? *limits : none;
    if (!c->limits.brute)
        c->limits.brute = 1u << 12;
    if (!c->limits.brute_work)
        c->limits.brute_work = 1u << 18;
    if (!c->limits.tokens)
        c->limits.tokens = 1u << 16;
    if (!c->limits.lazy)
        c->limits.lazy = 1u << 16;
    if (!c->limits.samples)
        c->limits.samples = 1u << 10;
    if (!c->limits.seed)
        c->limits.seed = 1;
}

static void set_spans(struct crash *c)
{
    const struct crash_span *from = c->setup.spans;

    for (size_t i = 0; i < CRASH_MAX_SPANS && from[i].len; i++) {
        c->spans.first[i] = from[i].offset / LEN;
        c->spans.len[i] = from[i].len / LEN;
        c->spans.n = i + 1;
    }
}

static void load_spans(struct crash *c, unsigned file,
                       const struct crash_file *f)
{
    const uint8_t *data = f->data;

    medium_load(&c->base, file, NULL, f->len);
    for (size_t i = 0; data && i < c->spans.n; i++) {
        const struct crash_span *s = &c->setup.spans[i];

        medium_write(&c->base, file, data, (size_t)s->len, s->offset);
        data += s->len;
    }
}

static void load_files(struct crash *c)
{
    const struct crash_file *files[N_FILES] = {
        &c->setup.addcow, &c->setup.image, &c->setup.backing};

    medium_init(&c->base, c->contents);
    for (unsigned f = 0; f < N_FILES; f++)
        if (f == F_ADDCOW || !c->spans.n)
            medium_load(&c->base, f, files[f]->data, files[f]->len);
        else
            load_spans(c, f, files[f]);
}

struct crash *crash_new(const struct crash_setup *setup,
                        const struct crash_limits *limits)
{
    struct crash *c = mem_new(1, sizeof(*c));

    c->setup = *setup;
    set_limits(c, limits);
    c->contents = contents_new();
    c->known = mem_new(1, sizeof(*c->known));
    c->buffer = mem_new(1, BUFFER_LEN);
    set_spans(c);
    load_files(c);
    c->n_tokens = spans_count(&c->spans, sectors_of(setup->image.len)) +
                  (c->spans.n ? 0 : SPARE_TOKENS);
    c->first_token = contents_tokens(c->contents, c->n_tokens);
    return c;
}

static void free_known(struct known *known)
{
    for (size_t i = 0; i < N_BUCKETS; i++) {
        while (known->seen[i]) {
            struct seen *next = known->seen[i]->next;

            mem_free(known->seen[i]->shown.ids);
            mem_free(known->seen[i]);
            known->seen[i] = next;
        }
        while (known->redone[i]) {
            struct redone *next = known->redone[i]->next;

            mem_free(known->redone[i]);
            known->redone[i] = next;
        }
    }
    mem_free(known);
}

void crash_free(struct crash *c)
{
    if (!c)
        return;
    crash_free_data(c);
    mem_free(c->datas);
    mem_free(c->calls);
    mem_free(c->first);
    mem_free(c->raw_ok);
    mem_free(c->state.picks);
    mem_free(c->answer.ids);
    mem_free(c->again.ids);
    mem_free(c->only_choices);
    mem_free(c->only_again);
    trace_finish(&c->trace);
    guest_finish(&c->guest);
    pending_finish(&c->pending);
    medium_finish(&c->base);
    medium_finish(&c->now);
    medium_finish(&c->created);
    medium_finish(&c->work);
    medium_finish(&c->scratch);
    medium_finish(&c->kept);
    medium_finish(&c->kept_again);
    if (!c->is_child) {
        mem_free(c->buffer);
        free_known(c->known);
        contents_free(c->contents);
    }
    mem_free(c);
}

const struct crash_report *crash_report(const struct crash *c)
{
    return &c->report;
}

const struct crash_failure *crash_failure(const struct crash *c)
{
    return &c->failure;
}

const struct crash_failure *crash_failure_again(const struct crash *c)
{
    return c->has_again ? &c->again_failure : NULL;
}

void crash_take_again(struct crash *c)
{
    c->failure = c->again_failure;
    medium_copy(&c->kept, &c->kept_again);
}

void crash_time(struct crash *c)
{
    c->timed = 1;
}

void crash_watch(struct crash *c, void (*doing)(void *arg, const char *text),
                 void *arg)
{
    c->doing = doing;
    c->doing_arg = arg;
}

/* ---- A workload --------------------------------------------------------- */

int crash_run(struct crash *c, const struct crash_op *ops, uint32_t flags)
{
    c->report.n_workloads++;
    crash_begin(c, flags, ops->kind == CRASH_CREATE);
    if (run_ops(c, ops))
        return -1;
    return decide(c);
}
