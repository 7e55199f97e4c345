/* SPDX-License-Identifier: MIT
 *
 * decode.h - an image and up to 16 operations, out of the bytes of an input.
 *
 * Each value is picked from a table of boundaries by one byte, so that an
 * input of random bytes is a workload that goes where mistakes are.  Bytes
 * beyond the end are 0: the shortest input is a workload as well.
 * An operation whose first byte is DECODE_STOP ends it.
 *
 * What costs much has limits, or one input in ten would take as long as the
 * nine others: a workload opens the image again once at most, resizes it
 * twice, and writes to three clusters; its long requests have the length of
 * two clusters and a sector together.  What is beyond becomes something
 * smaller.
 */
#ifndef FUZZ_DECODE_H
#define FUZZ_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SECTOR UINT64_C(512)
#define CLUSTER UINT64_C(65536)
#define NO_BACKING UINT64_MAX

enum {
    DECODE_HEAD = 4, /* bytes: image, backing file and bits, fault, choice */
    DECODE_OP = 4,   /* bytes: kind, place, distance, length */
    DECODE_STOP = 255,
    N_OPS = 16,
    DECODE_LEN = DECODE_HEAD + N_OPS * DECODE_OP,
    N_IMAGE_LENS = 8,
    N_BACKING_LENS = 4,
    N_BIT_PATTERNS = 4
};

/* The files as they are at first, each by its number in a table. */
struct setup {
    unsigned image;   /* below N_IMAGE_LENS */
    unsigned backing; /* below N_BACKING_LENS */
    unsigned bits;    /* below N_BIT_PATTERNS */
    int writethrough; /* if the shim offers it */
    unsigned fault;   /* the number of the host call that fails, from 1; 0 */
    unsigned choice;  /* of what may happen then: a byte */
};

uint64_t setup_image_len(const struct setup *s);
/* NO_BACKING: there is no backing file. */
uint64_t setup_backing_len(const struct setup *s);
/* Whether the bit of CLUSTER is 1 at first. */
bool setup_is_allocated(const struct setup *s, uint64_t cluster);

enum op_kind {
    OP_READ,
    OP_WRITE,
    OP_FLUSH,
    OP_DISCARD,
    OP_RESIZE, /* to OFFSET */
    OP_MAP,
    OP_REOPEN /* and a check in between, if the shim offers it */
};

/* A request of the guest, which may pass the end of the disk. */
struct op {
    enum op_kind kind;
    uint64_t offset; /* bytes */
    uint64_t len;    /* bytes; at most 3 clusters and a sector */
};

#define OP_MAX_LEN (3 * CLUSTER + SECTOR)

struct workload {
    struct setup setup;
    unsigned n_ops; /* at most N_OPS */
    struct op ops[N_OPS];
};

void decode(struct workload *out, const uint8_t *data, size_t len);

/* In words, a line each. */
void setup_print(const struct setup *s, FILE *out);
void op_print(const struct op *op, FILE *out);

#endif
