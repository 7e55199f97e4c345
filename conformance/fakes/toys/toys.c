/* SPDX-License-Identifier: MIT
 *
 * toys.c - the shim of the toys.  See toys.h.
 */
#include "toys_impl.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Open and close ----------------------------------------------------- */

/* What is asked for now. */
static void enter(struct toy_image *im, enum toy_request kind)
{
    if (kind == TOY_OPEN)
        toy_context = (struct toy_context){.made = toy_context.made};
    toy_context.im = im;
    toy_context.kind = kind;
    toy_context.file = -1;
}

static int toy_open(void **out, const struct addcow_host *host,
                    const struct addcow_open_args *args)
{
    struct toy_image *im = calloc(1, sizeof(*im));
    int result;

    if (!im)
        return ADDCOW_NO_MEMORY;
    im->host = host;
    im->flags = args->flags;
    im->table = NO_TABLE;
    im->dirty[ADD] = im->dirty[RAW] = 1;
    enter(im, TOY_OPEN);
    result = toy_open_all(im, args->name);
    if (result == ADDCOW_OK)
        *out = im;
    else
        toy_drop(im);
    return result;
}

static int flush(struct toy_image *image)
{
    struct toy_work w = {.im = image};
    int result;

    if (toy_has(QUIRK_LAZY_FLUSH) &&
        !memcmp(w.im->bits, w.im->known, sizeof(w.im->bits)))
        return ADDCOW_OK;
    w.im->flushing = 1;
    result = toy_run(&w, toy_now.flush, toy_right.flush);
    w.im->flushing = 0;
    if (result == ADDCOW_OK)
        result = toy_touch_backing(w.im);
    return result;
}

static int toy_flush(void *image)
{
    enter(image, TOY_FLUSH);
    return flush(image);
}

static int toy_close(void *image)
{
    struct toy_image *im = image;
    int result = ADDCOW_OK, closed;

    enter(im, TOY_CLOSE);
    if (im->flags & ADDCOW_OPEN_WRITE)
        result = flush(im);
    closed = toy_drop(im);
    return result == ADDCOW_OK ? closed : result;
}

/* ---- Requests ----------------------------------------------------------- */

static int toy_get_size(void *image, uint64_t *out)
{
    *out = ((struct toy_image *)image)->size;
    return ADDCOW_OK;
}

static bool all_zero(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i])
            return false;
    return true;
}

/* Sectors of zeros show backing. */
static int fill_holes(struct toy_image *im, uint8_t *out, size_t len,
                      uint64_t offset)
{
    int result = ADDCOW_OK;

    for (size_t at = 0; at < len && result == ADDCOW_OK; at += SECTOR)
        if (all_zero(out + at, SECTOR))
            result = toy_read_backing(im, out + at, SECTOR, offset + at);
    return result;
}

static int read_part(struct toy_image *im, uint8_t *out, size_t len,
                     uint64_t offset)
{
    int result;

    if (!toy_bit(im->bits, offset / toy_cluster_len))
        return toy_read_backing(im, out, len, offset);
    result = toy_host_read(im, RAW, out, len, offset);
    for (size_t i = 0; toy_has(QUIRK_INVERTS) && i < len; i++)
        out[i] = (uint8_t)~out[i];
    if (result == ADDCOW_OK && toy_has(QUIRK_SPARSE))
        result = fill_holes(im, out, len, offset);
    if (result == ADDCOW_OK && toy_has(QUIRK_CHECKSUM) &&
        !toy_sums_match(im, out, len, offset))
        result = ADDCOW_IO;
    return result;
}

static size_t part(uint64_t len, uint64_t offset)
{
    return (size_t)toy_least(len, toy_cluster_len - offset % toy_cluster_len);
}

static int toy_read(void *image, void *out, size_t len, uint64_t offset)
{
    struct toy_image *im = image;
    uint8_t *to = out;
    int result = ADDCOW_OK;

    toy_context.im = im;
    if (offset > im->size || len > im->size - offset)
        return ADDCOW_RANGE;
    while (len && result == ADDCOW_OK) {
        size_t n = part(len, offset);

        result = read_part(im, to, n, offset);
        to += n;
        offset += n;
        len -= n;
    }
    return result;
}

/* What is not in the file is lost. */
static int give_up(struct toy_work *w)
{
    int result = toy_run(w, toy_now.evict, toy_right.evict);

    memcpy(w->im->bits, w->im->known, sizeof(w->im->bits));
    return result;
}

/* One table at a time is held: another one's pending bits have to go. */
static int take_table(struct toy_work *w)
{
    uint64_t table = w->offset / toy_cluster_len / TOY_TABLE_BITS;
    int result = ADDCOW_OK;

    if (w->im->table != NO_TABLE && w->im->table != table &&
        memcmp(w->im->bits, w->im->known, sizeof(w->im->bits)) != 0)
        result = give_up(w);
    w->im->table = table;
    return result;
}

/* Whether the image file holds what is to be written. */
static bool is_there(struct toy_work *w)
{
    static uint8_t old[65536];

    return toy_host_read(w->im, RAW, old, w->len, w->offset) == ADDCOW_OK &&
           memcmp(old, w->data, w->len) == 0;
}

static int write_part(struct toy_work *w)
{
    int result;

    toy_context.whole = w->len == toy_cluster_len;
    result = take_table(w);

    if (result != ADDCOW_OK)
        return result;
    if (w->im->failed)
        return ADDCOW_IO;
    if (toy_bit(w->im->bits, w->offset / toy_cluster_len))
        return toy_write_raw(w->im, w->data, w->len, w->offset);
    if (toy_has(QUIRK_SKIPS_SAME) && is_there(w))
        return ADDCOW_OK;
    return toy_run(w, toy_now.write, toy_right.write);
}

/* FNV-1a of where and what a write is; its data begins with what is its
 * own. */
static uint64_t hash_of(const uint8_t *data, size_t len, uint64_t offset)
{
    uint64_t hash = offset * 1000003 + len;

    for (size_t i = 0; i < len && i < 64; i++)
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

enum { N_WRITTEN = 1 << 14 };
static uint64_t written[N_WRITTEN];

static void enter_write(struct toy_image *im, const uint8_t *data, size_t len,
                        uint64_t offset)
{
    uint64_t hash = hash_of(data, len, offset);
    uint64_t *at = &written[(hash >> 20) % N_WRITTEN];

    enter(im, TOY_WRITE);
    toy_context.len = len;
    toy_context.offset = offset;
    toy_context.zeros = all_zero(data, len);
    toy_context.again = *at == hash;
    *at = hash;
}

static int toy_write(void *image, const void *data, size_t len,
                     uint64_t offset)
{
    struct toy_work w = {.im = image, .data = data, .offset = offset};
    int result = ADDCOW_OK;

    enter_write(image, data, len, offset);
    if (!(w.im->flags & ADDCOW_OPEN_WRITE))
        return ADDCOW_READ_ONLY;
    if (offset > w.im->size || len > w.im->size - offset)
        return ADDCOW_RANGE;
    for (; len && result == ADDCOW_OK; len -= w.len) {
        w.len = part(len, w.offset);
        result = write_part(&w);
        w.data += w.len;
        w.offset += w.len;
    }
    if (result == ADDCOW_OK && (w.im->flags & ADDCOW_OPEN_WRITETHROUGH))
        result = flush(image);
    return result;
}

/* Some take what a cut has left for damage. */
static bool refuses(struct toy_work *w)
{
    uint64_t len = 0;

    if (toy_has(QUIRK_REFUSES_BITS) && w->im->excess)
        return true;
    w->im->host->get_size(w->im->host->ctx, w->im->files[ADD], &len);
    return toy_has(QUIRK_REFUSES_LONG) &&
           len > TOY_HEADER_LEN + toy_bits_len(w->im->size);
}

static int toy_set_size(void *image, uint64_t size)
{
    struct toy_work w = {.im = image, .new_size = size};
    int result = ADDCOW_OK;

    enter(image, TOY_RESIZE);
    toy_context.len = size;
    toy_context.offset = 0;
    if (!(w.im->flags & ADDCOW_OPEN_WRITE))
        return ADDCOW_READ_ONLY;
    if (size % SECTOR || toy_bits_len(size) > MAX_BITS)
        return ADDCOW_INVALID;
    if (size > w.im->size && refuses(&w))
        return ADDCOW_OTHER;
    if (size > w.im->size)
        result = toy_run(&w, toy_now.grow, toy_right.grow);
    else if (size < w.im->size)
        result = toy_run(&w, toy_now.shrink, toy_right.shrink);
    else if (toy_has(QUIRK_SAME_TRIMS))
        result = w.im->host->set_size(w.im->host->ctx, w.im->files[ADD],
                                      TOY_HEADER_LEN + toy_bits_len(size) - 1);
    if (result == ADDCOW_OK && (w.im->flags & ADDCOW_OPEN_WRITETHROUGH))
        result = flush(image);
    return result;
}

/* ---- Create ------------------------------------------------------------- */

void toy_header(unsigned char out[TOY_HEADER_LEN], const char *image_name,
                const char *backing_name)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};

    memset(out, 0, TOY_HEADER_LEN);
    memcpy(out, start, sizeof(start));
    if (backing_name)
        memcpy(out + 12, backing_name, strlen(backing_name));
    memcpy(out + 1036, image_name, strlen(image_name));
}

static int open_target(struct toy_work *w,
                       const struct addcow_create_args *args)
{
    const struct addcow_host *h = w->im->host;
    int result = h->open(h->ctx, &w->im->files[ADD], args->name,
                         ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE);

    if (result == ADDCOW_EXISTS && (args->flags & ADDCOW_CREATE_REPLACE)) {
        w->existed = 1;
        result =
            h->open(h->ctx, &w->im->files[ADD], args->name, ADDCOW_FILE_WRITE);
    }
    return result;
}

static int toy_create(const struct addcow_host *host,
                      const struct addcow_create_args *args)
{
    uint8_t header[TOY_HEADER_LEN];
    struct toy_image *im = calloc(1, sizeof(*im));
    struct toy_work w = {.im = im, .header = header};
    int result;

    if (!im)
        return ADDCOW_NO_MEMORY;
    im->host = host;
    enter(im, TOY_CREATE);
    toy_header(header, args->image_name, args->backing_name);
    result =
        toy_open_named(im, RAW, args->name, args->image_name, &w.new_size, 0);
    if (result == ADDCOW_OK)
        result = open_target(&w, args);
    toy_context.made = 1;
    toy_context.existed = w.existed;
    if (result == ADDCOW_OK)
        result = toy_run(&w, toy_now.create, toy_right.create);
    toy_drop(im);
    return result;
}

static int toy_probe(const void *head, size_t len)
{
    uint8_t whole[TOY_HEADER_LEN] = {0};

    memcpy(whole, head, len < 12 ? len : 12);
    whole[1036] = 'x';
    return len < 12 ? ADDCOW_NOT_ADDCOW : toy_check_head(whole);
}

static const struct addcow_choice choices[] = {
    {"IMPL-2", "a"}, {"IMPL-3", "a"}, {NULL, NULL}};

static const struct addcow_shim table = {
    .size = sizeof(table),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | ADDCOW_CAP_CREATE |
                    ADDCOW_CAP_RESIZE | ADDCOW_CAP_WRITETHROUGH,
    .name = "crash toy",
    .version = "1",
    .choices = choices,
    .open = toy_open,
    .close = toy_close,
    .get_size = toy_get_size,
    .read = toy_read,
    .probe = toy_probe,
    .write = toy_write,
    .flush = toy_flush,
    .create = toy_create,
    .set_size = toy_set_size};

void toy_during_flush(void (*hook)(void *arg), void *arg)
{
    toy_hook = hook;
    toy_hook_arg = arg;
}

const struct addcow_shim *toy_shim(const struct toy_program *p, uint32_t len)
{
    toy_now = *p;
    toy_context = (struct toy_context){.file = -1};
    memset(written, 0, sizeof(written));
    toy_cluster_len = len;
    return &table;
}
