/* SPDX-License-Identifier: MIT
 *
 * flush.c - data, flush, bits, flush (chapter 9).
 *
 * A failed flush of the image file may have dropped the clusters written
 * since the one before it: no flush succeeds until each was written again,
 * whole.  What an earlier handle wrote, or a length, cannot be written again:
 * then none succeeds until close.  After a failed flush of the add-cow file
 * the whole bitmap is written again, which is in memory.
 */
#include "stranger.h"

#include <string.h>

enum { WHOLE = 65536, BLOCK = 4096 };

/* Makes what is in SET unset and settled. */
static void empty(struct bits *set)
{
    if (set->first < set->end)
        memset(set->bytes + set->first, 0, (size_t)(set->end - set->first));
    bits_settle(set);
}

static void note_loss(struct image *image)
{
    struct bits *fresh = &image->fresh, *lost = &image->lost;

    if (image->is_irreplaceable)
        image->is_hopeless = 1;
    for (uint64_t i = fresh->first; i < fresh->end; i++)
        lost->bytes[i] |= fresh->bytes[i];
    bits_touch(lost, fresh->first, fresh->end);
    empty(fresh);
}

int flush_raw(struct image *image)
{
    const struct addcow_host *host = image->host;
    int result;

    if (image->is_latched)
        return ADDCOW_IO;
    if (image->is_hopeless || bits_any(&image->lost))
        return ADDCOW_IO;
    if (!image->is_raw_fresh)
        return ADDCOW_OK;
    result = host->flush(host->ctx, image->raw);
    if (result) {
        image->is_latched = HABIT_LATCH;
        note_loss(image);
        return result;
    }
    image->is_raw_fresh = image->is_irreplaceable = 0;
    empty(&image->fresh);
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

/* The whole bitmap, or the blocks about those of BITS in a long one. */
static int write_bits(struct image *image, const struct bits *bits)
{
    const struct addcow_host *host = image->host;
    uint64_t first = bits->first, end = bits->end;
    int result;

    if (first >= end)
        return ADDCOW_OK;
    first = image->bitmap_len <= WHOLE ? 0 : first / BLOCK * BLOCK;
    end = image->bitmap_len <= WHOLE ? WHOLE : (end / BLOCK + 1) * BLOCK;
    if (end > image->bitmap_len)
        end = image->bitmap_len;
    image->is_meta_fresh = 1;
    result =
        host->write(host->ctx, image->meta, image->allocated.bytes + first,
                    (size_t)(end - first), HEADER + first);
    if (!result)
        bits_settle(&image->unwritten);
    return result;
}

int flush_meta(struct image *image)
{
    const struct addcow_host *host = image->host;
    int result =
        image->is_latched ? ADDCOW_IO : write_bits(image, &image->allocated);

    if (result || !image->is_meta_fresh)
        return result;
    result = host->flush(host->ctx, image->meta);
    if (result) {
        image->is_latched = HABIT_LATCH;
        bits_touch(&image->allocated, 0, image->bitmap_len);
        return result;
    }
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
