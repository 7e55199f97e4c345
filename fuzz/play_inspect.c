/* SPDX-License-Identifier: MIT
 *
 * play_inspect.c - what the files of a workload hold when the image is closed.
 */
#include "play_start.h"

#include <inttypes.h>
#include <string.h>

/* The clusters that the workloads go to lie below the first and from the
 * second on.  Between them only a resize changes anything, and each alike: of
 * these every seventeenth is looked at. */
enum { LOW_END = 80, HIGH_START = 4080, STEP = 17 };

/* Finds what oracle_same() found, in words, and the clause that is broken. */
static const char *name_difference(struct play *p, struct mismatch *m,
                                   const struct store *image, size_t len,
                                   uint64_t start)
{
    uint8_t sector[SECTOR];

    for (size_t at = 0; at < len; at += SECTOR) {
        store_read(image, sector, SECTOR, start + at);
        if (oracle_check(p->oracle, m, sector, SECTOR, start + at))
            continue;
        if (!p->was_cut || oracle_hi(p->oracle, (start + at) / SECTOR))
            return "WR-3";
        return play_is_old(sector, (start + at) / SECTOR) ? "DUR-11"
                                                          : "DUR-12";
    }
    return "WR-3";
}

static void inspect_cluster(struct play *p, const struct store *image,
                            uint64_t cluster)
{
    uint64_t start = cluster * CLUSTER;
    size_t len =
        (size_t)(p->size - start < CLUSTER ? p->size - start : CLUSTER);
    struct mismatch m = {0};
    const char *clause;

    p->n_compared += len;
    if (oracle_same(p->oracle, image, len, start))
        return;
    clause = name_difference(p, &m, image, len, start);
    play_fail(p, clause,
              "cluster %" PRIu64 " is allocated, and its image file has at "
              "byte %" PRIu64 " %s; expected %s",
              cluster, m.offset, m.got, m.expected);
}

static bool is_between(uint64_t cluster)
{
    return cluster >= LOW_END && cluster < HIGH_START;
}

static void inspect_bit(struct play *p, const struct play_base *b,
                        const struct store *image, const uint8_t *bits,
                        uint64_t cluster)
{
    enum oracle_alloc is = oracle_allocation(p->oracle, cluster);
    int bit = bits[cluster / 8] >> cluster % 8 & 1;
    int first =
        cluster / 8 < b->bits_len && (b->bits[cluster / 8] >> cluster % 8 & 1);

    if (is == (bit ? ALLOC_NO : ALLOC_YES))
        play_fail(p, bit ? "WR-10" : "WR-1",
                  "the bit of cluster %" PRIu64 " is %d", cluster, bit);
    if (bit && (!first || oracle_was_written(p->oracle, cluster)) &&
        !is_between(cluster))
        inspect_cluster(p, image, cluster);
}

static void inspect_header(struct play *p, const struct play_base *b,
                           const struct store *entry)
{
    const uint8_t *header = store_view(entry, HEADER_LEN, 0);

    if (!header || memcmp(header, b->header, HEADER_LEN) != 0)
        play_fail(p, "HDR-11", "a byte of the header has changed");
}

/* Nothing that follows the bits is anything but zeros. */
static void inspect_end(struct play *p, const uint8_t *bits, size_t len)
{
    uint64_t n = n_clusters(p->size);
    uint8_t last = len ? bits[len - 1] : 0;

    if (n % 8 && last >> n % 8 && !oracle_was_resized(p->oracle))
        play_fail(p, "BMP-9", "a bit beyond the last cluster is 1");
}

/* The next cluster to be looked at. */
static uint64_t after(const struct play *p, uint64_t cluster)
{
    uint64_t next = cluster + 1;

    if (is_between(cluster))
        next = oracle_was_resized(p->oracle) ? cluster + STEP : HIGH_START;
    return cluster < HIGH_START && next > HIGH_START ? HIGH_START : next;
}

static void inspect_bits(struct play *p, const struct play_base *b,
                         const struct store *entry, const struct store *image)
{
    static uint8_t bits[1024];
    uint64_t n = n_clusters(p->size);
    size_t len = (size_t)((n + 7) / 8);

    if (len > sizeof(bits))
        return;
    store_read(entry, bits, len, HEADER_LEN);
    for (uint64_t c = 0; c < n; c = after(p, c))
        inspect_bit(p, b, image, bits, c);
    inspect_end(p, bits, len);
}

static void inspect_lens(struct play *p, const struct store *entry,
                         const struct store *image)
{
    uint64_t most = HEADER_LEN + (n_clusters(p->size) + 7) / 8;

    most += (SECTOR - most % SECTOR) % SECTOR;
    if (store_size(image) != p->size)
        play_fail(p, oracle_was_resized(p->oracle) ? "RSZ-4" : "WR-22",
                  "the image file has %" PRIu64 " bytes", store_size(image));
    if (store_size(entry) > most && !oracle_was_resized(p->oracle))
        play_fail(p, "BMP-10", "the add-cow file has %" PRIu64 " bytes",
                  store_size(entry));
}

void play_inspect(struct play *p)
{
    const struct play_base *b = play_base_of(&p->workload->setup);
    const struct store *entry = disk_content(p->disk, PLAY_ENTRY);
    const struct store *image = disk_content(p->disk, PLAY_IMAGE);
    const struct store *backing = disk_content(p->disk, PLAY_BACKING);

    if (backing &&
        (store_next_page(backing, 0) != UINT64_MAX ||
         store_size(backing) != setup_backing_len(&p->workload->setup)))
        play_fail(p, "WR-20", "the backing file has changed");
    inspect_header(p, b, entry);
    if (p->failed_before)
        return;
    inspect_lens(p, entry, image);
    inspect_bits(p, b, entry, image);
}
