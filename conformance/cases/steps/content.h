/* SPDX-License-Identifier: MIT
 *
 * content.h - the content of a file in one piece: as it is now, or as the
 * recording shows it at some event, visible and durable.
 *
 * For files that fit into memory, on simulated storage, and for workloads in
 * which the calls follow each other; disk/replay.h has the rules.
 * Deliberately missing: what lies between "nothing that was pending survived"
 * and "all of it did".
 */
#ifndef ADDCOW_CONTENT_H
#define ADDCOW_CONTENT_H

#include "env/env.h"

#include <stdbool.h>

struct replay;

/* The content of a file.  DATA lives until the case ends. */
struct content {
    int exists;
    uint8_t *data;
    size_t len;  /* bytes of the file */
    size_t room; /* bytes that DATA has room for */
};

/* A file, by its name, at an event of the recording. */
struct followed {
    struct env *env;
    const char *name; /* the last component of it */
    uint64_t inode;   /* of the file that has the name; 0: not opened yet */
    size_t next;      /* event to be applied next */
    struct replay *replay;
    struct content visible, durable;
};

/* NAME as it is now, which counts as durable; F is at the event that comes
 * next. */
void follow_init(struct followed *f, struct env *env, const char *name);

/* Applies the events from where F is up to END, which is not applied. */
void follow_until(struct followed *f, size_t end);

/* Nonzero if event I is about the file that F follows and may change what is
 * visible or durable of it.  F is at I or has passed it just now. */
int follow_concerns(const struct followed *f, size_t i);

/* True if the two have the same bytes, or neither exists. */
bool content_equal(const struct content *a, const struct content *b);

/* Makes NAME the file that C is, or removes it. */
void content_put(struct env *env, const char *name, const struct content *c);

/* The content of NAME now. */
struct content content_get(struct env *env, const char *name);

/* The bit of CLUSTER in an add-cow file of this content; beyond it: 0. */
bool content_bit(const struct content *c, uint64_t cluster);

#endif
