/* SPDX-License-Identifier: MIT
 *
 * flushes.c - see flushes.h.
 */
#include "flushes.h"
#include "disk/replay.h"
#include "env/env_impl.h"

#include <stdbool.h>
#include <string.h>

/* Whether E changed the content or the length of NAME. */
static bool changed_file(struct env *env, const struct event *e,
                         const char *name)
{
    if (!event_is(env, e, name) || e->ended == 0)
        return false;
    if (e->kind == EV_WRITE)
        return e->n_applied > 0;
    return e->kind == EV_SET_SIZE && e->result == ADDCOW_OK &&
           e->size != e->old_size;
}

size_t failed_flush(struct env *env, const char *name, size_t first)
{
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_FLUSH && event_is(env, e, name) && e->ended &&
            e->result != ADDCOW_OK)
            return i;
    }
    return NO_EVENT;
}

void expect_nothing_pending(struct env *env, const char *clause,
                            const char *name, size_t first)
{
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (!changed_file(env, e, name) ||
            flush_between(env, name, i, NO_EVENT) != NO_EVENT)
            continue;
        fail(env, clause, "a flush of the file after each write to it",
             "no successful flush of %s after this: %s", name,
             event_words(env, i));
    }
    expect_true(env, clause, "nothing written is not flushed", 1);
}

void expect_all_durable(struct env *env, const char *clause, size_t first)
{
    expect_nothing_pending(env, clause, IMAGE_NAME, first);
    expect_nothing_pending(env, clause, ADDCOW_NAME, first);
}

void expect_flushed(struct env *env, const char *clause, const char *name,
                    size_t first)
{
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_FLUSH && event_is(env, e, name) && e->ended &&
            e->result == ADDCOW_OK) {
            expect_true(env, clause, "the file is flushed", 1);
            return;
        }
    }
    fail(env, clause, "a flush of each file that is needed",
         "%s was not flushed", name);
}

bool flush_was_needed(struct env *env, const char *name, size_t end)
{
    if (flush_between(env, name, NO_EVENT, end) == NO_EVENT)
        return true;
    for (size_t i = 0; i < n_events(env) && i < end; i++)
        if (changed_file(env, event_at(env, i), name) &&
            flush_between(env, name, i, end) == NO_EVENT)
            return true;
    return false;
}

void expect_failing(struct env *env, const char *clause, const char *name,
                    int result)
{
    if (result == ADDCOW_OK && !flush_was_needed(env, name, NO_EVENT))
        expect_all_durable(env, clause, 0);
    else
        expect_refused(env, clause, result, ADDCOW_IO, ADDCOW_NO_SPACE,
                       ADDCOW_OTHER, 0);
}

void expect_no_idle_flush(struct env *env, const char *clause,
                          const char *name, size_t first)
{
    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_FLUSH && event_is(env, e, name) &&
            !flush_was_needed(env, name, i))
            fail(env, clause,
                 "no flush of a file to which nothing was written since its "
                 "last",
                 "a %s", event_words(env, i));
    }
    expect_true(env, clause, "no flush was idle", 1);
}

/* ---- What a failed flush may have lost ---------------------------------- */

/* A range of a file in parts, which end where its sectors do: a mark for each
 * says that the part must be written again. */
struct parts {
    uint64_t offset, len;
    size_t n;
    uint8_t *marks;
};

static uint64_t part_start(const struct parts *p, size_t k)
{
    return k ? (p->offset / SECTOR + k) * SECTOR : p->offset;
}

static uint64_t part_end(const struct parts *p, size_t k)
{
    return k + 1 < p->n ? part_start(p, k + 1) : p->offset + p->len;
}

/* The contents that a part may have: all are what the first one is, or not. */
struct contents {
    size_t from, to; /* of the bytes within the sector */
    bool any, differ;
    uint8_t first[SECTOR];
};

static void see_content(void *arg, const uint8_t *bytes)
{
    struct contents *c = arg;

    if (!c->any)
        memcpy(c->first, bytes, SECTOR);
    c->any = true;
    c->differ |=
        memcmp(c->first + c->from, bytes + c->from, c->to - c->from) != 0;
}

/* Whether part K was not durable at the moment of R: if the power had gone
 * then it might have held more than one content. */
static bool is_open(const struct replay *r, const struct parts *p, size_t k)
{
    uint64_t sector = part_start(p, k) / SECTOR;
    struct contents c = {.from = (size_t)(part_start(p, k) - sector * SECTOR),
                         .to = (size_t)(part_end(p, k) - sector * SECTOR)};

    for (size_t size = 0; size < replay_n_sizes(r); size++)
        replay_each_survivor(r, see_content, &c, sector, size);
    return c.differ;
}

/* The LEN bytes at OFFSET of NAME, marked where they were not durable when
 * the flush FAILED was called. */
static struct parts lost_parts(struct env *env, const char *name,
                               size_t failed, uint64_t len, uint64_t offset)
{
    struct parts p = {.offset = offset, .len = len};
    struct replay *r = replay_until(env, name, failed);

    p.n = (size_t)((offset + len - 1) / SECTOR - offset / SECTOR + 1);
    p.marks = case_alloc(env, p.n);
    for (size_t k = 0; k < p.n; k++)
        p.marks[k] = is_open(r, &p, k);
    replay_free(r);
    return p;
}

/* Takes the marks off the parts that a host write of NAME wrote whole, which
 * succeeded between the events AFTER and BEFORE (NO_EVENT: to the end). */
static void take_off_written(struct env *env, const struct parts *p,
                             const char *name, size_t after, size_t before)
{
    uint64_t begin = event_at(env, after)->ended;
    uint64_t end =
        before == NO_EVENT ? UINT64_MAX : event_at(env, before)->began;

    for (size_t i = after + 1; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind != EV_WRITE || !event_is(env, e, name) || !e->ended ||
            e->result != ADDCOW_OK || e->began < begin || e->ended > end)
            continue;
        for (size_t k = 0; k < p->n; k++)
            if (e->offset <= part_start(p, k) &&
                e->offset + e->len >= part_end(p, k))
                p->marks[k] = 0;
    }
}

/* True if each of the LEN bytes at OFFSET of NAME that was not durable when
 * the flush FAILED was called was written again before the event BEFORE. */
static bool written_again(struct env *env, const char *name, size_t failed,
                          size_t before, uint64_t len, uint64_t offset)
{
    struct parts p = lost_parts(env, name, failed, len, offset);

    take_off_written(env, &p, name, failed, before);
    return !memchr(p.marks, 1, p.n);
}

void expect_made_good(struct env *env, const char *clause, const char *name,
                      size_t failed, uint64_t len, uint64_t offset)
{
    if (!written_again(env, name, failed, NO_EVENT, len, offset))
        fail(env, clause,
             "an error, or all that was not durable written again",
             "success, but not all that was not durable of the %llu bytes at "
             "%llu of %s was written again after the %s failed",
             (unsigned long long)len, (unsigned long long)offset, name,
             event_words(env, failed));
    expect_nothing_pending(env, clause, name, failed);
}

void expect_held_back(struct env *env, const char *clause, uint64_t cluster,
                      uint64_t size, size_t failed)
{
    size_t bit = event_of_bit(env, ADDCOW_NAME, cluster, failed);
    uint64_t offset = cluster * CLUSTER;
    uint64_t len = size - offset < CLUSTER ? size - offset : CLUSTER;

    if (bit == NO_EVENT ||
        written_again(env, IMAGE_NAME, failed, bit, len, offset)) {
        expect_true(env, clause, "the pending bit is held back", 1);
        return;
    }
    fail(env, clause, "the pending bit is not written any more",
         "the bit of cluster %llu became 1 by a %s, after a flush had failed",
         (unsigned long long)cluster, event_words(env, bit));
}

void expect_some_version(struct env *env, const char *clause, struct img *img,
                         size_t len, uint64_t offset)
{
    uint8_t *data = case_alloc(env, len);

    expect_ok(env, clause, img_read(img, data, len, offset));
    for (size_t at = 0; at < len; at += SECTOR) {
        char what[96];

        if (oracle_may_survive(oracle_of(img), data + at,
                               (offset + at) / SECTOR))
            continue;
        pattern_name(what, sizeof(what), data + at, SECTOR, offset + at);
        fail(env, clause, "a version of the sector, none older than durable",
             "%s at guest offset %llu", what,
             (unsigned long long)(offset + at));
    }
}
