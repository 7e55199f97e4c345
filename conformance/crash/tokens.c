/* SPDX-License-Identifier: MIT
 *
 * tokens.c - each state of the add-cow file and of the sizes, with a token in
 * each sector of image_file.
 *
 * What such a state shows is found out once and kept: it does not depend on
 * the workload.  At each point it is judged anew.
 */
#include "base/memory.h"
#include "engine.h"

#include <stdbool.h>
#include <string.h>

enum { CONCRETE_EVERY = 64 };
#define NO_CHOICE SIZE_MAX

/* ---- What is known ------------------------------------------------------ */

static void shown_copy(struct shown *to, const struct shown *from)
{
    *to = *from;
    to->room = from->n;
    to->ids = mem_copy(from->ids ? from->ids : (uint32_t[]){0},
                       (from->n ? from->n : 1) * sizeof(*to->ids));
}

/* What M shows, whose image_file is tokens. */
static struct seen *look_up(struct crash *c, const struct medium *m)
{
    struct point *p = &c->point;
    uint64_t key[2];
    struct seen **bucket;
    struct seen *s;

    key_of(key, m);
    bucket = &c->setup.known->seen[key[0] % N_BUCKETS];
    for (s = *bucket; s; s = s->next)
        if (s->key[0] == key[0] && s->key[1] == key[1])
            return s;
    s = mem_new(1, sizeof(*s));
    memcpy(s->key, key, sizeof(key));
    medium_copy(&p->scratch, m);
    show(c, &p->answer, &p->scratch, 0);
    shown_copy(&s->shown, &p->answer);
    s->next = *bucket;
    *bucket = s;
    return s;
}

/* ---- Judging ------------------------------------------------------------ */

/* The first choice of image_file's sector RAW, with size KI, that guest
 * sector S may not show, or NO_CHOICE. */
static size_t bad_choice(struct crash *c, uint64_t s, uint64_t raw, size_t ki,
                         uint64_t epochs)
{
    const uint32_t *ids;
    size_t n = pending_choices(&c->point.pending, &ids, F_IMAGE, raw, ki);

    for (size_t i = 0; i < n; i++)
        if (!may_show(c, epochs, s, ids[i]))
            return i;
    return NO_CHOICE;
}

/* Whether guest sector number I of those that are looked at may show whatever
 * its own sector of image_file may hold. */
static bool is_raw_ok(struct crash *c, size_t i, size_t ki, uint64_t epochs)
{
    struct point *p = &c->point;
    uint64_t s = spans_sector(&c->setup.spans, i);

    if (i >= p->n_raw)
        return bad_choice(c, s, s, ki, epochs) == NO_CHOICE;
    if (p->raw[i] == UNKNOWN)
        p->raw[i] = bad_choice(c, s, s, ki, epochs) == NO_CHOICE ? GOOD : BAD;
    return p->raw[i] == GOOD;
}

/* Whether guest sector number I may be wrong. */
static bool is_suspect(struct crash *c, uint32_t id, size_t i, size_t ki,
                       uint64_t epochs)
{
    const struct setup *setup = &c->setup;
    uint64_t s = spans_sector(&setup->spans, i);

    if (id == setup->first_token + i && i < setup->n_tokens)
        return !is_raw_ok(c, i, ki, epochs);
    if (!is_token(setup, id))
        return !may_show(c, epochs, s, id);
    return bad_choice(c, s, token_sector(setup, id), ki, epochs) != NO_CHOICE;
}

/* The number of the first that may be, or NO_SECTOR.  ALL_BITS: the image
 * file alone must be right as well. */
static uint64_t suspect(struct crash *c, const struct shown *shown, size_t ki,
                        uint64_t epochs, bool all_bits)
{
    struct point *p = &c->point;

    if (epochs != p->raw_epochs)
        memset(p->raw, UNKNOWN, p->n_raw);
    p->raw_epochs = epochs;
    for (size_t i = 0; i < shown->n; i++)
        if ((all_bits && !is_raw_ok(c, i, ki, epochs)) ||
            is_suspect(c, shown->ids[i], i, ki, epochs))
            return i;
    return NO_SECTOR;
}

/* ---- Concrete media ----------------------------------------------------- */

/* The point's state is wrong by tokens, perhaps in guest sector number I:
 * shows it on a medium.  If it cannot be shown, the tokens have raised it. */
static enum ruling confirm(struct crash *c, const struct shown *shown,
                           uint64_t i)
{
    struct state *state = &c->point.state;
    size_t ki = state->size[F_IMAGE];
    struct verdict_of v;
    uint64_t epochs;

    if (i != NO_SECTOR && shown->opened == ADDCOW_OK &&
        may_have_size(c, &epochs, shown->size)) {
        uint64_t s = spans_sector(&c->setup.spans, i);
        uint64_t raw = is_token(&c->setup, shown->ids[i])
                           ? token_sector(&c->setup, shown->ids[i])
                           : s;
        size_t choice = bad_choice(c, s, raw, ki, epochs);

        if (choice != NO_CHOICE)
            state_pick(state, F_IMAGE, raw, choice);
    }
    return state_wrong(c, &v, state) ? convict(c, state) : NOT_OPAQUE;
}

/* What is pending of image_file: at random, or with RNG null the newest. */
static void fill_image(struct point *p, uint64_t *rng)
{
    struct pending_file *f = &p->pending.files[F_IMAGE];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n = pending_choices(&p->pending, &ids, F_IMAGE, f->sectors[i],
                                   p->state.size[F_IMAGE]);
        size_t choice = n - 1;

        if (rng) {
            *rng = *rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
            choice = (*rng >> 33) % n;
        }
        medium_set(&p->scratch, F_IMAGE, f->sectors[i], ids[choice]);
    }
}

/* Whether the answer on SCRATCH is that of the tokens, each replaced. */
static bool is_substitution(struct crash *c, const struct shown *shown)
{
    struct medium *m = &c->point.work;
    struct shown *answer = &c->point.answer;

    medium_copy_file(m, &c->point.scratch, F_IMAGE); /* as it was before */
    show(c, answer, &c->point.scratch, 0);
    if (answer->opened != shown->opened || answer->size != shown->size ||
        answer->n != shown->n)
        return false;
    for (size_t s = 0; s < shown->n; s++)
        if (answer->ids[s] != without_token(&c->setup, m, shown->ids[s]))
            return false;
    return true;
}

/* All old, all new, random, zeros; one of these each time, in turn. */
static bool is_opaque(struct crash *c, const struct shown *shown)
{
    struct point *p = &c->point;
    uint64_t rng = c->report.n_judged + c->setup.limits.seed;

    state_make(&p->pending, &p->scratch, &p->state);
    switch (c->report.n_judged / CONCRETE_EVERY % 4) {
    case 1:
        fill_image(p, NULL);
        break;
    case 2:
        fill_image(p, &rng);
        break;
    case 3:
        medium_zero(&p->scratch, F_IMAGE);
        break;
    default:
        break;
    }
    return is_substitution(c, shown);
}

/* ---- States of the add-cow file ----------------------------------------- */

/* The point's state is right by tokens. */
static enum ruling right_state(struct crash *c, struct seen *seen)
{
    struct point *p = &c->point;

    if (++c->report.n_judged % CONCRETE_EVERY == 0 ||
        c->setup.limits.flags & CRASH_ALL) {
        if (!is_opaque(c, &seen->shown))
            return NOT_OPAQUE;
        put_tokens(&c->setup, &p->work);
    }
    return redo_state(c, seen, &p->work, &p->state);
}

/* The state that WORK and D are in. */
static enum ruling one_state(struct crash *c, const struct dims *d)
{
    struct medium *work = &c->point.work;
    struct seen *seen = look_up(c, work);
    const struct shown *shown = &seen->shown;
    enum making making = making_of(c, work);
    uint64_t epochs = 0;
    uint64_t s = NO_SECTOR;

    if (making == MAKING_OLD ||
        (making == MAKING_NOTHING && shown->opened != ADDCOW_OK))
        return DECIDED;
    dims_state(&c->point.state, d);
    if (making == MAKING_LIVE && shown->opened == ADDCOW_OK &&
        !shown->written && !shown->bug &&
        may_have_size(c, &epochs, shown->size)) {
        s = suspect(c, shown, d->size[F_IMAGE], epochs,
                    all_bits(&c->setup, work, shown->size));
        if (s == NO_SECTOR)
            return right_state(c, seen);
    }
    return confirm(c, shown, s);
}

static enum ruling each_state(struct crash *c, struct dims *d)
{
    enum ruling ruling = one_state(c, d);
    size_t i = 0;

    while (ruling == DECIDED && i < d->n) {
        struct dim *dim = &d->all[i];

        dim->now = (dim->now + 1) % dim->n;
        medium_set(&c->point.work, F_ADDCOW, dim->sector, dim->ids[dim->now]);
        if (dim->now == 0) {
            i++;
            continue;
        }
        i = 0;
        ruling = one_state(c, d);
    }
    return ruling;
}

static enum ruling with_sizes(struct crash *c, size_t ka, size_t ki)
{
    struct point *p = &c->point;
    struct dims d = {.size = {ka, ki}};
    enum ruling ruling;
    size_t n;

    for (unsigned f = 0; f < N_WRITABLE; f++)
        pending_base(&p->pending, &p->work, f, d.size[f]);
    n = spans_count(&c->setup.spans, sectors_of(p->work.files[F_IMAGE].size));
    if (n > c->setup.n_tokens)
        return NOT_OPAQUE;
    put_tokens(&c->setup, &p->work);
    p->n_raw = n;
    p->raw = mem_grow(p->raw, &p->raw_room, n + 1, sizeof(*p->raw));
    memset(p->raw, UNKNOWN, n + 1);
    dims_add(&p->pending, &d, F_ADDCOW);
    ruling = each_state(c, &d);
    dims_clear(&d);
    return ruling;
}

enum ruling tokens_point(struct crash *c)
{
    size_t na = c->point.pending.files[F_ADDCOW].n_sizes;
    size_t ni = c->point.pending.files[F_IMAGE].n_sizes;
    enum ruling ruling = DECIDED;

    for (size_t ki = 0; ki < ni && ruling == DECIDED; ki++)
        for (size_t ka = 0; ka < na && ruling == DECIDED; ka++)
            ruling = with_sizes(c, ka, ki);
    return ruling;
}
