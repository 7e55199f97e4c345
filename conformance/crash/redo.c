/* SPDX-License-Identifier: MIT
 *
 * redo.c - after a cut: opening twice shows the same, and the request that
 * was interrupted works when it is made again.
 *
 * Both are looked at with tokens first, so that they hold for every content of
 * image_file that is passed on unseen.  A request is also repeated where
 * image_file holds all that was written.  What seems wrong is tried on
 * concrete media, and only what shows there counts.
 *
 * A circle, on purpose: a cut while a request is made again is a workload of
 * its own, which a child engine decides.  So redo.c calls engine.c, which
 * calls points.c, tokens.c and lazy.c, and these call redo.c.  A child looks
 * at nothing that is done again, so that there is no grandchild.
 */
#include "base/memory.h"
#include "engine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

static bool same(const struct shown *a, const struct shown *b)
{
    return a->opened == b->opened && a->size == b->size && a->n == b->n &&
           (a->n == 0 || !memcmp(a->ids, b->ids, a->n * sizeof(*a->ids)));
}

/* ---- Twice -------------------------------------------------------------- */

/* Opens M for writing and, what that left, for reading; BEFORE is what M
 * showed. */
static bool twice(struct crash *c, const struct shown *before,
                  struct medium *m)
{
    struct shown *second = &c->point.again;

    show(c, second, m, ADDCOW_OPEN_WRITE | c->workload.flags);
    if (second->written >> F_BACKING & 1 || second->bug ||
        !same(before, second))
        return false;
    show(c, second, m, 0);
    return same(before, second);
}

/* ---- Again -------------------------------------------------------------- */

static uint32_t patched(struct contents *contents, const struct call *call,
                        uint64_t sector, uint32_t id)
{
    uint64_t start = sector * LEN;
    uint64_t end = call->op.offset + call->op.len;
    uint64_t from = call->op.offset > start ? call->op.offset : start;
    uint64_t to = end < start + LEN ? end : start + LEN;

    if (from >= to)
        return id;
    return contents_patch(contents, id, call->data + (from - call->op.offset),
                          (size_t)(from - start), (size_t)(to - from));
}

/* What sector S, number I of those that are looked at, must show when CALL
 * was made again where BEFORE showed. */
static uint32_t wanted(struct crash *c, const struct call *call,
                       const struct shown *before, size_t i)
{
    uint64_t s = spans_sector(&c->setup.spans, i);
    uint32_t id = i < before->n ? before->ids[i] : 0;

    if (call->op.kind == CRASH_CREATE)
        return i < c->setup.n_first ? c->setup.first[i] : 0;
    if (call->op.kind == CRASH_WRITE || call->op.kind == CRASH_ZEROS)
        return patched(c->setup.contents, call, s, id);
    return id;
}

static bool shows_wanted(struct crash *c, const struct call *call,
                         const struct shown *before)
{
    const struct shown *after = &c->point.again;
    uint64_t size = before->size;

    if (call->op.kind == CRASH_RESIZE)
        size = call->op.len;
    if (call->op.kind == CRASH_CREATE)
        size = c->workload.guest.sizes[0].size;
    if (after->opened || after->bug || after->size != size)
        return false;
    for (size_t i = 0; i < after->n; i++)
        if (after->ids[i] != wanted(c, call, before, i))
            return false;
    return true;
}

/* The disk may have lost the size that the request was for. */
static bool fits(const struct call *call, const struct shown *before)
{
    if (call->op.kind != CRASH_WRITE && call->op.kind != CRASH_ZEROS)
        return true;
    return call->op.offset + call->op.len <= before->size;
}

static bool again(struct crash *c, const struct call *call,
                  const struct shown *before, struct medium *m)
{
    int result;

    if (!fits(call, before))
        return true;
    result = do_again(c, m, call);
    if (result && call->op.kind == CRASH_RESIZE && before->size != call->size)
        return true; /* another resize than the one that was taken */
    if (result)
        return false;
    show(c, &c->point.again, m, 0);
    return shows_wanted(c, call, before);
}

/* ---- Cut again ---------------------------------------------------------- */

static struct crash *child_of(struct crash *c, const struct shown *before,
                              const struct medium *m)
{
    struct crash *child = mem_new(1, sizeof(*child));
    struct setup *s = &child->setup;

    *s = c->setup;
    s->is_child = true;
    s->limits.flags |= CRASH_NO_REDO | CRASH_NO_BRUTE;
    s->first = mem_copy(before->ids, before->n * sizeof(*before->ids));
    s->n_first = before->n;
    s->base = (struct medium){0};
    medium_keep(&s->base, m);
    return child;
}

/* The request on M, which showed BEFORE, with a cut at each point of it, or
 * in the one state that WITNESS names.  True if something is wrong.  *OUT
 * says what; of the one state of WITNESS it says what it is in any case. */
static bool cut_again(struct crash *c, struct crash_failure *out,
                      const struct call *call, const struct shown *before,
                      const struct medium *m, const char *witness)
{
    struct crash_op ops[] = {call->op, {CRASH_FLUSH, 0, 0}, {CRASH_END, 0, 0}};
    struct crash *child;
    int result;

    memset(out, 0, sizeof(*out));
    if (call->op.kind == CRASH_CREATE || !before->n || !fits(call, before))
        return false;
    child = child_of(c, before, m);
    if (call->op.kind == CRASH_WRITE)
        child->setup.n_writes = call->number - 1; /* the same data */
    if (witness)
        crash_only(child, witness);
    result = crash_run(child, ops, c->workload.flags);
    child->report.figures.n_workloads = 0;
    crash_report_add(&c->report.figures, &child->report.figures);
    c->only.was_met |= witness && crash_was_met(child);
    *out = child->report.last.failure;
    crash_free(child);
    return result != 0;
}

/* ---- A state ------------------------------------------------------------ */

static const char words_twice[] =
    "a second opening shows the same as the first";
static const char words_again[] =
    "the request has its usual effect when it is made again";

/* Makes S hold the newest of each sector of image_file. */
static void pick_newest(struct pending *p, struct state *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_picks; i++)
        if (s->picks[i].file != F_IMAGE)
            s->picks[n++] = s->picks[i];
    s->n_picks = n;
    state_pick_newest(p, s, F_IMAGE);
}

/* Whether what is done again fails on S, made concrete. */
static bool fails(struct crash *c, const struct state *s, const void *arg)
{
    const struct call *call = arg;
    struct point *p = &c->point;

    state_make(&p->pending, &p->scratch, s);
    show(c, &p->answer, &p->scratch, 0);
    return call ? !again(c, call, &p->answer, &p->scratch)
                : !twice(c, &p->answer, &p->scratch);
}

/* As fails(), for a state that is right by itself. */
static bool fails_alone(struct crash *c, const struct state *s,
                        const void *arg)
{
    struct verdict_of v;

    return !state_wrong(c, &v, s) && fails(c, s, arg);
}

/* Tries on two concrete media, image_file all old and all new, what failed on
 * tokens.  CALL null: opening twice. */
static enum ruling confirm(struct crash *c, const struct call *call,
                           const struct state *s)
{
    struct verdict_of v = {.clause = call ? "DUR-15" : "DUR-14",
                           .kind = call ? "made-again" : "opened-twice",
                           .sector = NO_SECTOR};
    struct state tried = {0};
    unsigned n = c->only.choices ? 1 : 2; /* that state alone */
    bool is_wrong = false;

    snprintf(v.expected, sizeof(v.expected), "%s",
             call ? words_again : words_twice);
    snprintf(v.got, sizeof(v.got), "it does not");
    state_copy(&tried, s);
    for (unsigned newest = 0; newest < n && !is_wrong; newest++) {
        if (newest)
            pick_newest(&c->point.pending, &tried);
        is_wrong = fails(c, &tried, call);
    }
    if (is_wrong && !c->report.has_failed) {
        if (!c->only.choices)
            state_shrink(c, &tried, fails_alone, call);
        convict_as(c, &tried, &v);
    }
    c->report.was_redone |= is_wrong;
    mem_free(tried.picks);
    return is_wrong ? VIOLATED : DECIDED;
}

/* Adds to F what INNER says of the second cut. */
static void tell_second_cut(struct crash_failure *f,
                            const struct crash_failure *inner)
{
    const char *cut = strstr(inner->got, "The power went");
    size_t got = strlen(f->got);
    size_t witness = strlen(f->witness);

    if (cut)
        snprintf(f->got + got, sizeof(f->got) - got,
                 ". The request was made again, and the power went again%s",
                 cut + strlen("The power went"));
    snprintf(f->witness + witness, sizeof(f->witness) - witness, "~%s",
             inner->witness);
}

/* As confirm(), for a cut while the request is made again; WITNESS: a single
 * one. */
static enum ruling confirm_cut(struct crash *c, const struct call *call,
                               const struct state *s, const char *witness)
{
    struct point *p = &c->point;
    struct report *r = &c->report;
    struct verdict_of v = {.sector = NO_SECTOR};
    struct crash_failure f;
    bool is_wrong;

    state_make(&p->pending, &p->scratch, s);
    medium_copy(&p->work, &p->scratch);
    show(c, &p->answer, &p->scratch, 0);
    is_wrong = cut_again(c, &f, call, &p->answer, &p->work, witness);
    if (!is_wrong && !witness)
        return DECIDED;
    r->was_redone = is_wrong;
    v.clause = f.clause;
    v.kind = f.kind;
    snprintf(v.expected, sizeof(v.expected), "%s", f.expected);
    snprintf(v.got, sizeof(v.got), "%.*s", (int)strcspn(f.got, "."), f.got);
    if (r->has_failed)
        return VIOLATED;
    convict_as(c, s, &v);
    tell_second_cut(&r->last.failure, &f);
    r->has_failed = is_wrong;
    return is_wrong ? VIOLATED : DECIDED;
}

/* The request that was interrupted and can be made again, or null. */
static const struct call *interrupted(const struct crash *c)
{
    const struct call *call;

    if (c->point.in_flight == NO_CALL)
        return NULL;
    call = &c->workload.calls[c->point.in_flight];
    return call->declined ? NULL : call;
}

enum ruling redo_one(struct crash *c, const struct state *s,
                     const char *witness)
{
    const struct call *call = interrupted(c);

    return call ? confirm_cut(c, call, s, witness) : DECIDED;
}

static enum ruling look_twice(struct crash *c, struct seen *seen,
                              const struct medium *m, const struct state *s)
{
    if (seen->twice == UNKNOWN) {
        medium_copy(&c->point.scratch, m);
        seen->twice = twice(c, &seen->shown, &c->point.scratch) ? GOOD : BAD;
    }
    return seen->twice == GOOD ? DECIDED : confirm(c, NULL, s);
}

/* What is known of CALL made again where SEEN was seen; it depends on MORE as
 * well. */
static struct redone *find(struct crash *c, const struct seen *seen,
                           const struct call *call, uint64_t more)
{
    uint64_t of =
        ((uint64_t)call->op.kind * 1000003 + call->op.len) * 1000003 +
        call->op.offset + (uint64_t)c->workload.flags * 77 + more;
    uint64_t key[2] = {seen->key[0] ^ of * UINT64_C(0x9e3779b97f4a7c15),
                       seen->key[1] + of * UINT64_C(0xd6e8feb86659fd93)};
    struct redone **bucket = &c->setup.known->redone[key[0] % N_BUCKETS];
    struct redone *r;

    for (r = *bucket; r; r = r->next)
        if (r->key[0] == key[0] && r->key[1] == key[1])
            return r;
    r = mem_new(1, sizeof(*r));
    memcpy(r->key, key, sizeof(key));
    r->next = *bucket;
    *bucket = r;
    return r;
}

/* A hash of what image_file holds where all that is pending survived. */
static uint64_t hash_newest(struct crash *c, const struct state *s)
{
    struct pending *p = &c->point.pending;
    struct pending_file *f = &p->files[F_IMAGE];
    uint64_t hash = 1;
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n =
            pending_choices(p, &ids, F_IMAGE, f->sectors[i], s->size[F_IMAGE]);

        hash +=
            (contents_hash(c->setup.contents, ids[n - 1]) ^ f->sectors[i]) *
            UINT64_C(0xbf58476d1ce4e5b9);
    }
    return hash;
}

/* What M shows if it shows as SEEN does, but for the tokens. */
static void substitute(struct crash *c, const struct shown *seen,
                       const struct medium *m)
{
    struct shown *out = &c->point.answer;

    out->ids = mem_grow(out->ids, &out->room, seen->n, sizeof(*out->ids));
    out->n = seen->n;
    out->opened = seen->opened;
    out->size = seen->size;
    for (size_t i = 0; i < seen->n; i++)
        out->ids[i] = without_token(&c->setup, m, seen->ids[i]);
}

/* Whether CALL works when it is made again where image_file holds all that
 * was written: whether it does need not matter to the implementation. */
static bool again_on_newest(struct crash *c, const struct seen *seen,
                            const struct call *call, const struct state *s)
{
    struct redone *r = find(c, seen, call, hash_newest(c, s));
    struct point *p = &c->point;
    struct state newest = {0};

    if (r->again != UNKNOWN)
        return r->again == GOOD;
    state_copy(&newest, s);
    pick_newest(&p->pending, &newest);
    state_make(&p->pending, &p->scratch, &newest);
    substitute(c, &seen->shown, &p->scratch);
    r->again = again(c, call, &p->answer, &p->scratch) ? GOOD : BAD;
    mem_free(newest.picks);
    return r->again == GOOD;
}

/* Whether the point is at a write to image_file. */
static bool is_data(const struct crash *c)
{
    const struct step *s = &c->workload.trace.steps[c->point.step];

    return s->kind == STEP_WRITE && s->file == F_IMAGE;
}

static enum ruling look_again(struct crash *c, struct seen *seen,
                              const struct call *call, const struct medium *m,
                              const struct state *s)
{
    struct redone *r = find(c, seen, call, 0);
    /* Each add-cow file once, and the durable one whenever there is more of
     * image_file. */
    bool on_newest = r->again == UNKNOWN || (!s->n_picks && is_data(c));
    struct crash_failure f;

    if (r->again == UNKNOWN) {
        medium_copy(&c->point.scratch, m);
        r->again =
            again(c, call, &seen->shown, &c->point.scratch) ? GOOD : BAD;
        r->cut_wrong = r->again == GOOD &&
                       c->setup.limits.flags & CRASH_DEPTH_2 &&
                       cut_again(c, &f, call, &seen->shown, m, NULL);
    }
    if (r->cut_wrong)
        return confirm_cut(c, call, s, NULL);
    if (r->again == GOOD && (!on_newest || again_on_newest(c, seen, call, s)))
        return DECIDED;
    return confirm(c, call, s);
}

enum ruling redo_state(struct crash *c, struct seen *seen,
                       const struct medium *m, const struct state *s)
{
    const struct call *call = interrupted(c);

    if (c->setup.limits.flags & CRASH_NO_REDO)
        return DECIDED;
    if (look_twice(c, seen, m, s) == VIOLATED)
        return VIOLATED;
    return call ? look_again(c, seen, call, m, s) : DECIDED;
}

enum ruling redo_concrete(struct crash *c, const struct state *s)
{
    const struct call *call = interrupted(c);

    if (c->point.at < c->workload.live_from)
        return DECIDED;
    if (confirm(c, NULL, s) == VIOLATED)
        return VIOLATED;
    if (!call)
        return DECIDED;
    if (confirm(c, call, s) == VIOLATED)
        return VIOLATED;
    return c->setup.limits.flags & CRASH_DEPTH_2
               ? confirm_cut(c, call, s, NULL)
               : DECIDED;
}
