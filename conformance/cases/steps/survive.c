/* SPDX-License-Identifier: MIT
 *
 * survive.c - see survive.h.
 */
#include "survive.h"
#include "disk/replay.h"
#include "env/env_impl.h"

#include <stdbool.h>

#define SECTORS_PER_CLUSTER (CLUSTER / SECTOR)

/* The file NAME, of this CONTENT now. */
static void track(struct tracked *t, struct env *env, const char *name,
                  const struct store *content)
{
    t->name = name;
    t->next = n_events(env);
    t->replay = keep_replay(env, content);
}

/* Up to the newest event.  Between calls of the shim all have ended. */
static void follow(struct tracked *t, struct env *env)
{
    for (; t->next < n_events(env); t->next++) {
        const struct event *e = event_at(env, t->next);

        if (event_is(env, e, t->name))
            replay_event(t->replay, e);
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

/* The two states of each file: only what is durable, and all. */
struct extremes {
    const struct store *addcow[2];
    const struct store *image[2];
};

/* The cluster on each of the four media.  It shows backing where its bit is
 * 0, whatever the image file holds, and the image file where it is 1: what
 * has been looked at need not be again. */
static void judge_cluster(struct wrong *out, const struct watch *w,
                          const struct extremes *x, uint64_t cluster)
{
    int seen[3] = {0, 0, 0}; /* the image file's two states, backing */

    for (int medium = 0; medium < 4 && !out->found; medium++) {
        int all_bits = medium & 1;
        int all_data = medium >> 1;
        int allocated = bit_in(x->addcow[all_bits], cluster);
        int what = allocated ? all_data : 2;

        if (seen[what]++)
            continue;
        out->visible_bits = all_bits;
        out->visible_data = all_data;
        if (allocated)
            judge_content(out, w, x->image[all_data], cluster, 0);
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
    track(&w->addcow, env, ADDCOW_NAME, w->first_addcow);
    track(&w->image, env, IMAGE_NAME, keep_view(env, IMAGE_NAME));
}

static struct wrong judge(struct watch *w)
{
    struct wrong out = {0};
    struct store *bits;
    struct store *data;
    struct extremes x;

    follow(&w->addcow, w->env);
    follow(&w->image, w->env);
    bits = replay_durable(w->addcow.replay);
    data = replay_durable(w->image.replay);
    x = (struct extremes){.addcow = {bits, replay_visible(w->addcow.replay)},
                          .image = {data, replay_visible(w->image.replay)}};
    for (const uint64_t *c = w->clusters; *c != END_OF_LIST && !out.found; c++)
        judge_cluster(&out, w, &x, *c);
    store_free(bits);
    store_free(data);
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
         "guest sector %llu reads as %s, if of the add-cow file %s survived "
         "and of the image file %s",
         (unsigned long long)wrong.sector, wrong.what,
         wrong.visible_bits ? "all" : "only what is durable",
         wrong.visible_data ? "all" : "only what is durable");
}
