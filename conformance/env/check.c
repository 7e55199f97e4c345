/* SPDX-License-Identifier: MIT
 *
 * check.c - what may be checked.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK MIB             /* of reads for a check */
#define SMALL_DISK (64 * MIB) /* is read from end to end */

/* UNIMPLEMENTED where the operation is needed. */
static void unimplemented(struct env *env, const char *clause)
{
    snprintf(env->out->clause, sizeof(env->out->clause), "%s", clause);
    snprintf(env->out->got, sizeof(env->out->got), "%s",
             result_name(ADDCOW_UNIMPLEMENTED));
    leave(env, V_UNIMPL);
}

/* For callers that pass on what a wrapper returned. */
static void legal(struct env *env, int result)
{
    if (!result_name(result))
        check_result(env, result);
}

void expect_ok(struct env *env, const char *clause, int result)
{
    count_check(env, clause);
    legal(env, result);
    if (result == ADDCOW_UNIMPLEMENTED)
        unimplemented(env, clause);
    if (result)
        fail(env, clause, "success", "%s", result_name(result));
}

/* Whether RESULT is one of the classes in ARGS; what they are in words. */
static int listed(char *words, size_t size, int result, va_list args)
{
    size_t n = 0;
    int found = 0;
    int class;

    words[0] = '\0';
    while ((class = va_arg(args, int)) != 0) {
        found |= class == result;
        if (n < size)
            n += (size_t)snprintf(words + n, size - n, "%s%s", n ? " or " : "",
                                  result_name(class));
    }
    return found;
}

static void check_refusal(struct env *env, const char *clause, int result,
                          va_list classes)
{
    char words[300];
    char want[400];
    int found = listed(words, sizeof(words), result, classes);

    count_check(env, clause);
    legal(env, result);
    snprintf(want, sizeof(want), "refused with %s",
             has_cap(env, ADDCOW_CAP_CLASSES) && words[0] ? words
                                                          : "any class");
    if (result == ADDCOW_OK)
        fail(env, clause, want, "%s", result_name(result));
    if (result == ADDCOW_UNIMPLEMENTED && !found)
        unimplemented(env, clause);
    if (!found && words[0] && has_cap(env, ADDCOW_CAP_CLASSES))
        fail(env, clause, want, "%s", result_name(result));
}

void expect_refused(struct env *env, const char *clause, int result, ...)
{
    va_list classes;

    va_start(classes, result);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_ok_or_refused(struct env *env, const char *clause, int result, ...)
{
    va_list classes;

    if (result == ADDCOW_OK) {
        count_check(env, clause);
        return;
    }
    va_start(classes, result);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_open_refused(struct env *env, const char *clause, const char *name,
                         uint32_t flags, ...)
{
    struct img *img;
    int result = img_open(env, &img, name, flags);
    va_list classes;

    va_start(classes, flags);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_true(struct env *env, const char *clause, const char *what,
                 int holds)
{
    count_check(env, clause);
    if (!holds)
        fail(env, clause, what, "it is not so");
}

void expect_u64(struct env *env, const char *clause, const char *what,
                uint64_t got, uint64_t want)
{
    char words[200];

    count_check(env, clause);
    snprintf(words, sizeof(words), "%s: %" PRIu64, what, want);
    if (got != want)
        fail(env, clause, words, "%" PRIu64, got);
}

/* Some bytes in hex, those that differ first. */
static void hex(char *out, size_t size, const uint8_t *data, size_t len)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < len && i < 16 && n + 4 < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%02x", i ? " " : "",
                              data[i]);
}

void expect_bytes(struct env *env, const char *clause, const char *what,
                  const void *got, const void *want, size_t len)
{
    const uint8_t *g = got;
    const uint8_t *w = want;
    char words[300];
    char wanted[64];
    char found[64];
    size_t i = 0;

    count_check(env, clause);
    while (i < len && g[i] == w[i])
        i++;
    if (i == len)
        return;
    hex(wanted, sizeof(wanted), w + i, len - i);
    hex(found, sizeof(found), g + i, len - i);
    snprintf(words, sizeof(words), "%s, at byte %zu: %s", what, i, wanted);
    fail(env, clause, words, "%s", found);
}

/* ---- Files */

/* Says what differs between OLD and NOW of the file NAME. */
static void changed(struct env *env, const char *clause, const char *name,
                    const struct store *old, const struct store *now,
                    uint64_t offset)
{
    uint8_t was[SECTOR];
    uint8_t is[SECTOR];
    char want[300];
    char words[120];
    size_t len = (size_t)(SECTOR - offset % SECTOR);

    if (offset >= store_size(old) || offset >= store_size(now)) {
        snprintf(want, sizeof(want), "\"%s\" as it was, %" PRIu64 " bytes",
                 name, store_size(old));
        fail(env, clause, want, "%" PRIu64 " bytes", store_size(now));
    }
    store_read(old, was, len, offset);
    store_read(now, is, len, offset);
    pattern_name(words, sizeof(words), was, len, offset);
    snprintf(want, sizeof(want), "\"%s\" as it was, at byte %" PRIu64 ": %s",
             name, offset, words);
    pattern_name(words, sizeof(words), is, len, offset);
    fail(env, clause, want, "%s", words);
}

static const struct store *snapped(struct env *env, const struct snapshot *s,
                                   const char *name)
{
    const struct store *old = snapshot_find(s, absolute(env, name));

    if (!old)
        error(env, "the snapshot has no file %s", name);
    return old;
}

static void compare(struct env *env, const char *clause, const char *name,
                    const struct store *old, const struct store *now)
{
    uint64_t offset;

    if (!now)
        fail(env, clause, "the file is still there", "\"%s\" is gone", name);
    if (store_differ(old, now, &offset))
        changed(env, clause, name, old, now, offset);
}

void expect_unchanged(struct env *env, const char *clause, struct snapshot *s,
                      const char *name)
{
    count_check(env, clause);
    compare(env, clause, name, snapped(env, s, name), keep_view(env, name));
}

/* What NOW would be had nothing happened to the range. */
static struct store *masked(const struct store *old, const struct store *now,
                            uint64_t len, uint64_t offset)
{
    struct store *m = store_clone(now);
    uint64_t end = offset + len;
    uint8_t buf[SECTOR];

    if (store_size(old) != store_size(now) && end >= store_size(old) &&
        end >= store_size(now))
        store_set_size(m, store_size(old));
    if (end > store_size(m))
        end = store_size(m);
    while (offset < end) {
        size_t n = end - offset < SECTOR ? (size_t)(end - offset) : SECTOR;

        store_read(old, buf, n, offset);
        store_write(m, buf, n, offset);
        offset += n;
    }
    return m;
}

void expect_unchanged_except(struct env *env, const char *clause,
                             struct snapshot *s, const char *name,
                             uint64_t len, uint64_t offset)
{
    const struct store *old = snapped(env, s, name);
    const struct store *now = keep_view(env, name);
    struct store *m;
    uint64_t at;

    count_check(env, clause);
    if (!now)
        fail(env, clause, "the file is still there", "\"%s\" is gone", name);
    m = masked(old, now, len, offset);
    if (!store_differ(old, m, &at)) {
        store_free(m);
        return;
    }
    store_free(m);
    changed(env, clause, name, old, now, at);
}

void expect_nothing_changed(struct env *env, const char *clause,
                            struct snapshot *s)
{
    const struct snapshot *now = take_snapshot(env);

    count_check(env, clause);
    for (size_t i = 0; i < s->n_files; i++)
        compare(env, clause, s->files[i].path, s->files[i].content,
                snapshot_find(now, s->files[i].path));
    for (size_t i = 0; i < now->n_files; i++)
        if (!snapshot_find(s, now->files[i].path))
            fail(env, clause, "no new file", "\"%s\"", now->files[i].path);
}

/* ---- The guest's view */

/* LEN bytes, the same each time if they are enough. */
static uint8_t *scratch(struct env *env, size_t len)
{
    if (env->scratch_len < len) {
        env->scratch = case_alloc(env, len);
        env->scratch_len = len;
    }
    return env->scratch;
}

static void read_chunk(struct img *img, const char *clause, uint8_t *buf,
                       size_t len, uint64_t offset)
{
    int r = img_read(img, buf, len, offset);

    if (r == ADDCOW_UNIMPLEMENTED)
        unimplemented(img->env, clause);
    if (r)
        fail(img->env, clause, "the read succeeds", "%s", result_name(r));
}

static void compare_chunk(struct img *img, const char *clause,
                          const uint8_t *buf, size_t len, uint64_t offset)
{
    struct mismatch m;
    char want[300];

    if (oracle_check(img->oracle, &m, buf, len, offset))
        return;
    snprintf(want, sizeof(want), "at guest offset %" PRIu64 ": %s", m.offset,
             m.expected);
    fail(img->env, clause, want, "%s", m.got);
}

void expect_guest(struct img *img, const char *clause, uint64_t len,
                  uint64_t offset)
{
    struct env *env = img->env;
    uint8_t *buf = scratch(env, (size_t)(len < CHUNK ? len : CHUNK));

    count_check(env, clause);
    if (!img->oracle)
        error(env, "the image was made by hand and has no oracle");
    while (len) {
        size_t n = (size_t)(len < CHUNK ? len : CHUNK);

        read_chunk(img, clause, buf, n, offset);
        compare_chunk(img, clause, buf, n, offset);
        len -= n;
        offset += n;
    }
}

void expect_zeros(struct img *img, const char *clause, uint64_t len,
                  uint64_t offset)
{
    struct env *env = img->env;
    uint8_t *buf = scratch(env, (size_t)(len < CHUNK ? len : CHUNK));
    char want[100];
    char got[100];

    count_check(env, clause);
    while (len) {
        size_t n = (size_t)(len < CHUNK ? len : CHUNK);
        size_t i = 0;

        read_chunk(img, clause, buf, n, offset);
        while (i < n && buf[i] == 0)
            i++;
        if (i < n) {
            snprintf(want, sizeof(want), "at guest offset %" PRIu64 ": zeros",
                     offset + i);
            pattern_name(got, sizeof(got), buf + i, n - i, offset + i);
            fail(env, clause, want, "%s", got);
        }
        len -= n;
        offset += n;
    }
}

struct clusters {
    uint64_t *list;
    size_t n;
    size_t room;
};

static void add_cluster(struct clusters *c, uint64_t cluster)
{
    if (c->n && c->list[c->n - 1] == cluster)
        return;
    c->list = mem_grow(c->list, &c->room, c->n + 1, sizeof(*c->list));
    c->list[c->n++] = cluster;
}

static void add_sector(void *arg, uint64_t sector)
{
    add_cluster(arg, sector / (CLUSTER / SECTOR));
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Moves the list, sorted, into the memory of the case. */
static void keep_clusters(struct env *env, struct clusters *c)
{
    uint64_t *kept = case_alloc(env, c->n * sizeof(*kept));

    if (c->n) {
        qsort(c->list, c->n, sizeof(*c->list), ascending);
        memcpy(kept, c->list, c->n * sizeof(*kept));
    }
    mem_free(c->list);
    c->list = kept;
}

/* The clusters that are worth a look on a large disk. */
static struct clusters interesting(struct img *img)
{
    struct clusters c = {0};

    oracle_each_touched(img->oracle, add_sector, &c);
    add_cluster(&c, 0);
    add_cluster(&c, oracle_backing_len(img->oracle) / CLUSTER);
    add_cluster(&c, clusters_of(oracle_size(img->oracle)) - 1);
    keep_clusters(img->env, &c);
    return c;
}

void expect_guest_all(struct img *img, const char *clause)
{
    uint64_t size;
    uint64_t done = 0;
    struct clusters c;

    if (!img->oracle)
        error(img->env, "the image was made by hand and has no oracle");
    size = oracle_size(img->oracle);
    if (size <= SMALL_DISK) {
        expect_guest(img, clause, size, 0);
        return;
    }
    c = interesting(img);
    for (size_t i = 0; i < c.n; i++) {
        uint64_t from = c.list[i] ? (c.list[i] - 1) * CLUSTER : 0;
        uint64_t end = (c.list[i] + 2) * CLUSTER;

        if (from < done)
            from = done;
        if (end > size)
            end = size;
        if (from < end)
            expect_guest(img, clause, end - from, from);
        done = end > done ? end : done;
    }
}

/* ---- Bits */

void expect_bit(struct env *env, const char *clause, const char *name,
                uint64_t cluster, int want)
{
    char words[100];

    count_check(env, clause);
    snprintf(words, sizeof(words), "bit of cluster %" PRIu64 " is %d", cluster,
             want != 0);
    if (bit_of(env, name, cluster) != (want != 0))
        fail(env, clause, words, "%d", want == 0);
}

static void check_bit(struct env *env, const char *clause,
                      const struct oracle *o, int bit, uint64_t cluster)
{
    enum oracle_alloc a = oracle_allocation(o, cluster);
    char words[100];

    if (cluster >= clusters_of(oracle_size(o)) && oracle_was_resized(o))
        return; /* what was cut off may keep its bits */
    if ((a == ALLOC_YES && bit) || (a == ALLOC_NO && !bit) || a == ALLOC_MAYBE)
        return;
    snprintf(words, sizeof(words), "bit of cluster %" PRIu64 " is %d: %s",
             cluster, !bit,
             bit ? "nobody wrote there" : "it was written or allocated");
    fail(env, clause, words, "%d", bit);
}

static bool is_zeros(const uint8_t *data, size_t len)
{
    return len == 0 || (data[0] == 0 && !memcmp(data, data + 1, len - 1));
}

struct bit_check {
    struct env *env;
    const char *clause;
    const struct oracle *oracle;
    const struct store *file;
};

static void check_byte(const struct bit_check *b, uint64_t index)
{
    uint8_t byte;

    store_read(b->file, &byte, 1, HEADER_LEN + index);
    for (unsigned i = 0; i < 8; i++)
        check_bit(b->env, b->clause, b->oracle, byte >> i & 1, 8 * index + i);
}

/* The sector at offset AT of the file, as far as it is below END. */
static void check_sector(const struct bit_check *b, uint64_t at, uint64_t end)
{
    uint64_t stop = at + SECTOR < end ? at + SECTOR : end;
    uint8_t bytes[SECTOR];

    if (at < HEADER_LEN || at >= end)
        return;
    store_read(b->file, bytes, SECTOR, at);
    if (is_zeros(bytes, SECTOR) &&
        oracle_is_untouched(b->oracle, 8 * SECTOR, 8 * (at - HEADER_LEN)))
        return;
    for (; at < stop; at++)
        check_byte(b, at - HEADER_LEN);
}

/* Each byte of the bitmap that was ever written, as an unwritten one is 0,
 * and each that a guest write should have changed. */
void expect_bitmap(struct env *env, const char *clause, const char *name,
                   const struct oracle *o)
{
    struct bit_check b = {env, clause, o, NULL};
    struct clusters c = {0};
    uint64_t end;

    count_check(env, clause);
    b.file = keep_view(env, name);
    if (!b.file)
        fail(env, clause, "the file is still there", "\"%s\" is gone", name);
    end = HEADER_LEN + bitmap_len_of(oracle_size(o));
    for (uint64_t page = store_next_page(b.file, 0); page < end;
         page = store_next_page(b.file, page + STORE_PAGE))
        for (uint64_t at = page; at < page + STORE_PAGE; at += SECTOR)
            check_sector(&b, at, end);
    oracle_each_touched(o, add_sector, &c);
    keep_clusters(env, &c);
    for (size_t i = 0; i < c.n; i++)
        check_byte(&b, c.list[i] / 8);
}
