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
#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR, CONCRETE_EVERY = 64 };

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
    uint64_t key[2];
    struct seen **bucket;
    struct seen *s;

    key_of(c, key, m);
    bucket = &c->known->seen[key[0] % N_BUCKETS];
    for (s = *bucket; s; s = s->next)
        if (s->key[0] == key[0] && s->key[1] == key[1])
            return s;
    s = mem_new(1, sizeof(*s));
    memcpy(s->key, key, sizeof(key));
    medium_copy(&c->scratch, m);
    show(c, &c->answer, &c->scratch, 0);
    shown_copy(&s->shown, &c->answer);
    s->next = *bucket;
    *bucket = s;
    return s;
}

/* ---- Judging ------------------------------------------------------------ */

/* The choice of image_file's sector RAW, with size KI, that guest sector S
 * may not show; 0 with *ALL_GOOD: there is none. */
static size_t bad_choice(struct crash *c, int *all_good, uint64_t s,
                         uint64_t raw, size_t ki, uint64_t epochs)
{
    const uint32_t *ids;
    size_t n = pending_choices(&c->pending, &ids, F_IMAGE, raw, ki);

    *all_good = 0;
    for (size_t i = 0; i < n; i++)
        if (!guest_allowed(&c->guest, c->at, epochs, s, ids[i]))
            return i;
    *all_good = 1;
    return 0;
}

enum { UNKNOWN, GOOD, BAD };

/* Guest sector number I of those that are looked at may show what the same
 * sector of image_file may hold. */
static int raw_is_ok(struct crash *c, size_t i, size_t ki, uint64_t epochs)
{
    uint64_t s = spans_sector(&c->spans, i);
    int good;

    if (i >= c->raw_n) {
        bad_choice(c, &good, s, s, ki, epochs);
        return good;
    }
    if (c->raw_ok[i] == UNKNOWN) {
        bad_choice(c, &good, s, s, ki, epochs);
        c->raw_ok[i] = good ? GOOD : BAD;
    }
    return c->raw_ok[i] == GOOD;
}

/* Whether guest sector number I may be wrong. */
static bool is_suspect(struct crash *c, uint32_t id, size_t i, size_t ki,
                       uint64_t epochs)
{
    uint64_t s = spans_sector(&c->spans, i);
    int good;

    if (id == c->first_token + i && i < c->n_tokens)
        return !raw_is_ok(c, i, ki, epochs);
    if (!is_token(c, id))
        return !guest_allowed(&c->guest, c->at, epochs, s, id);
    bad_choice(c, &good, s, token_sector(c, id), ki, epochs);
    return !good;
}

/* The number of the first that may be, or NO_SECTOR. */
static uint64_t suspect(struct crash *c, const struct shown *shown, size_t ki,
                        uint64_t epochs, int alone)
{
    if (epochs != c->raw_epochs)
        memset(c->raw_ok, UNKNOWN, c->raw_n);
    c->raw_epochs = epochs;
    for (size_t i = 0; i < shown->n; i++)
        if ((alone && !raw_is_ok(c, i, ki, epochs)) ||
            is_suspect(c, shown->ids[i], i, ki, epochs))
            return i;
    return NO_SECTOR;
}

static bool all_bits(const struct crash *c, const struct medium *m,
                     const struct shown *shown)
{
    uint64_t len = c->setup.geometry.cluster_len;
    uint64_t n = shown->size / len + (shown->size % len != 0);

    for (uint64_t i = 0; i < n; i++)
        if (!bit_at(c, m, i))
            return false;
    return n > 0;
}

/* ---- Concrete media ----------------------------------------------------- */

static void set_state(struct crash *c, const struct dims *d, size_t ka,
                      size_t ki)
{
    state_clear(&c->state);
    c->state.size[F_ADDCOW] = ka;
    c->state.size[F_IMAGE] = ki;
    for (size_t i = 0; i < d->n; i++)
        state_pick(&c->state, d->all[i].file, d->all[i].sector, d->all[i].now);
}

/* Guest sector number I is suspect: shows it on a medium.  0: it is none. */
static int confirm(struct crash *c, const struct shown *shown, uint64_t i)
{
    size_t ki = c->state.size[F_IMAGE];
    struct verdict_of v;
    uint64_t epochs;
    int good = 1;

    if (i != NO_SECTOR && shown->opened == ADDCOW_OK &&
        guest_size_allowed(&c->guest, &epochs, c->at, shown->size)) {
        uint64_t s = spans_sector(&c->spans, i);
        uint64_t raw =
            is_token(c, shown->ids[i]) ? token_sector(c, shown->ids[i]) : s;
        size_t choice = bad_choice(c, &good, s, raw, ki, epochs);

        state_pick(&c->state, F_IMAGE, raw, choice);
    }
    return state_wrong(c, &v, &c->state) ? convict(c, &c->state) : 0;
}

static void random_image(struct crash *c, uint64_t *rng)
{
    struct pending_file *f = &c->pending.files[F_IMAGE];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n = pending_choices(&c->pending, &ids, F_IMAGE, f->sectors[i],
                                   c->state.size[F_IMAGE]);

        *rng = *rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
        medium_set(&c->scratch, F_IMAGE, f->sectors[i], ids[(*rng >> 33) % n]);
    }
}

static void newest_image(struct crash *c)
{
    struct pending_file *f = &c->pending.files[F_IMAGE];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n = pending_choices(&c->pending, &ids, F_IMAGE, f->sectors[i],
                                   c->state.size[F_IMAGE]);

        medium_set(&c->scratch, F_IMAGE, f->sectors[i], ids[n - 1]);
    }
}

/* Whether the answer on SCRATCH is that of the tokens, each replaced. */
static bool is_substitution(struct crash *c, const struct shown *shown)
{
    struct medium *m = &c->work;

    medium_copy_file(m, &c->scratch, F_IMAGE); /* as it was before */
    show(c, &c->answer, &c->scratch, 0);
    if (c->answer.opened != shown->opened || c->answer.size != shown->size ||
        c->answer.n != shown->n)
        return false;
    for (size_t s = 0; s < shown->n; s++) {
        uint32_t id = shown->ids[s];

        if (is_token(c, id))
            id = medium_id(m, F_IMAGE, token_sector(c, id));
        if (c->answer.ids[s] != id)
            return false;
    }
    return true;
}

/* All old, all new, random, zeros; one of these each time, in turn. */
static bool is_opaque(struct crash *c, const struct shown *shown)
{
    uint64_t rng = c->n_judged + c->limits.seed;

    state_make(c, &c->scratch, &c->state);
    switch (c->n_judged / CONCRETE_EVERY % 4) {
    case 1:
        newest_image(c);
        break;
    case 2:
        random_image(c, &rng);
        break;
    case 3:
        medium_zero(&c->scratch, F_IMAGE);
        break;
    default:
        break;
    }
    return is_substitution(c, shown);
}

/* ---- States of the add-cow file ----------------------------------------- */

/* The state that WORK and D stand for. */
static int one_state(struct crash *c, const struct dims *d, size_t ka,
                     size_t ki)
{
    struct seen *seen = look_up(c, &c->work);
    const struct shown *shown = &seen->shown;
    enum making making = making_of(c, &c->work);
    uint64_t epochs = 0;
    uint64_t s = NO_SECTOR;
    int result;

    if (making == MAKING_OLD ||
        (making == MAKING_NOTHING && shown->opened != ADDCOW_OK))
        return 0;
    if (making == MAKING_LIVE && shown->opened == ADDCOW_OK &&
        !shown->written && !shown->bug &&
        guest_size_allowed(&c->guest, &epochs, c->at, shown->size)) {
        int alone = all_bits(c, &c->work, shown);

        s = suspect(c, shown, ki, epochs, alone);
        if (s == NO_SECTOR) {
            set_state(c, d, ka, ki);
            if (++c->n_judged % CONCRETE_EVERY == 0 ||
                c->limits.flags & CRASH_ALL) {
                if (!is_opaque(c, shown))
                    return 1;
                put_tokens(c, &c->work);
            }
            return redo_state(c, seen, &c->work, &c->state);
        }
    }
    set_state(c, d, ka, ki);
    result = confirm(c, shown, s);
    return result ? result : 1; /* the tokens raised it: not opaque */
}

static int each_state(struct crash *c, struct dims *d, size_t ka, size_t ki)
{
    int result = one_state(c, d, ka, ki);
    size_t i = 0;

    while (result == 0 && i < d->n) {
        struct dim *dim = &d->all[i];

        dim->now = (dim->now + 1) % dim->n;
        medium_set(&c->work, F_ADDCOW, dim->sector, dim->ids[dim->now]);
        if (dim->now == 0) {
            i++;
            continue;
        }
        i = 0;
        result = one_state(c, d, ka, ki);
    }
    return result;
}

static int with_sizes(struct crash *c, size_t ka, size_t ki)
{
    struct dims d = {0};
    size_t n;
    int result;

    pending_base(&c->pending, &c->work, F_ADDCOW, ka);
    pending_base(&c->pending, &c->work, F_IMAGE, ki);
    n = spans_count(&c->spans, sectors_of(c->work.files[F_IMAGE].size));
    if (n > c->n_tokens)
        return 1;
    put_tokens(c, &c->work);
    c->raw_n = n;
    c->raw_ok = mem_grow(c->raw_ok, &c->raw_room, n + 1, 1);
    memset(c->raw_ok, UNKNOWN, n + 1);
    dims_add(c, &d, F_ADDCOW, ka);
    result = each_state(c, &d, ka, ki);
    dims_clear(&d);
    return result;
}

int tokens_point(struct crash *c)
{
    size_t na = c->pending.files[F_ADDCOW].n_sizes;
    size_t ni = c->pending.files[F_IMAGE].n_sizes;
    int result = 0;

    for (size_t ki = 0; ki < ni && result == 0; ki++)
        for (size_t ka = 0; ka < na && result == 0; ka++)
            result = with_sizes(c, ka, ki);
    return result;
}
