/* SPDX-License-Identifier: MIT
 *
 * recipe_steps.h - what recipe.c (lines) and recipe_steps.c (what each step
 * does) share.
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

/* A kind of step: its first word, how many words may follow, what it does.
 * RUN returns false after complain(). */
struct step {
    const char *word;
    size_t min;
    size_t max;
    bool (*run)(struct recipe *r, char *const *args, size_t n_args);
};

/* The step that WORD begins, or null. */
const struct step *step_find(const char *word);

/* Says what is wrong at the line under way; returns false. */
bool complain(const struct recipe *r, const char *what, const char *which);

#endif
