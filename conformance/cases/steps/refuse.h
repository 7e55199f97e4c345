/* SPDX-License-Identifier: MIT
 *
 * refuse.h - what every refusal to open has in common: a good image to spoil,
 * the class, and that nothing has happened.
 *
 * Deliberately missing: refusals of other operations; their chapters compare
 * what matters there.
 */
#ifndef ADDCOW_REFUSE_H
#define ADDCOW_REFUSE_H

#include "env/env.h"

/* ADDCOW_NAME with nothing wrong: three clusters over as many, of which the
 * middle one is allocated. */
#define GOOD_SIZE (3 * CLUSTER)
extern const uint64_t only_the_middle[];
void good_image(struct env *env);

/* A header that names two files, over the one of ADDCOW_NAME. */
void put_names(struct env *env, const char *image_name,
               const char *backing_name);

/* Classes that several chapters allow, each list ended by 0. */
extern const int not_found[];
extern const int corrupt[];
extern const int same_file[];     /* two of the three names lead to it */
extern const int special_file[];  /* a directory, FIFO or character device */
extern const int reserved_name[]; /* for a protocol */

/* RESULT is a refusal with one of CLASSES, at most five and ended by 0. */
void expect_class(struct env *env, const char *clause, int result,
                  const int *classes);

/* Opening NAME is refused with one of CLASSES, at most five and ended by 0,
 * for reading only and, where the shim can write, for writing; no file has
 * changed, come or gone. */
void refuse_open(struct env *env, const char *clause, const char *name,
                 const int *classes);

/* As refuse_open(), where only the backing file is at fault: an implementation
 * that opens it at first use (IMPL-1) may let the image open.  Then reading
 * the sector at OFFSET, which is unallocated, is refused with one of CLASSES.
 */
void refuse_backing(struct env *env, const char *clause, const char *name,
                    uint64_t offset, const int *classes);

/* No file has changed since BEFORE but that the add-cow file NAME, which had
 * LEN bytes and is closed, may have been padded with zeros to the end of a
 * sector: opening for writing may do so (BMP-10, BMP-11).  Cuts them off. */
void expect_padding_alone(struct env *env, const char *clause,
                          struct snapshot *before, const char *name,
                          uint64_t len);

/* The number of files that were opened at event FIRST or later and are still
 * open: from the recording, so on simulated storage only. */
size_t files_left_open(struct env *env, size_t first);

#endif
