/* SPDX-License-Identifier: MIT
 *
 * shim.c - a shim as it was built for version 1.0, against the header of then,
 * which lies beside it.  It has the faults that waivers.tsv and run.json tell
 * of: it looks at no reserved byte and at no bit, and aborts at any version
 * but the first.
 */
#include "addcow_shim.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 2560, IMAGE_NAME = 1036 };

struct image {
    const struct addcow_host *host;
    struct addcow_file *file; /* the image file */
    uint64_t size;
};

static int open_file(struct addcow_file **out, const struct addcow_host *host,
                     const char *name)
{
    return host->open(host->ctx, out, name, 0);
}

static int read_header(char *header, const struct addcow_host *host,
                       const char *name)
{
    struct addcow_file *file;
    int result = open_file(&file, host, name);

    if (result)
        return result;
    result = host->read(host->ctx, file, header, HEADER, 0);
    host->close(host->ctx, file);
    if (result)
        return ADDCOW_CORRUPT;
    if (memcmp(header, "ADD_COW\xff", 8) != 0)
        return ADDCOW_NOT_ADDCOW;
    if (memcmp(header + 8, "\0\0\0\1", 4) != 0)
        abort();
    return ADDCOW_OK;
}

static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    static char header[HEADER];
    struct image *image;
    int result;

    if (args->flags)
        return ADDCOW_UNIMPLEMENTED;
    result = read_header(header, host, args->name);
    if (result)
        return result;
    image = calloc(1, sizeof(*image));
    if (!image)
        return ADDCOW_NO_MEMORY;
    image->host = host;
    result = open_file(&image->file, host, header + IMAGE_NAME);
    if (!result)
        result = host->get_size(host->ctx, image->file, &image->size);
    image->size -= image->size % 512;
    *out = image;
    return result;
}

static int close_image(void *handle)
{
    struct image *image = handle;

    image->host->close(image->host->ctx, image->file);
    free(image);
    return ADDCOW_OK;
}

static int get_size(void *handle, uint64_t *out)
{
    *out = ((struct image *)handle)->size;
    return ADDCOW_OK;
}

static int read_image(void *handle, void *out, size_t len, uint64_t offset)
{
    struct image *image = handle;

    if (offset > image->size || len > image->size - offset)
        return ADDCOW_RANGE;
    return len ? image->host->read(image->host->ctx, image->file, out, len,
                                   offset)
               : ADDCOW_OK;
}

const struct addcow_shim *addcow_shim_get(void)
{
    static const struct addcow_shim shim = {
        .size = sizeof(shim),
        .abi = ADDCOW_SHIM_ABI,
        .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_CLASSES,
        .name = "compat",
        .version = "1.0",
        .open = open_image,
        .close = close_image,
        .get_size = get_size,
        .read = read_image,
    };

    return &shim;
}
