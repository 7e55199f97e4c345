/* SPDX-License-Identifier: MIT
 *
 * flushes.c - see flushes.h.
 */
#include "flushes.h"

#include <stdbool.h>

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
             "no successful flush of %s after event %zu, %zu bytes at %llu",
             name, i, e->len, (unsigned long long)e->offset);
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

/* Marks the sectors of the range that E wrote whole, or up to its end. */
static void mark_written(uint8_t *marks, const struct event *e, uint64_t len,
                         uint64_t offset)
{
    for (uint64_t at = 0; at < len; at += SECTOR) {
        uint64_t n = len - at < SECTOR ? len - at : SECTOR;

        if (e->offset <= offset + at && e->offset + e->len >= offset + at + n)
            marks[at / SECTOR] = 1;
    }
}

/* True if each of the LEN bytes at OFFSET of NAME was written by a host
 * write that succeeded between the events AFTER and BEFORE (NO_EVENT: to the
 * end).  Sectors count whole; LEN is at most 16 MiB. */
static bool written_between(struct env *env, const char *name, size_t after,
                            size_t before, uint64_t len, uint64_t offset)
{
    size_t n = (size_t)((len + SECTOR - 1) / SECTOR);
    uint8_t *marks = case_alloc(env, n + 1);
    uint64_t begin = event_at(env, after)->ended;
    uint64_t end =
        before == NO_EVENT ? UINT64_MAX : event_at(env, before)->began;

    for (size_t i = after + 1; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_WRITE && event_is(env, e, name) && e->ended &&
            e->result == ADDCOW_OK && e->began > begin && e->ended < end)
            mark_written(marks, e, len, offset);
    }
    for (size_t i = 0; i < n; i++) {
        if (!marks[i])
            return false;
    }
    return true;
}

void expect_made_good(struct env *env, const char *clause, const char *name,
                      size_t failed, uint64_t len, uint64_t offset)
{
    if (!written_between(env, name, failed, NO_EVENT, len, offset))
        fail(
            env, clause, "an error, or all that was not durable written again",
            "success, but not all of the %llu bytes at %llu of %s were "
            "written again after the failed flush at event %zu",
            (unsigned long long)len, (unsigned long long)offset, name, failed);
    expect_nothing_pending(env, clause, name, failed);
}

void expect_held_back(struct env *env, const char *clause, uint64_t cluster,
                      uint64_t size, size_t failed)
{
    size_t bit = event_of_bit(env, ADDCOW_NAME, cluster, failed);
    uint64_t offset = cluster * CLUSTER;
    uint64_t len = size - offset < CLUSTER ? size - offset : CLUSTER;

    if (bit == NO_EVENT ||
        written_between(env, IMAGE_NAME, failed, bit, len, offset)) {
        expect_true(env, clause, "the pending bit is held back", 1);
        return;
    }
    fail(env, clause, "the pending bit is not written any more",
         "the bit of cluster %llu was written at event %zu, after the failed "
         "flush at event %zu",
         (unsigned long long)cluster, bit, failed);
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
