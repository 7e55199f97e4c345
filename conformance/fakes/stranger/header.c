/* SPDX-License-Identifier: MIT
 *
 * header.c - the header and the names in it (chapters 3 and 4).
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int probe(const void *head, size_t len)
{
    static const unsigned char magic[8] = "ADD_COW\xff";
    static const unsigned char version[4] = {0, 0, 0, 1};

    if (len < sizeof(magic) || memcmp(head, magic, sizeof(magic)) != 0)
        return ADDCOW_NOT_ADDCOW;
    if (len < 12)
        return ADDCOW_OK;
    if (memcmp((const char *)head + 8, version, sizeof(version)) != 0)
        return ADDCOW_VERSION;
    return ADDCOW_OK;
}

bool is_name(const char *name)
{
    const char *colon = strchr(name, ':');
    const char *slash = strchr(name, '/');

    if (!name[0] || strlen(name) >= NAME_ROOM)
        return false;
    return !colon || (slash && slash < colon);
}

static bool is_zero(const unsigned char *bytes, const unsigned char *end)
{
    while (bytes < end)
        if (*bytes++)
            return false;
    return true;
}

/* A field with a name, or with none where that is allowed. */
static bool is_field(const unsigned char *field, bool may_be_empty)
{
    const unsigned char *end = field + NAME_ROOM;
    const unsigned char *nul = memchr(field, 0, NAME_ROOM);

    if (!nul || !is_zero(nul, end))
        return false;
    return nul == field ? may_be_empty : is_name((const char *)field);
}

int judge_header(const unsigned char *header, size_t len)
{
    int result = probe(header, len);

    if (result)
        return result;
    if (len < HEADER || !is_field(header + BACKING_AT, 1) ||
        !is_field(header + RAW_AT, 0) ||
        !is_zero(header + RESERVED_AT, header + HEADER))
        return ADDCOW_CORRUPT;
    return ADDCOW_OK;
}

char *join(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t dir_len = slash && name[0] != '/' ? (size_t)(slash - path) + 1 : 0;
    size_t name_len = strlen(name);
    char *joined = malloc(dir_len + name_len + 1);

    if (!joined)
        return NULL;
    memcpy(joined, path, dir_len);
    memcpy(joined + dir_len, name, name_len + 1);
    return joined;
}
