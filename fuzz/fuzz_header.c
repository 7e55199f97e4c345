/* SPDX-License-Identifier: MIT
 *
 * fuzz_header.c - the input is the first bytes of an add-cow file: probe it,
 * open it with the files that it names, and compare verdict, class and size
 * with the decision table.
 *
 * Deliberately missing: reading the disk; fuzz_open does.
 */
#include "fuzz.h"
#include "opened.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct addcow_shim *shim = fuzz_iut();
    struct verdict verdict;
    void *image;

    still_begin(data, len);
    judge_probe(shim, data, len);
    image = judge_open(&verdict, shim, data, len);
    if (image)
        judge_close(shim, &verdict, image);
    return 0;
}
