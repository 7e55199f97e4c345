/* SPDX-License-Identifier: MIT
 *
 * record.c - what the simulated storage was asked to do, in order.
 */
#include "record.h"
#include "addcow_shim.h"
#include "base/memory.h"

#include <stdlib.h>

struct record {
    struct event *events;
    size_t n_events;
    size_t room;
    uint64_t clock;
    int paused;
    size_t last; /* event, when it is */
};

struct record *record_new(void)
{
    return mem_new(1, sizeof(struct record));
}

void record_free(struct record *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_events; i++) {
        mem_free(r->events[i].data);
        mem_free(r->events[i].text);
    }
    mem_free(r->events);
    mem_free(r);
}

void record_pause(struct record *r)
{
    char text[] = "the rest is not recorded";

    r->last = record_begin(r, &(struct event){.kind = EV_GUEST, .text = text});
    r->paused = 1;
}

int record_is_paused(const struct record *r)
{
    return r->paused;
}

size_t record_len(const struct record *r)
{
    return r->n_events;
}

const struct event *record_at(const struct record *r, size_t i)
{
    return &r->events[i];
}

uint64_t record_clock(const struct record *r)
{
    return r->clock;
}

size_t record_begin(struct record *r, const struct event *e)
{
    struct event *new;

    if (r->paused)
        return r->last;
    r->events =
        mem_grow(r->events, &r->room, r->n_events + 1, sizeof(*r->events));
    new = &r->events[r->n_events];
    *new = *e;
    new->data = mem_copy(e->data, e->len);
    new->text = mem_string(e->text);
    new->began = ++r->clock;
    new->ended = 0;
    return r->n_events++;
}

struct event *record_edit(struct record *r, size_t i)
{
    return &r->events[i];
}

void record_end(struct record *r, size_t i, int result)
{
    r->events[i].result = result;
    r->events[i].ended = ++r->clock;
}

struct moment *record_moments(const struct record *r, size_t *n, size_t first)
{
    uint64_t clock = record_clock(r);
    struct moment *all = mem_new((size_t)clock + 1, sizeof(*all));
    uint8_t *used = mem_new((size_t)clock + 1, 1);

    for (size_t i = first; i < record_len(r); i++) {
        const struct event *e = record_at(r, i);

        all[e->began] = (struct moment){i, 0};
        used[e->began] = 1;
        if (e->ended) {
            all[e->ended] = (struct moment){i, 1};
            used[e->ended] = 1;
        }
    }
    *n = 0;
    for (uint64_t t = 0; t <= clock; t++)
        if (used[t])
            all[(*n)++] = all[t];
    mem_free(used);
    return all;
}

bool event_was_held(const struct event *e)
{
    return e->ended != e->began + 1;
}

bool event_may_act(const struct event *e)
{
    return !e->ended || e->result == ADDCOW_OK || e->n_applied ||
           e->result == ADDCOW_IO || e->result == ADDCOW_NO_SPACE;
}

const char *event_kind_name(enum event_kind kind)
{
    static const char *const names[] = {
        "any",  "open",  "close", "identify", "get_size", "set_size",
        "read", "write", "flush", "remove",   "guest"};

    return names[kind];
}

static int arguments(char *out, size_t size, const struct event *e)
{
    unsigned long long inode = e->inode;

    switch (e->kind) {
    case EV_OPEN:
        return snprintf(out, size, "open \"%s\" flags %u -> file %llu h%u",
                        e->text, (unsigned)e->flags, inode, e->handle);
    case EV_REMOVE:
        return snprintf(out, size, "remove \"%s\"", e->text);
    case EV_READ:
    case EV_WRITE:
        return snprintf(out, size, "%s file %llu h%u len %zu offset %llu",
                        event_kind_name(e->kind), inode, e->handle, e->len,
                        (unsigned long long)e->offset);
    case EV_SET_SIZE:
    case EV_GET_SIZE:
        return snprintf(out, size, "%s file %llu h%u size %llu",
                        event_kind_name(e->kind), inode, e->handle,
                        (unsigned long long)e->size);
    default:
        return snprintf(out, size, "%s file %llu h%u",
                        event_kind_name(e->kind), inode, e->handle);
    }
}

void event_text(char *out, size_t size, const struct event *e)
{
    char what[1400];
    char end[64] = "not returned";

    if (e->kind == EV_GUEST)
        snprintf(what, sizeof(what), "guest: %s", e->text ? e->text : "");
    else
        arguments(what, sizeof(what), e);
    if (e->ended)
        snprintf(end, sizeof(end), "result %d", e->result);
    if (e->kind == EV_WRITE && e->ended && e->n_applied < e->len)
        snprintf(end, sizeof(end), "result %d, %zu bytes written", e->result,
                 e->n_applied);
    snprintf(out, size, "%s[%llu-%llu t%u] %s: %s",
             e->kind == EV_GUEST ? "" : "    ", (unsigned long long)e->began,
             (unsigned long long)e->ended, e->thread, what, end);
}

void record_print(const struct record *r, FILE *out)
{
    char line[1600];

    for (size_t i = 0; i < r->n_events; i++) {
        event_text(line, sizeof(line), &r->events[i]);
        fprintf(out, "%s\n", line);
    }
}
