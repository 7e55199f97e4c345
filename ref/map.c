/* SPDX-License-Identifier: MIT
 *
 * Chapter 13, the allocation map.
 */
#include "internal.h"

/* MAP-1, MAP-2; MAP-4; MAP-5: a load never writes; MAP-6: the answer ends
 * with the table, as MAP-3 allows */
int addcow_map(struct addcow_image *image, uint64_t *out_len,
               uint32_t *out_state, uint64_t len, uint64_t offset)
{
    const uint64_t table_span = (uint64_t)TABLE_BITS * CLUSTER_LEN;
    bool allocated;
    int result = request_check_range(image, "MAP-4", len, offset);

    if (result == ADDCOW_OK && len == 0)
        result = err_refuse(&image->error, ADDCOW_RANGE, "MAP-4",
                            "the range is empty");
    if (result != ADDCOW_OK)
        return result;
    len = least(len, table_span - offset % table_span);
    result = bmp_find_run(image, out_len, &allocated, len, offset);
    if (result == ADDCOW_OK)
        *out_state = allocated ? ADDCOW_MAP_ALLOCATED : 0;
    return result;
}
