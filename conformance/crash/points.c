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

static void follow_call(struct crash *c, const struct step *s)
{
    if (s->kind == STEP_BEGIN)
        c->in_flight = s->call;
    else if (s->kind == STEP_END && c->in_flight == s->call)
        c->in_flight = NO_CALL;
}

static bool is_point(const struct step *s)
{
    return s->kind == STEP_WRITE || s->kind == STEP_SIZE ||
           s->kind == STEP_END;
}

/* Whether all of the states are few enough to be tried. */
static bool is_small(const struct crash *c, const struct crash_count *n)
{
    uint64_t sectors =
        spans_count(&c->spans, sectors_of(c->now.files[F_IMAGE].size)) + 1;

    return !(c->limits.flags & CRASH_NO_BRUTE) && n->exact &&
           n->exact <= c->limits.brute &&
           n->exact <= c->limits.brute_work / sectors;
}

static bool fits_tokens(struct crash *c)
{
    struct crash_count n = count_of(c, F_ADDCOW);
    uint64_t sizes = c->pending.files[F_IMAGE].n_sizes;

    return !(c->limits.flags & CRASH_NO_TOKENS) && !c->not_opaque && n.exact &&
           n.exact <= c->limits.tokens / sizes;
}

static int by_tokens(struct crash *c)
{
    int result = tokens_point(c);

    if (result == 1) {
        c->report.n_not_opaque++;
        return lazy_point(c);
    }
    c->report.by[CRASH_TOKENS]++;
    return result;
}

static int lose_bit(struct crash *c, uint64_t cluster)
{
    struct verdict_of v;

    tell_lost(&v, cluster);
    state_clear(&c->state);
    return convict_as(c, &c->state, &v);
}

static int decide_point(struct crash *c)
{
    struct crash_count n = count_point(c);
    uint64_t lost;

    c->report.n_points++;
    crash_count_add(&c->report.states, &n);
    lost = bit_lost(c);
    if (lost != NO_SECTOR)
        return lose_bit(c, lost);
    if (is_small(c, &n)) {
        c->report.by[CRASH_BRUTE]++;
        if (brute_point(c))
            return -1;
        if (c->limits.flags & CRASH_NO_REDO)
            return 0;
        return tokens_point(c) < 0 ? -1 : 0; /* for what is done again */
    }
    return fits_tokens(c) ? by_tokens(c) : lazy_point(c);
}

/* What an opening and what is done again come to on this one state. */
static int only_state(struct crash *c)
{
    struct verdict_of v;

    witness_parse(&c->state, c->only_choices);
    if (!state_exists(c, &c->state))
        return 0;
    c->only_met = !c->only_again;
    if (!state_wrong(c, &v, &c->state) && bit_lost(c) != NO_SECTOR)
        tell_lost(&v, bit_lost(c));
    if (v.clause)
        return convict_as(c, &c->state, &v);
    if (c->only_again)
        return redo_one(c, &c->state, c->only_again);
    if (redo_concrete(c, &c->state))
        return -1;
    snprintf(v.expected, sizeof(v.expected), "what is allowed");
    snprintf(v.got, sizeof(v.got), "This state is as it may be");
    record_state(c, &c->state, &v);
    return 0;
}

static int visit(struct crash *c)
{
    int result;

    c->point++;
    if (c->only_choices)
        return c->point == c->only_point ? only_state(c) : 0;
    result = decide_point(c);
    if (result == 0)
        return 0;
    c->report.n_violations++;
    return c->limits.flags & CRASH_ALL ? 0 : -1;
}

static int decide_all(struct crash *c)
{
    int result = 0;

    pending_start(&c->pending, &c->base,
                  (c->limits.flags & CRASH_CUT_EARLY) != 0);
    medium_copy(&c->work, &c->base);
    medium_copy(&c->scratch, &c->base);
    c->point = 0;
    c->not_opaque = 0;
    c->in_flight = NO_CALL;
    for (size_t i = 0; i < c->trace.n_steps && result == 0; i++) {
        const struct step *s = &c->trace.steps[i];

        pending_step(&c->pending, &c->trace, s);
        follow_call(c, s);
        c->at = s->began; /* what is in flight counts as pending */
        c->last_step = i;
        if (is_point(s))
            result = visit(c);
    }
    return c->has_failed ? -1 : result;
}

/* What goes wrong when something is done again may come of what is wrong
 * without that, which says more.  All points once more, without that. */
static int prefer_plain(struct crash *c, const struct crash_report *before)
{
    struct crash_report *r = &c->report;
    unsigned flags = c->limits.flags;

    c->again_failure = c->failure;
    if (!c->kept_again.contents)
        medium_init(&c->kept_again, c->contents);
    medium_copy(&c->kept_again, &c->kept);
    r->n_points = before->n_points;
    r->n_violations = before->n_violations;
    r->states = before->states;
    memcpy(r->by, before->by, sizeof(r->by));
    c->has_failed = 0;
    c->limits.flags |= CRASH_NO_REDO;
    c->has_again = decide_all(c) != 0;
    r->n_violations = before->n_violations + 1;
    c->limits.flags = flags;
    c->has_failed = 1; /* and the failure is the newest */
    return -1;
}

int decide(struct crash *c)
{
    struct crash_report before = c->report;
    int result;

    c->was_redone = 0;
    result = decide_all(c);
    if (!c->was_redone || c->only_choices || c->limits.flags & CRASH_ALL)
        return result;
    return prefer_plain(c, &before);
}
