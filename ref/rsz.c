/* SPDX-License-Identifier: MIT
 *
 * Chapter 12, resize, in the two orders that the chapter gives (DUR-13,
 * DUR-19).  Whatever happens, the virtual size is what the image file's
 * length says, and no bit beyond it stays in the cache.
 *
 * The cost of new bits depends on the length of the backing file, not on the
 * growth: the host fills with zeros (RSZ-14: struct addcow_host promises it).
 */
#include "internal.h"

/* RSZ-13 */
static int set_raw_size(struct addcow_image *image, uint64_t size)
{
    int result = ADDCOW_OK;

    if (image->raw_len == size)
        return ADDCOW_OK;
    image->raw_dirty = true;
    result = file_set_size(&image->raw, size);
    if (result == ADDCOW_OK)
        image->raw_len = size;
    else if (file_size(&image->raw, &image->raw_len) != ADDCOW_OK)
        image->failed = ADDCOW_IO; /* nothing can be known to be safe */
    image->size = siz_virtual(image->raw_len);
    return result;
}

/* Step 2; RSZ-5: backing must not show in the tail that the cluster gains */
static int complete_last_cluster(struct addcow_image *image)
{
    uint64_t end = image->size;
    uint64_t start = end - end % CLUSTER_LEN;
    bool allocated;
    uint64_t run;
    int result;

    if (start == end || image->backing_len <= end)
        return ADDCOW_OK;
    result = bmp_find_run(image, &run, &allocated, 1, start);
    if (result != ADDCOW_OK || allocated)
        return result;
    result = wr_fill(image, start, end);
    if (result == ADDCOW_OK)
        result = cache_mark(image, start / CLUSTER_LEN, 1);
    return result;
}

static int write_zeros(struct file *file, uint64_t from, uint64_t to)
{
    static const unsigned char zeros[TABLE_LEN];

    for (uint64_t at = from; at < to; at += TABLE_LEN) {
        int result = file_write(file, zeros, least(TABLE_LEN, to - at), at);

        if (result != ADDCOW_OK)
            return result;
    }
    return ADDCOW_OK;
}

/* Step 4, BMP-11: makes the bitmap LEN bytes long, the new ones zeros.  What
 * follows it in a longer file stays (BMP-12); otherwise cutting and extending
 * is cheaper than writing zeros over what the file holds there.  Nothing that
 * is there already is relied on, nor is the length (RSZ-16). */
static int extend_bitmap(struct addcow_image *image, uint64_t len)
{
    uint64_t from = HEADER_LEN + image->bitmap_len;
    uint64_t to = HEADER_LEN + len;
    uint64_t file_len;
    int result = file_size(&image->entry, &file_len);

    if (result != ADDCOW_OK || from == to)
        return result;
    image->entry_dirty = true;
    if (file_len > from)
        result = file_set_size(&image->entry, file_len > to ? file_len : from);
    if (result == ADDCOW_OK && file_len > to)
        return write_zeros(&image->entry, from, to);
    if (result == ADDCOW_OK)
        result = file_set_size(&image->entry, to);
    return result;
}

/* Step 4; RSZ-7: those at S0 and beyond, which need no data */
static int set_new_bits(struct addcow_image *image, uint64_t size)
{
    uint64_t first = siz_clusters(image->size);
    uint64_t end = least(siz_clusters(size), siz_clusters(image->backing_len));
    int result = cache_clear_last_byte(image, first);

    if (result == ADDCOW_OK)
        result = extend_bitmap(image, siz_bitmap_len(size));
    if (result != ADDCOW_OK)
        return result;
    image->bitmap_len = siz_bitmap_len(size);
    if (first < end)
        result = cache_mark(image, first, end - first);
    return result;
}

/* Steps 1 to 6; RSZ-6 */
static int grow(struct addcow_image *image, uint64_t size)
{
    int result = set_raw_size(image, image->size);

    if (result == ADDCOW_OK)
        result = complete_last_cluster(image);
    if (result == ADDCOW_OK)
        result = fls_raw(image);
    if (result == ADDCOW_OK)
        result = set_new_bits(image, size);
    if (result == ADDCOW_OK)
        result = fls_write_back(image);
    if (result == ADDCOW_OK)
        result = fls_entry(image);
    if (result == ADDCOW_OK)
        result = set_raw_size(image, size);
    return result;
}

/* RSZ-9: the bits at N1 and beyond.  What follows the bitmap of LEN bytes in
 * a longer file stays (BMP-12), except padding (BMP-10). */
static int cut_bitmap(struct addcow_image *image, uint64_t len)
{
    uint64_t from = HEADER_LEN + image->bitmap_len;
    uint64_t to = HEADER_LEN + len;
    uint64_t file_len;
    int result = cache_clear_last_byte(image, siz_clusters(image->size));

    if (result != ADDCOW_OK || from == to)
        return result;
    result = file_size(&image->entry, &file_len);
    if (result != ADDCOW_OK)
        return result;
    image->entry_dirty = true;
    if (file_len - to >= SECTOR_LEN)
        return write_zeros(&image->entry, from, to);
    return file_set_size(&image->entry, from);
}

/* RSZ-8: the bitmap only once the new length is durable */
static int shrink(struct addcow_image *image, uint64_t size)
{
    uint64_t old_clusters = siz_clusters(image->size);
    uint64_t old_len = image->bitmap_len;
    int result = set_raw_size(image, size);

    if (result != ADDCOW_OK || siz_clusters(size) == old_clusters)
        return result;
    image->bitmap_len = siz_bitmap_len(size);
    result = fls_raw(image);
    if (result == ADDCOW_OK)
        result = cut_bitmap(image, old_len);
    return result;
}

static int check_size(struct addcow_image *image, uint64_t size)
{
    if (size % SECTOR_LEN) /* RSZ-3 */
        return err_refuse(&image->error, ADDCOW_INVALID, "RSZ-3",
                          "the size is not a multiple of 512");
    if (size > SIZE_LIMIT) /* LIM-2 */
        return err_refuse(&image->error, ADDCOW_RANGE, "LIM-2",
                          "the size is above 2^63 - 512");
    return request_check_writable(image, "RSZ-12");
}

/* RSZ-2, RSZ-4, RSZ-10, RSZ-11 (IMPL-6 a) */
int addcow_resize(struct addcow_image *image, uint64_t size)
{
    int result = check_size(image, size);

    if (result != ADDCOW_OK)
        return result;
    result = size > image->size ? grow(image, size) : shrink(image, size);
    image->bitmap_len = siz_bitmap_len(image->size);
    cache_forget(image, siz_clusters(image->size));
    if (result == ADDCOW_OK && image->writethrough)
        result = addcow_flush(image);
    return result;
}
