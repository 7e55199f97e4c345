/* SPDX-License-Identifier: MIT
 *
 * collection.h - all vectors of a corpus, each built twice: as it is and
 * with its defect undone; and the proof that each is what it claims.
 */
#ifndef ADDCOW_COLLECTION_H
#define ADDCOW_COLLECTION_H

#include "vector.h"

#include <stdbool.h>
#include <stddef.h>

#define COLLECTION_MAX 512u
#define PATH_LEN 2048u

struct pair {
    struct vector built;
    struct vector undone; /* equal to BUILT if there is no defect */
};

/* Sorted by id, in the order of bytes. */
struct collection {
    struct pair *pairs;
    size_t n_pairs;
};

/* Builds what DIR/recipes holds.  False, after one line on standard error,
 * if a recipe is malformed or nothing can be read.  OUT is to be finished in
 * any case. */
bool collection_load(struct collection *out, const char *dir);

void collection_finish(struct collection *all);

/* False, after one line on standard error that names the recipe under DIR,
 * unless P is what its recipe claims: the undone image is accepted by the
 * model and reads as the recipe says; the built one too, or it is refused
 * with the first class of the recipe; and the two differ in the bytes of one
 * defect and nowhere else. */
bool pair_prove(struct pair *p, const char *dir);

#endif
