/* SPDX-License-Identifier: MIT
 *
 * checks.c - the names of the checks.
 */
#include "checks.h"

#include <stdio.h>

static const char *const names[N_CHECKS] = {
    [CHECK_CASE] = "case",
    [CHECK_SUCCESS] = "success",
    [CHECK_OPEN] = "open",
    [CHECK_WRITE] = "write",
    [CHECK_FLUSH] = "flush",
    [CHECK_CLOSE] = "close",
    [CHECK_GET_SIZE] = "get-size",
    [CHECK_READ_BACK] = "read-back",
    [CHECK_REFUSED] = "refused",
    [CHECK_IMPLEMENTED] = "implemented",
    [CHECK_RESULT] = "result",
    [CHECK_RETURNS] = "returns",
    [CHECK_CONDUCT] = "conduct",
    [CHECK_LEAK] = "leak",
    [CHECK_INPUT] = "input",
    [CHECK_BUFFER] = "buffer",
    [CHECK_SAME_SIZE] = "same-size",
    [CHECK_HOLDS] = "holds",
    [CHECK_NUMBER] = "number",
    [CHECK_BYTES] = "bytes",
    [CHECK_THERE] = "there",
    [CHECK_UNCHANGED] = "unchanged",
    [CHECK_NEW_FILE] = "new-file",
    [CHECK_BIT] = "bit",
    [CHECK_BITMAP] = "bitmap",
    [CHECK_GUEST] = "guest",
    [CHECK_ZEROS] = "zeros",
    [CHECK_BIT_ORDER] = "bit-order",
    [CHECK_FLUSH_COVERS] = "flush-covers",
    [CHECK_POWER] = "power",
    [CHECK_CLAIM] = "claim",
    [CHECK_LOADS] = "loads",
    [CHECK_DIRECTORY] = "directory",
};

const char *check_name(enum check check)
{
    return names[check];
}

void check_sign(struct outcome *out, enum check check, const char *seen)
{
    snprintf(out->sign, sizeof(out->sign), "/%s/%s", names[check], seen);
}
