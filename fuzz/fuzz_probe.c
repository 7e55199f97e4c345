/* SPDX-License-Identifier: MIT
 *
 * fuzz_probe.c - the input is the first bytes of a file: probe it, and compare
 * with the decision table.  Nothing is stored or opened, so this is what a
 * parser alone costs.
 *
 * Deliberately missing: opening, which fuzz_header does.  Of a shim without
 * probe() nothing is compared.
 */
#include "fuzz.h"
#include "opened.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    judge_probe(fuzz_iut(), data, len);
    fuzz_see(0, table_probe(data, len));
    fuzz_count(1, 0, 0);
    return 0;
}
