/* SPDX-License-Identifier: MIT
 *
 * result.c - the results of enum addcow_result in words.
 */
#include "result.h"
#include "addcow_shim.h"

#include <stddef.h>

#define NAME(result, number)              \
    {                                     \
#result, #result " (" #number ")" \
    }

static const struct {
    const char *class;
    const char *name;
} names[] = {
    NAME(INVALID, -1001),   NAME(NOT_ADDCOW, -1002), NAME(VERSION, -1003),
    NAME(CORRUPT, -1004),   NAME(NOT_FOUND, -1005),  NAME(EXISTS, -1006),
    NAME(RANGE, -1007),     NAME(IO, -1008),         NAME(NO_SPACE, -1009),
    NAME(READ_ONLY, -1010), NAME(NO_MEMORY, -1011),  NAME(OTHER, -1012)};

const char *result_name(int result)
{
    if (result == ADDCOW_OK)
        return "success (0)";
    if (result == ADDCOW_UNIMPLEMENTED)
        return "UNIMPLEMENTED (-89)";
    if (result <= ADDCOW_INVALID && result >= ADDCOW_OTHER)
        return names[ADDCOW_INVALID - result].name;
    return NULL;
}

const char *class_name(int result)
{
    if (result == ADDCOW_OK)
        return "success";
    if (result == ADDCOW_UNIMPLEMENTED)
        return "UNIMPLEMENTED";
    if (result <= ADDCOW_INVALID && result >= ADDCOW_OTHER)
        return names[ADDCOW_INVALID - result].class;
    return "no-result";
}
