/* SPDX-License-Identifier: MIT
 *
 * pending.c - what may be on the storage at a point of a trace.
 */
#include "pending.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

/* ---- Sizes -------------------------------------------------------------- */

static uint64_t bytes(uint64_t size)
{
    return size == CRASH_ABSENT ? 0 : size;
}

/* How many bytes of SECTOR lie below SIZE. */
static size_t below(uint64_t size, uint64_t sector)
{
    uint64_t start = sector * LEN;

    size = bytes(size);
    if (size <= start)
        return 0;
    return size - start < LEN ? (size_t)(size - start) : LEN;
}

static struct pending_size *add_size(struct pending_file *f, uint64_t size,
                                     uint64_t ended)
{
    struct pending_size *new;

    f->sizes =
        mem_grow(f->sizes, &f->size_room, f->n_sizes + 1, sizeof(*f->sizes));
    new = &f->sizes[f->n_sizes++];
    *new = (struct pending_size){.size = size, .ended = ended};
    return new;
}

static size_t newest_epoch(const struct pending_file *f)
{
    return f->first_epoch + f->n_sizes - 1;
}

/* Whether size I has done nothing to a sector once size K is there: a failed
 * write made it, or a failed flush lost it and the host went back. */
static bool is_undone(const struct pending_file *f, size_t i, size_t k)
{
    if (f->sizes[i].unsure)
        return true;
    for (size_t b = i + 1; f->sizes[i].lost && b <= k; b++)
        if (f->sizes[b].back)
            return true;
    return false;
}

/* ---- Start and end ------------------------------------------------------ */

void pending_start(struct pending *p, const struct medium *base, int cut_early)
{
    if (!p->durable.contents) {
        medium_init(&p->durable, base->contents);
        medium_init(&p->visible, base->contents);
    }
    p->cut_early = cut_early;
    p->n_versions = 1;
    medium_copy(&p->durable, base);
    medium_copy(&p->visible, base);
    for (unsigned i = 0; i < N_WRITABLE; i++) {
        struct pending_file *f = &p->files[i];

        for (size_t k = 0; k < f->n_sectors; k++)
            f->head[f->sectors[k]] = f->tail[f->sectors[k]] = 0;
        f->n_sectors = f->n_sizes = f->first_epoch = 0;
        add_size(f, base->files[i].size, 0);
    }
}

void pending_finish(struct pending *p)
{
    if (!p->durable.contents)
        return;
    medium_finish(&p->durable);
    medium_finish(&p->visible);
    for (unsigned i = 0; i < N_WRITABLE; i++) {
        mem_free(p->files[i].head);
        mem_free(p->files[i].tail);
        mem_free(p->files[i].sectors);
        mem_free(p->files[i].sizes);
    }
    mem_free(p->versions);
    mem_free(p->choices);
    memset(p, 0, sizeof(*p));
}

/* ---- Writes ------------------------------------------------------------- */

static void make_room(struct pending_file *f, uint64_t sector)
{
    size_t room = f->room;
    size_t tail_room = f->room;

    if (sector < room)
        return;
    f->head =
        mem_grow(f->head, &f->room, (size_t)sector + 1, sizeof(*f->head));
    f->tail =
        mem_grow(f->tail, &tail_room, (size_t)sector + 1, sizeof(*f->tail));
    memset(f->head + room, 0, (f->room - room) * sizeof(*f->head));
    memset(f->tail + room, 0, (f->room - room) * sizeof(*f->tail));
}

static void add_version(struct pending *p, unsigned file, uint64_t sector,
                        struct pending_version v)
{
    struct pending_file *f = &p->files[file];
    uint32_t number = (uint32_t)p->n_versions;

    make_room(f, sector);
    p->versions = mem_grow(p->versions, &p->version_room, p->n_versions + 1,
                           sizeof(*p->versions));
    p->versions[p->n_versions++] = v;
    if (f->head[sector]) {
        p->versions[f->tail[sector]].next = number;
    } else {
        f->sectors = mem_grow(f->sectors, &f->sector_room, f->n_sectors + 1,
                              sizeof(*f->sectors));
        f->sectors[f->n_sectors++] = sector;
        f->head[sector] = number;
    }
    f->tail[sector] = number;
}

/* The profile in which the zeros of a cut may come before the cut. */
static void add_early_zeros(struct pending *p, unsigned file, uint64_t size,
                            uint64_t ended)
{
    uint64_t end = sectors_of(p->visible.files[file].size);

    for (uint64_t s = bytes(size) / LEN; s < end; s++) {
        uint32_t old = medium_id(&p->visible, file, s);
        uint32_t id = contents_cut(p->durable.contents, old, below(size, s));

        if (id != old)
            add_version(p, file, s,
                        (struct pending_version){
                            .id = id,
                            .epoch = newest_epoch(&p->files[file]),
                            .ended = ended});
    }
}

/* Whether step S leaves the size as it is.  A request of its own makes up for
 * a size that is lost or unsure. */
static bool keeps_size(const struct pending *p, const struct step *s)
{
    const struct pending_file *f = &p->files[s->file];
    const struct pending_size *newest = &f->sizes[f->n_sizes - 1];

    if (s->kind == STEP_WRITE)
        return s->size == p->visible.files[s->file].size;
    return s->size == newest->size && !newest->lost && !newest->unsure;
}

static void step_size(struct pending *p, const struct step *s)
{
    struct pending_file *f = &p->files[s->file];
    uint64_t old = p->visible.files[s->file].size;

    if (keeps_size(p, s))
        return;
    if (p->cut_early && bytes(s->size) < bytes(old))
        add_early_zeros(p, s->file, s->size, s->ended);
    add_size(f, s->size, s->ended)->unsure = s->unsure != 0;
    if (s->kind == STEP_SIZE || !s->unsure)
        medium_set_size(&p->visible, s->file, s->size);
}

static void step_write(struct pending *p, const struct trace *t,
                       const struct step *s)
{
    step_size(p, s);
    for (size_t i = 0; i < s->n; i++) {
        struct pending_version v = {.id = t->pool[s->ids + i],
                                    .epoch = newest_epoch(&p->files[s->file]),
                                    .ended = s->ended,
                                    .unsure = s->unsure != 0};

        add_version(p, s->file, s->first + i, v);
        medium_set(&p->visible, s->file, s->first + i, v.id);
    }
}

/* ---- Flushes ------------------------------------------------------------ */

/* The newest size that a flush called at BEGAN makes durable. */
static size_t covered_size(const struct pending_file *f, uint64_t began)
{
    size_t k = f->n_sizes - 1;

    while (k && (f->sizes[k].lost || f->sizes[k].unsure ||
                 f->sizes[k].ended >= began))
        k--;
    return k;
}

/* The newest version of SECTOR that it makes durable, or 0. */
static uint32_t covered_version(const struct pending *p,
                                const struct pending_file *f, uint64_t sector,
                                uint64_t began)
{
    uint32_t found = 0;

    for (uint32_t v = f->head[sector]; v; v = p->versions[v].next)
        if (!p->versions[v].lost && !p->versions[v].unsure &&
            p->versions[v].ended < began)
            found = v;
    return found;
}

/* What the sizes from version V's epoch up to the durable one left of it. */
static uint32_t after_cuts(struct pending *p, const struct pending_file *f,
                           uint32_t v, uint64_t sector, size_t k)
{
    const struct pending_version *version = &p->versions[v];
    uint32_t id = version->id;

    for (size_t i = 1; i <= k; i++)
        if (f->first_epoch + i > version->epoch && !is_undone(f, i, k))
            id = contents_cut(p->durable.contents, id,
                              below(f->sizes[i].size, sector));
    return id;
}

/* Version V stays pending when size K has become durable: it keeps what the
 * cuts up to then have left of it. */
static void bring_forward(struct pending *p, const struct pending_file *f,
                          uint32_t v, uint64_t sector, size_t k)
{
    struct pending_version *version = &p->versions[v];

    version->id = after_cuts(p, f, v, sector, k);
    if (version->epoch < f->first_epoch + k)
        version->epoch = f->first_epoch + k;
}

static void settle_sector(struct pending *p, unsigned file, uint64_t sector,
                          uint64_t began, size_t k)
{
    struct pending_file *f = &p->files[file];
    uint32_t v = covered_version(p, f, sector, began);

    if (v) {
        medium_set(&p->durable, file, sector, after_cuts(p, f, v, sector, k));
        f->head[sector] = p->versions[v].next;
        if (!f->head[sector])
            f->tail[sector] = 0;
    }
    for (v = f->head[sector]; v; v = p->versions[v].next)
        bring_forward(p, f, v, sector, k);
}

static void step_flush(struct pending *p, const struct step *s)
{
    struct pending_file *f = &p->files[s->file];
    size_t k = covered_size(f, s->began);
    size_t n = 0;

    for (size_t i = 1; i <= k; i++) /* before the sectors, which know them */
        if (!is_undone(f, i, k))
            medium_set_size(&p->durable, s->file, f->sizes[i].size);
    for (size_t i = 0; i < f->n_sectors; i++) {
        settle_sector(p, s->file, f->sectors[i], s->began, k);
        if (f->head[f->sectors[i]])
            f->sectors[n++] = f->sectors[i];
    }
    f->n_sectors = n;
    memmove(f->sizes, f->sizes + k, (f->n_sizes - k) * sizeof(*f->sizes));
    f->n_sizes -= k;
    f->first_epoch += k;
    if (!p->files[F_ADDCOW].n_sectors && !p->files[F_IMAGE].n_sectors)
        p->n_versions = 1;
}

/* What an earlier flush lost may be in view again: it is not durable. */
static void go_back(struct pending *p, const struct step *s)
{
    struct pending_file *f = &p->files[s->file];

    if (f->n_sizes > 1) {
        struct pending_size *back = add_size(f, s->size, s->ended);

        back->back = 1;
        back->lost = s->size != f->sizes[0].size;
    }
    medium_copy_file(&p->visible, &p->durable, s->file);
    medium_set_size(&p->visible, s->file, s->size);
}

/* What had completed when the flush was called is lost; if it is gone from
 * view, all that has completed by now. */
static void step_lost(struct pending *p, const struct step *s)
{
    struct pending_file *f = &p->files[s->file];
    uint64_t until = s->back ? s->ended : s->began;

    for (size_t i = 1; i < f->n_sizes; i++)
        f->sizes[i].lost |= f->sizes[i].ended < until;
    for (size_t i = 0; i < f->n_sectors; i++)
        for (uint32_t v = f->head[f->sectors[i]]; v; v = p->versions[v].next)
            p->versions[v].lost |= p->versions[v].ended < until;
    if (s->back)
        go_back(p, s);
}

void pending_step(struct pending *p, const struct trace *t,
                  const struct step *s)
{
    if (s->kind == STEP_WRITE)
        step_write(p, t, s);
    else if (s->kind == STEP_SIZE)
        step_size(p, s);
    else if (s->kind == STEP_FLUSH)
        step_flush(p, s);
    else if (s->kind == STEP_LOST)
        step_lost(p, s);
}

/* ---- Choices ------------------------------------------------------------ */

/* Whether a version of SECTOR from EPOCH is there if size K survived: not if
 * a cut of the sector came in between. */
static bool is_possible(const struct pending_file *f, uint64_t sector,
                        size_t epoch, size_t k)
{
    uint64_t before = bytes(f->sizes[k].size);

    for (size_t i = k + 1; i < f->n_sizes && f->first_epoch + i <= epoch;
         i++) {
        uint64_t size = bytes(f->sizes[i].size);

        if (f->sizes[i].unsure)
            continue;
        if (size < before && below(size, sector) < LEN)
            return false;
        before = size;
    }
    return true;
}

static uint32_t seen_at(struct pending *p, const struct pending_file *f,
                        uint32_t id, uint64_t sector, size_t epoch, size_t k)
{
    for (size_t i = 0; i <= k; i++)
        if (i == k || (f->first_epoch + i > epoch && !is_undone(f, i, k)))
            id = contents_cut(p->durable.contents, id,
                              below(f->sizes[i].size, sector));
    return id;
}

static size_t add_choice(struct pending *p, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++)
        if (p->choices[i] == id)
            return n;
    p->choices =
        mem_grow(p->choices, &p->choice_room, n + 1, sizeof(*p->choices));
    p->choices[n] = id;
    return n + 1;
}

size_t pending_choices(struct pending *p, const uint32_t **out, unsigned file,
                       uint64_t sector, size_t k)
{
    struct pending_file *f = &p->files[file];
    uint32_t id = medium_id(&p->durable, file, sector);
    size_t n = add_choice(p, 0, seen_at(p, f, id, sector, f->first_epoch, k));

    for (uint32_t v = sector < f->room ? f->head[sector] : 0; v;
         v = p->versions[v].next) {
        const struct pending_version *version = &p->versions[v];

        if (is_possible(f, sector, version->epoch, k))
            n = add_choice(
                p, n, seen_at(p, f, version->id, sector, version->epoch, k));
    }
    *out = p->choices;
    return n;
}

void pending_base(const struct pending *p, struct medium *m, unsigned file,
                  size_t k)
{
    const struct pending_file *f = &p->files[file];

    medium_copy_file(m, &p->durable, file);
    for (size_t i = 1; i <= k; i++)
        if (i == k || !is_undone(f, i, k))
            medium_set_size(m, file, f->sizes[i].size);
}
