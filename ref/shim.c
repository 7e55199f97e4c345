/* SPDX-License-Identifier: MIT
 *
 * The entry of the reference to the conformance suite.  The reference takes
 * one call on an image at a time; a lock around each image makes it so.
 *
 * Deliberately missing: options.
 */
#include "addcow.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct handle {
    struct addcow_image *image;
    pthread_mutex_t lock;
};

static int shim_open(void **out, const struct addcow_host *host,
                     const struct addcow_open_args *args)
{
    struct handle *handle = malloc(sizeof(*handle));
    int result;

    if (!handle)
        return ADDCOW_NO_MEMORY;
    result = addcow_open(&handle->image, NULL, host, args->name, args->flags);
    if (result == ADDCOW_OK && pthread_mutex_init(&handle->lock, NULL) != 0) {
        addcow_close(handle->image);
        result = ADDCOW_NO_MEMORY;
    }
    if (result != ADDCOW_OK) {
        free(handle);
        return result;
    }
    *out = handle;
    return ADDCOW_OK;
}

static int shim_close(void *image)
{
    struct handle *handle = image;
    int result = addcow_close(handle->image);

    pthread_mutex_destroy(&handle->lock);
    free(handle);
    return result;
}

static int shim_get_size(void *image, uint64_t *out)
{
    struct handle *handle = image;

    *out = addcow_size(handle->image);
    return ADDCOW_OK;
}

static int shim_read(void *image, void *out, size_t len, uint64_t offset)
{
    struct handle *handle = image;
    int result;

    pthread_mutex_lock(&handle->lock);
    result = addcow_read(handle->image, out, len, offset);
    pthread_mutex_unlock(&handle->lock);
    return result;
}

static int shim_write(void *image, const void *data, size_t len,
                      uint64_t offset)
{
    struct handle *handle = image;
    int result;

    pthread_mutex_lock(&handle->lock);
    result = addcow_write(handle->image, data, len, offset);
    pthread_mutex_unlock(&handle->lock);
    return result;
}

static int shim_flush(void *image)
{
    struct handle *handle = image;
    int result;

    pthread_mutex_lock(&handle->lock);
    result = addcow_flush(handle->image);
    pthread_mutex_unlock(&handle->lock);
    return result;
}

static int shim_create(const struct addcow_host *host,
                       const struct addcow_create_args *args)
{
    return addcow_create(NULL, host, args);
}

static int shim_set_size(void *image, uint64_t size)
{
    struct handle *handle = image;

    return addcow_resize(handle->image, size);
}

static int shim_map(void *image, uint64_t *out_len, uint32_t *out_state,
                    uint64_t len, uint64_t offset)
{
    struct handle *handle = image;
    int result;

    pthread_mutex_lock(&handle->lock);
    result = addcow_map(handle->image, out_len, out_state, len, offset);
    pthread_mutex_unlock(&handle->lock);
    return result;
}

/* No more than the caller has room for. */
static int shim_check(struct addcow_check_result *out,
                      const struct addcow_host *host,
                      const struct addcow_check_args *args)
{
    struct addcow_check_result found = {.size = out->size};
    size_t room = out->size < sizeof(found) ? out->size : sizeof(found);
    int result = ADDCOW_UNIMPLEMENTED;

    if (args->flags == 0)
        result = addcow_check(&found, NULL, host, args->name, NULL, NULL);
    if (result == ADDCOW_OK)
        memcpy(out, &found, room);
    return result;
}

static int shim_discard(void *image, uint64_t len, uint64_t offset)
{
    struct handle *handle = image;
    int result;

    pthread_mutex_lock(&handle->lock);
    result = addcow_discard(handle->image, len, offset);
    pthread_mutex_unlock(&handle->lock);
    return result;
}

static const struct addcow_choice choices[] = {
    {"IMPL-1", "a"}, {"IMPL-2", "a"}, {"IMPL-3", "a"}, {"IMPL-4", "a"},
    {"IMPL-5", "a"}, {"IMPL-6", "a"}, {"IMPL-7", "a"}, {NULL, NULL},
};

const struct addcow_shim *addcow_shim_get(void)
{
    static const struct addcow_shim shim = {
        .size = sizeof(shim),
        .abi = ADDCOW_SHIM_ABI,
        .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE |
                        ADDCOW_CAP_CREATE | ADDCOW_CAP_RESIZE |
                        ADDCOW_CAP_MAP | ADDCOW_CAP_CHECK |
                        ADDCOW_CAP_WRITETHROUGH | ADDCOW_CAP_CONCURRENT |
                        ADDCOW_CAP_CLASSES | ADDCOW_CAP_DISCARD,
        .name = "addcow reference",
        .version = "1.1.0",
        .choices = choices,
        .open = shim_open,
        .close = shim_close,
        .get_size = shim_get_size,
        .read = shim_read,
        .probe = addcow_probe,
        .write = shim_write,
        .flush = shim_flush,
        .create = shim_create,
        .set_size = shim_set_size,
        .map = shim_map,
        .check = shim_check,
        .discard = shim_discard,
    };

    return &shim;
}
