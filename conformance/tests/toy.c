/* SPDX-License-Identifier: MIT
 *
 * toy.c - a small implementation of the format, right or broken on purpose.
 *
 * Keeps nothing in memory: each bit is read from the file, each write makes
 * its own durable in the right order.  One lock serialises all calls.
 */
#include "toy.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER 65536
#define HEADER_LEN 2560

struct image {
    const struct addcow_host *host;
    struct addcow_file *files[3]; /* add-cow, image, backing */
    uint64_t size;
    uint64_t backing_len;
    bool writable;
    struct image *next;
};

static enum toy_fault fault;
static struct image *images;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int drop(struct image *im)
{
    struct image **at = &images;
    int r = 0;

    for (int i = 0; i < 3; i++)
        if (im->files[i] && !(fault == TOY_LEAK && i == 2))
            r |= im->host->close(im->host->ctx, im->files[i]);
    if (fault == TOY_BAD_HANDLE)
        im->host->flush(im->host->ctx, im->files[1]);
    while (*at != im)
        at = &(*at)->next;
    *at = im->next;
    free(im);
    return r;
}

void toy_reset(void)
{
    while (images) {
        struct image *next = images->next;

        free(images);
        images = next;
    }
}

static int toy_probe(const void *head, size_t len)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};

    if (fault == TOY_LATE_HOST && images)
        images->host->flush(images->host->ctx, images->files[0]);
    if (len < sizeof(start) || memcmp(head, start, 8) != 0)
        return ADDCOW_NOT_ADDCOW;
    if (fault != TOY_ANY_VERSION && memcmp(head, start, sizeof(start)) != 0)
        return ADDCOW_VERSION;
    return ADDCOW_OK;
}

/* Names are taken from the current directory: good enough for the tests. */
static int open_files(struct image *im, const char *name)
{
    const struct addcow_host *h = im->host;
    uint32_t flags = im->writable ? ADDCOW_FILE_WRITE : 0;
    char head[HEADER_LEN];
    int r = h->open(h->ctx, &im->files[0], name, flags);

    if (!r)
        r = h->read(h->ctx, im->files[0], head, sizeof(head), 0);
    if (!r)
        r = toy_probe(head, sizeof(head));
    if (!r)
        r = h->open(h->ctx, &im->files[1], head + 1036, flags);
    if (!r)
        r = h->get_size(h->ctx, im->files[1], &im->size);
    if (!r && head[12])
        r = h->open(h->ctx, &im->files[2], head + 12, 0);
    if (!r && head[12])
        r = h->get_size(h->ctx, im->files[2], &im->backing_len);
    im->size -= im->size % 512;
    return r == ADDCOW_RANGE ? ADDCOW_CORRUPT : r;
}

static int toy_open(void **out, const struct addcow_host *host,
                    const struct addcow_open_args *args)
{
    struct image *im = calloc(1, sizeof(*im));
    int r;

    im->host = host;
    im->writable = (args->flags & ADDCOW_OPEN_WRITE) != 0;
    im->next = images;
    images = im;
    r = open_files(im, args->name);
    if (r)
        drop(im);
    else
        *out = im;
    return r;
}

static int toy_get_size(void *image, uint64_t *out)
{
    *out = ((struct image *)image)->size;
    return ADDCOW_OK;
}

static int bit(struct image *im, unsigned char *byte, uint64_t cluster)
{
    im->host->read(im->host->ctx, im->files[0], byte, 1,
                   HEADER_LEN + cluster / 8);
    return *byte >> cluster % 8 & 1;
}

static int read_backing(struct image *im, char *out, size_t len,
                        uint64_t offset)
{
    size_t n = 0;

    if (offset < im->backing_len)
        n = im->backing_len - offset < len ? (size_t)(im->backing_len - offset)
                                           : len;
    memset(out + n, 0, len - n);
    return n ? im->host->read(im->host->ctx, im->files[2], out, n, offset)
             : ADDCOW_OK;
}

static int refusal(const struct image *im, size_t len, uint64_t offset)
{
    if (offset <= im->size && len <= im->size - offset)
        return ADDCOW_OK;
    if (fault == TOY_POSITIVE_ERRNO)
        return EINVAL;
    return fault == TOY_MINUS_ERRNO ? -EINVAL : ADDCOW_RANGE;
}

static size_t part(size_t len, uint64_t offset)
{
    size_t room = CLUSTER - (size_t)(offset % CLUSTER);

    return len < room ? len : room;
}

static int read_part(struct image *im, char *out, size_t len, uint64_t offset)
{
    unsigned char byte;

    if (bit(im, &byte, offset / CLUSTER) || fault == TOY_SHOW_OLD)
        return im->host->read(im->host->ctx, im->files[1], out, len, offset);
    return read_backing(im, out, len, offset);
}

static int toy_read(void *image, void *out, size_t len, uint64_t offset)
{
    struct image *im = image;
    char *to = out;
    int r = refusal(im, len, offset);

    pthread_mutex_lock(&lock);
    while (!r && len) {
        size_t n = part(len, offset);

        r = read_part(im, to, n, offset);
        to += n;
        len -= n;
        offset += n;
    }
    if (fault == TOY_PAST_BUFFER)
        *to = 0;
    pthread_mutex_unlock(&lock);
    return r;
}

/* Completes a cluster that is not allocated and turns its bit on. */
static int allocate(struct image *im, const char *data, size_t len,
                    uint64_t offset, unsigned char byte)
{
    const struct addcow_host *h = im->host;
    uint64_t start = offset / CLUSTER * CLUSTER;
    size_t room =
        im->size - start < CLUSTER ? (size_t)(im->size - start) : CLUSTER;
    char *buf = malloc(CLUSTER);
    unsigned on = 1u << offset / CLUSTER % 8;
    int r = read_backing(im, buf, room, start);

    memcpy(buf + (offset - start), data, len);
    if (!r && fault == TOY_NO_COPY_UP)
        r = h->write(h->ctx, im->files[1], data, len, offset);
    else if (!r)
        r = h->write(h->ctx, im->files[1], buf, room, start);
    if (!r && fault != TOY_EARLY_BIT)
        r = h->flush(h->ctx, im->files[1]);
    byte = (unsigned char)(fault == TOY_CLEAR_BITS ? on : byte | on);
    if (!r)
        r = h->write(h->ctx, im->files[0], &byte, 1,
                     HEADER_LEN + offset / CLUSTER / 8);
    free(buf);
    return r;
}

static int write_part(struct image *im, const char *data, size_t len,
                      uint64_t offset)
{
    unsigned char byte;

    if (bit(im, &byte, offset / CLUSTER))
        return im->host->write(im->host->ctx, im->files[1], data, len, offset);
    return allocate(im, data, len, offset, byte);
}

static int toy_write(void *image, const void *data, size_t len,
                     uint64_t offset)
{
    struct image *im = image;
    const char *from = data;
    int r = im->writable ? refusal(im, len, offset) : ADDCOW_READ_ONLY;

    if (fault == TOY_UNIMPLEMENTED)
        return ADDCOW_UNIMPLEMENTED;
    if (fault == TOY_CHANGE_INPUT)
        *(char *)(uintptr_t)data ^= 1;
    pthread_mutex_lock(&lock);
    while (!r && len) {
        size_t n = part(len, offset);

        r = write_part(im, from, n, offset);
        from += n;
        len -= n;
        offset += n;
    }
    pthread_mutex_unlock(&lock);
    return r;
}

static int toy_flush(void *image)
{
    struct image *im = image;
    const struct addcow_host *h = im->host;
    int r = ADDCOW_OK;

    if (fault == TOY_NO_FLUSH)
        return r;
    pthread_mutex_lock(&lock);
    r = h->flush(h->ctx, im->files[1]);
    if (!r)
        r = h->flush(h->ctx, im->files[0]);
    pthread_mutex_unlock(&lock);
    return r;
}

static int toy_close(void *image)
{
    struct image *im = image;
    int r = im->writable ? toy_flush(im) : ADDCOW_OK;
    int closed = drop(im);

    return r ? r : closed;
}

static const struct addcow_choice choices[] = {
    {"IMPL-2", "a"}, {"IMPL-3", "a"}, {NULL, NULL}};

static const struct addcow_shim table = {
    .size = sizeof(table),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE |
                    ADDCOW_CAP_CONCURRENT | ADDCOW_CAP_CLASSES,
    .name = "toy",
    .version = "1",
    .choices = choices,
    .open = toy_open,
    .close = toy_close,
    .get_size = toy_get_size,
    .read = toy_read,
    .probe = toy_probe,
    .write = toy_write,
    .flush = toy_flush};

const struct addcow_shim *toy(enum toy_fault f)
{
    fault = f;
    return &table;
}
