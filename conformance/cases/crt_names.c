/* SPDX-License-Identifier: MIT
 *
 * crt_names.c - chapter 11, Create: names, lengths that are no multiple of
 * 512, and that what was made opens.
 */
#include "all.h"
#include "steps/create.h"
#include "steps/guest.h"

#include <string.h>

#define CREATE ADDCOW_CAP_CREATE

/* ---- Names: CRT-14, CRT-15, CRT-16 -------------------------------------- */

/* A name of LEN bytes that leads to NAME: "./././NAME" or ".//./NAME". */
static char *long_name(struct env *env, const char *name, size_t len)
{
    char *out = case_alloc(env, len + 1);
    size_t i, start = len - strlen(name);

    for (i = 0; i < start; i++)
        out[i] = (start - i) % 2 ? '/' : '.';
    if (start % 2)
        memcpy(out, ".//", 3);
    memcpy(out + start, name, strlen(name));
    return out;
}

static void long_names(struct env *env, struct addcow_create_args *args,
                       const char *which, size_t len)
{
    if (strcmp(which, "image"))
        args->backing_name = long_name(env, BACKING_NAME, len);
    if (strcmp(which, "backing"))
        args->image_name = long_name(env, IMAGE_NAME, len);
}

static void name_fits(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);

    long_names(env, &args, self->text, (size_t)self->arg);
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    must_create(env, "CRT-14", &args);
    expect_new_image(env, "CRT-14", ADDCOW_NAME, args.image_name,
                     args.backing_name, 3 * CLUSTER);
}

static void name_too_long(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    long_names(env, &args, self->text, (size_t)self->arg);
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    s = take_snapshot(env);
    expect_refused(env, "CRT-14", shim_create(env, &args), ADDCOW_INVALID, 0);
    expect_no_image(env, "CRT-14", s);
}

static void empty_image_name(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args((uint32_t)self->arg);
    struct snapshot *s;

    args.image_name = "";
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    s = take_snapshot(env);
    expect_refused(env, "CRT-15", shim_create(env, &args), ADDCOW_INVALID, 0);
    expect_no_image(env, "CRT-15", s);
}

static void empty_backing_name(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    (void)self;
    args.backing_name = "";
    put_inputs(env, 3 * CLUSTER, CLUSTER);
    s = take_snapshot(env);
    expect_refused(env, "CRT-16", shim_create(env, &args), ADDCOW_INVALID, 0);
    expect_no_image(env, "CRT-16", s);
}

static void without_backing(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(ADDCOW_CREATE_NO_BACKING);
    struct img *img;

    (void)self;
    put_pattern(env, IMAGE_NAME, TAG_OLD, 2 * CLUSTER + 512);
    must_create(env, "CRT-16", &args);
    expect_new_image(env, "CRT-16", ADDCOW_NAME, IMAGE_NAME, "",
                     2 * CLUSTER + 512);
    img = expect_open(env, "CRT-19", 0);
    expect_u64(env, "CRT-19", "virtual size", img_size(img),
               2 * CLUSTER + 512);
    expect_zeros(img, "CRT-19", 2 * CLUSTER + 512, 0);
    must_close(img);
}

/* ---- Lengths that are no multiple of 512: CRT-17 ------------------------ */

static void odd_image(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct snapshot *s;

    put_inputs(env, self->arg, CLUSTER);
    s = take_snapshot(env);
    expect_refused(env, "CRT-17", shim_create(env, &args), ADDCOW_INVALID, 0);
    expect_no_image(env, "CRT-17", s);
}

/* ---- What was made opens: CRT-19 ---------------------------------------- */

/* TEXT is the length of the backing file, ARG that of the image file. */
static void opens_and_reads(struct env *env, uint64_t image_size,
                            uint64_t backing_size)
{
    struct addcow_create_args args = create_args(0);
    struct oracle *o;
    struct img *img;

    o = make_image(env, &(struct image_recipe){.image_size = image_size,
                                               .backing_size = backing_size});
    remove_file(env, ADDCOW_NAME);
    must_create(env, "CRT-19", &args);
    img = expect_open(env, "CRT-19", 0);
    img_track(img, o);
    expect_u64(env, "CRT-19", "virtual size", img_size(img), image_size);
    expect_guest_all(img, "CRT-19");
    must_close(img);
}

static void backing_as_long(struct env *env, const struct conf_case *self)
{
    opens_and_reads(env, self->arg, self->arg);
}

static void backing_longer(struct env *env, const struct conf_case *self)
{
    opens_and_reads(env, self->arg, self->arg + 3 * CLUSTER);
}

static void backing_of_length(struct env *env, const struct conf_case *self)
{
    opens_and_reads(env, 3 * CLUSTER + 512, self->arg);
}

/* Above what is read as a whole, with a backing file of five clusters. */
static void large_image(struct env *env, const struct conf_case *self)
{
    opens_and_reads(env, self->arg, 5 * CLUSTER + 700);
}

const struct conf_case cases_crt_names[] = {
    {"crt/image-name-of-1023-bytes",
     "A name of 1023 bytes is accepted for the image file", "CRT-14", CREATE,
     .run = name_fits, .arg = 1023, .text = "image"},
    {"crt/backing-name-of-1023-bytes",
     "A name of 1023 bytes is accepted for the backing file", "CRT-14", CREATE,
     .run = name_fits, .arg = 1023, .text = "backing"},
    {"crt/both-names-of-1023-bytes", "Two names of 1023 bytes are accepted",
     "CRT-14", CREATE, .run = name_fits, .arg = 1023, .text = "both"},
    {"crt/image-name-of-1024-bytes",
     "A name of 1024 bytes is refused for the image file", "CRT-14",
     CREATE | CASE_REFUSES, .run = name_too_long, .arg = 1024,
     .text = "image"},
    {"crt/backing-name-of-1024-bytes",
     "A name of 1024 bytes is refused for the backing file", "CRT-14",
     CREATE | CASE_REFUSES, .run = name_too_long, .arg = 1024,
     .text = "backing"},
    {"crt/image-name-of-2048-bytes",
     "A name of twice the field is refused for the image file", "CRT-14",
     CREATE | CASE_REFUSES, .run = name_too_long, .arg = 2048,
     .text = "image"},
    {"crt/backing-name-of-2048-bytes",
     "A name of twice the field is refused for the backing file", "CRT-14",
     CREATE | CASE_REFUSES, .run = name_too_long, .arg = 2048,
     .text = "backing"},
    {"crt/image-name-empty", "An empty name is refused for the image file",
     "CRT-15", CREATE | CASE_REFUSES, .run = empty_image_name},
    {"crt/image-name-empty-without-backing",
     "An empty image name is refused without a backing file too", "CRT-15",
     CREATE | CASE_REFUSES, .run = empty_image_name,
     .arg = ADDCOW_CREATE_NO_BACKING},
    {"crt/backing-name-empty",
     "An empty backing name is refused unless asked for", "CRT-16",
     CREATE | CASE_REFUSES, .run = empty_backing_name},
    {"crt/without-backing-file",
     "An image without a backing file is made when that was asked for",
     "CRT-16 CRT-19", CREATE, .run = without_backing},
    {"crt/image-file-of-1-byte", "An image file of 1 byte is refused",
     "CRT-17", CREATE | CASE_REFUSES, .run = odd_image, .arg = 1},
    {"crt/image-file-of-511-bytes", "An image file of 511 bytes is refused",
     "CRT-17", CREATE | CASE_REFUSES, .run = odd_image, .arg = 511},
    {"crt/image-file-of-513-bytes", "An image file of 513 bytes is refused",
     "CRT-17", CREATE | CASE_REFUSES, .run = odd_image, .arg = 513},
    {"crt/image-file-a-byte-past-a-cluster",
     "An image file of 65537 bytes is refused", "CRT-17",
     CREATE | CASE_REFUSES, .run = odd_image, .arg = 65537},
    {"crt/opens-at-size-0", "A new image of size 0 opens", "CRT-19", CREATE,
     .run = backing_as_long},
    {"crt/opens-at-one-sector", "A new image of one sector reads as backing",
     "CRT-19", CREATE, .run = backing_as_long, .arg = 512},
    {"crt/opens-at-a-sector-below-a-cluster",
     "A new image of 65024 bytes reads as backing", "CRT-19", CREATE,
     .run = backing_longer, .arg = 65024},
    {"crt/opens-at-one-cluster", "A new image of one cluster reads as backing",
     "CRT-19", CREATE, .run = backing_as_long, .arg = CLUSTER},
    {"crt/opens-at-a-sector-above-a-cluster",
     "A new image of 66048 bytes reads as backing", "CRT-19", CREATE,
     .run = backing_longer, .arg = CLUSTER + 512},
    {"crt/opens-at-8-clusters",
     "A new image whose bitmap is one whole byte reads as backing", "CRT-19",
     CREATE, .run = backing_as_long, .arg = 8 * CLUSTER},
    {"crt/opens-at-9-clusters",
     "A new image with one bit in its second byte reads as backing", "CRT-19",
     CREATE, .run = backing_longer, .arg = 9 * CLUSTER},
    {"crt/backing-ends-inside-a-sector",
     "A new image reads as zeros past a backing end inside a sector", "CRT-19",
     CREATE, .run = backing_of_length, .arg = CLUSTER + 700},
    {"crt/backing-ends-inside-a-cluster",
     "A new image reads as zeros past a backing end inside a cluster",
     "CRT-19", CREATE, .run = backing_of_length, .arg = CLUSTER + 1024},
    {"crt/backing-is-empty",
     "A new image over an empty backing reads as zeros", "CRT-19", CREATE,
     .run = backing_of_length},
    {"crt/opens-above-4-gib", "A new image above 4 GiB opens and reads",
     "CRT-19", CREATE, .run = large_image, .arg = 4 * GIB + 512},
    {"crt/opens-across-the-table-boundary",
     "A new image of one cluster above 32 GiB opens and reads", "CRT-19",
     CREATE, .run = large_image, .arg = 32 * GIB + CLUSTER},
    {"crt/opens-at-2-tib", "A new image of 2 TiB opens and reads", "CRT-19",
     CREATE, .run = large_image, .arg = 2 * TIB},
    {"crt/opens-at-8-tib", "A new image of 8 TiB opens and reads", "CRT-19",
     CREATE, .run = large_image, .arg = 8 * TIB},
    {0}};
