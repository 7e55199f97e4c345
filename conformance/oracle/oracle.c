/* SPDX-License-Identifier: MIT
 *
 * oracle.c - the ideal disk: versions per sector.
 */
#include "oracle.h"
#include "base/memory.h"
#include "data/pattern.h"
#include "data/store.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR_LEN 512
#define CLUSTER_LEN UINT64_C(65536)

struct version {
    const uint8_t *bytes; /* a sector; see struct blob */
    uint64_t op;          /* that submitted it; 0: version 0 */
    uint64_t settled;     /* clock of that op's end; 0: under way */
    int ok;               /* that op succeeded */
    uint64_t gone;        /* clock since when it cannot be read; 0: it can */
};

/* Content that versions point to.  It lives as long as the oracle. */
struct blob {
    struct blob *next;
    uint8_t bytes[];
};

enum { N_FIRST = 3, GROUP_LEN = CLUSTER_LEN / SECTOR_LEN };

/* A sector that was ever written.  versions[0] is what was there at first. */
struct sector {
    struct sector *next; /* of all, newest first */
    uint64_t number;
    struct version *versions; /* FIRST, or more */
    size_t n_versions;
    size_t room;
    size_t lo; /* newest durable version */
    struct version first[N_FIRST];
};

/* The sectors of a cluster, null where nobody wrote. */
struct group {
    uint64_t number;
    struct sector *sectors[GROUP_LEN];
};

/* A write or discard under way. */
struct pending {
    struct pending *next;
    uint64_t op;
    uint64_t offset;
    uint64_t len;
};

struct oracle {
    uint64_t size;
    uint64_t first_size; /* before any resize */
    uint64_t base_end;   /* the smallest size ever: zeros from there on */
    struct store *image;
    struct store *backing;
    struct store *initial; /* a byte for each cluster: allocated at first */
    struct store *written; /* a byte for each cluster: enum oracle_alloc */
    int all_allocated;
    int allow_extra;
    bool was_resized;
    uint64_t clock;
    struct pending *pending;
    struct group **slots; /* hash table, a power of two */
    size_t n_slots;
    size_t n_groups;
    struct sector *sectors;
    size_t n_sectors;
    struct blob *blobs;
};

struct oracle *oracle_new(uint64_t size)
{
    struct oracle *o = mem_new(1, sizeof(*o));

    o->size = size / SECTOR_LEN * SECTOR_LEN;
    o->first_size = o->base_end = o->size;
    o->clock = 1; /* version 0 is settled at 1, before any operation */
    o->image = store_new();
    o->backing = store_new();
    o->initial = store_new();
    o->written = store_new();
    o->n_slots = 16;
    o->slots = mem_new(o->n_slots, sizeof(struct group *));
    return o;
}

void oracle_free(struct oracle *o)
{
    if (!o)
        return;
    for (size_t i = 0; o->n_groups && i < o->n_slots; i++)
        mem_free(o->slots[i]);
    while (o->sectors) {
        struct sector *next = o->sectors->next;

        if (o->sectors->versions != o->sectors->first)
            mem_free(o->sectors->versions);
        mem_free(o->sectors);
        o->sectors = next;
    }
    while (o->pending) {
        struct pending *next = o->pending->next;

        mem_free(o->pending);
        o->pending = next;
    }
    while (o->blobs) {
        struct blob *next = o->blobs->next;

        mem_free(o->blobs);
        o->blobs = next;
    }
    store_free(o->image);
    store_free(o->backing);
    store_free(o->initial);
    store_free(o->written);
    mem_free(o->slots);
    mem_free(o);
}

struct oracle *oracle_clone(const struct oracle *o)
{
    struct oracle *copy = mem_copy(o, sizeof(*o));

    copy->image = store_clone(o->image);
    copy->backing = store_clone(o->backing);
    copy->initial = store_clone(o->initial);
    copy->written = store_clone(o->written);
    copy->slots = mem_new(copy->n_slots, sizeof(struct group *));
    return copy;
}

void oracle_set_files(struct oracle *o, const struct store *image,
                      const struct store *backing)
{
    store_free(o->image);
    store_free(o->backing);
    o->image = image ? store_clone(image) : store_new();
    o->backing = backing ? store_clone(backing) : store_new();
}

/* These stores have no background: each byte stands in one piece. */
static unsigned get_flag(const struct store *s, uint64_t cluster)
{
    return *store_view(s, 1, cluster);
}

static void set_flag(struct store *s, uint64_t cluster, unsigned value)
{
    uint8_t byte = (uint8_t)value;

    store_write(s, &byte, 1, cluster);
}

void oracle_set_allocated(struct oracle *o, uint64_t cluster)
{
    set_flag(o->initial, cluster, 1);
}

void oracle_set_all_allocated(struct oracle *o)
{
    o->all_allocated = 1;
}

void oracle_allow_extra(struct oracle *o)
{
    o->allow_extra = 1;
}

uint64_t oracle_backing_len(const struct oracle *o)
{
    return store_size(o->backing);
}

uint64_t oracle_now(const struct oracle *o)
{
    return o->clock;
}

bool oracle_was_resized(const struct oracle *o)
{
    return o->was_resized;
}

uint64_t oracle_size(const struct oracle *o)
{
    return o->size;
}

/* ---- The table of sectors */

static size_t slot_of(const struct oracle *o, uint64_t number)
{
    uint64_t h = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 32) & (o->n_slots - 1);

    while (o->slots[i] && o->slots[i]->number != number)
        i = (i + 1) & (o->n_slots - 1);
    return i;
}

/* Of the sector NUMBER; null if nobody wrote to any sector of it. */
static const struct group *group_of(const struct oracle *o, uint64_t number)
{
    return o->slots[slot_of(o, number / GROUP_LEN)];
}

static struct sector *find(const struct oracle *o, uint64_t number)
{
    const struct group *g = group_of(o, number);

    return g ? g->sectors[number % GROUP_LEN] : NULL;
}

/* Moves the groups into a new table. */
static void rehash(struct oracle *o, size_t n_slots)
{
    struct group **old = o->slots;
    size_t n_old = o->n_slots;

    o->slots = mem_new(n_slots, sizeof(struct group *));
    o->n_slots = n_slots;
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            o->slots[slot_of(o, old[i]->number)] = old[i];
    mem_free(old);
}

/* The group NUMBER, made if need be. */
static struct group *touch_group(struct oracle *o, uint64_t number)
{
    struct group *g = o->slots[slot_of(o, number)];

    if (g)
        return g;
    if (2 * (o->n_groups + 1) >= o->n_slots)
        rehash(o, 2 * o->n_slots);
    g = mem_new(1, sizeof(*g));
    g->number = number;
    o->slots[slot_of(o, number)] = g;
    o->n_groups++;
    return g;
}

/* Calls VISIT with each sector that was ever written, in no order. */
static void each_sector(const struct oracle *o,
                        void (*visit)(void *arg, struct sector *s), void *arg)
{
    for (struct sector *s = o->sectors; s; s = s->next)
        visit(arg, s);
}

static bool shows_image(const struct oracle *o, uint64_t cluster)
{
    return o->all_allocated || get_flag(o->initial, cluster);
}

/* Where CLUSTER was read from before any operation. */
static const struct store *first_store(const struct oracle *o,
                                       uint64_t cluster)
{
    return shows_image(o, cluster) ? o->image : o->backing;
}

/* What was in a range within one cluster before any operation: zeros beyond
 * the size of then, which no part of a file ever showed. */
static void read_first(const struct oracle *o, uint8_t *out, size_t len,
                       uint64_t offset)
{
    if (offset >= o->first_size)
        memset(out, 0, len);
    else
        store_read(first_store(o, offset / CLUSTER_LEN), out, len, offset);
}

/* The same as it reads now if nobody wrote there: what was ever cut off is
 * zeros. */
static void read_base(const struct oracle *o, uint8_t *out, size_t len,
                      uint64_t offset)
{
    size_t n = len;

    if (offset >= o->base_end)
        n = 0;
    else if (o->base_end - offset < n)
        n = (size_t)(o->base_end - offset);
    read_first(o, out, n, offset);
    memset(out + n, 0, len - n);
}

static uint8_t *new_bytes(struct oracle *o, size_t len)
{
    struct blob *b = mem_raw(sizeof(*b) + len);

    b->next = o->blobs;
    o->blobs = b;
    return b->bytes;
}

/* Room for one version more. */
static struct version *add_version(struct sector *s)
{
    struct version *v;

    if (s->versions == s->first && s->n_versions == N_FIRST) {
        s->versions = mem_grow(NULL, &s->room, N_FIRST + 1, sizeof(*v));
        memcpy(s->versions, s->first, sizeof(s->first));
    } else if (s->versions != s->first) {
        s->versions =
            mem_grow(s->versions, &s->room, s->n_versions + 1, sizeof(*v));
    }
    v = &s->versions[s->n_versions++];
    memset(v, 0, sizeof(*v));
    return v;
}

/* What a sector that nobody wrote holds, FROM being its cluster's first store:
 * in the store itself, if it stands there in one piece. */
static const uint8_t *base_bytes(struct oracle *o, const struct store *from,
                                 uint64_t offset)
{
    const uint8_t *bytes = NULL;
    uint8_t *copy;

    if (offset < o->first_size && offset + SECTOR_LEN <= o->base_end)
        bytes = store_view(from, SECTOR_LEN, offset);
    if (bytes)
        return bytes;
    copy = new_bytes(o, SECTOR_LEN);
    read_base(o, copy, SECTOR_LEN, offset);
    return copy;
}

/* The sector NUMBER, with version 0 if it is new. */
static struct sector *touch(struct oracle *o, struct group *g,
                            const struct store *from, uint64_t number)
{
    struct sector *s = g->sectors[number % GROUP_LEN];
    struct version *v;

    if (s)
        return s;
    s = mem_raw(sizeof(*s));
    s->next = o->sectors;
    o->sectors = s;
    s->number = number;
    s->n_versions = s->room = s->lo = 0;
    s->versions = s->first;
    v = add_version(s);
    v->bytes = base_bytes(o, from, number * SECTOR_LEN);
    v->settled = 1;
    v->ok = 1;
    g->sectors[number % GROUP_LEN] = s;
    o->n_sectors++;
    return s;
}

/* ---- Requests */

/* The part of a request that lies in the sector at OFFSET. */
static size_t part(uint64_t len, uint64_t offset)
{
    uint64_t room = SECTOR_LEN - offset % SECTOR_LEN;

    return (size_t)(len < room ? len : room);
}

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
    copy = new_bytes(o, SECTOR_LEN);
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
        v = add_version(s);
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
        data = memcpy(new_bytes(o, (size_t)len), data, (size_t)len);
    for (uint64_t done = 0; done < len;) {
        uint64_t number = (offset + done) / SECTOR_LEN;
        size_t n = part(len - done, offset + done);

        if (!g || g->number != number / GROUP_LEN) {
            g = touch_group(o, number / GROUP_LEN);
            from = first_store(o, g->number);
        }
        submit(o, touch(o, g, from, number), op, data ? data + done : NULL, n,
               (size_t)((offset + done) % SECTOR_LEN));
        done += n;
    }
    return op;
}

/* OP has ended: what was settled before it began cannot be seen any more, if
 * it succeeded. */
static void settle(struct sector *s, uint64_t op, uint64_t now, int ok)
{
    for (size_t i = 0; i < s->n_versions; i++) {
        struct version *v = &s->versions[i];

        if (v->op == op) {
            v->settled = now;
            v->ok = ok;
        } else if (ok && v->settled && v->settled < op) {
            v->gone = v->gone ? v->gone : now;
        }
    }
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

void oracle_write_end(struct oracle *o, uint64_t op, int ok)
{
    struct pending p = take_pending(o, op);
    uint64_t now = ++o->clock;

    if (p.len == 0)
        return;
    for (uint64_t s = p.offset / SECTOR_LEN;
         s <= (p.offset + p.len - 1) / SECTOR_LEN; s++)
        if (find(o, s))
            settle(find(o, s), op, now, ok);
    if (ok)
        note_written(o, p.len, p.offset, ALLOC_YES);
}

uint64_t oracle_write_begin(struct oracle *o, const void *data, size_t len,
                            uint64_t offset)
{
    return request_begin(o, data, len, offset);
}

void oracle_write(struct oracle *o, const void *data, size_t len,
                  uint64_t offset, int ok)
{
    oracle_write_end(o, request_begin(o, data, len, offset), ok);
}

/* A discard is a write of zeros that may have been left out: it is settled as
 * if it had failed. */
void oracle_discard(struct oracle *o, uint64_t len, uint64_t offset, int ok)
{
    (void)ok;
    oracle_write_end(o, request_begin(o, NULL, len, offset), 0);
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
}

void oracle_flush_end(struct oracle *o, uint64_t op, int ok)
{
    o->clock++;
    if (ok)
        each_sector(o, make_durable, &op);
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
    v = add_version(s);
    v->bytes = patched(c->oracle, NULL, NULL, SECTOR_LEN, 0);
    v->op = c->op;
    v->settled = c->op;
    v->ok = 1;
}

void oracle_resize(struct oracle *o, uint64_t size)
{
    uint64_t first = (size + CLUSTER_LEN - 1) / CLUSTER_LEN;
    uint64_t op = ++o->clock;

    o->was_resized = 1;
    if (size > o->size && o->size % CLUSTER_LEN) /* its tail is filled */
        note_written(o, 1, o->size, ALLOC_MAYBE);
    if (size < o->size) {
        each_sector(o, cut, &(struct cut){o, op, size});
        if (store_size(o->written) > first)
            store_set_size(o->written, first);
        if (size < o->base_end)
            o->base_end = size;
    }
    o->size = size;
}

static void come_back(void *arg, struct sector *s)
{
    struct oracle *o = arg;

    for (size_t k = 0; k < s->n_versions; k++) {
        struct version *v = &s->versions[k];

        v->gone = k < s->lo ? 1 : 0;
        v->settled = v->settled ? v->settled : o->clock;
    }
    note_written(o, 1, s->number * SECTOR_LEN, ALLOC_MAYBE);
}

void oracle_restart(struct oracle *o)
{
    o->clock++;
    store_set_size(o->written, 0);
    each_sector(o, come_back, o);
    while (o->pending)
        take_pending(o, o->pending->op);
}

/* ---- What may be read */

static void name_version(char *out, size_t size, const struct sector *s,
                         size_t k, size_t len, size_t at)
{
    char content[100];

    pattern_name(content, sizeof(content), s->versions[k].bytes + at, len,
                 s->number * SECTOR_LEN + at);
    snprintf(out, size, "%s (version %zu of sector %llu)", content, k,
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
    int any = 0;

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
        any = 1;
    }
    return best;
}

/* Seen is settled: what does not agree goes, unless a write is under way. */
static void settle_seen(struct sector *s, const uint8_t *data, size_t n,
                        size_t at)
{
    for (size_t k = 0; k < s->n_versions; k++)
        if (!s->versions[k].gone && !s->versions[k].settled)
            return;
    for (size_t k = 0; k < s->n_versions; k++)
        if (memcmp(data, s->versions[k].bytes + at, n) != 0)
            s->versions[k].gone = 1;
}

static void name_got(char *out, size_t size, const struct sector *s,
                     const uint8_t *data, size_t n, size_t at)
{
    for (size_t k = s->n_versions; k-- > 0;) {
        if (memcmp(data, s->versions[k].bytes + at, n) != 0)
            continue;
        name_version(out, size, s, k, n, at);
        return;
    }
    pattern_name(out, size, data, n, s->number * SECTOR_LEN + at);
}

static bool check_sector(struct sector *s, struct mismatch *out,
                         const uint8_t *data, size_t n, size_t at,
                         uint64_t since)
{
    size_t k;
    size_t same = best_version(&k, s, data, n, at, since);

    if (same == n) {
        if (since == UINT64_MAX)
            settle_seen(s, data, n, at);
        return true;
    }
    out->offset = s->number * SECTOR_LEN + at + same;
    name_version(out->expected, sizeof(out->expected), s, k, n - same,
                 at + same);
    name_got(out->got, sizeof(out->got), s, data + same, n - same, at + same);
    return false;
}

/* How many of LEN bytes at OFFSET, to the end of the page, nobody wrote. */
static size_t untouched(const struct oracle *o, size_t len, uint64_t offset)
{
    const struct group *g = group_of(o, offset / SECTOR_LEN);
    size_t room = STORE_PAGE - (size_t)(offset % STORE_PAGE);
    size_t n = 0;

    if (room < len)
        len = room;
    if (!g)
        return len;
    while (n < len && !g->sectors[(offset + n) / SECTOR_LEN % GROUP_LEN])
        n += part(len - n, offset + n);
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

    if (is_base(o, data, n, offset))
        return true;
    read_base(o, base, n, offset);
    same = common(data, base, n);
    if (same == n)
        return true;
    out->offset = offset + same;
    pattern_name(content, sizeof(content), base + same, n - same, out->offset);
    snprintf(out->expected, sizeof(out->expected), "%s, as nobody wrote there",
             content);
    pattern_name(out->got, sizeof(out->got), data + same, n - same,
                 out->offset);
    return false;
}

bool oracle_check_since(struct oracle *o, struct mismatch *out,
                        const void *data, size_t len, uint64_t offset,
                        uint64_t since)
{
    const uint8_t *bytes = data;

    while (len) {
        size_t whole = untouched(o, len, offset);
        size_t n = whole ? whole : part(len, offset);
        struct sector *s = whole ? NULL : find(o, offset / SECTOR_LEN);
        int good = s ? check_sector(s, out, bytes, n,
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
        size_t n = part(len, offset);
        const struct sector *s = find(o, offset / SECTOR_LEN);
        const struct version *v = s ? only_version(s) : NULL;

        if (s && !v)
            return false;
        if (v)
            memcpy(bytes, v->bytes + offset % SECTOR_LEN, n);
        else
            read_base(o, bytes, n, offset);
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
    read_base(o, expected, len, offset);
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

        if (n && !same_base(o, store, n, offset))
            return false;
        if (!n) {
            n = part(len, offset);
            if (!same_sector(find(o, offset / SECTOR_LEN), store, n, offset))
                return false;
        }
        len -= n;
        offset += n;
    }
    return true;
}

static bool is_version_from(const struct oracle *o, const void *data,
                            uint64_t number, int durable)
{
    const struct sector *s = find(o, number);
    uint8_t base[SECTOR_LEN];

    for (size_t k = s && durable ? s->lo : 0; s && k < s->n_versions; k++)
        if (memcmp(data, s->versions[k].bytes, SECTOR_LEN) == 0)
            return true;
    if (s && s->lo && durable)
        return false;
    read_first(o, base, SECTOR_LEN, number * SECTOR_LEN);
    if (memcmp(data, base, SECTOR_LEN) == 0)
        return true;
    if (s)
        return false;
    read_base(o, base, SECTOR_LEN, number * SECTOR_LEN);
    return memcmp(data, base, SECTOR_LEN) == 0;
}

bool oracle_is_version(const struct oracle *o, const void *data,
                       uint64_t sector)
{
    return is_version_from(o, data, sector, 0);
}

bool oracle_may_survive(const struct oracle *o, const void *data,
                        uint64_t sector)
{
    return is_version_from(o, data, sector, 1);
}

bool oracle_is_first_in(const struct oracle *o, const struct store *store,
                        uint64_t sector)
{
    uint64_t offset = sector * SECTOR_LEN;

    return !find(o, sector) && offset + SECTOR_LEN <= o->first_size &&
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

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

struct list {
    uint64_t *numbers;
    size_t n;
};

static void list_number(void *arg, struct sector *s)
{
    struct list *l = arg;

    l->numbers[l->n++] = s->number;
}

void oracle_each_touched(const struct oracle *o,
                         void (*visit)(void *arg, uint64_t sector), void *arg)
{
    struct list l = {mem_new(o->n_sectors, sizeof(*l.numbers)), 0};

    each_sector(o, list_number, &l);
    qsort(l.numbers, l.n, sizeof(*l.numbers), ascending);
    for (size_t i = 0; i < l.n; i++)
        visit(arg, l.numbers[i]);
    mem_free(l.numbers);
}

uint64_t oracle_lo(const struct oracle *o, uint64_t sector)
{
    const struct sector *s = find(o, sector);

    return s ? s->lo : 0;
}

uint64_t oracle_hi(const struct oracle *o, uint64_t sector)
{
    const struct sector *s = find(o, sector);

    return s ? s->n_versions - 1 : 0;
}
