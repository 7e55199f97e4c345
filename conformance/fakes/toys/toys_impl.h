/* SPDX-License-Identifier: MIT
 *
 * toys_impl.h - what the files of the toys share: toys.c is the shim, open.c
 * opens, steps.c interprets programs, host.c asks the host.
 */
#ifndef ADDCOW_TOYS_IMPL_H
#define ADDCOW_TOYS_IMPL_H

#include "toys.h"

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
    uint8_t bits[MAX_BITS];  /* and pending ones */
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

/* ---- host.c.  Results are those of the host */

int toy_host_read(struct toy_image *im, int file, void *out, size_t len,
                  uint64_t offset);
int toy_host_write(struct toy_image *im, int file, const void *data,
                   size_t len, uint64_t offset);
int toy_host_size(struct toy_image *im, int file, uint64_t size);
/* If it is dirty. */
int toy_host_flush(struct toy_image *im, int file);
int toy_read_backing(struct toy_image *im, uint8_t *out, size_t len,
                     uint64_t offset);
int toy_write_raw(struct toy_image *im, const uint8_t *data, size_t len,
                  uint64_t offset);

/* Whether each sector of DATA is what QUIRK_CHECKSUM knows of. */
bool toy_sums_match(const struct toy_image *im, const uint8_t *data,
                    size_t len, uint64_t offset);

/* ---- open.c */

int toy_open_all(struct toy_image *im, const char *name);
/* Opens NAME beside the add-cow file, whose name is BESIDE. */
int toy_open_named(struct toy_image *im, int file, const char *beside,
                   const char *name, uint64_t *out_len, int writable);
int toy_check_head(const uint8_t *head);
/* QUIRK_TOUCHES_BACKING. */
int toy_touch_backing(struct toy_image *im);
/* Closes the files that are open, and frees IM. */
int toy_drop(struct toy_image *im);

/* ---- steps.c */

/* Runs STEPS, or those that are RIGHT, up to the first that fails. */
int toy_run(const struct toy_work *w, const unsigned char *steps,
            const unsigned char *right);

#endif
