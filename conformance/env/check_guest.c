/* SPDX-License-Identifier: MIT
 *
 * check_guest.c - what a guest reads, and the bits, checked with the oracle.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK MIB             /* of reads for a check */
#define SMALL_DISK (64 * MIB) /* is read from end to end */

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
        fail_as(img->env, clause, CHECK_READ_BACK, class_name(r), "success",
                "%s", result_name(r));
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
    fail_as(img->env, clause, CHECK_GUEST, m.kind, want, "%s", m.got);
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
            fail_as(env, clause, CHECK_ZEROS,
                    pattern_kind(buf + i, n - i, offset + i), want, "%s", got);
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
    snprintf(words, sizeof(words), "bit of cluster %" PRIu64 ": %d", cluster,
             want != 0);
    if (bit_of(env, name, cluster) != (want != 0))
        fail_as(env, clause, CHECK_BIT, want ? "clear" : "set", words,
                "bit of cluster %" PRIu64 ": %d", cluster, want == 0);
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
    snprintf(words, sizeof(words), "bit of cluster %" PRIu64 ": %d, as %s",
             cluster, !bit,
             bit ? "nobody wrote there" : "it was written or allocated");
    fail_as(env, clause, CHECK_BITMAP, bit ? "set" : "clear", words,
            "bit of cluster %" PRIu64 ": %d", cluster, bit);
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
    if (pattern_is_zeros(bytes, SECTOR) &&
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
        fail_as(env, clause, CHECK_THERE, "gone", "the file is still there",
                "\"%s\" is gone", shown_name(env, name));
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
