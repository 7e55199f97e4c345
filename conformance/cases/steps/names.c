/* SPDX-License-Identifier: MIT
 *
 * names.c - see names.h.
 */
#include "names.h"

#include <string.h>

/* LEN bytes that stay where they are: each component is a dot, and where the
 * number is odd there is one slash more. */
static void stay(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = i % 2 ? '/' : '.';
    if (len % 2)
        out[len - 1] = '/';
}

char *padded_name(struct env *env, const char *file, size_t len)
{
    size_t file_len = strlen(file);
    char *name = case_alloc(env, len + 1);

    stay(name, len - file_len);
    memcpy(name + len - file_len, file, file_len);
    return name;
}

char *padded_dir(struct env *env, const char *dir, size_t len)
{
    size_t dir_len = strlen(dir);
    char *path = case_alloc(env, len + 1);

    memcpy(path, dir, dir_len);
    for (size_t i = dir_len; i < len; i++)
        path[i] = (i - dir_len) % 2 ? '.' : '/';
    return path;
}

char *joined(struct env *env, const char *dir, const char *name)
{
    size_t dir_len = strlen(dir);
    size_t name_len = strlen(name);
    char *path = case_alloc(env, dir_len + name_len + 2);

    memcpy(path, dir, dir_len);
    path[dir_len] = '/';
    memcpy(path + dir_len + 1, name, name_len);
    return path;
}
