/* SPDX-License-Identifier: MIT
 *
 * nam_files.c - chapter 4, Names and files: which files names may lead to,
 * and that what they hold is raw.
 *
 * Refusals that are about the backing file may come at its first use, where
 * an implementation opens it then (IMPL-1).
 *
 * Deliberately missing: two names of one file (nam_same.c).
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

static const uint64_t all_but_last[] = {0, 1, END_OF_LIST};
static const uint64_t first_byte[] = {0, 1, 2, 3, 4, 5, 6, 7, END_OF_LIST};

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
    expect_content(env, clause, "first cluster", got, want, CLUSTER, 0);
    get_bytes(env, name, want, CLUSTER, GOOD_SIZE - CLUSTER);
    expect_ok(env, clause, img_read(img, got, CLUSTER, GOOD_SIZE - CLUSTER));
    expect_content(env, clause, "last cluster", got, want, CLUSTER,
                   GOOD_SIZE - CLUSTER);
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

/* The image file is NAME. */
static void refuse_image(struct env *env, const char *name)
{
    put_names(env, name, BACKING_NAME);
    refuse_open(env, "NAM-16", ADDCOW_NAME, special_file);
}

static void special_image(struct env *env, const struct conf_case *self)
{
    good_image(env);
    refuse_image(env, put_special(env, self->text));
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
    refuse_image(env, ".");
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

#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_nam_files[] = {
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
