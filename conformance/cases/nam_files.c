/* SPDX-License-Identifier: MIT
 *
 * nam_files.c - chapter 4, Names and files: which files names may lead to,
 * and that what they hold is raw.
 *
 * Refusals that are about the backing file may come at its first use, where
 * an implementation opens it then (IMPL-1).
 */
#include "all.h"
#include "steps/create.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

static const uint64_t all_but_last[] = {0, 1, END_OF_LIST};
static const uint64_t first_byte[] = {0, 1, 2, 3, 4, 5, 6, 7, END_OF_LIST};

/* ---- The same file twice ------------------------------------------------ */

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

/* Who cannot tell whether it is the same file must not go on as if it were
 * not. */
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

/* ---- Raw bytes ---------------------------------------------------------- */

/* How a file of another format begins; without BYTES: a whole header of this
 * one. */
struct looks {
    const char *bytes;
    size_t len;
};

static const struct looks like_addcow = {NULL, HEADER_LEN};
static const struct looks like_qcow2 = {
    "QFI\xfb\0\0\0\x03\0\0\0\0\0\0\x01\0\0\0\0\x08", 20};
static const struct looks like_qcow = {
    "QFI\xfb\0\0\0\x01\0\0\0\0\0\0\0\x30\0\0\0\x08", 20};
static const struct looks like_qed = {"QED\0\0\0\x01\0\x04\0\0\0\x01\0\0\0",
                                      16};
static const struct looks like_vmdk = {"KDMV\x01\0\0\0\x03\0\0\0", 12};
static const struct looks like_vmdk_text = {
    "# Disk DescriptorFile\nversion=1\nCID=fffffffe\n", 46};
static const struct looks like_vhdx = {"vhdxfile", 8};
static const struct looks like_luks = {"LUKS\xba\xbe\0\x02", 8};
static const struct looks like_gzip = {"\x1f\x8b\x08\0", 4};

/* NAME begins with, and ends in a sector with, what another format does. */
static void disguise(struct env *env, const char *name,
                     const struct looks *looks)
{
    uint8_t header[HEADER_LEN];
    const void *bytes = looks->bytes;

    if (!bytes) {
        put_pattern(env, "inner.raw", TAG_WRITE, CLUSTER);
        put_pattern(env, "inner.img", TAG_WRITE + 1, CLUSTER);
        header_build(header, "inner.raw", "inner.img");
        bytes = header;
    }
    put_bytes(env, name, bytes, looks->len, 0);
    put_bytes(env, name, "conectix\0\0\0\x02\0\x01\0\0", 16,
              GOOD_SIZE - SECTOR);
}

/* The first and the last cluster of the guest are the bytes of NAME. */
static void expect_raw(struct env *env, const char *clause, struct img *img,
                       const char *name)
{
    uint8_t *want = case_alloc(env, CLUSTER);
    uint8_t *got = case_alloc(env, CLUSTER);

    expect_u64(env, clause, "virtual size", img_size(img), GOOD_SIZE);
    get_bytes(env, name, want, CLUSTER, 0);
    expect_ok(env, clause, img_read(img, got, CLUSTER, 0));
    expect_bytes(env, clause, "first cluster", got, want, CLUSTER);
    get_bytes(env, name, want, CLUSTER, GOOD_SIZE - CLUSTER);
    expect_ok(env, clause, img_read(img, got, CLUSTER, GOOD_SIZE - CLUSTER));
    expect_bytes(env, clause, "last cluster", got, want, CLUSTER);
}

static void allocated_image(struct env *env)
{
    make_image(env, &(struct image_recipe){.image_size = GOOD_SIZE,
                                           .backing_size = GOOD_SIZE,
                                           .set_all = 1});
}

/* DATA: what the image file looks like. */
static void raw_image(struct env *env, const struct conf_case *self)
{
    allocated_image(env);
    disguise(env, IMAGE_NAME, self->data);
    expect_raw(env, "NAM-12", expect_open(env, "NAM-12", 0), IMAGE_NAME);
}

static void raw_backing(struct env *env, const struct conf_case *self)
{
    good_image(env);
    disguise(env, BACKING_NAME, self->data);
    expect_raw(env, "NAM-13", expect_open(env, "NAM-13", 0), BACKING_NAME);
}

/* What the guest writes must not be taken for a format after a reopening. */
static void written_by_the_guest(struct env *env, const struct conf_case *self)
{
    const struct looks *looks = self->data;
    uint8_t sector[SECTOR] = {0};
    struct img *img;

    memcpy(sector, looks->bytes, looks->len);
    allocated_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "NAM-12", img_write(img, sector, SECTOR, 0));
    must_close(img);
    expect_raw(env, "NAM-12", open_image(env, 0), IMAGE_NAME);
}

/* ---- Missing files ------------------------------------------------------ */

/* TEXT: what the header names instead of the image file. */
static void image_missing(struct env *env, const struct conf_case *self)
{
    good_image(env);
    remove_file(env, IMAGE_NAME);
    put_symlink(env, "dangling", "nothing-here");
    put_names(env, self->text, BACKING_NAME);
    refuse_open(env, "NAM-14", ADDCOW_NAME, not_found);
}

/* TEXT: what the header names instead of the backing file. */
static void backing_missing(struct env *env, const struct conf_case *self)
{
    good_image(env);
    remove_file(env, BACKING_NAME);
    put_symlink(env, "dangling", "nothing-here");
    put_names(env, IMAGE_NAME, self->text);
    refuse_backing(env, "NAM-15", ADDCOW_NAME, 0, not_found);
}

/* ARG is the one cluster that is unallocated, the last. */
static void backing_missed_by_one_cluster(struct env *env,
                                          const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){
                        .image_size = self->arg * CLUSTER + SECTOR,
                        .backing_size = GOOD_SIZE,
                        .set = self->arg == 8 ? first_byte : all_but_last});
    remove_file(env, BACKING_NAME);
    refuse_backing(env, "NAM-15", ADDCOW_NAME, self->arg * CLUSTER, not_found);
}

/* ---- Kinds of file ------------------------------------------------------ */

/* "special" becomes what TEXT says. */
static const char *put_special(struct env *env, const char *kind)
{
    if (!strcmp(kind, "device"))
        return char_device(env);
    if (!strcmp(kind, "fifo"))
        put_fifo(env, "special");
    else
        put_dir(env, "special");
    if (!strcmp(kind, "link"))
        put_symlink(env, "special-link", "special");
    return strcmp(kind, "link") ? "special" : "special-link";
}

static void special_image(struct env *env, const struct conf_case *self)
{
    good_image(env);
    put_names(env, put_special(env, self->text), BACKING_NAME);
    refuse_open(env, "NAM-16", ADDCOW_NAME, special_file);
}

static void special_backing(struct env *env, const struct conf_case *self)
{
    good_image(env);
    put_names(env, IMAGE_NAME, put_special(env, self->text));
    refuse_backing(env, "NAM-16", ADDCOW_NAME, 0, special_file);
}

/* The directory that all three files lie in. */
static void own_directory_as_image(struct env *env,
                                   const struct conf_case *self)
{
    (void)self;
    good_image(env);
    put_names(env, ".", BACKING_NAME);
    refuse_open(env, "NAM-16", ADDCOW_NAME, special_file);
}

static void put_device(struct env *env, const char *name, uint32_t tag)
{
    uint8_t *content = case_alloc(env, CLUSTER);

    remove_file(env, name);
    put_block_device(env, name, GOOD_SIZE);
    pattern_fill(content, CLUSTER, 0, tag);
    put_bytes(env, name, content, CLUSTER, 0);
}

static void image_on_a_device(struct env *env, const struct conf_case *self)
{
    (void)self;
    allocated_image(env);
    put_device(env, IMAGE_NAME, TAG_OLD);
    expect_raw(env, "NAM-16", expect_open(env, "NAM-16", 0), IMAGE_NAME);
}

static void backing_on_a_device(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    put_device(env, BACKING_NAME, TAG_BACKING);
    expect_raw(env, "NAM-16", expect_open(env, "NAM-16", 0), BACKING_NAME);
}

static void write_to_a_device(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    good_image(env);
    put_device(env, IMAGE_NAME, TAG_OLD);
    img = expect_open(env, "NAM-16", ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, SECTOR);
    must_write(img, CLUSTER, GOOD_SIZE - CLUSTER);
    must_flush(img);
    expect_guest(img, "NAM-16", CLUSTER, 0);
    expect_guest(img, "NAM-16", CLUSTER, GOOD_SIZE - CLUSTER);
    must_close(img);
    expect_u64(env, "NAM-16", "length of the device",
               file_size(env, IMAGE_NAME), GOOD_SIZE);
}

#define CREATE ADDCOW_CAP_CREATE
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_nam_files[] = {
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

    {"nam/image-looks-like-add-cow",
     "An image file that begins with an add-cow header is raw", "NAM-12", 0,
     .run = raw_image, .data = &like_addcow},
    {"nam/image-looks-like-qcow2",
     "An image file that begins with a qcow2 header is raw", "NAM-12", 0,
     .run = raw_image, .data = &like_qcow2},
    {"nam/image-looks-like-vmdk",
     "An image file that begins with a VMDK header is raw", "NAM-12", 0,
     .run = raw_image, .data = &like_vmdk},
    {"nam/image-looks-like-luks",
     "An image file that begins with a LUKS header is raw", "NAM-12", 0,
     .run = raw_image, .data = &like_luks},
    {"nam/guest-writes-a-qcow2-header",
     "A qcow2 header that the guest wrote is bytes like others", "NAM-12",
     WRITE, .run = written_by_the_guest, .data = &like_qcow2},
    {"nam/backing-looks-like-add-cow",
     "A backing file that begins with an add-cow header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_addcow},
    {"nam/backing-looks-like-qcow2",
     "A backing file that begins with a qcow2 header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_qcow2},
    {"nam/backing-looks-like-qcow",
     "A backing file that begins with a qcow header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_qcow},
    {"nam/backing-looks-like-qed",
     "A backing file that begins with a QED header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_qed},
    {"nam/backing-looks-like-vmdk",
     "A backing file that begins with a VMDK header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_vmdk},
    {"nam/backing-looks-like-a-vmdk-text",
     "A backing file that begins with a VMDK descriptor is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_vmdk_text},
    {"nam/backing-looks-like-vhdx",
     "A backing file that begins with a VHDX header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_vhdx},
    {"nam/backing-looks-like-gzip",
     "A backing file that begins with a gzip header is raw", "NAM-13", 0,
     .run = raw_backing, .data = &like_gzip},

    {"nam/image-missing", "A missing image file is NOT_FOUND, and not made",
     "NAM-14", CASE_REFUSES, .run = image_missing, .text = IMAGE_NAME},
    {"nam/image-is-a-dangling-link",
     "An image file that is a dangling link is NOT_FOUND, and not made",
     "NAM-14", CASE_REFUSES, .run = image_missing, .text = "dangling"},
    {"nam/image-in-no-directory",
     "An image file in a directory that is missing is NOT_FOUND", "NAM-14",
     CASE_REFUSES, .run = image_missing, .text = "no-directory/" IMAGE_NAME},
    {"nam/backing-missing",
     "A missing backing file is NOT_FOUND where a cluster is unallocated",
     "NAM-15", CASE_REFUSES, .run = backing_missing, .text = BACKING_NAME},
    {"nam/backing-is-a-dangling-link",
     "A backing file that is a dangling link is NOT_FOUND", "NAM-15",
     CASE_REFUSES, .run = backing_missing, .text = "dangling"},
    {"nam/backing-in-no-directory",
     "A backing file in a directory that is missing is NOT_FOUND", "NAM-15",
     CASE_REFUSES, .run = backing_missing,
     .text = "no-directory/" BACKING_NAME},
    {"nam/backing-missed-by-the-last-cluster",
     "A missing backing file is NOT_FOUND where the last bit alone is 0",
     "NAM-15", CASE_REFUSES, .run = backing_missed_by_one_cluster, .arg = 2},
    {"nam/backing-missed-by-cluster-8",
     "A missing backing file is NOT_FOUND where the second byte is 0",
     "NAM-15", CASE_REFUSES, .run = backing_missed_by_one_cluster, .arg = 8},

    {"nam/image-is-a-directory", "A directory as image file is refused",
     "NAM-16", CASE_REFUSES, .run = special_image, .text = "directory"},
    {"nam/image-is-a-link-to-a-directory",
     "A link to a directory as image file is refused", "NAM-16", CASE_REFUSES,
     .run = special_image, .text = "link"},
    {"nam/image-is-the-own-directory",
     "The directory of the add-cow file as image file is refused", "NAM-16",
     CASE_REFUSES, .run = own_directory_as_image},
    {"nam/image-is-a-fifo",
     "A FIFO as image file is refused without waiting for it", "NAM-16", 0,
     .run = special_image, .text = "fifo"},
    {"nam/image-is-a-character-device",
     "A character device as image file is refused", "NAM-16", 0,
     .run = special_image, .text = "device"},
    {"nam/backing-is-a-directory", "A directory as backing file is refused",
     "NAM-16", CASE_REFUSES, .run = special_backing, .text = "directory"},
    {"nam/backing-is-a-link-to-a-directory",
     "A link to a directory as backing file is refused", "NAM-16",
     CASE_REFUSES, .run = special_backing, .text = "link"},
    {"nam/backing-is-a-fifo",
     "A FIFO as backing file is refused without waiting for it", "NAM-16", 0,
     .run = special_backing, .text = "fifo"},
    {"nam/backing-is-a-character-device",
     "A character device as backing file is refused", "NAM-16", 0,
     .run = special_backing, .text = "device"},
    {"nam/image-is-a-block-device", "A block device as image file is good",
     "NAM-16", 0, .run = image_on_a_device},
    {"nam/image-is-a-block-device-that-is-written",
     "A block device as image file is written, and keeps its length", "NAM-16",
     WRITE, .run = write_to_a_device},
    {"nam/backing-is-a-block-device", "A block device as backing file is good",
     "NAM-16", 0, .run = backing_on_a_device},
    {0}};
