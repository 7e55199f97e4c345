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
#include <stdlib.h>

static int look(struct crash *c, const struct dims *d, size_t ka, size_t ki)
{
    struct verdict_of v;

    show(c, &c->answer, &c->work, 0);
    judge(c, &v, &c->answer, &c->work);
    if (!v.clause)
        return 0;
    state_clear(&c->state);
    c->state.size[F_ADDCOW] = ka;
    c->state.size[F_IMAGE] = ki;
    for (size_t i = 0; i < d->n; i++)
        state_pick(&c->state, d->all[i].file, d->all[i].sector, d->all[i].now);
    return convict(c, &c->state);
}

/* The next state: *AT is the dimension that changed.  0: that was the last. */
static bool next(struct dims *d, int *up, size_t *at)
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

static int all_states(struct crash *c, struct dims *d, size_t ka, size_t ki)
{
    int *up = mem_new(d->n, sizeof(*up));
    int result;
    size_t at;

    for (size_t i = 0; i < d->n; i++)
        up[i] = 1;
    result = look(c, d, ka, ki);
    while (result == 0 && next(d, up, &at)) {
        struct dim *dim = &d->all[at];

        medium_set(&c->work, dim->file, dim->sector, dim->ids[dim->now]);
        result = look(c, d, ka, ki);
    }
    mem_free(up);
    return result;
}

/* With sizes KA and KI; sectors with one choice have it. */
static int with_sizes(struct crash *c, size_t ka, size_t ki)
{
    struct dims d = {0};
    int result;

    pending_base(&c->pending, &c->work, F_ADDCOW, ka);
    pending_base(&c->pending, &c->work, F_IMAGE, ki);
    dims_add(c, &d, F_ADDCOW, ka);
    dims_add(c, &d, F_IMAGE, ki);
    result = all_states(c, &d, ka, ki);
    dims_clear(&d);
    return result;
}

int brute_point(struct crash *c)
{
    size_t na = c->pending.files[F_ADDCOW].n_sizes;
    size_t ni = c->pending.files[F_IMAGE].n_sizes;
    int result = 0;

    for (size_t ka = 0; ka < na && result == 0; ka++)
        for (size_t ki = 0; ki < ni && result == 0; ki++)
            result = with_sizes(c, ka, ki);
    return result;
}
