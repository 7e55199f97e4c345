/* SPDX-License-Identifier: MIT
 *
 * Chapter 7, reading: one host request for each run of clusters that share a
 * state (RD-11), straight into the caller's buffer (RD-12).
 */
#include "internal.h"

#include <string.h>

/* RD-2; RD-4 and SIZ-4: zeros past the end of the backing file, exact to the
 * byte; SIZ-5 is the range's */
int rd_unallocated(struct addcow_image *image, void *out, size_t len,
                   uint64_t offset)
{
    size_t n_backed = 0;
    int result = ADDCOW_OK;

    if (offset < image->backing_len)
        n_backed = least(len, image->backing_len - offset);
    if (n_backed)
        result = file_read(&image->backing, out, n_backed, offset);
    if (result == ADDCOW_OK)
        memset((unsigned char *)out + n_backed, 0, len - n_backed);
    return result;
}

/* RD-1; RD-3: any range over any mixture; RD-5, RD-6; RD-8, LIM-4, LIM-8: all
 * or an error; RD-9: nothing that is called from here writes */
int addcow_read(struct addcow_image *image, void *out, size_t len,
                uint64_t offset)
{
    unsigned char *at = out;
    int result = request_check_range(image, "RD-5", len, offset);

    while (result == ADDCOW_OK && len) {
        bool allocated;
        uint64_t run;

        result = bmp_find_run(image, &run, &allocated, len, offset);
        if (result != ADDCOW_OK)
            return result;
        if (allocated)
            result = file_read(&image->raw, at, run, offset);
        else
            result = rd_unallocated(image, at, run, offset);
        at += run;
        offset += run;
        len -= run;
    }
    return result;
}
