/* SPDX-License-Identifier: MIT
 *
 * lim.c - chapter 16, Limits: the least that all support.
 *
 * Deliberately missing: limits of an implementation that are higher.
 */
#include "all.h"
#include "steps/footprint.h"
#include "steps/guest.h"
#include "steps/names.h"
#include "steps/refuse.h"

#include <stdio.h>
#include <string.h>

#define N_IMAGES 8
#define N_TABLES 256          /* of 64 KiB, in the bitmap of 8 TiB */
#define TABLE_SIZE (32 * GIB) /* of the disk, by a table */
#define LONGEST (16 * MIB)    /* request that all support */

/* ---- Sizes -------------------------------------------------------------- */

/* An image of ARG bytes whose last cluster is allocated, the one before not.
 */
static void size_is_supported(struct env *env, const struct conf_case *self)
{
    uint64_t n_clusters = clusters_of(self->arg);
    const uint64_t set[] = {n_clusters ? n_clusters - 1 : END_OF_LIST,
                            END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = self->arg,
                                           .set = set});
    img = expect_open(env, "LIM-1", 0);
    expect_u64(env, "LIM-1", "virtual size", img_size(img), self->arg);
    if (!self->arg)
        return;
    expect_guest(img, "LIM-1", SECTOR, 0);
    expect_guest(img, "LIM-1", SECTOR, self->arg - SECTOR);
    if (n_clusters > 1)
        expect_guest(img, "LIM-1", 2 * SECTOR,
                     (n_clusters - 1) * CLUSTER - SECTOR);
}

/* The first and the last sector are written. */
static void size_is_written(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = self->arg});
    img = expect_open(env, "LIM-1", ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    must_write(img, SECTOR, self->arg - SECTOR);
    must_flush(img);
    must_close(img);
    expect_bit(env, "LIM-1", ADDCOW_NAME, 0, 1);
    expect_bit(env, "LIM-1", ADDCOW_NAME, clusters_of(self->arg) - 1, 1);
    img = open_image(env, 0);
    expect_guest(img, "LIM-1", CLUSTER, 0);
    expect_guest(img, "LIM-1", CLUSTER, self->arg - CLUSTER);
}

static void size_is_created(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = ADDCOW_NAME,
                                      .image_name = IMAGE_NAME,
                                      .backing_name = BACKING_NAME};
    struct img *img;

    put_file(env, IMAGE_NAME, self->arg);
    put_pattern(env, BACKING_NAME, TAG_BACKING, CLUSTER);
    expect_ok(env, "LIM-1", shim_create(env, &args));
    expect_u64(env, "LIM-1", "length of the add-cow file",
               file_size(env, ADDCOW_NAME),
               HEADER_LEN + bitmap_len_of(self->arg));
    img = open_image(env, 0);
    expect_u64(env, "LIM-1", "virtual size", img_size(img), self->arg);
}

/* More than all support: refused, or all there.  Clusters whose numbers are
 * cut to 32 bits, or bytes to 41, would be others, of another state. */
static void more_than_all_support(struct env *env,
                                  const struct conf_case *self)
{
    uint64_t last = clusters_of(self->arg) - 1;
    const uint64_t set[] = {5, last, END_OF_LIST};
    struct img *img = NULL;
    int result;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 9 * CLUSTER + 700,
                                           .set = set});
    result = img_open(env, &img, ADDCOW_NAME, 0);
    expect_ok_or_refused(env, "LIM-2", result, ADDCOW_RANGE, ADDCOW_NO_MEMORY,
                         ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
    if (result != ADDCOW_OK)
        return;
    expect_u64(env, "LIM-2", "virtual size", img_size(img), self->arg);
    expect_guest(img, "LIM-2", 10 * CLUSTER, 0);
    expect_guest(img, "LIM-2", SECTOR, self->arg - SECTOR);
    expect_guest(img, "LIM-2", 2 * SECTOR, last * CLUSTER - SECTOR);
    expect_zeros(img, "LIM-2", CLUSTER, last / 2 * CLUSTER);
}

/* ---- Names -------------------------------------------------------------- */

static struct oracle *image_of(struct env *env, const char *name,
                               const char *image_name,
                               const char *backing_name)
{
    return make_image(env, &(struct image_recipe){.name = name,
                                                  .image_name = image_name,
                                                  .backing_name = backing_name,
                                                  .image_size = 3 * CLUSTER,
                                                  .backing_size = 3 * CLUSTER,
                                                  .set = only_the_middle});
}

static void expect_opens(struct env *env, const char *path, struct oracle *o)
{
    struct img *img = NULL;

    expect_ok(env, "LIM-3", img_open(env, &img, path, 0));
    img_track(img, o);
    expect_guest_all(img, "LIM-3");
}

static void shortest_names(struct env *env, const struct conf_case *self)
{
    (void)self;
    expect_opens(env, "a", image_of(env, "a", "i", "b"));
}

/* ARG is the length of both names. */
static void long_names(struct env *env, const struct conf_case *self)
{
    expect_opens(env, ADDCOW_NAME,
                 image_of(env, NULL, padded_name(env, IMAGE_NAME, self->arg),
                          padded_name(env, BACKING_NAME, self->arg)));
}

/* The path of the directory has ARG bytes. */
static void long_directory(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    put_dir(env, "d");
    o = image_of(env, "d/" ADDCOW_NAME, padded_name(env, IMAGE_NAME, MAX_NAME),
                 padded_name(env, BACKING_NAME, MAX_NAME));
    expect_opens(env,
                 joined(env, padded_dir(env, "d", self->arg), ADDCOW_NAME), o);
}

/* Four directories, each in the other, whose names have 255 bytes: with the
 * slashes between them 1023. */
static void deep_directory(struct env *env, const struct conf_case *self)
{
    char *component = case_alloc(env, 256);
    char *path = component;
    int depth;

    (void)self;
    memset(component, 'd', 255);
    put_dir(env, path);
    for (depth = 1; depth < 4; depth++) {
        path = joined(env, path, component);
        put_dir(env, path);
    }
    path = joined(env, path, ADDCOW_NAME);
    expect_opens(env, path, image_of(env, path, NULL, NULL));
}

static void create_long_names(struct env *env, const struct conf_case *self)
{
    char *dir = padded_dir(env, "d", MAX_NAME);
    struct addcow_create_args args = {
        .size = sizeof(args),
        .name = joined(env, dir, ADDCOW_NAME),
        .image_name = padded_name(env, IMAGE_NAME, self->arg),
        .backing_name = padded_name(env, BACKING_NAME, self->arg)};
    struct img *img;

    put_dir(env, "d");
    put_file(env, "d/" IMAGE_NAME, 3 * CLUSTER);
    put_file(env, "d/" BACKING_NAME, 3 * CLUSTER);
    expect_ok(env, "LIM-3", shim_create(env, &args));
    img = must_open(env, "d/" ADDCOW_NAME, 0);
    expect_u64(env, "LIM-3", "virtual size", img_size(img), 3 * CLUSTER);
}

/* ---- Requests ----------------------------------------------------------- */

/* An image of 20 MiB with both kinds of cluster, over a shorter backing. */
static void long_image(struct env *env)
{
    static const uint64_t set[] = {0,  3,  4,   9,   10,  11,  64,
                                   65, 99, 127, 128, 200, 256, END_OF_LIST};

    make_image(env, &(struct image_recipe){.image_size = 20 * MIB,
                                           .backing_size = 9 * MIB + 700,
                                           .set = set});
}

/* Requests that are not of whole sectors need IMPL-2 (a). */
static void need_unit(struct env *env, uint64_t len)
{
    if (len % SECTOR && choice_of(env, "IMPL-2") != 'a')
        skip_na(env, NA_CHOICE);
}

/* One read of ARG bytes, from inside a cluster. */
static void one_read(struct env *env, const struct conf_case *self)
{
    uint8_t *buf = case_alloc(env, self->arg + 1);
    struct mismatch wrong;
    struct img *img;

    need_unit(env, self->arg);
    long_image(env);
    img = open_image(env, 0);
    expect_ok(env, "LIM-4", img_read(img, buf, self->arg, 3 * SECTOR));
    if (!oracle_check(oracle_of(img), &wrong, buf, self->arg, 3 * SECTOR))
        fail_as(env, "LIM-4", CHECK_GUEST, wrong.kind, wrong.expected, "%s",
                wrong.got);
}

/* One write of ARG bytes, from inside a cluster. */
static void one_write(struct env *env, const struct conf_case *self)
{
    struct img *img;

    need_unit(env, self->arg);
    long_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "LIM-4", write_new(img, self->arg, 3 * SECTOR));
    must_close(img);
    img = open_image(env, 0);
    expect_guest(img, "LIM-4", self->arg + 2 * CLUSTER, 0);
}

/* ---- Images that are open together -------------------------------------- */

/* Image I of eight: of a size of its own, allocated in a cluster of its own,
 * over one backing file or over its own. */
static struct oracle *one_of_eight(struct env *env, uint64_t i, int shared)
{
    const uint64_t set[] = {i, END_OF_LIST};
    char *name = case_alloc(env, 16);
    char *image_name = case_alloc(env, 16);
    char *backing_name = case_alloc(env, 16);

    snprintf(name, 16, "%d.add-cow", (int)i);
    snprintf(image_name, 16, "%d.raw", (int)i);
    snprintf(backing_name, 16, "%d.img", shared ? 0 : (int)i);
    return make_image(env,
                      &(struct image_recipe){.name = name,
                                             .image_name = image_name,
                                             .backing_name = backing_name,
                                             .image_size = (9 + i) * CLUSTER,
                                             .backing_size = 12 * CLUSTER,
                                             .set = set});
}

static void open_eight(struct env *env, struct img **imgs, int shared,
                       uint32_t flags)
{
    struct oracle *oracles[N_IMAGES];
    char name[16];

    for (uint64_t i = 0; i < N_IMAGES; i++)
        oracles[i] = one_of_eight(env, i, shared);
    for (uint64_t i = 0; i < N_IMAGES; i++) {
        snprintf(name, sizeof(name), "%d.add-cow", (int)i);
        expect_ok(env, "LIM-5", img_open(env, &imgs[i], name, flags));
        img_track(imgs[i], oracles[i]);
    }
}

static void expect_eight(struct img **imgs)
{
    for (size_t i = 0; i < N_IMAGES; i++)
        expect_guest_all(imgs[i], "LIM-5");
}

/* ARG: they share their backing file. */
static void eight_images(struct env *env, const struct conf_case *self)
{
    struct img *imgs[N_IMAGES];

    open_eight(env, imgs, (int)self->arg, 0);
    expect_eight(imgs);
    for (size_t i = 0; i < N_IMAGES; i += 2)
        must_close(imgs[i]);
    for (size_t i = 1; i < N_IMAGES; i += 2)
        expect_guest_all(imgs[i], "LIM-5");
}

static void eight_written_images(struct env *env, const struct conf_case *self)
{
    struct img *imgs[N_IMAGES];

    open_eight(env, imgs, (int)self->arg, ADDCOW_OPEN_WRITE);
    for (size_t i = 0; i < N_IMAGES; i++)
        must_write(imgs[i], 3 * SECTOR, (N_IMAGES - i) * CLUSTER - SECTOR);
    expect_eight(imgs);
    for (size_t i = 0; i < N_IMAGES; i++)
        must_flush(imgs[i]);
    expect_eight(imgs);
    for (size_t i = 0; i < N_IMAGES; i++)
        must_close(imgs[i]);
}

/* One image, opened eight times for reading only. */
static void one_image_eight_times(struct env *env,
                                  const struct conf_case *self)
{
    struct img *imgs[N_IMAGES];

    (void)self;
    image_of(env, NULL, NULL, NULL);
    for (size_t i = 0; i < N_IMAGES; i++)
        expect_ok(env, "LIM-5", img_open(env, &imgs[i], ADDCOW_NAME, 0));
    expect_eight(imgs);
    must_close(imgs[0]);
    for (size_t i = 1; i < N_IMAGES; i++)
        expect_guest_all(imgs[i], "LIM-5");
}

/* ---- Cost --------------------------------------------------------------- */

static void read_sectors(struct img *img, uint64_t n, uint64_t step)
{
    for (uint64_t i = 0; i < n; i++)
        expect_zeros(img, "LIM-6", SECTOR, i * step);
}

/* By how much the process grows when N sectors are read, each STEP further:
 * so many requests cost what they cost, whatever they touch. */
static uint64_t growth(struct img *img, uint64_t n, uint64_t step)
{
    uint64_t before = footprint_now();
    uint64_t after;

    read_sectors(img, n, step);
    after = footprint_now();
    return after > before ? after - before : 0;
}

/* A sector in each table of the bitmap against as many in one table.  Half of
 * the bitmap's 16 MiB are more than any accident. */
static void memory_of_a_large_image(struct env *env,
                                    const struct conf_case *self)
{
    struct img *img;
    uint64_t near, far;

    (void)self;
    if (!footprint_now())
        skip_na(env, "storage");
    make_image(env,
               &(struct image_recipe){.image_size = 8 * TIB, .no_backing = 1});
    img = open_image(env, 0);
    read_sectors(img, N_TABLES, CLUSTER);
    near = growth(img, N_TABLES, CLUSTER);
    far = growth(img, N_TABLES, TABLE_SIZE);
    expect_that(env, "LIM-6",
                "reading in all parts of 8 TiB needs no 8 MiB "
                "more than reading in one part",
                far < near + 8 * MIB, "it needs 8 MiB more, or still more");
}

/* By how much the process grows when an image of SIZE bytes is opened. */
static uint64_t growth_of_opening(struct env *env, const char *name,
                                  const char *image_name, uint64_t size)
{
    uint64_t before, after;

    make_image(env, &(struct image_recipe){.name = name,
                                           .image_name = image_name,
                                           .image_size = size,
                                           .no_backing = 1});
    before = footprint_now();
    read_sectors(must_open(env, name, 0), 1, CLUSTER);
    after = footprint_now();
    return after > before ? after - before : 0;
}

/* The first image pays for what is loaded once. */
static void memory_to_open(struct env *env, const struct conf_case *self)
{
    uint64_t small, large;

    (void)self;
    if (!footprint_now())
        skip_na(env, "storage");
    growth_of_opening(env, "first.add-cow", "first.raw", MIB);
    small = growth_of_opening(env, "small.add-cow", "small.raw", MIB);
    large = growth_of_opening(env, "large.add-cow", "large.raw", 8 * TIB);
    expect_that(env, "LIM-6",
                "opening 8 TiB needs no 8 MiB more than opening 1 MiB",
                large < small + 8 * MIB, "it needs 8 MiB more, or still more");
}

/* ARG is a virtual size whose bitmap is longer than 1 MiB. */
static void opening_reads_little(struct env *env, const struct conf_case *self)
{
    size_t first;
    uint64_t n;

    need_simulated(env);
    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    first = n_events(env);
    open_image(env, 0);
    n = host_bytes(env, EV_READ, ADDCOW_NAME, first);
    expect_that(env, "LIM-7", "opening reads less than the bitmap's length",
                n < bitmap_len_of(self->arg),
                "%llu bytes read, of a bitmap of %llu", (unsigned long long)n,
                (unsigned long long)bitmap_len_of(self->arg));
}

#define CREATE ADDCOW_CAP_CREATE
#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_lim[] = {
    {"lim/size-of-0", "A virtual size of 0 is supported", "LIM-1", 0,
     .run = size_is_supported},
    {"lim/size-of-a-sector", "A virtual size of 512 bytes is supported",
     "LIM-1", 0, .run = size_is_supported, .arg = SECTOR},
    {"lim/size-of-4-gib", "A virtual size of 4 GiB is supported", "LIM-1", 0,
     .run = size_is_supported, .arg = 4 * GIB},
    {"lim/size-of-1-tib", "A virtual size of 1 TiB is supported", "LIM-1", 0,
     .run = size_is_supported, .arg = TIB},
    {"lim/size-of-8-tib-less-a-sector",
     "A virtual size of 8 TiB less a sector is supported", "LIM-1", 0,
     .run = size_is_supported, .arg = 8 * TIB - SECTOR},
    {"lim/size-of-8-tib", "A virtual size of 8 TiB is supported", "LIM-1", 0,
     .run = size_is_supported, .arg = 8 * TIB},
    {"lim/write-to-1-tib", "An image of 1 TiB is written at both ends",
     "LIM-1", WRITE, .run = size_is_written, .arg = TIB},
    {"lim/write-to-8-tib", "An image of 8 TiB is written at both ends",
     "LIM-1", WRITE, .run = size_is_written, .arg = 8 * TIB},
    {"lim/create-8-tib", "An image of 8 TiB is created", "LIM-1", CREATE,
     .run = size_is_created, .arg = 8 * TIB},
    {"lim/more-than-8-tib",
     "An image of 8 TiB and a sector is refused or all there", "LIM-2", 0,
     .run = more_than_all_support, .arg = 8 * TIB + SECTOR},
    {"lim/16-tib", "An image of 16 TiB is refused or all there", "LIM-2", 0,
     .run = more_than_all_support, .arg = 16 * TIB},
    {"lim/2-to-the-48",
     "An image of 2^48 bytes and seven clusters is refused or all there",
     "LIM-2", 0, .run = more_than_all_support,
     .arg = (UINT64_C(1) << 48) + 7 * CLUSTER},
    {"lim/2-to-the-62", "An image of 2^62 bytes is refused or all there",
     "LIM-2", 0, .run = more_than_all_support, .arg = UINT64_C(1) << 62},
    {"lim/2-to-the-63-less-a-sector",
     "An image of 2^63 - 512 bytes is refused or all there", "LIM-2", 0,
     .run = more_than_all_support, .arg = (UINT64_C(1) << 63) - SECTOR},
    {"lim/names-of-1-byte", "Names of 1 byte are supported", "LIM-3", 0,
     .run = shortest_names},
    {"lim/names-of-1022-bytes", "Names of 1022 bytes are supported", "LIM-3",
     0, .run = long_names, .arg = MAX_NAME - 1},
    {"lim/names-of-1023-bytes", "Names of 1023 bytes are supported", "LIM-3",
     0, .run = long_names, .arg = MAX_NAME},
    {"lim/directory-of-1023-bytes",
     "Names of 1023 bytes in a directory of 1023 bytes are supported", "LIM-3",
     0, .run = long_directory, .arg = 1023},
    {"lim/directory-of-1022-bytes",
     "Names of 1023 bytes in a directory of 1022 bytes are supported", "LIM-3",
     0, .run = long_directory, .arg = 1022},
    {"lim/directories-of-255-bytes-each",
     "Four directories with names of 255 bytes are supported", "LIM-3", 0,
     .run = deep_directory},
    {"lim/create-names-of-1023-bytes",
     "A creator supports names of 1023 bytes in a directory of 1023 bytes",
     "LIM-3", CREATE, .run = create_long_names, .arg = MAX_NAME},
    {"lim/read-of-0-bytes", "A read of 0 bytes is supported", "LIM-4", 0,
     .run = one_read},
    {"lim/read-of-1-byte", "A read of 1 byte is supported", "LIM-4", 0,
     .run = one_read, .arg = 1},
    {"lim/read-of-511-bytes", "A read of 511 bytes is supported", "LIM-4", 0,
     .run = one_read, .arg = 511},
    {"lim/read-of-512-bytes", "A read of 512 bytes is supported", "LIM-4", 0,
     .run = one_read, .arg = 512},
    {"lim/read-of-513-bytes", "A read of 513 bytes is supported", "LIM-4", 0,
     .run = one_read, .arg = 513},
    {"lim/read-of-65535-bytes", "A read of 65535 bytes is supported", "LIM-4",
     0, .run = one_read, .arg = 65535},
    {"lim/read-of-65536-bytes", "A read of 65536 bytes is supported", "LIM-4",
     0, .run = one_read, .arg = 65536},
    {"lim/read-of-65537-bytes", "A read of 65537 bytes is supported", "LIM-4",
     0, .run = one_read, .arg = 65537},
    {"lim/read-of-16-mib-less-a-byte",
     "A read of 16 MiB less a byte is supported", "LIM-4", 0, .run = one_read,
     .arg = LONGEST - 1},
    {"lim/read-of-16-mib", "A read of 16 MiB is supported", "LIM-4", 0,
     .run = one_read, .arg = LONGEST},
    {"lim/write-of-0-bytes", "A write of 0 bytes is supported", "LIM-4", WRITE,
     .run = one_write},
    {"lim/write-of-1-byte", "A write of 1 byte is supported", "LIM-4", WRITE,
     .run = one_write, .arg = 1},
    {"lim/write-of-513-bytes", "A write of 513 bytes is supported", "LIM-4",
     WRITE, .run = one_write, .arg = 513},
    {"lim/write-of-65537-bytes", "A write of 65537 bytes is supported",
     "LIM-4", WRITE, .run = one_write, .arg = 65537},
    {"lim/write-of-16-mib", "A write of 16 MiB is supported", "LIM-4", WRITE,
     .run = one_write, .arg = LONGEST},
    {"lim/eight-images",
     "Eight images open together show each its own content", "LIM-5", 0,
     .run = eight_images},
    {"lim/eight-images-over-one-backing-file",
     "Eight images over one backing file are open together", "LIM-5", 0,
     .run = eight_images, .arg = 1},
    {"lim/eight-written-images", "Eight images open together are written",
     "LIM-5", WRITE, .run = eight_written_images},
    {"lim/eight-written-images-over-one-backing-file",
     "Eight images over one backing file are written together", "LIM-5", WRITE,
     .run = eight_written_images, .arg = 1},
    {"lim/one-image-eight-times",
     "One image is open eight times for reading only", "LIM-5", 0,
     .run = one_image_eight_times},
    {"lim/memory-of-8-tib",
     "Memory does not grow with the parts of 8 TiB that are read", "LIM-6", 0,
     .run = memory_of_a_large_image},
    {"lim/memory-to-open-8-tib",
     "Opening 8 TiB needs as much memory as opening 1 MiB", "LIM-6", 0,
     .run = memory_to_open},
    {"lim/opening-8-tib-reads-little",
     "Opening 8 TiB does not read 16 MiB of bitmap", "LIM-7", HOST,
     .run = opening_reads_little, .arg = 8 * TIB},
    {"lim/opening-a-bitmap-over-1-mib-reads-little",
     "Opening does not read a bitmap of 1 MiB and a byte", "LIM-7", HOST,
     .run = opening_reads_little, .arg = 512 * GIB + CLUSTER},
    {0}};
