/* SPDX-License-Identifier: MIT
 *
 * hdr.c - the header: which files are add-cow images of version 1.
 */
#include "all.h"
#include "env.h"

static void good_header(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){
                        .image_size = 3 * CLUSTER,
                        .backing_size = 3 * CLUSTER,
                        .set = (const uint64_t[]){1, END_OF_LIST}});
    img = open_image(env, 0);
    expect_guest_all(img, "HDR-2");
    must_close(img);
}

/* SELF->arg is the offset of the byte that is wrong. */
static void wrong_magic(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = CLUSTER,
                                           .backing_size = CLUSTER});
    put_byte(env, ADDCOW_NAME, get_byte(env, ADDCOW_NAME, self->arg) ^ 0x20,
             self->arg);
    expect_open_refused(env, "HDR-2", ADDCOW_NAME, 0, ADDCOW_NOT_ADDCOW, 0);
}

static void version_2(struct env *env, const struct conf_case *self)
{
    (void)self;
    make_image(env, &(struct image_recipe){.image_size = CLUSTER,
                                           .backing_size = CLUSTER});
    put_byte(env, ADDCOW_NAME, 2, 11);
    expect_open_refused(env, "HDR-3", ADDCOW_NAME, 0, ADDCOW_VERSION, 0);
}

const struct conf_case hdr_cases[] = {
    {"hdr/good", "an image with a good header opens and reads", "HDR-2", 0,
     good_header, 0, NULL},
    {"hdr/wrong-magic-first-byte", "another first byte is no add-cow", "HDR-2",
     0, wrong_magic, 0, NULL},
    {"hdr/wrong-magic-last-byte", "another last byte is no add-cow", "HDR-2",
     0, wrong_magic, 7, NULL},
    {"hdr/version-2", "version 2 is refused", "HDR-3", 0, version_2, 0, NULL},
    {0}};
