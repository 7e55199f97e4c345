/* SPDX-License-Identifier: MIT
 *
 * media.h - extreme media: what storage may hold after a power cut if, file
 * by file, either nothing survived that had not been flushed, or all of it.
 *
 * Built in a directory beside the image, from the recording.  Deliberately
 * missing: every medium between the extremes.
 */
#ifndef ADDCOW_MEDIA_H
#define ADDCOW_MEDIA_H

#include "content.h"

#include <stdbool.h>

/* Where a medium is put, and the image on it. */
#define CUT_DIR "cut"
#define CUT_IMAGE CUT_DIR "/" ADDCOW_NAME

/* Of which files what was not flushed survived. */
enum {
    KEEP_NOTHING = 0,
    KEEP_IMAGE = 1,
    KEEP_ADDCOW = 2,
    KEEP_ALL = KEEP_IMAGE | KEEP_ADDCOW
};
#define N_KEEPS 4

/* "at a medium that holds ...", for the line of what is being done. */
const char *keep_words(unsigned keep);

/* Both files at a point of the recording. */
struct media {
    struct env *env;
    struct followed image, addcow;
};

/* The files as they are now, which counts as durable.  The backing file is
 * copied into CUT_DIR, if there is one. */
void media_init(struct media *m, struct env *env);

/* Goes on in the recording up to event END. */
void media_until(struct media *m, size_t end);

/* True if event I may change a medium. */
bool media_concerned(const struct media *m, size_t i);

/* True if this medium differs from each with a smaller KEEP. */
bool media_differ(const struct media *m, unsigned keep);

/* Makes the files of the medium in CUT_DIR. */
void media_put(struct media *m, unsigned keep);

/* What the medium holds of a file. */
const struct content *media_image(const struct media *m, unsigned keep);
const struct content *media_addcow(const struct media *m, unsigned keep);

#endif
