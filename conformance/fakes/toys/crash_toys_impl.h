/* SPDX-License-Identifier: MIT
 *
 * crash_toys_impl.h - what the shim of the toys and the interpreter of their
 * programs share.
 */
#ifndef ADDCOW_CRASH_TOYS_IMPL_H
#define ADDCOW_CRASH_TOYS_IMPL_H

#include "crash_toys.h"

#include <stdbool.h>

#define SECTOR 512u
#define MAX_BITS 1024u /* bytes of bitmap */
#define NO_TABLE UINT64_MAX

enum { ADD, RAW, BACK };

struct toy_image {
    const struct addcow_host *host;
    struct addcow_file *files[3];
    uint64_t size;
    uint64_t raw_len;
    uint64_t backing_len;
    uint32_t flags;
    int dirty[2];            /* ADD, RAW */
    int flushing;            /* for the guest */
    int failed;              /* a flush: nothing is done any more */
    int excess;              /* bits past the last cluster are 1 */
    unsigned n_flushes[2];   /* of the host */
    int wrote;               /* bits, in this run of a program */
    uint64_t table;          /* that has pending bits */
    uint8_t bits[MAX_BITS];  /* pending ones, too */
    uint8_t kept[MAX_BITS];  /* the snapshot */
    uint8_t known[MAX_BITS]; /* as written to the file */
    uint8_t stale[MAX_BITS]; /* as they were at open */
    uint8_t sums[SECTOR];
};

/* What a program works on. */
struct toy_work {
    struct toy_image *im;
    const uint8_t *data; /* of a write, within one cluster */
    size_t len;
    uint64_t offset;
    uint64_t new_size;     /* of a resize; of a create: the image file's */
    const uint8_t *header; /* of a create */
    int existed;           /* of a create: there was a file */
};

/* The toy in use. */
extern struct toy_program toy_now;
/* The request that it is busy with. */
struct toy_context {
    struct toy_image *im;
    enum toy_request kind;
    uint64_t len, offset; /* of the last write, or resize */
    int whole, zeros, again;
    int made, existed;
    int file; /* that is flushed */
};
extern struct toy_context toy_context;
extern uint64_t toy_cluster_len;
extern void (*toy_hook)(void *arg);
extern void *toy_hook_arg;
/* Whether the toy is broken in this request. */
bool toy_is_broken(void);
bool toy_has(unsigned quirk);

uint64_t toy_least(uint64_t a, uint64_t b);
uint64_t toy_clusters(uint64_t size);
size_t toy_bits_len(uint64_t size);
int toy_bit(const uint8_t *bits, uint64_t cluster);

/* Results are those of the host. */
int toy_host_read(struct toy_image *im, int file, void *out, size_t len,
                  uint64_t offset);
int toy_read_backing(struct toy_image *im, uint8_t *out, size_t len,
                     uint64_t offset);
int toy_write_raw(struct toy_image *im, const uint8_t *data, size_t len,
                  uint64_t offset);

/* Whether each sector of DATA is what QUIRK_CHECKSUM knows of. */
bool toy_sums_match(const struct toy_image *im, const uint8_t *data,
                    size_t len, uint64_t offset);

/* Runs STEPS, or those that are RIGHT, up to the first that fails. */
int toy_run(const struct toy_work *w, const unsigned char *steps,
            const unsigned char *right);

#endif
