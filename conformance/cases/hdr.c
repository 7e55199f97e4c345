/* SPDX-License-Identifier: MIT
 *
 * hdr.c - chapter 3, Header: what a reader accepts and what it refuses.
 *
 * Every fixed byte of the header is wrong once, alone, in an image that is
 * good otherwise: so only the clause under test can be the reason of the
 * refusal.  The images have an allocated cluster and others, and both named
 * files exist, so that a lenient reader would succeed.
 *
 * Deliberately missing: two defects at once (err_defects.c), the meaning of
 * names (nam.c), what is written (hdr_write.c), probing (hdr_probe.c).
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/names.h"
#include "steps/refuse.h"

#include <stdbool.h>
#include <string.h>

#define MAGIC_LEN 8
#define VERSION_FIELD 8

static const uint8_t magic[MAGIC_LEN] = {0x41, 0x44, 0x44, 0x5f,
                                         0x43, 0x4f, 0x57, 0xff};

static const int not_addcow[] = {ADDCOW_NOT_ADDCOW, 0};
static const int version[] = {ADDCOW_VERSION, 0};

/* ---- Magic and version -------------------------------------------------- */

static void good_opens(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    good_image(env);
    img = expect_accepted(env, "HDR-2", 0);
    expect_u64(env, "HDR-3", "virtual size", img_size(img), 3 * CLUSTER);
    expect_guest_all(img, "HDR-4");
}

static void magic_byte(struct env *env, const struct conf_case *self)
{
    static const unsigned flips[] = {0x01, 0x20, 0x80, 0xff};

    good_image(env);
    for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
        put_byte(env, ADDCOW_NAME, magic[self->arg] ^ flips[i], self->arg);
        refuse_open(env, "HDR-2", ADDCOW_NAME, not_addcow);
    }
}

/* The header begins with other bytes than the magic. */
static void other_magic(struct env *env, const struct conf_case *self)
{
    good_image(env);
    put_bytes(env, ADDCOW_NAME, self->text, strlen(self->text), 0);
    refuse_open(env, "HDR-2", ADDCOW_NAME, not_addcow);
}

/* The file is a good image after ARG bytes of zeros. */
static void shifted_magic(struct env *env, const struct conf_case *self)
{
    uint8_t header[HEADER_LEN];

    good_image(env);
    get_bytes(env, ADDCOW_NAME, header, HEADER_LEN, 0);
    put_file(env, ADDCOW_NAME, self->arg);
    put_bytes(env, ADDCOW_NAME, header, HEADER_LEN, self->arg);
    resize_file(env, ADDCOW_NAME, self->arg + HEADER_LEN + SECTOR);
    refuse_open(env, "HDR-2", ADDCOW_NAME, not_addcow);
}

/* What is left of an image that was cut to ARG bytes has no whole magic. */
static void cut_magic(struct env *env, const struct conf_case *self)
{
    good_image(env);
    resize_file(env, ADDCOW_NAME, self->arg);
    refuse_open(env, "HDR-2", ADDCOW_NAME, not_addcow);
}

/* The field of NUMBER, big-endian. */
static void put_version(struct env *env, uint64_t number)
{
    uint8_t field[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 8), (uint8_t)number};

    put_bytes(env, ADDCOW_NAME, field, sizeof(field), VERSION_FIELD);
}

static void other_version(struct env *env, const struct conf_case *self)
{
    good_image(env);
    put_version(env, self->arg);
    refuse_open(env, self->clauses, ADDCOW_NAME, version);
}

/* ---- Length ------------------------------------------------------------- */

/* The virtual size is 0, so the bitmap has no byte that could be missing. */
static void cut_header(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    resize_file(env, ADDCOW_NAME, self->arg);
    refuse_open(env, "HDR-5", ADDCOW_NAME, corrupt);
}

static void whole_header(struct env *env, const struct conf_case *self)
{
    (void)self;
    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    expect_u64(env, "HDR-5", "length of the add-cow file",
               file_size(env, ADDCOW_NAME), HEADER_LEN);
    (void)expect_accepted(env, "HDR-5", 0);
}

/* ---- Name fields -------------------------------------------------------- */

/* The field at ARG is full: whether it is cut by a byte, read whole or read
 * on into the next field, the file that it leads to then exists. */
static void no_nul(struct env *env, const struct conf_case *self)
{
    bool is_image = self->arg == IMAGE_FIELD;
    const char *cut = is_image ? IMAGE_NAME : BACKING_NAME;
    const char *whole = is_image ? IMAGE_NAME "x" : BACKING_NAME "x";

    good_image(env);
    put_file(env, whole, 3 * CLUSTER);
    if (!is_image)
        put_file(env, BACKING_NAME "x" IMAGE_NAME, 3 * CLUSTER);
    put_bytes(env, ADDCOW_NAME, padded_name(env, cut, MAX_NAME), MAX_NAME,
              self->arg);
    put_byte(env, ADDCOW_NAME, 'x', self->arg + MAX_NAME);
    refuse_open(env, "HDR-6", ADDCOW_NAME, corrupt);
}

/* The NUL is the last byte of each field. */
static void longest_names(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env,
               &(struct image_recipe){
                   .image_name = padded_name(env, IMAGE_NAME, MAX_NAME),
                   .backing_name = padded_name(env, BACKING_NAME, MAX_NAME),
                   .image_size = 3 * CLUSTER,
                   .backing_size = 3 * CLUSTER,
                   .set = only_the_middle});
    img = expect_accepted(env, "HDR-6", 0);
    expect_guest_all(img, "HDR-7");
}

/* The byte at ARG, which must be zero, is not. */
static void wrong_byte(struct env *env, const struct conf_case *self)
{
    static const unsigned values[] = {0x01, 0x20, 0x80, 0xff};

    good_image(env);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        put_byte(env, ADDCOW_NAME, values[i], self->arg);
        refuse_open(env, self->clauses, ADDCOW_NAME, corrupt);
    }
}

/* Each of the bytes from FIRST to LAST is wrong in its turn. */
static void each_byte(struct env *env, const char *clause, uint64_t first,
                      uint64_t last)
{
    for (uint64_t at = first; at <= last; at++) {
        put_byte(env, ADDCOW_NAME, 1, at);
        expect_open_refused(env, clause, ADDCOW_NAME, 0, ADDCOW_CORRUPT, 0);
        put_byte(env, ADDCOW_NAME, 0, at);
    }
}

static void each_padding_byte(struct env *env, const struct conf_case *self)
{
    good_image(env);
    each_byte(env, "HDR-7", self->arg + strlen(self->text) + 1,
              self->arg + NAME_FIELD_LEN - 1);
    (void)expect_accepted(env, "HDR-7", 0);
}

static void each_reserved_byte(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    each_byte(env, "HDR-8", RESERVED_FIELD, HEADER_LEN - 1);
    (void)expect_accepted(env, "HDR-8", 0);
}

/* The byte at ARG of an image whose backing_file field is empty. */
static void byte_after_no_name(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .no_backing = 1,
                                           .set = only_the_middle});
    put_byte(env, ADDCOW_NAME, 'x', self->arg);
    refuse_open(env, "HDR-7", ADDCOW_NAME, corrupt);
}

/* A name of 1022 bytes leaves one byte after its NUL. */
static void byte_after_long_name(struct env *env, const struct conf_case *self)
{
    bool is_image = self->arg == IMAGE_FIELD;
    const char *file = is_image ? IMAGE_NAME : BACKING_NAME;
    char *name = padded_name(env, file, MAX_NAME - 1);
    struct img *img;

    make_image(env,
               &(struct image_recipe){.image_name = is_image ? name : NULL,
                                      .backing_name = is_image ? NULL : name,
                                      .image_size = 3 * CLUSTER,
                                      .backing_size = 3 * CLUSTER});
    img = expect_accepted(env, "HDR-7", 0);
    must_close(img);
    put_byte(env, ADDCOW_NAME, 'x', self->arg + MAX_NAME);
    refuse_open(env, "HDR-7", ADDCOW_NAME, corrupt);
}

static void empty_image_name(struct env *env, const struct conf_case *self)
{
    static const uint8_t zeros[NAME_FIELD_LEN];

    (void)self;
    good_image(env);
    put_bytes(env, ADDCOW_NAME, zeros, sizeof(zeros), IMAGE_FIELD);
    refuse_open(env, "HDR-9", ADDCOW_NAME, corrupt);
}

static void empty_backing_name(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .no_backing = 1,
                                           .set = only_the_middle});
    img = expect_open(env, "HDR-10", (uint32_t)self->arg);
    expect_u64(env, "HDR-10", "virtual size", img_size(img), 3 * CLUSTER);
    expect_guest_all(img, "HDR-10");
}

/* ---- Nothing is opened before its time ---------------------------------- */

static bool ends_in(const char *text, const char *end)
{
    size_t text_len = strlen(text);
    size_t end_len = strlen(end);

    return text_len >= end_len && !strcmp(text + text_len - end_len, end);
}

/* The number of times that a file that the header names was asked for, from
 * FIRST. */
static size_t opens_of_named(struct env *env, size_t first)
{
    size_t n_opens = 0;

    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_OPEN && e->text &&
            (ends_in(e->text, IMAGE_NAME) || ends_in(e->text, BACKING_NAME)))
            n_opens++;
    }
    return n_opens;
}

/* The add-cow file has a defect: the byte TEXT[0] at ARG, or, without a text,
 * that it ends there. */
static void opens_nothing(struct env *env, const struct conf_case *self)
{
    static const int refusals[] = {ADDCOW_NOT_ADDCOW, ADDCOW_VERSION,
                                   ADDCOW_CORRUPT, 0};
    size_t first;

    need_simulated(env);
    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    if (self->text)
        put_byte(env, ADDCOW_NAME, (unsigned char)self->text[0], self->arg);
    else
        resize_file(env, ADDCOW_NAME, self->arg);
    first = n_events(env);
    refuse_open(env, "HDR-15", ADDCOW_NAME, refusals);
    expect_u64(env, "HDR-15", "number of named files that were opened",
               opens_of_named(env, first), 0);
}

/* ---- Names of the add-cow file itself ----------------------------------- */

static void any_name(struct env *env, const struct conf_case *self)
{
    struct img *img = NULL;

    make_image(env, &(struct image_recipe){.name = self->text,
                                           .image_size = 3 * CLUSTER,
                                           .backing_size = 3 * CLUSTER,
                                           .set = only_the_middle});
    expect_ok(env, "HDR-16", img_open(env, &img, self->text, 0));
    expect_guest_all(img, "HDR-16");
}

const struct conf_case cases_hdr[] = {
    {"hdr/good-header-opens", "An image with a good header opens and reads",
     "HDR-2 HDR-3 HDR-4", 0, .run = good_opens},
    {"hdr/magic-byte-0", "Byte 0 is not 41: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte},
    {"hdr/magic-byte-1", "Byte 1 is not 44: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 1},
    {"hdr/magic-byte-2", "Byte 2 is not 44: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 2},
    {"hdr/magic-byte-3", "Byte 3 is not 5F: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 3},
    {"hdr/magic-byte-4", "Byte 4 is not 43: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 4},
    {"hdr/magic-byte-5", "Byte 5 is not 4F: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 5},
    {"hdr/magic-byte-6", "Byte 6 is not 57: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 6},
    {"hdr/magic-byte-7", "Byte 7 is not FF: no add-cow file", "HDR-2",
     CASE_REFUSES, .run = magic_byte, .arg = 7},
    {"hdr/magic-in-lower-case", "The magic in lower case is another magic",
     "HDR-2", CASE_REFUSES, .run = other_magic, .text = "add_cow\xff"},
    {"hdr/magic-of-later-revisions",
     "The magic of the later revisions, ACOW, is another format", "HDR-2",
     CASE_REFUSES, .run = other_magic, .text = "ACOW\xff\x01\x01\x01"},
    {"hdr/magic-of-qcow2", "The magic of qcow2 is another format", "HDR-2",
     CASE_REFUSES, .run = other_magic, .text = "QFI\xfb"},
    {"hdr/magic-one-byte-late", "The magic counts at offset 0 only: not at 1",
     "HDR-2", CASE_REFUSES, .run = shifted_magic, .arg = 1},
    {"hdr/magic-one-sector-late",
     "The magic counts at offset 0 only: not at 512", "HDR-2", CASE_REFUSES,
     .run = shifted_magic, .arg = 512},
    {"hdr/empty-file", "A file of 0 bytes is no add-cow file", "HDR-2",
     CASE_REFUSES, .run = cut_magic},
    {"hdr/file-of-1-byte", "The magic cut to 1 byte is no magic", "HDR-2",
     CASE_REFUSES, .run = cut_magic, .arg = 1},
    {"hdr/file-of-7-bytes", "The magic cut to 7 bytes is no magic", "HDR-2",
     CASE_REFUSES, .run = cut_magic, .arg = 7},
    {"hdr/version-0", "Version 0 is refused", "HDR-3", CASE_REFUSES,
     .run = other_version},
    {"hdr/version-2", "Version 2 is refused", "HDR-3", CASE_REFUSES,
     .run = other_version, .arg = 2},
    {"hdr/version-257", "Version 257 is refused: its last byte is no version",
     "HDR-3", CASE_REFUSES, .run = other_version, .arg = 0x101},
    {"hdr/version-65537", "Version 65537 is refused: so is its lower half",
     "HDR-3", CASE_REFUSES, .run = other_version, .arg = 0x10001},
    {"hdr/version-with-high-bit", "Version 2^31 + 1 is refused", "HDR-3",
     CASE_REFUSES, .run = other_version, .arg = 0x80000001},
    {"hdr/version-of-all-ones", "Version 2^32 - 1 is refused", "HDR-3",
     CASE_REFUSES, .run = other_version, .arg = 0xffffffff},
    {"hdr/version-little-endian", "01 00 00 00 is not version 1", "HDR-4",
     CASE_REFUSES, .run = other_version, .arg = 0x01000000},
    {"hdr/version-in-swapped-halves", "00 01 00 00 is not version 1", "HDR-4",
     CASE_REFUSES, .run = other_version, .arg = 0x00010000},
    {"hdr/version-in-swapped-bytes", "00 00 01 00 is not version 1", "HDR-4",
     CASE_REFUSES, .run = other_version, .arg = 0x00000100},
    {"hdr/file-of-12-bytes", "A header of 12 bytes is short", "HDR-5",
     CASE_REFUSES, .run = cut_header, .arg = 12},
    {"hdr/file-of-13-bytes", "A header of 13 bytes is short", "HDR-5",
     CASE_REFUSES, .run = cut_header, .arg = 13},
    {"hdr/file-of-512-bytes", "A header of one sector is short", "HDR-5",
     CASE_REFUSES, .run = cut_header, .arg = 512},
    {"hdr/file-of-1035-bytes", "A header that ends in backing_file is short",
     "HDR-5", CASE_REFUSES, .run = cut_header, .arg = 1035},
    {"hdr/file-of-1036-bytes", "A header without image_file is short", "HDR-5",
     CASE_REFUSES, .run = cut_header, .arg = 1036},
    {"hdr/file-ends-after-image-name",
     "A header that ends right after the image file's name is short", "HDR-5",
     CASE_REFUSES, .run = cut_header, .arg = IMAGE_FIELD + sizeof(IMAGE_NAME)},
    {"hdr/file-of-2059-bytes", "A header that ends in image_file is short",
     "HDR-5", CASE_REFUSES, .run = cut_header, .arg = 2059},
    {"hdr/file-of-2060-bytes", "A header without reserved bytes is short",
     "HDR-5", CASE_REFUSES, .run = cut_header, .arg = 2060},
    {"hdr/file-of-2559-bytes", "A header that lacks one byte is short",
     "HDR-5", CASE_REFUSES, .run = cut_header, .arg = 2559},
    {"hdr/file-of-2560-bytes", "A header of 2560 bytes is whole", "HDR-5", 0,
     .run = whole_header},
    {"hdr/backing-name-without-nul",
     "A backing_file field that is full is refused, not cut", "HDR-6",
     CASE_REFUSES, .run = no_nul, .arg = BACKING_FIELD},
    {"hdr/image-name-without-nul",
     "An image_file field that is full is refused, not cut", "HDR-6",
     CASE_REFUSES, .run = no_nul, .arg = IMAGE_FIELD},
    {"hdr/nul-at-the-end-of-each-field",
     "Names of 1023 bytes, with the NUL last in their fields, are good",
     "HDR-6 HDR-7", 0, .run = longest_names},
    {"hdr/first-byte-after-backing-name",
     "The byte after the NUL of the backing file's name is not zero", "HDR-7",
     CASE_REFUSES, .run = wrong_byte,
     .arg = BACKING_FIELD + sizeof(BACKING_NAME)},
    {"hdr/last-byte-of-backing-field",
     "The last byte of the backing_file field is not zero", "HDR-7",
     CASE_REFUSES, .run = wrong_byte, .arg = IMAGE_FIELD - 1},
    {"hdr/first-byte-after-image-name",
     "The byte after the NUL of the image file's name is not zero", "HDR-7",
     CASE_REFUSES, .run = wrong_byte, .arg = IMAGE_FIELD + sizeof(IMAGE_NAME)},
    {"hdr/last-byte-of-image-field",
     "The last byte of the image_file field is not zero", "HDR-7",
     CASE_REFUSES, .run = wrong_byte, .arg = RESERVED_FIELD - 1},
    {"hdr/each-byte-after-backing-name",
     "Each byte after the NUL of the backing file's name must be zero",
     "HDR-7", CASE_REFUSES, .run = each_padding_byte, .arg = BACKING_FIELD,
     .text = BACKING_NAME},
    {"hdr/each-byte-after-image-name",
     "Each byte after the NUL of the image file's name must be zero", "HDR-7",
     CASE_REFUSES, .run = each_padding_byte, .arg = IMAGE_FIELD,
     .text = IMAGE_NAME},
    {"hdr/first-byte-after-no-backing-name",
     "An empty backing_file field is empty from its second byte on", "HDR-7",
     CASE_REFUSES, .run = byte_after_no_name, .arg = BACKING_FIELD + 1},
    {"hdr/last-byte-after-no-backing-name",
     "An empty backing_file field is empty to its last byte", "HDR-7",
     CASE_REFUSES, .run = byte_after_no_name, .arg = IMAGE_FIELD - 1},
    {"hdr/byte-after-backing-name-of-1022-bytes",
     "The one byte after a backing name of 1022 bytes is not zero", "HDR-7",
     CASE_REFUSES, .run = byte_after_long_name, .arg = BACKING_FIELD},
    {"hdr/byte-after-image-name-of-1022-bytes",
     "The one byte after an image name of 1022 bytes is not zero", "HDR-7",
     CASE_REFUSES, .run = byte_after_long_name, .arg = IMAGE_FIELD},
    {"hdr/first-reserved-byte", "The first reserved byte is not zero", "HDR-8",
     CASE_REFUSES, .run = wrong_byte, .arg = RESERVED_FIELD},
    {"hdr/reserved-byte-in-the-middle", "A reserved byte is not zero", "HDR-8",
     CASE_REFUSES, .run = wrong_byte, .arg = 2304},
    {"hdr/last-reserved-byte", "The last reserved byte is not zero", "HDR-8",
     CASE_REFUSES, .run = wrong_byte, .arg = HEADER_LEN - 1},
    {"hdr/each-reserved-byte", "Each of the 500 reserved bytes must be zero",
     "HDR-8", CASE_REFUSES, .run = each_reserved_byte},
    {"hdr/empty-image-name", "An empty image_file field is refused", "HDR-9",
     CASE_REFUSES, .run = empty_image_name},
    {"hdr/empty-backing-name",
     "An image whose backing_file field is empty opens for reading", "HDR-10",
     0, .run = empty_backing_name},
    {"hdr/empty-backing-name-for-writing",
     "An image whose backing_file field is empty opens for writing", "HDR-10",
     ADDCOW_CAP_WRITE, .run = empty_backing_name, .arg = ADDCOW_OPEN_WRITE},
    {"hdr/opens-nothing-after-a-wrong-magic",
     "No named file is opened when the magic is wrong", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing, .arg = 7,
     .text = "\x7f"},
    {"hdr/opens-nothing-after-a-wrong-version",
     "No named file is opened when the version is not 1", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing, .arg = 11,
     .text = "\x02"},
    {"hdr/opens-nothing-after-wrong-backing-padding",
     "No named file is opened when backing_file has a byte too many", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing,
     .arg = IMAGE_FIELD - 1, .text = "x"},
    {"hdr/opens-nothing-after-wrong-image-padding",
     "No named file is opened when image_file has a byte too many", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing,
     .arg = RESERVED_FIELD - 1, .text = "x"},
    {"hdr/opens-nothing-after-wrong-reserved-byte",
     "No named file is opened when the last reserved byte is wrong", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing,
     .arg = HEADER_LEN - 1, .text = "x"},
    {"hdr/opens-nothing-after-a-short-header",
     "No named file is opened when the header lacks its last byte", "HDR-15",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = opens_nothing,
     .arg = HEADER_LEN - 1},
    {"hdr/name-without-extension", "A name without extension is as good",
     "HDR-16", 0, .run = any_name, .text = "disk"},
    {"hdr/name-with-the-extension-of-raw-files",
     "A name that ends in .raw is as good", "HDR-16", 0, .run = any_name,
     .text = "disk.raw"},
    {"hdr/name-with-the-extension-of-qcow2",
     "A name that ends in .qcow2 is as good", "HDR-16", 0, .run = any_name,
     .text = "disk.qcow2"},
    {"hdr/name-that-begins-with-a-dot", "A hidden name is as good", "HDR-16",
     0, .run = any_name, .text = ".disk"},
    {"hdr/name-in-upper-case", "A name in upper case is as good", "HDR-16", 0,
     .run = any_name, .text = "DISK.ADD-COW"},
    {0}};
