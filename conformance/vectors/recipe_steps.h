/* SPDX-License-Identifier: MIT
 *
 * recipe_steps.h - what each step of a recipe does, for recipe.c, which reads
 * the lines.
 */
#ifndef ADDCOW_RECIPE_STEPS_H
#define ADDCOW_RECIPE_STEPS_H

#include "vector.h"

#include <stdbool.h>
#include <stddef.h>

/* A recipe being read. */
struct recipe {
    struct vector *v;
    const char *path;
    unsigned line;
    bool undo;   /* leave the defect out */
    bool defect; /* its step has been read: no other may follow */
};

/* Does what the step WORDS[0] does with the words after it, ended by null;
 * they are N_WORDS with it.  False after complain(). */
bool step_run(struct recipe *r, char *const *words, size_t n_words);

/* Says what is wrong at the line under way; returns false. */
bool complain(const struct recipe *r, const char *what, const char *which);

#endif
