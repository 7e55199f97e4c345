/* SPDX-License-Identifier: MIT
 *
 * recipe.h - from the text of a recipe to a vector.
 *
 * corpus/README.md describes the language.
 */
#ifndef ADDCOW_RECIPE_H
#define ADDCOW_RECIPE_H

#include "vector.h"

#include <stdbool.h>

/* Builds in OUT, to be finished by the caller in any case, what the recipe at
 * PATH says; its file name less ".recipe" is the id.  With UNDO the step that
 * is the defect is left out.  False, after one line on standard error that
 * names file and line, if the recipe is malformed or cannot be read. */
bool recipe_build(struct vector *out, const char *path, bool undo);

#endif
