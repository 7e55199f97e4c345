/* SPDX-License-Identifier: MIT
 *
 * nam_same.c - chapter 4, Names and files: two names that lead to one file.
 *
 * Deliberately missing: what else names may lead to (nam_files.c).
 */
#include "all.h"
#include "steps/create.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

enum same { COW_AND_IMAGE, COW_AND_BACKING, IMAGE_AND_BACKING };

/* Another way to spell NAME: "hard", "symbolic" and "chain" make links. */
static const char *spelled(struct env *env, const char *name, const char *how)
{
    char *out = case_alloc(env, 64);

    if (!strcmp(how, "as it is"))
        return name;
    if (!strcmp(how, "absolute"))
        return absolute(env, name);
    if (!strcmp(how, "hard"))
        put_link(env, "alias", name);
    if (!strcmp(how, "symbolic") || !strcmp(how, "chain"))
        put_symlink(env, "alias", name);
    if (!strcmp(how, "chain"))
        put_symlink(env, "alias2", "./alias");
    put_dir(env, "d");
    if (!strcmp(how, "dot"))
        strcpy(out, "./");
    if (!strcmp(how, "detour"))
        strcpy(out, "d/../");
    if (!strcmp(how, "chain"))
        return "alias2";
    if (out[0])
        return strcat(out, name);
    return "alias";
}

/* ARG: which two files; TEXT: how the second is spelled. */
static void same_file_twice(struct env *env, const struct conf_case *self)
{
    const char *first =
        self->arg == IMAGE_AND_BACKING ? IMAGE_NAME : ADDCOW_NAME;
    const char *alias;

    good_image(env);
    alias = spelled(env, first, self->text);
    if (self->arg == COW_AND_IMAGE) {
        put_names(env, alias, BACKING_NAME);
        refuse_open(env, "NAM-10", ADDCOW_NAME, same_file);
    } else {
        put_names(env, IMAGE_NAME, alias);
        refuse_backing(env, "NAM-10", ADDCOW_NAME, 0, same_file);
    }
}

/* A write of a whole cluster needs no backing file; but no file is changed
 * before it is known that this one is another.  A writer that holds its data
 * back (FLS-3) finds that out in the flush.  ARG: which two files. */
static void same_file_written(struct env *env, const struct conf_case *self)
{
    struct snapshot *before;
    struct img *img = NULL;
    int result;

    good_image(env);
    put_names(env, IMAGE_NAME,
              self->arg == COW_AND_BACKING ? ADDCOW_NAME : IMAGE_NAME);
    before = take_snapshot(env);
    result = img_open(env, &img, ADDCOW_NAME, ADDCOW_OPEN_WRITE);
    if (result == ADDCOW_OK)
        result = write_new(img, CLUSTER, 0);
    if (result == ADDCOW_OK)
        result = img_flush(img);
    expect_class(env, "NAM-10", result, same_file);
    if (img)
        (void)img_close(img);
    expect_unchanged(env, "NAM-10", before, IMAGE_NAME);
    expect_bit(env, "NAM-10", ADDCOW_NAME, 0, 0);
}

/* An implementation that cannot find out whether it is the same file must not
 * go on as if it were not. */
static void same_file_untold(struct env *env, const struct conf_case *self)
{
    static const int any[] = {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_IO,
                              ADDCOW_OTHER, 0};

    for (uint64_t nth = 1; nth <= 6; nth++) {
        good_image(env);
        put_names(env, ADDCOW_NAME, BACKING_NAME);
        put_fault(env, &(struct fault){.kind = EV_IDENTIFY,
                                       .nth = nth,
                                       .result = ADDCOW_IO,
                                       .for_good = self->arg != 0});
        refuse_open(env, "NAM-10", ADDCOW_NAME, any);
        new_world(env);
    }
}

/* The add-cow file is opened by another name than the header's. */
static void opened_by_an_alias(struct env *env, const struct conf_case *self)
{
    good_image(env);
    put_names(env, ADDCOW_NAME, BACKING_NAME);
    spelled(env, ADDCOW_NAME, self->text);
    refuse_open(env, "NAM-10", "alias", same_file);
}

/* Equal content in files of equal length does not make one of two files. */
static void equal_files(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    copy_file(env, BACKING_NAME, IMAGE_NAME);
    (void)expect_open(env, "NAM-10", 0);
}

static void equal_names(struct env *env, const struct conf_case *self)
{
    struct img *img = NULL;

    (void)self;
    put_dir(env, "a");
    put_dir(env, "b");
    make_image(env, &(struct image_recipe){.name = "disk",
                                           .image_name = "a/disk",
                                           .backing_name = "b/disk",
                                           .image_size = GOOD_SIZE,
                                           .backing_size = GOOD_SIZE,
                                           .set = only_the_middle});
    expect_ok(env, "NAM-10", img_open(env, &img, "disk", 0));
    expect_guest_all(img, "NAM-10");
}

/* A number is given once on each device, not once in the world. */
static void spread_over_devices(struct env *env)
{
    set_identity(env, IMAGE_NAME, 2, 12);
    set_identity(env, BACKING_NAME, 3, 12);
    if (file_exists(env, ADDCOW_NAME))
        set_identity(env, ADDCOW_NAME, 4, 12);
}

static void equal_numbers(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    spread_over_devices(env);
    expect_guest_all(expect_open(env, "NAM-10", 0), "NAM-10");
}

/* Files with several names each are still three files. */
static void linked_files(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    put_link(env, "image-too", IMAGE_NAME);
    put_symlink(env, "backing-too", BACKING_NAME);
    put_names(env, "image-too", "backing-too");
    expect_guest_all(expect_open(env, "NAM-10", 0), "NAM-10");
}

static void create_same_file(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *before;

    put_pattern(env, IMAGE_NAME, TAG_OLD, GOOD_SIZE);
    args.backing_name = spelled(env, IMAGE_NAME, self->text);
    before = take_snapshot(env);
    expect_refused(env, "NAM-11", shim_create(env, &args), ADDCOW_INVALID, 0);
    expect_nothing_changed(env, "NAM-11", before);
}

static void create_equal_files(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);

    (void)self;
    put_pattern(env, IMAGE_NAME, TAG_OLD, GOOD_SIZE);
    copy_file(env, BACKING_NAME, IMAGE_NAME);
    must_create(env, "NAM-11", &args);
}

static void create_equal_numbers(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);

    (void)self;
    put_inputs(env, GOOD_SIZE, GOOD_SIZE);
    spread_over_devices(env);
    must_create(env, "NAM-11", &args);
}

#define CREATE ADDCOW_CAP_CREATE

const struct conf_case cases_nam_same[] = {
    {"nam/backing-file-is-the-image-file-at-a-write",
     "A whole cluster is not written while the backing file is the image file",
     "NAM-10", ADDCOW_CAP_WRITE | CASE_REFUSES, .run = same_file_written,
     .arg = IMAGE_AND_BACKING},
    {"nam/backing-file-is-the-add-cow-file-at-a-write",
     "Nor is it while the backing file is the add-cow file", "NAM-10",
     ADDCOW_CAP_WRITE | CASE_REFUSES, .run = same_file_written,
     .arg = COW_AND_BACKING},
    {"nam/image-is-the-add-cow-file",
     "The add-cow file named as its own image file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_IMAGE,
     .text = "as it is"},
    {"nam/image-is-the-add-cow-file-by-dot-slash",
     "The add-cow file named ./test.add-cow as image file is refused",
     "NAM-10", CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_IMAGE,
     .text = "dot"},
    {"nam/image-is-the-add-cow-file-by-hard-link",
     "A hard link to the add-cow file as image file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_IMAGE,
     .text = "hard"},
    {"nam/image-is-the-add-cow-file-by-symbolic-link",
     "A symbolic link to the add-cow file as image file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_IMAGE,
     .text = "symbolic"},
    {"nam/image-is-the-add-cow-file-by-absolute-name",
     "The add-cow file's absolute name as image file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_IMAGE,
     .text = "absolute"},
    {"nam/add-cow-file-opened-by-hard-link",
     "An image opened by a hard link that names the first name is refused",
     "NAM-10", CASE_REFUSES, .run = opened_by_an_alias, .text = "hard"},
    {"nam/add-cow-file-opened-by-symbolic-link",
     "An image opened by a symbolic link that names the file is refused",
     "NAM-10", CASE_REFUSES, .run = opened_by_an_alias, .text = "symbolic"},
    {"nam/backing-is-the-add-cow-file",
     "The add-cow file named as its own backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_BACKING,
     .text = "as it is"},
    {"nam/backing-is-the-add-cow-file-by-detour",
     "The add-cow file named d/../test.add-cow as backing file is refused",
     "NAM-10", CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_BACKING,
     .text = "detour"},
    {"nam/backing-is-the-add-cow-file-by-hard-link",
     "A hard link to the add-cow file as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_BACKING,
     .text = "hard"},
    {"nam/backing-is-the-add-cow-file-by-symbolic-link",
     "A symbolic link to the add-cow file as backing file is refused",
     "NAM-10", CASE_REFUSES, .run = same_file_twice, .arg = COW_AND_BACKING,
     .text = "symbolic"},
    {"nam/backing-is-the-image",
     "The image file named as backing file is refused", "NAM-10", CASE_REFUSES,
     .run = same_file_twice, .arg = IMAGE_AND_BACKING, .text = "as it is"},
    {"nam/backing-is-the-image-by-dot-slash",
     "The image file named ./test.raw as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "dot"},
    {"nam/backing-is-the-image-by-detour",
     "The image file named d/../test.raw as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "detour"},
    {"nam/backing-is-the-image-by-hard-link",
     "A hard link to the image file as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "hard"},
    {"nam/backing-is-the-image-by-symbolic-link",
     "A symbolic link to the image file as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "symbolic"},
    {"nam/backing-is-the-image-by-two-links",
     "A link to a link to the image file as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "chain"},
    {"nam/backing-is-the-image-by-absolute-name",
     "The image file's absolute name as backing file is refused", "NAM-10",
     CASE_REFUSES, .run = same_file_twice, .arg = IMAGE_AND_BACKING,
     .text = "absolute"},
    {"nam/same-file-that-the-host-cannot-identify",
     "A file is not taken for another because the host cannot identify it",
     "NAM-10", ADDCOW_CAP_HOST | CASE_REFUSES, .run = same_file_untold,
     .arg = 1},
    {"nam/same-file-that-the-host-cannot-identify-once",
     "A file is not taken for another because the host fails once", "NAM-10",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = same_file_untold},
    {"nam/equal-content-is-not-the-same-file",
     "Image file and backing file of equal content are two files", "NAM-10", 0,
     .run = equal_files},
    {"nam/equal-names-are-not-the-same-file",
     "Files called disk, a/disk and b/disk are three files", "NAM-10", 0,
     .run = equal_names},
    {"nam/equal-numbers-on-three-devices-are-three-files",
     "Files of one inode number on different devices are different files",
     "NAM-10", 0, .run = equal_numbers},
    {"nam/linked-files-are-still-three",
     "Names that are links to different files are good", "NAM-10", 0,
     .run = linked_files},
    {"nam/create-refuses-one-name-twice",
     "A creator refuses one name for image file and backing file", "NAM-11",
     CREATE | CASE_REFUSES, .run = create_same_file, .text = "as it is"},
    {"nam/create-refuses-one-file-by-dot-slash",
     "A creator refuses ./test.raw as backing file of test.raw", "NAM-11",
     CREATE | CASE_REFUSES, .run = create_same_file, .text = "dot"},
    {"nam/create-refuses-one-file-by-hard-link",
     "A creator refuses a hard link to the image file as backing file",
     "NAM-11", CREATE | CASE_REFUSES, .run = create_same_file, .text = "hard"},
    {"nam/create-refuses-one-file-by-symbolic-link",
     "A creator refuses a symbolic link to the image file as backing file",
     "NAM-11", CREATE | CASE_REFUSES, .run = create_same_file,
     .text = "symbolic"},
    {"nam/create-takes-equal-numbers-on-two-devices",
     "A creator takes files of one inode number on different devices",
     "NAM-11", CREATE, .run = create_equal_numbers},
    {"nam/create-takes-equal-files",
     "A creator takes two files of equal content", "NAM-11", CREATE,
     .run = create_equal_files},
    {0}};
