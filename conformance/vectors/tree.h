/* SPDX-License-Identifier: MIT
 *
 * tree.h - the files of a corpus on the host.
 *
 * Every function prints one line on standard error, with the path, before it
 * returns false.
 */
#ifndef ADDCOW_TREE_H
#define ADDCOW_TREE_H

#include "collection.h"
#include "vector.h"

#include <stdbool.h>

/* Reads the whole file at PATH, up to VECTOR_MAX_LEN bytes, into OUT, which
 * is empty and whose data the caller frees in any case. */
bool tree_read(struct bytes *out, const char *path);

/* Writes the file at PATH anew, and makes the directories on the way to it. */
bool tree_write(const char *path, const struct bytes *content);

/* Writes the files of V below DIR/v/ID.  Links are left out. */
bool tree_write_vector(const char *dir, const struct vector *v);

/* True if the files below DIR/v/ID are those of V, bit for bit. */
bool tree_check_vector(const char *dir, const struct vector *v);

/* True if each file below DIR/v belongs to a vector. */
bool tree_check_strangers(const char *dir, const struct collection *all);

#endif
