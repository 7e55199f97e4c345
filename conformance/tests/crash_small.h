/* SPDX-License-Identifier: MIT
 *
 * crash_small.h - a small world for the crash engine: an image of a few
 * clusters of four sectors, so that every state of it can be tried.
 *
 * Old bytes, backing bytes and written bytes differ in every sector.
 * Deliberately missing: implementations; these are toys.h.
 */
#ifndef ADDCOW_CRASH_SMALL_H
#define ADDCOW_CRASH_SMALL_H

#include "crash/crash.h"
#include "fakes/toys/toys.h"

#include <stdbool.h>

#define SMALL_CLUSTER 2048u /* bytes: four sectors */
#define SMALL_MAX_LEN 65536u

/* Operations, in lists of them. */
#define FLUSH             \
    {                     \
        CRASH_FLUSH, 0, 0 \
    }
#define WRITE(len, offset)           \
    {                                \
        CRASH_WRITE, (len), (offset) \
    }
#define RESIZE(len)            \
    {                          \
        CRASH_RESIZE, (len), 0 \
    }

/* What a world starts from. */
struct small_shape {
    uint64_t image_len; /* bytes */
    uint64_t backing_len;
    unsigned char bits[2]; /* of the first clusters */
    bool no_addcow;        /* there is none yet */
    bool old_addcow;       /* there is one of another image, longer */
    bool long_names;       /* that reach into the second header sector */
};

struct small {
    unsigned char addcow[4096];
    unsigned char image[SMALL_MAX_LEN];
    unsigned char backing[SMALL_MAX_LEN];
    char image_name[1024];
    char backing_name[1024];
    struct crash_setup setup;
};

/* Fills S, to be used with PROGRAM. */
void small_init(struct small *s, const struct small_shape *shape,
                const struct toy_program *program);

/* A workload on a shape. */
struct small_work {
    const char *name;
    struct small_shape shape;
    uint32_t flags; /* of open, besides WRITE */
    struct crash_op ops[10];
};

/* A workload in which most of what a toy does wrong shows. */
extern const struct small_work small_broken;

/* By brute force, however many states there are; nothing is done again. */
extern const struct crash_limits small_brute;

/* Decides all states of W under PROGRAM.  Returns 0, or -1 and fills
 * *FAILURE, which may be null; adds to *SUM, which may be null. */
int small_run(struct crash_failure *failure, struct crash_report *sum,
              const struct small_work *w, const struct toy_program *program,
              const struct crash_limits *limits);

#endif
