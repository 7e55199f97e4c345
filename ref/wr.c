/* SPDX-License-Identifier: MIT
 *
 * Chapter 8, writing.  Data is handed to the host at once, run by run; what a
 * write leaves uncovered in an unallocated cluster is filled first; only when
 * all of a run has been written are its bits made pending.  A write that
 * fails at any point therefore shows old or new sectors and may be tried
 * again (WR-15, WR-16).
 *
 * Deliberately missing: giving space back on a discard; a discard keeps what
 * was there.
 */
#include "internal.h"

#include <stdlib.h>

/* WR-2, FLS-3; SIZ-2, WR-22: never at the virtual size or beyond */
static int write_raw(struct addcow_image *image, const void *data, size_t len,
                     uint64_t offset)
{
    image->raw_dirty = true;
    return file_write(&image->raw, data, len, offset);
}

/* WR-3; WR-4: zeros are written like other data */
int wr_fill(struct addcow_image *image, uint64_t from, uint64_t to)
{
    size_t len = to - from;
    int result;

    if (len == 0) /* WR-5 */
        return ADDCOW_OK;
    if (!image->buffer)
        image->buffer = malloc(CLUSTER_LEN);
    if (!image->buffer)
        return err_refuse(&image->error, ADDCOW_NO_MEMORY, NULL,
                          "out of memory");
    result = rd_unallocated(image, image->buffer, len, from);
    if (result == ADDCOW_OK)
        result = write_raw(image, image->buffer, len, from);
    return result;
}

/* WR-1, FLS-1: the bits follow the data of the whole run */
static int write_unallocated(struct addcow_image *image, const void *data,
                             size_t len, uint64_t offset)
{
    uint64_t end = offset + len;
    uint64_t start = offset - offset % CLUSTER_LEN;
    uint64_t n = siz_clusters(end - start);
    uint64_t limit = least(start + n * CLUSTER_LEN, image->size);
    int result = wr_fill(image, start, offset);

    if (result == ADDCOW_OK)
        result = wr_fill(image, end, limit);
    if (result == ADDCOW_OK)
        result = write_raw(image, data, len, offset);
    if (result == ADDCOW_OK)
        result = cache_mark(image, start / CLUSTER_LEN, n);
    return result;
}

/* WR-6, WR-7, WR-8: allocated clusters get the data and nothing else; WR-9,
 * WR-10: no other cluster is touched; WR-18: zeros are data like others */
static int write_runs(struct addcow_image *image, const void *data, size_t len,
                      uint64_t offset)
{
    const unsigned char *at = data;
    int result = ADDCOW_OK;

    while (result == ADDCOW_OK && len) { /* WR-14: every error ends it */
        bool allocated;
        uint64_t run;

        result = bmp_find_run(image, &run, &allocated, len, offset);
        if (result != ADDCOW_OK)
            return result;
        if (allocated)
            result = write_raw(image, at, run, offset);
        else
            result = write_unallocated(image, at, run, offset);
        at += run;
        offset += run;
        len -= run;
    }
    return result;
}

/* WR-11; WR-12 (IMPL-7 a); WR-13; FLS-4; LIM-8; WR-23: one request at once */
int addcow_write(struct addcow_image *image, const void *data, size_t len,
                 uint64_t offset)
{
    int result = request_check_range(image, "WR-11", len, offset);

    if (result != ADDCOW_OK || len == 0)
        return result;
    result = request_check_writable(image, "WR-21");
    if (result == ADDCOW_OK)
        result = write_runs(image, data, len, offset);
    if (result == ADDCOW_OK && image->writethrough)
        result = addcow_flush(image);
    return result;
}

/* WR-19: each sector as it was; WR-17: no bit goes back */
int addcow_discard(struct addcow_image *image, uint64_t len, uint64_t offset)
{
    int result = request_check_range(image, "WR-11", len, offset);

    if (result != ADDCOW_OK || len == 0)
        return result;
    return request_check_writable(image, "WR-21");
}

static int allocate(struct addcow_image *image, uint64_t offset, uint64_t len)
{
    bool allocated;
    uint64_t run;
    int result = bmp_find_run(image, &run, &allocated, len, offset);

    if (result != ADDCOW_OK || allocated)
        return result;
    result = wr_fill(image, offset, offset + len);
    if (result == ADDCOW_OK)
        result = cache_mark(image, offset / CLUSTER_LEN, 1);
    return result;
}

/* WR-27; WR-24: then the image file alone is the disk */
int addcow_flatten(struct addcow_image *image)
{
    int result = request_check_writable(image, "WR-21");

    for (uint64_t at = 0; result == ADDCOW_OK && at < image->size;
         at += CLUSTER_LEN)
        result = allocate(image, at, least(CLUSTER_LEN, image->size - at));
    if (result == ADDCOW_OK)
        result = addcow_flush(image);
    return result;
}
