/* SPDX-License-Identifier: MIT
 *
 * rsz_flushed.c - chapter 12, Resize, on a handle that has been flushed: its
 * first flush covers both files whatever was done (FLS-16), and would hide
 * that the resize does not know what it has written.
 *
 * Deliberately missing: what rsz_order.c shows of fresh handles.
 */
#include "all.h"
#include "steps/media.h"
#include "steps/resize.h"

#define NEEDS (RESIZER | ADDCOW_CAP_HOST)

/* Eight clusters fill a byte of the bitmap. */
#define OLD_SIZE (8 * CLUSTER)

enum { SHORT_BACKING, WITHOUT_BACKING, TO_A_SECTOR, ODD_TAIL, N_SETUPS };

static const struct image_recipe setups[N_SETUPS] = {
    [SHORT_BACKING] = {.image_size = OLD_SIZE, .backing_size = SECTOR},
    [WITHOUT_BACKING] = {.image_size = OLD_SIZE, .no_backing = 1},
    [TO_A_SECTOR] = {.image_size = OLD_SIZE, .backing_size = 20 * CLUSTER},
    [ODD_TAIL] = {.image_size = OLD_SIZE + 100, .backing_size = SECTOR}};

static struct img *open_and_flush(struct env *env, uint64_t setup)
{
    struct img *img;

    make_image(env, &setups[setup]);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    return img;
}

/* ---- RSZ-6 -------------------------------------------------------------- */

/* The event from FIRST on that makes the image file NEW_SIZE bytes long. */
static size_t growth_of_image(struct env *env, struct media *m,
                              uint64_t new_size)
{
    size_t end = n_events(env);

    for (size_t i = m->image.next; i < end; i++) {
        media_until(m, i + 1);
        if (m->image.visible.len == new_size)
            return i;
    }
    expect_true(env, "RSZ-6", "the image file's length was set", 0);
    return end;
}

/* What was last written to NAME, or its length, from FIRST on was flushed
 * before event END. */
static void expect_known_durable(struct env *env, const char *name,
                                 size_t first, size_t end)
{
    size_t last = NO_EVENT;

    for (size_t i = first; i < end; i++) {
        const struct event *e = event_at(env, i);

        if (event_is(env, e, name) &&
            (e->kind == EV_WRITE || e->kind == EV_SET_SIZE))
            last = i;
    }
    expect_true(env, "RSZ-6",
                "nothing written to either file is pending when the image "
                "file grows",
                last == NO_EVENT ||
                    flush_between(env, name, last, end) != NO_EVENT);
}

static void grows_last(struct env *env, const struct conf_case *self)
{
    uint64_t size =
        self->arg == TO_A_SECTOR ? OLD_SIZE + SECTOR : OLD_SIZE + CLUSTER;
    struct img *img = open_and_flush(env, self->arg);
    size_t first = n_events(env);
    struct media m;
    size_t end;

    media_init(&m, env);
    resize_or_na(env, img, size);
    end = growth_of_image(env, &m, size);
    expect_known_durable(env, ADDCOW_NAME, first, end);
    expect_known_durable(env, IMAGE_NAME, first, end);
    expect_true(env, "RSZ-6",
                "the add-cow file's durable length suffices for the new size",
                m.addcow.durable.len >= HEADER_LEN + bitmap_len_of(size));
    must_close(img);
}

/* ---- RSZ-11 ------------------------------------------------------------- */

/* To ARG bytes, in the cluster that the disk ends in. */
static void durable(struct env *env, const struct conf_case *self)
{
    struct img *img = open_and_flush(env, SHORT_BACKING);
    struct media m;

    media_init(&m, env);
    resize_or_na(env, img, self->arg);
    must_flush(img);
    media_until(&m, n_events(env));
    expect_u64(env, "RSZ-11", "durable length of the image file",
               m.image.durable.len, self->arg);
    must_close(img);
}

/* ---- BMP-10, BMP-11; RSZ-4; RSZ-12 -------------------------------------- */

/* What follows the new bitmap. */
static void padding(struct env *env, const struct conf_case *self)
{
    uint64_t size = OLD_SIZE + self->arg * CLUSTER;
    uint64_t end = HEADER_LEN + bitmap_len_of(size);
    uint64_t most = (end + SECTOR - 1) / SECTOR * SECTOR;
    struct img *img = open_and_flush(env, WITHOUT_BACKING);
    uint64_t len;

    resize_or_na(env, img, size);
    must_close(img);
    len = file_size(env, ADDCOW_NAME);
    expect_true(env, "BMP-10",
                "the add-cow file ends with the bitmap or at the next "
                "multiple of 512",
                len >= end && len <= most);
    for (uint64_t at = end; at < len; at++)
        expect_u64(env, "BMP-11", "byte behind the bitmap",
                   get_byte(env, ADDCOW_NAME, at), 0);
}

static void same_size(struct env *env, const struct conf_case *self)
{
    struct img *img = open_and_flush(env, ODD_TAIL);

    (void)self;
    resize_or_na(env, img, OLD_SIZE);
    expect_u64(env, "RSZ-4", "length of the image file",
               file_size(env, IMAGE_NAME), OLD_SIZE);
    must_close(img);
}

static void read_only(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &setups[SHORT_BACKING]);
    img = open_image(env, 0);
    expect_resize_refused(env, "RSZ-12", img_set_size(img, OLD_SIZE),
                          ADDCOW_READ_ONLY, 0);
    must_close(img);
}

const struct conf_case cases_rsz_flushed[] = {
    {"rsz/flushed-image-file-grows-last",
     "After a flush, too, the bitmap's length is flushed before growth",
     "RSZ-6", NEEDS, .run = grows_last, .arg = SHORT_BACKING},
    {"rsz/flushed-image-file-without-backing-grows-last",
     "So it is without a backing file", "RSZ-6", NEEDS, .run = grows_last,
     .arg = WITHOUT_BACKING},
    {"rsz/flushed-image-file-grows-last-by-a-sector",
     "So it is where the disk grows by a sector", "RSZ-6", NEEDS,
     .run = grows_last, .arg = TO_A_SECTOR},
    {"rsz/flushed-odd-image-file-grows-last",
     "An odd tail is cut durably before the image file grows", "RSZ-6", NEEDS,
     .run = grows_last, .arg = ODD_TAIL},
    {"rsz/flushed-then-shrunk-by-a-sector",
     "Shrinking inside a cluster is durable after the next flush", "RSZ-11",
     NEEDS, .run = durable, .arg = OLD_SIZE - SECTOR},
    {"rsz/flushed-then-grown-by-a-sector",
     "Growth by a sector is durable after the next flush", "RSZ-11", NEEDS,
     .run = durable, .arg = OLD_SIZE + SECTOR},
    {"rsz/padding-after-growth-by-a-cluster",
     "Behind a bitmap that grew by a byte are at most zeros to a sector",
     "BMP-10 BMP-11", RESIZER, .run = padding, .arg = 1},
    {"rsz/padding-after-growth-over-a-sector",
     "Behind a bitmap that grew over a sector are at most zeros to the next",
     "BMP-10 BMP-11", RESIZER, .run = padding, .arg = 4096},
    {"rsz/same-size-of-an-odd-image-file",
     "A resize to the size that there is cuts an odd tail", "RSZ-4", RESIZER,
     .run = same_size},
    {"rsz/read-only-same-size",
     "A resize to the same size, opened for reading, is refused", "RSZ-12",
     RESIZER | CASE_REFUSES, .run = read_only},
    {0}};
