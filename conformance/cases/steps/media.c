/* SPDX-License-Identifier: MIT
 *
 * media.c - extreme media from a recording.  See media.h.
 */
#include "media.h"

#include <stdbool.h>

const char *keep_words(unsigned keep)
{
    static const char *const words[N_KEEPS] = {
        "nothing survived that had not been flushed",
        "the image file's writes survived, the add-cow file's did not",
        "the add-cow file's writes survived, the image file's did not",
        "all writes survived"};

    return words[keep % N_KEEPS];
}

void media_init(struct media *m, struct env *env)
{
    m->env = env;
    follow_init(&m->image, env, IMAGE_NAME);
    follow_init(&m->addcow, env, ADDCOW_NAME);
    if (!file_exists(env, CUT_DIR))
        put_dir(env, CUT_DIR);
    if (file_exists(env, BACKING_NAME))
        copy_file(env, CUT_DIR "/" BACKING_NAME, BACKING_NAME);
}

void media_until(struct media *m, size_t end)
{
    follow_until(&m->image, end);
    follow_until(&m->addcow, end);
}

bool media_concerned(const struct media *m, size_t i)
{
    return follow_concerns(&m->image, i) || follow_concerns(&m->addcow, i);
}

const struct content *media_image(const struct media *m, unsigned keep)
{
    return keep & KEEP_IMAGE ? &m->image.visible : &m->image.durable;
}

const struct content *media_addcow(const struct media *m, unsigned keep)
{
    return keep & KEEP_ADDCOW ? &m->addcow.visible : &m->addcow.durable;
}

bool media_differ(const struct media *m, unsigned keep)
{
    if (keep & KEEP_IMAGE &&
        content_equal(&m->image.visible, &m->image.durable))
        return false;
    return !(keep & KEEP_ADDCOW) ||
           !content_equal(&m->addcow.visible, &m->addcow.durable);
}

void media_put(struct media *m, unsigned keep)
{
    content_put(m->env, CUT_IMAGE, media_addcow(m, keep));
    content_put(m->env, CUT_DIR "/" IMAGE_NAME, media_image(m, keep));
}
