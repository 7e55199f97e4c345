/* SPDX-License-Identifier: MIT
 *
 * host.c - when a toy is broken, and what it asks of the host.
 */
#include "toys_impl.h"

#include <stdbool.h>
#include <string.h>

struct toy_program toy_now;
struct toy_context toy_context;
uint64_t toy_cluster_len = 65536;
void (*toy_hook)(void *arg);
void *toy_hook_arg;

/* ---- When --------------------------------------------------------------- */

static bool fits(unsigned char want, int is)
{
    return want == ANY || (want == YES) == (is != 0);
}

static bool is_such_data(const struct toy_when *w, const struct toy_context *c)
{
    return (!w->len || (w->len == c->len && w->offset == c->offset)) &&
           fits(w->whole, c->whole) && fits(w->zeros, c->zeros) &&
           fits(w->again, c->again);
}

static bool is_such_flush(const struct toy_when *w,
                          const struct toy_context *c)
{
    return !w->file || (c->file == w->file - 1 &&
                        (!w->nth || c->im->n_flushes[c->file] == w->nth));
}

bool toy_is_broken(void)
{
    const struct toy_when *w = &toy_now.when;
    const struct toy_context *c = &toy_context;

    return (!w->kind || w->kind == c->kind) &&
           (!w->size || w->size == c->im->size) &&
           fits(w->through, c->im->flags & ADDCOW_OPEN_WRITETHROUGH) &&
           fits(w->backing, c->im->files[BACK] != NULL) &&
           fits(w->made, c->made) && fits(w->existed, c->existed) &&
           is_such_data(w, c) && is_such_flush(w, c);
}

bool toy_has(unsigned quirk)
{
    return (toy_now.quirks & quirk) && toy_is_broken();
}

uint64_t toy_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Places ---------------------------------------------------------------
 */

uint64_t toy_clusters(uint64_t size)
{
    return size / toy_cluster_len + (size % toy_cluster_len != 0);
}

size_t toy_bits_len(uint64_t size)
{
    return (size_t)((toy_clusters(size) + 7) / 8);
}

int toy_bit(const uint8_t *bits, uint64_t cluster)
{
    return bits[cluster / 8] >> cluster % 8 & 1;
}

/* ---- Host --------------------------------------------------------------- */

int toy_host_read(struct toy_image *im, int file, void *out, size_t len,
                  uint64_t offset)
{
    if (!len)
        return ADDCOW_OK;
    return im->host->read(im->host->ctx, im->files[file], out, len, offset);
}

int toy_host_write(struct toy_image *im, int file, const void *data,
                   size_t len, uint64_t offset)
{
    int result;

    if (!len)
        return ADDCOW_OK;
    if (file == RAW)
        im->dirty[RAW] = 1;
    result =
        im->host->write(im->host->ctx, im->files[file], data, len, offset);
    return toy_has(QUIRK_LOSES_ERRORS) ? ADDCOW_OK : result;
}

int toy_host_size(struct toy_image *im, int file, uint64_t size)
{
    im->dirty[file] = 1;
    return im->host->set_size(im->host->ctx, im->files[file], size);
}

int toy_host_flush(struct toy_image *im, int file)
{
    int result = ADDCOW_OK;

    toy_context.file = file;
    if (im->dirty[file]) {
        im->n_flushes[file]++;
        result = im->host->flush(im->host->ctx, im->files[file]);
    }
    if (result == ADDCOW_OK || toy_has(QUIRK_FORGETFUL))
        im->dirty[file] = 0;
    else
        im->failed = !toy_has(QUIRK_FORGIVING);
    return result;
}

/* ---- Sums of contents --------------------------------------------------- */

static uint32_t sum_of(const uint8_t *sector)
{
    uint32_t sum = 1;

    for (unsigned i = 0; i < SECTOR; i++)
        sum = sum * 31 + sector[i];
    return sum;
}

/* Two sums for each sector: of what it holds and of what comes. */
static void put_sum(uint8_t *sums, uint64_t sector, unsigned which,
                    uint32_t sum)
{
    memcpy(sums + sector * 8 + (size_t)which * 4, &sum, sizeof(sum));
}

void toy_sums(unsigned char out[512], const unsigned char *image, size_t len)
{
    memset(out, 0, SECTOR);
    for (size_t s = 0; s < len / SECTOR && s < TOY_MAX_SUMS; s++) {
        put_sum(out, s, 0, sum_of(image + s * SECTOR));
        put_sum(out, s, 1, sum_of(image + s * SECTOR));
    }
}

bool toy_sums_match(const struct toy_image *im, const uint8_t *data,
                    size_t len, uint64_t offset)
{
    for (size_t at = 0; at + SECTOR <= len; at += SECTOR) {
        uint32_t sum = sum_of(data + at);
        const uint8_t *both = im->sums + (offset + at) / SECTOR * 8;

        if (memcmp(both, &sum, 4) != 0 && memcmp(both + 4, &sum, 4) != 0)
            return false;
    }
    return true;
}

/* Notes what is there and what comes, durably, before it comes. */
static int announce(struct toy_image *im, const uint8_t *data, size_t len,
                    uint64_t offset)
{
    uint8_t old[SECTOR];
    int result = toy_host_flush(im, RAW);

    for (size_t at = 0; at < len && result == ADDCOW_OK; at += SECTOR) {
        result = toy_host_read(im, RAW, old, SECTOR, offset + at);
        put_sum(im->sums, (offset + at) / SECTOR, 0, sum_of(old));
        put_sum(im->sums, (offset + at) / SECTOR, 1, sum_of(data + at));
    }
    if (result == ADDCOW_OK)
        result = toy_host_write(im, ADD, im->sums, SECTOR, TOY_SUMS_OFFSET);
    im->dirty[ADD] = 1;
    if (result == ADDCOW_OK)
        result = toy_host_flush(im, ADD);
    return result;
}

/* ---- Data --------------------------------------------------------------- */

/* Whole sectors, with zeros where DATA has nothing. */
static int write_filled(struct toy_image *im, const uint8_t *data, size_t len,
                        uint64_t offset)
{
    static uint8_t whole[3 * 65536];
    size_t before = (size_t)(offset % SECTOR);
    size_t n = (before + len + SECTOR - 1) / SECTOR * SECTOR;

    memset(whole, 0, n);
    memcpy(whole + before, data, len);
    return toy_host_write(im, RAW, whole, n, offset - before);
}

static int write_inverted(struct toy_image *im, const uint8_t *data,
                          size_t len, uint64_t offset)
{
    static uint8_t inverted[65536];

    for (size_t i = 0; i < len; i++)
        inverted[i] = (uint8_t)~data[i];
    return toy_host_write(im, RAW, inverted, len, offset);
}

int toy_write_raw(struct toy_image *im, const uint8_t *data, size_t len,
                  uint64_t offset)
{
    int result = ADDCOW_OK;

    if (toy_has(QUIRK_ZERO_FILL) && (offset % SECTOR || len % SECTOR))
        return write_filled(im, data, len, offset);
    if (toy_has(QUIRK_INVERTS))
        return write_inverted(im, data, len, offset);
    if (toy_has(QUIRK_CHECKSUM) && len)
        result = announce(im, data, len, offset);
    if (result == ADDCOW_OK)
        result = toy_host_write(im, RAW, data, len, offset);
    return result;
}

int toy_read_backing(struct toy_image *im, uint8_t *out, size_t len,
                     uint64_t offset)
{
    size_t n = 0;

    if (offset < im->backing_len)
        n = (size_t)toy_least(len, im->backing_len - offset);
    memset(out + n, 0, len - n);
    return toy_host_read(im, BACK, out, n, offset);
}
