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
    int bug;          /* a handle left open, or the host was misused */
};

/* A state of everything but the content of image_file, which was tokens. */
struct seen {
    uint64_t key[2];
    struct seen *next;
    struct shown shown;
    int judged_again; /* invariant 6 was looked at */
    int same_again;   /* and holds */
};

/* A request that was made again on such a state. */
struct redone {
    uint64_t key[2];
    struct redone *next;
    int ok;
    int cut_wrong; /* cut again, that is */
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
    int declined;
    uint64_t size;   /* of the disk when it began */
    uint32_t number; /* of a write: what its data says */
};

enum { FIRST_WRITE_TAG = 1 };

struct crash {
    struct crash_setup setup;
    struct crash_limits limits;
    struct contents *contents;
    struct medium base; /* before any workload */
    struct spans spans; /* of the guest that are looked at */
    uint32_t first_token;
    size_t n_tokens; /* sectors of image_file that have one */
    uint32_t *first; /* version 0 of each guest sector that is looked at */
    size_t n_first;
    struct known *known;

    /* The workload. */
    const struct crash_op *ops;
    uint32_t flags;
    struct trace trace;
    struct guest guest;
    struct medium now; /* visible while it runs */
    struct call *calls;
    size_t n_calls;
    size_t call_room;
    uint8_t **datas; /* owned */
    size_t n_datas;
    size_t data_room;
    uint32_t n_writes;     /* ever: their content is their own */
    uint64_t live_from;    /* clock: the image is there from then on */
    struct medium created; /* what the create left */
    bool has_created;

    /* The point. */
    struct pending pending;
    size_t point;     /* number, from 1 */
    uint64_t at;      /* clock */
    size_t in_flight; /* call, or NO_CALL */
    size_t last_step;
    int not_opaque;  /* in this workload */
    uint8_t *raw_ok; /* what is known of each sector of image_file */
    size_t raw_room;
    size_t raw_n;
    uint64_t raw_epochs;
    struct medium work;
    struct medium scratch;
    struct state state;
    struct shown answer;
    struct shown again;
    uint8_t *buffer;

    struct crash_report report;
    struct crash_failure failure;
    bool has_failed;  /* in this workload */
    bool is_in_doubt; /* the host has failed: what is seen need not be there */
    bool was_redone;  /* then: when something was done again */
    struct crash_failure
        again_failure; /* that one, if there is another, too */
    struct medium kept_again;
    bool has_again;
    uint64_t n_judged; /* states of the add-cow file */
    int timed;
    int wrote_backing;  /* the workload did */
    bool is_child;      /* of a workload that is cut again */
    char *only_choices; /* a single state is asked for */
    char *only_again;   /* and one of the request made again on it, or null */
    size_t only_point;
    int only_met;       /* and is there */
    struct medium kept; /* of the last violation */
    bool has_kept;
    void (*doing)(void *arg, const char *text);
    void *doing_arg;
};

enum { BUFFER_LEN = 65536 };

/* The sector of image_file that ID is the token of. */
static inline bool is_token(const struct crash *c, uint32_t id)
{
    return id >= c->first_token && id < c->first_token + c->n_tokens;
}
static inline uint64_t token_sector(const struct crash *c, uint32_t id)
{
    return spans_sector(&c->spans, id - c->first_token);
}

/* ---- execute.c: the implementation on a medium */

/* Opens the image on M with FLAGS, shows all of it and closes it.  M is what
 * it left behind. */
void show(struct crash *c, struct shown *out, struct medium *m,
          uint32_t flags);
/* Does OP on M as the guest would, flushes and closes.  Returns the first
 * result that is not OK. */
int do_again(struct crash *c, struct medium *m, const struct call *call);
void tell(struct crash *c, const char *what);
uint64_t busy_begin(const struct crash *c);
void busy_end(struct crash *c, uint64_t since);

/* ---- judge.c: one opening against what is allowed */

struct verdict_of {
    const char *clause; /* all that are broken, blanks between; null: none */
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
/* Bits that are durably 1 and may be 0 at this point: a cluster, or
 * NO_SECTOR. */
uint64_t bit_lost(struct crash *c);
/* The bit of CLUSTER may be: in words. */
void tell_lost(struct verdict_of *out, uint64_t cluster);
bool bit_at(const struct crash *c, const struct medium *m, uint64_t cluster);
void describe_content(const struct crash *c, char *out, size_t size,
                      uint32_t id, uint64_t sector);

/* ---- points.c */

/* Decides all points of the trace.  -1 after a violation. */
int decide(struct crash *c);

/* ---- brute.c, tokens.c, lazy.c: one point.  -1 after a violation; tokens: 1
 * if the implementation looks into guest data. */
int brute_point(struct crash *c);
int tokens_point(struct crash *c);
int lazy_point(struct crash *c);

/* ---- state.c */

void state_clear(struct state *s);
void state_pick(struct state *s, unsigned file, uint64_t sector,
                size_t choice);
void state_copy(struct state *to, const struct state *from);
/* Makes M the medium of S. */
void state_make(struct crash *c, struct medium *m, const struct state *s);
/* Makes S concrete, shows and judges it.  Nonzero if something is wrong. */
bool state_wrong(struct crash *c, struct verdict_of *out,
                 const struct state *s);
/* Whether S is a state of this point: each choice is one, of its own. */
bool state_exists(struct crash *c, const struct state *s);
/* Puts a token into each sector of M's image_file that is looked at. */
void put_tokens(struct crash *c, struct medium *m);
/* States of this point by the closed form; of FILE alone with _of. */
struct crash_count count_point(struct crash *c);
struct crash_count count_of(struct crash *c, unsigned file);
void key_of(const struct crash *c, uint64_t key[2], const struct medium *m);

/* A sector with more than one choice. */
struct dim {
    unsigned file;
    uint64_t sector;
    uint32_t *ids;
    size_t n;
    size_t now;
};
struct dims {
    struct dim *all;
    size_t n;
    size_t room;
};
/* Adds those of FILE with size K. */
void dims_add(struct crash *c, struct dims *d, unsigned file, size_t k);
void dims_clear(struct dims *d);

/* ---- redo.c: invariants 6 and 7.  On tokens; -1 after a violation that was
 * confirmed. */
int redo_state(struct crash *c, struct seen *seen, const struct medium *m,
               const struct state *s);
/* The same for one state, on a concrete medium. */
int redo_concrete(struct crash *c, const struct state *s);
/* The same for one state and one of the request made again on it, which
 * WITNESS names. */
int redo_one(struct crash *c, const struct state *s, const char *witness);

/* ---- witness.c */

/* Whether S is wrong, in the sense of ARG. */
typedef bool state_test(struct crash *c, const struct state *s,
                        const void *arg);
/* Takes from S, which is wrong, what it is wrong without. */
void state_shrink(struct crash *c, struct state *s, state_test *is_wrong,
                  const void *arg);
/* The state is wrong: shrinks it and fills the failure.  Returns -1. */
int convict(struct crash *c, const struct state *s);
/* The same for what is wrong whatever the state; it is not shrunk. */
int convict_as(struct crash *c, const struct state *s,
               const struct verdict_of *v);
/* Fills the failure with what V says of S, and keeps the medium of S. */
void record_state(struct crash *c, const struct state *s,
                  const struct verdict_of *v);

/* ---- witness_text.c */

/* S at POINT as a string; of no length if it does not fit. */
void witness_put(char *out, size_t size, size_t point, const struct state *s);
/* CHOICES of a witness; -1: they are none. */
int witness_parse(struct state *s, const char *text);
/* How many picks from number I on are of one version of sectors in a row. */
size_t picks_in_a_row(const struct state *s, size_t i);

#endif
