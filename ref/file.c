/* SPDX-License-Identifier: MIT
 *
 * Files, through the functions of the host: each failure is given its class
 * and described in the error of the file.
 */
#include "internal.h"

#include <stdlib.h>

/* ERR-2: the classes that any function of the host may give pass; whatever
 * else one returns is a failure of the storage. */
static int host_class(int result)
{
    switch (result) {
    case ADDCOW_OK:
    case ADDCOW_NO_SPACE:
    case ADDCOW_NO_MEMORY:
        return result;
    default:
        return ADDCOW_IO;
    }
}

static int open_class(int result)
{
    switch (result) {
    case ADDCOW_NOT_FOUND:
    case ADDCOW_EXISTS:
    case ADDCOW_READ_ONLY:
    case ADDCOW_OTHER:
        return result;
    default:
        return host_class(result);
    }
}

static const char *open_failure(int result, uint32_t flags)
{
    switch (result) {
    case ADDCOW_NOT_FOUND:
        return "no such file";
    case ADDCOW_EXISTS:
        return "the file exists";
    case ADDCOW_READ_ONLY:
        return flags & ADDCOW_FILE_WRITE ? "the file may not be written"
                                         : "the file may not be read";
    case ADDCOW_OTHER:
        return "the file is locked by another writer";
    case ADDCOW_NO_MEMORY:
        return "out of memory";
    default:
        return "the file cannot be opened, or is no regular file";
    }
}

int file_open(struct file *file, struct addcow_error *error,
              const struct addcow_host *host, char *name, uint32_t flags,
              const char *clause)
{
    struct file opened = {.host = host, .name = name, .error = error};
    int result = ADDCOW_NO_MEMORY;

    if (name)
        result =
            open_class(host->open(host->ctx, &opened.handle, name, flags));
    if (result != ADDCOW_OK) {
        err_set(error, result, result == ADDCOW_NOT_FOUND ? clause : NULL,
                name, ADDCOW_NO_OFFSET, open_failure(result, flags));
        free(name);
        return result;
    }
    *file = opened;
    return ADDCOW_OK;
}

void file_close(struct file *file)
{
    if (file->handle)
        file->host->close(file->host->ctx, file->handle);
    free(file->name);
    *file = (struct file){0};
}

/* WR-13, RSZ-15, RD-8: no failure of the host is dropped. */
static int outcome(struct file *file, int result, uint64_t offset,
                   const char *what)
{
    if (result == ADDCOW_OK)
        return result;
    return err_set(file->error, result, NULL, file->name, offset, what);
}

int file_size(struct file *file, uint64_t *out)
{
    int result = file->host->get_size(file->host->ctx, file->handle, out);

    return outcome(file, host_class(result), ADDCOW_NO_OFFSET,
                   "the length cannot be told");
}

int file_set_size(struct file *file, uint64_t size)
{
    int result = file->host->set_size(file->host->ctx, file->handle, size);

    if (result != ADDCOW_RANGE)
        result = host_class(result);
    return outcome(file, result, size, "the length cannot be changed");
}

int file_read(struct file *file, void *out, size_t len, uint64_t offset)
{
    int result =
        file->host->read(file->host->ctx, file->handle, out, len, offset);

    return outcome(file, host_class(result), offset, "cannot read");
}

int file_write(struct file *file, const void *data, size_t len,
               uint64_t offset)
{
    int result =
        file->host->write(file->host->ctx, file->handle, data, len, offset);

    return outcome(file, host_class(result), offset,
                   result == ADDCOW_NO_SPACE ? "no space left to write"
                                             : "cannot write");
}

int file_flush(struct file *file)
{
    int result = file->host->flush(file->host->ctx, file->handle);

    return outcome(file, host_class(result), ADDCOW_NO_OFFSET, "cannot flush");
}
