/* SPDX-License-Identifier: MIT
 *
 * resize.h - what the cases of resizing share.  Any resize may be refused
 * (RSZ-1): the case is then NA, once it was seen that nothing changed.
 */
#ifndef ADDCOW_RESIZE_H
#define ADDCOW_RESIZE_H

#include "env/env.h"

#define RESIZER (ADDCOW_CAP_WRITE | ADDCOW_CAP_RESIZE)

/* Resizes IMG.  One that is refused must have left the virtual size and,
 * where it was refused by policy, the lengths of the files as they were; that
 * is charged to the first clause of the case.  Then the case ends as NA. */
void resize_or_na(struct env *env, struct img *img, uint64_t size);

/* RESULT is a refusal of class WANT.  A refusal by policy ends the case as NA
 * where the shim does not say that it offers growth (GROWS) or shrinking;
 * only a wrong argument (WANT is INVALID) comes before that (ERR-3). */
void expect_resize_refused(struct env *env, const char *clause, int result,
                           int want, int grows);

/* The length that image and add-cow file must have at a virtual size of SIZE
 * bytes. */
void expect_lengths(struct env *env, const char *clause, uint64_t size);

/* What is read at FROM and beyond is zeros: all of it up to 4 MiB, of more
 * its beginning, its end, and the clusters about every power of two. */
void expect_zeros_from(struct img *img, const char *clause, uint64_t from);

#endif
