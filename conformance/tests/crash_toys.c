/* SPDX-License-Identifier: MIT
 *
 * crash_toys.c - the interpreter of the toys' programs.  See crash_toys.h.
 */
#include "crash_toys.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 512u
#define MAX_BITS 512u /* bytes of bitmap */
#define NO_TABLE UINT64_MAX

enum { ADD, RAW, BACK };

struct image {
    const struct addcow_host *host;
    struct addcow_file *files[3];
    uint64_t size;
    uint64_t raw_len;
    uint64_t backing_len;
    uint32_t flags;
    int dirty[2];            /* ADD, RAW */
    uint64_t table;          /* that has pending bits */
    uint8_t bits[MAX_BITS];  /* pending ones, too */
    uint8_t kept[MAX_BITS];  /* the snapshot */
    uint8_t known[MAX_BITS]; /* as written to the file */
    uint8_t stale[MAX_BITS]; /* as they were at open */
    uint8_t sums[SECTOR];
};

/* What a program works on. */
struct work {
    struct image *im;
    const uint8_t *data; /* of a write, within one cluster */
    size_t len;
    uint64_t offset;
    uint64_t new_size;     /* of a resize; of a create: the image file's */
    const uint8_t *header; /* of a create */
    int existed;           /* of a create: there was a file */
};

const struct toy_program toy_right = {
    .name = "right",
    .write = {STEP_COPY, STEP_DATA, STEP_MARK},
    .flush = {STEP_SNAPSHOT, STEP_FLUSH_IMAGE, STEP_BITS, STEP_NOTE_DIRTY,
              STEP_FLUSH_ADDCOW},
    .evict = {STEP_SNAPSHOT, STEP_FLUSH_IMAGE, STEP_BITS, STEP_NOTE_DIRTY},
    .create = {STEP_ZERO_SECTOR_0, STEP_FLUSH_ADDCOW, STEP_SIZE,
               STEP_SECTORS_1_TO_4, STEP_FLUSH_ADDCOW, STEP_SECTOR_0,
               STEP_FLUSH_ADDCOW},
    .grow = {STEP_OLD_SIZE, STEP_COMPLETE, STEP_FLUSH_IMAGE, STEP_EXTEND,
             STEP_NEW_BITS, STEP_FLUSH_ADDCOW, STEP_NEW_SIZE},
    .shrink = {STEP_CUT, STEP_FLUSH_IMAGE, STEP_CLEAR_BITS, STEP_TRIM}};

static struct toy_program program;
static uint64_t cluster_len = 65536;
static void (*during_flush)(void *arg);
static void *during_flush_arg;

const char *toy_step_name(unsigned step)
{
    static const char *const names[N_STEPS] = {
        [STEP_END] = "nothing",
        [STEP_FLUSH_IMAGE] = "flush image",
        [STEP_FLUSH_ADDCOW] = "flush add-cow",
        [STEP_SNAPSHOT] = "snapshot",
        [STEP_BITS] = "bits",
        [STEP_NOTE_DIRTY] = "note dirty",
        [STEP_COPY] = "copy",
        [STEP_DATA] = "data",
        [STEP_MARK] = "mark",
        [STEP_ZERO_SECTOR_0] = "zero sector 0",
        [STEP_SIZE] = "size",
        [STEP_SECTORS_1_TO_4] = "sectors 1-4",
        [STEP_SECTOR_0] = "sector 0",
        [STEP_OLD_SIZE] = "old size",
        [STEP_COMPLETE] = "complete",
        [STEP_EXTEND] = "extend",
        [STEP_NEW_BITS] = "new bits",
        [STEP_NEW_SIZE] = "new size",
        [STEP_CUT] = "cut image",
        [STEP_CLEAR_BITS] = "clear bits",
        [STEP_TRIM] = "trim"};

    return step < N_STEPS ? names[step] : "?";
}

static int has(unsigned quirk)
{
    return (program.quirks & quirk) != 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Host --------------------------------------------------------------- */

static int host_read(struct image *im, int file, void *out, size_t len,
                     uint64_t offset)
{
    if (!len)
        return ADDCOW_OK;
    return im->host->read(im->host->ctx, im->files[file], out, len, offset);
}

static int host_write(struct image *im, int file, const void *data, size_t len,
                      uint64_t offset)
{
    if (!len)
        return ADDCOW_OK;
    if (file == RAW)
        im->dirty[RAW] = 1;
    return im->host->write(im->host->ctx, im->files[file], data, len, offset);
}

static int host_size(struct image *im, int file, uint64_t size)
{
    im->dirty[file] = 1;
    return im->host->set_size(im->host->ctx, im->files[file], size);
}

static int host_flush(struct image *im, int file)
{
    int result = ADDCOW_OK;

    if (im->dirty[file])
        result = im->host->flush(im->host->ctx, im->files[file]);
    if (result == ADDCOW_OK)
        im->dirty[file] = 0;
    return result;
}

/* ---- Bits --------------------------------------------------------------- */

static uint64_t clusters_of(uint64_t size)
{
    return size / cluster_len + (size % cluster_len != 0);
}

static size_t bits_len(uint64_t size)
{
    return (size_t)((clusters_of(size) + 7) / 8);
}

static int bit(const uint8_t *bits, uint64_t cluster)
{
    return bits[cluster / 8] >> cluster % 8 & 1;
}

static void set_bit(uint8_t *bits, uint64_t cluster)
{
    bits[cluster / 8] |= (uint8_t)(1u << cluster % 8);
}

/* The byte I as this toy writes it. */
static uint8_t byte_to_write(const struct image *im, size_t i)
{
    const uint8_t *from = has(QUIRK_LIVE) ? im->bits : im->kept;

    if (!has(QUIRK_STALE))
        return from[i];
    return (uint8_t)(im->stale[i] | (from[i] & ~im->known[i]));
}

static int write_byte(struct image *im, size_t i)
{
    uint8_t byte = byte_to_write(im, i);
    uint8_t fresh = (uint8_t)(byte & ~im->known[i]);
    int result = ADDCOW_OK;

    if (has(QUIRK_FORGET))
        result = host_write(im, ADD, &fresh, 1, TOY_HEADER_LEN + i);
    if (result == ADDCOW_OK)
        result = host_write(im, ADD, &byte, 1, TOY_HEADER_LEN + i);
    if (result == ADDCOW_OK)
        im->known[i] = byte | (has(QUIRK_STALE) ? im->kept[i] : 0);
    return result;
}

/* Right in another way: all of the bitmap, twice, with padding. */
static int write_all_bits(struct image *im)
{
    uint8_t padded[MAX_BITS + SECTOR] = {0};
    size_t len = bits_len(im->size);
    size_t end = (TOY_HEADER_LEN + len + SECTOR - 1) / SECTOR * SECTOR;
    int result;

    memcpy(padded, im->kept, len);
    result = host_write(im, ADD, padded, end - TOY_HEADER_LEN, TOY_HEADER_LEN);
    if (result == ADDCOW_OK)
        result = host_write(im, ADD, padded, len, TOY_HEADER_LEN);
    memcpy(im->known, im->kept, len);
    return result;
}

static int write_bits(struct image *im)
{
    int result = ADDCOW_OK;

    if (has(QUIRK_REDUNDANT))
        return write_all_bits(im);
    for (size_t i = 0; i < bits_len(im->size) && result == ADDCOW_OK; i++) {
        const uint8_t *from = has(QUIRK_LIVE) ? im->bits : im->kept;

        if (from[i] != im->known[i])
            result = write_byte(im, i);
    }
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

static int sums_match(const struct image *im, const uint8_t *data, size_t len,
                      uint64_t offset)
{
    for (size_t at = 0; at + SECTOR <= len; at += SECTOR) {
        uint32_t sum = sum_of(data + at);
        const uint8_t *both = im->sums + (offset + at) / SECTOR * 8;

        if (memcmp(both, &sum, 4) != 0 && memcmp(both + 4, &sum, 4) != 0)
            return 0;
    }
    return 1;
}

/* Notes what is there and what comes, durably, before it comes. */
static int announce(struct image *im, const uint8_t *data, size_t len,
                    uint64_t offset)
{
    uint8_t old[SECTOR];
    int result = host_flush(im, RAW);

    for (size_t at = 0; at < len && result == ADDCOW_OK; at += SECTOR) {
        result = host_read(im, RAW, old, SECTOR, offset + at);
        put_sum(im->sums, (offset + at) / SECTOR, 0, sum_of(old));
        put_sum(im->sums, (offset + at) / SECTOR, 1, sum_of(data + at));
    }
    if (result == ADDCOW_OK)
        result = host_write(im, ADD, im->sums, SECTOR, TOY_SUMS_OFFSET);
    im->dirty[ADD] = 1;
    if (result == ADDCOW_OK)
        result = host_flush(im, ADD);
    return result;
}

/* ---- Data --------------------------------------------------------------- */

static int write_raw(struct image *im, const uint8_t *data, size_t len,
                     uint64_t offset)
{
    int result = ADDCOW_OK;

    if (has(QUIRK_CHECKSUM) && len)
        result = announce(im, data, len, offset);
    if (result == ADDCOW_OK)
        result = host_write(im, RAW, data, len, offset);
    return result;
}

static int read_backing(struct image *im, uint8_t *out, size_t len,
                        uint64_t offset)
{
    size_t n = 0;

    if (offset < im->backing_len)
        n = (size_t)least(len, im->backing_len - offset);
    memset(out + n, 0, len - n);
    return host_read(im, BACK, out, n, offset);
}

/* Copies from backing what lies between FROM and TO. */
static int fill(struct image *im, uint64_t from, uint64_t to)
{
    static uint8_t buffer[65536];
    int result;

    if (has(QUIRK_SHORT_COPY) && to > from && to % cluster_len == 0)
        to -= SECTOR;
    if (has(QUIRK_NO_ZEROS) && to > im->backing_len)
        to = im->backing_len / SECTOR * SECTOR;
    if (to <= from)
        return ADDCOW_OK;
    result = read_backing(im, buffer, (size_t)(to - from), from);
    if (result == ADDCOW_OK)
        result = write_raw(im, buffer, (size_t)(to - from), from);
    return result;
}

static int copy_up(const struct work *w)
{
    uint64_t start = w->offset - w->offset % cluster_len;
    uint64_t end = least(start + cluster_len, w->im->size);
    int result = fill(w->im, start, w->offset);

    if (result == ADDCOW_OK)
        result = fill(w->im, w->offset + w->len, end);
    return result;
}

/* ---- Create ------------------------------------------------------------- */

static int zero_sector_0(const struct work *w)
{
    static const uint8_t zeros[SECTOR];

    return w->existed ? host_write(w->im, ADD, zeros, SECTOR, 0) : ADDCOW_OK;
}

/* What an old file holds goes. */
static int make_size(const struct work *w)
{
    int result = w->existed ? host_size(w->im, ADD, 0) : ADDCOW_OK;

    if (result == ADDCOW_OK)
        result = host_size(w->im, ADD, TOY_HEADER_LEN + bits_len(w->new_size));
    return result;
}

/* ---- Resize ------------------------------------------------------------- */

static int complete(const struct work *w)
{
    struct image *im = w->im;
    uint64_t start = im->size - im->size % cluster_len;
    int result;

    if (start == im->size || im->backing_len <= im->size ||
        bit(im->bits, start / cluster_len))
        return ADDCOW_OK;
    result = fill(im, start, im->size);
    set_bit(im->bits, start / cluster_len);
    return result;
}

static int new_bits(const struct work *w)
{
    struct image *im = w->im;
    uint64_t end =
        least(clusters_of(w->new_size), clusters_of(im->backing_len));
    size_t len = bits_len(w->new_size);

    for (uint64_t c = clusters_of(im->size); c < end; c++)
        set_bit(im->bits, c);
    memcpy(im->known, im->bits, len);
    memcpy(im->kept, im->bits, len);
    im->dirty[ADD] = 1;
    return host_write(im, ADD, im->bits, len, TOY_HEADER_LEN);
}

static int image_size(const struct work *w, uint64_t size)
{
    int result = host_size(w->im, RAW, size);

    w->im->raw_len = size;
    w->im->size = size;
    return result;
}

static int clear_bits(const struct work *w)
{
    struct image *im = w->im;
    uint64_t n = clusters_of(w->new_size);

    for (uint64_t c = n; c < (uint64_t)MAX_BITS * 8; c++)
        im->bits[c / 8] &= (uint8_t) ~(1u << c % 8);
    for (size_t i = 0; i < MAX_BITS; i++) {
        im->known[i] &= im->bits[i];
        im->kept[i] &= im->bits[i];
    }
    im->dirty[ADD] = 1;
    return host_write(im, ADD, im->known, bits_len(w->new_size),
                      TOY_HEADER_LEN);
}

/* ---- Programs ----------------------------------------------------------- */

static int resize_step(const struct work *w, unsigned step)
{
    struct image *im = w->im;

    switch (step) {
    case STEP_OLD_SIZE:
        return im->raw_len == im->size ? ADDCOW_OK : image_size(w, im->size);
    case STEP_COMPLETE:
        return complete(w);
    case STEP_EXTEND:
        return host_size(im, ADD, TOY_HEADER_LEN + bits_len(w->new_size));
    case STEP_NEW_BITS:
        return new_bits(w);
    case STEP_NEW_SIZE:
    case STEP_CUT:
        return image_size(w, w->new_size);
    case STEP_CLEAR_BITS:
        return clear_bits(w);
    default: /* STEP_TRIM */
        return host_size(im, ADD, TOY_HEADER_LEN + bits_len(w->new_size));
    }
}

static int create_step(const struct work *w, unsigned step)
{
    w->im->dirty[ADD] = 1;
    switch (step) {
    case STEP_ZERO_SECTOR_0:
        return zero_sector_0(w);
    case STEP_SIZE:
        return make_size(w);
    case STEP_SECTORS_1_TO_4:
        return host_write(w->im, ADD, w->header + SECTOR,
                          TOY_HEADER_LEN - SECTOR, SECTOR);
    default: /* STEP_SECTOR_0 */
        return host_write(w->im, ADD, w->header, SECTOR, 0);
    }
}

static int flush_image(struct image *im)
{
    int result = host_flush(im, RAW);

    if (result == ADDCOW_OK && during_flush)
        during_flush(during_flush_arg);
    return result;
}

static int perform(const struct work *w, unsigned step)
{
    struct image *im = w->im;

    switch (step) {
    case STEP_FLUSH_IMAGE:
        return flush_image(im);
    case STEP_FLUSH_ADDCOW:
        return host_flush(im, ADD);
    case STEP_SNAPSHOT:
        memcpy(im->kept, im->bits, sizeof(im->kept));
        return ADDCOW_OK;
    case STEP_BITS:
        return write_bits(im);
    case STEP_NOTE_DIRTY:
        im->dirty[ADD] = 1;
        return ADDCOW_OK;
    case STEP_COPY:
        return copy_up(w);
    case STEP_DATA:
        return write_raw(im, w->data, w->len, w->offset);
    case STEP_MARK:
        set_bit(im->bits, w->offset / cluster_len);
        return ADDCOW_OK;
    default:
        return step < STEP_OLD_SIZE ? create_step(w, step)
                                    : resize_step(w, step);
    }
}

static int run(const struct work *w, const unsigned char *steps)
{
    int result = ADDCOW_OK;

    for (; *steps != STEP_END && result == ADDCOW_OK; steps++)
        result = perform(w, *steps);
    return result;
}

/* ---- Open and close ----------------------------------------------------- */

static int drop(struct image *im)
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

static int open_file(struct image *im, int file, const char *name,
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
static int open_named(struct image *im, int file, const char *beside,
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
static int read_ahead(struct image *im)
{
    static uint8_t all[1 << 16];

    return host_read(im, RAW, all, (size_t)least(im->raw_len, sizeof(all)), 0);
}

static int load_bits(struct image *im, uint64_t add_len)
{
    size_t len = bits_len(im->size);
    int result = ADDCOW_OK;

    if (add_len < TOY_HEADER_LEN + len || len > MAX_BITS)
        return ADDCOW_CORRUPT;
    result = host_read(im, ADD, im->bits, len, TOY_HEADER_LEN);
    if (clusters_of(im->size) % 8)
        im->bits[len - 1] &= (uint8_t)((1u << clusters_of(im->size) % 8) - 1);
    memcpy(im->known, im->bits, sizeof(im->bits));
    memcpy(im->kept, im->bits, sizeof(im->bits));
    memcpy(im->stale, im->bits, sizeof(im->bits));
    if (result == ADDCOW_OK && has(QUIRK_CHECKSUM))
        result = host_read(im, ADD, im->sums, SECTOR, TOY_SUMS_OFFSET);
    if (result == ADDCOW_OK && has(QUIRK_REDUNDANT))
        result = read_ahead(im);
    return result;
}

static int open_all(struct image *im, const char *name)
{
    int writable = (im->flags & ADDCOW_OPEN_WRITE) != 0;
    uint8_t head[TOY_HEADER_LEN];
    uint64_t add_len = 0;
    int result = open_file(im, ADD, name, &add_len, writable);

    if (result == ADDCOW_OK && add_len < TOY_HEADER_LEN)
        return add_len < 8 ? ADDCOW_NOT_ADDCOW : ADDCOW_CORRUPT;
    if (result == ADDCOW_OK)
        result = host_read(im, ADD, head, sizeof(head), 0);
    if (result == ADDCOW_OK)
        result = check_head(head);
    if (result == ADDCOW_OK)
        result =
            open_file(im, RAW, (char *)head + 1036, &im->raw_len, writable);
    if (result == ADDCOW_OK && head[12])
        result =
            open_named(im, BACK, name, (char *)head + 12, &im->backing_len, 0);
    im->size = im->raw_len - im->raw_len % SECTOR;
    return result == ADDCOW_OK ? load_bits(im, add_len) : result;
}

static int toy_open(void **out, const struct addcow_host *host,
                    const struct addcow_open_args *args)
{
    struct image *im = calloc(1, sizeof(*im));
    int result;

    if (!im)
        return ADDCOW_NO_MEMORY;
    im->host = host;
    im->flags = args->flags;
    im->table = NO_TABLE;
    im->dirty[ADD] = im->dirty[RAW] = 1;
    result = open_all(im, args->name);
    if (result == ADDCOW_OK)
        *out = im;
    else
        drop(im);
    return result;
}

static int toy_flush(void *image)
{
    struct work w = {.im = image};

    if (has(QUIRK_LAZY_FLUSH) &&
        !memcmp(w.im->bits, w.im->known, sizeof(w.im->bits)))
        return ADDCOW_OK;
    return run(&w, program.flush);
}

static int toy_close(void *image)
{
    struct image *im = image;
    int result = ADDCOW_OK, closed;

    if (im->flags & ADDCOW_OPEN_WRITE)
        result = toy_flush(im);
    closed = drop(im);
    return result == ADDCOW_OK ? closed : result;
}

/* ---- Requests ----------------------------------------------------------- */

static int toy_get_size(void *image, uint64_t *out)
{
    *out = ((struct image *)image)->size;
    return ADDCOW_OK;
}

static int all_zero(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i])
            return 0;
    return 1;
}

static int read_part(struct image *im, uint8_t *out, size_t len,
                     uint64_t offset)
{
    int result;

    if (!bit(im->bits, offset / cluster_len))
        return read_backing(im, out, len, offset);
    result = host_read(im, RAW, out, len, offset);
    if (result == ADDCOW_OK && has(QUIRK_SPARSE) && all_zero(out, len))
        result = read_backing(im, out, len, offset);
    if (result == ADDCOW_OK && has(QUIRK_CHECKSUM) &&
        !sums_match(im, out, len, offset))
        result = ADDCOW_IO;
    return result;
}

static size_t part(uint64_t len, uint64_t offset)
{
    return (size_t)least(len, cluster_len - offset % cluster_len);
}

static int toy_read(void *image, void *out, size_t len, uint64_t offset)
{
    struct image *im = image;
    uint8_t *to = out;
    int result = ADDCOW_OK;

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

/* One table at a time is held: another one's pending bits have to go. */
static int take_table(struct work *w)
{
    uint64_t table = w->offset / cluster_len / TOY_TABLE_BITS;
    int result = ADDCOW_OK;

    if (w->im->table != NO_TABLE && w->im->table != table &&
        memcmp(w->im->bits, w->im->known, sizeof(w->im->bits)) != 0)
        result = run(w, program.evict);
    w->im->table = table;
    return result;
}

static int write_part(struct work *w)
{
    int result = take_table(w);

    if (result != ADDCOW_OK)
        return result;
    if (bit(w->im->bits, w->offset / cluster_len))
        return write_raw(w->im, w->data, w->len, w->offset);
    return run(w, program.write);
}

static int toy_write(void *image, const void *data, size_t len,
                     uint64_t offset)
{
    struct work w = {.im = image, .data = data, .offset = offset};
    int result = ADDCOW_OK;

    if (!(w.im->flags & ADDCOW_OPEN_WRITE))
        return ADDCOW_READ_ONLY;
    if (offset > w.im->size || len > w.im->size - offset)
        return ADDCOW_RANGE;
    if ((len | offset) % SECTOR)
        return ADDCOW_INVALID;
    for (; len && result == ADDCOW_OK; len -= w.len) {
        w.len = part(len, w.offset);
        result = write_part(&w);
        w.data += w.len;
        w.offset += w.len;
    }
    if (result == ADDCOW_OK && (w.im->flags & ADDCOW_OPEN_WRITETHROUGH))
        result = toy_flush(image);
    return result;
}

static int toy_set_size(void *image, uint64_t size)
{
    struct work w = {.im = image, .new_size = size};
    int result = ADDCOW_OK;

    if (!(w.im->flags & ADDCOW_OPEN_WRITE))
        return ADDCOW_READ_ONLY;
    if (size % SECTOR || bits_len(size) > MAX_BITS)
        return ADDCOW_INVALID;
    if (size > w.im->size)
        result = run(&w, program.grow);
    else if (size < w.im->size)
        result = run(&w, program.shrink);
    if (result == ADDCOW_OK && (w.im->flags & ADDCOW_OPEN_WRITETHROUGH))
        result = toy_flush(image);
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

static int open_target(struct work *w, const struct addcow_create_args *args)
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
    struct image *im = calloc(1, sizeof(*im));
    struct work w = {.im = im, .header = header};
    int result;

    if (!im)
        return ADDCOW_NO_MEMORY;
    im->host = host;
    toy_header(header, args->image_name, args->backing_name);
    result = open_named(im, RAW, args->name, args->image_name, &w.new_size, 0);
    if (result == ADDCOW_OK)
        result = open_target(&w, args);
    if (result == ADDCOW_OK)
        result = run(&w, program.create);
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
    {"IMPL-2", "b"}, {"IMPL-3", "a"}, {NULL, NULL}};

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

const struct addcow_shim *toy_shim(const struct toy_program *p, uint32_t len)
{
    program = *p;
    cluster_len = len;
    return &table;
}

void toy_during_flush(void (*hook)(void *arg), void *arg)
{
    during_flush = hook;
    during_flush_arg = arg;
}
