/* SPDX-License-Identifier: MIT
 *
 * resize.c - growth and shrinking (chapter 12), by an order of its own: in a
 * growth the bits of the new clusters come first, all of them 1, and the last
 * cluster of the old size is always made complete; a shrink cuts the bitmap.
 */
#include "stranger.h"

static uint64_t padded(uint64_t len)
{
    return len + (SECTOR - len % SECTOR) % SECTOR;
}

/* Nothing is to be written at the bitmap's length and beyond. */
static void clip(struct image *image)
{
    if (image->allocated.end > image->bitmap_len)
        image->allocated.end = image->bitmap_len;
    if (image->unwritten.end > image->bitmap_len)
        image->unwritten.end = image->bitmap_len;
}

/* Sets the image file's length.  On failure the host is asked what came of
 * it: that is the size then (RSZ-13). */
static int set_length(struct image *image, uint64_t size)
{
    const struct addcow_host *host = image->host;
    int result;
    uint64_t len;

    image->is_raw_fresh = image->is_irreplaceable = 1;
    result = host->set_size(host->ctx, image->raw, size);
    len = size;
    if (result && host->get_size(host->ctx, image->raw, &len))
        return result;
    image->raw_len = len;
    image->size = len - len % SECTOR;
    return result;
}

/* ---- Growth ------------------------------------------------------------- */

static int make_room(struct image *image, uint64_t len)
{
    uint64_t old_len = image->bitmap_len;
    int result = bits_room(&image->allocated, old_len, len, HABIT_UNIT > 0);

    if (!result)
        result = bits_room(&image->fresh, old_len, len, 0);
    if (!result)
        result = bits_room(&image->lost, old_len, len, 0);
    return result;
}

/* The bits from N on, durably, while no cluster is there.  The length is set
 * again even if it is so: a flush that failed may have lost it. */
static int write_new_bits(struct image *image, uint64_t size)
{
    const struct addcow_host *host = image->host;
    uint64_t len, end;
    int result = flush_image(image);

    if (result)
        return result;
    image->bitmap_len = bitmap_len(size);
    for (uint64_t c = n_clusters(image->size); c < n_clusters(size); c++)
        bits_set(&image->allocated, c, 1);
    bits_touch(&image->allocated, bitmap_len(image->size), image->bitmap_len);
    image->is_meta_lost = 1; /* many bits: not in small units */
    end = padded(HEADER + image->bitmap_len);
    result = host->get_size(host->ctx, image->meta, &len);
    image->is_meta_fresh = 1;
    if (!result && len <= end)
        result = host->set_size(host->ctx, image->meta, end);
    return result ? result : flush_meta(image);
}

/* Whatever lies beyond the size in the image file goes, and the backing file
 * loses the cluster in which the size lies. */
static int settle_end(struct image *image)
{
    int result = ADDCOW_OK;
    uint64_t last = image->size / CLUSTER;

    if (image->raw_len != image->size)
        result = set_length(image, image->size);
    if (!result && image->size % CLUSTER != 0 &&
        !bits_get(&image->allocated, last))
        result = copy_up(image, last);
    return result ? result : flush_image(image);
}

/* Takes the bits of a growth that failed back into what they were. */
static void forget(struct image *image, unsigned char last_byte)
{
    uint64_t n = n_clusters(image->size), len = bitmap_len(image->size);

    for (uint64_t c = n; c < len * 8; c++)
        bits_set(&image->allocated, c, last_byte >> c % 8 & 1);
    image->bitmap_len = len;
    clip(image);
}

static int grow(struct image *image, uint64_t size)
{
    uint64_t n = n_clusters(image->size), old_size = image->size;
    int result = make_room(image, bitmap_len(size));
    unsigned char last_byte;

    if (result)
        return result;
    last_byte = image->allocated.bytes[n / 8];
    result = write_new_bits(image, size);
    if (!result)
        result = settle_end(image);
    if (!result)
        result = set_length(image, size);
    if (image->size == old_size)
        forget(image, last_byte);
    return result;
}

/* ---- Shrinking ---------------------------------------------------------- */

/* How many of the OLD_LEN bytes of bits are to be cleared: what lies in whole
 * sectors behind the rest is cut off, unless more follows it (BMP-12). */
static uint64_t kept_len(const struct image *image, uint64_t old_len,
                         uint64_t file_len)
{
    uint64_t end = padded(HEADER + bitmap_len(image->size)) - HEADER;

    return file_len <= padded(HEADER + old_len) && end < old_len ? end
                                                                 : old_len;
}

/* Writes the bits that were cleared and cuts what is not needed of them. */
static int cut_bits(struct image *image, uint64_t old_len)
{
    const struct addcow_host *host = image->host;
    uint64_t len = bitmap_len(image->size), file_len = UINT64_MAX;
    int result = ADDCOW_OK;

    if (!HABIT_KEEP_BITS)
        result = host->get_size(host->ctx, image->meta, &file_len);
    if (result)
        return result;
    image->bitmap_len = kept_len(image, old_len, file_len);
    clip(image);
    result = flush_meta(image);
    if (!result && file_len <= padded(HEADER + old_len) &&
        file_len > padded(HEADER + len)) {
        image->is_meta_fresh = 1;
        result = host->set_size(host->ctx, image->meta, padded(HEADER + len));
    }
    return result;
}

static int shrink(struct image *image, uint64_t size)
{
    uint64_t old_len = image->bitmap_len;
    int result = HABIT_KEEP_BITS == 2 ? flush_image(image) : flush_raw(image);
    uint64_t n;

    if (!result)
        result = set_length(image, size);
    if (image->size != size)
        return result;
    n = n_clusters(size);
    fresh_cut(image, n, old_len);
    bits_cut(&image->lost, n, old_len);
    if (HABIT_KEEP_BITS < 2) /* else none is pending (BMP-9) */
        bits_cut(&image->allocated, n, old_len);
    if (!result)
        result = flush_raw(image);
    if (!result && HABIT_KEEP_BITS < 2)
        result = cut_bits(image, old_len);
    image->bitmap_len = bitmap_len(size);
    clip(image);
    return result;
}

int set_size(void *handle, uint64_t size)
{
    struct image *image = handle;
    int result;

    if (size % SECTOR != 0)
        return ADDCOW_INVALID;
    if (!image->is_writable)
        return ADDCOW_READ_ONLY;
    if (HABIT_RESIZE == 1 ? size < image->size
                          : HABIT_RESIZE == 2 && size > image->size)
        return ADDCOW_UNIMPLEMENTED;
    if (image->is_latched || image->is_given_up)
        return ADDCOW_IO;
    if (size > MAX_SIZE)
        return ADDCOW_RANGE;
    result = meet_backing(image);
    if (!result)
        result = size > image->size ? grow(image, size) : shrink(image, size);
    if (!result && image->is_writethrough)
        result = flush_image(image);
    return changed(image, result);
}
