/* SPDX-License-Identifier: MIT
 *
 * mycow.c - a disk of 1000 bytes in memory, called "disk", as the library that
 * the shim in README.md imagines.  Its flush fails.
 */
#include "mycow.h"

#include <errno.h>
#include <string.h>

struct mycow {
    unsigned char bytes[1000];
};

static struct mycow the_disk;

static int inside(uint64_t offset, size_t len)
{
    if (offset <= 1000 && len <= 1000 - offset)
        return 1;
    errno = ERANGE;
    return 0;
}

struct mycow *mycow_open(const char *name, int writable)
{
    (void)writable;
    if (strcmp(name, "disk") == 0)
        return &the_disk;
    errno = ENOENT;
    return NULL;
}

int mycow_close(struct mycow *cow)
{
    (void)cow;
    return 0;
}

int mycow_flush(struct mycow *cow)
{
    (void)cow;
    errno = EIO;
    return -1;
}

uint64_t mycow_size(struct mycow *cow)
{
    (void)cow;
    return 1000;
}

int mycow_read(struct mycow *cow, uint64_t offset, void *out, size_t len)
{
    if (!inside(offset, len))
        return -1;
    memcpy(out, cow->bytes + offset, len);
    return 0;
}

int mycow_write(struct mycow *cow, uint64_t offset, const void *data,
                size_t len)
{
    if (!inside(offset, len))
        return -1;
    memcpy(cow->bytes + offset, data, len);
    return 0;
}
