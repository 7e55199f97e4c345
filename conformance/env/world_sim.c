/* SPDX-License-Identifier: MIT
 *
 * world_sim.c - the files of a case on simulated storage.
 */
#include "env_impl.h"

#include <errno.h>
#include <stdbool.h>

static int number_of(int result)
{
    switch (result) {
    case ADDCOW_OK:
        return 0;
    case ADDCOW_NOT_FOUND:
        return ENOENT;
    case ADDCOW_EXISTS:
        return EEXIST;
    default:
        return EIO;
    }
}

static int sim_create(struct env *env, const char *name)
{
    return number_of(disk_put_file(env->disk, name));
}

static int sim_resize(struct env *env, const char *name, uint64_t size)
{
    struct store *s = disk_content(env->disk, name);

    if (!s)
        return ENOENT;
    store_set_size(s, size);
    disk_settle(env->disk, name);
    return 0;
}

static int sim_write(struct env *env, const char *name, const void *data,
                     size_t len, uint64_t offset)
{
    struct store *s = disk_content(env->disk, name);

    if (!s)
        return ENOENT;
    store_write(s, data, len, offset);
    disk_settle(env->disk, name);
    return 0;
}

static int sim_pattern(struct env *env, const char *name, uint32_t tag,
                       uint64_t size)
{
    struct store *s = disk_content(env->disk, name);

    if (!s)
        return ENOENT;
    store_fill(s, tag, size);
    disk_settle(env->disk, name);
    return 0;
}

static int sim_remove(struct env *env, const char *name)
{
    return number_of(disk_remove(env->disk, name));
}

static int sim_make_dir(struct env *env, const char *name)
{
    return number_of(disk_put_dir(env->disk, name));
}

static int sim_symlink(struct env *env, const char *name, const char *target)
{
    return number_of(disk_put_symlink(env->disk, name, target));
}

static int sim_link(struct env *env, const char *name, const char *existing)
{
    return number_of(disk_put_link(env->disk, name, existing));
}

static int sim_fifo(struct env *env, const char *name)
{
    (void)env;
    (void)name;
    return ENOTSUP;
}

static int sim_block(struct env *env, const char *name, uint64_t size)
{
    int r = sim_create(env, name);

    if (!r)
        r = sim_resize(env, name, size);
    return r ? r : number_of(disk_fix_size(env->disk, name));
}

static int sim_identity(struct env *env, const char *name, uint64_t device,
                        uint64_t inode)
{
    return number_of(disk_set_identity(env->disk, name, device, inode));
}

static int sim_chdir(struct env *env, const char *name)
{
    return number_of(disk_chdir(env->disk, name));
}

static int sim_deny(struct env *env, const char *name, unsigned denied)
{
    return number_of(disk_deny(env->disk, name, denied));
}

static bool sim_exists(struct env *env, const char *name)
{
    return disk_exists(env->disk, name);
}

static int sim_view(struct env *env, struct store **out, const char *name)
{
    const struct store *s = disk_content(env->disk, name);

    if (!s)
        return ENOENT;
    *out = store_clone(s);
    return 0;
}

static void sim_each(struct env *env,
                     void (*visit)(void *arg, const char *path,
                                   const struct store *content),
                     void *arg)
{
    disk_each(env->disk, visit, arg);
}

const struct world world_sim = {.create = sim_create,
                                .resize = sim_resize,
                                .write = sim_write,
                                .pattern = sim_pattern,
                                .remove = sim_remove,
                                .make_dir = sim_make_dir,
                                .symlink = sim_symlink,
                                .link = sim_link,
                                .fifo = sim_fifo,
                                .block = sim_block,
                                .identity = sim_identity,
                                .chdir = sim_chdir,
                                .deny = sim_deny,
                                .exists = sim_exists,
                                .view = sim_view,
                                .each = sim_each};
