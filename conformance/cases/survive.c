/* SPDX-License-Identifier: MIT
 *
 * survive.c - see survive.h.
 */
#include "survive.h"

#include "../disk/store.h"
#include "env_impl.h"

#include <string.h>

#define SECTORS_PER_CLUSTER (CLUSTER / SECTOR)

/* States of a sector, a byte each in a sparse store. */
enum { DURABLE, PENDING, LOST };

/* One file at a moment of the recording. */
struct tracked {
    const char *name;
    struct store *visible;
    struct store *sure; /* the same without writes that failed */
    struct store *durable;
    struct store *states; /* byte S is that of sector S */
};

static void track(struct tracked *t, const char *name,
                  const struct store *content)
{
    t->name = name;
    t->visible = store_clone(content);
    t->sure = store_clone(content);
    t->durable = store_clone(content);
    t->states = store_new();
}

static void untrack(struct tracked *t)
{
    store_free(t->visible);
    store_free(t->sure);
    store_free(t->durable);
    store_free(t->states);
}

static void apply_write(struct tracked *t, const struct event *e)
{
    uint64_t last = (e->offset + e->len + SECTOR - 1) / SECTOR;
    uint8_t state = PENDING;

    if (e->n_applied)
        store_write(t->visible, e->data, e->n_applied, e->offset);
    if (e->result != ADDCOW_OK || !e->len)
        return;
    store_write(t->sure, e->data, e->len, e->offset);
    for (uint64_t s = e->offset / SECTOR; s < last; s++)
        store_write(t->states, &state, 1, s);
}

/* A flush that succeeded: what is pending becomes durable. */
static void make_durable(struct tracked *t, uint64_t sector)
{
    uint64_t size = store_size(t->sure);
    uint64_t offset = sector * SECTOR;
    size_t len = (size_t)(size - offset < SECTOR ? size - offset : SECTOR);
    uint8_t bytes[SECTOR];
    uint8_t state = DURABLE;

    store_read(t->sure, bytes, len, offset);
    store_write(t->durable, bytes, len, offset);
    store_write(t->states, &state, 1, sector);
}

static void lose(struct tracked *t, uint64_t sector)
{
    uint8_t state = LOST;

    store_write(t->states, &state, 1, sector);
}

/* Calls VISIT with each sector that is pending. */
static void each_pending(struct tracked *t,
                         void (*visit)(struct tracked *t, uint64_t sector))
{
    uint8_t states[STORE_PAGE];
    uint64_t at = 0;

    while ((at = store_next_page(t->states, at)) != UINT64_MAX) {
        store_read(t->states, states, sizeof(states), at);
        for (size_t i = 0; i < sizeof(states); i++) {
            if (states[i] == PENDING)
                visit(t, at + i);
        }
        at += STORE_PAGE;
    }
}

/* The host shows the old content again. */
static void drop(struct tracked *t)
{
    const char *name = t->name;
    struct store *content = store_clone(t->durable);

    untrack(t);
    track(t, name, content);
    store_free(content);
}

static void apply_flush(struct tracked *t, const struct event *e)
{
    if (e->result == ADDCOW_OK)
        each_pending(t, make_durable);
    else if (e->dropped)
        drop(t);
    else
        each_pending(t, lose);
}

static void follow(struct tracked *t, struct env *env, size_t first)
{
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (!e->ended || !event_is(env, e, t->name))
            continue;
        if (e->kind == EV_WRITE)
            apply_write(t, e);
        if (e->kind == EV_FLUSH)
            apply_flush(t, e);
    }
}

/* ---- Judging ------------------------------------------------------------ */

/* A sector that holds what it must not, and on which medium. */
struct wrong {
    int found;
    int is_version;
    int visible_bits, visible_data;
    uint64_t sector;
    char what[120];
};

/* One sector as a reader of a medium finds it. */
static void judge_sector(struct wrong *out, const struct watch *w,
                         const uint8_t *data, uint64_t sector)
{
    if (oracle_may_survive(w->oracle, data, sector))
        return;
    out->found = 1;
    out->sector = sector;
    out->is_version = oracle_is_version(w->oracle, data, sector);
    pattern_name(out->what, sizeof(out->what), data, SECTOR, sector * SECTOR);
}

/* CLUSTER as it is in FILE, null: zeros.  FIRST_VERSION: it is known to hold
 * version 0 in each sector. */
static void judge_content(struct wrong *out, const struct watch *w,
                          const struct store *file, uint64_t cluster,
                          int first_version)
{
    static uint8_t data[CLUSTER];
    uint64_t first = cluster * SECTORS_PER_CLUSTER;
    uint64_t end = oracle_size(w->oracle) / SECTOR;

    memset(data, 0, sizeof(data));
    if (file)
        store_read(file, data, sizeof(data), cluster * CLUSTER);
    for (uint64_t i = 0; i < SECTORS_PER_CLUSTER && first + i < end; i++) {
        if (out->found)
            return;
        if (!first_version || oracle_lo(w->oracle, first + i) > 0)
            judge_sector(out, w, data + i * SECTOR, first + i);
    }
}

static int bit_in(const struct store *addcow, uint64_t cluster)
{
    uint8_t byte;

    store_read(addcow, &byte, 1, HEADER_LEN + cluster / 8);
    return byte >> cluster % 8 & 1;
}

/* The cluster on each of the four media.  It shows backing where its bit is
 * 0, whatever the image file holds, and the image file where it is 1: what
 * has been looked at need not be again. */
static void judge_cluster(struct wrong *out, const struct watch *w,
                          const struct tracked *addcow,
                          const struct tracked *image, uint64_t cluster)
{
    int seen[3] = {0, 0, 0}; /* the image file's two states, backing */

    for (int medium = 0; medium < 4 && !out->found; medium++) {
        int all_bits = medium & 1;
        int all_data = medium >> 1;
        int allocated =
            bit_in(all_bits ? addcow->visible : addcow->durable, cluster);
        int what = allocated ? all_data : 2;

        if (seen[what]++)
            continue;
        out->visible_bits = all_bits;
        out->visible_data = all_data;
        if (allocated)
            judge_content(out, w, all_data ? image->visible : image->durable,
                          cluster, 0);
        else
            judge_content(out, w, w->backing, cluster,
                          !bit_in(w->addcow, cluster));
    }
}

void watch_begin(struct watch *w, struct env *env, const struct oracle *o,
                 const uint64_t *clusters)
{
    need_simulated(env);
    w->env = env;
    w->oracle = o;
    w->clusters = clusters;
    w->image = keep_view(env, IMAGE_NAME);
    w->addcow = keep_view(env, ADDCOW_NAME);
    w->backing = keep_view(env, BACKING_NAME);
    w->first = n_events(env);
}

static struct wrong judge(const struct watch *w)
{
    struct wrong out = {0};
    struct tracked addcow, image;

    track(&addcow, ADDCOW_NAME, w->addcow);
    track(&image, IMAGE_NAME, w->image);
    follow(&addcow, w->env, w->first);
    follow(&image, w->env, w->first);
    for (const uint64_t *c = w->clusters; *c != END_OF_LIST && !out.found; c++)
        judge_cluster(&out, w, &addcow, &image, *c);
    untrack(&addcow);
    untrack(&image);
    return out;
}

void expect_survival(const struct watch *w, const char *older,
                     const char *none)
{
    struct wrong wrong = judge(w);

    count_check(w->env, older);
    if (!wrong.found)
        return;
    fail(w->env, wrong.is_version ? older : none,
         wrong.is_version
             ? "what was acknowledged as durable survives"
             : "no bit is 1 in the add-cow file before its data is durable",
         "sector %llu is %s, if of the add-cow file %s survived, of the "
         "image file %s",
         (unsigned long long)wrong.sector, wrong.what,
         wrong.visible_bits ? "all" : "only what is durable",
         wrong.visible_data ? "all" : "only what is durable");
}
