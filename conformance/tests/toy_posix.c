/* SPDX-License-Identifier: MIT
 *
 * toy_posix.c - the toy as a shim without HOST: on plain files.
 */
#include "toy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 64

/* fd 0: not in use. */
struct addcow_file {
    int fd;
};

/* Static, so that what a failed case leaves open is no leak of memory. */
static struct addcow_file files[MAX_FILES];

static struct addcow_file *unused(void)
{
    for (size_t i = 0; i < MAX_FILES; i++)
        if (files[i].fd == 0)
            return &files[i];
    abort();
}

static int class_of(int error_number)
{
    return error_number == ENOENT ? ADDCOW_NOT_FOUND : ADDCOW_IO;
}

static int posix_open(void *ctx, struct addcow_file **out, const char *name,
                      uint32_t flags)
{
    int fd = open(name, flags & ADDCOW_FILE_WRITE ? O_RDWR : O_RDONLY);

    (void)ctx;
    if (fd < 0)
        return class_of(errno);
    *out = unused();
    (*out)->fd = fd;
    return ADDCOW_OK;
}

static int posix_close(void *ctx, struct addcow_file *file)
{
    int r = close(file->fd) ? ADDCOW_IO : ADDCOW_OK;

    (void)ctx;
    file->fd = 0;
    return r;
}

static int posix_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    struct stat st;

    (void)ctx;
    if (fstat(file->fd, &st))
        return ADDCOW_IO;
    *out = (uint64_t)st.st_size;
    return ADDCOW_OK;
}

static int posix_read(void *ctx, struct addcow_file *file, void *out,
                      size_t len, uint64_t offset)
{
    (void)ctx;
    return pread(file->fd, out, len, (off_t)offset) == (ssize_t)len
               ? ADDCOW_OK
               : ADDCOW_RANGE;
}

static int posix_write(void *ctx, struct addcow_file *file, const void *data,
                       size_t len, uint64_t offset)
{
    (void)ctx;
    return pwrite(file->fd, data, len, (off_t)offset) == (ssize_t)len
               ? ADDCOW_OK
               : ADDCOW_IO;
}

/* The tests cut no power. */
static int posix_flush(void *ctx, struct addcow_file *file)
{
    (void)ctx;
    (void)file;
    return ADDCOW_OK;
}

static const struct addcow_host host = {.size = sizeof(host),
                                        .abi = ADDCOW_SHIM_ABI,
                                        .open = posix_open,
                                        .close = posix_close,
                                        .get_size = posix_get_size,
                                        .read = posix_read,
                                        .write = posix_write,
                                        .flush = posix_flush};

static const struct addcow_shim *inner;

static int open_plain(void **out, const struct addcow_host *none,
                      const struct addcow_open_args *args)
{
    if (none)
        return ADDCOW_INVALID;
    return inner->open(out, &host, args);
}

const struct addcow_shim *toy_posix(enum toy_fault fault)
{
    static struct addcow_shim table;

    for (size_t i = 0; i < MAX_FILES; i++) {
        if (files[i].fd)
            close(files[i].fd);
        files[i].fd = 0;
    }
    inner = toy(fault);
    table = *inner;
    table.capabilities &= ~(ADDCOW_CAP_HOST | ADDCOW_CAP_CONCURRENT);
    table.open = open_plain;
    return &table;
}
