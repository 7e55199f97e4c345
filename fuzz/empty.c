/* SPDX-License-Identifier: MIT
 *
 * empty.c - the target that does nothing: what others are measured by.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    (void)data;
    (void)len;
    return 0;
}
