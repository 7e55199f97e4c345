/* SPDX-License-Identifier: MIT
 *
 * err_sound.c - chapter 15, Errors: what is odd is not wrong.  Images that
 * are all that the specification asks for, and unlike any that a creator
 * would make, open and serve; one that does not is told by its oddities.
 *
 * Deliberately missing: what a single clause has readers accept; its chapter
 * has a case for that.
 */
#include "all.h"
#include "env/env.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { N_IMAGES = 60, N_CHOICES = 8 };

enum oddity {
    OWN_NAME,
    IMAGE_FILE_NAME,
    BACKING_FILE_NAME,
    IMAGE_LEN,
    BACKING_LEN,
    NO_BACKING_FILE,
    BITS,
    BITS_BEYOND,
    MORE_BYTES,
    N_ODDITIES
};

#define LETTERS_50 "abcdefghijklmnopqrstuvwxyabcdefghijklmnopqrstuvwxy"
#define LETTERS_250 LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50

static const char *const own_names[N_CHOICES] = {
    "disk.raw",  "-",   "add cow",      "disk",
    "a:b.qcow2", "...", "\x01\xff\xfe", "%n"};
static const char *const image_names[N_CHOICES] = {
    "im age",   "./image", ".image.",      "image.add-cow",
    "./im:age", "-image",  "\xff\xfe\x01", LETTERS_250};
static const char *const backing_names[N_CHOICES] = {
    "back ing", ".//backing", "..backing",  "backing.qcow2",
    "./nbd:b",  "--help",     "\x7f\xc3\n", LETTERS_250 "zzzzz"};
static const uint64_t image_lens[N_CHOICES] = {0,
                                               SECTOR,
                                               2 * SECTOR - 1,
                                               CLUSTER,
                                               8 * CLUSTER,
                                               8 * CLUSTER + SECTOR,
                                               9 * CLUSTER - 1,
                                               17 * CLUSTER + 77};
static const uint64_t backing_lens[N_CHOICES] = {
    0,           1,           SECTOR - 1,       CLUSTER,
    CLUSTER + 1, 8 * CLUSTER, 40 * CLUSTER + 3, 3 * SECTOR};
static const uint64_t more_lens[N_CHOICES] = {1,    3,     511,         512,
                                              4096, 65536, 1024 * 1024, 2};

/* Which of the choices each oddity is; from N_CHOICES on it is not there. */
struct image {
    unsigned choice[N_ODDITIES];
};

static bool has(const struct image *image, const uint8_t *off, enum oddity o)
{
    return !off[o] && image->choice[o] < N_CHOICES;
}

static const struct image_recipe plain = {.image_size = 3 * CLUSTER,
                                          .backing_size = 3 * CLUSTER};

/* The bits that follow the last cluster's, which nobody looks at. */
static void set_bits_beyond(struct env *env, const char *name, uint64_t n)
{
    uint64_t at = HEADER_LEN + n / 8;

    if (n % 8)
        put_byte(env, name, get_byte(env, name, at) | 0xffu << n % 8 % 256,
                 at);
}

static void add_bytes(struct env *env, const char *name, uint64_t len)
{
    uint8_t *bytes = case_alloc(env, (size_t)len);

    memset(bytes, 0xff, (size_t)len);
    put_bytes(env, name, bytes, (size_t)len, file_size(env, name));
}

static void choose(struct image_recipe *r, const struct image *image,
                   const uint8_t *off)
{
    const unsigned *choice = image->choice;

    *r = plain;
    if (has(image, off, OWN_NAME))
        r->name = own_names[choice[OWN_NAME]];
    if (has(image, off, IMAGE_FILE_NAME))
        r->image_name = image_names[choice[IMAGE_FILE_NAME]];
    if (has(image, off, BACKING_FILE_NAME))
        r->backing_name = backing_names[choice[BACKING_FILE_NAME]];
    if (has(image, off, IMAGE_LEN))
        r->image_size = image_lens[choice[IMAGE_LEN]];
    if (has(image, off, BACKING_LEN))
        r->backing_size = backing_lens[choice[BACKING_LEN]];
    if (has(image, off, NO_BACKING_FILE))
        r->no_backing = 1;
    if (has(image, off, BITS))
        r->set_all = 1;
}

static void serve(struct env *env, const char *name, uint32_t flags)
{
    struct img *img;
    uint64_t size;

    expect_ok(env, "ERR-7", img_open(env, &img, name, flags));
    size = img_size(img);
    expect_guest_all(img, "RD-3");
    if (flags && size) {
        expect_ok(env, "ERR-7", write_new(img, SECTOR, size - SECTOR));
        expect_ok(env, "ERR-7", img_flush(img));
        expect_guest_all(img, "RD-3");
    }
    expect_ok(env, "ERR-7", img_close(img));
}

static void check(struct env *env, const char *name)
{
    struct addcow_check_result out = {.size = sizeof(out)};

    expect_ok(env, "ERR-7", shim_check(env, &out, name));
    expect_u64(env, "ERR-7", "number of errors", out.errors, 0);
}

static void perform(struct env *env, const void *arg, const uint8_t *off)
{
    const struct image *image = arg;
    struct image_recipe r;
    const char *name;

    choose(&r, image, off);
    name = r.name ? r.name : ADDCOW_NAME;
    make_image(env, &r);
    if (has(image, off, BITS_BEYOND))
        set_bits_beyond(env, name,
                        clusters_of(r.image_size / SECTOR * SECTOR));
    if (has(image, off, MORE_BYTES))
        add_bytes(env, name, more_lens[image->choice[MORE_BYTES]]);
    if (has_cap(env, ADDCOW_CAP_CHECK))
        check(env, name);
    serve(env, name, 0);
    if (has_cap(env, ADDCOW_CAP_WRITE))
        serve(env, name, ADDCOW_OPEN_WRITE);
}

static int tell_one(char *out, size_t size, const struct image *image,
                    enum oddity oddity)
{
    unsigned c = image->choice[oddity];

    switch (oddity) {
    case OWN_NAME:
        return snprintf(out, size, "the add-cow file is \"%s\"", own_names[c]);
    case IMAGE_FILE_NAME:
        return snprintf(out, size, "the image file is \"%s\"", image_names[c]);
    case BACKING_FILE_NAME:
        return snprintf(out, size, "the backing file is \"%s\"",
                        backing_names[c]);
    case IMAGE_LEN:
        return snprintf(out, size, "the image file has %" PRIu64 " bytes",
                        image_lens[c]);
    case BACKING_LEN:
        return snprintf(out, size, "the backing file has %" PRIu64 " bytes",
                        backing_lens[c]);
    case NO_BACKING_FILE:
        return snprintf(out, size, "there is no backing file");
    case BITS:
        return snprintf(out, size, "all bits are 1");
    case BITS_BEYOND:
        return snprintf(out, size, "the bits beyond the last cluster are 1");
    default:
        return snprintf(out, size, "%" PRIu64 " bytes follow the bitmap",
                        more_lens[c]);
    }
}

static void tell(char *out, size_t size, const void *arg, const uint8_t *off)
{
    size_t n = 0;

    snprintf(out, size, "an image with nothing odd");
    for (unsigned i = 0; i < N_ODDITIES && n < size; i++) {
        if (!has(arg, off, (enum oddity)i))
            continue;
        n += (size_t)snprintf(out + n, size - n, "%s ",
                              n ? ";" : "an image where");
        if (n < size)
            n += (size_t)tell_one(out + n, size - n, arg, (enum oddity)i);
    }
}

/* About half of the oddities at a time. */
static void sound(struct env *env, const struct conf_case *self)
{
    struct image image;
    struct list list = {
        .n = N_ODDITIES, .perform = perform, .tell = tell, .arg = &image};

    (void)self;
    for (unsigned n = 0; n < N_IMAGES; n++) {
        for (unsigned i = 0; i < N_ODDITIES; i++)
            image.choice[i] = (unsigned)rng_below(env, 2 * N_CHOICES);

        run_list(env, &list);
    }
}

const struct conf_case cases_err_sound[] = {
    {"err/odd-is-not-wrong", "An image that nothing forbids opens and serves",
     "ERR-7 RD-3", 0, .run = sound},
    {0}};
