/* SPDX-License-Identifier: MIT
 *
 * judge.c - what one opening showed against what is allowed.
 */
#include "base/result.h"
#include "data/pattern.h"
#include "engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

/* ---- Saying what is wrong ----------------------------------------------- */

__attribute__((format(printf, 5, 6))) static void
wrong(struct verdict_of *out, const char *kind, const char *clause,
      const char *expected, const char *fmt, ...)
{
    va_list args;

    out->kind = kind;
    out->clause = clause;
    snprintf(out->expected, sizeof(out->expected), "%s", expected);
    va_start(args, fmt);
    vsnprintf(out->got, sizeof(out->got), fmt, args);
    va_end(args);
}

static void describe_content(const struct setup *s, char *out, size_t size,
                             uint32_t id, uint64_t sector)
{
    if (is_token(s, id))
        snprintf(out, size, "the image file's sector %" PRIu64,
                 token_sector(s, id));
    else
        pattern_name_parts(out, size, contents_at(s->contents, id), LEN,
                           sector * LEN);
}

/* Whether LIST, with " or " between, has NAME. */
static bool is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = list; at; at = strstr(at, " or ")) {
        at += at == list ? 0 : strlen(" or ");
        if (strncmp(at, name, len) == 0 &&
            (at[len] == '\0' || strncmp(at + len, " or ", 4) == 0))
            return true;
    }
    return false;
}

/* As pattern_kind(). */
static const char *kind_of(const struct setup *s, uint32_t id, uint64_t sector)
{
    if (is_token(s, id))
        return "old";
    return pattern_kind(contents_at(s->contents, id), LEN, sector * LEN);
}

static void describe_allowed(const struct crash *c, char *out, size_t size,
                             uint64_t sector)
{
    size_t used = 0;
    int64_t id;

    out[0] = '\0';
    for (size_t n = 0;
         (id = guest_nth(&c->workload.guest, c->point.at, sector, n)) >= 0 &&
         used + 1 < size;
         n++) {
        char name[160];

        describe_content(&c->setup, name, sizeof(name), (uint32_t)id, sector);
        if (!is_listed(out, name))
            used += (size_t)snprintf(out + used, size - used, "%s%s",
                                     n ? " or " : "", name);
    }
}

/* The least size that the disk has had: what is beyond it a resize may have
 * changed. */
static uint64_t least_size(const struct guest *g, uint64_t at)
{
    uint64_t least = g->sizes[0].size;

    for (size_t i = 1; i < g->n_sizes; i++)
        if (g->sizes[i].born <= at && g->sizes[i].size < least)
            least = g->sizes[i].size;
    return least;
}

/* The clause that a wrong content breaks. */
static const char *clause_of(const struct crash *c, uint64_t sector,
                             uint32_t id)
{
    const struct guest *g = &c->workload.guest;
    bool is_settled = guest_nth(g, c->point.at, sector, 1) < 0;

    if (sector * LEN >= least_size(g, c->point.at))
        return "DUR-19";
    if (id != 0 && id == medium_id(&c->setup.base, F_IMAGE, sector) &&
        !guest_is_version(g, sector, id))
        return "DUR-11";
    if (!guest_touched(g, sector))
        return "DUR-12 DUR-9";
    if (is_settled)
        return "DUR-9 DUR-12";
    if (guest_is_version(g, sector, id))
        return "DUR-9";
    return "DUR-10";
}

static void wrong_content(struct crash *c, struct verdict_of *out,
                          uint64_t sector, uint32_t id)
{
    char name[160];
    char may[250];

    describe_content(&c->setup, name, sizeof(name), id, sector);
    describe_allowed(c, may, sizeof(may), sector);
    wrong(out, kind_of(&c->setup, id, sector), clause_of(c, sector, id), may,
          "guest sector %" PRIu64 " reads as %s", sector, name);
    out->sector = sector;
}

/* ---- While the add-cow file is made ------------------------------------- */

static bool has_magic(const struct setup *s, const struct medium *m,
                      const struct medium *like)
{
    uint32_t len = s->given.geometry.magic_len;

    return m->files[F_ADDCOW].size >= len &&
           !memcmp(contents_at(m->contents, medium_id(m, F_ADDCOW, 0)),
                   contents_at(m->contents, medium_id(like, F_ADDCOW, 0)),
                   len);
}

static bool is_same_file(const struct medium *a, const struct medium *b)
{
    uint64_t size = a->files[F_ADDCOW].size;

    if (size != b->files[F_ADDCOW].size)
        return false;
    for (uint64_t s = 0; s < sectors_of(size); s++)
        if (medium_id(a, F_ADDCOW, s) != medium_id(b, F_ADDCOW, s))
            return false;
    return true;
}

enum making making_of(const struct crash *c, const struct medium *m)
{
    if (c->point.at >= c->workload.live_from)
        return MAKING_LIVE;
    if (m->files[F_ADDCOW].size == CRASH_ABSENT)
        return MAKING_NOTHING;
    if (c->workload.has_created && is_same_file(m, &c->workload.created))
        return MAKING_LIVE;
    if (is_same_file(m, &c->setup.base))
        return MAKING_OLD;
    if (c->workload.has_created &&
        has_magic(&c->setup, m, &c->workload.created))
        return MAKING_TORN;
    return MAKING_NOTHING;
}

/* ---- Bits --------------------------------------------------------------- */

bool bit_at(const struct setup *s, const struct medium *m, uint64_t cluster)
{
    uint64_t offset = s->given.geometry.header_len + cluster / 8;
    uint64_t size = m->files[F_ADDCOW].size;
    uint32_t id = medium_id(m, F_ADDCOW, offset / LEN);

    return size != CRASH_ABSENT && offset < size &&
           (contents_at(m->contents, id)[offset % LEN] >> cluster % 8 & 1);
}

static uint64_t clusters(const struct setup *s, uint64_t size)
{
    uint32_t len = s->given.geometry.cluster_len;

    return size / len + (size % len != 0);
}

/* Clusters that the disk has whichever size survives. */
static uint64_t least_clusters(const struct crash *c)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < c->workload.guest.n_sizes; i++) {
        const struct guest_size *s = &c->workload.guest.sizes[i];

        if (s->born <= c->point.at && c->point.at < s->dropped &&
            s->size < least)
            least = s->size;
    }
    return clusters(&c->setup, least);
}

/* The first bit below END that is 1 in OLD and 0 in NEW, two contents of the
 * sector of the bitmap that begins with cluster FIRST. */
static uint64_t lost_in(const struct contents *contents, uint32_t old,
                        uint32_t new, uint64_t first, uint64_t end)
{
    const uint8_t *a = contents_at(contents, old);
    const uint8_t *b = contents_at(contents, new);

    for (uint64_t i = 0; i < LEN && first + i * 8 < end; i++)
        for (unsigned bit = 0; (a[i] & ~b[i]) && bit < 8; bit++)
            if ((a[i] & ~b[i]) >> bit & 1 && first + i * 8 + bit < end)
                return first + i * 8 + bit;
    return NO_SECTOR;
}

static uint64_t lost_of_sector(struct crash *c, uint64_t sector, uint64_t end)
{
    uint64_t start = c->setup.given.geometry.header_len / LEN;
    struct pending_file *f = &c->point.pending.files[F_ADDCOW];
    const uint32_t *ids;
    uint32_t durable = medium_id(&c->point.pending.durable, F_ADDCOW, sector);

    if (sector < start || durable == 0)
        return NO_SECTOR;
    for (size_t k = 0; k < f->n_sizes; k++) {
        size_t n =
            pending_choices(&c->point.pending, &ids, F_ADDCOW, sector, k);

        for (size_t i = 0; i < n; i++) {
            uint64_t lost = lost_in(c->setup.contents, durable, ids[i],
                                    (sector - start) * LEN * 8, end);

            if (lost != NO_SECTOR)
                return lost;
        }
    }
    return NO_SECTOR;
}

uint64_t bit_lost(struct crash *c)
{
    struct pending_file *f = &c->point.pending.files[F_ADDCOW];
    uint64_t end = least_clusters(c);
    uint64_t n = sectors_of(c->point.pending.durable.files[F_ADDCOW].size);
    uint64_t lost = NO_SECTOR;

    if (c->point.at < c->workload.live_from)
        return lost;
    if (f->n_sizes > 1)
        for (uint64_t s = 0; s < n && lost == NO_SECTOR; s++)
            lost = lost_of_sector(c, s, end);
    for (size_t i = 0; i < f->n_sectors && lost == NO_SECTOR; i++)
        lost = lost_of_sector(c, f->sectors[i], end);
    return lost;
}

void tell_lost(struct verdict_of *out, uint64_t cluster)
{
    wrong(out, "lost-bit", "DUR-16 DUR-12 DUR-9",
          "a bit that is durably 1 stays 1",
          "the bit of cluster %" PRIu64 " may be 0", cluster);
    out->sector = NO_SECTOR;
}

/* ---- An opening --------------------------------------------------------- */

bool all_bits(const struct setup *s, const struct medium *m, uint64_t size)
{
    uint64_t n = clusters(s, size);

    for (uint64_t i = 0; i < n; i++)
        if (!bit_at(s, m, i))
            return false;
    return n > 0;
}

static void judge_sectors(struct crash *c, struct verdict_of *out,
                          const struct shown *shown, const struct medium *m,
                          uint64_t epochs)
{
    bool is_alone = all_bits(&c->setup, m, shown->size);

    for (size_t i = 0; i < shown->n && !out->clause; i++) {
        uint64_t s = spans_sector(&c->setup.spans, i);
        uint32_t raw = medium_id(m, F_IMAGE, s);

        if (!may_show(c, epochs, s, shown->ids[i]))
            wrong_content(c, out, s, shown->ids[i]);
        else if (is_alone && !may_show(c, epochs, s, raw)) {
            wrong_content(c, out, s, raw);
            out->clause = "WR-24";
        }
    }
}

static bool judge_conduct(struct crash *c, struct verdict_of *out,
                          const struct shown *shown)
{
    if (shown->written >> F_BACKING & 1)
        wrong(out, "backing-written", "WR-20",
              "the backing file is never written",
              "it was written by an open");
    else if (shown->written)
        wrong(out, "written", "DUR-20",
              "opening for reading only writes nothing", "a file was written");
    else if (shown->bug)
        wrong(out, "left-open", "ERR-4", "no file stays open", "one did");
    else if (shown->opened != ADDCOW_OK)
        wrong(out, "not-opened",
              c->point.in_flight == NO_CALL &&
                      c->point.at == c->workload.live_from
                  ? "DUR-18"
                  : "DUR-13",
              "the image opens and reads", "it is refused with %s",
              class_name(shown->opened));
    return out->clause != NULL;
}

void judge(struct crash *c, struct verdict_of *out, const struct shown *shown,
           const struct medium *m)
{
    enum making making = making_of(c, m);
    uint64_t epochs;

    out->clause = NULL;
    out->sector = NO_SECTOR;
    if (making == MAKING_OLD)
        return;
    if (making == MAKING_TORN)
        wrong(out, "torn", "DUR-17",
              "no add-cow file, one without the magic, the whole new one, or "
              "the whole old one",
              "an add-cow file with the magic that is torn");
    else if (making == MAKING_NOTHING && shown->opened == ADDCOW_OK)
        wrong(out, "opened", "DUR-17", "what has no magic is refused",
              "it opens");
    if (making == MAKING_NOTHING || out->clause)
        return;
    if (judge_conduct(c, out, shown))
        return;
    if (!may_have_size(c, &epochs, shown->size))
        wrong(out, "size", "DUR-19",
              "the virtual size is the newest durable one or a later one",
              "it is %" PRIu64 " bytes", shown->size);
    else
        judge_sectors(c, out, shown, m, epochs);
}
