/* SPDX-License-Identifier: MIT
 *
 * recorded.h - operations on the storage of the case, and not on that of the
 * engine of power cuts: with faults, say.  What was done is then handed to
 * power_run_record().
 */
#ifndef ADDCOW_RECORDED_H
#define ADDCOW_RECORDED_H

#include "power.h"

#define RECORDED_MAX 64

struct recorded {
    struct env *env;
    uint32_t flags;  /* of open, besides WRITE */
    struct img *img; /* null: closed */
    struct crash_call calls[RECORDED_MAX];
    size_t n;
    /* Room for the data of each call, used again and again. */
    uint8_t *rooms[RECORDED_MAX];
    size_t room_lens[RECORDED_MAX];
};

/* Begins with the files of S on storage that is new (new_storage()); the image
 * is not open.  R is zeros at first. */
void recorded_begin(struct recorded *r, struct env *env,
                    const struct scenario *s);

/* Opens the image.  Returns the result. */
int recorded_open(struct recorded *r);

/* Does OP, the image being open unless it is to be made; data is new each
 * time.  Returns the result.  The image is closed after CREATE, REOPEN and
 * CLOSE; KILL forgets it and opens it anew.  At most RECORDED_MAX operations
 * from recorded_begin() on. */
int recorded_do(struct recorded *r, const struct crash_op *op);

/* The rest is not recorded.  Closes the image, and those that KILL forgot. */
void recorded_end(struct recorded *r);

#endif
