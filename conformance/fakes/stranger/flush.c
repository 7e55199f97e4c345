/* SPDX-License-Identifier: MIT
 *
 * flush.c - data, flush, bits, flush (chapter 9).
 *
 * A failed flush of the image file may have dropped the clusters written
 * since the one before it: no flush succeeds until each was written again,
 * whole.  What an earlier handle wrote, or a length, cannot be written again:
 * then none succeeds until close.  After a failed flush of the add-cow file
 * the bits that changed since the last good one are written again; all of
 * them, if there was none on this handle.
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WHOLE = 65536, BLOCK = 4096, UNIT = HABIT_UNIT ? HABIT_UNIT : 1 };

static void note_loss(struct image *image)
{
    if (image->is_irreplaceable)
        image->is_hopeless = 1;
    fresh_lose(image);
}

/* Takes the bits as another reader would see them, if the host gives them. */
static void forget_bits(struct image *image)
{
    const struct addcow_host *host = image->host;
    size_t len = (size_t)image->bitmap_len;
    unsigned char *bytes = malloc(len + 1);

    if (bytes && !host->read(host->ctx, image->meta, bytes, len, HEADER))
        memcpy(image->allocated.bytes, bytes, len);
    free(bytes);
}

/* After a flush that failed. */
static void latch(struct image *image)
{
    image->is_latched = HABIT_LATCH;
    if (HABIT_FORGET)
        forget_bits(image);
}

int flush_raw(struct image *image)
{
    const struct addcow_host *host = image->host;
    int result;

    if (image->is_latched)
        return ADDCOW_IO;
    if (image->is_hopeless || bits_any(&image->lost))
        return ADDCOW_IO;
    if (!image->is_raw_fresh && !HABIT_FLUSH_ALL)
        return ADDCOW_OK;
    result = host->flush(host->ctx, image->raw);
    if (result) {
        latch(image);
        note_loss(image);
        return result;
    }
    image->is_raw_fresh = image->is_irreplaceable = 0;
    fresh_clear(image);
    bits_settle(&image->lost);
    return ADDCOW_OK;
}

int pad_meta(struct image *image)
{
    static const unsigned char zeros[SECTOR];
    const struct addcow_host *host = image->host;
    uint64_t len, end = HEADER + image->bitmap_len;
    int result = host->get_size(host->ctx, image->meta, &len);

    end += (SECTOR - end % SECTOR) % SECTOR;
    if (result || len >= end)
        return result;
    image->is_meta_fresh = 1;
    return host->write(host->ctx, image->meta, zeros, (size_t)(end - len),
                       len);
}

/* The bytes from FIRST on, before END, which are made even to the bitmap. */
static int put_bits(struct image *image, uint64_t first, uint64_t end)
{
    const struct addcow_host *host = image->host;
    unsigned char block[HEADER + BLOCK];

    if (end > image->bitmap_len)
        end = image->bitmap_len;
    image->is_meta_fresh = 1;
    if (!HABIT_HEADER || first > 0 || end > BLOCK)
        return host->write(host->ctx, image->meta,
                           image->allocated.bytes + first,
                           (size_t)(end - first), HEADER + first);
    memcpy(block, image->header, HEADER);
    memcpy(block + HEADER, image->allocated.bytes, (size_t)end);
    return host->write(host->ctx, image->meta, block, (size_t)(HEADER + end),
                       0);
}

/* The whole bitmap, or the blocks about those of BITS in a long one. */
static int put_blocks(struct image *image, const struct bits *bits)
{
    if (image->bitmap_len <= WHOLE)
        return put_bits(image, 0, WHOLE);
    return put_bits(image, bits->first / BLOCK * BLOCK,
                    (bits->end / BLOCK + 1) * BLOCK);
}

/* Whether one of the bytes from FIRST on changed, before END. */
static bool is_marked(const struct bits *bits, uint64_t first, uint64_t end)
{
    if (end > bits->end)
        end = bits->end;
    return first < end &&
           memchr(bits->marks + first, 1, (size_t)(end - first));
}

/* The units in which one of BITS changed. */
static int put_units(struct image *image, const struct bits *bits)
{
    uint64_t first = bits->first / UNIT;
    uint64_t n = (bits->end - 1) / UNIT + 1 - first;
    int result = ADDCOW_OK;

    for (uint64_t i = 0; !result && i < n; i++) {
        uint64_t unit = first + (HABIT_BACKWARDS ? n - 1 - i : i);
        uint64_t start = unit * UNIT;

        if (is_marked(&image->allocated, start, start + UNIT))
            result = put_bits(image, start, start + UNIT);
    }
    return result;
}

static int write_bits(struct image *image, const struct bits *bits)
{
    int result;

    if (bits->first >= bits->end)
        return ADDCOW_OK;
    result = HABIT_UNIT && !image->is_meta_lost ? put_units(image, bits)
                                                : put_blocks(image, bits);
    if (!result)
        bits_settle(&image->unwritten);
    return result;
}

int flush_meta(struct image *image)
{
    const struct addcow_host *host = image->host;
    int result =
        image->is_latched ? ADDCOW_IO : write_bits(image, &image->allocated);

    if (result || !(image->is_meta_fresh || HABIT_FLUSH_ALL))
        return result;
    result = host->flush(host->ctx, image->meta);
    if (result) {
        latch(image);
        if (!image->is_meta_known) {
            bits_touch(&image->allocated, 0, image->bitmap_len);
            image->is_meta_lost = 1;
        }
        return result;
    }
    image->is_meta_known = 1;
    image->is_meta_lost = 0;
    image->is_meta_fresh = 0;
    bits_settle(&image->allocated);
    return ADDCOW_OK;
}

int commit(struct image *image)
{
    int result;

    if (image->is_writethrough || HABIT_EAGER == 2)
        return flush_image(image);
    if (!HABIT_EAGER)
        return ADDCOW_OK;
    result = flush_raw(image);
    return result ? result : write_bits(image, &image->unwritten);
}

int flush_image(void *handle)
{
    struct image *image = handle;
    int result;

    if (!image->is_writable)
        return ADDCOW_OK;
    result = flush_raw(image);
    return result ? result : flush_meta(image);
}
