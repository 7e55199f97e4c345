/* SPDX-License-Identifier: MIT
 *
 * manifest.h - MANIFEST.tsv and SHA256SUMS, made from vectors.
 */
#ifndef ADDCOW_MANIFEST_H
#define ADDCOW_MANIFEST_H

#include "vector.h"

#include <stdbool.h>

/* What a look at a manifest came to. */
enum manifest_state {
    MANIFEST_RIGHT,
    MANIFEST_WRONG,    /* well formed, but not what the recipes make */
    MANIFEST_MALFORMED /* or not to be read */
};

/* Appends the line of columns' names.  False if memory is out. */
bool manifest_head(struct bytes *out);

/* Appends the line of V.  False if memory is out. */
bool manifest_add(struct bytes *out, const struct vector *v);

/* Appends a line for each file of V, in the order of their names, as
 * sha256sum prints it.  False if memory is out. */
bool sums_add(struct bytes *out, const struct vector *v);

/* Compares the manifest at PATH with the text WANTED; one line on standard
 * error, with PATH and the number of the line, says what is not right. */
enum manifest_state manifest_compare(const char *path,
                                     const struct bytes *wanted);

#endif
