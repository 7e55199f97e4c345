/* SPDX-License-Identifier: MIT
 *
 * dur_create.c - chapter 10, Power cut, at the extreme media: a create that
 * is cut, and one that was acknowledged.
 */
#include "all.h"
#include "create.h"
#include "media.h"

#define CREATOR (ADDCOW_CAP_CREATE | ADDCOW_CAP_HOST)
#define DISK (2 * CLUSTER + 1024)

/* What an add-cow file may be while it is made. */
struct making {
    struct addcow_create_args args;
    struct media media;
    struct content old, made;
    size_t first, end;
};

static void make_one(struct env *env, struct making *m, uint64_t old_len)
{
    put_inputs(env, DISK, DISK);
    m->args = create_args(old_len ? ADDCOW_CREATE_REPLACE : 0);
    if (old_len)
        put_old_target(env, old_len);
    m->old = content_get(env, ADDCOW_NAME);
    media_init(&m->media, env);
    m->first = n_events(env);
    must_create(env, "DUR-17", &m->args);
    m->end = n_events(env);
    m->made = content_get(env, ADDCOW_NAME);
}

/* ARG is the length of the file to be replaced; 0: none. */
static void during_create(struct env *env, const struct conf_case *self)
{
    struct making m;
    size_t cut;
    unsigned keep;

    make_one(env, &m, self->arg);
    for (cut = m.first + 1; cut <= m.end; cut++) {
        media_until(&m.media, cut);
        for (keep = 0; keep <= KEEP_ADDCOW; keep += KEEP_ADDCOW) {
            const struct content *c = media_addcow(&m.media, keep);

            doing(env,
                  "look at the add-cow file after a cut before host "
                  "call %zu, where %s",
                  cut, keep_words(keep));
            content_put(env, CUT_IMAGE, c);
            expect_true(env, "DUR-17",
                        "the add-cow file is absent, without the magic, the "
                        "whole new image or the whole old file",
                        !has_magic(env, CUT_IMAGE) ||
                            content_equal(c, &m.made) ||
                            content_equal(c, &m.old));
        }
    }
}

static void created_survives(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args =
        create_args(self->arg ? ADDCOW_CREATE_REPLACE : 0);
    struct media m;
    struct img *img;

    put_inputs(env, DISK, DISK);
    if (self->arg)
        put_old_target(env, self->arg);
    media_init(&m, env);
    must_create(env, "DUR-18", &args);
    media_until(&m, n_events(env));
    media_put(&m, KEEP_NOTHING);
    expect_new_image(env, "DUR-18", CUT_IMAGE, IMAGE_NAME, BACKING_NAME, DISK);
    expect_ok(env, "DUR-18", img_open(env, &img, CUT_IMAGE, 0));
    expect_u64(env, "DUR-18", "virtual size", img_size(img), DISK);
    must_close(img);
}

const struct conf_case cases_dur_create[] = {
    {"dur/create-cut",
     "A create that is cut leaves no image or a whole one, at the extreme "
     "media",
     "DUR-17", CREATOR, during_create, 0, NULL},
    {"dur/create-cut-replacing",
     "A create that is cut leaves the old image, none or the new one, at the "
     "extreme media",
     "DUR-17", CREATOR, during_create, 9000, NULL},
    {"dur/create-cut-replacing-a-shorter-file",
     "A create over a shorter file leaves it, none or the new image, at the "
     "extreme media",
     "DUR-17", CREATOR, during_create, 2561, NULL},
    {"dur/created", "An image that was made is durable", "DUR-18", CREATOR,
     created_survives, 0, NULL},
    {"dur/created-replacing", "An image that replaced another is durable",
     "DUR-18", CREATOR, created_survives, 9000, NULL},
    {0}};
