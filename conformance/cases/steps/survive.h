/* SPDX-License-Identifier: MIT
 *
 * survive.h - what must be found if the power went at this moment, on a host
 * that fails now and then: the worst of the durable, judged by the
 * specification's own reading of the two files, without the implementation.
 *
 * A host write that failed left each sector old or new: it is taken for new
 * in what is visible and for old in what is durable.  What a flush that
 * failed should have covered is taken for lost until it is written again.
 *
 * Deliberately missing: media between the extremes, resizes, and calls of
 * the host that overlap.
 */
#ifndef ADDCOW_SURVIVE_H
#define ADDCOW_SURVIVE_H

#include "env/env.h"

struct replay;
struct store;

/* One file at a moment of the recording. */
struct tracked {
    const char *name;
    size_t next; /* event that it does not know yet */
    struct replay *replay;
};

/* The two files under watch.  Lives as long as the case, or its world. */
struct watch {
    struct env *env;
    const struct oracle *oracle;
    const uint64_t *clusters; /* that are judged, ended by END_OF_LIST */
    const struct store *first_addcow, *backing; /* as they were at first */
    struct tracked addcow, image;
};

/* Begins; the files are durable as they are.  CLUSTERS and O are kept. */
void watch_begin(struct watch *w, struct env *env, const struct oracle *o,
                 const uint64_t *clusters);

/* On each of the four media - each file with all that is visible, or with
 * nothing but what is surely durable - every sector of the clusters is its
 * newest durable version or one submitted since.  One that is older is
 * charged to OLDER, one that is no version at all to NONE. */
void expect_survival(struct watch *w, const char *older, const char *none);

#endif
