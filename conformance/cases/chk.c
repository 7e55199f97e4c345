/* SPDX-License-Identifier: MIT
 *
 * chk.c - chapter 14, Check: sound images, warnings, what is no image, and
 * that a check modifies nothing.
 *
 * Deliberately missing: errors (chk_errors.c).
 */
#include "all.h"
#include "env/env.h"
#include "steps/names.h"

#include <stddef.h>
#include <string.h>

#define NEEDS ADDCOW_CAP_CHECK
#define NEEDS_HOST (ADDCOW_CAP_CHECK | ADDCOW_CAP_HOST)

static struct addcow_check_result check(struct env *env, const char *clause)
{
    struct addcow_check_result r;

    expect_ok(env, clause, shim_check(env, &r, ADDCOW_NAME));
    return r;
}

/* ---- Sound images: CHK-2, CHK-4 ----------------------------------------- */

static const uint64_t only_0[] = {0, END_OF_LIST};
static const uint64_t only_7[] = {7, END_OF_LIST};
static const uint64_t only_8[] = {8, END_OF_LIST};
static const uint64_t ends[] = {0, 7, 8, 9, END_OF_LIST};
static const uint64_t at_table[] = {524287, 524288, END_OF_LIST};
static const uint64_t at_2_tib[] = {0, 2 * TIB / CLUSTER, END_OF_LIST};

/* The image has no errors, N clusters, and N_ALLOCATED of them allocated. */
static void expect_sound(struct env *env, uint64_t n, uint64_t n_allocated)
{
    struct addcow_check_result r = check(env, "CHK-2");

    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "clusters", r.clusters, n);
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, n_allocated);
}

/* DATA: the image; ARG: its allocated clusters. */
static void sound_image(struct env *env, const struct conf_case *self)
{
    const struct image_recipe *recipe = self->data;

    make_image(env, recipe);
    expect_sound(env, clusters_of(recipe->image_size), self->arg);
}

/* Bytes after the bitmap may be anything (BMP-6). */
static void junk_after_bitmap(struct env *env, const struct conf_case *self)
{
    uint8_t junk[600];

    (void)self;
    memset(junk, 0xff, sizeof(junk));
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    put_bytes(env, ADDCOW_NAME, junk, sizeof(junk), HEADER_LEN + 2);
    expect_sound(env, 9, 1);
}

/* The caller knows ARG bytes of the result: no byte beyond is filled. */
static void less_room(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r, unused;
    size_t room = (size_t)self->arg;

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    memset(&r, 0xa5, sizeof(r));
    memset(&unused, 0xa5, sizeof(unused));
    r.size = (uint32_t)room;
    expect_ok(env, "CHK-2", shim_check_into(env, &r, ADDCOW_NAME));
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_bytes(env, "CHK-2", "bytes beyond the caller's room",
                 (uint8_t *)&r + room, (uint8_t *)&unused + room,
                 sizeof(r) - room);
}

/* ARG is a cluster to write; then the image is closed and checked. */
static void after_a_write(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER + 512,
                                           .backing_size = CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, 512, self->arg * CLUSTER);
    must_close(img);
    r = check(env, "CHK-2");
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "clusters", r.clusters, 10);
    if (choice_of(env, "IMPL-3") == 'a')
        expect_u64(env, "CHK-4", "allocated clusters", r.allocated, 1);
}

/* The path of the directory and the names have ARG bytes each. */
static void long_paths(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    const char *dir = padded_dir(env, "d", self->arg);

    put_dir(env, "d");
    make_image(env,
               &(struct image_recipe){
                   .name = "d/" ADDCOW_NAME,
                   .image_name = padded_name(env, IMAGE_NAME, self->arg),
                   .backing_name = padded_name(env, BACKING_NAME, self->arg),
                   .image_size = 9 * CLUSTER,
                   .backing_size = CLUSTER,
                   .set = only_7});
    expect_ok(env, "LIM-3",
              shim_check(env, &r, joined(env, dir, ADDCOW_NAME)));
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, 1);
}

/* ---- Warnings: CHK-3, CHK-7 --------------------------------------------- */

/* TEXT names the bits beyond the disk that are 1, "a" the first.  The disk has
 * ARG bytes; cluster 0 is allocated. */
static void bits_beyond(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    uint64_t n = clusters_of(self->arg);
    const char *p;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER,
                                           .set = only_0});
    for (p = self->text; *p; p++)
        set_bit_of(env, ADDCOW_NAME, n + (uint64_t)(*p - 'a'), 1);
    r = check(env, "CHK-3");
    expect_that(env, "CHK-3", "a warning is reported", r.warnings >= 1,
                "no warning");
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, 1);
}

/* ARG is the length of the image file. */
static void odd_image(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    r = check(env, "CHK-7");
    expect_that(env, "CHK-7", "a warning is reported", r.warnings >= 1,
                "no warning");
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "clusters", r.clusters,
               clusters_of(self->arg / SECTOR * SECTOR));
}

/* ---- CHK-5 -------------------------------------------------------------- */

static void put_doubtful(struct env *env)
{
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER + 700,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    set_bit_of(env, ADDCOW_NAME, 12, 1);
}

/* Whatever there is to mend, nothing is mended.  Beyond what is doubtful, with
 * an OFFSET the byte there is ARG, with a LEN the add-cow file is cut to it.
 */
static void nothing_modified(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    struct snapshot *s;

    put_doubtful(env);
    if (self->offset)
        put_byte(env, ADDCOW_NAME, (unsigned)self->arg, self->offset);
    if (self->len)
        resize_file(env, ADDCOW_NAME, self->len);
    s = take_snapshot(env);
    shim_check(env, &r, ADDCOW_NAME);
    expect_nothing_changed(env, "CHK-5", s);
}

static void read_only_files(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    (void)self;
    put_doubtful(env);
    set_read_only(env, ADDCOW_NAME, 1);
    set_read_only(env, IMAGE_NAME, 1);
    set_read_only(env, BACKING_NAME, 1);
    r = check(env, "CHK-5");
    expect_u64(env, "CHK-5", "clusters", r.clusters, 10);
}

static void opened_for_reading(struct env *env, const struct conf_case *self)
{
    (void)self;
    put_doubtful(env);
    check(env, "CHK-5");
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        expect_that(env, "CHK-5", "no host call of a check writes",
                    e->kind != EV_WRITE && e->kind != EV_SET_SIZE &&
                        e->kind != EV_REMOVE,
                    "a %s", event_words(env, i));
    }
}

/* ---- No image: CHK-6, CHK-8 --------------------------------------------- */

static void refuse_check(struct env *env, const char *clause, int class)
{
    struct addcow_check_result r;

    expect_refused(env, clause, shim_check(env, &r, ADDCOW_NAME), class, 0);
}

static void missing(struct env *env, const struct conf_case *self)
{
    (void)self;
    refuse_check(env, "CHK-6", ADDCOW_NOT_FOUND);
}

static void missing_image(struct env *env, const struct conf_case *self)
{
    (void)self;
    put_doubtful(env);
    remove_file(env, IMAGE_NAME);
    refuse_check(env, "CHK-8", ADDCOW_NOT_FOUND);
}

/* It may be refused, or examined; then the count is right. */
static void missing_backing(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    int result;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = 9 * CLUSTER,
                                           .set = only_7});
    remove_file(env, BACKING_NAME);
    result = shim_check(env, &r, ADDCOW_NAME);
    expect_ok_or_refused(env, "CHK-9", result, ADDCOW_NOT_FOUND, 0);
    if (result == ADDCOW_OK)
        expect_u64(env, "CHK-4", "clusters", r.clusters, 9);
}

/* A file of ARG bytes that begins with the magic up to its last byte. */
static void not_addcow(struct env *env, const struct conf_case *self)
{
    put_doubtful(env);
    put_byte(env, ADDCOW_NAME, 0xfe, 7);
    resize_file(env, ADDCOW_NAME, self->arg);
    refuse_check(env, "CHK-6", ADDCOW_NOT_ADDCOW);
}

/* The version's byte at offset ARG becomes 2. */
static void version_2(struct env *env, const struct conf_case *self)
{
    put_doubtful(env);
    put_byte(env, ADDCOW_NAME, 2, self->arg);
    refuse_check(env, "CHK-6", ADDCOW_VERSION);
}

const struct conf_case cases_chk[] = {
    {"chk/size-0", "An image of size 0 has no errors and no clusters",
     "CHK-2 CHK-4", NEEDS, .run = sound_image,
     .data = &(const struct image_recipe){.backing_size = 512}},
    {"chk/one-sector", "An image of one sector has one cluster", "CHK-2 CHK-4",
     NEEDS, .run = sound_image,
     .data =
         &(const struct image_recipe){.image_size = 512, .backing_size = 512}},
    {"chk/one-cluster-allocated", "An image of one cluster, allocated",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = only_0}},
    {"chk/cluster-7-allocated", "Cluster 7 is counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = only_7}},
    {"chk/cluster-8-allocated", "Cluster 8 is counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = only_8}},
    {"chk/8-of-8-allocated", "All of eight clusters are counted",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = 8,
     .data = &(const struct image_recipe){.image_size = 8 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set_all = 1}},
    {"chk/9-of-9-allocated", "All of nine clusters are counted", "CHK-4 CHK-2",
     NEEDS, .run = sound_image, .arg = 9,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set_all = 1}},
    {"chk/last-cluster-clipped", "A clipped last cluster counts as one",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = 4,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER + 512,
                                          .backing_size = CLUSTER,
                                          .set = ends}},
    {"chk/none-allocated", "No cluster of a hundred is counted", "CHK-4 CHK-2",
     NEEDS, .run = sound_image,
     .data = &(const struct image_recipe){.image_size = 100 * CLUSTER,
                                          .backing_size = CLUSTER}},
    {"chk/clusters-about-the-table-boundary",
     "Clusters 524287 and 524288 are counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = 2,
     .data = &(const struct image_recipe){.image_size = 32 * GIB + 2 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = at_table}},
    {"chk/cluster-above-2-tib", "The first cluster above 2 TiB is counted",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = 2,
     .data = &(const struct image_recipe){.image_size = 2 * TIB + CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = at_2_tib}},
    {"chk/without-backing-file", "An image without a backing file is sound",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = 4,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER + 512,
                                          .no_backing = 1,
                                          .set = ends}},
    {"chk/backing-shorter", "A short backing file is no error", "CHK-2 CHK-4",
     NEEDS, .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = 700,
                                          .set = only_7}},
    {"chk/backing-longer", "A long backing file is no error", "CHK-2 CHK-4",
     NEEDS, .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = 20 * CLUSTER,
                                          .set = only_7}},
    {"chk/padded-to-a-sector", "Zeros after the bitmap are no error",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = only_7,
                                          .add_len = 510}},
    {"chk/far-longer-than-the-bitmap", "70000 bytes more are no error",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = 1,
     .data = &(const struct image_recipe){.image_size = 9 * CLUSTER,
                                          .backing_size = CLUSTER,
                                          .set = only_7,
                                          .add_len = 70000}},
    {"chk/bytes-after-the-bitmap", "Bytes after the bitmap are not counted",
     "CHK-2 CHK-4", NEEDS, .run = junk_after_bitmap},
    {"chk/joined-paths-of-over-1023-bytes",
     "An image whose joined paths have 1023 + 1 + 1023 bytes is sound",
     "CHK-2 LIM-3 CHK-4", NEEDS, .run = long_paths, .arg = MAX_NAME},
    {"chk/result-without-counts",
     "A result without room for the counts is filled no further", "CHK-2",
     NEEDS, .run = less_room,
     .arg = offsetof(struct addcow_check_result, clusters)},
    {"chk/result-without-the-last-count",
     "A result without room for its last member is filled no further", "CHK-2",
     NEEDS, .run = less_room,
     .arg = offsetof(struct addcow_check_result, allocated)},
    {"chk/after-a-write", "An image that was written to is sound",
     "CHK-2 CHK-4", NEEDS | ADDCOW_CAP_WRITE, .run = after_a_write, .arg = 3},
    {"chk/after-a-write-to-the-last-cluster",
     "An image whose clipped last cluster was written to is sound",
     "CHK-2 CHK-4", NEEDS | ADDCOW_CAP_WRITE, .run = after_a_write, .arg = 9},

    {"chk/bit-just-beyond", "The bit after the last cluster's is a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 10 * CLUSTER,
     .text = "a"},
    {"chk/last-bit-of-the-bitmap",
     "The last bit of the bitmap beyond the disk is a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 10 * CLUSTER,
     .text = "f"},
    {"chk/all-bits-beyond", "All bits beyond the disk are a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 9 * CLUSTER + 512,
     .text = "abcdef"},
    {"chk/bits-beyond-one-sector", "Bits beyond a disk of one sector",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 512, .text = "ag"},
    {"chk/bit-beyond-7-clusters", "The one bit beyond seven clusters",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 7 * CLUSTER,
     .text = "a"},

    {"chk/bit-beyond-a-bitmap-of-64-kib",
     "The last bit of a bitmap of 65536 bytes is a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 32 * GIB - CLUSTER,
     .text = "a"},
    {"chk/bit-beyond-a-bitmap-over-64-kib",
     "The bit after the last cluster's in byte 65536 of the bitmap",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 32 * GIB + CLUSTER,
     .text = "a"},
    {"chk/last-bit-beyond-a-bitmap-over-64-kib",
     "The last bit of a bitmap of 65537 bytes is a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 32 * GIB + CLUSTER,
     .text = "g"},
    {"chk/bit-beyond-2-tib",
     "The bit after the last cluster's of a disk above 2 TiB is a warning",
     "CHK-3 CHK-2 CHK-4", NEEDS, .run = bits_beyond, .arg = 2 * TIB + CLUSTER,
     .text = "a"},

    {"chk/modifies-nothing", "A check of a doubtful image modifies no file",
     "CHK-5", NEEDS, .run = nothing_modified},
    {"chk/modifies-nothing-of-a-broken-header",
     "A check of a broken header modifies no file", "CHK-5",
     NEEDS | CASE_REFUSES, .run = nothing_modified, .offset = HEADER_LEN - 1,
     .arg = 0x80},
    {"chk/modifies-nothing-of-a-short-bitmap",
     "A check of a short bitmap modifies no file", "CHK-5",
     NEEDS | CASE_REFUSES, .run = nothing_modified, .len = HEADER_LEN + 1},
    {"chk/read-only-files", "A check needs no write access", "CHK-5", NEEDS,
     .run = read_only_files},
    {"chk/host-is-asked-to-read-alone", "A check asks the host for no write",
     "CHK-5", NEEDS_HOST, .run = opened_for_reading},

    {"chk/file-missing", "A file that does not exist is refused", "CHK-6",
     NEEDS | CASE_REFUSES, .run = missing},
    {"chk/empty-file", "An empty file is no image", "CHK-6",
     NEEDS | CASE_REFUSES, .run = not_addcow},
    {"chk/7-bytes-of-magic", "Seven bytes of the magic are no image", "CHK-6",
     NEEDS | CASE_REFUSES, .run = not_addcow, .arg = 7},
    {"chk/wrong-magic", "A file with another magic is no image", "CHK-6",
     NEEDS | CASE_REFUSES, .run = not_addcow, .arg = 2562},
    {"chk/version-2", "Version 2 is refused", "CHK-6", NEEDS | CASE_REFUSES,
     .run = version_2, .arg = 11},
    {"chk/version-in-the-high-byte", "Version 2 * 2^24 + 1 is refused",
     "CHK-6", NEEDS | CASE_REFUSES, .run = version_2, .arg = 8},

    {"chk/no-image-file", "An image whose image file is missing is refused",
     "CHK-8", NEEDS | CASE_REFUSES, .run = missing_image},
    {"chk/no-backing-file",
     "An image whose backing file is missing is refused or examined",
     "CHK-9 CHK-4", NEEDS | CASE_BOTH, .run = missing_backing},

    {"chk/image-file-of-511-bytes", "An image file of 511 bytes is a warning",
     "CHK-7 CHK-2 CHK-4", NEEDS, .run = odd_image, .arg = 511},
    {"chk/image-file-of-513-bytes", "An image file of 513 bytes is a warning",
     "CHK-7 CHK-2 CHK-4", NEEDS, .run = odd_image, .arg = 513},
    {"chk/image-file-a-byte-past-a-cluster",
     "An image file of 65537 bytes is a warning", "CHK-7 CHK-2 CHK-4", NEEDS,
     .run = odd_image, .arg = CLUSTER + 1},
    {0}};
