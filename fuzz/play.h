/* SPDX-License-Identifier: MIT
 *
 * play.h - a workload played on one image of simulated storage, each answer
 * compared with what the ideal disk allows: what fuzz_ops, fuzz_crash and
 * fuzz_diff have in common.
 *
 * Storage and oracle are those of the suite.
 */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include "decode.h"
#include "fuzz.h"

#include "disk/disk.h"
#include "oracle/oracle.h"

#include <stdbool.h>

#define PLAY_ENTRY "test.add-cow"
#define PLAY_IMAGE "disk.raw"
#define PLAY_BACKING "base.img"

enum { HEADER_LEN = 2560 };

struct play {
    const struct addcow_shim *shim;
    const struct workload *workload;
    struct disk *disk;
    struct addcow_host host;   /* of the disk */
    struct oracle *oracle;     /* null: nothing is compared */
    void *image;               /* null while closed */
    uint64_t size;             /* virtual, bytes */
    unsigned n_done;           /* operations that have begun */
    int failed_before;         /* some call has failed by the fault */
    uint64_t n_flushes_failed; /* of the host, as far as the oracle knows */
    int size_unknown;          /* a resize has failed by it */
    uint64_t n_requests;       /* of the guest, so far */
    uint64_t n_compared;       /* bytes, so far */
    bool was_cut;              /* play_restart() */
    bool is_again;             /* what was cut is now asked for again */
    /* What befalls the host, for the report: whole lines; or null. */
    void (*print_fault)(FILE *out);
};

/* Opens the image of WORKLOAD, which lives until play_end(), for writing if
 * SHIM can; its fault is not armed. */
void play_begin(struct play *p, const struct addcow_shim *shim,
                const struct workload *workload);

/* Operation I; returns its result. */
int play_op(struct play *p, unsigned i);

/* Opens and closes; FLAGS are those of addcow_open_args.  A result that is
 * not 0 is one that the fault explains. */
int play_open(struct play *p, uint32_t flags);
int play_close(struct play *p);

/* What the files hold, the image being closed: the bits, the clusters that
 * are allocated, and all that must not have changed. */
void play_inspect(struct play *p);

/* The power was cut: goes on with the files as they are in MEDIUM, which
 * becomes the play's; the image is closed. */
void play_restart(struct play *p, struct disk *medium);

/* Reads the sectors that the operations so far wrote to. */
void play_read_back(struct play *p);

/* A disk with the files of the setup as they were at first; of that setup it
 * is to be dropped. */
struct disk *play_fresh_disk(const struct setup *s);
void play_drop_disk(const struct setup *s, struct disk *d);

/* Forgets everything. */
void play_end(struct play *p);

/* As fuzz_fail(), with the operations so far. */
_Noreturn void play_fail(struct play *p, const char *clause,
                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The letter that SHIM declares for CLAUSE, 0 if it is silent. */
int play_choice(const struct addcow_shim *shim, const char *clause);

#endif
