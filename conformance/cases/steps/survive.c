/* SPDX-License-Identifier: MIT
 *
 * survive.c - see survive.h.
 */
#include "survive.h"
#include "data/store.h"
#include "env/env_impl.h"

#include <stdbool.h>
#include <string.h>

#define SECTORS_PER_CLUSTER (CLUSTER / SECTOR)

/* States of a sector, a byte each in a sparse store. */
enum { DURABLE, PENDING, LOST };

/* What is kept of a file: all that is visible, the same without writes that
 * failed, and what is durable.  Byte S of the last is the state of sector
 * S. */
enum { VISIBLE, SURE, DURABLE_PART, STATES, N_KEPT };

static struct store *kept(const struct tracked *t, int which)
{
    return t->kept->files[which].content;
}

static void keep(struct tracked *t, int which, struct store *content)
{
    store_free(kept(t, which));
    t->kept->files[which].content = content;
}

/* The file NAME, from event FIRST on. */
static void track(struct tracked *t, struct env *env, const char *name,
                  const struct store *content, size_t first)
{
    t->name = name;
    t->next = first;
    t->kept = keep_stores(env, N_KEPT);
    for (int which = VISIBLE; which <= DURABLE_PART; which++)
        keep(t, which, store_clone(content));
    keep(t, STATES, store_new());
}

/* The N sectors from FIRST on are in STATE now. */
static void put_states(struct tracked *t, uint8_t state, uint64_t n,
                       uint64_t first)
{
    uint8_t states[SECTORS_PER_CLUSTER];

    memset(states, state, sizeof(states));
    for (uint64_t part; n; n -= part, first += part) {
        part = n < sizeof(states) ? n : sizeof(states);
        store_write(kept(t, STATES), states, (size_t)part, first);
    }
}

static void apply_write(struct tracked *t, const struct event *e)
{
    uint64_t first = e->offset / SECTOR;
    uint64_t end = (e->offset + e->len + SECTOR - 1) / SECTOR;

    if (e->n_applied)
        store_write(kept(t, VISIBLE), e->data, e->n_applied, e->offset);
    if (e->result != ADDCOW_OK || !e->len)
        return;
    store_write(kept(t, SURE), e->data, e->len, e->offset);
    put_states(t, PENDING, end - first, first);
}

/* A flush that succeeded: what is pending becomes durable. */
static void make_durable(struct tracked *t, uint64_t n, uint64_t first)
{
    uint64_t size = store_size(kept(t, SURE));
    uint64_t end = (first + n) * SECTOR < size ? (first + n) * SECTOR : size;
    uint8_t bytes[8 * SECTOR];
    size_t len;

    for (uint64_t at = first * SECTOR; at < end; at += len) {
        len = (size_t)(end - at < sizeof(bytes) ? end - at : sizeof(bytes));
        store_read(kept(t, SURE), bytes, len, at);
        store_write(kept(t, DURABLE_PART), bytes, len, at);
    }
    put_states(t, DURABLE, n, first);
}

static void lose(struct tracked *t, uint64_t n, uint64_t first)
{
    put_states(t, LOST, n, first);
}

typedef void visit_fn(struct tracked *t, uint64_t n, uint64_t first);

/* Calls VISIT with each run of sectors that are pending and stand in one page
 * of the states. */
static void each_pending(struct tracked *t, visit_fn *visit)
{
    uint8_t states[STORE_PAGE];
    uint64_t at = 0;

    while ((at = store_next_page(kept(t, STATES), at)) != UINT64_MAX) {
        const uint8_t *from = states, *end = states + sizeof(states);

        store_read(kept(t, STATES), states, sizeof(states), at);
        while ((from = memchr(from, PENDING, (size_t)(end - from))) != NULL) {
            const uint8_t *to = from;

            while (to < end && *to == PENDING)
                to++;
            visit(t, (uint64_t)(to - from), at + (uint64_t)(from - states));
            from = to;
        }
        at += STORE_PAGE;
    }
}

/* The host shows the old content again. */
static void drop(struct tracked *t)
{
    keep(t, VISIBLE, store_clone(kept(t, DURABLE_PART)));
    keep(t, SURE, store_clone(kept(t, DURABLE_PART)));
    keep(t, STATES, store_new());
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

/* Up to the newest event.  Between calls of the shim all have ended. */
static void follow(struct tracked *t, struct env *env)
{
    for (; t->next < n_events(env); t->next++) {
        const struct event *e = event_at(env, t->next);

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
    bool is_version;
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
    uint64_t first = cluster * SECTORS_PER_CLUSTER;
    uint64_t end = oracle_size(w->oracle) / SECTOR;
    uint8_t data[SECTOR] = {0};

    for (uint64_t s = first; s < first + SECTORS_PER_CLUSTER && s < end; s++) {
        if (out->found)
            return;
        if (first_version && oracle_lo(w->oracle, s) == 0)
            continue;
        if (file && oracle_is_first_in(w->oracle, file, s))
            continue;
        if (file)
            store_read(file, data, SECTOR, s * SECTOR);
        judge_sector(out, w, data, s);
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
                          uint64_t cluster)
{
    int seen[3] = {0, 0, 0}; /* the image file's two states, backing */

    for (int medium = 0; medium < 4 && !out->found; medium++) {
        int all_bits = medium & 1;
        int all_data = medium >> 1;
        int allocated = bit_in(
            kept(&w->addcow, all_bits ? VISIBLE : DURABLE_PART), cluster);
        int what = allocated ? all_data : 2;

        if (seen[what]++)
            continue;
        out->visible_bits = all_bits;
        out->visible_data = all_data;
        if (allocated)
            judge_content(out, w,
                          kept(&w->image, all_data ? VISIBLE : DURABLE_PART),
                          cluster, 0);
        else
            judge_content(out, w, w->backing, cluster,
                          !bit_in(w->first_addcow, cluster));
    }
}

void watch_begin(struct watch *w, struct env *env, const struct oracle *o,
                 const uint64_t *clusters)
{
    need_simulated(env);
    w->env = env;
    w->oracle = o;
    w->clusters = clusters;
    w->first_addcow = keep_view(env, ADDCOW_NAME);
    w->backing = keep_view(env, BACKING_NAME);
    track(&w->addcow, env, ADDCOW_NAME, w->first_addcow, n_events(env));
    track(&w->image, env, IMAGE_NAME, keep_view(env, IMAGE_NAME),
          n_events(env));
}

static struct wrong judge(struct watch *w)
{
    struct wrong out = {0};

    follow(&w->addcow, w->env);
    follow(&w->image, w->env);
    for (const uint64_t *c = w->clusters; *c != END_OF_LIST && !out.found; c++)
        judge_cluster(&out, w, *c);
    return out;
}

void expect_survival(struct watch *w, const char *older, const char *none)
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
