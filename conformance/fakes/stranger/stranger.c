/* SPDX-License-Identifier: MIT
 *
 * stranger.c - the table, the map and the check (chapters 13 and 14).
 */
#include "stranger.h"

#include <stdbool.h>
#include <string.h>

int get_size(void *handle, uint64_t *out)
{
    const struct image *image = handle;
    const struct addcow_host *host = image->host;
    int result = ADDCOW_OK;
    uint64_t len = image->size;

    if (HABIT_ASK_SIZE)
        result = host->get_size(host->ctx, image->raw, &len);
    *out = len - len % SECTOR;
    return result;
}

/* One cluster an answer (MAP-3). */
int map(void *handle, uint64_t *out_len, uint32_t *out_state, uint64_t len,
        uint64_t offset)
{
    struct image *image = handle;
    uint64_t left = CLUSTER - offset % CLUSTER;
    bool is_allocated;

    if (is_odd(len, offset))
        return ADDCOW_INVALID;
    if (len == 0 || offset > image->size || len > image->size - offset)
        return ADDCOW_RANGE;
    is_allocated = bits_get(&image->allocated, offset / CLUSTER);
    *out_state = is_allocated ? ADDCOW_MAP_ALLOCATED : 0;
    *out_len = len < left ? len : left;
    return ADDCOW_OK;
}

static void count(const struct image *image, struct addcow_check_result *out)
{
    out->clusters = n_clusters(image->size);
    for (uint64_t c = 0; c < image->bitmap_len * 8; c++)
        if (bits_get(&image->allocated, c)) {
            if (c < out->clusters)
                out->allocated++;
            else
                out->warnings++;
        }
    if (image->raw_len != image->size)
        out->warnings++;
}

/* What a reader that opens all files at once would find (IMPL-4 b). */
static int examine(struct addcow_check_result *out,
                   const struct addcow_host *host, const char *name)
{
    void *handle;
    struct addcow_open_args args = {.size = sizeof(args), .name = name};
    int result = open_image(&handle, host, &args);

    if (result)
        return result;
    count(handle, out);
    result = need_backing(handle);
    if (result == ADDCOW_NOT_FOUND && out->allocated == out->clusters)
        result = ADDCOW_OK;
    close_image(handle);
    return result;
}

static int check(struct addcow_check_result *out,
                 const struct addcow_host *host,
                 const struct addcow_check_args *args)
{
    struct addcow_check_result found = {.size = out->size};
    size_t len;
    int result;

    if (args->flags)
        return ADDCOW_UNIMPLEMENTED;
    result = examine(&found, host, args->name);
    if (result == ADDCOW_CORRUPT) {
        found.errors = 1;
        result = ADDCOW_OK;
    }
    len = out->size < sizeof(found) ? out->size : sizeof(found);
    memcpy(out, &found, len);
    return result;
}

static const struct addcow_choice choices[] = {
    {"IMPL-1", HABIT_EARLY_BACKING ? "a" : "b"},
    {"IMPL-2", HABIT_SECTORS ? "b" : "a"},
    {"IMPL-3", HABIT_NO_COPY ? "a" : "b"},
    {"IMPL-4", HABIT_EARLY_BACKING ? "a" : "b"},
    {"IMPL-5", HABIT_LATCH ? "a" : "b"},
    {"IMPL-6", HABIT_RESIZE == 0   ? "a"
               : HABIT_RESIZE == 1 ? "b"
                                   : "c"},
    {"IMPL-7", HABIT_NO_BYTES ? "a" : "b"},
    {NULL, NULL},
};

static const struct addcow_shim shim = {
    .size = sizeof(shim),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | ADDCOW_CAP_CREATE |
                    ADDCOW_CAP_RESIZE | ADDCOW_CAP_MAP | ADDCOW_CAP_CHECK |
                    (HABIT_NO_THROUGH ? 0 : ADDCOW_CAP_WRITETHROUGH) |
                    (HABIT_LOCK ? ADDCOW_CAP_CONCURRENT : 0) |
                    ADDCOW_CAP_CLASSES | ADDCOW_CAP_DISCARD,
    .name = "stranger" HABIT_NAME,
    .version = "1.0",
    /* Who declares nothing behaves the same. */
    .choices = HABIT_SILENT ? NULL : choices,
    .open = open_image,
    .close = close_image,
    .get_size = get_size,
    .read = HABIT_LOCK ? locked_read : read_data,
    .probe = probe,
    .write = HABIT_LOCK ? locked_write : write_data,
    .flush = HABIT_LOCK ? locked_flush : flush_image,
    .create = create_image,
    .set_size = set_size,
    .map = HABIT_LOCK ? locked_map : map,
    .check = check,
    .discard = HABIT_LOCK ? locked_discard : discard_data,
};

const struct addcow_shim *addcow_shim_get(void)
{
    return &shim;
}
