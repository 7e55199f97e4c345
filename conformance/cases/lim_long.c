/* SPDX-License-Identifier: MIT
 *
 * lim_long.c - chapter 16, Limits: requests longer than all must support.
 *
 * They are carried out whole or refused whole (LIM-8); lim.c has those that
 * must be carried out.
 */
#include "all.h"
#include "env/env.h"
#include "steps/guest.h"

#include <stdbool.h>

#define WRITE ADDCOW_CAP_WRITE
#define DISCARD (ADDCOW_CAP_WRITE | ADDCOW_CAP_DISCARD)

#define DISK_SIZE (40 * MIB)
#define OFFSET (3 * CLUSTER + SECTOR) /* of each request */

/* Makes an image of 40 MiB with both kinds of cluster, over a shorter backing
 * file.  Returns the disk that it shows. */
static struct oracle *long_image(struct env *env)
{
    static const uint64_t set[] = {0,   4,   64,  255, 256, 257,
                                   259, 260, 300, 515, 516, END_OF_LIST};

    return make_image(env,
                      &(struct image_recipe){.image_size = DISK_SIZE,
                                             .backing_size = 30 * MIB + 700,
                                             .set = set});
}

/* Whether RESULT is a success.  A refusal has a class that the table of
 * chapter 15 allows. */
static bool was_carried_out(struct env *env, int result)
{
    expect_ok_or_refused(env, "LIM-8", result, ADDCOW_RANGE, ADDCOW_INVALID,
                         ADDCOW_NO_MEMORY, ADDCOW_OTHER, 0);
    return result == ADDCOW_OK;
}

/* One read of ARG bytes. */
static void one_read(struct env *env, const struct conf_case *self)
{
    uint8_t *buf = case_alloc(env, self->arg);
    struct mismatch wrong;
    struct img *img;

    long_image(env);
    img = open_image(env, 0);
    if (was_carried_out(env, img_read(img, buf, self->arg, OFFSET)) &&
        !oracle_check(oracle_of(img), &wrong, buf, self->arg, OFFSET))
        fail(env, "LIM-8", wrong.expected, "%s", wrong.got);
    must_close(img);
}

/* One write or, if TEXT says so, discard of ARG bytes.  After a refusal the
 * disk is what it was: an oracle of its own, which saw no request, says so. */
static void one_change(struct env *env, const struct conf_case *self)
{
    struct oracle *untouched = long_image(env);
    struct img *img;
    int result;

    long_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    result = self->text ? img_discard(img, self->arg, OFFSET)
                        : write_new(img, self->arg, OFFSET);
    if (!was_carried_out(env, result))
        img_track(img, untouched);
    expect_guest_all(img, "LIM-8");
    must_close(img);
    img = open_again(env, img, 0);
    expect_guest_all(img, "LIM-8");
    must_close(img);
}

const struct conf_case cases_lim_long[] = {
    {"lim/read-of-16-mib-and-a-sector",
     "A read of 16 MiB and a sector is whole or refused", "LIM-8", 0,
     .run = one_read, .arg = 16 * MIB + SECTOR},
    {"lim/read-of-33-mib", "A read of 33 MiB is whole or refused", "LIM-8", 0,
     .run = one_read, .arg = 33 * MIB},
    {"lim/write-of-16-mib-and-a-sector",
     "A write of 16 MiB and a sector is whole or refused", "LIM-8", WRITE,
     .run = one_change, .arg = 16 * MIB + SECTOR},
    {"lim/write-of-33-mib", "A write of 33 MiB is whole or refused", "LIM-8",
     WRITE, .run = one_change, .arg = 33 * MIB},
    {"lim/discard-of-33-mib", "A discard of 33 MiB ends and harms nothing",
     "LIM-8", DISCARD, .run = one_change, .arg = 33 * MIB, .text = "discard"},
    {0}};
