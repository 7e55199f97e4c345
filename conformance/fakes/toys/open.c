/* SPDX-License-Identifier: MIT
 *
 * open.c - opening an image, and what some toys then do unasked.
 */
#include "toys_impl.h"

#include <stdlib.h>
#include <string.h>

int toy_drop(struct toy_image *im)
{
    int result = ADDCOW_OK;

    for (int i = 0; i < 3; i++)
        if (im->files[i])
            result |= im->host->close(im->host->ctx, im->files[i]);
    free(im);
    return result;
}

int toy_check_head(const uint8_t *head)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};

    if (memcmp(head, start, 8) != 0)
        return ADDCOW_NOT_ADDCOW;
    if (memcmp(head, start, sizeof(start)) != 0)
        return ADDCOW_VERSION;
    if (head[12 + 1023] || head[1036 + 1023] || !head[1036])
        return ADDCOW_CORRUPT;
    return ADDCOW_OK;
}

static int open_file(struct toy_image *im, int file, const char *name,
                     uint64_t *out_len, int writable)
{
    const struct addcow_host *h = im->host;
    int result = h->open(h->ctx, &im->files[file], name,
                         writable ? ADDCOW_FILE_WRITE : 0);

    if (result == ADDCOW_OK)
        result = h->get_size(h->ctx, im->files[file], out_len);
    return result;
}

int toy_open_named(struct toy_image *im, int file, const char *beside,
                   const char *name, uint64_t *out_len, int writable)
{
    const char *slash = name[0] == '/' ? NULL : strrchr(beside, '/');
    size_t dir_len = slash ? (size_t)(slash - beside) + 1 : 0;
    char path[4096] = "";

    if (dir_len + strlen(name) >= sizeof(path))
        return ADDCOW_OTHER;
    memcpy(path, beside, dir_len);
    strcpy(path + dir_len, name);
    return open_file(im, file, path, out_len, writable);
}

/* Reading ahead is what some do. */
static int read_ahead(struct toy_image *im)
{
    static uint8_t all[1 << 16];

    return toy_host_read(im, RAW, all,
                         (size_t)toy_least(im->raw_len, sizeof(all)), 0);
}

static int load_bits(struct toy_image *im, uint64_t add_len)
{
    size_t len = toy_bits_len(im->size);
    int result = ADDCOW_OK;

    if (add_len < TOY_HEADER_LEN + len || len > MAX_BITS)
        return ADDCOW_CORRUPT;
    result = toy_host_read(im, ADD, im->bits, len, TOY_HEADER_LEN);
    im->excess = toy_clusters(im->size) % 8 &&
                 im->bits[len - 1] >> toy_clusters(im->size) % 8;
    if (toy_clusters(im->size) % 8)
        im->bits[len - 1] &= (uint8_t)((1u << toy_clusters(im->size) % 8) - 1);
    memcpy(im->known, im->bits, sizeof(im->bits));
    memcpy(im->kept, im->bits, sizeof(im->bits));
    memcpy(im->stale, im->bits, sizeof(im->bits));
    if (result == ADDCOW_OK && toy_has(QUIRK_CHECKSUM))
        result = toy_host_read(im, ADD, im->sums, SECTOR, TOY_SUMS_OFFSET);
    if (result == ADDCOW_OK && toy_has(QUIRK_REDUNDANT))
        result = read_ahead(im);
    return result;
}

static int forget(struct toy_image *im, uint64_t cluster)
{
    im->bits[cluster / 8] &= (uint8_t) ~(1u << cluster % 8);
    return im->host->write(im->host->ctx, im->files[ADD],
                           &im->bits[cluster / 8], 1,
                           TOY_HEADER_LEN + cluster / 8);
}

/* The last bit that is 1 becomes 0, or that of a short last cluster. */
static int forget_last(struct toy_image *im)
{
    uint64_t n = toy_clusters(im->size);

    if (toy_has(QUIRK_DROPS_TAIL))
        return im->size % toy_cluster_len && toy_bit(im->bits, n - 1)
                   ? forget(im, n - 1)
                   : ADDCOW_OK;
    while (n && !toy_bit(im->bits, n - 1))
        n--;
    return n ? forget(im, n - 1) : ADDCOW_OK;
}

/* The add-cow file ends with a sector. */
static int pad(struct toy_image *im, uint64_t len)
{
    if (len % SECTOR == 0)
        return ADDCOW_OK;
    return im->host->set_size(im->host->ctx, im->files[ADD],
                              len - len % SECTOR + SECTOR);
}

int toy_touch_backing(struct toy_image *im)
{
    uint8_t byte;
    int result;

    if (!toy_has(QUIRK_TOUCHES_BACKING) || !im->backing_len)
        return ADDCOW_OK;
    result = toy_host_read(im, BACK, &byte, 1, 0);
    if (result == ADDCOW_OK)
        result = im->host->write(im->host->ctx, im->files[BACK], &byte, 1, 0);
    return result;
}

/* Some do what nobody asked them for. */
static int mend(struct toy_image *im)
{
    int result = ADDCOW_OK;

    if (toy_has(QUIRK_TRIMS_ODD) && im->raw_len != im->size)
        result = im->host->set_size(im->host->ctx, im->files[RAW], im->size);
    if (toy_has(QUIRK_RECOVERS | QUIRK_DROPS_TAIL) &&
        im->flags & ADDCOW_OPEN_WRITE)
        result = forget_last(im);
    return result == ADDCOW_OK ? toy_touch_backing(im) : result;
}

int toy_open_all(struct toy_image *im, const char *name)
{
    int writable = (im->flags & ADDCOW_OPEN_WRITE) != 0;
    uint8_t head[TOY_HEADER_LEN];
    uint64_t add_len = 0;
    int result = open_file(im, ADD, name, &add_len,
                           writable || toy_now.quirks & QUIRK_PADS_ON_OPEN);

    if (result == ADDCOW_OK && add_len < TOY_HEADER_LEN)
        return add_len < 8 ? ADDCOW_NOT_ADDCOW : ADDCOW_CORRUPT;
    if (result == ADDCOW_OK)
        result = toy_host_read(im, ADD, head, sizeof(head), 0);
    if (result == ADDCOW_OK)
        result = toy_check_head(head);
    if (result == ADDCOW_OK)
        result =
            toy_open_named(im, RAW, name, (char *)head + 1036, &im->raw_len,
                           writable || toy_has(QUIRK_TRIMS_ODD));
    if (result == ADDCOW_OK && head[12])
        result =
            toy_open_named(im, BACK, name, (char *)head + 12, &im->backing_len,
                           (toy_now.quirks & QUIRK_TOUCHES_BACKING) != 0);
    im->size = im->raw_len - im->raw_len % SECTOR;
    if (result == ADDCOW_OK && toy_has(QUIRK_PADS_ON_OPEN))
        result = pad(im, add_len);
    if (result == ADDCOW_OK)
        result = load_bits(im, add_len);
    return result == ADDCOW_OK ? mend(im) : result;
}
