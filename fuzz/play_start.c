/* SPDX-License-Identifier: MIT
 *
 * play_start.c - what a workload starts from, made once and kept.
 */
#include "play_start.h"
#include "data/pattern.h"

#include <stdlib.h>
#include <string.h>

/* ---- What the guest writes ---------------------------------------------- */

enum { STRIDE = 20011, NOISE_LEN = 3 * 65536 + 512 + (N_OPS + 1) * STRIDE };

/* Where requests read to. */
static uint8_t *reading;
static uint8_t *noise;

static void make_noise(void)
{
    uint64_t x = UINT64_C(0x9e3779b97f4a7c15);

    pattern_keep(TAG_OLD, 68 * CLUSTER);
    pattern_keep(TAG_BACKING, 68 * CLUSTER);
    reading = malloc(OP_MAX_LEN);
    noise = malloc(NOISE_LEN);
    if (!reading || !noise)
        abort();
    for (size_t i = 0; i < NOISE_LEN; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        noise[i] = (uint8_t)(x >> 32);
    }
}

const uint8_t *play_data(unsigned i)
{
    return noise + (size_t)i * STRIDE;
}

uint8_t *play_buffer(size_t len)
{
    return reading + (OP_MAX_LEN - len);
}

/* ---- The images --------------------------------------------------------- */

static struct play_base bases[N_IMAGE_LENS][N_BACKING_LENS][N_BIT_PATTERNS];

static void fill_file(struct disk *d, const char *name, uint32_t tag,
                      uint64_t len)
{
    disk_put_file(d, name);
    store_fill(disk_content(d, name), tag, len);
    disk_settle(d, name);
}

static uint8_t *make_header(bool has_backing)
{
    uint8_t *h = calloc(1, HEADER_LEN);

    if (!h)
        abort();
    memcpy(h, "ADD_COW\xff\0\0\0\1", 12);
    if (has_backing)
        memcpy(h + 12, PLAY_BACKING, sizeof(PLAY_BACKING));
    memcpy(h + 12 + 1024, PLAY_IMAGE, sizeof(PLAY_IMAGE));
    return h;
}

static void make_bits(struct play_base *b, const struct setup *s)
{
    uint64_t n = n_clusters(setup_image_len(s));

    b->bits_len = (size_t)((n + 7) / 8);
    b->bits = calloc(1, b->bits_len);
    if (!b->bits)
        abort();
    for (uint64_t c = 0; c < n; c++)
        if (setup_is_allocated(s, c)) {
            b->bits[c / 8] |= (uint8_t)(1 << c % 8);
            oracle_set_allocated(b->oracle, c);
        }
}

static void make_base(struct play_base *b, const struct setup *s)
{
    uint64_t backing_len = setup_backing_len(s);
    bool has_backing = backing_len != NO_BACKING;

    b->disk = disk_new();
    b->oracle = oracle_new(setup_image_len(s));
    fill_file(b->disk, PLAY_IMAGE, TAG_OLD, setup_image_len(s));
    if (has_backing)
        fill_file(b->disk, PLAY_BACKING, TAG_BACKING, backing_len);
    oracle_set_files(b->oracle, disk_content(b->disk, PLAY_IMAGE),
                     has_backing ? disk_content(b->disk, PLAY_BACKING) : NULL);
    b->header = make_header(has_backing);
    make_bits(b, s);
    disk_put_file(b->disk, PLAY_ENTRY);
    store_write(disk_content(b->disk, PLAY_ENTRY), b->header, HEADER_LEN, 0);
    store_write(disk_content(b->disk, PLAY_ENTRY), b->bits, b->bits_len,
                HEADER_LEN);
    disk_settle(b->disk, PLAY_ENTRY);
}

const struct play_base *play_base_of(const struct setup *s)
{
    struct play_base *b = &bases[s->image][s->backing][s->bits];

    if (!noise)
        make_noise();
    if (!b->disk)
        make_base(b, s);
    return b;
}

bool play_is_old(const uint8_t *data, uint64_t sector)
{
    uint8_t first[SECTOR];

    pattern_fill(first, SECTOR, sector * SECTOR, TAG_OLD);
    return memcmp(first, data, SECTOR) == 0;
}

/* ---- Disks ---------------------------------------------------------------
 */

/* Disks that were dropped, without a backing file and with one. */
static struct disk *spare[2][2];

static struct disk **spares_for(const struct setup *s)
{
    return spare[setup_backing_len(s) != NO_BACKING];
}

void play_drop_disk(const struct setup *s, struct disk *d)
{
    struct disk **at = spares_for(s);

    if (at[0] && at[1])
        disk_free(d);
    else
        at[at[0] != NULL] = d;
}

/* Null: there is none that would do. */
static struct disk *spare_disk(const struct setup *s)
{
    struct disk **at = spares_for(s);
    struct disk *d = at[0];

    at[0] = at[1];
    at[1] = NULL;
    if (d && !disk_rewind(d, play_base_of(s)->disk)) {
        disk_free(d);
        return NULL;
    }
    return d;
}

struct disk *play_fresh_disk(const struct setup *s)
{
    struct disk *d = spare_disk(s);

    if (d)
        return d;
    d = disk_clone(play_base_of(s)->disk);
    record_pause(disk_record(d));
    return d;
}
