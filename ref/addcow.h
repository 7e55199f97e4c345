/* SPDX-License-Identifier: MIT
 *
 * addcow.h - the reference implementation of the add-cow format, version 1.
 *
 * It is written to be read beside spec/add-cow.txt: a chapter has a file of
 * its name, with helpers beside it, and functions cite their clauses.  All
 * storage is reached through a host table (addcow_shim.h); addcow_posix_host()
 * is one over the files of the operating system.
 *
 * Every int that is returned is an enum addcow_result.  Sizes, lengths and
 * offsets are in bytes.  Guest data is never cached; the bitmap is, in a
 * fixed array whose size does not depend on the image.
 *
 * Deliberately missing: threads (one call on an image at a time), backing
 * files of other formats, copy on read.
 */
#ifndef ADDCOW_H
#define ADDCOW_H

#include "addcow_shim.h"

#include <stddef.h>
#include <stdint.h>

/* The longest name that a name field holds, without its NUL. */
#define ADDCOW_NAME_MAX 1023u

/* In struct addcow_error: no byte of the file is to blame. */
#define ADDCOW_NO_OFFSET UINT64_MAX

/* Why a call was refused, or what a check found. */
struct addcow_error {
    int result;         /* the class; ADDCOW_OK for a warning of a check */
    const char *clause; /* such as "HDR-8", static; null if none */
    uint64_t offset;    /* in that file, or ADDCOW_NO_OFFSET */
    char file[4096];    /* path as it was opened, raw bytes, perhaps cut
                           for display here; "" if no file is to blame */
    char what[160];     /* one line without a period; printable ASCII */
};

/* The two names of a header, NUL-terminated raw bytes. */
struct addcow_names {
    char image[ADDCOW_NAME_MAX + 1];
    char backing[ADDCOW_NAME_MAX + 1]; /* "" for an image without one */
};

struct addcow_image;

/* The class as the specification spells it, such as "CORRUPT"; static. */
const char *addcow_result_name(int result);

/* The host over POSIX files; static.  A file open for writing is locked
 * against other writers: another open for writing fails with OTHER. */
const struct addcow_host *addcow_posix_host(void);

/* Judges the first LEN bytes of a file: OK, NOT_ADDCOW or VERSION. */
int addcow_probe(const void *head, size_t len);

/* Reads and judges the header of NAME; opens none of the files that it names,
 * so that a caller may look at the names first.  ERROR may be null. */
int addcow_read_names(struct addcow_names *out, struct addcow_error *error,
                      const struct addcow_host *host, const char *name);

/* Opens the image whose add-cow file is NAME.  FLAGS: ADDCOW_OPEN_*.  HOST is
 * used until close.  ERROR may be null; it is filled on failure, and then
 * nothing is open. */
int addcow_open(struct addcow_image **out, struct addcow_error *error,
                const struct addcow_host *host, const char *name,
                uint32_t flags);

/* Flushes an image that was opened for writing and returns the failure of
 * that.  The image is gone whatever is returned.  Null is fine. */
int addcow_close(struct addcow_image *image);

/* What failed last on IMAGE; valid until the next call on it. */
const struct addcow_error *addcow_last_error(const struct addcow_image *image);

/* The virtual size S, the number N of clusters, the length L of the bitmap,
 * the length of the backing file (0 without one). */
uint64_t addcow_size(const struct addcow_image *image);
uint64_t addcow_clusters(const struct addcow_image *image);
uint64_t addcow_bitmap_len(const struct addcow_image *image);
uint64_t addcow_backing_len(const struct addcow_image *image);

/* The names as the header has them; valid until close. */
const struct addcow_names *addcow_names(const struct addcow_image *image);

/* Counts the allocated clusters, those with pending bits included.  Reads the
 * whole bitmap. */
int addcow_count_allocated(struct addcow_image *image, uint64_t *out);

/* All or nothing; RANGE if a byte lies beyond the virtual size.  On failure
 * the content of OUT is unspecified. */
int addcow_read(struct addcow_image *image, void *out, size_t len,
                uint64_t offset);

/* On failure each sector of the range holds its old or its new bytes and the
 * write may be tried again, unless a flush has failed: then every write,
 * discard, resize and flush fails, with the class of that, until close. */
int addcow_write(struct addcow_image *image, const void *data, size_t len,
                 uint64_t offset);

/* OK: all that was written survives a power cut.  Does nothing on an image
 * that was opened for reading only. */
int addcow_flush(struct addcow_image *image);

/* Keeps the content: a discard may, and nothing is given back. */
int addcow_discard(struct addcow_image *image, uint64_t len, uint64_t offset);

/* How many bytes from OFFSET on, 1 to LEN, share the state *OUT_STATE (0 or
 * ADDCOW_MAP_ALLOCATED).  Looks at one table of the bitmap: the run may go
 * on.  RANGE if LEN is 0 or the range passes the virtual size. */
int addcow_map(struct addcow_image *image, uint64_t *out_len,
               uint32_t *out_state, uint64_t len, uint64_t offset);

/* Sets the virtual size, a multiple of 512, else INVALID.  After a failure
 * addcow_size() tells which of the two sizes holds. */
int addcow_resize(struct addcow_image *image, uint64_t size);

/* Allocates every cluster, so that the image file alone is the disk, and
 * flushes.  After a failure the image is as good as before. */
int addcow_flatten(struct addcow_image *image);

/* Makes an add-cow file.  ERROR may be null. */
int addcow_create(struct addcow_error *error, const struct addcow_host *host,
                  const struct addcow_create_args *args);

/* Is told each finding of a check: an error (result CORRUPT) or a warning
 * (result OK).  FINDING is valid during the call. */
typedef void addcow_report(void *ctx, const struct addcow_error *finding);

/* Examines the image of NAME, writing nothing.  OK if it could be examined,
 * whatever was found; fills OUT but for its size.  REPORT and ERROR may be
 * null. */
int addcow_check(struct addcow_check_result *out, struct addcow_error *error,
                 const struct addcow_host *host, const char *name,
                 addcow_report *report, void *ctx);

#endif
