/* SPDX-License-Identifier: MIT
 *
 * stranger.h - the inside of a second implementation, written from the
 * specification alone.  It proves that the suite fails nobody for being
 * different: wherever the specification leaves room, it goes another way
 * than the obvious one.  Missing on purpose: concurrency, locks, sizes over
 * 8 TiB.
 *
 * Its ways: the bitmap stands in memory whole.  Guest data moves in windows
 * of 1 MiB, and what is read of an unallocated cluster is copied up.  The
 * backing file is opened when it is needed.  The add-cow file is padded to
 * sectors.  New clusters of a growth are allocated holes.
 */
#ifndef STRANGER_H
#define STRANGER_H

#include "addcow_shim.h"
#include "habits.h"

#include <stdbool.h>

enum { SECTOR = 512, CLUSTER = 65536, WINDOW = 1 << 20 };
enum { HEADER = 2560, NAME_ROOM = 1024, BACKING_AT = 12, RAW_AT = 1036 };
enum { RESERVED_AT = 2060 };
#define MAX_SIZE (UINT64_C(8) << 40)

/* A bit for each cluster.  What was changed since it was last settled lies
 * in the bytes from first on, before end. */
struct bits {
    unsigned char *bytes;
    unsigned char *marks; /* null, or one for each byte: it changed */
    uint64_t first, end;
};

/* Clusters from first on, before end. */
struct span {
    uint64_t first, end;
};

struct log {
    struct span *spans;
    size_t n, room;
};

struct image {
    const struct addcow_host *host;
    struct addcow_file *meta, *raw, *backing; /* null: not open */
    char *backing_path;                       /* null: without one */
    unsigned char *window;                    /* WINDOW bytes of scratch */
    uint64_t size;                            /* of the virtual disk */
    uint64_t raw_len, backing_len;
    uint64_t bitmap_len;   /* bytes of the bitmap, room for them in each: */
    struct bits allocated; /* changed: not known to be durable on the host */
    struct bits unwritten; /* no bytes: those of allocated on no host yet */
    struct log log;        /* in its place, with HABIT_LOG */
    struct bits fresh;     /* written since the last flush of raw */
    struct bits lost;      /* fresh when a flush of raw failed */
    unsigned char header[HEADER];
    bool is_writable, is_writethrough;
    bool is_raw_fresh, is_meta_fresh; /* a flush is needed */
    /* What is not durable in raw cannot all be written again: a length, or
     * what an earlier handle left. */
    bool is_irreplaceable;
    bool is_hopeless;   /* such a thing was lost */
    bool is_meta_known; /* a flush of meta has succeeded */
    bool is_meta_lost;  /* much of it is to be written, in large blocks */
    bool is_latched;    /* by a flush that failed */
    bool is_given_up;   /* after a change that failed */
};

/* ---- bits.c ------------------------------------------------------------- */

uint64_t n_clusters(uint64_t size);
uint64_t bitmap_len(uint64_t size);
int bits_get(const struct bits *bits, uint64_t cluster);
void bits_set(struct bits *bits, uint64_t cluster, int value);
bool bits_any(const struct bits *bits);

/* Changes the bytes from FIRST on, before END, into changed ones. */
void bits_touch(struct bits *bits, uint64_t first, uint64_t end);

/* The bits, unchanged ones of which stay, count as settled. */
void bits_settle(struct bits *bits);

/* Room for LEN bytes instead of OLD_LEN, zeros at the end, and for MARKS.
 * What there was stays if there is no memory. */
int bits_room(struct bits *bits, uint64_t old_len, uint64_t len, bool marks);

/* Clears what is at the cluster and beyond, in LEN bytes. */
void bits_cut(struct bits *bits, uint64_t cluster, uint64_t len);

/* ---- fresh.c: what is in the image file since its last flush ------------ */

void fresh_add(struct image *image, uint64_t first, uint64_t end);
void fresh_cut(struct image *image, uint64_t cluster, uint64_t len);
void fresh_clear(struct image *image);

/* What is fresh is lost. */
void fresh_lose(struct image *image);

/* ---- header.c ----------------------------------------------------------- */

int probe(const void *head, size_t len);

/* Whether NAME, of 1 to 1023 bytes, may stand in a header. */
bool is_name(const char *name);

/* Judges the LEN bytes with which an add-cow file begins, at most HEADER. */
int judge_header(const unsigned char *header, size_t len);

/* NAME as seen from the file at PATH; the caller's to free.  Null: memory. */
char *join(const char *path, const char *name);

/* ---- data.c ------------------------------------------------------------- */

/* Opens the backing file unless it is open or there is none. */
int need_backing(struct image *image);

/* The same before a change of any file: that the backing file is missing is
 * no obstacle to a request that does not read it. */
int meet_backing(struct image *image);

/* Whether a unit of sectors refuses the range (IMPL-2 b). */
bool is_odd(uint64_t len, uint64_t offset);

int read_data(void *handle, void *out, size_t len, uint64_t offset);
int write_data(void *handle, const void *data, size_t len, uint64_t offset);
int discard_data(void *handle, uint64_t len, uint64_t offset);

/* RESULT, after what it means for later changes (WR-28). */
int changed(struct image *image, int result);

/* Makes CLUSTER allocated and complete up to the virtual size. */
int copy_up(struct image *image, uint64_t cluster);

/* ---- flush.c ------------------------------------------------------------ */

/* Makes the image file durable; what it loses is noted. */
int flush_raw(struct image *image);

/* Writes the changed bits and flushes the add-cow file.  Only after a
 * flush_raw() that nothing was written after. */
int flush_meta(struct image *image);

/* Fills the add-cow file with zeros to the end of a sector. */
int pad_meta(struct image *image);

/* What each write does beyond the guest's wish. */
int commit(struct image *image);

int flush_image(void *handle);

/* ---- lock.c: requests one at a time ------------------------------------- */

int locked_read(void *handle, void *out, size_t len, uint64_t offset);
int locked_write(void *handle, const void *data, size_t len, uint64_t offset);
int locked_discard(void *handle, uint64_t len, uint64_t offset);
int locked_flush(void *handle);
int locked_map(void *handle, uint64_t *out_len, uint32_t *out_state,
               uint64_t len, uint64_t offset);
int map(void *handle, uint64_t *out_len, uint32_t *out_state, uint64_t len,
        uint64_t offset);

/* ---- resize.c, create.c, open.c ----------------------------------------- */

int get_size(void *handle, uint64_t *out);
int set_size(void *handle, uint64_t size);
int create_image(const struct addcow_host *host,
                 const struct addcow_create_args *args);
int is_same_file(const struct addcow_host *host, struct addcow_file *a,
                 struct addcow_file *b, bool *out);
int open_image(void **out, const struct addcow_host *host,
               const struct addcow_open_args *args);
int close_image(void *handle);

#endif
