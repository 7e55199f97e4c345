/* SPDX-License-Identifier: MIT
 *
 * crash_toys.c - the shim of the toys.  See crash_toys.h.
 */
#include "crash_toys_impl.h"

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

static int drop(struct toy_image *im)
{
    int result = ADDCOW_OK;

    for (int i = 0; i < 3; i++)
        if (im->files[i])
            result |= im->host->close(im->host->ctx, im->files[i]);
    free(im);
    return result;
}

static int check_head(const uint8_t *head)
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

/* Opens NAME beside the add-cow file, whose name is BESIDE. */
static int open_named(struct toy_image *im, int file, const char *beside,
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

static int touch_backing(struct toy_image *im)
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
    return result == ADDCOW_OK ? touch_backing(im) : result;
}

static int open_all(struct toy_image *im, const char *name)
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
        result = check_head(head);
    if (result == ADDCOW_OK)
        result = open_named(im, RAW, name, (char *)head + 1036, &im->raw_len,
                            writable || toy_has(QUIRK_TRIMS_ODD));
    if (result == ADDCOW_OK && head[12])
        result =
            open_named(im, BACK, name, (char *)head + 12, &im->backing_len,
                       (toy_now.quirks & QUIRK_TOUCHES_BACKING) != 0);
    im->size = im->raw_len - im->raw_len % SECTOR;
    if (result == ADDCOW_OK && toy_has(QUIRK_PADS_ON_OPEN))
        result = pad(im, add_len);
    if (result == ADDCOW_OK)
        result = load_bits(im, add_len);
    return result == ADDCOW_OK ? mend(im) : result;
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
    result = open_all(im, args->name);
    if (result == ADDCOW_OK)
        *out = im;
    else
        drop(im);
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
        result = touch_backing(w.im);
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
    closed = drop(im);
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
    result = open_named(im, RAW, args->name, args->image_name, &w.new_size, 0);
    if (result == ADDCOW_OK)
        result = open_target(&w, args);
    toy_context.made = 1;
    toy_context.existed = w.existed;
    if (result == ADDCOW_OK)
        result = toy_run(&w, toy_now.create, toy_right.create);
    drop(im);
    return result;
}

static int toy_probe(const void *head, size_t len)
{
    uint8_t whole[TOY_HEADER_LEN] = {0};

    memcpy(whole, head, len < 12 ? len : 12);
    whole[1036] = 'x';
    return len < 12 ? ADDCOW_NOT_ADDCOW : check_head(whole);
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
