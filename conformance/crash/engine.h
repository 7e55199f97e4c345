/* SPDX-License-Identifier: MIT
 *
 * engine.h - what the parts of the engine share.
 */
#ifndef ADDCOW_CRASH_ENGINE_H
#define ADDCOW_CRASH_ENGINE_H

#include "allowed.h"
#include "crash.h"
#include "medium.h"
#include "pending.h"
#include "spans.h"
#include "trace.h"

#include <stdbool.h>

#define NO_SECTOR UINT64_MAX
#define NO_CALL SIZE_MAX

/* A choice that is not the durable one. */
struct pick {
    unsigned file;
    uint64_t sector;
    size_t choice;
};

/* One state at a point: the sizes, and where a sector is not durable. */
struct state {
    size_t size[N_WRITABLE];
    struct pick *picks;
    size_t n_picks;
    size_t room;
};

/* What an opening of the image showed. */
struct shown {
    int opened; /* the result of open, and then of the calls after it */
    uint64_t size;
    uint32_t *ids; /* of each guest sector that is looked at */
    size_t n;
    size_t room;
    unsigned written; /* files, as bits */
    bool bug;         /* a handle left open, or the host was misused */
};

/* What has been found out of something. */
enum trust { UNKNOWN, GOOD, BAD };

/* A state of everything but the content of image_file, which was tokens. */
struct seen {
    uint64_t key[2];
    struct seen *next;
    struct shown shown;
    enum trust twice; /* DUR-14 */
};

/* A request that was made again on such a state. */
struct redone {
    uint64_t key[2];
    struct redone *next;
    enum trust again; /* DUR-15 */
    bool cut_wrong;   /* when it is cut again */
};

#define N_BUCKETS 4096

struct known {
    struct seen *seen[N_BUCKETS];
    struct redone *redone[N_BUCKETS];
};

/* A guest call of the workload. */
struct call {
    struct crash_op op;
    const uint8_t *data; /* of a write */
    uint64_t began;
    uint64_t ended; /* UINT64_MAX: never */
    int result;
    bool declined;   /* the implementation need not do it, and did not */
    uint64_t size;   /* of the disk when it began */
    uint32_t number; /* of a write: what its data says */
};

/* ---- The parts of an engine ---- */

/* What all workloads start from and share, from crash_new() to crash_free().
 * A child has a copy: CONTENTS, KNOWN and BUFFER are its parent's. */
struct setup {
    struct crash_setup given;
    struct crash_limits limits;
    struct contents *contents;
    struct known *known; /* learnt of the implementation */
    struct medium base;  /* before any workload */
    struct spans spans;  /* of the guest that are looked at */
    uint32_t first_token;
    size_t n_tokens; /* sectors of image_file that have one */
    uint32_t *first; /* version 0 of each guest sector that is looked at */
    size_t n_first;
    uint32_t n_writes; /* ever: each has a content of its own */
    uint8_t *buffer;   /* BUFFER_LEN bytes for reads */
    bool is_child;     /* of a workload that is cut again */
};

/* What is done, from crash_begin() until the next workload begins. */
struct workload {
    uint32_t flags; /* of open, besides WRITE */
    struct trace trace;
    struct guest guest;
    struct medium now; /* visible while it runs */
    struct call *calls;
    size_t n_calls;
    size_t call_room;
    uint8_t **datas; /* owned */
    size_t n_datas;
    size_t data_room;
    uint64_t live_from;    /* clock: the image is there from then on */
    struct medium created; /* what the create left */
    bool has_created;
    bool has_written_backing;
    bool is_in_doubt; /* the host has failed: what was seen may be lost */
    bool has_lost;    /* the host: what was written, and no good flush since */
    bool is_unpromised; /* a handle ended so: DUR-22 */
};

/* Where the power is cut, from one step of the trace to the next, and what
 * the states of that point are tried with. */
struct point {
    size_t number;    /* from 1 */
    uint64_t at;      /* clock */
    size_t step;      /* of the trace, the last before the cut */
    size_t in_flight; /* call, or NO_CALL */
    struct pending pending;

    /* Overwritten by each function that tries a state. */
    struct medium work;    /* goes from state to state */
    struct medium scratch; /* made anew for each state */
    struct state state;
    struct shown answer;
    struct shown again; /* what a second opening shows */

    /* tokens.c: what is known of each sector of image_file. */
    uint8_t *raw; /* enum trust */
    size_t raw_room;
    size_t n_raw;
    uint64_t raw_epochs;
};

/* A failure and its medium, which is initialised when there is one. */
struct violation {
    struct crash_failure failure;
    struct medium medium;
};

/* What came of it: figures of all workloads, and what was found in the last
 * one.  A violation stays until the next. */
struct report {
    struct crash_report figures;
    uint64_t n_judged;      /* states of the add-cow file */
    struct violation last;  /* or the state that was asked for */
    struct violation again; /* something done again, beside LAST */
    bool has_failed;        /* in this workload */
    bool has_again;         /* AGAIN is of this workload */
    bool was_redone;        /* the failure was seen in something done again */
    bool is_timed;
    void (*doing)(void *arg, const char *text);
    void *doing_arg;
};

/* The one state that is asked for, from crash_only() on. */
struct only {
    char *choices; /* null: all states are looked at */
    char *again;   /* a state of the request made again on it, or null */
    size_t point;
    bool was_met;
};

struct crash {
    struct setup setup;
    struct workload workload;
    struct point point;
    struct report report;
    struct only only;
};

enum { BUFFER_LEN = 65536 };

/* What came of a point, or of a part of it. */
enum ruling {
    VIOLATED = -1, /* as crash_run() returns it */
    DECIDED,
    NOT_OPAQUE, /* the implementation looks into guest data */
    TOO_MANY    /* executions */
};

/* Makes TO, which may be all zeros, a copy of FROM. */
static inline void medium_keep(struct medium *to, const struct medium *from)
{
    if (!to->contents)
        medium_init(to, from->contents);
    medium_copy(to, from);
}

/* The sector of image_file that ID is the token of. */
static inline bool is_token(const struct setup *s, uint32_t id)
{
    return id >= s->first_token && id < s->first_token + s->n_tokens;
}
static inline uint64_t token_sector(const struct setup *s, uint32_t id)
{
    return spans_sector(&s->spans, id - s->first_token);
}

/* ID, or if it is a token what M has in its place. */
static inline uint32_t without_token(const struct setup *s,
                                     const struct medium *m, uint32_t id)
{
    return is_token(s, id) ? medium_id(m, F_IMAGE, token_sector(s, id)) : id;
}

/* Whether the disk may have SIZE bytes at this point; if so *EPOCHS says for
 * may_show() which sizes these are. */
static inline bool may_have_size(const struct crash *c, uint64_t *epochs,
                                 uint64_t size)
{
    return guest_size_allowed(&c->workload.guest, epochs, c->point.at, size);
}
/* Whether guest sector SECTOR may read as ID then. */
static inline bool may_show(const struct crash *c, uint64_t epochs,
                            uint64_t sector, uint32_t id)
{
    return guest_allowed(&c->workload.guest, c->point.at, epochs, sector, id);
}

/* ---- execute.c: the implementation on a medium */

/* Opens the image on M with FLAGS, shows all of it and closes it.  M is what
 * it left. */
void show(struct crash *c, struct shown *out, struct medium *m,
          uint32_t flags);
/* Does CALL on M as the guest would, flushes and closes.  Returns the first
 * result that is not OK. */
int do_again(struct crash *c, struct medium *m, const struct call *call);

/* ---- judge.c: one opening against what is allowed */

struct verdict_of {
    const char *clause; /* all that are broken, blanks between; null: none */
    const char *kind;   /* of what is wrong: see env/checks.h */
    char expected[256];
    char got[256];
    uint64_t sector; /* or NO_SECTOR */
};

/* Judges what a concrete medium M showed. */
void judge(struct crash *c, struct verdict_of *out, const struct shown *shown,
           const struct medium *m);
/* What the add-cow file of M is while it is being made. */
enum making { MAKING_LIVE, MAKING_NOTHING, MAKING_OLD, MAKING_TORN };
enum making making_of(const struct crash *c, const struct medium *m);
/* A cluster whose bit is durably 1 and may be 0 at this point, or
 * NO_SECTOR. */
uint64_t bit_lost(struct crash *c);
/* Says so of CLUSTER. */
void tell_lost(struct verdict_of *out, uint64_t cluster);
bool bit_at(const struct setup *s, const struct medium *m, uint64_t cluster);
/* Whether all bits of a disk of SIZE bytes, which has some, are 1. */
bool all_bits(const struct setup *s, const struct medium *m, uint64_t size);

/* ---- points.c: all points of the trace */

/* VIOLATED or DECIDED. */
enum ruling decide(struct crash *c);

/* ---- brute.c, tokens.c, lazy.c: one point */

/* VIOLATED or DECIDED. */
enum ruling brute_point(struct crash *c);
enum ruling lazy_point(struct crash *c);
/* Or NOT_OPAQUE, and then nothing is decided. */
enum ruling tokens_point(struct crash *c);

/* ---- state.c: single states, and all of them in turn */

void state_clear(struct state *s);
void state_pick(struct state *s, unsigned file, uint64_t sector,
                size_t choice);
void state_copy(struct state *to, const struct state *from);
/* Adds the newest of each sector of FILE, with the size that S has. */
void state_pick_newest(struct pending *p, struct state *s, unsigned file);
/* Makes S the state in which all survived. */
void state_newest(struct pending *p, struct state *s);
/* Whether S is possible: each choice is one, of a sector of its own. */
bool state_exists(struct pending *p, const struct state *s);
/* Makes M the medium of S. */
void state_make(struct pending *p, struct medium *m, const struct state *s);
/* Makes S concrete, shows and judges it.  True if something is wrong. */
bool state_wrong(struct crash *c, struct verdict_of *out,
                 const struct state *s);
/* Puts a token into each sector of M's image_file that is looked at. */
void put_tokens(const struct setup *s, struct medium *m);
/* What M is known by: its add-cow file and its sizes. */
void key_of(uint64_t key[2], const struct medium *m);
/* The number of states by the closed form: of FILE alone, or of both. */
struct crash_count count_of(struct pending *p, unsigned file);
struct crash_count count_all(struct pending *p);

/* A sector with more than one choice. */
struct dim {
    unsigned file;
    uint64_t sector;
    uint32_t *ids;
    size_t n;
    size_t now;
};
/* The states with these sizes. */
struct dims {
    size_t size[N_WRITABLE];
    struct dim *all;
    size_t n;
    size_t room;
};
/* Adds the sectors of FILE. */
void dims_add(struct pending *p, struct dims *d, unsigned file);
/* The state that D is at now. */
void dims_state(struct state *out, const struct dims *d);
void dims_clear(struct dims *d);

/* ---- redo.c: DUR-14 and DUR-15.  VIOLATED only when it was confirmed */

/* On tokens: M is the medium of S with tokens, and shows what SEEN says. */
enum ruling redo_state(struct crash *c, struct seen *seen,
                       const struct medium *m, const struct state *s);
/* On the medium of S. */
enum ruling redo_concrete(struct crash *c, const struct state *s);
/* On the medium of S, in the one state that WITNESS names of the request that
 * is made again on it. */
enum ruling redo_one(struct crash *c, const struct state *s,
                     const char *witness);

/* ---- witness.c: a violation */

/* Whether S is wrong, in the sense of ARG. */
typedef bool state_test(struct crash *c, const struct state *s,
                        const void *arg);
/* Takes from S, which is wrong, what it is wrong without. */
void state_shrink(struct crash *c, struct state *s, state_test *is_wrong,
                  const void *arg);
/* S is wrong: shrinks it and fills the failure, unless there is one.  Returns
 * VIOLATED. */
enum ruling convict(struct crash *c, const struct state *s);
/* As convict(), for what V says; S is not shrunk. */
enum ruling convict_as(struct crash *c, const struct state *s,
                       const struct verdict_of *v);
/* Fills the failure with what V says of S, and keeps the medium of S. */
void record_state(struct crash *c, const struct state *s,
                  const struct verdict_of *v);

/* ---- witness_text.c */

/* S at POINT as a string; of no length if it does not fit. */
void witness_put(char *out, size_t size, size_t point, const struct state *s);
/* CHOICES of a witness; -1: TEXT is not of that form. */
int witness_parse(struct state *s, const char *text);
/* How many picks from number I on are of one version of sectors in a row. */
size_t picks_in_a_row(const struct state *s, size_t i);

#endif
