/* SPDX-License-Identifier: MIT
 *
 * guest.h - requests of the guest and what the files and the recording say
 * of them: what the chapters on reading, writing and flushing share.
 *
 * A request that is no multiple of 512 may be refused with INVALID where
 * IMPL-2 is declared (b) or not at all; the functions here know that.
 *
 * Deliberately missing: order.  That is flushes.h.
 */
#ifndef ADDCOW_GUEST_H
#define ADDCOW_GUEST_H

#include "env/env.h"

#include <stdbool.h>

/* The first clause that the case names: where one function serves the cases
 * of several. */
const char *main_clause(struct env *env);

/* The flags with which a case of writing opens: writethrough if it needs it.
 */
#define BOTH_FLAGS (ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH)
uint32_t write_flags(const struct conf_case *self);

/* True if the implementation must serve the range, be it no multiple of
 * 512. */
bool must_serve(struct env *env, uint64_t len, uint64_t offset);

/* The virtual size of what small_image() of a chapter makes: ten clusters,
 * the last clipped. */
#define SMALL_SIZE (9 * CLUSTER + SECTOR)

/* An image of 21 clusters, the last of three sectors.  The backing file ends
 * inside a sector of cluster 18.  Clusters 1, 2, 10 and 13 are allocated, or
 * those of SET. */
#define MIXED_SIZE (20 * CLUSTER + 3 * SECTOR)
struct oracle *mixed_image(struct env *env);
struct oracle *mixed_image_of(struct env *env, const uint64_t *set);

/* The whole disk reads as the oracle allows, and once more through a handle
 * for reading only that is opened in the place of IMG, and closed. */
void expect_guest_twice(struct env *env, const char *clause, struct img *img);

/* One request for LEN bytes, which must be those that the oracle allows.
 * Returns false if it was refused, as IMPL-2 allows. */
bool expect_read(struct env *env, const char *clause, struct img *img,
                 size_t len, uint64_t offset);

/* One request that writes new content and must succeed.  Returns false if it
 * was refused, as IMPL-2 allows. */
bool expect_write(struct env *env, const char *clause, struct img *img,
                  size_t len, uint64_t offset);

/* One request that is refused with one of the two classes, 0 for none, or
 * gives the right bytes. */
void expect_read_or_refusal(struct env *env, const char *clause,
                            struct img *img, size_t len, uint64_t offset,
                            int class1, int class2);

/* A read of one sector at OFFSET is refused with RANGE. */
void expect_no_sector(struct env *env, const char *clause, struct img *img,
                      uint64_t offset);

/* Opens ADDCOW_NAME, which CLAUSE demands. */
struct img *expect_open(struct env *env, const char *clause, uint32_t flags);

/* Opens ADDCOW_NAME.  CLAUSE has others refused, but not this image: a refusal
 * breaks ERR-7. */
struct img *expect_accepted(struct env *env, const char *clause,
                            uint32_t flags);

/* Opens ADDCOW_NAME, whose disk is larger than all must support (LIM-1): a
 * refusal for its size ends the case as NA. */
struct img *open_huge(struct env *env, uint32_t flags);

/* The file IMAGE_NAME holds at OFFSET the LEN bytes that the guest must
 * read there. */
void expect_image_file(struct env *env, const char *clause, struct img *img,
                       size_t len, uint64_t offset);

/* As expect_image_file(), for the whole of CLUSTER below the virtual size. */
void expect_complete(struct env *env, const char *clause, struct img *img,
                     uint64_t cluster);

/* The L bytes of the bitmap in ADDCOW_NAME for a disk of SIZE bytes.  They
 * live until the case ends. */
uint8_t *get_bitmap(struct env *env, uint64_t size);

/* Opens ADDCOW_NAME again, IMG being closed, and lets its oracle judge. */
struct img *open_again(struct env *env, struct img *img, uint32_t flags);

/* As open_again(), with IMG open: closes it, whatever that returns. */
struct img *reopen(struct env *env, struct img *img, uint32_t flags);

#endif
