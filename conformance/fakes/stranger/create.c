/* SPDX-License-Identifier: MIT
 *
 * create.c - making add-cow files (chapter 11).  A file that is replaced is
 * emptied, not removed: links to it stay.
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What create has open, and what it must undo. */
struct work {
    const struct addcow_host *host;
    struct addcow_file *target, *raw, *backing;
    uint64_t size;
    bool is_new, is_begun; /* the target: made here; may have the magic */
};

static int judge_names(const struct addcow_create_args *args)
{
    if (!args->name || !args->name[0] || !args->image_name ||
        !is_name(args->image_name))
        return ADDCOW_INVALID;
    if (args->flags & ADDCOW_CREATE_NO_BACKING)
        return args->backing_name ? ADDCOW_INVALID : ADDCOW_OK;
    if (!args->backing_name || !is_name(args->backing_name))
        return ADDCOW_INVALID;
    return ADDCOW_OK;
}

static int open_input(struct work *work, struct addcow_file **out,
                      const char *path, const char *name)
{
    struct addcow_file *file;
    char *joined = join(path, name);
    int result;

    if (!joined)
        return ADDCOW_NO_MEMORY;
    result = work->host->open(work->host->ctx, &file, joined, 0);
    free(joined);
    if (!result)
        *out = file;
    return result;
}

static int judge_size(struct work *work, const struct addcow_create_args *args)
{
    uint64_t size;
    int result = work->host->get_size(work->host->ctx, work->raw, &size);

    if (result)
        return result;
    if (size % SECTOR != 0)
        return ADDCOW_INVALID;
    if (args->flags & ADDCOW_CREATE_SIZED && args->virtual_size != size)
        return ADDCOW_INVALID;
    work->size = size;
    return size > MAX_SIZE ? ADDCOW_RANGE : ADDCOW_OK;
}

static int open_inputs(struct work *work,
                       const struct addcow_create_args *args)
{
    bool is_same = 0;
    int result = open_input(work, &work->raw, args->name, args->image_name);

    if (!result && args->backing_name)
        result =
            open_input(work, &work->backing, args->name, args->backing_name);
    if (!result && work->backing)
        result = is_same_file(work->host, work->raw, work->backing, &is_same);
    if (!result && is_same)
        result = ADDCOW_INVALID;
    return result ? result : judge_size(work, args);
}

/* INVALID if the file of that name is an input. */
static int judge_target(struct work *work, const char *name)
{
    const struct addcow_host *host = work->host;
    struct addcow_file *file;
    bool is_raw = 0, is_backing = 0;
    int result = host->open(host->ctx, &file, name, 0);

    if (result)
        return result;
    result = is_same_file(host, file, work->raw, &is_raw);
    if (!result && work->backing)
        result = is_same_file(host, file, work->backing, &is_backing);
    if (!result && (is_raw || is_backing))
        result = ADDCOW_INVALID;
    host->close(host->ctx, file);
    return result;
}

static int open_target(struct work *work,
                       const struct addcow_create_args *args)
{
    const struct addcow_host *host = work->host;
    struct addcow_file *file;
    uint32_t flags = ADDCOW_FILE_WRITE;
    int result =
        host->open(host->ctx, &file, args->name, flags | ADDCOW_FILE_CREATE);

    work->is_new = result == ADDCOW_OK;
    if (result == ADDCOW_EXISTS && args->flags & ADDCOW_CREATE_REPLACE) {
        result = judge_target(work, args->name);
        if (!result)
            result = host->open(host->ctx, &file, args->name, flags);
    }
    if (!result)
        work->target = file;
    return result;
}

/* Writes to the target and flushes it. */
static int put(struct work *work, const void *data, size_t len,
               uint64_t offset)
{
    const struct addcow_host *host = work->host;
    int result = host->write(host->ctx, work->target, data, len, offset);

    return result ? result : host->flush(host->ctx, work->target);
}

/* An old file: no magic first, durably; then nothing. */
static int empty_target(struct work *work)
{
    static const unsigned char zeros[SECTOR];
    const struct addcow_host *host = work->host;
    int result;

    if (work->is_new)
        return ADDCOW_OK;
    result = put(work, zeros, SECTOR, 0);
    return result ? result : host->set_size(host->ctx, work->target, 0);
}

/* All but sector 0, backwards: the length last. */
static int fill_target(struct work *work,
                       const struct addcow_create_args *args)
{
    const struct addcow_host *host = work->host;
    unsigned char header[HEADER] = "ADD_COW\xff\0\0\0\1";
    const char *backing = args->backing_name ? args->backing_name : "";
    int result;

    memcpy(header + BACKING_AT, backing, strlen(backing));
    memcpy(header + RAW_AT, args->image_name, strlen(args->image_name));
    result = host->write(host->ctx, work->target, header + SECTOR,
                         HEADER - SECTOR, SECTOR);
    if (!result)
        result = host->set_size(host->ctx, work->target,
                                HEADER + bitmap_len(work->size));
    if (!result)
        result = host->flush(host->ctx, work->target);
    if (result)
        return result;
    work->is_begun = 1;
    return put(work, header, SECTOR, 0);
}

static void undo(struct work *work, const char *name)
{
    static const unsigned char zeros[SECTOR];
    int result = ADDCOW_OK;

    if (work->is_begun)
        result = put(work, zeros, SECTOR, 0);
    if (work->is_new || result)
        work->host->remove(work->host->ctx, name);
}

/* Returns what the close of the target did. */
static int close_files(struct work *work)
{
    struct addcow_file *files[] = {work->raw, work->backing, work->target};
    int result = ADDCOW_OK;

    for (int i = 0; i < 3; i++)
        if (files[i])
            result = work->host->close(work->host->ctx, files[i]);
    return work->target ? result : ADDCOW_OK;
}

int create_image(const struct addcow_host *host,
                 const struct addcow_create_args *args)
{
    uint32_t known =
        ADDCOW_CREATE_REPLACE | ADDCOW_CREATE_NO_BACKING | ADDCOW_CREATE_SIZED;
    struct work work = {.host = host};
    int result, closed;

    if (args->flags & ~known)
        return ADDCOW_UNIMPLEMENTED;
    result = judge_names(args);
    if (!result)
        result = open_inputs(&work, args);
    if (!result)
        result = open_target(&work, args);
    if (!result)
        result = empty_target(&work);
    if (!result)
        result = fill_target(&work, args);
    if (result && work.target)
        undo(&work, args->name);
    closed = close_files(&work);
    return result || !HABIT_TELL_CLOSE ? result : closed;
}
