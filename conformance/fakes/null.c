/* SPDX-License-Identifier: MIT
 *
 * null.c - implementations that implement nothing, one for each NULL_* macro:
 *
 *     NULL_REFUSE   refuses everything
 *     NULL_ZEROS    accepts everything, and every byte is zero
 *     NULL_BACKING  reads the backing file, and forgets what is written
 *     NULL_IMAGE    reads and writes the image file
 *
 * What they score says what a score is worth.  They claim all that they could
 * be asked for but CLASSES, so that any refusal counts.  Missing on purpose:
 * any judgement of the add-cow file, and its bitmap.
 */
#include "addcow_shim.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 2560, BACKING_AT = 12, IMAGE_AT = 1036 };

#if defined(NULL_REFUSE)
enum { ANSWER = ADDCOW_OTHER };
#define NAME "null-refuse"
#else
enum { ANSWER = ADDCOW_OK };
#endif
#if defined(NULL_ZEROS)
#define NAME "null-zeros"
#elif defined(NULL_BACKING)
#define NAME "null-backing"
#elif defined(NULL_IMAGE)
#define NAME "null-image"
#endif

struct image {
    const struct addcow_host *host;
    struct addcow_file *raw, *backing; /* null: there is none */
    uint64_t size;
};

#if defined(NULL_BACKING) || defined(NULL_IMAGE)
static int open_beside(struct image *image, struct addcow_file **out,
                       const char *path, const char *name, uint32_t flags)
{
    const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
    size_t dir_len = slash ? (size_t)(slash - path) + 1 : 0;
    char *joined = calloc(1, dir_len + strlen(name) + 1);
    struct addcow_file *file;
    int result;

    if (!joined)
        return ADDCOW_NO_MEMORY;
    memcpy(joined, path, dir_len);
    strcat(joined, name);
    result = image->host->open(image->host->ctx, &file, joined, flags);
    free(joined);
    if (result == ADDCOW_OK)
        *out = file;
    return result;
}

/* The names, whatever else the header says. */
static int read_header(struct image *image, char *header, const char *path)
{
    const struct addcow_host *host = image->host;
    struct addcow_file *file;
    int result = host->open(host->ctx, &file, path, 0);

    if (result)
        return result;
    result = host->read(host->ctx, file, header, HEADER, 0);
    header[HEADER - 1] = 0;
    host->close(host->ctx, file);
    return result;
}

static int open_files(struct image *image, const char *path, uint32_t flags)
{
    char header[HEADER];
    int result = read_header(image, header, path);

    if (!result)
        result = open_beside(image, &image->raw, path, header + IMAGE_AT,
                             flags ? ADDCOW_FILE_WRITE : 0);
    if (!result)
        result =
            image->host->get_size(image->host->ctx, image->raw, &image->size);
#if defined(NULL_BACKING)
    if (!result && header[BACKING_AT])
        result =
            open_beside(image, &image->backing, path, header + BACKING_AT, 0);
#endif
    image->size -= image->size % 512;
    return result;
}
#else
static int open_files(struct image *image, const char *path, uint32_t flags)
{
    (void)path;
    (void)flags;
    image->size = UINT64_C(1) << 20;
    return ANSWER;
}
#endif

static int close_image(void *handle)
{
    struct image *image = handle;
    const struct addcow_host *host = image->host;

    if (image->raw)
        host->close(host->ctx, image->raw);
    if (image->backing)
        host->close(host->ctx, image->backing);
    free(image);
    return ADDCOW_OK;
}

static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    struct image *image = calloc(1, sizeof(*image));
    int result;

    if (!image)
        return ADDCOW_NO_MEMORY;
    image->host = host;
    result = open_files(image, args->name, args->flags);
    if (result)
        close_image(image);
    else
        *out = image;
    return result;
}

static int get_size(void *handle, uint64_t *out)
{
    *out = ((struct image *)handle)->size;
    return ADDCOW_OK;
}

static bool is_outside(const struct image *image, uint64_t len,
                       uint64_t offset)
{
    return offset > image->size || len > image->size - offset;
}

#if defined(NULL_BACKING)
static int read_backing(struct image *image, void *out, size_t len,
                        uint64_t offset)
{
    struct addcow_file *file = image->backing;
    uint64_t end = 0;
    size_t n;

    if (file)
        image->host->get_size(image->host->ctx, file, &end);
    if (offset >= end)
        return ADDCOW_OK;
    n = len < end - offset ? len : (size_t)(end - offset);
    return image->host->read(image->host->ctx, file, out, n, offset);
}
#endif

static int read_image(void *handle, void *out, size_t len, uint64_t offset)
{
    struct image *image = handle;

    if (is_outside(image, len, offset))
        return ADDCOW_RANGE;
    memset(out, 0, len);
#if defined(NULL_BACKING)
    return read_backing(image, out, len, offset);
#elif defined(NULL_IMAGE)
    return image->host->read(image->host->ctx, image->raw, out, len, offset);
#else
    return ANSWER;
#endif
}

static int write_image(void *handle, const void *data, size_t len,
                       uint64_t offset)
{
    struct image *image = handle;

    if (is_outside(image, len, offset))
        return ADDCOW_RANGE;
#if defined(NULL_IMAGE)
    return image->host->write(image->host->ctx, image->raw, data, len, offset);
#else
    (void)data;
    return ANSWER;
#endif
}

static int flush_image(void *handle)
{
#if defined(NULL_IMAGE)
    struct image *image = handle;

    return image->host->flush(image->host->ctx, image->raw);
#else
    (void)handle;
    return ANSWER;
#endif
}

static int probe(const void *head, size_t len)
{
    (void)head;
    (void)len;
    return ANSWER;
}

static int create(const struct addcow_host *host,
                  const struct addcow_create_args *args)
{
    (void)host;
    (void)args;
    return ANSWER;
}

static int set_size(void *handle, uint64_t size)
{
    struct image *image = handle;

    image->size = size;
#if defined(NULL_IMAGE)
    return image->host->set_size(image->host->ctx, image->raw, size);
#else
    return ANSWER;
#endif
}

static int map(void *handle, uint64_t *out_len, uint32_t *out_state,
               uint64_t len, uint64_t offset)
{
    if (len == 0 || is_outside(handle, len, offset))
        return ADDCOW_RANGE;
    *out_len = len;
#if defined(NULL_IMAGE)
    *out_state = ADDCOW_MAP_ALLOCATED;
#else
    *out_state = 0;
#endif
    return ANSWER;
}

static int check(struct addcow_check_result *out,
                 const struct addcow_host *host,
                 const struct addcow_check_args *args)
{
    (void)host;
    (void)args;
    memset((char *)out + sizeof(out->size), 0, out->size - sizeof(out->size));
    return ANSWER;
}

static int discard(void *handle, uint64_t len, uint64_t offset)
{
    return is_outside(handle, len, offset) ? ADDCOW_RANGE : ANSWER;
}

static const struct addcow_shim shim = {
    .size = sizeof(shim),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | ADDCOW_CAP_CREATE |
                    ADDCOW_CAP_RESIZE | ADDCOW_CAP_MAP | ADDCOW_CAP_CHECK |
                    ADDCOW_CAP_WRITETHROUGH | ADDCOW_CAP_DISCARD,
    .name = NAME,
    .version = "1.0",
    .open = open_image,
    .close = close_image,
    .get_size = get_size,
    .read = read_image,
    .probe = probe,
    .write = write_image,
    .flush = flush_image,
    .create = create,
    .set_size = set_size,
    .map = map,
    .check = check,
    .discard = discard,
};

const struct addcow_shim *addcow_shim_get(void)
{
    return &shim;
}
