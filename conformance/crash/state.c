/* SPDX-License-Identifier: MIT
 *
 * state.c - single states of a point, and how many there are.
 */
#include "base/memory.h"
#include "engine.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

void state_clear(struct state *s)
{
    memset(s->size, 0, sizeof(s->size));
    s->n_picks = 0;
}

void state_pick(struct state *s, unsigned file, uint64_t sector, size_t choice)
{
    if (choice == 0)
        return;
    s->picks = mem_grow(s->picks, &s->room, s->n_picks + 1, sizeof(*s->picks));
    s->picks[s->n_picks++] = (struct pick){file, sector, choice};
}

void state_copy(struct state *to, const struct state *from)
{
    state_clear(to);
    memcpy(to->size, from->size, sizeof(to->size));
    for (size_t i = 0; i < from->n_picks; i++)
        state_pick(to, from->picks[i].file, from->picks[i].sector,
                   from->picks[i].choice);
}

/* With a size that cuts, a sector's durable content is cut as well: what has
 * one choice need not be what it was. */
void state_make(struct crash *c, struct medium *m, const struct state *s)
{
    const uint32_t *ids;

    for (unsigned f = 0; f < N_WRITABLE; f++)
        pending_base(&c->pending, m, f, s->size[f]);
    for (size_t i = 0; i < s->n_picks; i++) {
        const struct pick *p = &s->picks[i];
        size_t n = pending_choices(&c->pending, &ids, p->file, p->sector,
                                   s->size[p->file]);

        if (p->choice < n)
            medium_set(m, p->file, p->sector, ids[p->choice]);
    }
}

void put_tokens(struct crash *c, struct medium *m)
{
    uint64_t size = m->files[F_IMAGE].size;
    size_t n = spans_count(&c->spans, sectors_of(size));

    for (size_t i = 0; i < n && i < c->n_tokens; i++)
        medium_set(m, F_IMAGE, spans_sector(&c->spans, i),
                   c->first_token + (uint32_t)i);
    if (size % LEN)
        medium_set(m, F_IMAGE, size / LEN,
                   contents_cut(c->contents, medium_id(m, F_IMAGE, size / LEN),
                                (size_t)(size % LEN)));
}

bool state_wrong(struct crash *c, struct verdict_of *out,
                 const struct state *s)
{
    state_make(c, &c->scratch, s);
    show(c, &c->answer, &c->scratch, 0);
    judge(c, out, &c->answer, &c->scratch);
    return out->clause != NULL;
}

bool state_exists(struct crash *c, const struct state *s)
{
    const uint32_t *ids;

    for (unsigned f = 0; f < N_WRITABLE; f++)
        if (s->size[f] >= c->pending.files[f].n_sizes)
            return false;
    for (size_t i = 0; i < s->n_picks; i++) {
        const struct pick *p = &s->picks[i];

        if (p->choice >= pending_choices(&c->pending, &ids, p->file, p->sector,
                                         s->size[p->file]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (s->picks[k].file == p->file && s->picks[k].sector == p->sector)
                return false;
    }
    return true;
}

/* ---- Counting ----------------------------------------------------------- */

struct crash_count count_of(struct crash *c, unsigned file)
{
    struct pending_file *f = &c->pending.files[file];
    struct crash_count sum = {0, 0};
    const uint32_t *ids;

    for (size_t k = 0; k < f->n_sizes; k++) {
        struct crash_count product = count_from(1);

        for (size_t i = 0; i < f->n_sectors; i++) {
            size_t n =
                pending_choices(&c->pending, &ids, file, f->sectors[i], k);

            if (n > 1)
                count_multiply(&product, n);
        }
        crash_count_add(&sum, &product);
    }
    return sum;
}

struct crash_count count_point(struct crash *c)
{
    struct crash_count n = count_of(c, F_ADDCOW);
    struct crash_count m = count_of(c, F_IMAGE);

    if (n.exact && m.exact && n.exact <= UINT64_MAX / m.exact)
        n.exact *= m.exact;
    else
        n.exact = 0;
    n.log2 += m.log2;
    return n;
}

/* ---- Choices ------------------------------------------------------------ */

void dims_add(struct crash *c, struct dims *d, unsigned file, size_t k)
{
    struct pending_file *f = &c->pending.files[file];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n = pending_choices(&c->pending, &ids, file, f->sectors[i], k);

        if (n < 2)
            continue;
        d->all = mem_grow(d->all, &d->room, d->n + 1, sizeof(*d->all));
        d->all[d->n++] = (struct dim){.file = file,
                                      .sector = f->sectors[i],
                                      .ids = mem_copy(ids, n * sizeof(*ids)),
                                      .n = n};
    }
}

void dims_clear(struct dims *d)
{
    for (size_t i = 0; i < d->n; i++)
        mem_free(d->all[i].ids);
    mem_free(d->all);
    memset(d, 0, sizeof(*d));
}

/* ---- Keys --------------------------------------------------------------- */

static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void key_of(const struct crash *c, uint64_t key[2], const struct medium *m)
{
    const struct medium_file *f = &m->files[F_ADDCOW];
    uint64_t n = sectors_of(f->size);

    key[0] = mix(f->size + 1);
    key[1] = mix(m->files[F_IMAGE].size + 1);
    for (uint64_t s = 0; s < n; s++) {
        uint64_t hash = contents_hash(c->contents, medium_id(m, F_ADDCOW, s));

        key[0] += mix(hash + s * UINT64_C(0x9e3779b97f4a7c15));
        key[1] += mix(hash ^ (s + 1) * UINT64_C(0xd6e8feb86659fd93));
    }
}
