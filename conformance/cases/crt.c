/* SPDX-License-Identifier: MIT
 *
 * crt.c - chapter 11, Create: what a creator refuses and what it makes.
 *
 * The order of its host calls, and what it leaves behind when they fail,
 * are in crt_order.c, its fields and its length in the chapters on the header
 * and the bitmap.
 */
#include "all.h"
#include "steps/create.h"

#define CREATE ADDCOW_CAP_CREATE

/* ---- Files that are missing: CRT-1, CRT-4 ------------------------------- */

static void input_missing(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args((uint32_t)self->arg);
    struct snapshot *s;

    put_inputs(env, 3 * CLUSTER, 3 * CLUSTER);
    remove_file(env, self->text);
    s = take_snapshot(env);
    expect_refused(env, self->clauses, shim_create(env, &args),
                   ADDCOW_NOT_FOUND, 0);
    expect_no_image(env, self->clauses, s);
    expect_that(env, self->clauses, "the missing file is not made",
                !file_exists(env, self->text), "\"%s\" was made", self->text);
}

static void inputs_present(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);

    (void)self;
    put_inputs(env, 3 * CLUSTER, 3 * CLUSTER);
    expect_ok(env, "CRT-1", shim_create(env, &args));
    expect_that(env, "CRT-4", "the add-cow file exists",
                has_magic(env, ADDCOW_NAME), "no file that has the magic");
}

/* ---- Inputs are only read: CRT-2, CRT-5 --------------------------------- */

static void inputs_unchanged(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    put_inputs(env, self->arg, CLUSTER + 700);
    s = take_snapshot(env);
    must_create(env, "CRT-2", &args);
    expect_unchanged(env, "CRT-2", s, IMAGE_NAME);
    expect_unchanged(env, "CRT-2", s, BACKING_NAME);
}

static void inputs_read_only(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);

    (void)self;
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    set_read_only(env, IMAGE_NAME, 1);
    set_read_only(env, BACKING_NAME, 1);
    must_create(env, "CRT-5", &args);
    expect_new_image(env, "CRT-5", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                     3 * CLUSTER);
}

/* ---- Bits: CRT-3 -------------------------------------------------------- */

static void bits_are_0(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    uint64_t c, n = clusters_of(self->arg);

    put_inputs(env, self->arg, CLUSTER);
    must_create(env, "CRT-3", &args);
    for (c = 0; c < n; c++)
        expect_bit(env, "CRT-3", ADDCOW_NAME, c, 0);
}

/* ---- A stated size: CRT-6 ----------------------------------------------- */

static void stated_size_agrees(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(ADDCOW_CREATE_SIZED);

    args.virtual_size = self->arg;
    put_inputs(env, self->arg, CLUSTER);
    must_create(env, "CRT-6", &args);
    expect_new_image(env, "CRT-6", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                     self->arg);
}

static void stated_size_differs(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(ADDCOW_CREATE_SIZED);
    struct snapshot *s;

    args.virtual_size = self->arg;
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    s = take_snapshot(env);
    expect_refused(env, "CRT-6", shim_create(env, &args), ADDCOW_INVALID,
                   ADDCOW_RANGE, 0);
    expect_no_image(env, "CRT-6", s);
}

/* ---- The target: CRT-7, CRT-8 ------------------------------------------- */

/* TEXT is the target, ARG the flags. */
static void target_is_an_input(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args((uint32_t)self->arg);
    struct snapshot *s;

    put_inputs(env, 3 * CLUSTER, CLUSTER);
    put_symlink(env, "link-to-image", IMAGE_NAME);
    put_symlink(env, "link-to-backing", BACKING_NAME);
    put_link(env, "second-name-of-image", IMAGE_NAME);
    put_link(env, "second-name-of-backing", BACKING_NAME);
    s = take_snapshot(env);
    args.name = self->text;
    expect_refused(env, "CRT-7", shim_create(env, &args), ADDCOW_INVALID,
                   ADDCOW_EXISTS, 0);
    expect_nothing_changed(env, "CRT-7", s);
}

/* ARG is the length of the file that is there. */
static void target_exists(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    put_inputs(env, 3 * CLUSTER, CLUSTER);
    put_old_target(env, self->arg);
    s = take_snapshot(env);
    expect_refused(env, "CRT-8", shim_create(env, &args), ADDCOW_EXISTS, 0);
    expect_nothing_changed(env, "CRT-8", s);
}

static void target_is_a_link(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    (void)self;
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    put_old_target(env, 4000);
    put_symlink(env, "link", ADDCOW_NAME);
    s = take_snapshot(env);
    args.name = "link";
    expect_refused(env, "CRT-8", shim_create(env, &args), ADDCOW_EXISTS, 0);
    expect_nothing_changed(env, "CRT-8", s);
}

static void second_create(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    (void)self;
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    must_create(env, "CRT-8", &args);
    s = take_snapshot(env);
    expect_refused(env, "CRT-8", shim_create(env, &args), ADDCOW_EXISTS, 0);
    expect_nothing_changed(env, "CRT-8", s);
}

/* ---- Replacing: CRT-9 --------------------------------------------------- */

/* ARG is the length of the old file. */
static void replaced(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(ADDCOW_CREATE_REPLACE);

    put_inputs(env, 17 * CLUSTER, CLUSTER);
    put_old_target(env, self->arg);
    must_create(env, "CRT-9", &args);
    expect_new_image(env, "CRT-9", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                     17 * CLUSTER);
}

static void nothing_to_replace(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(ADDCOW_CREATE_REPLACE);

    (void)self;
    put_inputs(env, 17 * CLUSTER, CLUSTER);
    must_create(env, "CRT-9", &args);
    expect_new_image(env, "CRT-9", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                     17 * CLUSTER);
}

#define REPLACE ADDCOW_CREATE_REPLACE

const struct conf_case cases_crt[] = {
    {"crt/image-and-backing-file-exist",
     "A create over an image file and a backing file that exist succeeds",
     "CRT-1 CRT-4", CREATE, .run = inputs_present},
    {"crt/image-file-missing", "An image file that does not exist is refused",
     "CRT-1", CREATE | CASE_REFUSES, .run = input_missing, .text = IMAGE_NAME},
    {"crt/image-file-missing-without-backing",
     "An image file that does not exist is refused without a backing file too",
     "CRT-1", CREATE | CASE_REFUSES, .run = input_missing,
     .arg = ADDCOW_CREATE_NO_BACKING, .text = IMAGE_NAME},
    {"crt/inputs-stay-as-they-are",
     "Image file and backing file are not modified", "CRT-2", CREATE,
     .run = inputs_unchanged, .arg = 9 * CLUSTER + 512},
    {"crt/inputs-stay-as-they-are-at-size-0",
     "An empty image file stays empty", "CRT-2", CREATE,
     .run = inputs_unchanged},
    {"crt/bits-are-0-over-old-content",
     "Every bit is 0 although the image file holds data", "CRT-3", CREATE,
     .run = bits_are_0, .arg = 9 * CLUSTER + 512},
    {"crt/bits-are-0-over-8-clusters",
     "Every bit is 0 where the bitmap is one whole byte", "CRT-3", CREATE,
     .run = bits_are_0, .arg = 8 * CLUSTER},
    {"crt/bits-are-0-over-one-sector",
     "The only bit is 0 where the disk is one sector", "CRT-3", CREATE,
     .run = bits_are_0, .arg = 512},
    {"crt/backing-file-missing",
     "A backing file that does not exist is refused", "CRT-4",
     CREATE | CASE_REFUSES, .run = input_missing, .text = BACKING_NAME},
    {"crt/inputs-read-only",
     "No write access to the image file or the backing file is needed",
     "CRT-5", CREATE, .run = inputs_read_only},
    {"crt/stated-size-agrees",
     "A stated virtual size that is the image file's is accepted", "CRT-6",
     CREATE, .run = stated_size_agrees, .arg = 3 * CLUSTER},
    {"crt/stated-size-0-agrees",
     "A stated virtual size of 0 is accepted over an empty image file",
     "CRT-6", CREATE, .run = stated_size_agrees},
    {"crt/stated-size-a-sector-short",
     "A stated virtual size one sector below the image file's is refused",
     "CRT-6", CREATE | CASE_REFUSES, .run = stated_size_differs,
     .arg = 3 * CLUSTER - 512},
    {"crt/stated-size-a-sector-long",
     "A stated virtual size one sector above the image file's is refused",
     "CRT-6", CREATE | CASE_REFUSES, .run = stated_size_differs,
     .arg = 3 * CLUSTER + 512},
    {"crt/stated-size-0-differs",
     "A stated virtual size of 0 is refused over an image file with data",
     "CRT-6", CREATE | CASE_REFUSES, .run = stated_size_differs},
    {"crt/stated-size-4-gib-more",
     "A stated size that agrees in its low 32 bits alone is refused", "CRT-6",
     CREATE | CASE_REFUSES, .run = stated_size_differs,
     .arg = 4 * GIB + 3 * CLUSTER},
    {"crt/stated-size-a-byte-more",
     "A stated virtual size one byte above the image file's is refused",
     "CRT-6", CREATE | CASE_REFUSES, .run = stated_size_differs,
     .arg = 3 * CLUSTER + 1},
    {"crt/target-is-the-image-file", "The image file as target is refused",
     "CRT-7", CREATE | CASE_REFUSES, .run = target_is_an_input,
     .text = IMAGE_NAME},
    {"crt/target-is-the-image-file-replacing",
     "The image file as target is refused when replacing was asked for",
     "CRT-7", CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = IMAGE_NAME},
    {"crt/target-is-the-backing-file", "The backing file as target is refused",
     "CRT-7", CREATE | CASE_REFUSES, .run = target_is_an_input,
     .text = BACKING_NAME},
    {"crt/target-is-the-backing-file-replacing",
     "The backing file as target is refused when replacing was asked for",
     "CRT-7", CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = BACKING_NAME},
    {"crt/target-is-the-image-file-spelled-otherwise",
     "The image file as target is refused however it is spelled", "CRT-7",
     CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = "./" IMAGE_NAME},
    {"crt/target-is-a-link-to-the-image-file",
     "A symbolic link to the image file is refused as target", "CRT-7",
     CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = "link-to-image"},
    {"crt/target-is-a-link-to-the-backing-file",
     "A symbolic link to the backing file is refused as target", "CRT-7",
     CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = "link-to-backing"},
    {"crt/target-is-a-second-name-of-the-image-file",
     "A hard link to the image file is refused as target", "CRT-7",
     CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = "second-name-of-image"},
    {"crt/target-is-a-second-name-of-the-backing-file",
     "A hard link to the backing file is refused as target", "CRT-7",
     CREATE | CASE_REFUSES, .run = target_is_an_input, .arg = REPLACE,
     .text = "second-name-of-backing"},
    {"crt/target-exists", "A target that is an image already is refused",
     "CRT-8", CREATE | CASE_REFUSES, .run = target_exists, .arg = 4000},
    {"crt/target-exists-and-is-empty", "An empty target is refused", "CRT-8",
     CREATE | CASE_REFUSES, .run = target_exists},
    {"crt/target-exists-and-is-no-image",
     "A target of one sector that is no image is refused", "CRT-8",
     CREATE | CASE_REFUSES, .run = target_exists, .arg = 512},
    {"crt/target-is-a-link-to-a-file",
     "A symbolic link to a file is refused as target", "CRT-8",
     CREATE | CASE_REFUSES, .run = target_is_a_link},
    {"crt/second-create-refused",
     "A second create of the same name is refused", "CRT-8",
     CREATE | CASE_REFUSES, .run = second_create},
    {"crt/replaced-file-was-longer",
     "An image that replaces a longer file equals one made anew", "CRT-9",
     CREATE, .run = replaced, .arg = 70000},
    {"crt/replaced-file-was-as-long",
     "An image that replaces one with all bits 1 equals one made anew",
     "CRT-9", CREATE, .run = replaced, .arg = 2563},
    {"crt/replaced-file-ended-in-the-header",
     "An image that replaces a file of 1000 bytes equals one made anew",
     "CRT-9", CREATE, .run = replaced, .arg = 1000},
    {"crt/replaced-file-was-a-byte",
     "An image that replaces a file of one byte equals one made anew", "CRT-9",
     CREATE, .run = replaced, .arg = 1},
    {"crt/replaced-file-was-empty",
     "An image that replaces an empty file equals one made anew", "CRT-9",
     CREATE, .run = replaced},
    {"crt/nothing-to-replace",
     "Replacing a file that does not exist makes the image anew", "CRT-9",
     CREATE, .run = nothing_to_replace},
    {0}};
