/* SPDX-License-Identifier: MIT
 *
 * chk.c - chapter 14, Check.
 *
 * Deliberately missing: images whose image or backing file is missing, and
 * backing files that a reader may open late: whether a checker counts an error
 * there or ends is left to it.
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

static const uint64_t none[] = {END_OF_LIST};
static const uint64_t only_0[] = {0, END_OF_LIST};
static const uint64_t only_7[] = {7, END_OF_LIST};
static const uint64_t only_8[] = {8, END_OF_LIST};
static const uint64_t ends[] = {0, 7, 8, 9, END_OF_LIST};
static const uint64_t at_table[] = {524287, 524288, END_OF_LIST};
static const uint64_t at_2_tib[] = {0, 2 * TIB / CLUSTER, END_OF_LIST};

struct sound {
    struct image_recipe recipe;
    uint64_t allocated;
};

enum {
    SIZE_0,
    ONE_SECTOR,
    ONE_CLUSTER_SET,
    BIT_7,
    BIT_8,
    EIGHT_ALL,
    NINE_ALL,
    TAIL_CLUSTER,
    NOTHING_SET,
    TABLE,
    TWO_TIB,
    NO_BACKING,
    BACKING_SHORT,
    BACKING_LONG,
    PADDED,
    FAR_LONGER
};

static const struct sound sounds[] = {
    [SIZE_0] = {{.image_size = 0, .backing_size = 512, .set = none}, 0},
    [ONE_SECTOR] = {{.image_size = 512, .backing_size = 512, .set = none}, 0},
    [ONE_CLUSTER_SET] =
        {{.image_size = CLUSTER, .backing_size = CLUSTER, .set = only_0}, 1},
    [BIT_7] = {{.image_size = 9 * CLUSTER,
                .backing_size = CLUSTER,
                .set = only_7},
               1},
    [BIT_8] = {{.image_size = 9 * CLUSTER,
                .backing_size = CLUSTER,
                .set = only_8},
               1},
    [EIGHT_ALL] = {{.image_size = 8 * CLUSTER,
                    .backing_size = CLUSTER,
                    .set_all = 1},
                   8},
    [NINE_ALL] = {{.image_size = 9 * CLUSTER,
                   .backing_size = CLUSTER,
                   .set_all = 1},
                  9},
    [TAIL_CLUSTER] = {{.image_size = 9 * CLUSTER + 512,
                       .backing_size = CLUSTER,
                       .set = ends},
                      4},
    [NOTHING_SET] = {{.image_size = 100 * CLUSTER,
                      .backing_size = CLUSTER,
                      .set = none},
                     0},
    [TABLE] = {{.image_size = 32 * GIB + 2 * CLUSTER,
                .backing_size = CLUSTER,
                .set = at_table},
               2},
    [TWO_TIB] = {{.image_size = 2 * TIB + CLUSTER,
                  .backing_size = CLUSTER,
                  .set = at_2_tib},
                 2},
    [NO_BACKING] =
        {{.image_size = 9 * CLUSTER + 512, .no_backing = 1, .set = ends}, 4},
    [BACKING_SHORT] =
        {{.image_size = 9 * CLUSTER, .backing_size = 700, .set = only_7}, 1},
    [BACKING_LONG] = {{.image_size = 9 * CLUSTER,
                       .backing_size = 20 * CLUSTER,
                       .set = only_7},
                      1},
    [PADDED] = {{.image_size = 9 * CLUSTER,
                 .backing_size = CLUSTER,
                 .set = only_7,
                 .add_len = 510},
                1},
    [FAR_LONGER] = {{.image_size = 9 * CLUSTER,
                     .backing_size = CLUSTER,
                     .set = only_7,
                     .add_len = 70000},
                    1}};

static void sound_image(struct env *env, const struct conf_case *self)
{
    const struct sound *s = &sounds[self->arg];
    struct addcow_check_result r;

    make_image(env, &s->recipe);
    r = check(env, "CHK-2");
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "clusters", r.clusters,
               clusters_of(s->recipe.image_size));
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, s->allocated);
}

/* Bytes after the bitmap may be anything (BMP-6). */
static void junk_after_bitmap(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    unsigned i;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    for (i = 0; i < 600; i++)
        put_byte(env, ADDCOW_NAME, 0xff, HEADER_LEN + 2 + i);
    r = check(env, "CHK-2");
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "clusters", r.clusters, 9);
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, 1);
}

/* The caller knows ARG bytes of the result: none beyond are filled. */
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

/* ---- Broken images: CHK-1 ----------------------------------------------- */

enum {
    RESERVED_FIRST,
    RESERVED_LAST,
    PADDING_IMAGE,
    PADDING_BACKING,
    NO_NUL_IMAGE,
    NO_NUL_BACKING,
    NO_IMAGE_NAME,
    SHORT_HEADER,
    SHORT_BITMAP,
    NO_BITMAP
};

static void fill_field(struct env *env, uint64_t offset)
{
    unsigned i;

    for (i = 0; i < NAME_FIELD_LEN; i++)
        put_byte(env, ADDCOW_NAME, 'x', offset + i);
}

static void spoil_names(struct env *env, uint64_t how)
{
    if (how == PADDING_IMAGE)
        put_byte(env, ADDCOW_NAME, 1, IMAGE_FIELD + NAME_FIELD_LEN - 1);
    else if (how == PADDING_BACKING)
        put_byte(env, ADDCOW_NAME, 1,
                 BACKING_FIELD + strlen(BACKING_NAME) + 1);
    else if (how == NO_NUL_IMAGE)
        fill_field(env, IMAGE_FIELD);
    else if (how == NO_NUL_BACKING)
        fill_field(env, BACKING_FIELD);
}

static void clear_image_name(struct env *env)
{
    size_t i;

    for (i = 0; i < strlen(IMAGE_NAME); i++)
        put_byte(env, ADDCOW_NAME, 0, IMAGE_FIELD + i);
}

static void spoil(struct env *env, uint64_t how)
{
    spoil_names(env, how);
    if (how == RESERVED_FIRST)
        put_byte(env, ADDCOW_NAME, 1, RESERVED_FIELD);
    else if (how == RESERVED_LAST)
        put_byte(env, ADDCOW_NAME, 0x80, HEADER_LEN - 1);
    else if (how == NO_IMAGE_NAME)
        clear_image_name(env);
    else if (how == SHORT_HEADER)
        resize_file(env, ADDCOW_NAME, HEADER_LEN - 1);
    else if (how == SHORT_BITMAP)
        resize_file(env, ADDCOW_NAME, HEADER_LEN + 1);
    else if (how == NO_BITMAP)
        resize_file(env, ADDCOW_NAME, HEADER_LEN);
}

static void corrupt_image(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    int result;

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    spoil(env, self->arg);
    result = shim_check(env, &r, ADDCOW_NAME);
    if (result == ADDCOW_OK)
        expect_true(env, "CHK-1", "an error is reported", r.errors >= 1);
    else
        expect_refused(env, "CHK-1", result, ADDCOW_CORRUPT, 0);
}

/* ---- Images that may be refused with CORRUPT or else: CHK-1 --------------
 */

enum {
    COLON,
    SAME_FILE,
    DIRECTORY,
    BACKING_COLON,
    BACKING_URL,
    /* from here on the backing file is looked at */
    BACKING_IS_IMAGE,
    BACKING_LINKS_IMAGE,
    BACKING_IS_ENTRY,
    BACKING_LINKS_ENTRY
};

static const int refusals[][5] = {
    [COLON] = {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_OTHER, 0},
    [SAME_FILE] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0},
    [DIRECTORY] = {ADDCOW_INVALID, ADDCOW_CORRUPT, ADDCOW_IO, ADDCOW_OTHER, 0},
    [BACKING_COLON] = {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_OTHER, 0},
    [BACKING_URL] = {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_OTHER, 0},
    [BACKING_IS_IMAGE] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0},
    [BACKING_LINKS_IMAGE] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0},
    [BACKING_IS_ENTRY] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0},
    [BACKING_LINKS_ENTRY] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0}};

/* Makes what the names of an image with the defect HOW lead to. */
static void put_named(struct env *env, uint64_t how)
{
    if (how == COLON)
        put_pattern(env, "d:sk.raw", TAG_OLD, 9 * CLUSTER);
    else if (how == DIRECTORY)
        put_dir(env, "dir");
    else if (how == BACKING_COLON)
        put_pattern(env, "b:se.img", TAG_BACKING, CLUSTER);
    else if (how == BACKING_LINKS_IMAGE)
        put_link(env, "alias", IMAGE_NAME);
    else if (how == BACKING_LINKS_ENTRY)
        put_link(env, "alias", ADDCOW_NAME);
}

/* The image that readers must refuse for the defect HOW. */
static void make_refused(struct env *env, uint64_t how)
{
    static const char *const names[][2] = {
        [COLON] = {"d:sk.raw", BACKING_NAME},
        [SAME_FILE] = {ADDCOW_NAME, BACKING_NAME},
        [DIRECTORY] = {"dir", BACKING_NAME},
        [BACKING_COLON] = {IMAGE_NAME, "b:se.img"},
        [BACKING_URL] = {IMAGE_NAME, "nbd://host/" BACKING_NAME},
        [BACKING_IS_IMAGE] = {IMAGE_NAME, IMAGE_NAME},
        [BACKING_LINKS_IMAGE] = {IMAGE_NAME, "alias"},
        [BACKING_IS_ENTRY] = {IMAGE_NAME, ADDCOW_NAME},
        [BACKING_LINKS_ENTRY] = {IMAGE_NAME, "alias"}};
    uint8_t header[HEADER_LEN];

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = only_7});
    header_build(header, names[how][0], names[how][1]);
    put_bytes(env, ADDCOW_NAME, header, HEADER_LEN, 0);
    put_named(env, how);
}

/* Where a reader may open the backing file late, so may a checker. */
static void refused_image(struct env *env, const struct conf_case *self)
{
    const int *c = refusals[self->arg];
    struct addcow_check_result r;
    int result;

    if (self->arg >= BACKING_IS_IMAGE && choice_of(env, "IMPL-1") != 'a')
        skip_na(env, "capability");
    make_refused(env, self->arg);
    result = shim_check(env, &r, ADDCOW_NAME);
    if (result == ADDCOW_OK)
        expect_true(env, "CHK-1", "an error is reported", r.errors >= 1);
    else
        expect_refused(env, "CHK-1", result, c[0], c[1], c[2], c[3], 0);
}

/* ---- Warnings: CHK-3, CHK-7 --------------------------------------------- */

/* TEXT tells the bits beyond the disk that are 1, "a" the first, of one of
 * ARG bytes that has cluster 0 allocated. */
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
    expect_true(env, "CHK-3", "a warning is reported", r.warnings >= 1);
    expect_u64(env, "CHK-2", "errors", r.errors, 0);
    expect_u64(env, "CHK-4", "allocated clusters", r.allocated, 1);
}

/* ARG is the length of the image file. */
static void odd_image(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER,
                                           .set = none});
    r = check(env, "CHK-7");
    expect_true(env, "CHK-7", "a warning is reported", r.warnings >= 1);
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

/* Whatever there is to mend, nothing is: TEXT is given for a broken one. */
static void nothing_modified(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;
    struct snapshot *s;

    put_doubtful(env);
    if (self->text)
        spoil(env, self->arg);
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
    size_t i;

    (void)self;
    put_doubtful(env);
    check(env, "CHK-5");
    for (i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        expect_true(env, "CHK-5", "no host call of a check writes",
                    e->kind != EV_WRITE && e->kind != EV_SET_SIZE &&
                        e->kind != EV_REMOVE);
    }
}

/* ---- No image: CHK-6 ---------------------------------------------------- */

static void missing(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    (void)self;
    expect_refused(env, "CHK-6", shim_check(env, &r, ADDCOW_NAME),
                   ADDCOW_NOT_FOUND, 0);
}

/* CHK-8 */
static void missing_image(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    (void)self;
    put_doubtful(env);
    remove_file(env, IMAGE_NAME);
    expect_refused(env, "CHK-8", shim_check(env, &r, ADDCOW_NAME),
                   ADDCOW_NOT_FOUND, 0);
}

/* A file of ARG bytes that begins with the magic up to its last byte. */
static void not_addcow(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    put_doubtful(env);
    put_byte(env, ADDCOW_NAME, 0xfe, 7);
    resize_file(env, ADDCOW_NAME, self->arg);
    expect_refused(env, "CHK-6", shim_check(env, &r, ADDCOW_NAME),
                   ADDCOW_NOT_ADDCOW, 0);
}

/* The version's byte at offset ARG becomes 2. */
static void version_2(struct env *env, const struct conf_case *self)
{
    struct addcow_check_result r;

    put_doubtful(env);
    put_byte(env, ADDCOW_NAME, 2, self->arg);
    expect_refused(env, "CHK-6", shim_check(env, &r, ADDCOW_NAME),
                   ADDCOW_VERSION, 0);
}

const struct conf_case cases_chk[] = {
    {"chk/reserved-byte-first", "A reserved byte that is not zero is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = corrupt_image,
     .arg = RESERVED_FIRST},
    {"chk/reserved-byte-last",
     "The last byte of the header not being zero is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = RESERVED_LAST},
    {"chk/padding-of-the-image-name",
     "A byte after the image file's name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = PADDING_IMAGE},
    {"chk/padding-of-the-backing-name",
     "A byte after the backing file's name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = PADDING_BACKING},
    {"chk/image-name-without-nul", "An image name without NUL is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = NO_NUL_IMAGE},
    {"chk/backing-name-without-nul", "A backing name without NUL is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = corrupt_image,
     .arg = NO_NUL_BACKING},
    {"chk/image-name-empty", "An empty image name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = NO_IMAGE_NAME},
    {"chk/header-a-byte-short", "A header of 2559 bytes is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = SHORT_HEADER},
    {"chk/bitmap-a-byte-short", "A bitmap one byte short is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = SHORT_BITMAP},
    {"chk/no-bitmap", "A missing bitmap is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = corrupt_image, .arg = NO_BITMAP},

    {"chk/protocol-colon", "A protocol colon is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = COLON},
    {"chk/same-file", "The add-cow file as image file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_image, .arg = SAME_FILE},
    {"chk/image-is-directory",
     "A directory as image file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = DIRECTORY},
    {"chk/protocol-colon-of-the-backing-name",
     "A protocol colon of the backing name is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = BACKING_COLON},
    {"chk/backing-name-is-a-url",
     "A URL as backing name is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = BACKING_URL},
    {"chk/backing-is-the-image",
     "The image file as backing file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = BACKING_IS_IMAGE},
    {"chk/backing-is-the-image-by-hard-link",
     "A hard link to the image file as backing file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_image,
     .arg = BACKING_LINKS_IMAGE},
    {"chk/backing-is-the-add-cow-file",
     "The add-cow file as backing file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_image, .arg = BACKING_IS_ENTRY},
    {"chk/backing-is-the-add-cow-file-by-hard-link",
     "A hard link to the add-cow file as backing file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_image,
     .arg = BACKING_LINKS_ENTRY},

    {"chk/size-0", "An image of size 0 has no errors and no clusters",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = SIZE_0},
    {"chk/one-sector", "An image of one sector has one cluster", "CHK-2 CHK-4",
     NEEDS, .run = sound_image, .arg = ONE_SECTOR},
    {"chk/one-cluster-allocated", "An image of one cluster, allocated",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = ONE_CLUSTER_SET},
    {"chk/cluster-7-allocated", "Cluster 7 is counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = BIT_7},
    {"chk/cluster-8-allocated", "Cluster 8 is counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = BIT_8},
    {"chk/8-of-8-allocated", "All of eight clusters are counted",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = EIGHT_ALL},
    {"chk/9-of-9-allocated", "All of nine clusters are counted", "CHK-4 CHK-2",
     NEEDS, .run = sound_image, .arg = NINE_ALL},
    {"chk/last-cluster-clipped", "A clipped last cluster counts as one",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = TAIL_CLUSTER},
    {"chk/none-allocated", "No cluster of a hundred is counted", "CHK-4 CHK-2",
     NEEDS, .run = sound_image, .arg = NOTHING_SET},
    {"chk/clusters-about-the-table-boundary",
     "Clusters 524287 and 524288 are counted", "CHK-4 CHK-2", NEEDS,
     .run = sound_image, .arg = TABLE},
    {"chk/cluster-above-2-tib", "The first cluster above 2 TiB is counted",
     "CHK-4 CHK-2", NEEDS, .run = sound_image, .arg = TWO_TIB},
    {"chk/without-backing-file", "An image without a backing file is sound",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = NO_BACKING},
    {"chk/backing-shorter", "A short backing file is no error", "CHK-2 CHK-4",
     NEEDS, .run = sound_image, .arg = BACKING_SHORT},
    {"chk/backing-longer", "A long backing file is no error", "CHK-2 CHK-4",
     NEEDS, .run = sound_image, .arg = BACKING_LONG},
    {"chk/padded-to-a-sector", "Zeros after the bitmap are no error",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = PADDED},
    {"chk/far-longer-than-the-bitmap", "70000 bytes more are no error",
     "CHK-2 CHK-4", NEEDS, .run = sound_image, .arg = FAR_LONGER},
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
     NEEDS | CASE_REFUSES, .run = nothing_modified, .arg = RESERVED_LAST,
     .text = "broken"},
    {"chk/modifies-nothing-of-a-short-bitmap",
     "A check of a short bitmap modifies no file", "CHK-5",
     NEEDS | CASE_REFUSES, .run = nothing_modified, .arg = SHORT_BITMAP,
     .text = "broken"},
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

    {"chk/image-file-of-511-bytes", "An image file of 511 bytes is a warning",
     "CHK-7 CHK-2 CHK-4", NEEDS, .run = odd_image, .arg = 511},
    {"chk/image-file-of-513-bytes", "An image file of 513 bytes is a warning",
     "CHK-7 CHK-2 CHK-4", NEEDS, .run = odd_image, .arg = 513},
    {"chk/image-file-a-byte-past-a-cluster",
     "An image file of 65537 bytes is a warning", "CHK-7 CHK-2 CHK-4", NEEDS,
     .run = odd_image, .arg = CLUSTER + 1},
    {0}};
