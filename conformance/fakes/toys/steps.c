/* SPDX-License-Identifier: MIT
 *
 * steps.c - the interpreter of the toys' programs, step by step.
 */
#include "toys_impl.h"

#include <string.h>

const struct toy_program toy_right = {
    .name = "right",
    .write = {DO_COPY, DO_DATA, DO_MARK},
    .flush = {DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS, DO_NOTE_DIRTY,
              DO_FLUSH_ADDCOW},
    .evict = {DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS, DO_NOTE_DIRTY},
    .create = {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_SECTORS_1_TO_4,
               DO_FLUSH_ADDCOW, DO_SECTOR_0, DO_FLUSH_ADDCOW},
    .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND, DO_NEW_BITS,
             DO_FLUSH_ADDCOW, DO_NEW_SIZE},
    .shrink = {DO_CUT, DO_FLUSH_IMAGE, DO_CLEAR_BITS, DO_TRIM}};

const char *toy_step_name(unsigned step)
{
    static const char *const names[N_DO] = {
        [DO_END] = "nothing",
        [DO_FLUSH_IMAGE] = "flush image",
        [DO_FLUSH_ADDCOW] = "flush add-cow",
        [DO_SNAPSHOT] = "snapshot",
        [DO_BITS] = "bits",
        [DO_NOTE_DIRTY] = "note dirty",
        [DO_COPY] = "copy",
        [DO_DATA] = "data",
        [DO_MARK] = "mark",
        [DO_ZERO_SECTOR_0] = "zero sector 0",
        [DO_SIZE] = "size",
        [DO_SECTORS_1_TO_4] = "sectors 1-4",
        [DO_SECTOR_0] = "sector 0",
        [DO_OLD_SIZE] = "old size",
        [DO_COMPLETE] = "complete",
        [DO_EXTEND] = "extend",
        [DO_NEW_BITS] = "new bits",
        [DO_NEW_SIZE] = "new size",
        [DO_REBUILD] = "rebuild",
        [DO_OLD_BITS] = "old bits",
        [DO_HEADER] = "header",
        [DO_CUT] = "cut image",
        [DO_CLEAR_BITS] = "clear bits",
        [DO_TRIM] = "trim"};

    return step < N_DO ? names[step] : "?";
}

/* ---- Bits --------------------------------------------------------------- */

static void set_bit(uint8_t *bits, uint64_t cluster)
{
    bits[cluster / 8] |= (uint8_t)(1u << cluster % 8);
}

/* The byte I as this toy writes it. */
static uint8_t byte_to_write(const struct toy_image *im, size_t i)
{
    if (toy_has(QUIRK_ONLY_NEW))
        return (uint8_t)(im->kept[i] & ~im->known[i]);
    if (toy_has(QUIRK_DROPS_OLD))
        return (uint8_t)(im->kept[i] & ~im->stale[i]);
    if (!toy_has(QUIRK_STALE))
        return im->kept[i];
    return (uint8_t)(im->stale[i] | (im->kept[i] & ~im->known[i]));
}

static int write_byte(struct toy_image *im, size_t i)
{
    uint8_t byte = byte_to_write(im, i);
    uint8_t fresh = (uint8_t)(byte & ~im->known[i]);
    int result = ADDCOW_OK;

    if (toy_has(QUIRK_FORGET))
        result = toy_host_write(im, ADD, &fresh, 1, TOY_HEADER_LEN + i);
    if (result == ADDCOW_OK)
        result = toy_host_write(im, ADD, &byte, 1, TOY_HEADER_LEN + i);
    im->wrote = 1;
    if (result == ADDCOW_OK)
        im->known[i] = im->kept[i];
    return result;
}

/* Right in another way: all of the bitmap, twice, with padding. */
static int write_all_bits(struct toy_image *im)
{
    uint8_t padded[MAX_BITS + SECTOR] = {0};
    size_t len = toy_bits_len(im->size);
    size_t end = (TOY_HEADER_LEN + len + SECTOR - 1) / SECTOR * SECTOR;
    int result;

    memcpy(padded, im->kept, len);
    result =
        toy_host_write(im, ADD, padded, end - TOY_HEADER_LEN, TOY_HEADER_LEN);
    if (result == ADDCOW_OK)
        result = toy_host_write(im, ADD, padded, len, TOY_HEADER_LEN);
    memcpy(im->known, im->kept, len);
    im->wrote = 1;
    return result;
}

/* The sector of byte I as it was at open, but for what is new. */
static int write_stale_sector(struct toy_image *im, size_t i)
{
    uint8_t whole[SECTOR];
    size_t first = i / SECTOR * SECTOR;
    size_t len = toy_bits_len(im->size) - first;

    len = len < SECTOR ? len : SECTOR;
    for (size_t k = 0; k < len; k++) {
        size_t at = first + k;

        whole[k] =
            im->kept[at] != im->known[at] ? im->kept[at] : im->stale[at];
        im->known[at] = im->kept[at];
    }
    im->wrote = 1;
    return toy_host_write(im, ADD, whole, len, TOY_HEADER_LEN + first);
}

static int write_bits(struct toy_image *im)
{
    size_t len = toy_bits_len(im->size);
    int result = ADDCOW_OK;

    if (toy_has(QUIRK_REDUNDANT))
        return write_all_bits(im);
    if (toy_has(QUIRK_ONE_SECTOR) && len > SECTOR)
        len = SECTOR;
    for (size_t i = 0; i < len && result == ADDCOW_OK; i++) {
        if (im->kept[i] == im->known[i])
            continue;
        result = toy_has(QUIRK_STALE_SECTOR) ? write_stale_sector(im, i)
                                             : write_byte(im, i);
    }
    return result;
}

/* ---- Data --------------------------------------------------------------- */

/* Copies from backing what lies between FROM and TO. */
static int fill(struct toy_image *im, uint64_t from, uint64_t to)
{
    static uint8_t buffer[65536];
    int result;

    if (toy_has(QUIRK_SHORT_COPY) && to > from && to % toy_cluster_len == 0)
        to -= SECTOR;
    if (toy_has(QUIRK_SHORT_TAIL) && to == im->size && to % toy_cluster_len)
        to -= SECTOR;
    if (toy_has(QUIRK_NO_ZEROS) && to > im->backing_len)
        to = im->backing_len / SECTOR * SECTOR;
    if (to <= from)
        return ADDCOW_OK;
    result = toy_read_backing(im, buffer, (size_t)(to - from), from);
    if (result == ADDCOW_OK)
        result = toy_write_raw(im, buffer, (size_t)(to - from), from);
    return result;
}

static int copy_up(const struct toy_work *w)
{
    uint64_t start = w->offset - w->offset % toy_cluster_len;
    uint64_t end = toy_least(start + toy_cluster_len, w->im->size);
    int result = fill(w->im, start, w->offset);

    if (result == ADDCOW_OK)
        result = fill(w->im, w->offset + w->len, end);
    return result;
}

/* ---- Create ------------------------------------------------------------- */

static int zero_sector_0(const struct toy_work *w)
{
    static const uint8_t zeros[SECTOR];

    return w->existed ? toy_host_write(w->im, ADD, zeros, SECTOR, 0)
                      : ADDCOW_OK;
}

/* What an old file holds after its first sector goes. */
static int make_size(const struct toy_work *w)
{
    int result = w->existed ? toy_host_size(w->im, ADD, SECTOR) : ADDCOW_OK;

    if (result == ADDCOW_OK)
        result = toy_host_size(w->im, ADD,
                               TOY_HEADER_LEN + toy_bits_len(w->new_size));
    return result;
}

/* ---- Resize ------------------------------------------------------------- */

static int complete(const struct toy_work *w)
{
    struct toy_image *im = w->im;
    uint64_t start = im->size - im->size % toy_cluster_len;
    int result;

    if (start == im->size || im->backing_len <= im->size ||
        toy_bit(im->bits, start / toy_cluster_len))
        return ADDCOW_OK;
    result = fill(im, start, im->size);
    set_bit(im->bits, start / toy_cluster_len);
    return result;
}

/* As far as bits were before, or are 1. */
static int new_bits(const struct toy_work *w)
{
    struct toy_image *im = w->im;
    uint64_t end =
        toy_least(toy_clusters(w->new_size), toy_clusters(im->backing_len));
    size_t len = toy_bits_len(im->size);

    for (uint64_t c = toy_clusters(im->size); c < end; c++)
        set_bit(im->bits, c);
    memcpy(im->known, im->bits, sizeof(im->known));
    memcpy(im->kept, im->bits, sizeof(im->kept));
    if (end > toy_clusters(im->size))
        len = (size_t)((end + 7) / 8);
    im->dirty[ADD] = 1;
    return toy_host_write(im, ADD, im->bits, len, TOY_HEADER_LEN);
}

static int image_size(const struct toy_work *w, uint64_t size)
{
    int result = toy_host_size(w->im, RAW, size);

    w->im->raw_len = size;
    w->im->size = size;
    return result;
}

static int clear_bits(const struct toy_work *w)
{
    struct toy_image *im = w->im;
    uint64_t n = toy_clusters(w->new_size);

    if (toy_has(QUIRK_CLEARS_MORE))
        n--;
    for (uint64_t c = n; c < (uint64_t)MAX_BITS * 8; c++)
        im->bits[c / 8] &= (uint8_t) ~(1u << c % 8);
    for (size_t i = 0; i < MAX_BITS; i++) {
        im->known[i] &= im->bits[i];
        im->kept[i] &= im->bits[i];
    }
    im->dirty[ADD] = 1;
    return toy_host_write(im, ADD, im->known, toy_bits_len(w->new_size),
                          TOY_HEADER_LEN);
}

static int trim(const struct toy_work *w)
{
    uint64_t len = TOY_HEADER_LEN + toy_bits_len(w->new_size);

    if (toy_has(QUIRK_TRIMS_MORE))
        len--;
    return toy_host_size(w->im, ADD, len);
}

static int zero_old_bits(const struct toy_work *w)
{
    static const uint8_t zeros[MAX_BITS];

    return toy_host_write(w->im, ADD, zeros, toy_bits_len(w->im->size),
                          TOY_HEADER_LEN);
}

static int write_header_anew(const struct toy_work *w)
{
    static const uint8_t zeros[SECTOR];
    uint8_t sector[SECTOR];
    int result = toy_host_read(w->im, ADD, sector, SECTOR, 0);

    if (result == ADDCOW_OK)
        result = toy_host_write(w->im, ADD, zeros, SECTOR, 0);
    if (result == ADDCOW_OK)
        result = toy_host_write(w->im, ADD, sector, SECTOR, 0);
    return result;
}

static int resize_step(const struct toy_work *w, unsigned step)
{
    struct toy_image *im = w->im;

    switch (step) {
    case DO_OLD_SIZE:
        return im->raw_len == im->size ? ADDCOW_OK : image_size(w, im->size);
    case DO_COMPLETE:
        return complete(w);
    case DO_EXTEND:
        return toy_host_size(im, ADD,
                             TOY_HEADER_LEN + toy_bits_len(w->new_size));
    case DO_NEW_BITS:
        return new_bits(w);
    case DO_NEW_SIZE:
    case DO_CUT:
        return image_size(w, w->new_size);
    case DO_CLEAR_BITS:
        return clear_bits(w);
    case DO_REBUILD:
        return toy_host_size(im, ADD, TOY_HEADER_LEN);
    case DO_OLD_BITS:
        return zero_old_bits(w);
    case DO_HEADER:
        return write_header_anew(w);
    default: /* DO_TRIM */
        return trim(w);
    }
}

static int create_step(const struct toy_work *w, unsigned step)
{
    w->im->dirty[ADD] = 1;
    switch (step) {
    case DO_ZERO_SECTOR_0:
        return zero_sector_0(w);
    case DO_SIZE:
        return make_size(w);
    case DO_SECTORS_1_TO_4:
        return toy_host_write(w->im, ADD, w->header + SECTOR,
                              TOY_HEADER_LEN - SECTOR, SECTOR);
    default: /* DO_SECTOR_0 */
        return toy_host_write(w->im, ADD, w->header, SECTOR, 0);
    }
}

/* ---- Programs ----------------------------------------------------------- */

static int flush_image(struct toy_image *im)
{
    int result = toy_host_flush(im, RAW);

    if (result == ADDCOW_OK && im->flushing && toy_hook)
        toy_hook(toy_hook_arg);
    return result;
}

static int perform(const struct toy_work *w, unsigned step)
{
    struct toy_image *im = w->im;

    switch (step) {
    case DO_FLUSH_IMAGE:
        return flush_image(im);
    case DO_FLUSH_ADDCOW:
        return toy_host_flush(im, ADD);
    case DO_SNAPSHOT:
        memcpy(im->kept, im->bits, sizeof(im->kept));
        return ADDCOW_OK;
    case DO_BITS:
        return write_bits(im);
    case DO_NOTE_DIRTY:
        im->dirty[ADD] |= im->wrote;
        return ADDCOW_OK;
    case DO_COPY:
        return copy_up(w);
    case DO_DATA:
        return toy_write_raw(im, w->data, w->len, w->offset);
    case DO_MARK:
        set_bit(im->bits, w->offset / toy_cluster_len);
        return ADDCOW_OK;
    default:
        return step < DO_OLD_SIZE ? create_step(w, step)
                                  : resize_step(w, step);
    }
}

int toy_run(const struct toy_work *w, const unsigned char *steps,
            const unsigned char *right)
{
    int result = w->im->failed ? ADDCOW_IO : ADDCOW_OK;

    if (!toy_is_broken())
        steps = right;
    w->im->wrote = 0;
    for (; *steps != DO_END && result == ADDCOW_OK; steps++)
        result = perform(w, *steps);
    return result;
}
