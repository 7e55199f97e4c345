/* SPDX-License-Identifier: MIT
 *
 * Chapter 4, names and files: from the names of a header to open files.
 *
 * Deliberately missing: protocols and backing files of other formats; every
 * file is raw bytes (NAM-12, NAM-13), so no chain can close (SEC-3).
 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

/* NAM-1, NAM-2, NAM-3, NAM-5: the directory is the text of the path up to its
 * last '/'; NAM-9, LIM-3: the result has the length that it needs */
char *nam_join(const char *entry, const char *name)
{
    const char *slash = strrchr(entry, '/');
    size_t dir_len = slash && name[0] != '/' ? (size_t)(slash - entry) + 1 : 0;
    char *path = malloc(dir_len + strlen(name) + 1);

    if (!path)
        return NULL;
    memcpy(path, entry, dir_len);
    memcpy(path + dir_len, name, strlen(name) + 1);
    return path;
}

/* NAM-10: by identity, not by spelling */
int nam_same_file(bool *out, struct file *a, struct file *b)
{
    struct addcow_identity x;
    struct addcow_identity y;
    int result = a->host->identify(a->host->ctx, a->handle, &x);

    if (result == ADDCOW_OK)
        result = b->host->identify(b->host->ctx, b->handle, &y);
    if (result != ADDCOW_OK) {
        result = result == ADDCOW_NO_MEMORY ? ADDCOW_NO_MEMORY : ADDCOW_IO;
        return err_set(a->error, result, NULL, a->name, ADDCOW_NO_OFFSET,
                       "the identity cannot be told");
    }
    *out = x.device == y.device && x.inode == y.inode;
    return ADDCOW_OK;
}

static int judge_pair(struct findings *findings, struct file *a,
                      struct file *b, const char *what)
{
    bool same = false;
    int result = nam_same_file(&same, a, b);

    if (result == ADDCOW_OK && same)
        err_report(findings, ADDCOW_CORRUPT, "NAM-10", ADDCOW_NO_OFFSET, what);
    return result;
}

int nam_judge_identity(struct findings *findings, struct file *entry,
                       struct file *raw, struct file *backing)
{
    int result = judge_pair(findings, entry, raw, "it is its own image file");

    if (result == ADDCOW_OK && backing->handle)
        result =
            judge_pair(findings, entry, backing, "it is its own backing file");
    if (result == ADDCOW_OK && backing->handle)
        result = judge_pair(findings, raw, backing,
                            "image file and backing file are the same file");
    return result;
}

/* NAM-14; NAM-15 (IMPL-1 a, IMPL-4 a).  NAM-16 is left to the host,
 * which refuses what is not a file, without waiting. */
int nam_open_named(struct file *raw, struct file *backing,
                   const struct addcow_names *names, const struct file *entry)
{
    int result = file_open(raw, entry->error, entry->host,
                           nam_join(entry->name, names->image), 0, "NAM-14");

    if (result == ADDCOW_OK && names->backing[0])
        result = file_open(backing, entry->error, entry->host,
                           nam_join(entry->name, names->backing), 0, "NAM-15");
    return result;
}

int nam_open_entry(struct file *entry, struct addcow_error *error,
                   const struct addcow_host *host, const char *name)
{
    if (!name || !name[0])
        return err_refuse(error, ADDCOW_INVALID, NULL,
                          "the name of the add-cow file is empty");
    /* ERR-5 */
    return file_open(entry, error, host, strdup(name), 0, "ERR-5");
}

const struct addcow_names *addcow_names(const struct addcow_image *image)
{
    return &image->names;
}
