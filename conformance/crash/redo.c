/* SPDX-License-Identifier: MIT
 *
 * redo.c - after a cut: opening twice shows the same, and the request that
 * was interrupted works when it is made again.
 *
 * Looked at on tokens, and then it holds for every content of image_file that
 * is passed on unseen; a request is made again where image_file holds all
 * that was written, too.  What seems wrong is tried on concrete media, and
 * only that counts.
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
#include <stdlib.h>
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
    show(c, &c->again, m, ADDCOW_OPEN_WRITE | c->flags);
    if (c->again.written >> F_BACKING & 1 || c->again.bug ||
        !same(before, &c->again))
        return false;
    show(c, &c->again, m, 0);
    return same(before, &c->again);
}

/* ---- Again -------------------------------------------------------------- */

static uint32_t patched(struct crash *c, const struct call *call,
                        uint64_t sector, uint32_t id)
{
    uint64_t start = sector * LEN;
    uint64_t end = call->op.offset + call->op.len;
    uint64_t from = call->op.offset > start ? call->op.offset : start;
    uint64_t to = end < start + LEN ? end : start + LEN;
    uint8_t whole[LEN];

    if (from >= to)
        return id;
    memcpy(whole, contents_at(c->contents, id), LEN);
    memcpy(whole + (from - start), call->data + (from - call->op.offset),
           (size_t)(to - from));
    return contents_put(c->contents, whole);
}

/* What sector S, number I of those that are looked at, must show when CALL
 * was made again where BEFORE showed. */
static uint32_t wanted(struct crash *c, const struct call *call,
                       const struct shown *before, size_t i)
{
    uint64_t s = spans_sector(&c->spans, i);
    uint32_t id = i < before->n ? before->ids[i] : 0;

    if (call->op.kind == CRASH_CREATE)
        return i < c->n_first ? c->first[i] : 0;
    if (call->op.kind == CRASH_WRITE || call->op.kind == CRASH_ZEROS)
        return patched(c, call, s, id);
    return id;
}

static bool shows_wanted(struct crash *c, const struct call *call,
                         const struct shown *before)
{
    const struct shown *after = &c->again;
    uint64_t size = before->size;

    if (call->op.kind == CRASH_RESIZE)
        size = call->op.len;
    if (call->op.kind == CRASH_CREATE)
        size = c->guest.sizes[0].size;
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
    show(c, &c->again, m, 0);
    return shows_wanted(c, call, before);
}

/* ---- Cut again ---------------------------------------------------------- */

static struct crash *child_of(struct crash *c, const struct shown *before,
                              const struct medium *m)
{
    struct crash *child = mem_new(1, sizeof(*child));

    child->setup = c->setup;
    child->limits = c->limits;
    child->limits.flags |= CRASH_NO_REDO | CRASH_NO_BRUTE;
    child->contents = c->contents;
    child->known = c->known;
    child->spans = c->spans;
    child->first_token = c->first_token;
    child->n_tokens = c->n_tokens;
    child->buffer = c->buffer;
    child->is_child = 1;
    child->first = mem_copy(before->ids, before->n * sizeof(uint32_t));
    child->n_first = before->n;
    child->n_writes = c->n_writes;
    medium_init(&child->base, c->contents);
    medium_copy(&child->base, m);
    return child;
}

/* The request on M, which showed BEFORE, with a cut at each point of it, or
 * in the one state that WITNESS names.  Nonzero if something is wrong; *OUT
 * tells, of one state in any case. */
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
        child->n_writes = call->number - 1; /* the same data */
    if (witness)
        crash_only(child, witness);
    result = crash_run(child, ops, c->flags);
    child->report.n_workloads = 0;
    crash_report_add(&c->report, &child->report);
    c->only_met |= witness && crash_was_met(child);
    *out = child->failure;
    crash_free(child);
    return result != 0;
}

/* ---- A state ------------------------------------------------------------ */

static const char words_twice[] =
    "a second opening shows the same as the first";
static const char words_again[] =
    "the request has its usual effect when it is made again";

/* Makes S hold the newest of each sector of image_file. */
static void pick_newest(struct crash *c, struct state *s)
{
    struct pending_file *f = &c->pending.files[F_IMAGE];
    const uint32_t *ids;
    size_t n = 0;

    for (size_t i = 0; i < s->n_picks; i++)
        if (s->picks[i].file != F_IMAGE)
            s->picks[n++] = s->picks[i];
    s->n_picks = n;
    for (size_t i = 0; i < f->n_sectors; i++)
        state_pick(s, F_IMAGE, f->sectors[i],
                   pending_choices(&c->pending, &ids, F_IMAGE, f->sectors[i],
                                   s->size[F_IMAGE]) -
                       1);
}

/* Whether what is done again fails on S, made concrete. */
static bool fails(struct crash *c, const struct state *s, const void *arg)
{
    const struct call *call = arg;

    state_make(c, &c->scratch, s);
    show(c, &c->answer, &c->scratch, 0);
    return call ? !again(c, call, &c->answer, &c->scratch)
                : !twice(c, &c->answer, &c->scratch);
}

/* The same of a state that is right by itself. */
static bool fails_alone(struct crash *c, const struct state *s,
                        const void *arg)
{
    struct verdict_of v;

    return !state_wrong(c, &v, s) && fails(c, s, arg);
}

/* Tries on two concrete media, image_file all old and all new, what failed on
 * tokens.  CALL null: opening twice. */
static int confirm(struct crash *c, const struct call *call,
                   const struct state *s)
{
    struct verdict_of v = {.clause = call ? "DUR-15" : "DUR-14",
                           .sector = NO_SECTOR};
    struct state tried = {0};
    int n = c->only_choices ? 1 : 2; /* that state alone */
    bool is_wrong = 0;

    snprintf(v.expected, sizeof(v.expected), "%s",
             call ? words_again : words_twice);
    snprintf(v.got, sizeof(v.got), "it does not");
    state_copy(&tried, s);
    for (int newest = 0; newest < n && !is_wrong; newest++) {
        if (newest)
            pick_newest(c, &tried);
        is_wrong = fails(c, &tried, call);
    }
    if (is_wrong && !c->has_failed) {
        if (!c->only_choices)
            state_shrink(c, &tried, fails_alone, call);
        convict_as(c, &tried, &v);
    }
    c->was_redone |= is_wrong;
    mem_free(tried.picks);
    return is_wrong ? -1 : 0;
}

/* Says of the failure what INNER does of the second cut. */
static void tell_second_cut(struct crash *c, const struct crash_failure *inner)
{
    struct crash_failure *f = &c->failure;
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

/* The same for a cut while the request is made again. */
static int confirm_cut(struct crash *c, const struct call *call,
                       const struct state *s, const char *witness)
{
    struct verdict_of v = {.sector = NO_SECTOR};
    struct crash_failure f;
    bool is_wrong;

    state_make(c, &c->scratch, s);
    medium_copy(&c->work, &c->scratch);
    show(c, &c->answer, &c->scratch, 0);
    is_wrong = cut_again(c, &f, call, &c->answer, &c->work, witness);
    if (!is_wrong && !witness)
        return 0;
    c->was_redone = is_wrong;
    v.clause = f.clause;
    snprintf(v.expected, sizeof(v.expected), "%s", f.expected);
    snprintf(v.got, sizeof(v.got), "%.*s", (int)strcspn(f.got, "."), f.got);
    if (c->has_failed)
        return -1;
    convict_as(c, s, &v);
    tell_second_cut(c, &f);
    c->has_failed = is_wrong;
    return is_wrong ? -1 : 0;
}

int redo_one(struct crash *c, const struct state *s, const char *witness)
{
    if (c->in_flight == NO_CALL || c->calls[c->in_flight].declined)
        return 0;
    return confirm_cut(c, &c->calls[c->in_flight], s, witness);
}

static int look_twice(struct crash *c, struct seen *seen,
                      const struct medium *m, const struct state *s)
{
    if (!seen->judged_again) {
        seen->judged_again = 1;
        medium_copy(&c->scratch, m);
        seen->same_again = twice(c, &seen->shown, &c->scratch);
    }
    return seen->same_again ? 0 : confirm(c, NULL, s);
}

/* MORE: what else it depends on. */
static struct redone *find(struct crash *c, const struct seen *seen,
                           const struct call *call, uint64_t more)
{
    uint64_t of =
        ((uint64_t)call->op.kind * 1000003 + call->op.len) * 1000003 +
        call->op.offset + (uint64_t)c->flags * 77 + more;
    uint64_t key[2] = {seen->key[0] ^ of * UINT64_C(0x9e3779b97f4a7c15),
                       seen->key[1] + of * UINT64_C(0xd6e8feb86659fd93)};
    struct redone **bucket = &c->known->redone[key[0] % N_BUCKETS];
    struct redone *r;

    for (r = *bucket; r; r = r->next)
        if (r->key[0] == key[0] && r->key[1] == key[1])
            return r;
    r = mem_new(1, sizeof(*r));
    memcpy(r->key, key, sizeof(key));
    r->ok = -1;
    r->next = *bucket;
    *bucket = r;
    return r;
}

/* A hash of what image_file holds of what is pending, the newest. */
static uint64_t hash_newest(struct crash *c, const struct state *s)
{
    struct pending_file *f = &c->pending.files[F_IMAGE];
    uint64_t hash = 1;
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n = pending_choices(&c->pending, &ids, F_IMAGE, f->sectors[i],
                                   s->size[F_IMAGE]);

        hash += (contents_hash(c->contents, ids[n - 1]) ^ f->sectors[i]) *
                UINT64_C(0xbf58476d1ce4e5b9);
    }
    return hash;
}

/* What M shows if it shows as SEEN does, tokens apart. */
static void substitute(struct crash *c, const struct shown *seen,
                       const struct medium *m)
{
    struct shown *out = &c->answer;

    out->ids = mem_grow(out->ids, &out->room, seen->n, sizeof(*out->ids));
    out->n = seen->n;
    out->opened = seen->opened;
    out->size = seen->size;
    for (size_t i = 0; i < seen->n; i++) {
        uint32_t id = seen->ids[i];

        out->ids[i] =
            is_token(c, id) ? medium_id(m, F_IMAGE, token_sector(c, id)) : id;
    }
}

/* The same where image_file holds all that was written: whether it does is
 * none of the implementation's business. */
static int again_on_newest(struct crash *c, const struct seen *seen,
                           const struct call *call, const struct state *s)
{
    struct redone *r = find(c, seen, call, hash_newest(c, s));
    struct state newest = {0};

    if (r->ok >= 0)
        return r->ok;
    state_copy(&newest, s);
    pick_newest(c, &newest);
    state_make(c, &c->scratch, &newest);
    substitute(c, &seen->shown, &c->scratch);
    r->ok = again(c, call, &c->answer, &c->scratch);
    mem_free(newest.picks);
    return r->ok;
}

/* Whether the point is at a write to image_file. */
static bool is_data(const struct crash *c)
{
    const struct step *s = &c->trace.steps[c->last_step];

    return s->kind == STEP_WRITE && s->file == F_IMAGE;
}

static int look_again(struct crash *c, struct seen *seen,
                      const struct medium *m, const struct state *s)
{
    const struct call *call = &c->calls[c->in_flight];
    struct redone *r = find(c, seen, call, 0);
    /* Each add-cow file once, and the durable one whenever there is more of
     * image_file. */
    int on_newest = r->ok < 0 || (!s->n_picks && is_data(c));
    struct crash_failure f;

    if (r->ok < 0) {
        medium_copy(&c->scratch, m);
        r->ok = again(c, call, &seen->shown, &c->scratch);
        r->cut_wrong = r->ok && c->limits.flags & CRASH_DEPTH_2 &&
                       cut_again(c, &f, call, &seen->shown, m, NULL);
    }
    if (r->cut_wrong)
        return confirm_cut(c, call, s, NULL);
    if (r->ok && (!on_newest || again_on_newest(c, seen, call, s)))
        return 0;
    return confirm(c, call, s);
}

int redo_state(struct crash *c, struct seen *seen, const struct medium *m,
               const struct state *s)
{
    if (c->limits.flags & CRASH_NO_REDO)
        return 0;
    if (look_twice(c, seen, m, s))
        return -1;
    if (c->in_flight == NO_CALL || c->calls[c->in_flight].declined)
        return 0;
    return look_again(c, seen, m, s);
}

int redo_concrete(struct crash *c, const struct state *s)
{
    if (c->at < c->live_from)
        return 0;
    if (confirm(c, NULL, s))
        return -1;
    if (c->in_flight == NO_CALL || c->calls[c->in_flight].declined)
        return 0;
    if (confirm(c, &c->calls[c->in_flight], s))
        return -1;
    return c->limits.flags & CRASH_DEPTH_2
               ? confirm_cut(c, &c->calls[c->in_flight], s, NULL)
               : 0;
}
