/* SPDX-License-Identifier: MIT
 *
 * dur_create.c - chapter 10, Power cut: a create that is cut at any point, in
 * every state, and one that was acknowledged.
 */
#include "all.h"
#include "steps/power.h"

#define CREATOR                                               \
    (ADDCOW_CAP_CREATE | ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | \
     CASE_CRASH(CRASH_LEVEL_NAMED))
#define DISK (2 * CLUSTER + 1024)

/* ARG is the length of the file to be replaced; 0: there is no such file. */
static void create(struct env *env, const struct conf_case *self)
{
    struct scenario s = {.image_len = DISK,
                         .backing_len = DISK,
                         .is_new = 1,
                         .old_len = self->arg,
                         .ops = {{CRASH_CREATE, self->arg != 0, 0},
                                 {CRASH_WRITE, 512, 0},
                                 {CRASH_FLUSH, 0, 0}}};

    power_decide(env, &s, NULL);
}

/* The header and the bitmap share no sector, but a block of 4096 bytes. */
static void create_many(struct env *env, const struct conf_case *self)
{
    struct scenario s = {.image_len = 40 * CLUSTER,
                         .backing_len = 9 * CLUSTER,
                         .is_new = 1,
                         .old_len = self->arg,
                         .ops = {{CRASH_CREATE, self->arg != 0, 0},
                                 {CRASH_WRITE, 512, 39 * CLUSTER},
                                 {CRASH_FLUSH, 0, 0}}};

    power_decide(env, &s, NULL);
}

const struct conf_case cases_dur_create[] = {
    {"dur/create-cut",
     "A create that is cut leaves no image or a whole one, torn at any of its "
     "sectors",
     "DUR-17 DUR-15", CREATOR, .run = create},
    {"dur/create-cut-replacing",
     "A create that is cut leaves the old image, none or the new one",
     "DUR-17", CREATOR, .run = create, .arg = 9000},
    {"dur/create-cut-replacing-a-shorter-file",
     "A create over a shorter file leaves it, none or the new image", "DUR-17",
     CREATOR, .run = create, .arg = 2561},
    {"dur/create-cut-with-a-longer-bitmap",
     "A create that is cut leaves no header without its bitmap",
     "DUR-17 DUR-13", CREATOR, .run = create_many},
    {"dur/created", "An image that was made is durable", "DUR-18", CREATOR,
     .run = create},
    {"dur/created-replacing", "An image that replaced another is durable",
     "DUR-18", CREATOR, .run = create, .arg = 9000},
    {0}};
