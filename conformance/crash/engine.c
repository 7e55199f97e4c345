/* SPDX-License-Identifier: MIT
 *
 * engine.c - the life of an engine: made, given workloads, asked, freed.
 */
#include "engine.h"
#include "base/memory.h"
#include "run_ops.h"

#include <stdbool.h>

enum { LEN = CRASH_SECTOR, SPARE_TOKENS = 2048 };

/* ---- Life --------------------------------------------------------------- */

static void set_limits(struct crash_limits *l)
{
    if (!l->brute)
        l->brute = 1u << 12;
    if (!l->brute_work)
        l->brute_work = 1u << 18;
    if (!l->tokens)
        l->tokens = 1u << 16;
    if (!l->lazy)
        l->lazy = 1u << 16;
    if (!l->samples)
        l->samples = 1u << 10;
    if (!l->seed)
        l->seed = 1;
}

static void set_spans(struct spans *s, const struct crash_span *from)
{
    for (size_t i = 0; i < CRASH_MAX_SPANS && from[i].len; i++) {
        s->first[i] = from[i].offset / LEN;
        s->len[i] = from[i].len / LEN;
        s->n = i + 1;
    }
}

static void load_spans(struct setup *s, unsigned file,
                       const struct crash_file *f)
{
    const uint8_t *data = f->data;

    medium_load(&s->base, file, NULL, f->len);
    for (size_t i = 0; data && i < s->spans.n; i++) {
        const struct crash_span *span = &s->given.spans[i];

        medium_write(&s->base, file, data, (size_t)span->len, span->offset);
        data += span->len;
    }
}

static void load_files(struct setup *s)
{
    const struct crash_file *files[N_FILES] = {
        &s->given.addcow, &s->given.image, &s->given.backing};

    medium_init(&s->base, s->contents);
    for (unsigned f = 0; f < N_FILES; f++)
        if (f == F_ADDCOW || !s->spans.n)
            medium_load(&s->base, f, files[f]->data, files[f]->len);
        else
            load_spans(s, f, files[f]);
}

struct crash *crash_new(const struct crash_setup *setup,
                        const struct crash_limits *limits)
{
    struct crash *c = mem_new(1, sizeof(*c));
    struct setup *s = &c->setup;

    s->given = *setup;
    if (limits)
        s->limits = *limits;
    set_limits(&s->limits);
    s->contents = contents_new();
    s->known = mem_new(1, sizeof(*s->known));
    s->buffer = mem_new(1, BUFFER_LEN);
    set_spans(&s->spans, setup->spans);
    load_files(s);
    s->n_tokens = spans_count(&s->spans, sectors_of(setup->image.len)) +
                  (s->spans.n ? 0 : SPARE_TOKENS);
    s->first_token = contents_tokens(s->contents, s->n_tokens);
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

static void setup_finish(struct setup *s)
{
    mem_free(s->first);
    medium_finish(&s->base);
    if (s->is_child)
        return;
    mem_free(s->buffer);
    free_known(s->known);
    contents_free(s->contents);
}

static void point_finish(struct point *p)
{
    mem_free(p->raw);
    mem_free(p->state.picks);
    mem_free(p->answer.ids);
    mem_free(p->again.ids);
    pending_finish(&p->pending);
    medium_finish(&p->work);
    medium_finish(&p->scratch);
}

void crash_free(struct crash *c)
{
    if (!c)
        return;
    workload_finish(&c->workload);
    point_finish(&c->point);
    medium_finish(&c->report.last.medium);
    medium_finish(&c->report.again.medium);
    mem_free(c->only.choices);
    mem_free(c->only.again);
    setup_finish(&c->setup);
    mem_free(c);
}

const struct crash_report *crash_report(const struct crash *c)
{
    return &c->report.figures;
}

const struct crash_failure *crash_failure(const struct crash *c)
{
    return &c->report.last.failure;
}

const struct crash_failure *crash_failure_again(const struct crash *c)
{
    return c->report.has_again ? &c->report.again.failure : NULL;
}

void crash_take_again(struct crash *c)
{
    c->report.last.failure = c->report.again.failure;
    medium_copy(&c->report.last.medium, &c->report.again.medium);
}

void crash_time(struct crash *c)
{
    c->report.is_timed = true;
}

void crash_watch(struct crash *c, void (*doing)(void *arg, const char *text),
                 void *arg)
{
    c->report.doing = doing;
    c->report.doing_arg = arg;
}

/* ---- A workload --------------------------------------------------------- */

int crash_run(struct crash *c, const struct crash_op *ops, uint32_t flags)
{
    c->report.figures.n_workloads++;
    crash_begin(c, flags, ops->kind == CRASH_CREATE);
    if (run_ops(c, ops))
        return -1;
    return decide(c);
}
