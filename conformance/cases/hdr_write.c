/* SPDX-License-Identifier: MIT
 *
 * hdr_write.c - chapter 3, Header: what a creator writes, and that nobody
 * changes it afterwards.
 *
 * Deliberately missing: the order of a creator's writes (crt_order.c).
 */
#include "all.h"
#include "steps/names.h"

#define MAGIC_LEN 8
#define VERSION_FIELD 8

/* ---- What a creator writes ---------------------------------------------- */

static void create_over(struct env *env, const char *image_name,
                        const char *backing_name)
{
    struct addcow_create_args args = {
        .size = sizeof(args),
        .flags = backing_name ? 0 : ADDCOW_CREATE_NO_BACKING,
        .name = ADDCOW_NAME,
        .image_name = image_name,
        .backing_name = backing_name};

    put_pattern(env, IMAGE_NAME, TAG_OLD, 3 * CLUSTER);
    put_pattern(env, BACKING_NAME, TAG_BACKING, 3 * CLUSTER);
    expect_ok(env, "HDR-1", shim_create(env, &args));
}

static void expect_header(struct env *env, const char *image_name,
                          const char *backing_name)
{
    uint8_t want[HEADER_LEN];
    uint8_t got[HEADER_LEN];

    header_build(want, image_name, backing_name);
    get_bytes(env, ADDCOW_NAME, got, HEADER_LEN, 0);
    expect_bytes(env, "HDR-1", "magic", got, want, MAGIC_LEN);
    expect_bytes(env, "HDR-1", "version", got + VERSION_FIELD,
                 want + VERSION_FIELD, 4);
    expect_bytes(env, "HDR-1", "backing_file field", got + BACKING_FIELD,
                 want + BACKING_FIELD, NAME_FIELD_LEN);
    expect_bytes(env, "HDR-1", "image_file field", got + IMAGE_FIELD,
                 want + IMAGE_FIELD, NAME_FIELD_LEN);
    expect_bytes(env, "HDR-1", "reserved bytes", got + RESERVED_FIELD,
                 want + RESERVED_FIELD, HEADER_LEN - RESERVED_FIELD);
}

static void create_header(struct env *env, const struct conf_case *self)
{
    (void)self;
    create_over(env, IMAGE_NAME, BACKING_NAME);
    expect_header(env, IMAGE_NAME, BACKING_NAME);
}

/* ARG is the length of both names. */
static void create_long_names(struct env *env, const struct conf_case *self)
{
    const char *image_name = padded_name(env, IMAGE_NAME, self->arg);
    const char *backing_name = padded_name(env, BACKING_NAME, self->arg);

    create_over(env, image_name, backing_name);
    expect_header(env, image_name, backing_name);
}

static void create_no_backing(struct env *env, const struct conf_case *self)
{
    (void)self;
    create_over(env, IMAGE_NAME, NULL);
    expect_header(env, IMAGE_NAME, "");
}

/* Where a file with longer names is replaced nothing of them stays. */
static void create_replacing(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .flags = ADDCOW_CREATE_REPLACE,
                                      .name = ADDCOW_NAME,
                                      .image_name = IMAGE_NAME,
                                      .backing_name = BACKING_NAME};

    (void)self;
    put_pattern(env, IMAGE_NAME, TAG_OLD, 3 * CLUSTER);
    put_pattern(env, BACKING_NAME, TAG_BACKING, 3 * CLUSTER);
    put_pattern(env, ADDCOW_NAME, TAG_OLD, HEADER_LEN + SECTOR);
    expect_ok(env, "HDR-1", shim_create(env, &args));
    expect_header(env, IMAGE_NAME, BACKING_NAME);
}

/* ---- The header of an existing image ------------------------------------ */

static void expect_same_header(struct env *env, const uint8_t *want)
{
    uint8_t got[HEADER_LEN];

    get_bytes(env, ADDCOW_NAME, got, HEADER_LEN, 0);
    expect_bytes(env, "HDR-11", "header", got, want, HEADER_LEN);
}

/* Names that reach to the ends of their fields, so that the sector which the
 * header shares with the first bits has bytes to lose. */
static void image_with_long_names(struct env *env, uint8_t *header)
{
    make_image(env,
               &(struct image_recipe){
                   .image_name = padded_name(env, IMAGE_NAME, MAX_NAME),
                   .backing_name = padded_name(env, BACKING_NAME, MAX_NAME),
                   .image_size = 20 * CLUSTER + SECTOR,
                   .backing_size = 3 * CLUSTER});
    get_bytes(env, ADDCOW_NAME, header, HEADER_LEN, 0);
}

static void header_after_opening(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];
    struct img *img;

    image_with_long_names(env, header);
    img = open_image(env, (uint32_t)self->arg);
    expect_same_header(env, header);
    must_close(img);
    expect_same_header(env, header);
}

static void header_after_writes(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];
    struct img *img;

    image_with_long_names(env, header);
    img = open_image(env, (uint32_t)self->arg);
    must_write(img, SECTOR, 0);
    expect_same_header(env, header);
    must_flush(img);
    expect_same_header(env, header);
    must_write(img, 12 * CLUSTER, 8 * CLUSTER + SECTOR);
    must_close(img);
    expect_same_header(env, header);
}

static void header_after_discard(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];
    struct img *img;

    (void)self;
    image_with_long_names(env, header);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, 2 * CLUSTER, 0);
    expect_ok(env, "HDR-11", img_discard(img, 3 * CLUSTER, 0));
    must_close(img);
    expect_same_header(env, header);
}

/* Whether the resize is refused is not the question here. */
static void header_after_resize(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];
    struct img *img;

    image_with_long_names(env, header);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    (void)img_set_size(img, self->arg);
    expect_same_header(env, header);
    must_close(img);
    expect_same_header(env, header);
}

#define CREATE ADDCOW_CAP_CREATE
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_hdr_write[] = {
    {"hdr/create-writes-each-field",
     "A created header has each field at its bytes, zeros after the names",
     "HDR-1", CREATE, .run = create_header},
    {"hdr/create-writes-names-of-1022-bytes",
     "Names of 1022 bytes leave two zeros in their fields", "HDR-1", CREATE,
     .run = create_long_names, .arg = MAX_NAME - 1},
    {"hdr/create-writes-names-of-1023-bytes",
     "Names of 1023 bytes leave one NUL in their fields", "HDR-1", CREATE,
     .run = create_long_names, .arg = MAX_NAME},
    {"hdr/create-without-backing-leaves-zeros",
     "Without a backing file the backing_file field is zeros", "HDR-1", CREATE,
     .run = create_no_backing},
    {"hdr/create-replacing-leaves-nothing-old",
     "Where a file is replaced its bytes do not show after the names", "HDR-1",
     CREATE, .run = create_replacing},
    {"hdr/unchanged-by-opening",
     "Opening for writing and closing leave the header as it was", "HDR-11",
     WRITE, .run = header_after_opening, .arg = ADDCOW_OPEN_WRITE},
    {"hdr/unchanged-by-writes",
     "Writes, a flush and closing leave the header as it was", "HDR-11", WRITE,
     .run = header_after_writes, .arg = ADDCOW_OPEN_WRITE},
    {"hdr/unchanged-by-writethrough",
     "Writes under writethrough leave the header as it was", "HDR-11",
     WRITE | ADDCOW_CAP_WRITETHROUGH, .run = header_after_writes,
     .arg = ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH},
    {"hdr/unchanged-by-discard", "A discard leaves the header as it was",
     "HDR-11", WRITE | ADDCOW_CAP_DISCARD, .run = header_after_discard},
    {"hdr/unchanged-by-growth", "A growth leaves the header as it was",
     "HDR-11", WRITE | ADDCOW_CAP_RESIZE, .run = header_after_resize,
     .arg = 90 * CLUSTER},
    {"hdr/unchanged-by-shrinking", "Shrinking leaves the header as it was",
     "HDR-11", WRITE | ADDCOW_CAP_RESIZE, .run = header_after_resize,
     .arg = SECTOR},
    {0}};
