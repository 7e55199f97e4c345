/* SPDX-License-Identifier: MIT
 *
 * allowed.c - what the guest may read of each sector, at any time.
 */
#include "allowed.h"
#include "base/memory.h"
#include "crash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

/* ---- Start and end ------------------------------------------------------ */

static void add_size(struct guest *g, uint64_t size, uint64_t at)
{
    g->sizes =
        mem_grow(g->sizes, &g->size_room, g->n_sizes + 1, sizeof(*g->sizes));
    g->sizes[g->n_sizes++] =
        (struct guest_size){.size = size, .born = at, .dropped = UINT64_MAX};
}

void guest_start(struct guest *g, struct contents *contents,
                 const struct spans *spans, const uint32_t *first,
                 size_t n_first, uint64_t size)
{
    for (size_t i = 0; i < g->n_touched; i++)
        g->head[g->touched[i]] = 0;
    g->n_touched = g->n_sizes = 0;
    g->n_versions = 1;
    g->contents = contents;
    g->spans = spans;
    g->first = first;
    g->n_first = n_first;
    add_size(g, size, 0);
}

void guest_finish(struct guest *g)
{
    mem_free(g->head);
    mem_free(g->touched);
    mem_free(g->versions);
    mem_free(g->sizes);
    memset(g, 0, sizeof(*g));
}

uint32_t guest_first(const struct guest *g, uint64_t sector)
{
    uint64_t i = spans_index(g->spans, sector);

    return i < g->n_first ? g->first[i] : 0;
}

/* ---- Versions ----------------------------------------------------------- */

static void make_room(struct guest *g, uint64_t sector)
{
    size_t room = g->room;

    if (sector < room)
        return;
    g->head =
        mem_grow(g->head, &g->room, (size_t)sector + 1, sizeof(*g->head));
    memset(g->head + room, 0, (g->room - room) * sizeof(*g->head));
}

static void add_version(struct guest *g, uint64_t sector, uint32_t id,
                        uint32_t epoch, uint64_t at)
{
    g->versions = mem_grow(g->versions, &g->version_room, g->n_versions + 1,
                           sizeof(*g->versions));
    g->versions[g->n_versions] =
        (struct guest_version){.id = id,
                               .next = g->head[sector],
                               .epoch = epoch,
                               .born = at,
                               .dropped = UINT64_MAX};
    g->head[sector] = (uint32_t)g->n_versions++;
}

/* From now on SECTOR has a list of its own. */
static void touch(struct guest *g, uint64_t sector)
{
    make_room(g, sector);
    if (g->head[sector])
        return;
    add_version(g, sector, guest_first(g, sector), 0, 0);
    g->touched = mem_grow(g->touched, &g->touched_room, g->n_touched + 1,
                          sizeof(*g->touched));
    g->touched[g->n_touched++] = sector;
}

static uint32_t current_epoch(const struct guest *g)
{
    return (uint32_t)g->n_sizes - 1;
}

/* ---- Writes ------------------------------------------------------------- */

/* On each current version of SECTOR there may now be a new one. */
static void write_sector(struct guest *g, uint64_t now, uint64_t sector,
                         const uint8_t *data, size_t at, size_t len)
{
    touch(g, sector);
    for (uint32_t v = g->head[sector]; v;) {
        struct guest_version old = g->versions[v];

        if (!old.gone && old.born < now)
            add_version(g, sector,
                        contents_patch(g->contents, old.id, data, at, len),
                        current_epoch(g), now);
        if (len == LEN && !old.gone && old.born < now)
            return; /* one is as good as another */
        v = old.next;
    }
}

void guest_write_begin(struct guest *g, uint64_t at, const uint8_t *data,
                       uint64_t len, uint64_t offset)
{
    while (len) {
        size_t from = (size_t)(offset % LEN);
        size_t n = LEN - from < len ? LEN - from : (size_t)len;

        write_sector(g, at, offset / LEN, data, from, n);
        data += n;
        offset += n;
        len -= n;
    }
}

/* Versions of SECTOR older than BEGAN are superseded. */
static void supersede(struct guest *g, uint64_t sector, uint64_t began,
                      uint64_t at, int through)
{
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next) {
        struct guest_version *version = &g->versions[v];

        if (version->born >= began)
            continue;
        if (!version->gone)
            version->gone = at;
        if (through && version->dropped == UINT64_MAX)
            version->dropped = at;
    }
}

void guest_write_end(struct guest *g, uint64_t began, uint64_t at,
                     uint64_t len, uint64_t offset, int ok, int through)
{
    if (!len || !ok)
        return;
    for (uint64_t s = offset / LEN; s <= (offset + len - 1) / LEN; s++)
        supersede(g, s, began, at, through);
}

void guest_write_undo(struct guest *g, uint64_t began, uint64_t at)
{
    for (size_t i = 1; i < g->n_versions; i++)
        if (g->versions[i].born == began)
            g->versions[i].gone = g->versions[i].dropped = at;
}

/* ---- Sizes -------------------------------------------------------------- */

uint64_t guest_newest_size(const struct guest *g)
{
    size_t i = g->n_sizes - 1;

    while (g->sizes[i].never)
        i--;
    return g->sizes[i].size;
}

/* What is cut off and comes back is zeros; so is what is new. */
void guest_resize_begin(struct guest *g, uint64_t at, uint64_t size)
{
    uint64_t old = guest_newest_size(g);

    for (uint64_t s = size / LEN; g->cut_early && s < old / LEN; s++) {
        touch(g, s);
        add_version(g, s, 0, current_epoch(g), at);
        g->versions[g->head[s]].gone = at;
    }
    add_size(g, size, at);
    for (uint64_t s = old / LEN; s < size / LEN; s++) {
        touch(g, s);
        add_version(g, s, 0, current_epoch(g), at);
    }
}

static void drop_newest(struct guest *g, uint64_t first, uint64_t end)
{
    for (uint64_t s = first; s < end; s++)
        g->head[s] = g->versions[g->head[s]].next;
}

static void undo_size(struct guest *g)
{
    uint64_t size = g->sizes[--g->n_sizes].size / LEN;
    uint64_t old = guest_newest_size(g) / LEN;

    drop_newest(g, old, size);
    if (g->cut_early)
        drop_newest(g, size, old);
}

void guest_resize_end(struct guest *g, uint64_t at, int ok, int through,
                      int declined)
{
    struct guest_size *now = &g->sizes[g->n_sizes - 1];
    uint64_t old;

    if (declined) {
        undo_size(g);
        return;
    }
    if (!ok)
        return;
    g->n_sizes--;
    old = guest_newest_size(g);
    g->n_sizes++;
    for (struct guest_size *s = g->sizes; s < now; s++) {
        if (!s->gone)
            s->gone = at;
        if (through && s->dropped == UINT64_MAX)
            s->dropped = at;
    }
    for (uint64_t s = old / LEN; s < now->size / LEN; s++)
        supersede(g, s, now->born, at, through);
}

void guest_resize_never(struct guest *g)
{
    g->sizes[g->n_sizes - 1].never = true;
}

void guest_durable(struct guest *g, uint64_t began, uint64_t at)
{
    for (size_t i = 1; i < g->n_versions; i++) {
        struct guest_version *v = &g->versions[i];

        if (v->gone && v->gone < began && v->dropped == UINT64_MAX)
            v->dropped = at;
    }
    for (size_t i = 0; i < g->n_sizes; i++) {
        struct guest_size *s = &g->sizes[i];

        if (s->gone && s->gone < began && s->dropped == UINT64_MAX)
            s->dropped = at;
    }
}

void guest_doubt(struct guest *g)
{
    for (size_t i = 1; i < g->n_versions; i++)
        if (g->versions[i].dropped == UINT64_MAX)
            g->versions[i].gone = 0;
    for (size_t i = 0; i < g->n_sizes; i++)
        if (g->sizes[i].dropped == UINT64_MAX)
            g->sizes[i].gone = 0;
}

void guest_settle(struct guest *g, uint64_t at, uint64_t sector, uint32_t id)
{
    int found = 0;

    if (!guest_touched(g, sector))
        return;
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next) {
        struct guest_version *version = &g->versions[v];
        bool is_it = version->id == id && version->dropped == UINT64_MAX;

        if (is_it && !found)
            version->gone = 0;
        else if (!version->gone)
            version->gone = at;
        found |= is_it;
    }
}

/* ---- Questions ---------------------------------------------------------- */

bool guest_size_allowed(const struct guest *g, uint64_t *epochs, uint64_t at,
                        uint64_t size)
{
    *epochs = 0;
    for (size_t i = 0; i < g->n_sizes; i++) {
        const struct guest_size *s = &g->sizes[i];

        if (s->size == size && s->born <= at && at < s->dropped)
            *epochs |= UINT64_C(1) << (i < 63 ? i : 63);
    }
    return *epochs != 0;
}

/* Whether the sizes from EPOCH on, up to LAST, cut SECTOR off. */
static bool was_cut(const struct guest *g, size_t epoch, size_t last,
                    uint64_t sector)
{
    for (size_t i = epoch + 1; i <= last && i < g->n_sizes; i++)
        if (!g->sizes[i].never && g->sizes[i].size / LEN <= sector)
            return true;
    return false;
}

static bool fits_epochs(const struct guest *g, const struct guest_version *v,
                        uint64_t epochs, uint64_t sector)
{
    if (g->n_sizes == 1 || epochs >> 63)
        return true;
    for (size_t i = 0; i < 63; i++)
        if (epochs >> i & 1 && !was_cut(g, v->epoch, i, sector))
            return true;
    return false;
}

bool guest_allowed(const struct guest *g, uint64_t at, uint64_t epochs,
                   uint64_t sector, uint32_t id)
{
    if (!guest_touched(g, sector))
        return id == guest_first(g, sector);
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next) {
        const struct guest_version *version = &g->versions[v];

        if (version->id == id && version->born <= at &&
            at < version->dropped && fits_epochs(g, version, epochs, sector))
            return true;
    }
    return false;
}

bool guest_touched(const struct guest *g, uint64_t sector)
{
    return sector < g->room && g->head[sector] != 0;
}

bool guest_is_version(const struct guest *g, uint64_t sector, uint32_t id)
{
    if (!guest_touched(g, sector))
        return id == guest_first(g, sector);
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next)
        if (g->versions[v].id == id)
            return true;
    return false;
}

int64_t guest_nth(const struct guest *g, uint64_t at, uint64_t sector,
                  size_t n)
{
    if (!guest_touched(g, sector))
        return n ? -1 : (int64_t)guest_first(g, sector);
    for (uint32_t v = g->head[sector]; v; v = g->versions[v].next) {
        const struct guest_version *version = &g->versions[v];

        if (version->born <= at && at < version->dropped && n-- == 0)
            return version->id;
    }
    return -1;
}
