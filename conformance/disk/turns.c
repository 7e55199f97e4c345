/* SPDX-License-Identifier: MIT
 *
 * turns.c - callers of the host in turn: which one is held, and which goes on.
 *
 * A thread that has a number waits at each call of the host, and at the begin
 * and the end of its call of the shim, until it is its turn.  So the order in
 * which these are recorded is that of the turns, not of the machine.
 */
#include "base/memory.h"
#include "disk_impl.h"

#include <stdbool.h>

/* On the stack of the thread that waits. */
struct waiter {
    struct waiter *next;
    unsigned thread;
};

/* ---- Turns -------------------------------------------------------------- */

static bool is_listed(const struct disk *d, const struct waiter *w)
{
    const struct waiter *at = d->waiting;

    while (at && at != w)
        at = at->next;
    return at != NULL;
}

static void list(struct disk *d, struct waiter *w)
{
    w->next = d->waiting;
    d->waiting = w;
}

void await_turn(struct disk *d)
{
    struct waiter self = {.thread = host_thread()};

    if (self.thread == 0)
        return;
    list(d, &self);
    while (is_listed(d, &self))
        pthread_cond_wait(&d->let_go, &d->lock);
}

bool disk_waits(struct disk *d, unsigned thread)
{
    const struct waiter *at;

    pthread_mutex_lock(&d->lock);
    at = d->waiting;
    while (at && at->thread != thread)
        at = at->next;
    pthread_mutex_unlock(&d->lock);
    return at != NULL;
}

bool disk_next_turn(struct disk *d)
{
    struct waiter **first = NULL;

    pthread_mutex_lock(&d->lock);
    for (struct waiter **at = &d->waiting; *at; at = &(*at)->next)
        if (!first || (*at)->thread < (*first)->thread)
            first = at;
    if (first)
        *first = (*first)->next;
    pthread_cond_broadcast(&d->let_go);
    pthread_mutex_unlock(&d->lock);
    return first != NULL;
}

/* ---- One that is held --------------------------------------------------- */

void disk_hold(struct disk *d, enum event_kind kind, const char *name,
               uint64_t nth)
{
    pthread_mutex_lock(&d->lock);
    mem_free(d->hold.name);
    d->hold = (struct hold){.kind = kind,
                            .name = mem_string(name),
                            .nth = nth ? nth : 1,
                            .held = d->hold.held};
    pthread_mutex_unlock(&d->lock);
}

/* Who was held waits for its turn from now on. */
void disk_release(struct disk *d)
{
    pthread_mutex_lock(&d->lock);
    d->hold.kind = EV_GUEST;
    if (d->hold.held)
        list(d, d->hold.held);
    d->hold.held = NULL;
    pthread_mutex_unlock(&d->lock);
}

int disk_held(struct disk *d)
{
    int thread;

    pthread_mutex_lock(&d->lock);
    thread = d->hold.held ? (int)d->hold.held->thread : -1;
    pthread_mutex_unlock(&d->lock);
    return thread;
}

void hold_if_asked(struct disk *d, const struct request *r)
{
    struct waiter self = {.thread = host_thread()};

    if (d->hold.kind == EV_GUEST || d->hold.held || self.thread == 0 ||
        !request_fits(d, r, d->hold.kind, d->hold.name) ||
        ++d->hold.n_seen != d->hold.nth)
        return;
    d->hold.held = &self;
    while (d->hold.held == &self || is_listed(d, &self))
        pthread_cond_wait(&d->let_go, &d->lock);
}
