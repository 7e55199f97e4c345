/* SPDX-License-Identifier: MIT
 *
 * world_plain.c - the files of a case as plain files in its working
 * directory.
 */
#define _GNU_SOURCE /* SEEK_DATA */
#include "base/memory.h"
#include "env_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Windows of a pattern in a file that is too large to be filled. */
#define WINDOW (256 * KIB)

static const char *path_of(struct env *env, const char *name)
{
    return path_from(env, env->home, name);
}

static int opened(int *fd, struct env *env, const char *name, int flags)
{
    *fd = open(path_of(env, name), flags | O_CLOEXEC, 0666);
    return *fd < 0 ? errno : 0;
}

static int closed(int fd, int result)
{
    return close(fd) && !result ? errno : result;
}

static int plain_create(struct env *env, const char *name)
{
    int fd;
    int r = opened(&fd, env, name, O_RDWR | O_CREAT | O_TRUNC);

    return r ? r : closed(fd, 0);
}

static int plain_resize(struct env *env, const char *name, uint64_t size)
{
    if (size > INT64_MAX)
        return EFBIG;
    return truncate(path_of(env, name), (off_t)size) ? errno : 0;
}

static int write_all(int fd, const uint8_t *data, size_t len, uint64_t offset)
{
    while (len) {
        ssize_t n = pwrite(fd, data, len, (off_t)offset);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n < 0)
            continue;
        data += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static int plain_write(struct env *env, const char *name, const void *data,
                       size_t len, uint64_t offset)
{
    int fd;
    int r = opened(&fd, env, name, O_RDWR);

    return r ? r : closed(fd, write_all(fd, data, len, offset));
}

static int write_pattern(int fd, uint32_t tag, uint64_t from, uint64_t end)
{
    uint8_t *buf = mem_new(1, WINDOW);
    int r = 0;

    while (!r && from < end) {
        size_t n = end - from < WINDOW ? (size_t)(end - from) : WINDOW;

        pattern_fill(buf, n, from, tag);
        r = write_all(fd, buf, n, from);
        from += n;
    }
    mem_free(buf);
    return r;
}

static int plain_pattern(struct env *env, const char *name, uint32_t tag,
                         uint64_t size)
{
    int fd;
    int r = plain_resize(env, name, size);

    if (!r)
        r = opened(&fd, env, name, O_RDWR);
    if (r)
        return r;
    if (size <= PATTERN_WHOLE) {
        r = write_pattern(fd, tag, 0, size);
    } else {
        r = write_pattern(fd, tag, 0, WINDOW);
        if (!r)
            r = write_pattern(fd, tag, (size - WINDOW) / CLUSTER * CLUSTER,
                              size);
    }
    return closed(fd, r);
}

static int plain_remove(struct env *env, const char *name)
{
    return remove(path_of(env, name)) ? errno : 0;
}

static int plain_make_dir(struct env *env, const char *name)
{
    return mkdir(path_of(env, name), 0777) ? errno : 0;
}

static int plain_symlink(struct env *env, const char *name, const char *target)
{
    return symlink(target, path_of(env, name)) ? errno : 0;
}

static int plain_link(struct env *env, const char *name, const char *existing)
{
    return link(path_of(env, existing), path_of(env, name)) ? errno : 0;
}

static int plain_fifo(struct env *env, const char *name)
{
    return mkfifo(path_of(env, name), 0666) ? errno : 0;
}

static int plain_block(struct env *env, const char *name, uint64_t size)
{
    (void)env;
    (void)name;
    (void)size;
    return ENOTSUP;
}

static int plain_identity(struct env *env, const char *name, uint64_t device,
                          uint64_t inode)
{
    (void)env;
    (void)name;
    (void)device;
    (void)inode;
    return ENOTSUP;
}

static int plain_chdir(struct env *env, const char *name)
{
    return chdir(path_of(env, name)) ? errno : 0;
}

/* Root passes by the mode of a file, so nothing would be denied. */
static int plain_deny(struct env *env, const char *name, unsigned denied)
{
    mode_t mode = 0666;

    if (geteuid() == 0)
        return ENOTSUP;
    if (denied & DISK_DENY_WRITE)
        mode = 0444;
    if (denied & DISK_DENY_ALL)
        mode = 0;
    return chmod(path_of(env, name), mode) ? errno : 0;
}

static bool plain_exists(struct env *env, const char *name)
{
    struct stat st;

    return stat(path_of(env, name), &st) == 0;
}

static int read_range(int fd, struct store *to, uint64_t from, uint64_t end)
{
    uint8_t buf[4096];

    while (from < end) {
        size_t want =
            end - from < sizeof(buf) ? (size_t)(end - from) : sizeof(buf);
        ssize_t n = pread(fd, buf, want, (off_t)from);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n == 0)
            return 0; /* shorter now: its size says so */
        if (n < 0)
            continue;
        store_write(to, buf, (size_t)n, from);
        from += (uint64_t)n;
    }
    return 0;
}

static int read_data(int fd, struct store *to, off_t size)
{
    off_t at = 0;
    off_t end;
    int r = 0;

    while (!r && at < size) {
        at = lseek(fd, at, SEEK_DATA);
        if (at < 0)
            return errno == ENXIO ? 0 : errno;
        end = lseek(fd, at, SEEK_HOLE);
        if (end < 0)
            return errno;
        r = read_range(fd, to, (uint64_t)at, (uint64_t)end);
        at = end;
    }
    return r;
}

static int plain_view(struct env *env, struct store **out, const char *name)
{
    struct stat st;
    int fd;
    int r = opened(&fd, env, name, O_RDONLY | O_NONBLOCK);

    if (r)
        return r;
    *out = store_new();
    r = fstat(fd, &st) ? errno : 0;
    if (!r && S_ISREG(st.st_mode)) {
        store_set_size(*out, (uint64_t)st.st_size);
        r = read_data(fd, *out, st.st_size);
    }
    if (r)
        store_free(*out);
    return closed(fd, r);
}

struct visitor {
    void (*visit)(void *arg, const char *path, const struct store *content);
    void *arg;
};

static void each_in(struct env *env, const char *dir, const struct visitor *v);

static void visit_path(struct env *env, const char *path,
                       const struct visitor *v)
{
    struct stat st;
    struct store *content;

    if (lstat(path, &st))
        return;
    if (S_ISDIR(st.st_mode))
        each_in(env, path, v);
    if (!S_ISREG(st.st_mode) || plain_view(env, &content, path))
        return;
    v->visit(v->arg, path, content);
    store_free(content);
}

static void each_in(struct env *env, const char *dir, const struct visitor *v)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            visit_path(env, path_from(env, dir, e->d_name), v);
    if (d)
        closedir(d);
}

static void plain_each(struct env *env,
                       void (*visit)(void *arg, const char *path,
                                     const struct store *content),
                       void *arg)
{
    each_in(env, env->home, &(struct visitor){visit, arg});
}

const struct world world_plain = {.create = plain_create,
                                  .resize = plain_resize,
                                  .write = plain_write,
                                  .pattern = plain_pattern,
                                  .remove = plain_remove,
                                  .make_dir = plain_make_dir,
                                  .symlink = plain_symlink,
                                  .link = plain_link,
                                  .fifo = plain_fifo,
                                  .block = plain_block,
                                  .identity = plain_identity,
                                  .chdir = plain_chdir,
                                  .deny = plain_deny,
                                  .exists = plain_exists,
                                  .view = plain_view,
                                  .each = plain_each};
