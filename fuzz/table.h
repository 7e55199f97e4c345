/* SPDX-License-Identifier: MIT
 *
 * table.h - what a probe and an open must answer: a decision table over the
 * bytes of an add-cow file and the files that exist.
 *
 * Written from the specification alone, chapters 3 to 6 and 15, and from
 * nothing that the suite or the reference has; points that it leaves to the
 * implementation are taken as declared, and undeclared in every way.
 *
 * Deliberately missing: writing, and hosts that fail.
 */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H

#include "addcow_shim.h"

#include <stdbool.h>

enum place_kind { PLACE_NOTHING, PLACE_FILE, PLACE_NO_FILE };

/* What a path leads to: nothing, a file, or something that is none, such as
 * a directory. */
struct place {
    enum place_kind kind;
    struct addcow_identity identity;
    uint64_t len; /* bytes, of a file */
};

/* Says what PATH leads to. */
typedef void look_function(struct place *out, void *ctx, const char *path);

struct world {
    look_function *look;
    void *ctx;
    const char *entry;                   /* path of the add-cow file */
    const struct addcow_choice *choices; /* declared, or null */
};

/* A set of results: bit 0 is success, the others the classes of chapter 15,
 * bit CLASS - ADDCOW_INVALID + 1 counted downwards. */
typedef uint32_t outcomes;

struct verdict {
    outcomes allowed;
    const char *clause; /* of the first defect; null if there is none */
    bool accepted;      /* the header is: named files may be opened */
    bool has_backing;
    struct place image; /* these two if the header is accepted */
    struct place backing;
    uint64_t size;       /* virtual size, if it may open */
    uint64_t n_clusters; /* N */
};

/* Judges opening for reading the add-cow file of LEN bytes DATA. */
void table_open(struct verdict *out, const struct world *world,
                const uint8_t *data, size_t len);

/* What a probe of LEN bytes must answer. */
int table_probe(const uint8_t *data, size_t len);

bool table_allows(outcomes allowed, int result);

/* "CORRUPT or INVALID": at most ROOM bytes with the NUL. */
void table_words(char *out, size_t room, outcomes allowed);

/* "CORRUPT"; "no result at all" for what addcow_shim.h does not know. */
const char *table_name(int result);

#endif
