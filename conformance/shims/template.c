/* SPDX-License-Identifier: MIT
 *
 * template.c - a whole reader, to start from; missing on purpose: a cache.
 */
#include "addcow_shim.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 2560, NAME = 1024, RESERVED = 2060 };
enum { CLUSTER = 65536, GROUP = 8 * CLUSTER }; /* of a bit, of a byte */
enum { META, RAW, BACKING, N_FILES };          /* of an image */
static const int name_at[N_FILES] = {[RAW] = 1036, [BACKING] = 12};

struct image {
    const struct addcow_host *host;
    struct addcow_file *file[N_FILES]; /* null: not open, or no backing */
    struct addcow_identity id[N_FILES];
    uint64_t len[N_FILES]; /* of RAW: the virtual size */
};

static int probe(const void *head, size_t len)
{
    static const char start[] = "ADD_COW\xff\0\0\0\1";

    if (len < 8 || memcmp(head, start, 8) != 0)
        return ADDCOW_NOT_ADDCOW;
    return len < 12 || memcmp(head, start, 12) == 0 ? 0 : ADDCOW_VERSION;
}

static bool is_zero(const char *bytes, size_t len)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* At least one NUL, nothing after the first, no colon before a slash. */
static bool is_name(const char *field)
{
    return field[NAME - 1] == 0 &&
           is_zero(field + strlen(field), NAME - strlen(field)) &&
           field[strcspn(field, ":/")] != ':';
}

/* Reads a file; zeros follow its end, and no backing file is all zeros. */
static int fetch(struct image *image, int which, void *out, size_t len,
                 uint64_t offset)
{
    uint64_t end = image->len[which], left = offset < end ? end - offset : 0;
    size_t n = left < len ? (size_t)left : len;

    memset((char *)out + n, 0, len - n);
    return n == 0 ? 0
                  : image->host->read(image->host->ctx, image->file[which],
                                      out, n, offset);
}

/* A relative NAME starts where the last slash of PATH ends.  No two files of
 * an image are the same. */
static int open_file(struct image *image, int which, const char *path,
                     const char *name)
{
    const struct addcow_host *host = image->host;
    struct addcow_identity *id = &image->id[which];
    const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
    size_t dir = slash ? (size_t)(slash - path) + 1 : 0;
    char *joined = calloc(1, dir + strlen(name) + 1);
    struct addcow_file *file;
    int result;

    if (!joined)
        return ADDCOW_NO_MEMORY;
    strcat(strncat(joined, path, dir), name);
    result = host->open(host->ctx, &file, joined, 0);
    free(joined);
    if (result)
        return result;
    image->file[which] = file;
    result = host->get_size(host->ctx, file, &image->len[which]);
    if (!result)
        result = host->identify(host->ctx, file, id);
    for (int i = 0; !result && i < which; i++)
        if (memcmp(id, &image->id[i], sizeof(*id)) == 0)
            result = ADDCOW_CORRUPT;
    return result;
}

static int open_files(struct image *image, const char *path)
{
    char header[HEADER];
    uint64_t *len = image->len;
    int result = open_file(image, META, "", path);

    if (!result)
        result = fetch(image, META, header, HEADER, 0);
    if (!result)
        result = probe(header, len[META] < 12 ? (size_t)len[META] : 12);
    if (!result && (len[META] < HEADER || header[name_at[RAW]] == 0 ||
                    !is_name(header + name_at[RAW]) ||
                    !is_name(header + name_at[BACKING]) ||
                    !is_zero(header + RESERVED, HEADER - RESERVED)))
        result = ADDCOW_CORRUPT;
    for (int i = RAW; !result && i < N_FILES; i++)
        if (header[name_at[i]])
            result = open_file(image, i, path, header + name_at[i]);
    len[RAW] -= len[RAW] % 512;
    if (!result && len[META] - HEADER < (len[RAW] + GROUP - 1) / GROUP)
        result = ADDCOW_CORRUPT;
    return result;
}

static int close_image(void *handle)
{
    struct image *image = handle;

    for (int i = 0; i < N_FILES; i++)
        if (image->file[i])
            image->host->close(image->host->ctx, image->file[i]);
    free(image);
    return 0;
}

static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    struct image *image = args->flags ? NULL : calloc(1, sizeof(*image));
    int result;

    if (!image)
        return args->flags ? ADDCOW_UNIMPLEMENTED : ADDCOW_NO_MEMORY;
    image->host = host;
    result = open_files(image, args->name);
    if (result)
        close_image(image);
    *out = result ? NULL : image;
    return result;
}

static int get_size(void *handle, uint64_t *out)
{
    *out = ((struct image *)handle)->len[RAW];
    return 0;
}

/* The file that has the content of CLUSTER, or the host's error. */
static int find(struct image *image, uint64_t cluster)
{
    unsigned char byte;
    int result = fetch(image, META, &byte, 1, HEADER + cluster / 8);

    return result ? result : (byte >> cluster % 8 & 1 ? RAW : BACKING);
}

static int read_image(void *handle, void *out, size_t len, uint64_t offset)
{
    struct image *image = handle;
    uint64_t size = image->len[RAW], end = offset + len;
    int result = 0;

    if (offset > size || len > size - offset)
        return ADDCOW_RANGE;
    for (uint64_t next = offset; !result && offset < end; offset = next) {
        int from = find(image, offset / CLUSTER);
        size_t n;

        do
            next += CLUSTER - next % CLUSTER;
        while (next < end && find(image, next / CLUSTER) == from);
        n = (size_t)((next < end ? next : end) - offset);
        result = from < 0 ? from : fetch(image, from, out, n, offset);
        out = (char *)out + n;
    }
    return result;
}

static const struct addcow_shim shim = {
    .size = sizeof(shim),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_CLASSES,
    .name = "template",
    .version = "1.0",
    .choices = (const struct addcow_choice[]){{"IMPL-1", "a"}, {NULL, NULL}},
    .open = open_image,
    .close = close_image,
    .get_size = get_size,
    .read = read_image,
    .probe = probe,
};

const struct addcow_shim *addcow_shim_get(void)
{
    return &shim;
}
