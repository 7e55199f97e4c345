/* SPDX-License-Identifier: MIT
 *
 * The checks before a request: its range lies within the disk; the image may
 * be changed.
 */
#include "internal.h"

int request_check_range(struct addcow_image *image, const char *clause,
                        uint64_t len, uint64_t offset)
{
    if (siz_within(image->size, len, offset))
        return ADDCOW_OK;
    return err_refuse(&image->error, ADDCOW_RANGE, clause,
                      "the range passes the virtual size");
}

/* WR-21, RSZ-12; FLS-10 (IMPL-5 a) */
int request_check_writable(struct addcow_image *image, const char *clause)
{
    if (!image->writable)
        return err_set(&image->error, ADDCOW_READ_ONLY, clause,
                       image->entry.name, ADDCOW_NO_OFFSET,
                       "the image is open for reading only");
    if (image->failed != ADDCOW_OK)
        return err_set(&image->error, image->failed, "FLS-10",
                       image->entry.name, ADDCOW_NO_OFFSET,
                       "an earlier flush failed");
    return ADDCOW_OK;
}
