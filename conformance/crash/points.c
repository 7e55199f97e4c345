/* SPDX-License-Identifier: MIT
 *
 * points.c - the points of a trace, one after the other.
 *
 * Inside a host write and after it the same states are possible, for what
 * has completed is pending like what is in flight: that is one point.
 * Deliberately missing: points after a flush of a file.  What is possible
 * then was possible before it, and what is allowed is the same until the
 * guest's call returns.
 */
#include "engine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void follow_call(struct point *p, const struct step *s)
{
    if (s->kind == STEP_BEGIN)
        p->in_flight = s->call;
    else if (s->kind == STEP_END && p->in_flight == s->call)
        p->in_flight = NO_CALL;
}

static bool is_point(const struct step *s)
{
    return s->kind == STEP_WRITE || s->kind == STEP_SIZE ||
           s->kind == STEP_END;
}

/* Whether all of the states are few enough to be tried. */
static bool is_small(const struct crash *c, const struct crash_count *n)
{
    const struct crash_limits *l = &c->setup.limits;
    uint64_t size = c->workload.now.files[F_IMAGE].size;
    uint64_t sectors = spans_count(&c->setup.spans, sectors_of(size)) + 1;

    return !(l->flags & CRASH_NO_BRUTE) && n->exact && n->exact <= l->brute &&
           n->exact <= l->brute_work / sectors;
}

static bool fits_tokens(struct crash *c)
{
    const struct crash_limits *l = &c->setup.limits;
    struct crash_count n = count_of(&c->point.pending, F_ADDCOW);
    uint64_t sizes = c->point.pending.files[F_IMAGE].n_sizes;

    return !(l->flags & CRASH_NO_TOKENS) && n.exact &&
           n.exact <= l->tokens / sizes;
}

static enum ruling by_tokens(struct crash *c)
{
    enum ruling ruling = tokens_point(c);

    if (ruling == NOT_OPAQUE) {
        c->report.figures.n_not_opaque++;
        return lazy_point(c);
    }
    c->report.figures.by[CRASH_TOKENS]++;
    return ruling;
}

static enum ruling lose_bit(struct crash *c, uint64_t cluster)
{
    struct verdict_of v;

    tell_lost(&v, cluster);
    state_clear(&c->point.state);
    return convict_as(c, &c->point.state, &v);
}

static enum ruling decide_point(struct crash *c)
{
    struct crash_report *figures = &c->report.figures;
    struct crash_count n = count_all(&c->point.pending);
    uint64_t lost = bit_lost(c);

    figures->n_points++;
    crash_count_add(&figures->states, &n);
    if (lost != NO_SECTOR)
        return lose_bit(c, lost);
    if (!is_small(c, &n))
        return fits_tokens(c) ? by_tokens(c) : lazy_point(c);
    figures->by[CRASH_BRUTE]++;
    if (brute_point(c) == VIOLATED)
        return VIOLATED;
    if (c->setup.limits.flags & CRASH_NO_REDO)
        return DECIDED;
    /* For what is done again; what is not opaque brute force has decided. */
    return tokens_point(c) == VIOLATED ? VIOLATED : DECIDED;
}

/* Judges the one state that is asked for, and what is done again on it. */
static enum ruling only_state(struct crash *c)
{
    struct state *state = &c->point.state;
    struct verdict_of v;

    witness_parse(state, c->only.choices);
    if (!state_exists(&c->point.pending, state))
        return DECIDED;
    c->only.was_met = !c->only.again;
    if (!state_wrong(c, &v, state) && bit_lost(c) != NO_SECTOR)
        tell_lost(&v, bit_lost(c));
    if (v.clause)
        return convict_as(c, state, &v);
    if (c->only.again)
        return redo_one(c, state, c->only.again);
    if (redo_concrete(c, state) == VIOLATED)
        return VIOLATED;
    snprintf(v.expected, sizeof(v.expected), "what is allowed");
    snprintf(v.got, sizeof(v.got), "This state is as it may be");
    record_state(c, state, &v);
    return DECIDED;
}

static enum ruling visit(struct crash *c)
{
    enum ruling ruling;

    c->point.number++;
    if (c->only.choices)
        return c->point.number == c->only.point ? only_state(c) : DECIDED;
    ruling = decide_point(c);
    if (ruling == DECIDED)
        return DECIDED;
    c->report.figures.n_violations++;
    return c->setup.limits.flags & CRASH_ALL ? DECIDED : ruling;
}

static enum ruling decide_all(struct crash *c)
{
    const struct trace *t = &c->workload.trace;
    struct point *p = &c->point;
    enum ruling ruling = DECIDED;

    pending_start(&p->pending, &c->setup.base,
                  (c->setup.limits.flags & CRASH_CUT_EARLY) != 0);
    medium_copy(&p->work, &c->setup.base);
    medium_copy(&p->scratch, &c->setup.base);
    p->number = 0;
    p->in_flight = NO_CALL;
    for (size_t i = 0; i < t->n_steps && ruling == DECIDED; i++) {
        const struct step *s = &t->steps[i];

        pending_step(&p->pending, t, s);
        follow_call(p, s);
        p->at = s->began; /* what is in flight counts as pending */
        p->step = i;
        if (is_point(s))
            ruling = visit(c);
    }
    return c->report.has_failed ? VIOLATED : ruling;
}

/* What goes wrong when something is done again may come of what is wrong
 * without that, which says more.  All points once more, without that. */
static enum ruling prefer_plain(struct crash *c,
                                const struct crash_report *before)
{
    struct report *r = &c->report;
    struct crash_report *figures = &r->figures;
    unsigned flags = c->setup.limits.flags;

    r->again.failure = r->last.failure;
    medium_keep(&r->again.medium, &r->last.medium);
    figures->n_points = before->n_points;
    figures->states = before->states;
    memcpy(figures->by, before->by, sizeof(figures->by));
    r->has_failed = false;
    c->setup.limits.flags |= CRASH_NO_REDO;
    r->has_again = decide_all(c) != DECIDED;
    figures->n_violations = before->n_violations + 1;
    c->setup.limits.flags = flags;
    r->has_failed = true; /* and the failure is the newest */
    return VIOLATED;
}

enum ruling decide(struct crash *c)
{
    struct crash_report before = c->report.figures;
    enum ruling ruling;

    c->report.was_redone = false;
    ruling = decide_all(c);
    if (!c->report.was_redone || c->only.choices ||
        c->setup.limits.flags & CRASH_ALL)
        return ruling;
    return prefer_plain(c, &before);
}
