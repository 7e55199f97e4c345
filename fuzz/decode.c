/* SPDX-License-Identifier: MIT
 *
 * decode.c - tables of boundaries.
 */
#include "decode.h"

#include <inttypes.h>
#include <stdbool.h>

/* Around one cluster, one byte of the bitmap and one sector of it; the last
 * cluster whole, of one sector, of all but one. */
static const uint64_t image_lens[N_IMAGE_LENS] = {
    9 * CLUSTER + SECTOR,
    2 * CLUSTER - SECTOR,
    8 * CLUSTER,
    SECTOR,
    CLUSTER,
    64 * CLUSTER + 3 * SECTOR,
    17 * CLUSTER - SECTOR,
    4096 * CLUSTER + CLUSTER / 2,
};

uint64_t setup_image_len(const struct setup *s)
{
    return image_lens[s->image];
}

uint64_t setup_backing_len(const struct setup *s)
{
    uint64_t image_len = setup_image_len(s);

    switch (s->backing) {
    case 0:
        return image_len;
    case 1: /* ends in a sector of the last cluster but one */
        return image_len > CLUSTER ? image_len - CLUSTER + 77 : 1;
    case 2:
        return image_len + 2 * CLUSTER + 1;
    default:
        return NO_BACKING;
    }
}

bool setup_is_allocated(const struct setup *s, uint64_t cluster)
{
    switch (s->bits) {
    case 0:
        return false;
    case 1: /* all but the ends of bytes */
        return cluster < 64 && cluster % 8 != 0 && cluster % 8 != 7;
    case 2:
        return cluster == 7 || cluster == 8 || cluster == 4095;
    default:
        return cluster < 64 && cluster % 2 == 0;
    }
}

static const enum op_kind kinds[16] = {
    OP_READ,   OP_WRITE,   OP_WRITE, OP_READ,  OP_FLUSH,  OP_WRITE,
    OP_READ,   OP_WRITE,   OP_MAP,   OP_WRITE, OP_REOPEN, OP_READ,
    OP_RESIZE, OP_DISCARD, OP_FLUSH, OP_READ};

/* Where a request begins: this many clusters from the start, or from the
 * start of the last cluster, or from the end. */
static uint64_t place_of(unsigned byte, uint64_t image_len)
{
    static const uint8_t clusters[8] = {0, 1, 7, 8, 0, 1, 16, 9};

    switch (byte / 8 % 4) {
    case 0:
    case 1:
        return clusters[byte % 8] * CLUSTER;
    case 2:
        return image_len ? (image_len - 1) / CLUSTER * CLUSTER : 0;
    default:
        return image_len > 4095 * CLUSTER && byte % 2 ? 4095 * CLUSTER
                                                      : image_len;
    }
}

/* So far before or behind that. */
static const int32_t distances[16] = {0,     512,  -512,   1,    -1,   4096,
                                      511,   -511, 513,    -513, 1024, 32768,
                                      -4096, 3,    -65536, 65024};

static const uint32_t lens[64] = {
    512,   1,     511,  513,   1024, 4096,   512, 3072, 0,     1536, 65535,
    65536, 2,     4097, 512,   511,  512,    1,   511,  513,   512,  4096,
    512,   1024,  0,    1536,  3,    509,    2,   1025, 512,   511,  512,
    1,     511,   513,  512,   2048, 512,    512, 0,    1536,  512,  1,
    512,   32768, 510,  65537, 512,  1,      511, 513,  512,   4096, 512,
    512,   0,     1536, 512,   512,  131072, 512, 512,  131073};

/* What costs much is rarer: requests of a cluster and more, and what opens an
 * image or goes through all of its bits. */
static void decode_op(struct op *out, const uint8_t bytes[DECODE_OP],
                      uint64_t image_len)
{
    uint64_t place = place_of(bytes[1], image_len);
    int32_t distance = distances[bytes[2] % 16];

    out->kind = kinds[bytes[0] % 16];
    if ((out->kind == OP_REOPEN || out->kind == OP_RESIZE) && bytes[0] >= 128)
        out->kind = OP_READ;
    out->offset = distance < 0 && place < (uint64_t) - (int64_t)distance
                      ? 0
                      : place + (uint64_t)(int64_t)distance;
    out->len = lens[bytes[3] % 64];
    if (out->len > 4097 && bytes[3] >= 64)
        out->len = SECTOR;
    if (out->kind == OP_RESIZE && bytes[0] / 16 % 4)
        out->offset -= out->offset % SECTOR;
    else if (bytes[2] / 16 == 15 && bytes[3] < 64 && out->offset < image_len &&
             image_len - out->offset <= OP_MAX_LEN)
        out->len = image_len - out->offset; /* to the last byte */
}

static void decode_setup(struct setup *out, const uint8_t bytes[DECODE_HEAD])
{
    static const unsigned small[4] = {1, 4, 3, 1}; /* of two clusters */

    out->image =
        bytes[0] >= 128 ? small[bytes[0] % 4] : bytes[0] % N_IMAGE_LENS;
    out->backing = bytes[1] % N_BACKING_LENS;
    out->bits = bytes[1] / 4 % N_BIT_PATTERNS;
    if (bytes[1] >= 128) /* more that is allocated */
        out->bits |= 1;
    out->writethrough = bytes[1] / 16 % 4 == 3;
    out->fault = bytes[2];
    out->choice = bytes[3];
}

/* An open costs as much as ten requests, a request that is longer than LONG
 * likewise, and a cluster that is written for the first time more. */
enum { MAX_REOPENS = 1, MAX_RESIZES = 2, MAX_CLUSTERS = 3, LONG = 4097 };

#define MAX_LONG (2 * CLUSTER + SECTOR)

struct spent {
    unsigned n_reopens;
    unsigned n_resizes;
    uint64_t n_long; /* bytes */
    unsigned n_clusters;
    uint64_t clusters[MAX_CLUSTERS];
};

static void limit_len(struct op *op, struct spent *spent)
{
    if (op->len <= LONG)
        return;
    if (op->len > MAX_LONG - spent->n_long)
        op->len = SECTOR;
    else
        spent->n_long += op->len;
}

/* Returns 0 if there are too many. */
static bool note_cluster(struct spent *spent, uint64_t cluster)
{
    for (unsigned i = 0; i < spent->n_clusters; i++)
        if (spent->clusters[i] == cluster)
            return true;
    if (spent->n_clusters == MAX_CLUSTERS)
        return false;
    spent->clusters[spent->n_clusters++] = cluster;
    return true;
}

/* What would go to a cluster too many goes to the first one. */
static void limit_place(struct op *op, struct spent *spent)
{
    uint64_t last = (op->offset + (op->len ? op->len - 1 : 0)) / CLUSTER;

    for (uint64_t c = op->offset / CLUSTER; c <= last; c++)
        if (!note_cluster(spent, c)) {
            op->offset = spent->clusters[0] * CLUSTER + op->offset % CLUSTER;
            if (op->len > CLUSTER - op->offset % CLUSTER)
                op->len = CLUSTER - op->offset % CLUSTER;
            return;
        }
}

static void limit(struct op *op, struct spent *spent)
{
    if (op->kind == OP_REOPEN && ++spent->n_reopens > MAX_REOPENS)
        op->kind = OP_FLUSH;
    if (op->kind == OP_RESIZE && ++spent->n_resizes > MAX_RESIZES)
        op->kind = OP_FLUSH;
    if (op->kind == OP_READ || op->kind == OP_WRITE || op->kind == OP_DISCARD)
        limit_len(op, spent);
    if (op->kind == OP_WRITE || op->kind == OP_DISCARD)
        limit_place(op, spent);
}

void decode(struct workload *out, const uint8_t *data, size_t len)
{
    uint8_t bytes[DECODE_LEN] = {0};
    struct spent spent = {0};

    for (size_t i = 0; i < len && i < DECODE_LEN; i++)
        bytes[i] = data[i];
    decode_setup(&out->setup, bytes);
    for (out->n_ops = 0; out->n_ops < N_OPS; out->n_ops++) {
        const uint8_t *at = bytes + DECODE_HEAD + out->n_ops * DECODE_OP;
        struct op *op = &out->ops[out->n_ops];

        if (at[0] == DECODE_STOP)
            break;
        decode_op(op, at, setup_image_len(&out->setup));
        limit(op, &spent);
    }
}

/* ---- In words ----------------------------------------------------------- */

void setup_print(const struct setup *s, FILE *out)
{
    static const char *const bits[N_BIT_PATTERNS] = {
        "none", "below 64 all but the first and last of each byte",
        "7, 8 and 4095", "the even ones below 64"};

    fprintf(out, "image file of %" PRIu64 " bytes, ", setup_image_len(s));
    if (setup_backing_len(s) == NO_BACKING)
        fprintf(out, "no backing file");
    else
        fprintf(out, "backing file of %" PRIu64 " bytes",
                setup_backing_len(s));
    fprintf(out, "; allocated at first: %s%s\n", bits[s->bits],
            s->writethrough ? "; writethrough" : "");
}

void op_print(const struct op *op, FILE *out)
{
    switch (op->kind) {
    case OP_READ:
    case OP_WRITE:
    case OP_DISCARD:
    case OP_MAP:
        fprintf(out, "%s %" PRIu64 " bytes at %" PRIu64 "\n",
                op->kind == OP_READ      ? "read"
                : op->kind == OP_WRITE   ? "write"
                : op->kind == OP_DISCARD ? "discard"
                                         : "map",
                op->len, op->offset);
        return;
    case OP_FLUSH:
        fputs("flush\n", out);
        return;
    case OP_RESIZE:
        fprintf(out, "resize to %" PRIu64 " bytes\n", op->offset);
        return;
    case OP_REOPEN:
        fputs("close, check, open\n", out);
    }
}
