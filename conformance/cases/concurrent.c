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

/* BEFORE is written in peace; A is held at its NTH call of KIND on FILE, 0 is
 * taken for 1, while B and C begin. */
struct race {
    struct request before;
    enum event_kind kind;
    const char *file;
    uint64_t nth;
    struct request a, b, c;
};

#define A_FLUSH     \
    {               \
        FLUSH, 0, 0 \
    }
#define A_SECTOR(c)                \
    {                              \
        WRITE, SECTOR, (c)*CLUSTER \
    }

static const struct race same_byte = {.kind = EV_WRITE,
                                      .file = IMAGE_NAME,
                                      .a = A_SECTOR(3),
                                      .b = A_SECTOR(4),
                                      .c = A_SECTOR(5)};
static const struct race same_byte_copy = {.kind = EV_READ,
                                           .file = BACKING_NAME,
                                           .a = A_SECTOR(3),
                                           .b = A_SECTOR(4),
                                           .c = A_FLUSH};
static const struct race same_cluster_copy = {
    .kind = EV_READ,
    .file = BACKING_NAME,
    .a = A_SECTOR(3),
    .b = {WRITE, SECTOR, 3 * CLUSTER + 9 * SECTOR},
    .c = {WRITE, 2 * SECTOR, 3 * CLUSTER + 60 * SECTOR}};
static const struct race same_cluster = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {WRITE, SECTOR, 3 * CLUSTER + 9 * SECTOR},
    .c = {WRITE, SECTOR, 3 * CLUSTER + 127 * SECTOR}};
static const struct race same_cluster_later = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .nth = 2,
    .a = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {WRITE, SECTOR, 3 * CLUSTER + 9 * SECTOR}};
static const struct race same_last_cluster = {
    .kind = EV_READ,
    .file = BACKING_NAME,
    .a = {WRITE, SECTOR, 20 * CLUSTER},
    .b = {WRITE, SECTOR, 20 * CLUSTER + SECTOR},
    .c = A_FLUSH};
static const struct race part_and_whole = {
    .kind = EV_READ,
    .file = BACKING_NAME,
    .a = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {WRITE, CLUSTER, 3 * CLUSTER}};
static const struct race whole_and_part = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, CLUSTER, 3 * CLUSTER},
    .b = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR}};
static const struct race same_sectors = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, 4 * SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {WRITE, 4 * SECTOR, 3 * CLUSTER + 7 * SECTOR}};
static const struct race same_allocated_sectors = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, 4 * SECTOR, CLUSTER + 5 * SECTOR},
    .b = {WRITE, 4 * SECTOR, CLUSTER + 7 * SECTOR}};
static const struct race runs_that_overlap = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, 3 * CLUSTER, 3 * CLUSTER + SECTOR},
    .b = {WRITE, 3 * CLUSTER, 4 * CLUSTER + SECTOR}};
static const struct race read_of_a_copy = {.kind = EV_READ,
                                           .file = BACKING_NAME,
                                           .a = A_SECTOR(3),
                                           .b = {READ, CLUSTER, 3 * CLUSTER}};
static const struct race read_of_a_write = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = A_SECTOR(3),
    .b = {READ, CLUSTER, 3 * CLUSTER},
    .c = {READ, 3 * CLUSTER, 2 * CLUSTER}};
static const struct race write_in_a_read = {
    .kind = EV_READ,
    .file = BACKING_NAME,
    .a = {READ, 3 * CLUSTER, 3 * CLUSTER},
    .b = {WRITE, SECTOR, 4 * CLUSTER},
    .c = A_FLUSH};
static const struct race write_in_a_read_of_allocated = {
    .kind = EV_READ,
    .file = IMAGE_NAME,
    .a = {READ, 3 * CLUSTER, CLUSTER},
    .b = {WRITE, 2 * CLUSTER, CLUSTER + 5 * SECTOR},
    .c = A_FLUSH};
static const struct race write_in_a_read_of_bits = {
    .kind = EV_READ,
    .file = ADDCOW_NAME,
    .a = {READ, CLUSTER, 3 * CLUSTER},
    .b = A_SECTOR(4)};
static const struct race writes_in_a_read_of_bits = {
    .kind = EV_READ,
    .file = ADDCOW_NAME,
    .a = {READ, 3 * CLUSTER, CLUSTER},
    .b = A_SECTOR(5),
    .c = {WRITE, CLUSTER, 6 * CLUSTER}};
static const struct race write_in_a_map = {.kind = EV_READ,
                                           .file = ADDCOW_NAME,
                                           .a = {MAP, CLUSTER, 3 * CLUSTER},
                                           .b = A_SECTOR(4),
                                           .c = A_SECTOR(5)};
static const struct race write_in_a_write_at_its_bits = {.kind = EV_READ,
                                                         .file = ADDCOW_NAME,
                                                         .a = A_SECTOR(3),
                                                         .b = A_SECTOR(4),
                                                         .c = A_SECTOR(5)};
static const struct race write_in_image_flush = {.before = A_SECTOR(3),
                                                 .kind = EV_FLUSH,
                                                 .file = IMAGE_NAME,
                                                 .a = A_FLUSH,
                                                 .b = A_SECTOR(4)};
static const struct race write_in_bits = {.before = A_SECTOR(3),
                                          .kind = EV_WRITE,
                                          .file = ADDCOW_NAME,
                                          .a = A_FLUSH,
                                          .b = A_SECTOR(4)};
static const struct race write_in_add_cow_flush = {.before = A_SECTOR(3),
                                                   .kind = EV_FLUSH,
                                                   .file = ADDCOW_NAME,
                                                   .a = A_FLUSH,
                                                   .b = A_SECTOR(4)};
static const struct race write_of_the_pending_cluster = {
    .before = A_SECTOR(3),
    .kind = EV_FLUSH,
    .file = IMAGE_NAME,
    .a = A_FLUSH,
    .b = {WRITE, SECTOR, 3 * CLUSTER + 9 * SECTOR}};
static const struct race run_in_image_flush = {
    .before = A_SECTOR(3),
    .kind = EV_FLUSH,
    .file = IMAGE_NAME,
    .a = A_FLUSH,
    .b = {WRITE, 12 * CLUSTER, 4 * CLUSTER + SECTOR}};
static const struct race two_flushes = {.before = A_SECTOR(3),
                                        .kind = EV_FLUSH,
                                        .file = IMAGE_NAME,
                                        .a = A_FLUSH,
                                        .b = A_SECTOR(4),
                                        .c = A_FLUSH};
static const struct race two_flushes_at_bits = {.before = A_SECTOR(3),
                                                .kind = EV_WRITE,
                                                .file = ADDCOW_NAME,
                                                .a = A_FLUSH,
                                                .b = A_SECTOR(4),
                                                .c = A_FLUSH};
static const struct race two_flushes_at_the_end = {.before = A_SECTOR(3),
                                                   .kind = EV_FLUSH,
                                                   .file = ADDCOW_NAME,
                                                   .a = A_FLUSH,
                                                   .b = A_SECTOR(4),
                                                   .c = A_FLUSH};
static const struct race flush_in_a_write = {.before = A_SECTOR(3),
                                             .kind = EV_WRITE,
                                             .file = IMAGE_NAME,
                                             .a = A_SECTOR(4),
                                             .b = A_FLUSH,
                                             .c = A_SECTOR(5)};
static const struct race flush_in_a_copy = {.before = A_SECTOR(3),
                                            .kind = EV_READ,
                                            .file = BACKING_NAME,
                                            .a = A_SECTOR(4),
                                            .b = A_FLUSH,
                                            .c = A_SECTOR(5)};
static const struct race through_image_flush = {.kind = EV_FLUSH,
                                                .file = IMAGE_NAME,
                                                .a = A_SECTOR(3),
                                                .b = A_SECTOR(4),
                                                .c = A_SECTOR(5)};
static const struct race through_bits = {.kind = EV_WRITE,
                                         .file = ADDCOW_NAME,
                                         .a = A_SECTOR(3),
                                         .b = A_SECTOR(4),
                                         .c = A_SECTOR(5)};
static const struct race discard_in_a_write = {
    .kind = EV_WRITE,
    .file = IMAGE_NAME,
    .a = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {DROP, SECTOR, 3 * CLUSTER + 9 * SECTOR}};
static const struct race discard_in_a_copy = {
    .before = A_SECTOR(4),
    .kind = EV_READ,
    .file = BACKING_NAME,
    .a = {WRITE, SECTOR, 3 * CLUSTER + 5 * SECTOR},
    .b = {DROP, 2 * CLUSTER, 4 * CLUSTER},
    .c = A_FLUSH};

static struct oracle *raced_image(struct env *env)
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
    hold_host(env, r->kind, r->file, r->nth ? r->nth : 1);
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
    const char *clause = main_clause(env);
    struct oracle *o = raced_image(env);

    judge(env, clause, run_race(env, clause, self->data, ADDCOW_OPEN_WRITE),
          o);
}

/* Under writethrough all is durable before anything else is asked for. */
static void race_through(struct env *env, const struct conf_case *self)
{
    const char *clause = main_clause(env);
    struct oracle *o = raced_image(env);
    struct img *img = run_race(env, clause, self->data,
                               ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH);

    expect_all_durable(env, clause, 0);
    expect_bitmap(env, clause, ADDCOW_NAME, o);
    judge(env, clause, img, o);
}

/* A flush makes durable what was acknowledged before it was submitted, also
 * where it began while another was held. */
static void flushes_cover(struct env *env, const struct conf_case *self)
{
    struct oracle *o = raced_image(env);
    struct img *img = run_race(env, "FLS-5", self->data, ADDCOW_OPEN_WRITE);

    expect_bit(env, "FLS-5", ADDCOW_NAME, 3, 1);
    must_close(img);
    expect_flush_covers(img, "FLS-5");
    expect_bit_order(img, "FLS-1");
    expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
}

/* ---- Bits that share two bytes ------------------------------------------ */

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
        calls[i] = start_write(img, SECTOR, i * 5 % 16 * CLUSTER + i * SECTOR);
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
     .run = race, .data = &same_byte},
    {"concurrent/write-and-flush-beside-a-copy",
     "A write and a flush beside a copy lose no bit", "FLS-18 FLS-1", NEEDS,
     .run = race, .data = &same_byte_copy},
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
     .run = race, .data = &same_cluster_copy},
    {"concurrent/writes-to-one-cluster",
     "Writes to one cluster while it is written all show", "WR-23 FLS-1",
     NEEDS, .run = race, .data = &same_cluster},
    {"concurrent/writes-to-one-cluster-later",
     "A write to a cluster whose second part is being written shows",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &same_cluster_later},
    {"concurrent/writes-to-the-last-cluster",
     "Writes to the clipped cluster while it is copied all show",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &same_last_cluster},
    {"concurrent/part-and-whole",
     "A whole cluster written while it is copied is not undone", "WR-23 FLS-1",
     NEEDS, .run = race, .data = &part_and_whole},
    {"concurrent/whole-and-part",
     "A sector written while its cluster is written is one of the two",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &whole_and_part},
    {"concurrent/writes-of-the-same-sectors",
     "Each sector that two writes share is of one of them", "WR-23 FLS-1",
     NEEDS, .run = race, .data = &same_sectors},
    {"concurrent/overwrites-of-the-same-sectors",
     "Each sector that two overwrites share is of one of them", "WR-23 FLS-1",
     NEEDS, .run = race, .data = &same_allocated_sectors},
    {"concurrent/runs-that-overlap",
     "Each sector that two writes of clusters share is of one of them",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &runs_that_overlap},
    {"concurrent/read-during-a-copy",
     "A read of a cluster that is copied is of before or after", "WR-23 FLS-1",
     NEEDS, .run = race, .data = &read_of_a_copy},
    {"concurrent/read-during-a-write",
     "A read of a cluster that is written is of before or after",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &read_of_a_write},
    {"concurrent/write-during-a-read",
     "A write during a read of the backing file is read in whole sectors",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &write_in_a_read},
    {"concurrent/overwrite-during-a-read",
     "A write during a read of the image file is read in whole sectors",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &write_in_a_read_of_allocated},
    {"concurrent/write-during-a-read-of-bits",
     "A write beside a read that has just asked for its bits is not lost",
     "WR-23 FLS-1", NEEDS, .run = race, .data = &write_in_a_read_of_bits},
    {"concurrent/writes-during-a-read-of-bits",
     "Two writes beside a read that has just asked for its bits lose no bit",
     "FLS-18 FLS-1", NEEDS, .run = race, .data = &writes_in_a_read_of_bits},
    {"concurrent/write-during-a-map",
     "A write beside a map that has just asked for its bits is not lost",
     "WR-23 FLS-1", MAPPING, .run = race, .data = &write_in_a_map},
    {"concurrent/writes-during-a-read-of-their-bits",
     "Writes beside a write that has just asked for its bits lose no bit",
     "FLS-18 FLS-1", NEEDS, .run = race,
     .data = &write_in_a_write_at_its_bits},
    {"concurrent/discard-during-a-write",
     "A discard beside a write to its cluster undoes nothing", "WR-23 FLS-1",
     DISCARD, .run = race, .data = &discard_in_a_write},
    {"concurrent/discard-during-a-copy",
     "A discard of another cluster beside a copy undoes nothing",
     "WR-23 FLS-1", DISCARD, .run = race, .data = &discard_in_a_copy},

    {"concurrent/write-during-the-image-flush",
     "The bit of a write that arrives during the image flush waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .data = &write_in_image_flush},
    {"concurrent/write-during-the-write-of-bits",
     "The bit of a write that arrives while bits are written waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .data = &write_in_bits},
    {"concurrent/write-during-the-add-cow-flush",
     "The bit of a write that arrives during the add-cow flush waits",
     "FLS-1 FLS-18", NEEDS, .run = race, .data = &write_in_add_cow_flush},
    {"concurrent/rewrite-during-the-image-flush",
     "A pending cluster written again during the flush is in order",
     "FLS-1 FLS-18", NEEDS, .run = race,
     .data = &write_of_the_pending_cluster},
    {"concurrent/run-during-the-image-flush",
     "The bits of twelve clusters that arrive during the flush wait",
     "FLS-1 FLS-18", NEEDS, .run = race, .data = &run_in_image_flush},
    {"concurrent/flush-during-a-write",
     "A flush during a write does not write its bit too early", "FLS-1 FLS-18",
     NEEDS, .run = race, .data = &flush_in_a_write},
    {"concurrent/flush-during-a-copy",
     "A flush during a copy does not write its bit too early", "FLS-1 FLS-18",
     NEEDS, .run = race, .data = &flush_in_a_copy},

    {"concurrent/flush-during-the-image-flush",
     "A flush that begins during another covers what came between",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover, .data = &two_flushes},
    {"concurrent/flush-during-the-write-of-bits",
     "A flush that begins while another writes bits covers its own",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover, .data = &two_flushes_at_bits},
    {"concurrent/flush-during-the-add-cow-flush",
     "A flush that begins in another's last step covers its own",
     "FLS-5 FLS-1", NEEDS, .run = flushes_cover,
     .data = &two_flushes_at_the_end},
    {"concurrent/bits-of-two-flushes",
     "Two flushes that write one byte of bits lose none", "FLS-18 FLS-1",
     NEEDS, .run = race, .data = &two_flushes_at_bits},

    {"concurrent/through-writes-to-one-byte-of-bits",
     "Writes under writethrough whose bits share a byte lose none",
     "FLS-18 FLS-1", THROUGH, .run = race_through, .data = &same_byte},
    {"concurrent/through-writes-to-one-cluster",
     "Writes under writethrough to one cluster all show", "WR-23 FLS-1",
     THROUGH, .run = race_through, .data = &same_cluster_copy},
    {"concurrent/through-write-during-the-image-flush",
     "Under writethrough the bit of a write during a flush waits",
     "FLS-1 FLS-18", THROUGH, .run = race_through,
     .data = &through_image_flush},
    {"concurrent/through-write-during-the-write-of-bits",
     "Under writethrough two writes of one byte of bits lose none",
     "FLS-18 FLS-1", THROUGH, .run = race_through, .data = &through_bits},
    {0}};
