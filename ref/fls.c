/* SPDX-License-Identifier: MIT
 *
 * Chapter 9, order and flush: data, flush of the image file, bits, flush of
 * the add-cow file.  A step is left out when it is known to be done: the two
 * dirty flags and the dirty ranges of the tables are that knowledge.
 *
 * Chapter 10 follows from the order: bits never outrun data, neither at a
 * power cut (DUR-9, DUR-10, DUR-11) nor at the end of the process (DUR-21);
 * a bit is written again only as 1 (DUR-16), and sectors beside it as they
 * are (DUR-12).  Recovery is open itself, which writes nothing (DUR-14,
 * DUR-20), and any request may be repeated (DUR-15).
 */
#include "internal.h"

/* FLS-6, FLS-8, FLS-9: a flush that failed is never forgotten (IMPL-5 a) */
static int flush_file(struct addcow_image *image, struct file *file,
                      bool *dirty)
{
    int result;

    if (!*dirty) /* FLS-11, FLS-12 */
        return ADDCOW_OK;
    result = file_flush(file);
    if (result == ADDCOW_OK)
        *dirty = false;
    else
        image->failed = result == ADDCOW_NO_MEMORY ? ADDCOW_IO : result;
    return result;
}

int fls_raw(struct addcow_image *image)
{
    return flush_file(image, &image->raw, &image->raw_dirty);
}

int fls_entry(struct addcow_image *image)
{
    return flush_file(image, &image->entry, &image->entry_dirty);
}

/* FLS-1, FLS-7: no bit before the image file has been flushed */
int fls_write_back(struct addcow_image *image)
{
    int result = fls_raw(image);

    if (result == ADDCOW_OK)
        result = cache_write(image);
    return result;
}

/* FLS-5, FLS-17: one flush of each file at most; FLS-19 */
int addcow_flush(struct addcow_image *image)
{
    int result;

    if (!image->writable)
        return ADDCOW_OK;
    result = request_check_writable(image, NULL);
    if (result == ADDCOW_OK)
        result = fls_write_back(image);
    if (result == ADDCOW_OK)
        result = fls_entry(image);
    return result;
}
