/* SPDX-License-Identifier: MIT
 *
 * reading.c - the ideal disk: what may be read, now or after a power cut.
 */
#include "data/pattern.h"
#include "oracle_impl.h"

#include <stdio.h>
#include <string.h>

static void name_version(char *out, size_t size, const struct sector *s,
                         size_t k, size_t len, size_t at)
{
    char content[100];

    pattern_name(content, sizeof(content), s->versions[k].bytes + at, len,
                 s->number * SECTOR_LEN + at);
    if (k)
        snprintf(out, size, "%s (left by change %zu of sector %llu)", content,
                 k, (unsigned long long)s->number);
    else
        snprintf(out, size, "%s (as sector %llu was at first)", content,
                 (unsigned long long)s->number);
}

static size_t common(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;

    if (memcmp(a, b, len) == 0)
        return len;
    while (i < len && a[i] == b[i])
        i++;
    return i;
}

/* The version that agrees with N bytes at AT longest, of those that may be
 * read or might be at some time after SINCE. */
static size_t best_version(size_t *out, const struct sector *s,
                           const uint8_t *data, size_t n, size_t at,
                           uint64_t since)
{
    size_t best = 0;
    bool any = false;

    *out = 0;
    for (size_t k = s->n_versions; k-- > 0;) {
        size_t same;

        if (s->versions[k].gone && s->versions[k].gone <= since)
            continue;
        if (memcmp(data, s->versions[k].bytes + at, n) == 0) {
            *out = k;
            return n;
        }
        same = common(data, s->versions[k].bytes + at, n);
        if (!any || same > best) {
            best = same;
            *out = k;
        }
        any = true;
    }
    return best;
}

/* Seen is settled: what does not agree goes, unless a write is under way or
 * has failed. */
static void settle_seen(struct sector *s, const uint8_t *data, size_t n,
                        size_t at)
{
    size_t n_left = 0;

    if (s->is_loose)
        return;
    for (size_t k = 0; k < s->n_versions; k++)
        if (!s->versions[k].gone && !s->versions[k].settled)
            return;
    for (size_t k = 0; k < s->n_versions; k++) {
        if (memcmp(data, s->versions[k].bytes + at, n) != 0)
            s->versions[k].gone = 1;
        n_left += s->versions[k].gone == 0;
    }
    for (size_t k = 0; n_left == 1 && k < s->n_versions; k++)
        s->versions[k].ok |= s->versions[k].gone == 0;
}

static void name_got(struct mismatch *out, const struct sector *s,
                     const uint8_t *data, size_t n, size_t at)
{
    uint64_t offset = s->number * SECTOR_LEN + at;

    out->kind = pattern_kind(data, n, offset);
    for (size_t k = s->n_versions; k-- > 0;) {
        if (memcmp(data, s->versions[k].bytes + at, n) != 0)
            continue;
        name_version(out->got, sizeof(out->got), s, k, n, at);
        return;
    }
    pattern_name(out->got, sizeof(out->got), data, n, offset);
}

static bool check_sector(struct sector *s, struct mismatch *out,
                         const uint8_t *data, size_t n, size_t at,
                         uint64_t since)
{
    size_t k;
    size_t same;

    if (s->lost)
        return true;
    same = best_version(&k, s, data, n, at, since);
    if (same == n) {
        if (since == UINT64_MAX)
            settle_seen(s, data, n, at);
        return true;
    }
    out->offset = s->number * SECTOR_LEN + at + same;
    name_version(out->expected, sizeof(out->expected), s, k, n - same,
                 at + same);
    name_got(out, s, data + same, n - same, at + same);
    return false;
}

/* How many of LEN bytes at OFFSET, to the end of the page, nobody wrote. */
static size_t untouched(const struct oracle *o, size_t len, uint64_t offset)
{
    const struct group *g = group_of(o, offset / SECTOR_LEN);
    size_t room = STORE_PAGE - (size_t)(offset % STORE_PAGE);
    size_t n = 0;

    if (offset < o->lost_end && o->lost_end - offset < room)
        room = (size_t)(o->lost_end - offset);
    if (room < len)
        len = room;
    if (!g)
        return len;
    while (n < len && !g->sectors[(offset + n) / SECTOR_LEN % GROUP_LEN])
        n += sector_part(len - n, offset + n);
    return n;
}

/* Whether DATA is what nobody wrote over, at OFFSET within one page. */
static bool is_base(const struct oracle *o, const uint8_t *data, size_t len,
                    uint64_t offset)
{
    const struct store *base = first_store(o, offset / CLUSTER_LEN);
    const uint8_t *view = store_view(base, len, offset);
    static const uint8_t zeros[STORE_PAGE];

    if (offset >= o->base_end)
        view = zeros;
    else if (offset + len > o->base_end)
        view = NULL;
    return view && (view == data || memcmp(view, data, len) == 0);
}

/* A sector that nobody wrote. */
static bool check_base(const struct oracle *o, struct mismatch *out,
                       const uint8_t *data, size_t n, uint64_t offset)
{
    uint8_t base[STORE_PAGE];
    size_t same;
    char content[100];

    if (offset >= o->lost_end || is_base(o, data, n, offset))
        return true;
    oracle_read_base(o, base, n, offset);
    same = common(data, base, n);
    if (same == n)
        return true;
    out->offset = offset + same;
    pattern_name(content, sizeof(content), base + same, n - same, out->offset);
    snprintf(out->expected, sizeof(out->expected), "%s, as nobody wrote there",
             content);
    pattern_name(out->got, sizeof(out->got), data + same, n - same,
                 out->offset);
    out->kind = pattern_kind(data + same, n - same, out->offset);
    return false;
}

bool oracle_check_since(struct oracle *o, struct mismatch *out,
                        const void *data, size_t len, uint64_t offset,
                        uint64_t since)
{
    const uint8_t *bytes = data;

    while (len) {
        size_t whole = untouched(o, len, offset);
        size_t n = whole ? whole : sector_part(len, offset);
        struct sector *s = whole ? NULL : find_sector(o, offset / SECTOR_LEN);
        bool good = s ? check_sector(s, out, bytes, n,
                                     (size_t)(offset % SECTOR_LEN), since)
                      : check_base(o, out, bytes, n, offset);

        if (!good)
            return false;
        bytes += n;
        len -= n;
        offset += n;
    }
    return true;
}

bool oracle_check(struct oracle *o, struct mismatch *out, const void *data,
                  size_t len, uint64_t offset)
{
    return oracle_check_since(o, out, data, len, offset, UINT64_MAX);
}

/* The only possible version of S, or null. */
static const struct version *only_version(const struct sector *s)
{
    const struct version *only = NULL;

    if (s->lost)
        return NULL;
    for (size_t k = 0; k < s->n_versions; k++) {
        if (s->versions[k].gone)
            continue;
        if (only && memcmp(only->bytes, s->versions[k].bytes, SECTOR_LEN))
            return NULL;
        only = &s->versions[k];
    }
    return only;
}

bool oracle_expected(const struct oracle *o, void *out, size_t len,
                     uint64_t offset)
{
    uint8_t *bytes = out;

    while (len) {
        size_t n = sector_part(len, offset);
        const struct sector *s = find_sector(o, offset / SECTOR_LEN);
        const struct version *v = s ? only_version(s) : NULL;

        if (s ? !v : offset >= o->lost_end)
            return false;
        if (v)
            memcpy(bytes, v->bytes + offset % SECTOR_LEN, n);
        else
            oracle_read_base(o, bytes, n, offset);
        bytes += n;
        len -= n;
        offset += n;
    }
    return true;
}

/* Whether STORE holds at OFFSET, within one page, what nobody wrote over. */
static bool same_base(const struct oracle *o, const struct store *store,
                      size_t len, uint64_t offset)
{
    const struct store *base = first_store(o, offset / CLUSTER_LEN);
    uint8_t expected[STORE_PAGE];
    uint8_t got[STORE_PAGE];
    const uint8_t *a = store_view(base, len, offset);
    const uint8_t *b = store_view(store, len, offset);

    if (offset >= o->base_end)
        return store_is_zeros(store, len, offset);
    if (a && b && offset + len <= o->base_end)
        return a == b || memcmp(a, b, len) == 0;
    oracle_read_base(o, expected, len, offset);
    store_read(store, got, len, offset);
    return memcmp(expected, got, len) == 0;
}

static bool same_sector(const struct sector *s, const struct store *store,
                        size_t len, uint64_t offset)
{
    const struct version *v = only_version(s);
    uint8_t got[SECTOR_LEN];

    if (!v)
        return true;
    store_read(store, got, len, offset);
    return memcmp(got, v->bytes + offset % SECTOR_LEN, len) == 0;
}

bool oracle_same(const struct oracle *o, const struct store *store, size_t len,
                 uint64_t offset)
{
    while (len) {
        size_t n = untouched(o, len, offset);

        if (n && offset < o->lost_end && !same_base(o, store, n, offset))
            return false;
        if (!n) {
            n = sector_part(len, offset);
            if (!same_sector(find_sector(o, offset / SECTOR_LEN), store, n,
                             offset))
                return false;
        }
        len -= n;
        offset += n;
    }
    return true;
}

static bool is_version_from(const struct oracle *o, const void *data,
                            uint64_t number, bool durable)
{
    const struct sector *s = find_sector(o, number);
    uint8_t base[SECTOR_LEN];

    for (size_t k = s && durable ? s->lo : 0; s && k < s->n_versions; k++)
        if (memcmp(data, s->versions[k].bytes, SECTOR_LEN) == 0)
            return true;
    if (s && s->lo && durable)
        return false;
    oracle_read_first(o, base, SECTOR_LEN, number * SECTOR_LEN);
    if (memcmp(data, base, SECTOR_LEN) == 0)
        return true;
    if (s)
        return false;
    oracle_read_base(o, base, SECTOR_LEN, number * SECTOR_LEN);
    return memcmp(data, base, SECTOR_LEN) == 0;
}

bool oracle_is_version(const struct oracle *o, const void *data,
                       uint64_t sector)
{
    return is_version_from(o, data, sector, false);
}

bool oracle_may_survive(const struct oracle *o, const void *data,
                        uint64_t sector)
{
    return is_version_from(o, data, sector, true);
}

bool oracle_is_first_in(const struct oracle *o, const struct store *store,
                        uint64_t sector)
{
    uint64_t offset = sector * SECTOR_LEN;

    return !find_sector(o, sector) && offset + SECTOR_LEN <= o->first_size &&
           store_is_shared(first_store(o, offset / CLUSTER_LEN), store,
                           SECTOR_LEN, offset);
}

bool oracle_is_complete(const struct oracle *o, const void *data,
                        uint64_t cluster)
{
    const uint8_t *bytes = data;
    uint64_t first = cluster * (CLUSTER_LEN / SECTOR_LEN);
    uint64_t end = o->size / SECTOR_LEN;

    for (uint64_t i = 0; i < CLUSTER_LEN / SECTOR_LEN && first + i < end; i++)
        if (!oracle_is_version(o, bytes + i * SECTOR_LEN, first + i))
            return false;
    return true;
}
