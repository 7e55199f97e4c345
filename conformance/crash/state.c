/* SPDX-License-Identifier: MIT
 *
 * state.c - single states of a point, how many there are, and all of them in
 * turn.
 */
#include "base/memory.h"
#include "base/mix.h"
#include "engine.h"

#include <stdbool.h>
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

void state_pick_newest(struct pending *p, struct state *s, unsigned file)
{
    struct pending_file *f = &p->files[file];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n =
            pending_choices(p, &ids, file, f->sectors[i], s->size[file]);

        state_pick(s, file, f->sectors[i], n - 1);
    }
}

void state_newest(struct pending *p, struct state *s)
{
    state_clear(s);
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        s->size[f] = p->files[f].n_sizes - 1;
        state_pick_newest(p, s, f);
    }
}

bool state_exists(struct pending *p, const struct state *s)
{
    const uint32_t *ids;

    for (unsigned f = 0; f < N_WRITABLE; f++)
        if (s->size[f] >= p->files[f].n_sizes)
            return false;
    for (size_t i = 0; i < s->n_picks; i++) {
        const struct pick *k = &s->picks[i];

        if (k->choice >=
            pending_choices(p, &ids, k->file, k->sector, s->size[k->file]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (s->picks[j].file == k->file && s->picks[j].sector == k->sector)
                return false;
    }
    return true;
}

/* ---- Media -------------------------------------------------------------- */

/* With a size that cuts, a sector's durable content is cut as well: what has
 * one choice need not be what it was. */
void state_make(struct pending *p, struct medium *m, const struct state *s)
{
    const uint32_t *ids;

    for (unsigned f = 0; f < N_WRITABLE; f++)
        pending_base(p, m, f, s->size[f]);
    for (size_t i = 0; i < s->n_picks; i++) {
        const struct pick *k = &s->picks[i];
        size_t n =
            pending_choices(p, &ids, k->file, k->sector, s->size[k->file]);

        if (k->choice < n)
            medium_set(m, k->file, k->sector, ids[k->choice]);
    }
}

bool state_wrong(struct crash *c, struct verdict_of *out,
                 const struct state *s)
{
    struct point *p = &c->point;

    state_make(&p->pending, &p->scratch, s);
    show(c, &p->answer, &p->scratch, 0);
    judge(c, out, &p->answer, &p->scratch);
    return out->clause != NULL;
}

void put_tokens(const struct setup *setup, struct medium *m)
{
    uint64_t size = m->files[F_IMAGE].size;
    size_t n = spans_count(&setup->spans, sectors_of(size));

    for (size_t i = 0; i < n && i < setup->n_tokens; i++)
        medium_set(m, F_IMAGE, spans_sector(&setup->spans, i),
                   setup->first_token + (uint32_t)i);
    if (size % LEN)
        medium_set(m, F_IMAGE, size / LEN,
                   contents_cut(m->contents, medium_id(m, F_IMAGE, size / LEN),
                                (size_t)(size % LEN)));
}

void key_of(uint64_t key[2], const struct medium *m)
{
    const struct medium_file *f = &m->files[F_ADDCOW];
    uint64_t n = sectors_of(f->size);

    key[0] = mix(f->size + 1);
    key[1] = mix(m->files[F_IMAGE].size + 1);
    for (uint64_t s = 0; s < n; s++) {
        uint64_t hash = contents_hash(m->contents, medium_id(m, F_ADDCOW, s));

        key[0] += mix(hash + s * UINT64_C(0x9e3779b97f4a7c15));
        key[1] += mix(hash ^ (s + 1) * UINT64_C(0xd6e8feb86659fd93));
    }
}

/* ---- Counting ----------------------------------------------------------- */

struct crash_count count_of(struct pending *p, unsigned file)
{
    struct pending_file *f = &p->files[file];
    struct crash_count sum = {0, 0};
    const uint32_t *ids;

    for (size_t k = 0; k < f->n_sizes; k++) {
        struct crash_count product = count_from(1);

        for (size_t i = 0; i < f->n_sectors; i++) {
            size_t n = pending_choices(p, &ids, file, f->sectors[i], k);

            if (n > 1)
                count_multiply(&product, n);
        }
        crash_count_add(&sum, &product);
    }
    return sum;
}

struct crash_count count_all(struct pending *p)
{
    struct crash_count n = count_of(p, F_ADDCOW);
    struct crash_count m = count_of(p, F_IMAGE);

    if (n.exact && m.exact && n.exact <= UINT64_MAX / m.exact)
        n.exact *= m.exact;
    else
        n.exact = 0;
    n.log2 += m.log2;
    return n;
}

/* ---- All states --------------------------------------------------------- */

void dims_add(struct pending *p, struct dims *d, unsigned file)
{
    struct pending_file *f = &p->files[file];
    const uint32_t *ids;

    for (size_t i = 0; i < f->n_sectors; i++) {
        size_t n =
            pending_choices(p, &ids, file, f->sectors[i], d->size[file]);

        if (n < 2)
            continue;
        d->all = mem_grow(d->all, &d->room, d->n + 1, sizeof(*d->all));
        d->all[d->n++] = (struct dim){.file = file,
                                      .sector = f->sectors[i],
                                      .ids = mem_copy(ids, n * sizeof(*ids)),
                                      .n = n};
    }
}

void dims_state(struct state *out, const struct dims *d)
{
    state_clear(out);
    memcpy(out->size, d->size, sizeof(out->size));
    for (size_t i = 0; i < d->n; i++)
        state_pick(out, d->all[i].file, d->all[i].sector, d->all[i].now);
}

void dims_clear(struct dims *d)
{
    for (size_t i = 0; i < d->n; i++)
        mem_free(d->all[i].ids);
    mem_free(d->all);
}
