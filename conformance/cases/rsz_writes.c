/* SPDX-License-Identifier: MIT
 *
 * rsz_writes.c - chapter 12, Resize: writes to clusters that a resize brought,
 * where no backing file reaches.  Nothing but the write makes their bits 1; an
 * implementation that takes what it held of the bitmap before for bits that
 * stand in the file loses the data when the image is opened again.
 */
#include "all.h"
#include "steps/resize.h"

#define TABLE UINT64_C(524288) /* clusters in 64 KiB of bitmap */
#define LIST(...) ((const uint64_t[]){__VA_ARGS__, END_OF_LIST})

enum {
    GROWN,
    GROWN_TWICE,
    GROWN_BEHIND_SHORT_BACKING,
    GROWN_BY_A_TABLE,
    CUT_INSIDE_A_BYTE,
    CUT_AT_A_BYTE,
    CUT_INSIDE_A_CLUSTER,
    CUT_INSIDE_A_TABLE,
    CUT_AT_A_TABLE,
    PENDING_CUT,
    CUT_TO_NOTHING,
    CUT_INSIDE_THE_SECOND_TABLE
};

struct script {
    struct image_recipe recipe;
    const uint64_t *sizes;  /* one after the other */
    const uint64_t *writes; /* clusters that are written then */
};

static const struct script scripts[] = {
    [GROWN] = {{.image_size = 3 * CLUSTER, .no_backing = 1},
               LIST(20 * CLUSTER),
               LIST(3, 7, 8, 9, 15, 16, 18)},
    [GROWN_TWICE] = {{.image_size = 3 * CLUSTER, .no_backing = 1},
                     LIST(9 * CLUSTER, 30 * CLUSTER),
                     LIST(3, 8, 9, 15, 16, 23, 24, 29)},
    [GROWN_BEHIND_SHORT_BACKING] = {{.image_size = 3 * CLUSTER,
                                     .backing_size = 5 * CLUSTER},
                                    LIST(20 * CLUSTER),
                                    LIST(3, 4, 5, 8, 9, 15, 16, 18)},
    [GROWN_BY_A_TABLE] = {{.image_size = (TABLE - 5) * CLUSTER,
                           .no_backing = 1},
                          LIST((TABLE + 20) * CLUSTER),
                          LIST(TABLE - 5, TABLE - 1, TABLE, TABLE + 8)},
    [CUT_INSIDE_A_BYTE] = {{.image_size = 20 * CLUSTER,
                            .no_backing = 1,
                            .set_all = 1},
                           LIST(3 * CLUSTER, 20 * CLUSTER),
                           LIST(3, 7, 8, 9, 15, 16, 18)},
    [CUT_AT_A_BYTE] = {{.image_size = 20 * CLUSTER,
                        .no_backing = 1,
                        .set_all = 1},
                       LIST(8 * CLUSTER, 20 * CLUSTER),
                       LIST(8, 9, 15, 16, 18)},
    [CUT_INSIDE_A_CLUSTER] = {{.image_size = 20 * CLUSTER,
                               .no_backing = 1,
                               .set_all = 1},
                              LIST(11 * CLUSTER + 512, 20 * CLUSTER),
                              LIST(11, 12, 15, 16, 18)},
    [CUT_INSIDE_A_TABLE] = {{.image_size = (TABLE + 20) * CLUSTER,
                             .no_backing = 1,
                             .set =
                                 LIST(100, 4099, TABLE - 1, TABLE, TABLE + 9)},
                            LIST(99 * CLUSTER, (TABLE + 20) * CLUSTER),
                            LIST(99, 100, 4099, TABLE - 1, TABLE, TABLE + 9)},
    [CUT_AT_A_TABLE] = {{.image_size = (TABLE + 20) * CLUSTER,
                         .no_backing = 1,
                         .set = LIST(0, TABLE - 1, TABLE, TABLE + 9)},
                        LIST((TABLE * CLUSTER), (TABLE + 20) * CLUSTER),
                        LIST(TABLE - 1, TABLE, TABLE + 8, TABLE + 9)},
    [PENDING_CUT] = {{.image_size = 20 * CLUSTER, .no_backing = 1},
                     LIST(3 * CLUSTER, 20 * CLUSTER),
                     LIST(3, 7, 8, 9, 15, 16, 18)},
    [CUT_TO_NOTHING] = {{.image_size = 20 * CLUSTER,
                         .no_backing = 1,
                         .set_all = 1},
                        LIST(0, 20 * CLUSTER),
                        LIST(0, 7, 8, 9, 15, 16, 18)},
    [CUT_INSIDE_THE_SECOND_TABLE] = {
        {.image_size = (2 * TABLE + 20) * CLUSTER,
         .no_backing = 1,
         .set = LIST(TABLE, TABLE + 9, TABLE + 4099, 2 * TABLE + 9)},
        LIST((TABLE + 8) * CLUSTER, (2 * TABLE + 20) * CLUSTER),
        LIST(TABLE, TABLE + 8, TABLE + 9, TABLE + 4099, 2 * TABLE + 9)}};

/* So that whatever is held of the bitmap is held. */
static void read_bits_of(struct img *img, const uint64_t *clusters)
{
    for (; *clusters != END_OF_LIST; clusters++)
        if (*clusters * CLUSTER < img_size(img))
            expect_guest(img, "RSZ-10", SECTOR, *clusters * CLUSTER);
}

/* One write alone: a second one to the same byte of the bitmap could bring
 * the bit of the first into the file. */
static void resize_and_write(struct env *env, const struct conf_case *self,
                             struct img *img, uint64_t cluster)
{
    const struct script *s = &scripts[self->arg];

    for (const uint64_t *size = s->sizes; *size != END_OF_LIST; size++) {
        resize_or_na(env, img, *size);
        read_bits_of(img, s->writes);
    }
    must_write(img, SECTOR, cluster * CLUSTER + SECTOR);
    must_close(img);
    expect_bit(env, "WR-1", ADDCOW_NAME, cluster, 1);
    img = open_image(env, 0);
    expect_guest_all(img, "RSZ-5");
    must_close(img);
}

static void writes_after(struct env *env, const struct conf_case *self)
{
    const struct script *s = &scripts[self->arg];

    for (const uint64_t *c = s->writes; *c != END_OF_LIST; c++) {
        struct img *img;

        make_image(env, &s->recipe);
        img = open_image(env, ADDCOW_OPEN_WRITE);
        read_bits_of(img, s->writes);
        resize_and_write(env, self, img, *c);
        new_world(env);
    }
}

/* With bits that no flush has written yet. */
static void writes_after_writes(struct env *env, const struct conf_case *self)
{
    const struct script *s = &scripts[self->arg];

    for (const uint64_t *c = s->writes; *c != END_OF_LIST; c++) {
        struct img *img;

        make_image(env, &s->recipe);
        img = open_image(env, ADDCOW_OPEN_WRITE);
        for (uint64_t at = 0; at < s->recipe.image_size; at += CLUSTER)
            must_write(img, SECTOR, at);
        resize_and_write(env, self, img, *c);
        new_world(env);
    }
}

/* Wherever the cut is, at the first cluster after it and at the first whose
 * bits are in another byte. */
static void writes_after_each_cut(struct env *env,
                                  const struct conf_case *self)
{
    const struct image_recipe recipe = {
        .image_size = 20 * CLUSTER, .no_backing = 1, .set_all = 1};

    (void)self;
    for (uint64_t cut = 1; cut < 20; cut++)
        for (uint64_t c = cut; c < 20; c = (c + 8) / 8 * 8) {
            struct img *img;

            make_image(env, &recipe);
            img = open_image(env, ADDCOW_OPEN_WRITE);
            expect_guest(img, "RSZ-10", SECTOR, 0);
            resize_or_na(env, img, cut * CLUSTER);
            resize_or_na(env, img, 20 * CLUSTER);
            must_write(img, SECTOR, c * CLUSTER);
            must_close(img);
            expect_bit(env, "WR-1", ADDCOW_NAME, c, 1);
            new_world(env);
        }
}

/* ---- What stays after the bitmap --------------------------------------- */

/* Bits that are pending when they are cut off reach no file from then on; bits
 * that were written before may stay (RSZ-4, RSZ-9).  ARG: where the cluster is
 * that is written. */
static void behind_the_cut(struct env *env, const struct conf_case *self)
{
    uint64_t end = HEADER_LEN + bitmap_len_of(3 * CLUSTER);
    uint64_t most = (end + SECTOR - 1) / SECTOR * SECTOR;
    uint64_t len;
    struct img *img;
    int bit;

    make_image(env,
               &(struct image_recipe){.image_size = (self->arg + 1) * CLUSTER,
                                      .no_backing = 1});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    must_write(img, SECTOR, self->arg * CLUSTER);
    resize_or_na(env, img, 3 * CLUSTER);
    len = file_size(env, ADDCOW_NAME);
    bit = bit_of(env, ADDCOW_NAME, self->arg);
    must_flush(img);
    must_close(img);
    expect_true(env, "BMP-10",
                "the add-cow file ends with the bitmap, at the next multiple "
                "of 512, or where the cut left it",
                file_size(env, ADDCOW_NAME) <= (most > len ? most : len));
    if (!bit)
        expect_bit(env, "BMP-11", ADDCOW_NAME, self->arg, 0);
    for (uint64_t at = len; at < file_size(env, ADDCOW_NAME); at++)
        expect_u64(env, "BMP-11", "byte behind the bitmap",
                   get_byte(env, ADDCOW_NAME, at), 0);
}

/* ---- Many pending tables ------------------------------------------------ */

/* N parts of 64 KiB of the bitmap have bits that are pending when another is
 * cut, or gets new bits. */
static void resize_among_tables(struct env *env, uint64_t n, uint64_t size)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size =
                                               ((n + 2) * TABLE - 5) * CLUSTER,
                                           .no_backing = 1});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (uint64_t t = 0; t < n; t++)
        must_write(img, SECTOR, t * TABLE * CLUSTER);
    resize_or_na(env, img, size);
    must_write(img, SECTOR, size - SECTOR);
    expect_guest(img, "RSZ-10", SECTOR, n * TABLE * CLUSTER);
    for (uint64_t t = 0; t < n; t++)
        expect_guest(img, "RSZ-10", SECTOR, t * TABLE * CLUSTER);
    must_close(img);
    expect_bit_order(img, "FLS-1");
    img = open_image(env, 0);
    for (uint64_t t = 0; t < n; t++)
        expect_guest(img, "RSZ-10", 2 * SECTOR, t * TABLE * CLUSTER);
    expect_guest(img, "RSZ-10", CLUSTER, size - CLUSTER);
    must_close(img);
    new_world(env);
}

static void shrink_among_tables(struct env *env, const struct conf_case *self)
{
    (void)self;
    for (uint64_t n = 13; n < 19; n++)
        resize_among_tables(env, n, ((n + 1) * TABLE + 3) * CLUSTER);
}

static void grow_among_tables(struct env *env, const struct conf_case *self)
{
    (void)self;
    for (uint64_t n = 13; n < 19; n++)
        resize_among_tables(env, n, ((n + 3) * TABLE + 3) * CLUSTER);
}

const struct conf_case cases_rsz_writes[] = {
    {"rsz/write-where-the-bitmap-grew",
     "Writes to clusters of new bitmap bytes make their bits 1",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after, .arg = GROWN},
    {"rsz/write-where-the-bitmap-grew-twice", "So they do after two growths",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after, .arg = GROWN_TWICE},
    {"rsz/write-where-a-short-backing-file-grew-over",
     "So they do where a backing file reaches some of the new clusters",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after,
     .arg = GROWN_BEHIND_SHORT_BACKING},
    {"rsz/write-where-the-bitmap-grew-over-a-table",
     "So they do where the bitmap grew over 64 KiB", "WR-1 RSZ-5 RSZ-10",
     RESIZER, .run = writes_after, .arg = GROWN_BY_A_TABLE},
    {"rsz/write-where-bits-were-cut-off",
     "Writes to clusters cut off and grown again make their bits 1",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after,
     .arg = CUT_INSIDE_A_BYTE},
    {"rsz/write-where-whole-bytes-were-cut-off",
     "So they do where the cut was at a byte of the bitmap",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after, .arg = CUT_AT_A_BYTE},
    {"rsz/write-where-a-cluster-was-cut",
     "So they do where the cut was inside a cluster", "WR-1 RSZ-5 RSZ-10",
     RESIZER, .run = writes_after, .arg = CUT_INSIDE_A_CLUSTER},
    {"rsz/write-where-a-table-was-cut",
     "So they do where the cut was inside the first 64 KiB of the bitmap",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after,
     .arg = CUT_INSIDE_A_TABLE},
    {"rsz/write-where-a-table-was-cut-off",
     "So they do where the cut left 64 KiB of the bitmap", "WR-1 RSZ-5 RSZ-10",
     RESIZER, .run = writes_after, .arg = CUT_AT_A_TABLE},
    {"rsz/write-where-all-was-cut-off",
     "So they do on a disk that was cut to nothing", "WR-1 RSZ-5 RSZ-10",
     RESIZER, .run = writes_after, .arg = CUT_TO_NOTHING},
    {"rsz/write-where-pending-bits-grew",
     "Writes after growth make their bits 1 beside bits that were pending",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after_writes,
     .arg = GROWN_TWICE},
    {"rsz/write-where-pending-bits-were-cut-off",
     "Writes to clusters whose pending bits were cut off make them 1",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after_writes,
     .arg = PENDING_CUT},
    {"rsz/write-where-the-second-table-was-cut",
     "So they do where the cut was inside the second 64 KiB of the bitmap",
     "WR-1 RSZ-5 RSZ-10", RESIZER, .run = writes_after,
     .arg = CUT_INSIDE_THE_SECOND_TABLE},
    {"rsz/write-after-each-cut", "So they do wherever the cut was",
     "WR-1 RSZ-10", RESIZER, .run = writes_after_each_cut},
    {"rsz/pending-bits-cut-off-stay-out-of-the-file",
     "Pending bits that were cut off do not reach the file", "BMP-11 BMP-10",
     RESIZER, .run = behind_the_cut, .arg = 19},
    {"rsz/pending-table-cut-off-stays-out-of-the-file",
     "So it is where 64 KiB of the bitmap and more were cut off",
     "BMP-10 BMP-11", RESIZER, .run = behind_the_cut, .arg = TABLE + 9},
    {"rsz/shrink-among-pending-tables",
     "A cut while many parts of the bitmap are pending loses none of them",
     "RSZ-10 FLS-1", RESIZER | ADDCOW_CAP_HOST, .run = shrink_among_tables},
    {"rsz/grow-among-pending-tables",
     "Growth while many parts of the bitmap are pending loses none of them",
     "RSZ-10 FLS-1", RESIZER | ADDCOW_CAP_HOST, .run = grow_among_tables},
    {0}};
