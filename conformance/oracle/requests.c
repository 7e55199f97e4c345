/* SPDX-License-Identifier: MIT
 *
 * requests.c - the ideal disk: what requests of the guest, a new size and a
 * power cut do to the versions, and which clusters they allocate.
 */
#include "base/memory.h"
#include "oracle_impl.h"

#include <string.h>

static bool inside(const struct oracle *o, uint64_t len, uint64_t offset)
{
    return offset <= o->size && len <= o->size - offset;
}

/* Whether the newest version is equal to another of those from FIRST on. */
static bool is_repeated(const struct sector *s, size_t first)
{
    size_t last = s->n_versions - 1;

    for (size_t i = first; i < last; i++)
        if (!memcmp(s->versions[i].bytes, s->versions[last].bytes, SECTOR_LEN))
            return true;
    return false;
}

/* OLD with the N bytes DATA (null: zeros) at AT.  A whole sector is DATA,
 * which lives as long as the oracle. */
static const uint8_t *patched(struct oracle *o, const uint8_t *old,
                              const uint8_t *data, size_t n, size_t at)
{
    static const uint8_t zeros[SECTOR_LEN];
    uint8_t *copy;

    if (n == SECTOR_LEN)
        return data ? data : zeros;
    copy = oracle_new_bytes(o, SECTOR_LEN);
    memcpy(copy, old, SECTOR_LEN);
    if (data)
        memcpy(copy + at, data, n);
    else
        memset(copy + at, 0, n);
    return copy;
}

/* Adds what S may be after N bytes at AT were overwritten: one version for
 * each that is possible now. */
static void submit(struct oracle *o, struct sector *s, uint64_t op,
                   const uint8_t *data, size_t n, size_t at)
{
    size_t n_before = s->n_versions;

    for (size_t i = 0; i < n_before; i++) {
        struct version *v;

        if (s->versions[i].gone)
            continue;
        v = oracle_add_version(s);
        v->bytes = patched(o, s->versions[i].bytes, data, n, at);
        v->op = op;
        if (is_repeated(s, n_before))
            s->n_versions--;
    }
}

static void note_written(struct oracle *o, uint64_t len, uint64_t offset,
                         enum oracle_alloc state)
{
    uint64_t last;

    if (len == 0)
        return;
    last = (offset + len - 1) / CLUSTER_LEN;
    for (uint64_t c = offset / CLUSTER_LEN; c <= last; c++)
        if (get_flag(o->written, c) < (unsigned)state)
            set_flag(o->written, c, state);
}

/* DATA null: zeros. */
static uint64_t request_begin(struct oracle *o, const uint8_t *data,
                              uint64_t len, uint64_t offset)
{
    uint64_t op = ++o->clock;
    const struct store *from = NULL;
    struct pending *p;
    struct group *g = NULL;

    if (len == 0 || !inside(o, len, offset))
        return op;
    p = mem_new(1, sizeof(*p));
    *p = (struct pending){o->pending, op, offset, len};
    o->pending = p;
    note_written(o, len, offset, ALLOC_MAYBE);
    if (data)
        data = memcpy(oracle_new_bytes(o, (size_t)len), data, (size_t)len);
    for (uint64_t done = 0; done < len;) {
        uint64_t number = (offset + done) / SECTOR_LEN;
        size_t n = sector_part(len - done, offset + done);

        if (!g || g->number != number / GROUP_LEN) {
            g = oracle_touch_group(o, number / GROUP_LEN);
            from = first_store(o, g->number);
        }
        submit(o, oracle_touch(o, g, from, number), op,
               data ? data + done : NULL, n,
               (size_t)((offset + done) % SECTOR_LEN));
        done += n;
    }
    return op;
}

/* OP has ended: what was settled before it began cannot be seen any more, if
 * it succeeded. */
static void settle(struct sector *s, uint64_t op, uint64_t now, bool ok)
{
    size_t n_left = 0;

    for (size_t i = 0; i < s->n_versions; i++) {
        struct version *v = &s->versions[i];

        if (v->op == op) {
            v->settled = now;
            v->ok = ok;
        } else if (ok && v->settled && v->settled < op) {
            v->gone = v->gone ? v->gone : now;
        }
        n_left += v->gone == 0;
    }
    if (n_left == 1)
        s->is_loose = false;
}

static bool covers(const struct pending *p, uint64_t sector)
{
    uint64_t start = sector * SECTOR_LEN;

    return p->offset <= start && p->offset + p->len >= start + SECTOR_LEN;
}

static struct pending take_pending(struct oracle *o, uint64_t op)
{
    struct pending **at = &o->pending;
    struct pending copy = {0};
    struct pending *p;

    while (*at && (*at)->op != op)
        at = &(*at)->next;
    p = *at;
    if (p) {
        copy = *p;
        *at = p->next;
        mem_free(p);
    }
    return copy;
}

/* IS_LOOSE: what it left may change until it is written again. */
static void request_end(struct oracle *o, uint64_t op, bool ok, bool is_loose)
{
    struct pending p = take_pending(o, op);
    uint64_t now = ++o->clock;

    if (p.len == 0)
        return;
    for (uint64_t n = p.offset / SECTOR_LEN;
         n <= (p.offset + p.len - 1) / SECTOR_LEN; n++) {
        struct sector *s = find_sector(o, n);

        if (!s)
            continue;
        s->is_loose |= is_loose;
        settle(s, op, now, ok);
        if (ok && op > s->lost && covers(&p, n))
            s->lost = 0;
    }
    if (ok)
        note_written(o, p.len, p.offset, ALLOC_YES);
}

void oracle_write_end(struct oracle *o, uint64_t op, bool ok)
{
    request_end(o, op, ok, !ok);
}

uint64_t oracle_write_begin(struct oracle *o, const void *data, size_t len,
                            uint64_t offset)
{
    return request_begin(o, data, len, offset);
}

/* A discard is a write of zeros that may have been left out, as if it had
 * failed; but one that succeeded has done what it does. */
void oracle_discard(struct oracle *o, uint64_t len, uint64_t offset, bool ok)
{
    request_end(o, request_begin(o, NULL, len, offset), false, !ok);
}

uint64_t oracle_flush_begin(struct oracle *o)
{
    return ++o->clock;
}

static void make_durable(void *arg, struct sector *s)
{
    const uint64_t *op = arg;

    for (size_t k = s->lo + 1; k < s->n_versions; k++)
        if (s->versions[k].ok && s->versions[k].settled < *op)
            s->lo = k;
    /* One write over what is open is several versions. */
    while (s->lo && s->versions[s->lo - 1].op == s->versions[s->lo].op)
        s->lo--;
    if (s->lost < *op)
        s->lost = 0;
}

static void forget_losses(struct oracle *o)
{
    o->lost = 0;
    o->lost_end = UINT64_MAX;
}

void oracle_flush_end(struct oracle *o, uint64_t op, bool ok)
{
    o->clock++;
    if (!ok)
        return;
    oracle_each_sector(o, make_durable, &op);
    o->durable_end = o->size;
    if (o->lost < op)
        forget_losses(o);
}

static void lose(void *arg, struct sector *s)
{
    struct oracle *o = arg;
    uint64_t cluster = s->number / GROUP_LEN;

    if (s->lo + 1 == s->n_versions)
        return;
    s->lost = o->clock;
    if (get_flag(o->written, cluster) == ALLOC_YES)
        set_flag(o->written, cluster, ALLOC_MAYBE);
}

void oracle_lose(struct oracle *o)
{
    o->lost = ++o->clock;
    if (o->durable_end < o->lost_end)
        o->lost_end = o->durable_end;
    oracle_each_sector(o, lose, o);
}

struct cut {
    struct oracle *oracle;
    uint64_t op;
    uint64_t size;
};

/* What lies at the new size and beyond becomes zeros: one version more, so
 * that what was there can still be named, and found after a power cut. */
static void cut(void *arg, struct sector *s)
{
    const struct cut *c = arg;
    struct version *v;

    if (s->number < c->size / SECTOR_LEN)
        return;
    for (size_t k = 0; k < s->n_versions; k++)
        if (!s->versions[k].gone)
            s->versions[k].gone = c->op;
    s->is_loose = false;
    s->lost = 0;
    v = oracle_add_version(s);
    v->bytes = patched(c->oracle, NULL, NULL, SECTOR_LEN, 0);
    v->op = c->op;
    v->settled = c->op;
    v->ok = true;
}

void oracle_resize(struct oracle *o, uint64_t size)
{
    uint64_t first = (size + CLUSTER_LEN - 1) / CLUSTER_LEN;
    uint64_t op = ++o->clock;

    o->was_resized = true;
    if (size > o->size && o->size % CLUSTER_LEN) /* its tail is filled */
        note_written(o, 1, o->size, ALLOC_MAYBE);
    if (size < o->size) {
        oracle_each_sector(o, cut, &(struct cut){o, op, size});
        if (store_size(o->written) > first)
            store_set_size(o->written, first);
        if (size < o->base_end)
            o->base_end = size;
        if (size < o->durable_end)
            o->durable_end = size;
    }
    o->size = size;
}

static void come_back(void *arg, struct sector *s)
{
    struct oracle *o = arg;

    s->is_loose = false;
    s->lost = 0;
    for (size_t k = 0; k < s->n_versions; k++) {
        struct version *v = &s->versions[k];

        v->gone = k < s->lo ? 1 : 0;
        v->ok = k <= s->lo; /* the others are there if they are seen */
        v->settled = v->settled ? v->settled : o->clock;
    }
    note_written(o, 1, s->number * SECTOR_LEN, ALLOC_MAYBE);
}

static void come_back_if_open(void *arg, struct sector *s)
{
    if (s->lo + 1 < s->n_versions)
        come_back(arg, s);
}

void oracle_reopen(struct oracle *o)
{
    if (o->lost)
        oracle_each_sector(o, come_back_if_open, o);
    forget_losses(o);
}

void oracle_restart(struct oracle *o)
{
    o->clock++;
    store_set_size(o->written, 0);
    oracle_each_sector(o, come_back, o);
    forget_losses(o);
    while (o->pending)
        take_pending(o, o->pending->op);
}

/* ---- Allocation */

bool oracle_is_untouched(const struct oracle *o, uint64_t n, uint64_t cluster)
{
    return !o->all_allocated && !o->allow_extra && !o->was_resized &&
           store_next_page(o->initial, cluster) >= cluster + n &&
           store_next_page(o->written, cluster) >= cluster + n;
}

/* The cluster reaches into what was added by growth. */
static enum oracle_alloc grown_allocation(const struct oracle *o,
                                          uint64_t start)
{
    uint64_t from = start > o->base_end ? start : o->base_end;

    return store_size(o->backing) > from ? ALLOC_YES : ALLOC_MAYBE;
}

enum oracle_alloc oracle_allocation(const struct oracle *o, uint64_t cluster)
{
    uint64_t start = cluster * CLUSTER_LEN;
    uint64_t end =
        o->size - start < CLUSTER_LEN ? o->size : start + CLUSTER_LEN;
    enum oracle_alloc state = get_flag(o->written, cluster);

    if (start >= o->size)
        return ALLOC_NO;
    if (start < o->base_end && shows_image(o, cluster))
        return ALLOC_YES;
    if (state != ALLOC_YES && end > o->base_end)
        return grown_allocation(o, start);
    if (state == ALLOC_NO && o->allow_extra)
        return ALLOC_MAYBE;
    return state;
}

bool oracle_was_written(const struct oracle *o, uint64_t cluster)
{
    return group_of(o, cluster * GROUP_LEN) != NULL;
}
