/* SPDX-License-Identifier: MIT
 *
 * recording.c - what the host was asked to do, judged from the recording.
 *
 * The files are rebuilt from a copy of the storage and the events since
 * (disk/replay.h).  Faults of the host are passed on to disk/ here as well.
 * Deliberately missing: power cuts.
 */
#include "base/memory.h"
#include "disk/replay.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t n_events(struct env *env)
{
    need_simulated(env);
    return record_len(disk_record(env->disk));
}

const struct event *event_at(struct env *env, size_t i)
{
    if (i >= n_events(env))
        error(env, "the case looks at event %zu, which is not there", i);
    return record_at(disk_record(env->disk), i);
}

bool event_is(struct env *env, const struct event *event, const char *name)
{
    if (!name)
        return true;
    return event->inode && event->inode == disk_inode(env->disk, name);
}

static bool selected(struct env *env, const struct event *e,
                     enum event_kind kind, const char *name)
{
    if (e->kind == EV_GUEST)
        return kind == EV_GUEST;
    return (kind == EV_ANY || e->kind == kind) && event_is(env, e, name);
}

size_t host_calls(struct env *env, enum event_kind kind, const char *name,
                  size_t first)
{
    size_t n = 0;

    for (size_t i = first; i < n_events(env); i++)
        n += selected(env, event_at(env, i), kind, name) != 0;
    return n;
}

uint64_t host_bytes(struct env *env, enum event_kind kind, const char *name,
                    size_t first)
{
    uint64_t n = 0;

    for (size_t i = first; i < n_events(env); i++)
        if (selected(env, event_at(env, i), kind, name))
            n += event_at(env, i)->len;
    return n;
}

size_t flush_between(struct env *env, const char *name, size_t after,
                     size_t before)
{
    uint64_t from = after == NO_EVENT ? 0 : event_at(env, after)->ended;
    uint64_t to =
        before == NO_EVENT ? UINT64_MAX : event_at(env, before)->began;

    if (after != NO_EVENT && from == 0)
        return NO_EVENT; /* it has not ended */
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_FLUSH && event_is(env, e, name) && e->ended &&
            e->result == ADDCOW_OK && e->began > from && e->ended < to)
            return i;
    }
    return NO_EVENT;
}

/* ---- Replaying */

/* The newest copy of the storage that was taken at or before event FIRST. */
static const struct base *base_before(struct env *env, size_t first)
{
    const struct base *b = env->bases;

    while (b && b->first > first)
        b = b->next;
    if (!b)
        error(env, "there is no copy of the storage before event %zu", first);
    return b;
}

/* A file that was not there yet is taken for an empty one. */
static struct replay *replay_from(const struct base *b, const char *path)
{
    struct store *empty = store_new();
    const struct store *s = disk_content(b->disk, path);
    struct replay *r = replay_new(s ? s : empty);

    store_free(empty);
    return r;
}

struct replay *replay_until(struct env *env, const char *name, size_t end)
{
    const struct base *b = base_before(env, end);
    struct replay *r = replay_from(b, name);

    for (size_t i = b->first; i < end; i++) {
        const struct event *e = event_at(env, i);

        if (event_is(env, e, name))
            replay_event(r, e);
    }
    return r;
}

/* The bits that E, a write about to be issued, turns from 0 to 1 in the byte
 * of CLUSTER. */
static unsigned turned_on(const struct replay *bits, const struct event *e,
                          uint64_t cluster)
{
    const struct store *visible = replay_visible(bits);
    uint64_t at = HEADER_LEN + cluster / 8;
    uint8_t old;

    if (!visible || e->kind != EV_WRITE || at < e->offset ||
        at - e->offset >= e->len)
        return 0;
    store_read(visible, &old, 1, at);
    return e->data[at - e->offset] & ~(unsigned)old;
}

size_t event_of_bit(struct env *env, const char *name, uint64_t cluster,
                    size_t first)
{
    const struct base *b;
    struct replay *r;
    size_t found = NO_EVENT;

    need_simulated(env);
    if (first >= n_events(env))
        return NO_EVENT;
    b = base_before(env, first);
    r = replay_from(b, name);
    for (size_t i = b->first; i < n_events(env) && found == NO_EVENT; i++) {
        const struct event *e = event_at(env, i);

        if (!event_is(env, e, name))
            continue;
        if (i >= first && turned_on(r, e, cluster) >> cluster % 8 & 1)
            found = i;
        replay_event(r, e);
    }
    replay_free(r);
    return found;
}

/* ---- The order of flush and bit */

/* The two files, and what each good flush of the image file covered. */
struct cover {
    struct replay *bits;
    struct replay *image;
    struct store **flushed;
    size_t n_flushed;
    size_t room;
};

static void note_flush(struct cover *c)
{
    c->flushed =
        mem_grow(c->flushed, &c->room, c->n_flushed + 1, sizeof(*c->flushed));
    c->flushed[c->n_flushed++] = store_clone(replay_covered(c->image));
}

static void cover_free(struct cover *c)
{
    replay_free(c->bits);
    replay_free(c->image);
    for (size_t i = 0; i < c->n_flushed; i++)
        store_free(c->flushed[i]);
    mem_free(c->flushed);
}

/* E begins or ends. */
static void follow(struct replay *r, const struct event *e, bool is_end)
{
    if (is_end)
        replay_end(r, e);
    else
        replay_begin(r, e);
}

/* Whether some good flush covered all of CLUSTER. */
static int covered(const struct cover *c, const struct oracle *o,
                   uint64_t cluster)
{
    uint8_t *buf = mem_new(1, CLUSTER);
    int good = 0;

    for (size_t i = c->n_flushed; i-- > 0 && !good;) {
        store_read(c->flushed[i], buf, CLUSTER, cluster * CLUSTER);
        good = oracle_is_complete(o, buf, cluster);
    }
    mem_free(buf);
    return good;
}

/* The first of the clusters from CLUSTER on, whose bits are ON, below N, that
 * no flush covered. */
static uint64_t early_in(const struct cover *c, const struct oracle *o,
                         unsigned on, uint64_t cluster, uint64_t n)
{
    for (; on && cluster < n; on >>= 1, cluster++)
        if (on & 1 && !covered(c, o, cluster))
            return cluster;
    return UINT64_MAX;
}

/* The first cluster of the disk whose bit E turns on too early.  Writers may
 * write the whole bitmap each time: it is compared in blocks. */
static uint64_t early_bit(const struct cover *c, const struct oracle *o,
                          const struct event *e)
{
    const struct store *image = replay_visible(c->image);
    const struct store *bits = replay_visible(c->bits);
    uint64_t n = image ? clusters_of(store_size(image)) : 0;
    uint64_t at = e->offset > HEADER_LEN ? e->offset : HEADER_LEN;
    uint64_t early = UINT64_MAX;
    uint64_t end = e->offset + e->len;
    uint8_t old[4096];

    while (bits && at < end && early == UINT64_MAX) {
        size_t len = end - at < sizeof(old) ? end - at : sizeof(old);
        const uint8_t *new = e->data + (at - e->offset);

        store_read(bits, old, len, at);
        for (size_t i = 0; i < len && early == UINT64_MAX; i++)
            if (new[i] & ~(unsigned)old[i])
                early = early_in(c, o, new[i] & ~(unsigned)old[i],
                                 8 * (at + i - HEADER_LEN), n);
        at += len;
    }
    return early;
}

/* Takes the next moment; returns the first cluster whose bit came too early,
 * or UINT64_MAX. */
static uint64_t step_early(struct img *img, struct cover *c,
                           const struct moment *m)
{
    const struct event *e = event_at(img->env, m->event);
    uint64_t early = UINT64_MAX;

    if (event_is(img->env, e, img->image_path)) {
        follow(c->image, e, m->is_end);
        if (e->kind == EV_FLUSH && m->is_end && e->result == ADDCOW_OK)
            note_flush(c);
    }
    if (!event_is(img->env, e, img->path))
        return early;
    if (!m->is_end && e->kind == EV_WRITE)
        early = early_bit(c, img->oracle, e);
    follow(c->bits, e, m->is_end);
    return early;
}

/* Replays; returns the first cluster whose bit came too early. */
static uint64_t search_early(struct img *img, size_t *event)
{
    struct env *env = img->env;
    const struct base *b = base_before(env, img->first_event);
    struct cover c = {.bits = replay_from(b, img->path),
                      .image = replay_from(b, img->image_path)};
    uint64_t early = UINT64_MAX;
    struct moment *moments;
    size_t n;

    note_flush(&c);
    moments = record_moments(disk_record(env->disk), &n, b->first);
    for (size_t i = 0; i < n && early == UINT64_MAX; i++) {
        early = step_early(img, &c, &moments[i]);
        *event = moments[i].event;
    }
    cover_free(&c);
    mem_free(moments);
    return early;
}

static void need_tracked(struct img *img)
{
    need_simulated(img->env);
    if (!img->oracle || !img->image_path)
        error(img->env, "the image was made by hand and has no oracle");
}

void expect_bit_order(struct img *img, const char *clause)
{
    uint64_t early;
    size_t event = 0;

    count_check(img->env, clause);
    need_tracked(img);
    early = search_early(img, &event);
    if (early == UINT64_MAX)
        return;
    fail_as(img->env, clause, CHECK_BIT_ORDER, "early",
            "no bit becomes 1 before a flush of the image file covered the "
            "whole cluster",
            "the bit of cluster %" PRIu64 " became 1 before that, by a %s",
            early, event_words(img->env, event));
}

/* ---- What a flush covers */

/* A write to the file PATH that the guest's flush G should have covered and
 * did not, or NO_EVENT. */
static size_t uncovered(struct env *env, const char *path,
                        const struct event *g, size_t first)
{
    uint64_t covered_from = 0; /* begin of the newest good flush */

    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_FLUSH && e->ended && e->ended < g->ended &&
            e->result == ADDCOW_OK && event_is(env, e, path) &&
            e->began > covered_from)
            covered_from = e->began;
    }
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);
        int mine =
            e->ended && (e->ended < g->began ||
                         (e->thread == g->thread && e->ended < g->ended));

        if ((e->kind == EV_WRITE || e->kind == EV_SET_SIZE) && mine &&
            e->result == ADDCOW_OK && event_is(env, e, path) &&
            e->ended > covered_from)
            return i;
    }
    return NO_EVENT;
}

static bool is_flush(const struct event *e)
{
    return e->kind == EV_GUEST && e->ended && e->result == ADDCOW_OK &&
           (strcmp(e->text, "flush") == 0 ||
            strncmp(e->text, "close ", 6) == 0);
}

static void check_covered(struct env *env, const char *clause,
                          const char *path, const struct event *g,
                          size_t first)
{
    size_t i = uncovered(env, path, g, first);

    if (i == NO_EVENT)
        return;
    fail_as(env, clause, CHECK_FLUSH_COVERS, "pending",
            "when a flush or close ends well, all that was written is flushed",
            "%s ended well, but this was not flushed: %s", g->text,
            event_words(env, i));
}

void expect_flush_covers(struct img *img, const char *clause)
{
    struct env *env = img->env;

    count_check(env, clause);
    need_tracked(img);
    for (size_t i = img->first_event; i < n_events(env); i++) {
        const struct event *g = event_at(env, i);

        if (!is_flush(g))
            continue;
        check_covered(env, clause, img->image_path, g, img->first_event);
        check_covered(env, clause, img->path, g, img->first_event);
    }
}

/* ---- Replays that a step keeps */

struct kept {
    struct kept *next;
    struct replay *replay;
};

struct replay *keep_replay(struct env *env, const struct store *content)
{
    struct kept *k = mem_new(1, sizeof(*k));

    k->replay = replay_new(content);
    k->next = env->replays;
    env->replays = k;
    return k->replay;
}

void free_replays(struct env *env)
{
    while (env->replays) {
        struct kept *next = env->replays->next;

        replay_free(env->replays->replay);
        mem_free(env->replays);
        env->replays = next;
    }
}

/* ---- Faults */

void put_fault(struct env *env, const struct fault *fault)
{
    struct disk_fault f = {.kind = fault->kind,
                           .name = fault->name,
                           .nth = fault->nth,
                           .result = fault->result,
                           .for_good = fault->for_good,
                           .n_sectors = fault->n_sectors,
                           .drop = fault->drop,
                           .len = fault->len,
                           .offset = fault->offset};

    need_simulated(env);
    disk_put_fault(env->disk, &f);
}

void clear_faults(struct env *env)
{
    need_simulated(env);
    disk_clear_faults(env->disk);
}

uint64_t n_faults_hit(struct env *env)
{
    need_simulated(env);
    return disk_n_faults_hit(env->disk);
}

void set_free_space(struct env *env, uint64_t len)
{
    need_simulated(env);
    disk_set_free(env->disk, len);
}
