/* SPDX-License-Identifier: MIT
 *
 * requirements.h - which cases count in this version of the suite, and which
 * are cases no longer.
 *
 * Each edition has a list, cases/requirements-1.1.txt; once it is published it
 * stays as it is.  A case that was wrong is corrected under its id, or leaves
 * the list of the next edition for cases/withdrawn.tsv.
 */
#ifndef ADDCOW_REQUIREMENTS_H
#define ADDCOW_REQUIREMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* A line of withdrawn.tsv. */
struct withdrawn {
    char id[128];
    char version[16];   /* the first without it */
    char clause[16];    /* that decides against it, or that it was about */
    const char *reason; /* not owned */
};

/* True if the newest list that is not of a later version than the suite names
 * the case ID.  Without a list every case counts. */
bool requirements_name(const char *id);

/* The Nth case that was withdrawn; false past the end. */
bool withdrawn_nth(struct withdrawn *out, size_t n);

/* False if no case ID was withdrawn. */
bool withdrawn_find(struct withdrawn *out, const char *id);

#endif
