/* SPDX-License-Identifier: MIT
 *
 * open.c - opening and closing (chapters 3 to 6).
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>

int is_same_file(const struct addcow_host *host, struct addcow_file *a,
                 struct addcow_file *b, bool *out)
{
    struct addcow_identity id_a, id_b;
    int result = host->identify(host->ctx, a, &id_a);

    if (!result)
        result = host->identify(host->ctx, b, &id_b);
    if (!result)
        *out = id_a.device == id_b.device && id_a.inode == id_b.inode;
    return result;
}

static int open_meta(struct image *image, unsigned char *header,
                     const char *path, uint32_t flags)
{
    const struct addcow_host *host = image->host;
    uint64_t len;
    struct addcow_file *file;
    int result = host->open(host->ctx, &file, path, flags);

    if (result)
        return result;
    image->meta = file;
    result = host->get_size(host->ctx, file, &len);
    if (result)
        return result;
    if (len > HEADER)
        len = HEADER;
    result = host->read(host->ctx, file, header, (size_t)len, 0);
    return result ? result : judge_header(header, (size_t)len);
}

static int open_raw(struct image *image, const char *path, const char *name,
                    uint32_t flags)
{
    const struct addcow_host *host = image->host;
    bool is_same = 0;
    struct addcow_file *file;
    char *joined = join(path, name);
    int result;

    if (!joined)
        return ADDCOW_NO_MEMORY;
    result = host->open(host->ctx, &file, joined, flags);
    free(joined);
    if (result)
        return result;
    image->raw = file;
    result = is_same_file(host, image->meta, file, &is_same);
    if (!result && is_same)
        result = ADDCOW_CORRUPT;
    if (!result)
        result = host->get_size(host->ctx, file, &image->raw_len);
    image->size = image->raw_len - image->raw_len % SECTOR;
    return result;
}

/* Reads the bitmap whole, after its length was found to be there. */
static int load_bits(struct image *image)
{
    const struct addcow_host *host = image->host;
    uint64_t len, need = bitmap_len(image->size);
    int result = host->get_size(host->ctx, image->meta, &len);

    if (result)
        return result;
    if (image->size > MAX_SIZE)
        return ADDCOW_RANGE;
    if (len - HEADER < need)
        return ADDCOW_CORRUPT;
    image->bitmap_len = need;
    result = bits_room(&image->allocated, 0, need, HABIT_UNIT > 0);
    if (!result)
        result = bits_room(&image->fresh, 0, need, 0);
    if (!result)
        result = bits_room(&image->lost, 0, need, 0);
    if (!result)
        result = host->read(host->ctx, image->meta, image->allocated.bytes,
                            (size_t)need, HEADER);
    return result;
}

static int open_files(struct image *image, const char *path)
{
    unsigned char *header = image->header;
    uint32_t flags = image->is_writable ? ADDCOW_FILE_WRITE : 0;
    int result = open_meta(image, header, path, flags);

    if (!result)
        result = open_raw(image, path, (char *)header + RAW_AT, flags);
    if (!result)
        result = load_bits(image);
    if (!result && header[BACKING_AT]) {
        image->backing_path = join(path, (char *)header + BACKING_AT);
        if (!image->backing_path)
            result = ADDCOW_NO_MEMORY;
    }
    if (!result && HABIT_EARLY_BACKING)
        result = need_backing(image);
    return result;
}

/* What an open for writing does with the files. */
static int begin_writing(struct image *image)
{
    const struct addcow_host *host = image->host;
    int result = pad_meta(image);

    if (!result && HABIT_FLUSH_AT_OPEN) {
        result = host->flush(host->ctx, image->raw);
        if (!result)
            result = host->flush(host->ctx, image->meta);
        image->is_irreplaceable = 0; /* what was there is durable now */
    }
    /* Nobody asked for it: no error of the open. */
    for (uint64_t c = HABIT_COPY_AT_OPEN; c-- > 0;)
        if (!result && c < n_clusters(image->size) &&
            !bits_get(&image->allocated, c))
            (void)copy_up(image, c);
    return result;
}

static void release(struct image *image)
{
    const struct addcow_host *host = image->host;
    struct addcow_file *files[] = {image->meta, image->raw, image->backing};

    for (int i = 0; i < 3; i++)
        if (files[i])
            host->close(host->ctx, files[i]);
    free(image->allocated.bytes);
    free(image->allocated.marks);
    free(image->log.spans);
    free(image->fresh.bytes);
    free(image->lost.bytes);
    free(image->backing_path);
    free(image->window);
    free(image);
}

int open_image(void **out, const struct addcow_host *host,
               const struct addcow_open_args *args)
{
    uint32_t known =
        ADDCOW_OPEN_WRITE | (HABIT_NO_THROUGH ? 0 : ADDCOW_OPEN_WRITETHROUGH);
    struct image *image;
    int result;

    if (args->flags & ~known)
        return ADDCOW_UNIMPLEMENTED;
    if (args->flags == ADDCOW_OPEN_WRITETHROUGH)
        return ADDCOW_INVALID;
    image = calloc(1, sizeof(*image));
    if (!image)
        return ADDCOW_NO_MEMORY;
    image->host = host;
    image->is_writable = args->flags != 0;
    image->is_writethrough = args->flags & ADDCOW_OPEN_WRITETHROUGH ||
                             (image->is_writable && HABIT_THROUGH);
    image->is_raw_fresh = image->is_meta_fresh = image->is_writable;
    image->is_irreplaceable = image->is_writable;
    image->window = malloc(WINDOW);
    result = image->window ? open_files(image, args->name) : ADDCOW_NO_MEMORY;
    if (!result && image->is_writable)
        result = begin_writing(image);
    if (result)
        release(image);
    else
        *out = image;
    return result;
}

int close_image(void *handle)
{
    int result = flush_image(handle);

    release(handle);
    return result;
}
