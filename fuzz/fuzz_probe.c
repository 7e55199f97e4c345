/* SPDX-License-Identifier: MIT
 *
 * fuzz_probe.c - the input is the first bytes of a file: probe it, and compare
 * with the decision table.  There is no storage, so this is what a parser
 * costs that is given memory alone.
 *
 * Deliberately missing: opening; fuzz_header does.  A shim without probe()
 * has nothing to be looked at here.
 */
#include "fuzz.h"
#include "opened.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    judge_probe(fuzz_iut(), data, len);
    fuzz_count(1, 0, 0);
    return 0;
}
