/* SPDX-License-Identifier: MIT
 *
 * crash.h - power cuts: every state that the storage may be in is decided.
 *
 * The method.  A workload runs once, on simulated storage that writes down
 * what it was asked to do (medium.h, trace.h).  At each point of that trace,
 * after each host write or change of a size and after each acknowledgement,
 * the power may go.  Then each sector of the two writable files holds its
 * durable content or any that was written since, and each file has its
 * durable size or a later one, independently (pending.h).  Each such choice is
 * a state; a medium is a state in the form of files.  Whoever opens the image
 * on it must see, in each guest sector, a version that the guest may see
 * there (allowed.h).
 *
 * States are far too many to be tried one by one: 2^1000 at a point is common.
 * But what an implementation makes of a guest sector depends on the add-cow
 * file, on sizes, and on the content of image_file only in that it is passed
 * on.  So there are three ways, tried in this order:
 *
 *   brute   each state is made and read, if there are few;
 *   tokens  each state of the add-cow file and of the sizes is made, with
 *           something unique, a token, in each sector of image_file.  Where
 *           the answer is the token of sector s, each content that s may have
 *           must be allowed.  Each 64th is made concrete to see whether the
 *           implementation treats guest data as opaque.  The verdict is
 *           "decided, given data opacity".
 *   lazy    for one guest sector at a time, what an undecided sector holds is
 *           chosen when it is first read, depth first.  Past a limit what is
 *           left is sampled with a seed, and the report says so.
 *
 * Opening twice, and making a request again, is looked at in each state of
 * the add-cow file and of the sizes; where it is lazy, in a few states only.
 *
 * Tokens acquit and never convict: a violation counts only when it shows on a
 * concrete medium.  Skipping media that were seen is sound because
 * everything is judged again at each acknowledgement.
 *
 * Everything is generic over the lengths of header and cluster, so that toys
 * with four-sector clusters can be judged, and over the implementation, which
 * is a struct addcow_shim with HOST, in this process.
 *
 * Of a long disk only spans are looked at, and costs go by these.
 *
 * Deliberately missing: files of more than CRASH_MAX_LEN bytes; resizes of a
 * disk that is looked at in spans, and writes outside of them; requests in
 * flight at once that overlap; directories, for files are known by the last
 * component of their names.
 */
#ifndef ADDCOW_CRASH_H
#define ADDCOW_CRASH_H

#include "addcow_shim.h"
#include "data/figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_MAX_LEN (UINT64_C(1) << 30)
#define CRASH_MAX_SPANS 3
#define CRASH_SECTOR 512u

struct contents;
struct record;

/* ---- What is judged ----------------------------------------------------- */

struct crash_geometry {
    uint32_t header_len;  /* bytes, a multiple of 512; the bitmap follows */
    uint32_t cluster_len; /* bytes, a multiple of 512 */
    uint32_t magic_len;   /* the first bytes that make it an image */
};

#define CRASH_ABSENT UINT64_MAX

/* Bytes of the disk, multiples of 512. */
struct crash_span {
    uint64_t offset;
    uint64_t len;
};

/* A file as it is, durably, before the workload.  With spans DATA of the
 * image file and of the backing file is that of the spans, one after the
 * other, and the rest is zeros. */
struct crash_file {
    const char *name;    /* as implementations open it; its last component */
    const uint8_t *data; /* LEN bytes; null: zeros */
    uint64_t len;        /* CRASH_ABSENT: there is none */
};

/* The implementation and the files that workloads start from.  The caller
 * keeps what is pointed to as long as the engine. */
struct crash_setup {
    const struct addcow_shim *shim;
    struct crash_geometry geometry;
    struct crash_file addcow;
    struct crash_file image;
    struct crash_file backing; /* absent: none is named by the header */
    const char *image_name;    /* for create: what the header is to say */
    const char *backing_name;  /* null: no backing file */
    /* What is looked at, in order, inside of all three files' disks; the
     * first of no length: all of the disk. */
    struct crash_span spans[CRASH_MAX_SPANS];
};

enum crash_op_kind {
    CRASH_END,    /* of a list */
    CRASH_WRITE,  /* LEN bytes at OFFSET, content of its own */
    CRASH_ZEROS,  /* LEN zeros at OFFSET */
    CRASH_FLUSH,  /* of the image */
    CRASH_REOPEN, /* close and open */
    CRASH_CLOSE,  /* close and open no more */
    CRASH_RESIZE, /* to LEN bytes */
    CRASH_CREATE, /* the add-cow file; LEN not 0: an old one is replaced */
    CRASH_KILL    /* the process ends without a close; opened anew */
};

struct crash_op {
    enum crash_op_kind kind;
    uint64_t len;
    uint64_t offset;
};

/* ---- How ---------------------------------------------------------------- */

#define CRASH_NO_BRUTE 1u /* methods that are left out: for comparing them */
#define CRASH_NO_TOKENS 2u
#define CRASH_NO_REDO 4u   /* DUR-14 and DUR-15 are not judged */
#define CRASH_CUT_EARLY 8u /* zeros of a cut may land before the size does */
#define CRASH_DEPTH_2 16u  /* cut again while the work is done again */
#define CRASH_ALL 32u      /* look for all violations, not the first alone */

struct crash_limits {
    unsigned flags;      /* CRASH_* */
    uint64_t brute;      /* states of a point; 0: 2^12 */
    uint64_t brute_work; /* states times guest sectors; 0: 2^18 */
    uint64_t tokens;     /* states of the add-cow file; 0: 2^16 */
    uint64_t lazy;       /* executions; 0: 2^16 */
    uint64_t samples;    /* of a point past that; 0: 2^10 */
    uint64_t seed;       /* of samples */
};

/* ---- What came of it ---------------------------------------------------- */

/* The first violation. */
struct crash_failure {
    char clause[16];  /* the first that it breaks */
    char clauses[64]; /* all that it breaks, blanks between */
    char kind[24];    /* of what is wrong, without numbers */
    char expected[256];
    char got[1000];    /* in words, with the medium and the workload */
    char witness[512]; /* for crash_only() */
};

/* ---- The engine --------------------------------------------------------- */

struct crash;

/* Null members of LIMITS are defaults; LIMITS may be null. */
struct crash *crash_new(const struct crash_setup *setup,
                        const struct crash_limits *limits);
void crash_free(struct crash *c);

/* Runs OPS, ended by CRASH_END, on the files of the setup, opened with WRITE
 * and FLAGS, and decides all states at all points.  Returns 0, or -1 after a
 * violation, which crash_failure() reports.  May be called again with another
 * workload: what was learnt of the implementation is kept. */
int crash_run(struct crash *c, const struct crash_op *ops, uint32_t flags);

/* As crash_run(), for a recording of simulated storage (disk/record.h), whose
 * guest calls are given by CALLS.  The files of the setup are those before it.
 */
struct crash_call {
    struct crash_op op;
    const uint8_t *data; /* of a write, LEN bytes */
    uint64_t began;      /* clock of the record */
    uint64_t ended;      /* 0: never */
    int result;
};
int crash_run_record(struct crash *c, const struct record *record,
                     const struct crash_call *calls, size_t n_calls,
                     uint32_t flags);

const struct crash_report *crash_report(const struct crash *c);
const struct crash_failure *crash_failure(const struct crash *c);

/* A violation that was seen when something was done again, where
 * crash_failure() has one that shows without that; null: there is no such.
 * crash_take_again() makes it the failure. */
const struct crash_failure *crash_failure_again(const struct crash *c);
void crash_take_again(struct crash *c);

/* Measures busy_ns from now on; the report is then no longer the same each
 * time. */
void crash_time(struct crash *c);

/* Called before each call of the implementation with what is about to be
 * done in words. */
void crash_watch(struct crash *c, void (*doing)(void *arg, const char *text),
                 void *arg);

/* From now on only the state that WITNESS names is judged, and described
 * whether it is right or wrong: crash_run() returns 0 or -1, crash_failure()
 * has the words.  -1 if WITNESS is not POINT:CHOICES, or two of these with
 * "~" between: then the second is a state of the request that was in flight at
 * the first, when that is made again and cut again. */
int crash_only(struct crash *c, const char *witness);

/* Whether the state of crash_only() is one of the workload that ran since. */
bool crash_was_met(const struct crash *c);

/* The decimal number that *TEXT begins with; *TEXT then points past it.  -1:
 * there is no number, or it is too large. */
int crash_number(uint64_t *out, const char **text);

/* Writes the medium of the last violation, or of the state that was asked
 * for, into DIR as files.  -1 with errno. */
int crash_keep(const struct crash *c, const char *dir);

/* An operation in words: "write 512 bytes at 0". */
void crash_op_text(char *out, size_t size, const struct crash_op *op);

#endif
