/* SPDX-License-Identifier: MIT
 *
 * The host over files of a POSIX system.  No chapter of the specification:
 * this is the contract of struct addcow_host on pread(), pwrite(), fsync().
 *
 * Deliberately missing: asynchronous requests, O_DIRECT, systems on which
 * ftruncate() does not grow with zeros.
 */
#include "addcow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct addcow_file {
    int fd;
    int dir_fd;     /* to be flushed for the name of a new file, or -1 */
    bool all_dirty; /* length or name: fdatasync() is not enough */
};

static int class_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return ADDCOW_NOT_FOUND;
    case EEXIST:
        return ADDCOW_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
    case ETXTBSY:
        return ADDCOW_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ADDCOW_NO_SPACE;
    case ENOMEM:
        return ADDCOW_NO_MEMORY;
    default:
        return ADDCOW_IO;
    }
}

static int open_again(const char *name, int flags)
{
    int fd;

    do
        fd = open(name, flags, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Opening a device can have an effect of its own, and the other end of a FIFO
 * notices it: a name that leads to one is refused without opening it. */
static bool is_special(const char *name)
{
    struct stat st;

    return stat(name, &st) == 0 && !S_ISREG(st.st_mode) &&
           !S_ISBLK(st.st_mode);
}

/* Checks what was opened, which may be another file by now, and locks it
 * against other writers where the file system has locks (WR-26). */
static int check_kind(int fd, uint32_t flags)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return class_of(errno);
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return ADDCOW_IO;
    if (flags & ADDCOW_FILE_WRITE && flock(fd, LOCK_EX | LOCK_NB) != 0 &&
        errno == EWOULDBLOCK)
        return ADDCOW_OTHER;
    return ADDCOW_OK;
}

/* A directory that may not be read is not flushed. */
static int open_dir(int *out, const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t len = slash ? (size_t)(slash - name) + 1 : 0;
    char *dir = malloc(len + 2);
    int result;

    if (!dir)
        return ADDCOW_NO_MEMORY;
    memcpy(dir, name, len);
    memcpy(dir + len, ".", 2);
    *out = open_again(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    result = *out >= 0 || errno == EACCES ? ADDCOW_OK : class_of(errno);
    free(dir);
    return result;
}

/* O_NONBLOCK: the name may lead to a FIFO by now, which would block. */
static int open_flags(uint32_t flags)
{
    int mode = flags & ADDCOW_FILE_WRITE ? O_RDWR : O_RDONLY;
    int make = flags & ADDCOW_FILE_CREATE ? O_CREAT | O_EXCL : 0;

    return mode | make | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
}

static int host_close(void *ctx, struct addcow_file *file)
{
    int result = close(file->fd) == 0 ? ADDCOW_OK : class_of(errno);

    (void)ctx;
    if (file->dir_fd >= 0)
        close(file->dir_fd);
    free(file);
    return result;
}

static int host_open(void *ctx, struct addcow_file **out, const char *name,
                     uint32_t flags)
{
    struct addcow_file *file;
    int result;

    if (!(flags & ADDCOW_FILE_CREATE) && is_special(name))
        return ADDCOW_IO;
    file = malloc(sizeof(*file));
    if (!file)
        return ADDCOW_NO_MEMORY;
    *file = (struct addcow_file){.dir_fd = -1, .all_dirty = true};
    file->fd = open_again(name, open_flags(flags));
    if (file->fd < 0) {
        result = class_of(errno);
        free(file);
        return result;
    }
    result = check_kind(file->fd, flags);
    if (result == ADDCOW_OK && flags & ADDCOW_FILE_CREATE)
        result = open_dir(&file->dir_fd, name);
    if (result == ADDCOW_OK) {
        *out = file;
        return ADDCOW_OK;
    }
    if (flags & ADDCOW_FILE_CREATE)
        unlink(name); /* it was not there before */
    host_close(ctx, file);
    return result;
}

static int host_identify(void *ctx, struct addcow_file *file,
                         struct addcow_identity *out)
{
    struct stat st;

    (void)ctx;
    if (fstat(file->fd, &st) != 0)
        return class_of(errno);
    out->device = (uint64_t)st.st_dev;
    out->inode = (uint64_t)st.st_ino;
    return ADDCOW_OK;
}

/* The length of a block device is known from where it ends. */
static int host_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    struct stat st;
    off_t len;

    (void)ctx;
    if (fstat(file->fd, &st) != 0)
        return class_of(errno);
    len = S_ISBLK(st.st_mode) ? lseek(file->fd, 0, SEEK_END) : st.st_size;
    if (len < 0)
        return class_of(errno);
    *out = (uint64_t)len;
    return ADDCOW_OK;
}

static int host_set_size(void *ctx, struct addcow_file *file, uint64_t size)
{
    int failed;

    (void)ctx;
    if (size > INT64_MAX)
        return ADDCOW_RANGE;
    file->all_dirty = true;
    do
        failed = ftruncate(file->fd, (off_t)size);
    while (failed && errno == EINTR);
    return failed ? class_of(errno) : ADDCOW_OK;
}

static bool fits(size_t len, uint64_t offset)
{
    return offset <= INT64_MAX && len <= INT64_MAX - offset;
}

static int host_read(void *ctx, struct addcow_file *file, void *out,
                     size_t len, uint64_t offset)
{
    unsigned char *at = out;

    (void)ctx;
    if (!fits(len, offset))
        return ADDCOW_RANGE;
    while (len) {
        ssize_t n = pread(file->fd, at, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return class_of(errno);
        if (n == 0)
            return ADDCOW_RANGE;
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return ADDCOW_OK;
}

static int host_write(void *ctx, struct addcow_file *file, const void *data,
                      size_t len, uint64_t offset)
{
    const unsigned char *at = data;

    (void)ctx;
    if (!fits(len, offset))
        return ADDCOW_RANGE;
    while (len) {
        ssize_t n = pwrite(file->fd, at, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return class_of(errno);
        if (n == 0) /* no progress, and no use in waiting */
            return ADDCOW_IO;
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return ADDCOW_OK;
}

/* EINVAL: a file system that has no flush for directories. */
static int flush_dir(struct addcow_file *file)
{
    if (file->dir_fd < 0)
        return ADDCOW_OK;
    if (fsync(file->dir_fd) != 0 && errno != EINVAL)
        return class_of(errno);
    close(file->dir_fd);
    file->dir_fd = -1;
    return ADDCOW_OK;
}

/* An interrupted flush is repeated; a failed one is reported. */
static int host_flush(void *ctx, struct addcow_file *file)
{
    int failed;

    (void)ctx;
    do
        failed = file->all_dirty ? fsync(file->fd) : fdatasync(file->fd);
    while (failed && errno == EINTR);
    if (failed)
        return class_of(errno);
    file->all_dirty = false;
    return flush_dir(file);
}

static int host_remove(void *ctx, const char *name)
{
    (void)ctx;
    return unlink(name) == 0 ? ADDCOW_OK : class_of(errno);
}

const struct addcow_host *addcow_posix_host(void)
{
    static const struct addcow_host host = {.size = sizeof(host),
                                            .abi = ADDCOW_SHIM_ABI,
                                            .open = host_open,
                                            .close = host_close,
                                            .identify = host_identify,
                                            .get_size = host_get_size,
                                            .set_size = host_set_size,
                                            .read = host_read,
                                            .write = host_write,
                                            .flush = host_flush,
                                            .remove = host_remove};

    return &host;
}
