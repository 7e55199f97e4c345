/* SPDX-License-Identifier: MIT
 *
 * threaded.c - a small writer whose requests really run at the same time, as
 * a shared object that the cases on concurrency are tried on, right or broken
 * on purpose by the option "break".
 *
 * One mutex guards what is in memory and is never held in a call of the host.
 * A cluster that is being written is busy, and others wait for it.  A flush
 * takes a copy of the bits before it flushes the image file and writes those;
 * one flush runs at a time.  After a failed flush every later one fails.
 *
 * Declares no choices, so that the cases are tried without.  Deliberately
 * missing: the checks of the header, creation, resize, map, discard.
 */
#include "addcow_shim.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_LEN 2560
#define CLUSTER UINT64_C(65536)
#define MAX_BUSY 64 /* clusters at a time, one a thread */

enum file { ADD, IMAGE, BACKING, N_FILES };

enum way {
    GOOD,
    LIVE_TABLE, /* writes the bits as they are after the image flush */
    STALE_BITS, /* lets two flushes run at once, each with its own copy */
    LOST_COPY,  /* lets two writes copy one cluster */
    EARLY_MARK, /* a cluster counts as allocated before its data is there */
    LIVE_BYTES, /* writes byte by byte, each as it is when its turn comes */
    LATE_CLEAN, /* forgets what came while the add-cow file was flushed */
    JOINED      /* a flush that finds another running waits for that one */
};

static enum way broken;

struct image {
    const struct addcow_host *host;
    struct addcow_file *files[N_FILES];
    uint64_t size;
    uint64_t backing_len;
    size_t bits_len;
    uint8_t *bits;    /* as the guest sees them */
    uint8_t *written; /* as they are in the add-cow file, flushed */
    uint32_t flags;
    bool dirty; /* a flush has something to do */
    bool failed;
    uint64_t busy[MAX_BUSY];
    size_t n_busy;
    pthread_mutex_t lock; /* of all above */
    pthread_cond_t less_busy;
    pthread_mutex_t flushing; /* taken before the other */
};

static bool get_bit(const struct image *im, uint64_t cluster)
{
    return im->bits[cluster / 8] >> cluster % 8 & 1;
}

/* ---- Opening ------------------------------------------------------------ */

/* Opens the file of a name field beside the add-cow file. */
static int open_named(struct image *im, struct addcow_file **out,
                      const char *add_name, const char *field, uint32_t flags)
{
    const char *slash = strrchr(add_name, '/');
    size_t dir_len =
        slash && field[0] != '/' ? (size_t)(slash - add_name) + 1 : 0;
    size_t len = strnlen(field, 1023);
    char *path = calloc(1, dir_len + len + 1);
    int result;

    if (!path)
        return ADDCOW_NO_MEMORY;
    memcpy(path, add_name, dir_len);
    memcpy(path + dir_len, field, len);
    result = im->host->open(im->host->ctx, out, path, flags);
    free(path);
    return result;
}

static int open_files(struct image *im, const struct addcow_open_args *args)
{
    const struct addcow_host *h = im->host;
    uint32_t mode = args->flags & ADDCOW_OPEN_WRITE ? ADDCOW_FILE_WRITE : 0;
    char header[HEADER_LEN];
    int result = h->open(h->ctx, &im->files[ADD], args->name, mode);

    if (result == ADDCOW_OK)
        result = h->read(h->ctx, im->files[ADD], header, HEADER_LEN, 0);
    if (result == ADDCOW_OK && memcmp(header, "ADD_COW\377\0\0\0\1", 12) != 0)
        result = ADDCOW_NOT_ADDCOW;
    if (result == ADDCOW_OK)
        result =
            open_named(im, &im->files[IMAGE], args->name, header + 1036, mode);
    if (result == ADDCOW_OK && header[12])
        result =
            open_named(im, &im->files[BACKING], args->name, header + 12, 0);
    return result;
}

static int load(struct image *im)
{
    const struct addcow_host *h = im->host;
    uint64_t n;
    int result = h->get_size(h->ctx, im->files[IMAGE], &im->size);

    if (result == ADDCOW_OK && im->files[BACKING])
        result = h->get_size(h->ctx, im->files[BACKING], &im->backing_len);
    if (result != ADDCOW_OK)
        return result;
    im->size = im->size / 512 * 512;
    n = im->size / CLUSTER + (im->size % CLUSTER != 0);
    if (n > UINT64_C(1) << 40)
        return ADDCOW_NO_MEMORY;
    im->bits_len = (size_t)(n / 8 + (n % 8 != 0));
    im->bits = calloc(1, im->bits_len + 1);
    im->written = calloc(1, im->bits_len + 1);
    if (!im->bits || !im->written)
        return ADDCOW_NO_MEMORY;
    result =
        h->read(h->ctx, im->files[ADD], im->bits, im->bits_len, HEADER_LEN);
    memcpy(im->written, im->bits, im->bits_len);
    return result;
}

static int drop(struct image *im, int result)
{
    for (int i = 0; i < N_FILES; i++) {
        int closed = 0;

        if (im->files[i])
            closed = im->host->close(im->host->ctx, im->files[i]);
        if (result == ADDCOW_OK)
            result = closed;
    }
    pthread_mutex_destroy(&im->flushing);
    pthread_mutex_destroy(&im->lock);
    pthread_cond_destroy(&im->less_busy);
    free(im->bits);
    free(im->written);
    free(im);
    return result;
}

static int image_open(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    struct image *im = calloc(1, sizeof(*im));
    int result;

    if (!im)
        return ADDCOW_NO_MEMORY;
    im->host = host;
    im->flags = args->flags;
    im->dirty = true;
    pthread_mutex_init(&im->lock, NULL);
    pthread_mutex_init(&im->flushing, NULL);
    pthread_cond_init(&im->less_busy, NULL);
    result = open_files(im, args);
    if (result == ADDCOW_OK)
        result = load(im);
    if (result != ADDCOW_OK)
        return drop(im, result);
    *out = im;
    return ADDCOW_OK;
}

static int image_size(void *image, uint64_t *out)
{
    *out = ((struct image *)image)->size;
    return ADDCOW_OK;
}

/* ---- Reading ------------------------------------------------------------ */

static int read_backing(const struct image *im, uint8_t *out, size_t len,
                        uint64_t offset)
{
    uint64_t left = offset < im->backing_len ? im->backing_len - offset : 0;
    size_t n = left < len ? (size_t)left : len;

    memset(out + n, 0, len - n);
    return n ? im->host->read(im->host->ctx, im->files[BACKING], out, n,
                              offset)
             : ADDCOW_OK;
}

static size_t in_cluster(size_t len, uint64_t offset)
{
    uint64_t left = CLUSTER - offset % CLUSTER;

    return len < left ? len : (size_t)left;
}

static int image_read(void *image, void *out, size_t len, uint64_t offset)
{
    struct image *im = image;
    uint8_t *p = out;
    int result = ADDCOW_OK;

    if (offset > im->size || len > im->size - offset)
        return ADDCOW_RANGE;
    while (len && result == ADDCOW_OK) {
        size_t n = in_cluster(len, offset);
        bool allocated;

        pthread_mutex_lock(&im->lock);
        allocated = get_bit(im, offset / CLUSTER);
        pthread_mutex_unlock(&im->lock);
        result = allocated ? im->host->read(im->host->ctx, im->files[IMAGE], p,
                                            n, offset)
                           : read_backing(im, p, n, offset);
        p += n;
        len -= n;
        offset += n;
    }
    return result;
}

/* ---- Writing ------------------------------------------------------------ */

/* The place of CLUSTER among the busy ones; n_busy if it is not busy. */
static size_t find_busy(const struct image *im, uint64_t cluster)
{
    size_t i = 0;

    while (i < im->n_busy && im->busy[i] != cluster)
        i++;
    return i;
}

/* Waits until nobody else writes CLUSTER.  Returns whether it is allocated. */
static bool enter(struct image *im, uint64_t cluster)
{
    bool allocated;

    pthread_mutex_lock(&im->lock);
    while (broken != LOST_COPY &&
           (find_busy(im, cluster) < im->n_busy || im->n_busy == MAX_BUSY))
        pthread_cond_wait(&im->less_busy, &im->lock);
    if (im->n_busy < MAX_BUSY)
        im->busy[im->n_busy++] = cluster;
    allocated = get_bit(im, cluster);
    if (broken == EARLY_MARK)
        im->bits[cluster / 8] |= (uint8_t)(1u << cluster % 8);
    pthread_mutex_unlock(&im->lock);
    return allocated;
}

static void leave(struct image *im, uint64_t cluster, int result)
{
    size_t i;

    pthread_mutex_lock(&im->lock);
    im->dirty = true; /* not earlier: a flush may have come between */
    i = find_busy(im, cluster);
    if (i < im->n_busy)
        im->busy[i] = im->busy[--im->n_busy];
    if (result == ADDCOW_OK)
        im->bits[cluster / 8] |= (uint8_t)(1u << cluster % 8);
    pthread_cond_broadcast(&im->less_busy);
    pthread_mutex_unlock(&im->lock);
}

/* Writes a whole unallocated cluster round the LEN bytes at OFFSET. */
static int copy_up(const struct image *im, const uint8_t *data, size_t len,
                   uint64_t offset)
{
    uint64_t start = offset / CLUSTER * CLUSTER;
    uint64_t left = im->size - start;
    size_t n = left < CLUSTER ? (size_t)left : (size_t)CLUSTER;
    uint8_t *whole = malloc(n);
    int result = ADDCOW_OK;

    if (!whole)
        return ADDCOW_NO_MEMORY;
    if (len < n)
        result = read_backing(im, whole, n, start);
    if (result == ADDCOW_OK) {
        memcpy(whole + (offset - start), data, len);
        result =
            im->host->write(im->host->ctx, im->files[IMAGE], whole, n, start);
    }
    free(whole);
    return result;
}

static int write_cluster(struct image *im, const uint8_t *data, size_t len,
                         uint64_t offset)
{
    int result;

    if (enter(im, offset / CLUSTER))
        result = im->host->write(im->host->ctx, im->files[IMAGE], data, len,
                                 offset);
    else
        result = copy_up(im, data, len, offset);
    leave(im, offset / CLUSTER, result);
    return result;
}

/* ---- Flushing ----------------------------------------------------------- */

/* Each byte that differs, as it is by then. */
static int write_live_bytes(struct image *im)
{
    int result = ADDCOW_OK;

    for (size_t i = 0; i < im->bits_len && result == ADDCOW_OK; i++) {
        uint8_t byte;

        pthread_mutex_lock(&im->lock);
        byte = im->bits[i];
        pthread_mutex_unlock(&im->lock);
        if (byte == im->written[i])
            continue;
        result = im->host->write(im->host->ctx, im->files[ADD], &byte, 1,
                                 HEADER_LEN + i);
        if (result == ADDCOW_OK)
            im->written[i] = byte;
    }
    return result;
}

/* Writes the bytes from the first to the last that differ. */
static int write_bits(struct image *im, const uint8_t *bits)
{
    size_t from = 0;
    size_t end = im->bits_len;
    int result;

    if (broken == LIVE_BYTES)
        return write_live_bytes(im);
    while (from < end && bits[from] == im->written[from])
        from++;
    while (end > from && bits[end - 1] == im->written[end - 1])
        end--;
    if (from == end)
        return ADDCOW_OK;
    result = im->host->write(im->host->ctx, im->files[ADD], bits + from,
                             end - from, HEADER_LEN + from);
    if (result == ADDCOW_OK)
        memcpy(im->written + from, bits + from, end - from);
    return result;
}

static void set_dirty(struct image *im, bool dirty)
{
    pthread_mutex_lock(&im->lock);
    im->dirty = dirty;
    pthread_mutex_unlock(&im->lock);
}

/* After a failed flush of the host no later flush succeeds; after a write
 * that failed the bits are written again. */
static int flush_all(struct image *im, uint8_t *bits)
{
    const struct addcow_host *h = im->host;
    bool was_dirty;
    int result;

    pthread_mutex_lock(&im->lock);
    was_dirty = im->dirty;
    memcpy(bits, im->bits, im->bits_len);
    im->dirty = false;
    pthread_mutex_unlock(&im->lock);
    if (!was_dirty)
        return ADDCOW_OK;
    result = h->flush(h->ctx, im->files[IMAGE]);
    if (broken == LIVE_TABLE) {
        pthread_mutex_lock(&im->lock);
        memcpy(bits, im->bits, im->bits_len);
        pthread_mutex_unlock(&im->lock);
    }
    if (result == ADDCOW_OK) {
        result = write_bits(im, bits);
        if (result != ADDCOW_OK) {
            set_dirty(im, true);
            return result;
        }
        result = h->flush(h->ctx, im->files[ADD]);
        if (broken == LATE_CLEAN)
            set_dirty(im, false);
    }
    if (result != ADDCOW_OK)
        im->failed = true;
    return result;
}

/* Whether another flush ran; then it has returned. */
static bool joined(struct image *im)
{
    bool runs;

    if (broken != JOINED)
        return false;
    runs = pthread_mutex_trylock(&im->flushing) != 0;
    if (runs)
        pthread_mutex_lock(&im->flushing);
    pthread_mutex_unlock(&im->flushing);
    return runs;
}

static int image_flush(void *image)
{
    struct image *im = image;
    uint8_t *bits;
    int result;

    if (joined(im))
        return im->failed ? ADDCOW_IO : ADDCOW_OK;
    bits = malloc(im->bits_len + 1);
    if (!bits)
        return ADDCOW_NO_MEMORY;
    if (broken != STALE_BITS)
        pthread_mutex_lock(&im->flushing);
    result = im->failed ? ADDCOW_IO : flush_all(im, bits);
    if (broken != STALE_BITS)
        pthread_mutex_unlock(&im->flushing);
    free(bits);
    return result;
}

static int image_write(void *image, const void *data, size_t len,
                       uint64_t offset)
{
    struct image *im = image;
    const uint8_t *p = data;
    int result = ADDCOW_OK;

    if (offset > im->size || len > im->size - offset)
        return ADDCOW_RANGE;
    if (!(im->flags & ADDCOW_OPEN_WRITE))
        return ADDCOW_READ_ONLY;
    while (len && result == ADDCOW_OK) {
        size_t n = in_cluster(len, offset);

        result = write_cluster(im, p, n, offset);
        p += n;
        len -= n;
        offset += n;
    }
    if (result == ADDCOW_OK && (im->flags & ADDCOW_OPEN_WRITETHROUGH))
        result = image_flush(im);
    return result;
}

static int image_close(void *image)
{
    struct image *im = image;

    return drop(im,
                im->flags & ADDCOW_OPEN_WRITE ? image_flush(im) : ADDCOW_OK);
}

/* ---- The table ---------------------------------------------------------- */

static int set_option(const char *key, const char *value)
{
    static const char *const names[] = {
        "nothing",    "live-table", "stale-bits", "lost-copy",
        "early-mark", "live-bytes", "late-clean", "joined"};

    if (strcmp(key, "break") != 0)
        return ADDCOW_UNIMPLEMENTED;
    for (unsigned i = GOOD; i <= JOINED; i++) {
        if (strcmp(value, names[i]) == 0) {
            broken = (enum way)i;
            return ADDCOW_OK;
        }
    }
    return ADDCOW_INVALID;
}

const struct addcow_shim *addcow_shim_get(void)
{
    static const struct addcow_shim shim = {
        .size = sizeof(shim),
        .abi = ADDCOW_SHIM_ABI,
        .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE |
                        ADDCOW_CAP_WRITETHROUGH | ADDCOW_CAP_CONCURRENT |
                        ADDCOW_CAP_CLASSES,
        .name = "threaded",
        .version = "1",
        .open = image_open,
        .close = image_close,
        .get_size = image_size,
        .read = image_read,
        .write = image_write,
        .flush = image_flush,
        .set_option = set_option};

    return &shim;
}
