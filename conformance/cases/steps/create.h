/* SPDX-License-Identifier: MIT
 *
 * create.h - what the cases of creation share: the inputs, the arguments, and
 * what the new file must be.
 */
#ifndef ADDCOW_CREATE_H
#define ADDCOW_CREATE_H

#include "env/env.h"

#include <stdbool.h>

/* Arguments for ADDCOW_NAME over IMAGE_NAME and BACKING_NAME. */
struct addcow_create_args create_args(uint32_t flags);

/* Makes the image file and the backing file, full of their patterns. */
void put_inputs(struct env *env, uint64_t image_size, uint64_t backing_size);

/* Makes ADDCOW_NAME a file of LEN bytes, none of them zero, that begins as an
 * image over other files does if LEN has room for it. */
void put_old_target(struct env *env, uint64_t len);

/* Creates with ARGS; a refusal is charged to CLAUSE. */
void must_create(struct env *env, const char *clause,
                 const struct addcow_create_args *args);

/* NAME is, byte for byte, a new add-cow file with these names over an image
 * file of IMAGE_SIZE bytes. */
void expect_new_image(struct env *env, const char *clause, const char *name,
                      const char *image_name, const char *backing_name,
                      uint64_t image_size);

/* No file of the target's name has the magic, and the inputs are as they were
 * at S: a refused create may leave a file without the magic (CRT-13). */
void expect_no_image(struct env *env, const char *clause, struct snapshot *s);

/* Whether the host failed to close NAME, a new file, after its last flush:
 * then it may be there, whole, though the create failed (CRT-13). */
bool closed_in_vain(struct env *env, const char *name);

/* True if NAME exists and begins with the magic. */
bool has_magic(struct env *env, const char *name);

#endif
