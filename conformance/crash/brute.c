/* SPDX-License-Identifier: MIT
 *
 * brute.c - each state of a point is made, opened and read.
 *
 * In the order of a reflected Gray code of mixed radix: one sector changes
 * from one state to the next.
 */
#include "base/memory.h"
#include "engine.h"

#include <stdbool.h>

static enum ruling look(struct crash *c, const struct dims *d)
{
    struct point *p = &c->point;
    struct verdict_of v;

    show(c, &p->answer, &p->work, 0);
    judge(c, &v, &p->answer, &p->work);
    if (!v.clause)
        return DECIDED;
    dims_state(&p->state, d);
    return convict(c, &p->state);
}

/* Goes on to the next state: *AT is the dimension that changes.  False: there
 * is no next one. */
static bool next(struct dims *d, bool *up, size_t *at)
{
    for (size_t i = 0; i < d->n; i++) {
        struct dim *dim = &d->all[i];

        if (up[i] ? dim->now + 1 < dim->n : dim->now > 0) {
            dim->now += up[i] ? 1 : (size_t)-1;
            *at = i;
            return true;
        }
        up[i] = !up[i];
    }
    return false;
}

static enum ruling all_states(struct crash *c, struct dims *d)
{
    bool *up = mem_new(d->n, sizeof(*up));
    enum ruling ruling;
    size_t at;

    for (size_t i = 0; i < d->n; i++)
        up[i] = true;
    ruling = look(c, d);
    while (ruling == DECIDED && next(d, up, &at)) {
        struct dim *dim = &d->all[at];

        medium_set(&c->point.work, dim->file, dim->sector, dim->ids[dim->now]);
        ruling = look(c, d);
    }
    mem_free(up);
    return ruling;
}

/* With sizes KA and KI; sectors with one choice have it. */
static enum ruling with_sizes(struct crash *c, size_t ka, size_t ki)
{
    struct pending *pending = &c->point.pending;
    struct dims d = {.size = {ka, ki}};
    enum ruling ruling;

    for (unsigned f = 0; f < N_WRITABLE; f++) {
        pending_base(pending, &c->point.work, f, d.size[f]);
        dims_add(pending, &d, f);
    }
    ruling = all_states(c, &d);
    dims_clear(&d);
    return ruling;
}

enum ruling brute_point(struct crash *c)
{
    size_t na = c->point.pending.files[F_ADDCOW].n_sizes;
    size_t ni = c->point.pending.files[F_IMAGE].n_sizes;
    enum ruling ruling = DECIDED;

    for (size_t ka = 0; ka < na && ruling == DECIDED; ka++)
        for (size_t ki = 0; ki < ni && ruling == DECIDED; ki++)
            ruling = with_sizes(c, ka, ki);
    return ruling;
}
