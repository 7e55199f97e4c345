/* SPDX-License-Identifier: MIT
 *
 * trace.c - the steps of a workload, in order.
 */
#include "trace.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void trace_clear(struct trace *t)
{
    t->n_steps = t->n_pool = 0;
    t->clock = 0;
}

void trace_finish(struct trace *t)
{
    mem_free(t->steps);
    mem_free(t->pool);
    memset(t, 0, sizeof(*t));
}

static struct step *add(struct trace *t, enum step_kind kind, unsigned file,
                        uint64_t began, uint64_t ended)
{
    struct step *s;

    t->steps = mem_grow(t->steps, &t->step_room, t->n_steps + 1, sizeof(*s));
    s = &t->steps[t->n_steps++];
    memset(s, 0, sizeof(*s));
    s->kind = kind;
    s->file = file;
    s->began = began;
    s->ended = ended;
    if (ended > t->clock)
        t->clock = ended;
    return s;
}

void trace_write(struct trace *t, const struct medium *m, unsigned file,
                 uint64_t offset, size_t len, uint64_t began, uint64_t ended,
                 int unsure)
{
    struct step *s = add(t, STEP_WRITE, file, began, ended);

    s->unsure = unsure;
    s->size = m->files[file].size;
    if (!len)
        return;
    s->first = offset / CRASH_SECTOR;
    s->n = (size_t)((offset + len - 1) / CRASH_SECTOR - s->first) + 1;
    s->ids = t->n_pool;
    t->pool =
        mem_grow(t->pool, &t->pool_room, t->n_pool + s->n, sizeof(*t->pool));
    for (size_t i = 0; i < s->n; i++)
        t->pool[t->n_pool++] = medium_id(m, file, s->first + i);
}

void trace_size(struct trace *t, const struct medium *m, unsigned file,
                uint64_t began, uint64_t ended, int unsure)
{
    struct step *s = add(t, STEP_SIZE, file, began, ended);

    s->size = m->files[file].size;
    s->unsure = unsure;
}

void trace_flush(struct trace *t, unsigned file, uint64_t began,
                 uint64_t ended)
{
    add(t, STEP_FLUSH, file, began, ended);
}

void trace_lost(struct trace *t, const struct medium *m, unsigned file,
                uint64_t began, uint64_t ended, int back)
{
    struct step *s = add(t, STEP_LOST, file, began, ended);

    s->size = m->files[file].size;
    s->back = back;
}

void trace_call(struct trace *t, enum step_kind kind, size_t call, uint64_t at)
{
    add(t, kind, 0, at, at)->call = call;
}
