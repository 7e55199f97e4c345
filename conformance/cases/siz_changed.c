/* SPDX-License-Identifier: MIT
 *
 * siz_changed.c - chapter 6, Sizes: an image file that became longer or
 * shorter while no handle was open.
 *
 * Deliberately missing: resizing by the implementation (rsz.c).
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/refuse.h"

/* The image file has LEN bytes now; the image opens nonetheless. */
static struct img *open_changed(struct env *env, const char *clause,
                                uint64_t len, uint32_t flags)
{
    struct img *img;

    resize_file(env, IMAGE_NAME, len);
    img = expect_open(env, clause, flags);
    img_track(img, NULL);
    return img;
}

/* The sector at OFFSET of the guest, called WHAT, is the one of the file
 * NAME. */
static void expect_sector_of(struct env *env, const char *clause,
                             struct img *img, const char *name,
                             const char *what, uint64_t offset)
{
    uint8_t want[SECTOR], got[SECTOR];

    expect_ok(env, clause, img_read(img, got, SECTOR, offset));
    get_bytes(env, name, want, SECTOR, offset);
    expect_content(env, clause, what, got, want, SECTOR, offset);
}

/* ---- SIZ-7: longer ------------------------------------------------------ */

/* Three clusters, of which the middle one is allocated, become ARG bytes; all
 * has room in one byte of bitmap.  The new part shows the backing file. */
static void image_made_longer(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 9 * CLUSTER,
                                           .set = only_the_middle});
    img = open_changed(env, "SIZ-7", self->arg, 0);
    expect_u64(env, "SIZ-7", "virtual size", img_size(img), size);
    expect_sector_of(env, "SIZ-7", img, BACKING_NAME, "last sector",
                     size - SECTOR);
    expect_sector_of(env, "SIZ-7", img, IMAGE_NAME,
                     "first sector of the allocated cluster", CLUSTER);
}

/* A bit beyond the last cluster, which meant nothing, now means its own. */
static void stray_bit_comes_to_count(struct env *env,
                                     const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 9 * CLUSTER});
    set_bit_of(env, ADDCOW_NAME, 5, 1);
    img = open_changed(env, "SIZ-7", 8 * CLUSTER, 0);
    expect_zeros(img, "SIZ-7", CLUSTER, 5 * CLUSTER);
}

/* A longer add-cow file has bits for more clusters. */
static void image_made_longer_over_padding(struct env *env,
                                           const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 20 * CLUSTER,
                                           .add_len = 511});
    img = open_changed(env, "SIZ-7", 20 * CLUSTER, 0);
    expect_u64(env, "SIZ-7", "virtual size", img_size(img), 20 * CLUSTER);
    expect_sector_of(env, "SIZ-7", img, BACKING_NAME,
                     "sector of the last cluster", 19 * CLUSTER);
}

/* The new part reaches past the end of the backing file. */
static void image_made_longer_than_backing(struct env *env,
                                           const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 3 * CLUSTER,
                                           .set = only_the_middle});
    img = open_changed(env, "SIZ-7", self->arg, 0);
    expect_u64(env, "SIZ-7", "virtual size", img_size(img), self->arg);
    expect_zeros(img, "SIZ-7", self->arg - 3 * CLUSTER, 3 * CLUSTER);
}

/* ---- SIZ-8: shorter ----------------------------------------------------- */

/* Twenty clusters, of which the second is allocated, become ARG bytes. */
static void image_made_shorter(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    const char *name =
        size > CLUSTER && size <= 2 * CLUSTER ? IMAGE_NAME : BACKING_NAME;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 20 * CLUSTER,
                                           .backing_size = 20 * CLUSTER,
                                           .set = only_the_middle});
    set_bit_of(env, ADDCOW_NAME, 19, 1);
    img = open_changed(env, "SIZ-8", self->arg, 0);
    expect_u64(env, "SIZ-8", "virtual size", img_size(img), size);
    expect_no_sector(env, "SIZ-8", img, size);
    if (!size)
        return;
    expect_sector_of(env, "SIZ-8", img, name, "last sector", size - SECTOR);
}

/* The bitmap has more bytes to spare than a sector. */
static void image_made_far_shorter(struct env *env,
                                   const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 8192 * CLUSTER,
                                           .backing_size = CLUSTER});
    img = open_changed(env, "SIZ-8", self->arg, 0);
    expect_u64(env, "SIZ-8", "virtual size", img_size(img), self->arg);
    expect_no_sector(env, "SIZ-8", img, self->arg);
}

static void shorter_image_is_written(struct env *env,
                                     const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 20 * CLUSTER,
                                           .backing_size = 20 * CLUSTER});
    img = open_changed(env, "SIZ-8", self->arg, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg - SECTOR);
    must_close(img);
    expect_u64(env, "SIZ-8", "length of the image file",
               file_size(env, IMAGE_NAME), self->arg);
    expect_bit(env, "SIZ-8", ADDCOW_NAME, clusters_of(self->arg) - 1, 1);
}

#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_siz_changed[] = {
    {"siz/image-file-made-longer-by-a-sector",
     "An image file longer by a sector shows the backing file there", "SIZ-7",
     0, .run = image_made_longer, .arg = 3 * CLUSTER + SECTOR},
    {"siz/image-file-made-longer-by-an-odd-length",
     "An image file longer by 700 bytes is longer by a sector", "SIZ-7", 0,
     .run = image_made_longer, .arg = 3 * CLUSTER + 700},
    {"siz/image-file-made-longer-up-to-eight-clusters",
     "An image file may grow as long as the bitmap's byte has bits", "SIZ-7",
     0, .run = image_made_longer, .arg = 8 * CLUSTER},
    {"siz/image-file-made-longer-over-padding",
     "An image file may grow over what follows the bitmap", "SIZ-7", 0,
     .run = image_made_longer_over_padding},
    {"siz/image-file-made-longer-than-the-backing-file",
     "An image file may grow past the end of the backing file", "SIZ-7", 0,
     .run = image_made_longer_than_backing, .arg = 5 * CLUSTER},
    {"siz/stray-bit-comes-to-count",
     "A bit that was beyond the last cluster stands when it is not", "SIZ-7",
     0, .run = stray_bit_comes_to_count},
    {"siz/image-file-made-shorter-by-a-cluster",
     "An image file shorter by the last cluster opens", "SIZ-8", CASE_BOTH,
     .run = image_made_shorter, .arg = 19 * CLUSTER},
    {"siz/image-file-made-shorter-to-two-clusters",
     "An image file cut behind an allocated cluster opens", "SIZ-8", CASE_BOTH,
     .run = image_made_shorter, .arg = 2 * CLUSTER},
    {"siz/image-file-cut-inside-an-allocated-cluster",
     "An image file cut to an odd length inside a cluster opens", "SIZ-8",
     CASE_BOTH, .run = image_made_shorter, .arg = CLUSTER + 1000},
    {"siz/image-file-cut-to-a-small-part",
     "An image file cut from 512 MiB to 2 clusters opens", "SIZ-8", CASE_BOTH,
     .run = image_made_far_shorter, .arg = 2 * CLUSTER},
    {"siz/image-file-cut-to-a-sector", "An image file cut to a sector opens",
     "SIZ-8", CASE_BOTH, .run = image_made_shorter, .arg = SECTOR},
    {"siz/image-file-cut-to-nothing", "An image file cut to 0 bytes opens",
     "SIZ-8", CASE_BOTH, .run = image_made_shorter},
    {"siz/shorter-image-file-is-written",
     "A shorter image file is written up to its end", "SIZ-8", WRITE,
     .run = shorter_image_is_written, .arg = 9 * CLUSTER + SECTOR},
    {0}};
