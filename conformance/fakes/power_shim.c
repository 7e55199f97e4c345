/* SPDX-License-Identifier: MIT
 *
 * power_shim.c - the toys of the power cuts as a shared object, for tests of
 * the runner.  Options: toy=NAME, see zoo.c; crash=N, the Nth write of
 * the process of more than 64 KiB ends it.
 */
#include "toys/zoo.h"

#include <stdlib.h>
#include <string.h>

static struct addcow_shim table;
static const struct addcow_shim *toy;
static struct toy_program program;
static unsigned long crash_at;

static int set_option(const char *key, const char *value)
{
    const struct zoo_toy *found = zoo_find(value);

    if (strcmp(key, "crash") == 0) {
        crash_at = strtoul(value, NULL, 10);
        return ADDCOW_OK;
    }
    if (strcmp(key, "toy") != 0)
        return ADDCOW_UNIMPLEMENTED;
    if (!found)
        return ADDCOW_INVALID;
    program = zoo_program(found);
    toy = toy_shim(&program, 65536);
    return ADDCOW_OK;
}

static int write_or_crash(void *image, const void *data, size_t len,
                          uint64_t offset)
{
    if (len > 65536 && crash_at && --crash_at == 0)
        abort();
    return toy->write(image, data, len, offset);
}

const struct addcow_shim *addcow_shim_get(void)
{
    program = toy_right;
    toy = toy_shim(&program, 65536);
    table = *toy;
    table.name = "toy";
    table.version = "1";
    table.set_option = set_option;
    table.write = write_or_crash;
    return &table;
}
