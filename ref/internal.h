/* SPDX-License-Identifier: MIT
 *
 * internal.h - what the chapters of the reference share: the image and its
 * cached tables, files with their names, and the functions of each chapter.
 *
 * Deliberately missing: anything for callers (addcow.h), and for judging an
 * image (judge.h).
 */
#ifndef ADDCOW_INTERNAL_H
#define ADDCOW_INTERNAL_H

#include "addcow.h"

#include <stdbool.h>

#define SECTOR_LEN 512u
#define CLUSTER_LEN 65536u /* TRM-6 */
#define HEADER_LEN 2560u   /* where the bitmap begins: BMP-1 */
#define TABLE_LEN 65536u   /* the part of the bitmap that is cached as one */
#define TABLE_BITS (TABLE_LEN * 8u)
#define N_TABLES 16u
#define SIZE_LIMIT ((UINT64_C(1) << 63) - SECTOR_LEN) /* SIZ-6 */

/* An open file of the host, with the name that errors show. */
struct file {
    const struct addcow_host *host;
    struct addcow_file *handle; /* null: not open */
    char *name;                 /* owned */
    struct addcow_error *error; /* where failures are described */
};

/* A part of the bitmap.  It is empty if used is 0, and dirty if its dirty
 * range is not empty: then that range holds pending bits. */
struct table {
    uint64_t number; /* of the table: bytes number * TABLE_LEN and on */
    uint64_t used;   /* when it was used last, by the clock of the image */
    uint32_t dirty_from;
    uint32_t dirty_to;
    uint32_t end;        /* number of bytes that are the bitmap's */
    unsigned char *bits; /* TABLE_LEN bytes; null before the first load */
};

/* At least one table is never dirty, so that loading one for a read never
 * has to write. */
struct addcow_image {
    struct file entry; /* the add-cow file */
    struct file raw;   /* the image file */
    struct file backing;
    struct addcow_names names;
    uint64_t size;        /* S, a multiple of 512 */
    uint64_t bitmap_len;  /* L; ahead of S while a growth is under way */
    uint64_t raw_len;     /* of the image file: S, or up to 511 more */
    uint64_t backing_len; /* 0 without a backing file */
    bool writable;
    bool writethrough;
    bool raw_dirty;   /* something written may not be durable */
    bool entry_dirty; /* likewise */
    int failed;       /* class of the flush that failed, or OK */
    uint64_t clock;
    struct table tables[N_TABLES];
    unsigned char *buffer; /* CLUSTER_LEN bytes to fill clusters from; null
                              before the first */
    struct addcow_error error;
};

/* The quotient rounded up; N and L of a virtual size: TRM-8. */
/*@ logic integer ceil(integer a, integer b) = (a + b - 1) / b;
    logic integer clusters(integer size) = ceil(size, 65536);
    logic integer bitmap_len(integer size) = ceil(clusters(size), 8); */

/*@ assigns \nothing;
    ensures \result == \min(a, b); */
static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- nam.c: names and files --------------------------------------------- */

/* The path of NAME as the header of the add-cow file ENTRY means it, to be
 * freed; null if there is no memory. */
char *nam_join(const char *entry, const char *name);
/* Opens the add-cow file for reading. */
int nam_open_entry(struct file *entry, struct addcow_error *error,
                   const struct addcow_host *host, const char *name);
/* Opens what the names of the header lead to, for reading. */
int nam_open_named(struct file *raw, struct file *backing,
                   const struct addcow_names *names, const struct file *entry);
/* *OUT: whether the two are the same file. */
int nam_same_file(bool *out, struct file *a, struct file *b);

/* ---- bits.c: bits of the bitmap ----------------------------------------- */

/*@ // BMP-3
    logic integer bit{L}(unsigned char *bits, integer n) =
      bits[n / 8] >> n % 8 & 1;
    predicate is_set{L}(unsigned char *bits, integer n) = bit(bits, n) == 1; */

/* The number of 1s among the first N bits. */
/*@ logic integer ones{L}(unsigned char *bits, integer n) =
      n <= 0 ? 0 : ones(bits, n - 1) + bit(bits, n - 1); */

/*@ requires \valid_read(bits + bit / 8);
    assigns \nothing;
    ensures BMP_3: \result <==> is_set(bits, bit); */
bool bits_get(const unsigned char *bits, uint64_t bit);
/*@ requires \valid(bits + bit / 8);
    assigns bits[bit / 8];
    ensures BMP_9: WR_10: \forall integer n; 0 <= n ==>
      (is_set(bits, n) <==> \old(is_set(bits, n)) || n == bit); */
void bits_set(unsigned char *bits, uint64_t bit);
/* The number of 1s among the first COUNT bits. */
/*@ requires \valid_read(bits + (0 .. ceil(count, 8) - 1));
    assigns \nothing;
    ensures CHK_4: \result == ones(bits, count); */
uint64_t bits_count(const unsigned char *bits, uint64_t count);

/* ---- bmp.c: the bitmap -------------------------------------------------- */

/* How many bytes from OFFSET on, 1 to LEN, share the state.  The range is not
 * empty and lies within the disk. */
int bmp_find_run(struct addcow_image *image, uint64_t *out_len,
                 bool *out_allocated, uint64_t len, uint64_t offset);

/* ---- cache.c: the cache of the bitmap ----------------------------------- */

/* *OUT: the table of that number, read from the file unless it is cached;
 * valid until the next call of a function of the cache. */
int cache_load(struct addcow_image *image, struct table **out,
               uint64_t number);
/* Sets the bits of COUNT clusters from FIRST on, which are 0, and makes them
 * pending.  On failure some may be set. */
int cache_mark(struct addcow_image *image, uint64_t first, uint64_t count);
/* Writes the pending bits; the image file has been flushed.  On failure they
 * stay pending. */
int cache_write(struct addcow_image *image);
/* Makes the cached bits of cluster COUNT and beyond 0 and not pending. */
void cache_forget(struct addcow_image *image, uint64_t count);
/* As cache_forget(); and makes the byte that holds bit COUNT pending. */
int cache_clear_last_byte(struct addcow_image *image, uint64_t count);
/* Frees what the tables hold, pending or not. */
void cache_release(struct addcow_image *image);

/* ---- siz.c: sizes ------------------------------------------------------- */

/*@ assigns \nothing;
    ensures TRM_8: \result == clusters(size); */
uint64_t siz_clusters(uint64_t size);
/*@ assigns \nothing;
    ensures TRM_8: \result == bitmap_len(size); */
uint64_t siz_bitmap_len(uint64_t size);
/* Whether the range lies within SIZE bytes. */
/*@ assigns \nothing;
    ensures RD_5: WR_11: \result <==> offset + len <= size; */
bool siz_within(uint64_t size, uint64_t len, uint64_t offset);
/* The virtual size that an image file of LEN bytes has. */
/*@ assigns \nothing;
    ensures SIZ_1: \result % 512 == 0;
    ensures SIZ_1: \result <= len < \result + 512; */
uint64_t siz_virtual(uint64_t len);
/* Whether an add-cow file of LEN bytes holds the bitmap of SIZE bytes. */
/*@ assigns \nothing;
    ensures BMP_6: BMP_7: \result <==> len >= 2560 + bitmap_len(size); */
bool siz_holds_bitmap(uint64_t len, uint64_t size);

/* ---- request.c: checks before a request --------------------------------- */

/* Returns RANGE, described in the image, unless the range lies within the
 * disk. */
int request_check_range(struct addcow_image *image, const char *clause,
                        uint64_t len, uint64_t offset);
/* Returns READ_ONLY, or the class of a failed flush, described in the image,
 * if the image may not be changed. */
int request_check_writable(struct addcow_image *image, const char *clause);

/* ---- rd.c, wr.c, fls.c: requests ---------------------------------------- */

/* The guest's bytes of unallocated clusters. */
int rd_unallocated(struct addcow_image *image, void *out, size_t len,
                   uint64_t offset);
/* Writes the bytes FROM to TO of an unallocated cluster, as the guest reads
 * them, to the image file. */
int wr_fill(struct addcow_image *image, uint64_t from, uint64_t to);

/* Flushes the image file and writes the pending bits. */
int fls_write_back(struct addcow_image *image);
int fls_raw(struct addcow_image *image);
int fls_entry(struct addcow_image *image);

/* ---- err.c: errors (findings: judge.h) ---------------------------------- */

/* Fills ERROR, which may be null.  FILE may be null.  Returns RESULT. */
int err_set(struct addcow_error *error, int result, const char *clause,
            const char *file, uint64_t offset, const char *what);
/* As err_set(), for what concerns no file. */
int err_refuse(struct addcow_error *error, int result, const char *clause,
               const char *what);

/* ---- file.c: files that describe their failures ------------------------- */

/* Opens and takes NAME, which is freed at close or on failure; null means
 * that there was no memory for it.  CLAUSE is the one for NOT_FOUND. */
int file_open(struct file *file, struct addcow_error *error,
              const struct addcow_host *host, char *name, uint32_t flags,
              const char *clause);
/* Closes what is open.  What the host returns is ignored: what matters has
 * been flushed before. */
void file_close(struct file *file);
int file_size(struct file *file, uint64_t *out);
int file_set_size(struct file *file, uint64_t size);
int file_read(struct file *file, void *out, size_t len, uint64_t offset);
int file_write(struct file *file, const void *data, size_t len,
               uint64_t offset);
int file_flush(struct file *file);

#endif
