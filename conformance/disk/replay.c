/* SPDX-License-Identifier: MIT
 *
 * replay.c - one file as a recording shows it.
 */
#include "replay.h"
#include "addcow_shim.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { LEN = 512 };
#define LENGTH UINT64_MAX /* in place of a sector's number */

/* A content of a sector, or a length of the file, that is not durable yet. */
struct version {
    uint64_t sector; /* or LENGTH */
    uint64_t size;   /* of LENGTH: bytes, or REPLAY_ABSENT */
    uint64_t ended;  /* clock; UINT64_MAX: in flight */
    bool unsure;     /* its call failed: it may never have happened */
    bool lost;       /* by a failed flush: a later one does not cover it */
    bool back;       /* of LENGTH: a failed flush went back to it */
    bool is_done;    /* a flush has settled it: it is to be taken out */
    uint8_t bytes[LEN];
};

/* A flush under way: what there was when it was called. */
struct flush {
    struct flush *next;
    uint64_t began;
    struct store *visible;
    struct store *written;
};

struct replay {
    bool exists;
    struct store *visible;
    struct store *fallback; /* visible at the newest good flush */
    struct store *written;  /* bytes that a flush would cover now */
    struct store *covered;  /* those that the newest good flush covered */
    struct store *base;     /* durable; of no meaning beyond BASE_SIZE */
    uint64_t base_size;     /* or REPLAY_ABSENT */
    struct version *versions;
    size_t n_versions;
    size_t room;
    struct flush *flushes;
};

static uint64_t bytes_of(uint64_t size)
{
    return size == REPLAY_ABSENT ? 0 : size;
}

static void replace(struct store **s, struct store *by)
{
    store_free(*s);
    *s = by;
}

struct replay *replay_new(const struct store *content)
{
    struct replay *r = mem_new(1, sizeof(*r));
    struct store *s = content ? store_clone(content) : store_new();

    r->exists = content != NULL;
    r->visible = s;
    r->fallback = store_clone(s);
    r->written = store_clone(s);
    r->covered = store_clone(s);
    r->base = store_clone(s);
    r->base_size = content ? store_size(content) : REPLAY_ABSENT;
    return r;
}

static void drop_flush(struct flush **at)
{
    struct flush *f = *at;

    *at = f->next;
    store_free(f->visible);
    store_free(f->written);
    mem_free(f);
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    while (r->flushes)
        drop_flush(&r->flushes);
    store_free(r->visible);
    store_free(r->fallback);
    store_free(r->written);
    store_free(r->covered);
    store_free(r->base);
    mem_free(r->versions);
    mem_free(r);
}

/* ---- Versions */

static struct version *add_version(struct replay *r, uint64_t sector,
                                   const struct event *e)
{
    struct version *v;

    r->versions = mem_grow(r->versions, &r->room, r->n_versions + 1,
                           sizeof(*r->versions));
    v = &r->versions[r->n_versions++];
    memset(v, 0, sizeof(*v));
    v->sector = sector;
    v->ended = e->ended ? e->ended : UINT64_MAX;
    v->unsure = e->ended && e->result != 0;
    return v;
}

/* Null: none since the durable one. */
static const struct version *newest_length(const struct replay *r)
{
    for (size_t i = r->n_versions; i-- > 0;)
        if (r->versions[i].sector == LENGTH)
            return &r->versions[i];
    return NULL;
}

static void add_size(struct replay *r, uint64_t size, const struct event *e)
{
    const struct version *v = newest_length(r);

    if (!v ? size != r->base_size : size != v->size || v->lost || v->unsure)
        add_version(r, LENGTH, e)->size = size;
}

/* What E, a write, makes of the sectors that it touches: whole sectors, as
 * they would be visible.  One that failed may have made the file longer by all
 * of its range, or by what it did write. */
static void add_sectors(struct replay *r, const struct event *e)
{
    struct store *after = store_clone(r->visible);
    uint64_t end = e->offset + e->len;

    if (end > store_size(r->visible))
        add_size(r, end, e);
    if (e->n_applied && e->offset + e->n_applied > store_size(r->visible))
        add_size(r, e->offset + e->n_applied, e);
    store_write(after, e->data, e->len, e->offset);
    for (uint64_t s = e->offset / LEN; s * LEN < end; s++)
        store_read(after, add_version(r, s, e)->bytes, LEN, s * LEN);
    store_free(after);
}

/* ---- Lengths */

/* Whether length I has done nothing to a sector once length K is there: a
 * failed write made it, or a failed flush lost it and the host went back. */
static bool is_undone(const struct replay *r, size_t i, size_t k)
{
    if (r->versions[i].unsure)
        return true;
    for (size_t b = i + 1; r->versions[i].lost && b <= k; b++)
        if (r->versions[b].back)
            return true;
    return false;
}

static void cut(uint8_t *bytes, uint64_t sector, uint64_t size)
{
    uint64_t start = sector * LEN;

    size = bytes_of(size);
    if (size <= start)
        memset(bytes, 0, LEN);
    else if (size - start < LEN)
        memset(bytes + (size - start), 0, LEN - (size_t)(size - start));
}

/* What the lengths from version FROM on, before END, leave of BYTES. */
static void play(const struct replay *r, uint8_t *bytes, uint64_t sector,
                 size_t from, size_t end)
{
    for (size_t i = from; i < end; i++)
        if (r->versions[i].sector == LENGTH && !is_undone(r, i, end - 1))
            cut(bytes, sector, r->versions[i].size);
}

/* ---- Flushes */

static bool is_covered(const struct version *v, uint64_t began)
{
    return !v->lost && !v->unsure && v->ended < began;
}

/* The end of the versions up to the newest length that is covered. */
static size_t covered_lengths(const struct replay *r, uint64_t began)
{
    size_t end = r->n_versions;

    while (end && (r->versions[end - 1].sector != LENGTH ||
                   !is_covered(&r->versions[end - 1], began)))
        end--;
    return end;
}

/* Cuts the durable content from its old length to SIZE.  What lies beyond the
 * old length stays: it was flushed while the length of its time was lost. */
static void cut_base(struct replay *r, uint64_t size)
{
    uint64_t end = (bytes_of(r->base_size) + LEN - 1) / LEN;
    uint8_t bytes[LEN];

    if (bytes_of(size) >= bytes_of(r->base_size))
        return;
    if (store_size(r->base) <= end * LEN) {
        store_set_size(r->base, bytes_of(size));
        return;
    }
    for (uint64_t s = bytes_of(size) / LEN; s < end; s++) {
        store_read(r->base, bytes, LEN, s * LEN);
        cut(bytes, s, size);
        store_write(r->base, bytes, LEN, s * LEN);
    }
}

static void settle_lengths(struct replay *r, size_t end)
{
    for (size_t i = 0; i < end; i++) {
        const struct version *v = &r->versions[i];

        if (v->sector != LENGTH || is_undone(r, i, end - 1))
            continue;
        cut_base(r, v->size);
        r->base_size = v->size;
    }
}

/* DONE has a byte for each sector of which a newer version is durable. */
static void settle_version(struct replay *r, struct store *done, size_t i,
                           uint64_t began, size_t end)
{
    struct version *v = &r->versions[i];
    uint8_t is_older;

    if (v->sector == LENGTH) {
        v->is_done = i < end;
        return;
    }
    store_read(done, &is_older, 1, v->sector);
    v->is_done = is_older || is_covered(v, began);
    play(r, v->bytes, v->sector, i, end);
    if (is_older || !v->is_done)
        return;
    store_write(r->base, v->bytes, LEN, v->sector * LEN);
    store_write(done, "\1", 1, v->sector);
}

static void settle(struct replay *r, uint64_t began)
{
    size_t end = covered_lengths(r, began);
    struct store *done = store_new();
    size_t n = 0;

    settle_lengths(r, end);
    for (size_t i = r->n_versions; i-- > 0;)
        settle_version(r, done, i, began, end);
    for (size_t i = 0; i < r->n_versions; i++)
        if (!r->versions[i].is_done)
            r->versions[n++] = r->versions[i];
    r->n_versions = n;
    store_free(done);
}

/* What was pending is gone from view; what an earlier flush lost may be there
 * again, and is not durable. */
static void go_back(struct replay *r, const struct event *e)
{
    uint64_t size = store_size(r->fallback);

    if (newest_length(r)) {
        struct version *v = add_version(r, LENGTH, e);

        v->size = size;
        v->unsure = false;
        v->back = true;
        v->lost = size != r->base_size;
    }
    replace(&r->visible, store_clone(r->fallback));
}

/* Of what was pending, all that had completed when the flush was called; if
 * it is gone from view, all that has completed by now. */
static void lose(struct replay *r, const struct event *e)
{
    uint64_t until = e->dropped ? e->ended : e->began;

    for (size_t i = 0; i < r->n_versions; i++)
        r->versions[i].lost |= r->versions[i].ended < until;
    replace(&r->written, store_clone(r->covered));
    if (e->dropped)
        go_back(r, e);
}

static void flush_begin(struct replay *r, const struct event *e)
{
    struct flush *f = mem_new(1, sizeof(*f));

    *f = (struct flush){.next = r->flushes,
                        .began = e->began,
                        .visible = store_clone(r->visible),
                        .written = store_clone(r->written)};
    r->flushes = f;
}

static void flush_end(struct replay *r, const struct event *e)
{
    struct flush **at = &r->flushes;

    while (*at && (*at)->began != e->began)
        at = &(*at)->next;
    if (!*at)
        return;
    if (e->result) {
        lose(r, e);
    } else {
        settle(r, e->began);
        replace(&r->fallback, store_clone((*at)->visible));
        replace(&r->covered, store_clone((*at)->written));
    }
    drop_flush(at);
}

/* ---- Events */

static void write_end(struct replay *r, const struct event *e)
{
    if (event_was_held(e)) /* others may have come before it */
        add_sectors(r, e);
    store_write(r->visible, e->data, e->n_applied, e->offset);
    if (!e->result)
        store_write(r->written, e->data, e->len, e->offset);
}

static void set_size(struct replay *r, const struct event *e)
{
    if (e->result)
        return;
    store_set_size(r->visible, e->size);
    store_set_size(r->written, e->size);
}

/* A file is made, or its name is removed. */
static void be(struct replay *r, bool exists, const struct event *e)
{
    add_size(r, exists ? 0 : REPLAY_ABSENT, e);
    r->exists = exists;
    replace(&r->visible, store_new());
    replace(&r->fallback, store_new());
    replace(&r->written, store_new());
    replace(&r->covered, store_new());
}

void replay_begin(struct replay *r, const struct event *e)
{
    if (!r->exists)
        return;
    if (e->kind == EV_WRITE && e->len && event_may_act(e))
        add_sectors(r, e);
    else if (e->kind == EV_SET_SIZE && e->ended && !e->result)
        add_size(r, e->size, e);
    else if (e->kind == EV_FLUSH)
        flush_begin(r, e);
}

void replay_end(struct replay *r, const struct event *e)
{
    if (e->kind == EV_OPEN && !e->result && (e->flags & ADDCOW_FILE_CREATE))
        be(r, true, e);
    else if (e->kind == EV_REMOVE && !e->result)
        be(r, false, e);
    if (!r->exists)
        return;
    if (e->kind == EV_WRITE && e->len && event_may_act(e))
        write_end(r, e);
    else if (e->kind == EV_SET_SIZE)
        set_size(r, e);
    else if (e->kind == EV_FLUSH)
        flush_end(r, e);
}

void replay_event(struct replay *r, const struct event *e)
{
    replay_begin(r, e);
    if (e->ended)
        replay_end(r, e);
}

/* ---- What there is */

const struct store *replay_visible(const struct replay *r)
{
    return r->exists ? r->visible : NULL;
}

const struct store *replay_fallback(const struct replay *r)
{
    return r->fallback;
}

const struct store *replay_covered(const struct replay *r)
{
    return r->covered;
}

struct store *replay_durable(const struct replay *r)
{
    struct store *s;

    if (r->base_size == REPLAY_ABSENT)
        return NULL;
    s = store_clone(r->base);
    store_set_size(s, r->base_size);
    return s;
}

/* ---- A power cut */

size_t replay_n_sizes(const struct replay *r)
{
    size_t n = 1;

    for (size_t i = 0; i < r->n_versions; i++)
        n += r->versions[i].sector == LENGTH;
    return n;
}

/* The end of the versions up to length number K. */
static size_t end_of_length(const struct replay *r, size_t k)
{
    size_t i = 0;

    for (; k; i++)
        k -= r->versions[i].sector == LENGTH;
    return i;
}

uint64_t replay_size(const struct replay *r, size_t k)
{
    return k ? r->versions[end_of_length(r, k) - 1].size : r->base_size;
}

/* Whether a cut of SECTOR lies between length number K and version I: then the
 * one cannot be there without the other. */
static bool is_cut_between(const struct replay *r, uint64_t sector, size_t k,
                           size_t i)
{
    uint64_t before = bytes_of(replay_size(r, k));

    for (size_t j = end_of_length(r, k); j < i; j++) {
        uint64_t size = bytes_of(r->versions[j].size);

        if (r->versions[j].sector != LENGTH || r->versions[j].unsure)
            continue;
        if (size < before && size < (sector + 1) * LEN)
            return true;
        before = size;
    }
    return false;
}

void replay_each_survivor(const struct replay *r,
                          void (*visit)(void *arg, const uint8_t *bytes),
                          void *arg, uint64_t sector, size_t k)
{
    size_t end = end_of_length(r, k);
    uint64_t size = replay_size(r, k);
    uint8_t bytes[LEN];

    store_read(r->base, bytes, LEN, sector * LEN);
    play(r, bytes, sector, 0, end);
    cut(bytes, sector, size);
    visit(arg, bytes);
    for (size_t i = 0; i < r->n_versions; i++) {
        const struct version *v = &r->versions[i];

        if (v->sector != sector || is_cut_between(r, sector, k, i))
            continue;
        memcpy(bytes, v->bytes, LEN);
        play(r, bytes, sector, i, end);
        cut(bytes, sector, size);
        visit(arg, bytes);
    }
}
