/* SPDX-License-Identifier: MIT
 *
 * chk_errors.c - chapter 14, Check: what is an error.
 *
 * Deliberately missing: images whose image or backing file is missing, and
 * backing files that a reader may open late: whether a checker counts an error
 * there or ends is left to it.
 */
#include "all.h"
#include "steps/refuse.h"

#include <string.h>

#define NEEDS ADDCOW_CAP_CHECK

static void sound_image(struct env *env)
{
    static const uint64_t set[] = {7, END_OF_LIST};

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set = set});
}

/* A check counts an error, or ends with one of CLASSES. */
static void expect_error(struct env *env, const int *classes)
{
    struct addcow_check_result r;
    int result = shim_check(env, &r, ADDCOW_NAME);

    if (result == ADDCOW_OK)
        expect_that(env, "CHK-1", "an error is reported", r.errors >= 1,
                    "no error");
    else
        expect_class(env, "CHK-1", result, classes);
}

/* ---- Broken images ------------------------------------------------------ */

/* The byte at OFFSET is ARG. */
static void wrong_byte(struct env *env, const struct conf_case *self)
{
    sound_image(env);
    put_byte(env, ADDCOW_NAME, (unsigned)self->arg, self->offset);
    expect_error(env, corrupt);
}

/* The field at OFFSET has no NUL. */
static void full_field(struct env *env, const struct conf_case *self)
{
    uint8_t field[NAME_FIELD_LEN];

    memset(field, 'x', sizeof(field));
    sound_image(env);
    put_bytes(env, ADDCOW_NAME, field, sizeof(field), self->offset);
    expect_error(env, corrupt);
}

static void no_image_name(struct env *env, const struct conf_case *self)
{
    static const uint8_t zeros[sizeof(IMAGE_NAME)];

    (void)self;
    sound_image(env);
    put_bytes(env, ADDCOW_NAME, zeros, sizeof(zeros), IMAGE_FIELD);
    expect_error(env, corrupt);
}

/* The add-cow file has ARG bytes. */
static void short_file(struct env *env, const struct conf_case *self)
{
    sound_image(env);
    resize_file(env, ADDCOW_NAME, self->arg);
    expect_error(env, corrupt);
}

/* ---- Images that may be refused with CORRUPT or else -------------------- */

/* Names that readers must refuse, with one of CLASSES. */
struct names {
    const char *image_name, *backing_name;
    const int *classes;
};

#define NAMES(...) (&(const struct names){__VA_ARGS__})

/* What the names of some image lead to is there. */
static void refused_names(struct env *env, const struct conf_case *self)
{
    const struct names *n = self->data;

    sound_image(env);
    put_names(env, n->image_name, n->backing_name);
    put_pattern(env, "d:sk.raw", TAG_OLD, 9 * CLUSTER);
    put_pattern(env, "b:se.img", TAG_BACKING, CLUSTER);
    put_dir(env, "dir");
    put_link(env, "image-too", IMAGE_NAME);
    put_link(env, "add-cow-too", ADDCOW_NAME);
    expect_error(env, n->classes);
}

/* Where a reader may open the backing file late, so may a checker. */
static void refused_backing(struct env *env, const struct conf_case *self)
{
    if (choice_of(env, "IMPL-1") != 'a')
        skip_na(env, NA_CHOICE);
    refused_names(env, self);
}

const struct conf_case cases_chk_errors[] = {
    {"chk/reserved-byte-first", "A reserved byte that is not zero is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = wrong_byte,
     .offset = RESERVED_FIELD, .arg = 1},
    {"chk/reserved-byte-last",
     "The last byte of the header not being zero is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = wrong_byte, .offset = HEADER_LEN - 1,
     .arg = 0x80},
    {"chk/padding-of-the-image-name",
     "A byte after the image file's name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = wrong_byte,
     .offset = IMAGE_FIELD + NAME_FIELD_LEN - 1, .arg = 1},
    {"chk/padding-of-the-backing-name",
     "A byte after the backing file's name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = wrong_byte,
     .offset = BACKING_FIELD + sizeof(BACKING_NAME), .arg = 1},
    {"chk/image-name-without-nul", "An image name without NUL is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = full_field, .offset = IMAGE_FIELD},
    {"chk/backing-name-without-nul", "A backing name without NUL is an error",
     "CHK-1", NEEDS | CASE_REFUSES, .run = full_field,
     .offset = BACKING_FIELD},
    {"chk/image-name-empty", "An empty image name is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = no_image_name},
    {"chk/header-a-byte-short", "A header of 2559 bytes is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = short_file, .arg = HEADER_LEN - 1},
    {"chk/bitmap-a-byte-short", "A bitmap one byte short is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = short_file, .arg = HEADER_LEN + 1},
    {"chk/no-bitmap", "A missing bitmap is an error", "CHK-1",
     NEEDS | CASE_REFUSES, .run = short_file, .arg = HEADER_LEN},

    {"chk/protocol-colon", "A protocol colon is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_names,
     .data = NAMES("d:sk.raw", BACKING_NAME, reserved_name)},
    {"chk/same-file", "The add-cow file as image file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_names,
     .data = NAMES(ADDCOW_NAME, BACKING_NAME, same_file)},
    {"chk/image-is-directory",
     "A directory as image file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_names,
     .data = NAMES("dir", BACKING_NAME, special_file)},
    {"chk/protocol-colon-of-the-backing-name",
     "A protocol colon of the backing name is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_names,
     .data = NAMES(IMAGE_NAME, "b:se.img", reserved_name)},
    {"chk/backing-name-is-a-url",
     "A URL as backing name is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_names,
     .data = NAMES(IMAGE_NAME, "nbd://host/" BACKING_NAME, reserved_name)},
    {"chk/backing-is-the-image",
     "The image file as backing file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_backing,
     .data = NAMES(IMAGE_NAME, IMAGE_NAME, same_file)},
    {"chk/backing-is-the-image-by-hard-link",
     "A hard link to the image file as backing file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_backing,
     .data = NAMES(IMAGE_NAME, "image-too", same_file)},
    {"chk/backing-is-the-add-cow-file",
     "The add-cow file as backing file is an error or the end", "CHK-1",
     NEEDS | CASE_REFUSES, .run = refused_backing,
     .data = NAMES(IMAGE_NAME, ADDCOW_NAME, same_file)},
    {"chk/backing-is-the-add-cow-file-by-hard-link",
     "A hard link to the add-cow file as backing file is an error or the end",
     "CHK-1", NEEDS | CASE_REFUSES, .run = refused_backing,
     .data = NAMES(IMAGE_NAME, "add-cow-too", same_file)},
    {0}};
