/* SPDX-License-Identifier: MIT
 *
 * documents.c - looking texts up.  The table itself is generated.
 */
#include "documents.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), end_len = strlen(end);

    return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

const struct document *document_find(const char *name)
{
    for (const struct document *d = documents; d->name; d++)
        if (strcmp(d->name, name) == 0 ||
            (*name == '/' && ends_with(d->name, name)))
            return d;
    return NULL;
}
