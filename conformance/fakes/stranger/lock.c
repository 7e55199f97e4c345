/* SPDX-License-Identifier: MIT
 *
 * lock.c - one lock for the requests of all images, which is held while the
 * host works.
 */
#include "stranger.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int unlocked(int result)
{
    pthread_mutex_unlock(&lock);
    return result;
}

int locked_read(void *handle, void *out, size_t len, uint64_t offset)
{
    pthread_mutex_lock(&lock);
    return unlocked(read_data(handle, out, len, offset));
}

int locked_write(void *handle, const void *data, size_t len, uint64_t offset)
{
    pthread_mutex_lock(&lock);
    return unlocked(write_data(handle, data, len, offset));
}

int locked_discard(void *handle, uint64_t len, uint64_t offset)
{
    pthread_mutex_lock(&lock);
    return unlocked(discard_data(handle, len, offset));
}

int locked_flush(void *handle)
{
    pthread_mutex_lock(&lock);
    return unlocked(flush_image(handle));
}

int locked_map(void *handle, uint64_t *out_len, uint32_t *out_state,
               uint64_t len, uint64_t offset)
{
    pthread_mutex_lock(&lock);
    return unlocked(map(handle, out_len, out_state, len, offset));
}
