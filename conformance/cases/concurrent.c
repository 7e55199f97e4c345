/* SPDX-License-Identifier: MIT
 *
 * concurrent.c - chapters 8 and 9 of the specification: requests that are in
 * flight at the same time, in an order that the suite chooses by holding one
 * of them inside a function of the host.
 *
 * An implementation that serialises its requests passes: the one that waits
 * runs when the held one is let go.
 *
 * Deliberately missing: requests that share part of a sector.
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#include <string.h>

#define NEEDS (ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | ADDCOW_CAP_CONCURRENT)
#define THROUGH (NEEDS | ADDCOW_CAP_WRITETHROUGH)
#define DISCARD (NEEDS | ADDCOW_CAP_DISCARD)
#define MAPPING (NEEDS | ADDCOW_CAP_MAP)
#define TABLE_SPAN (32 * GIB) /* of the disk, by 64 KiB of bitmap */
#define DISK_SIZE (20 * CLUSTER + 3 * SECTOR)

/* ---- Two requests ------------------------------------------------------- */

enum request_kind { NONE, READ, WRITE, FLUSH, DROP, MAP };

struct request {
    enum request_kind kind;
    size_t len;
    uint64_t offset;
};

/* BEFORE is written in peace; A is held at its NTH call of KIND on FILE while
 * B and C begin. */
struct race {
    const char *text; /* names the row */
    struct request before;
    enum event_kind kind;
    const char *file;
    uint64_t nth;
    struct request a, b, c;
};

#define AT_CLUSTER(c, sector) ((c)*CLUSTER + (sector)*SECTOR)
#define SECTOR_OF(c)                    \
    {                                   \
        WRITE, SECTOR, AT_CLUSTER(c, 0) \
    }
#define NO_REQUEST \
    {              \
        NONE, 0, 0 \
    }
#define A_FLUSH     \
    {               \
        FLUSH, 0, 0 \
    }

static const struct race races[] = {
    {"same-byte", NO_REQUEST, EV_WRITE, IMAGE_NAME, 1, SECTOR_OF(3),
     SECTOR_OF(4), SECTOR_OF(5)},
    {"same-byte-copy", NO_REQUEST, EV_READ, BACKING_NAME, 1, SECTOR_OF(3),
     SECTOR_OF(4), A_FLUSH},
    {"same-cluster-copy",
     NO_REQUEST,
     EV_READ,
     BACKING_NAME,
     1,
     SECTOR_OF(3),
     {WRITE, SECTOR, AT_CLUSTER(3, 9)},
     {WRITE, 2 * SECTOR, AT_CLUSTER(3, 60)}},
    {"same-cluster",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     {WRITE, SECTOR, AT_CLUSTER(3, 9)},
     {WRITE, SECTOR, AT_CLUSTER(3, 127)}},
    {"same-cluster-later",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     2,
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     {WRITE, SECTOR, AT_CLUSTER(3, 9)},
     NO_REQUEST},
    {"same-last-cluster",
     NO_REQUEST,
     EV_READ,
     BACKING_NAME,
     1,
     {WRITE, SECTOR, AT_CLUSTER(20, 0)},
     {WRITE, SECTOR, AT_CLUSTER(20, 1)},
     A_FLUSH},
    {"part-and-whole",
     NO_REQUEST,
     EV_READ,
     BACKING_NAME,
     1,
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     {WRITE, CLUSTER, AT_CLUSTER(3, 0)},
     NO_REQUEST},
    {"whole-and-part",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, CLUSTER, AT_CLUSTER(3, 0)},
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     NO_REQUEST},
    {"same-sectors",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, 4 * SECTOR, AT_CLUSTER(3, 5)},
     {WRITE, 4 * SECTOR, AT_CLUSTER(3, 7)},
     NO_REQUEST},
    {"same-allocated-sectors",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, 4 * SECTOR, AT_CLUSTER(1, 5)},
     {WRITE, 4 * SECTOR, AT_CLUSTER(1, 7)},
     NO_REQUEST},
    {"runs-that-overlap",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, 3 * CLUSTER, AT_CLUSTER(3, 1)},
     {WRITE, 3 * CLUSTER, AT_CLUSTER(4, 1)},
     NO_REQUEST},
    {"read-of-a-copy",
     NO_REQUEST,
     EV_READ,
     BACKING_NAME,
     1,
     SECTOR_OF(3),
     {READ, CLUSTER, AT_CLUSTER(3, 0)},
     NO_REQUEST},
    {"read-of-a-write",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     SECTOR_OF(3),
     {READ, CLUSTER, AT_CLUSTER(3, 0)},
     {READ, 3 * CLUSTER, AT_CLUSTER(2, 0)}},
    {"write-in-a-read",
     NO_REQUEST,
     EV_READ,
     BACKING_NAME,
     1,
     {READ, 3 * CLUSTER, AT_CLUSTER(3, 0)},
     {WRITE, SECTOR, AT_CLUSTER(4, 0)},
     A_FLUSH},
    {"write-in-a-read-of-allocated",
     NO_REQUEST,
     EV_READ,
     IMAGE_NAME,
     1,
     {READ, 3 * CLUSTER, AT_CLUSTER(1, 0)},
     {WRITE, 2 * CLUSTER, AT_CLUSTER(1, 5)},
     A_FLUSH},

    {"write-in-a-read-of-bits",
     NO_REQUEST,
     EV_READ,
     ADDCOW_NAME,
     1,
     {READ, CLUSTER, AT_CLUSTER(3, 0)},
     SECTOR_OF(4),
     NO_REQUEST},
    {"writes-in-a-read-of-bits",
     NO_REQUEST,
     EV_READ,
     ADDCOW_NAME,
     1,
     {READ, 3 * CLUSTER, AT_CLUSTER(1, 0)},
     SECTOR_OF(5),
     {WRITE, CLUSTER, AT_CLUSTER(6, 0)}},
    {"write-in-a-map",
     NO_REQUEST,
     EV_READ,
     ADDCOW_NAME,
     1,
     {MAP, CLUSTER, AT_CLUSTER(3, 0)},
     SECTOR_OF(4),
     SECTOR_OF(5)},
    {"write-in-a-write-at-its-bits", NO_REQUEST, EV_READ, ADDCOW_NAME, 1,
     SECTOR_OF(3), SECTOR_OF(4), SECTOR_OF(5)},

    {"write-in-image-flush", SECTOR_OF(3), EV_FLUSH, IMAGE_NAME, 1, A_FLUSH,
     SECTOR_OF(4), NO_REQUEST},
    {"write-in-bits", SECTOR_OF(3), EV_WRITE, ADDCOW_NAME, 1, A_FLUSH,
     SECTOR_OF(4), NO_REQUEST},
    {"write-in-add-cow-flush", SECTOR_OF(3), EV_FLUSH, ADDCOW_NAME, 1, A_FLUSH,
     SECTOR_OF(4), NO_REQUEST},
    {"write-of-the-pending-cluster",
     SECTOR_OF(3),
     EV_FLUSH,
     IMAGE_NAME,
     1,
     A_FLUSH,
     {WRITE, SECTOR, AT_CLUSTER(3, 9)},
     NO_REQUEST},
    {"run-in-image-flush",
     SECTOR_OF(3),
     EV_FLUSH,
     IMAGE_NAME,
     1,
     A_FLUSH,
     {WRITE, 12 * CLUSTER, AT_CLUSTER(4, 1)},
     NO_REQUEST},
    {"two-flushes", SECTOR_OF(3), EV_FLUSH, IMAGE_NAME, 1, A_FLUSH,
     SECTOR_OF(4), A_FLUSH},
    {"two-flushes-at-bits", SECTOR_OF(3), EV_WRITE, ADDCOW_NAME, 1, A_FLUSH,
     SECTOR_OF(4), A_FLUSH},
    {"two-flushes-at-the-end", SECTOR_OF(3), EV_FLUSH, ADDCOW_NAME, 1, A_FLUSH,
     SECTOR_OF(4), A_FLUSH},
    {"flush-in-a-write", SECTOR_OF(3), EV_WRITE, IMAGE_NAME, 1, SECTOR_OF(4),
     A_FLUSH, SECTOR_OF(5)},
    {"flush-in-a-copy", SECTOR_OF(3), EV_READ, BACKING_NAME, 1, SECTOR_OF(4),
     A_FLUSH, SECTOR_OF(5)},

    {"through-image-flush", NO_REQUEST, EV_FLUSH, IMAGE_NAME, 1, SECTOR_OF(3),
     SECTOR_OF(4), SECTOR_OF(5)},
    {"through-bits", NO_REQUEST, EV_WRITE, ADDCOW_NAME, 1, SECTOR_OF(3),
     SECTOR_OF(4), SECTOR_OF(5)},

    {"discard-in-a-write",
     NO_REQUEST,
     EV_WRITE,
     IMAGE_NAME,
     1,
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     {DROP, SECTOR, AT_CLUSTER(3, 9)},
     NO_REQUEST},
    {"discard-in-a-copy",
     SECTOR_OF(4),
     EV_READ,
     BACKING_NAME,
     1,
     {WRITE, SECTOR, AT_CLUSTER(3, 5)},
     {DROP, 2 * CLUSTER, AT_CLUSTER(4, 0)},
     A_FLUSH},
    {NULL, NO_REQUEST, EV_ANY, NULL, 0, NO_REQUEST, NO_REQUEST, NO_REQUEST}};

static const struct race *find_race(struct env *env, const char *text)
{
    for (const struct race *r = races; r->text; r++) {
        if (strcmp(r->text, text) == 0)
            return r;
    }
    error(env, "no row %s", text);
}

static struct oracle *mixed_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, 10, 13, END_OF_LIST};

    return make_image(
        env, &(struct image_recipe){.image_size = DISK_SIZE,
                                    .backing_size = 20 * CLUSTER + 700,
                                    .set = set});
}

static struct call *begin(struct img *img, const struct request *r)
{
    switch (r->kind) {
    case READ:
        return start_read(img, r->len, r->offset);
    case WRITE:
        return start_write(img, r->len, r->offset);
    case FLUSH:
        return start_flush(img);
    case DROP:
        return start_discard(img, r->len, r->offset);
    case MAP:
        return start_map(img, r->len, r->offset);
    default:
        return NULL;
    }
}

static void finish(struct env *env, const char *clause, struct call *call)
{
    if (call)
        expect_ok(env, clause, finish_call(call));
}

/* The first clause of the case, of at most eleven bytes. */
static const char *main_clause(struct env *env, const struct conf_case *self)
{
    size_t len = strcspn(self->clauses, " ");
    char *clause = case_alloc(env, len + 1);

    memcpy(clause, self->clauses, len);
    return clause;
}

static struct img *run_race(struct env *env, const char *clause,
                            const struct race *r, uint32_t flags)
{
    struct img *img = open_image(env, flags);
    struct call *a;
    struct call *b;
    struct call *c;

    must_flush(img);
    if (r->before.kind == WRITE)
        must_write(img, r->before.len, r->before.offset);
    hold_host(env, r->kind, r->file, r->nth);
    a = begin(img, &r->a);
    b = begin(img, &r->b);
    c = begin(img, &r->c);
    release_host(env);
    finish(env, clause, a);
    finish(env, clause, b);
    finish(env, clause, c);
    return img;
}

/* What must hold of the files, of the recording and of the guest's view. */
static void judge(struct env *env, const char *clause, struct img *img,
                  const struct oracle *o)
{
    expect_guest_all(img, clause);
    expect_ok(env, clause, img_flush(img));
    expect_all_durable(env, clause, 0);
    expect_bitmap(env, clause, ADDCOW_NAME, o);
    must_close(img);
    expect_bitmap(env, clause, ADDCOW_NAME, o);
    expect_bit_order(img, "FLS-1");
    img = open_image(env, 0);
    expect_guest_all(img, clause);
    must_close(img);
}

static void race(struct env *env, const struct conf_case *self)
{
    const char *clause = main_clause(env, self);
    struct oracle *o = mixed_image(env);

    judge(env, clause,
          run_race(env, clause, find_race(env, self->text), ADDCOW_OPEN_WRITE),
          o);
}

/* Under writethrough all is durable before anything else is asked for. */
static void race_through(struct env *env, const struct conf_case *self)
{
    const char *clause = main_clause(env, self);
    struct oracle *o = mixed_image(env);
    struct img *img = run_race(env, clause, find_race(env, self->text),
                               ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH);

    expect_all_durable(env, clause, 0);
    expect_bitmap(env, clause, ADDCOW_NAME, o);
    judge(env, clause, img, o);
}

/* A flush makes durable what was acknowledged before it was submitted, also
 * where it began while another was held. */
static void flushes_cover(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img =
        run_race(env, "FLS-5", find_race(env, self->text), ADDCOW_OPEN_WRITE);

    expect_bit(env, "FLS-5", ADDCOW_NAME, 3, 1);
    must_close(img);
    expect_flush_covers(img, "FLS-5");
    expect_bit_order(img, "FLS-1");
    expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
}

/* ---- Every pair of sectors of one cluster, without holding -------------- */

/* Sixteen writes at once to sixteen clusters that share two bytes. */
static void sixteen_at_once(struct env *env, const struct conf_case *self)
{
    uint64_t size = 32 * CLUSTER;
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    struct call *calls[16];

    hold_host(env, (enum event_kind)self->arg, NULL, 3);
    for (uint64_t i = 0; i < 16; i++)
        calls[i] = start_write(img, SECTOR, AT_CLUSTER(i * 5 % 16, i));
    release_host(env);
    for (uint64_t i = 0; i < 16; i++)
        finish(env, "FLS-18", calls[i]);
    judge(env, "FLS-18", img, o);
}

/* ---- A part of the bitmap is given up ----------------------------------- */

/* The write that may give a table up is held in a flush or a write of bits,
 * and another adds a bit to each of the tables. */
static void eviction(struct env *env, const struct conf_case *self)
{
    uint64_t size = 20 * TABLE_SPAN;
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    struct call *calls[20];

    must_flush(img);
    for (uint64_t t = 0; t < 16; t++)
        must_write(img, SECTOR, t * TABLE_SPAN);
    hold_host(env, (enum event_kind)self->arg, self->text, 1);
    for (uint64_t t = 16; t < 20; t++)
        calls[t - 16] = start_write(img, SECTOR, t * TABLE_SPAN);
    for (uint64_t t = 0; t < 16; t++)
        calls[t + 4] = start_write(img, SECTOR, t * TABLE_SPAN + CLUSTER);
    release_host(env);
    for (size_t i = 0; i < 20; i++)
        finish(env, "FLS-18", calls[i]);
    judge(env, "FLS-18", img, o);
}

const struct conf_case cases_concurrent[] = {
    {"concurrent/writes-to-one-byte-of-bits",
     "Three writes whose bits share a byte lose none", "FLS-18 FLS-1", NEEDS,
     .run = race, .text = "same-byte"},
    {"concurrent/write-and-flush-beside-a-copy",
     "A write and a flush beside a copy lose no bit", "FLS-18 FLS-1", NEEDS,
     .run = race, .text = "same-byte-copy"},
    {"concurrent/sixteen-writes-held-in-a-read",
     "Sixteen writes whose bits share two bytes lose none", "FLS-18 FLS-1",
     NEEDS, .run = sixteen_at_once, .arg = EV_READ},
    {"concurrent/sixteen-writes-held-in-a-write",
     "Sixteen writes, one held in its data, lose no bit", "FLS-18 FLS-1",
     NEEDS, .run = sixteen_at_once, .arg = EV_WRITE},
    {"concurrent/tables-given-up-in-an-image-flush",
     "Tables that are given up during writes to them lose no bit",
     "FLS-18 FLS-1", NEEDS, .run = eviction, .arg = EV_FLUSH,
     .text = IMAGE_NAME},
    {"concurrent/tables-given-up-in-a-write-of-bits",
     "Bits made 1 while their table is written are not lost", "FLS-18 FLS-1",
     NEEDS, .run = eviction, .arg = EV_WRITE, .text = ADDCOW_NAME},

    {"concurrent/writes-to-one-cluster-during-its-copy",
     "Writes to one cluster while it is copied all show", "WR-23 FLS-1", NEEDS,
     .run = race, .text = "same-cluster-copy"},
    {"concurrent/writes-to-one-cluster",
     "Writes to one cluster while it is written all show", "WR-23 FLS-1",
     NEEDS, .run = race, .text = "same-cluster"},
    {"concurrent/writes-to-one-cluster-later",
     "A write to a cluster whose second part is being written shows",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "same-cluster-later"},
    {"concurrent/writes-to-the-last-cluster",
     "Writes to the clipped cluster while it is copied all show",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "same-last-cluster"},
    {"concurrent/part-and-whole",
     "A whole cluster written while it is copied is not undone", "WR-23 FLS-1",
     NEEDS, .run = race, .text = "part-and-whole"},
    {"concurrent/whole-and-part",
     "A sector written while its cluster is written is one of the two",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "whole-and-part"},
    {"concurrent/writes-of-the-same-sectors",
     "Each sector that two writes share is of one of them", "WR-23 FLS-1",
     NEEDS, .run = race, .text = "same-sectors"},
    {"concurrent/overwrites-of-the-same-sectors",
     "Each sector that two overwrites share is of one of them", "WR-23 FLS-1",
     NEEDS, .run = race, .text = "same-allocated-sectors"},
    {"concurrent/runs-that-overlap",
     "Each sector that two writes of clusters share is of one of them",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "runs-that-overlap"},
    {"concurrent/read-during-a-copy",
     "A read of a cluster that is copied is of before or after", "WR-23 FLS-1",
     NEEDS, .run = race, .text = "read-of-a-copy"},
    {"concurrent/read-during-a-write",
     "A read of a cluster that is written is of before or after",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "read-of-a-write"},
    {"concurrent/write-during-a-read",
     "A write during a read of the backing file is read in whole sectors",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "write-in-a-read"},
    {"concurrent/overwrite-during-a-read",
     "A write during a read of the image file is read in whole sectors",
     "WR-23 FLS-1", NEEDS, .run = race,
     .text = "write-in-a-read-of-allocated"},
    {"concurrent/write-during-a-read-of-bits",
     "A write beside a read that has just asked for its bits is not lost",
     "WR-23 FLS-1", NEEDS, .run = race, .text = "write-in-a-read-of-bits"},
    {"concurrent/writes-during-a-read-of-bits",
     "Two writes beside a read that has just asked for its bits lose no bit",
     "FLS-18 FLS-1", NEEDS, .run = race, .text = "writes-in-a-read-of-bits"},
    {"concurrent/write-during-a-map",
     "A write beside a map that has just asked for its bits is not lost",
     "WR-23 FLS-1", MAPPING, .run = race, .text = "write-in-a-map"},
    {"concurrent/writes-during-a-read-of-their-bits",
     "Writes beside a write that has just asked for its bits lose no bit",
     "FLS-18 FLS-1", NEEDS, .run = race,
     .text = "write-in-a-write-at-its-bits"},
    {"concurrent/discard-during-a-write",
     "A discard beside a write to its cluster undoes nothing", "WR-23 FLS-1",
     DISCARD, .run = race, .text = "discard-in-a-write"},
    {"concurrent/discard-during-a-copy",
     "A discard of another cluster beside a copy undoes nothing",
     "WR-23 FLS-1", DISCARD, .run = race, .text = "discard-in-a-copy"},

    {"concurrent/write-during-the-image-flush",
     "The bit of a write that arrives during the image flush waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .text = "write-in-image-flush"},
    {"concurrent/write-during-the-write-of-bits",
     "The bit of a write that arrives while bits are written waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .text = "write-in-bits"},
    {"concurrent/write-during-the-add-cow-flush",
     "The bit of a write that arrives during the add-cow flush waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .text = "write-in-add-cow-flush"},
    {"concurrent/rewrite-during-the-image-flush",
     "A pending cluster written again during the flush is in order",
     "FLS-1 FLS-18", NEEDS, .run = race,
     .text = "write-of-the-pending-cluster"},
    {"concurrent/run-during-the-image-flush",
     "The bits of twelve clusters that arrive during the flush wait",
     "FLS-1 FLS-18", NEEDS, .run = race, .text = "run-in-image-flush"},
    {"concurrent/flush-during-a-write",
     "A flush during a write does not write its bit too early", "FLS-1 FLS-18",
     NEEDS, .run = race, .text = "flush-in-a-write"},
    {"concurrent/flush-during-a-copy",
     "A flush during a copy does not write its bit too early", "FLS-1 FLS-18",
     NEEDS, .run = race, .text = "flush-in-a-copy"},

    {"concurrent/flush-during-the-image-flush",
     "A flush that begins during another covers what came between",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover, .text = "two-flushes"},
    {"concurrent/flush-during-the-write-of-bits",
     "A flush that begins while another writes bits covers its own",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover,
     .text = "two-flushes-at-bits"},
    {"concurrent/flush-during-the-add-cow-flush",
     "A flush that begins in another's last step covers its own",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover,
     .text = "two-flushes-at-the-end"},
    {"concurrent/bits-of-two-flushes",
     "Two flushes that write one byte of bits lose none", "FLS-18 FLS-1",
     NEEDS, .run = race, .text = "two-flushes-at-bits"},

    {"concurrent/through-writes-to-one-byte-of-bits",
     "Writes under writethrough whose bits share a byte lose none",
     "FLS-18 FLS-1", THROUGH, .run = race_through, .text = "same-byte"},
    {"concurrent/through-writes-to-one-cluster",
     "Writes under writethrough to one cluster all show", "WR-23 FLS-1",
     THROUGH, .run = race_through, .text = "same-cluster-copy"},
    {"concurrent/through-write-during-the-image-flush",
     "Under writethrough the bit of a write during a flush waits",
     "FLS-1 FLS-18", THROUGH, .run = race_through,
     .text = "through-image-flush"},
    {"concurrent/through-write-during-the-write-of-bits",
     "Under writethrough two writes of one byte of bits lose none",
     "FLS-18 FLS-1", THROUGH, .run = race_through, .text = "through-bits"},
    {0}};
