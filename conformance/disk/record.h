/* SPDX-License-Identifier: MIT
 *
 * record.h - what the simulated storage was asked to do, in order.
 *
 * One event is one call of the host, or a mark that says what the guest did.
 * A clock ticks at each begin and each end, so that calls which overlap can
 * be told from calls in turn: A came before B if A.ended < B.began.  From a
 * clone of the storage as it was before the first event, and the events, each
 * visible state can be built again; with the results of the flushes, each
 * durable one.
 */
#ifndef ADDCOW_RECORD_H
#define ADDCOW_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum event_kind {
    EV_ANY, /* in selections only */
    EV_OPEN,
    EV_CLOSE,
    EV_IDENTIFY,
    EV_GET_SIZE,
    EV_SET_SIZE,
    EV_READ,
    EV_WRITE,
    EV_FLUSH,
    EV_REMOVE,
    EV_GUEST /* a call of the shim: its begin, its end, its result */
};

struct event {
    enum event_kind kind;
    int result;        /* meaningful once ended is not 0 */
    uint64_t began;    /* clock, from 1 */
    uint64_t ended;    /* clock; 0: has not returned yet */
    uint64_t inode;    /* of the file; 0: no file (refused open, guest) */
    unsigned handle;   /* number of the handle, from 1; 0: none */
    unsigned thread;   /* 0: the case's; other callers are numbered from 1 */
    uint32_t flags;    /* of open */
    size_t len;        /* of read and write, bytes */
    uint64_t offset;   /* the same */
    uint64_t size;     /* of set_size: asked for; of get_size: answered */
    uint64_t old_size; /* of the file when the call began */
    uint8_t *data;     /* of write: LEN bytes, owned by the record */
    size_t n_applied;  /* of write: bytes that became visible */
    int dropped;       /* of a failed flush: pending data went from view */
    bool is_refused;   /* for no fault of the caller's: a fault was armed, or
                          the space was at its end */
    char *text;        /* of open and remove: the name; of guest: the call in
                          words; owned by the record */
};

struct record;

struct record *record_new(void);
void record_free(struct record *r);

/* From now on, and for good, nothing is recorded: what is said of an event
 * goes to the last one, which says so. */
void record_pause(struct record *r);
int record_is_paused(const struct record *r);

size_t record_len(const struct record *r);
const struct event *record_at(const struct record *r, size_t i);

/* The clock: ticks so far. */
uint64_t record_clock(const struct record *r);

/* Begins an event; the other members are copied from E, with its data and
 * text.  Returns its index. */
size_t record_begin(struct record *r, const struct event *e);

/* The event to fill in further; valid until the next record_begin(). */
struct event *record_edit(struct record *r, size_t i);

/* Ends event I with RESULT. */
void record_end(struct record *r, size_t i, int result);

struct moment {
    size_t event;
    bool is_end;
};

/* The begins and ends of the events from FIRST on, by the clock; *N of them,
 * for mem_free(). */
struct moment *record_moments(const struct record *r, size_t *n, size_t first);

/* Whether other calls began or ended while E was under way, or it still is. */
bool event_was_held(const struct event *e);

/* Whether E, a write, may have changed the storage: not if it was refused for
 * its range or its handle. */
bool event_may_act(const struct event *e);

/* The name of a kind: "write". */
const char *event_kind_name(enum event_kind kind);

/* A line of text without newline, at most SIZE bytes with its NUL. */
void event_text(char *out, size_t size, const struct event *e);

/* The record, a line an event, guest calls flush left. */
void record_print(const struct record *r, FILE *out);

#endif
