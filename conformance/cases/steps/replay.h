/* SPDX-License-Identifier: MIT
 *
 * replay.h - a file as the recording shows it: what is visible at a point of
 * the recording, and what is durable there.
 *
 * For files that fit into memory, on simulated storage, and for workloads in
 * which the calls follow each other.  Deliberately missing: what lies between
 * "nothing that was pending survived" and "all of it did", and flushes that
 * failed: what they covered counts as pending still.
 */
#ifndef ADDCOW_REPLAY_H
#define ADDCOW_REPLAY_H

#include "env/env.h"

#include <stdbool.h>

/* The content of a file.  DATA lives until the case ends. */
struct content {
    int exists;
    uint8_t *data;
    size_t len;  /* bytes of the file */
    size_t room; /* bytes that DATA has room for */
};

struct replay {
    struct env *env;
    const char *name; /* the last component of it */
    uint64_t inode;   /* of the file that has the name; 0: not opened yet */
    size_t next;      /* event to be applied next */
    struct content visible, durable;
};

/* NAME as it is now, which counts as durable; R stands at the event that
 * comes next. */
void replay_init(struct replay *r, struct env *env, const char *name);

/* Applies the events from where R stands up to END, which is not applied. */
void replay_until(struct replay *r, size_t end);

/* Nonzero if event I is about the file that R follows and may change what is
 * visible or durable of it.  R stands at I or has passed it just now. */
int replay_concerns(const struct replay *r, size_t i);

/* True if the two have the same bytes, or neither exists. */
bool content_equal(const struct content *a, const struct content *b);

/* Makes NAME the file that C is, or removes it. */
void content_put(struct env *env, const char *name, const struct content *c);

/* The content of NAME now. */
struct content content_get(struct env *env, const char *name);

/* The bit of CLUSTER in an add-cow file of this content; beyond it: 0. */
bool content_bit(const struct content *c, uint64_t cluster);

#endif
