/* SPDX-License-Identifier: MIT
 *
 * disk.h - simulated storage in memory, given to a shim as its host.
 *
 * Files with names, directories, symbolic and hard links; every call of the
 * host recorded; faults, a full disk, callers held on purpose.  The host
 * table behaves to the letter of addcow_shim.h, and what a shim may not do is
 * noted as its bug.
 *
 * Two starting points: a fresh disk has a directory "/case", the home.  Names
 * given to the disk_ functions start there; names given to the host start at
 * the current directory, which disk_chdir() sets.
 *
 * Deliberately missing: power cuts.  The record and a clone are what they
 * need.
 */
#ifndef ADDCOW_DISK_H
#define ADDCOW_DISK_H

#include "addcow_shim.h"
#include "data/store.h"
#include "record.h"

#include <stdbool.h>

struct disk;

#define DISK_HOME "/case"

struct disk *disk_new(void);
void disk_free(struct disk *d);

/* All files as they are now, shared until changed; no handles, no record, no
 * faults. */
struct disk *disk_clone(struct disk *d);

/* Makes D, which was cloned from ORIGINAL or from a disk with the same names,
 * such a clone once more, for less; its record goes on.  Returns 0, with D
 * good for disk_free() only, if a name has been made or removed since. */
bool disk_rewind(struct disk *d, const struct disk *original);

/* The table for a shim; valid as long as D. */
const struct addcow_host *disk_host(struct disk *d);
struct record *disk_record(struct disk *d);

/* ---- Names and files.  Results are those of the host. */

/* Makes an empty file; one that is there becomes empty. */
int disk_put_file(struct disk *d, const char *name);
int disk_put_dir(struct disk *d, const char *name);
int disk_put_symlink(struct disk *d, const char *name, const char *target);
int disk_put_link(struct disk *d, const char *name, const char *existing);
int disk_remove(struct disk *d, const char *name);
int disk_chdir(struct disk *d, const char *name);
bool disk_exists(struct disk *d, const char *name);

/* The content of a file, to look at and to change; null if there is none. */
struct store *disk_content(struct disk *d, const char *name);

/* The same as of its last flush that succeeded. */
const struct store *disk_durable(struct disk *d, const char *name);

/* What was changed through disk_content() becomes durable. */
void disk_settle(struct disk *d, const char *name);

/* A file whose size stays as it is. */
int disk_fix_size(struct disk *d, const char *name);

/* What the host tells of the identity of NAME, which was its number on the one
 * device.  No file but this one may have it. */
int disk_set_identity(struct disk *d, const char *name, uint64_t device,
                      uint64_t inode);

#define DISK_DENY_WRITE 1u /* open for writing: READ_ONLY */
#define DISK_DENY_ALL 2u   /* any open: IO */
int disk_deny(struct disk *d, const char *name, unsigned denied);

/* The number of the file NAME, or of the last one that was made under it;
 * 0 if there never was one. */
uint64_t disk_inode(struct disk *d, const char *name);

/* Calls VISIT with the absolute path of each file and its content. */
void disk_each(struct disk *d,
               void (*visit)(void *arg, const char *path,
                             const struct store *content),
               void *arg);

/* ---- The shim under watch */

/* Between enter and leave a call of the shim is under way.  A host call
 * outside is a bug of the shim.  TEXT is the mark in the record; returns its
 * index there. */
size_t disk_enter(struct disk *d, const char *text);
void disk_leave(struct disk *d, size_t mark, int result);

/* With ON not 0, only the thread that called this may call the host. */
void disk_one_thread(struct disk *d, int on);

/* The number under which the host calls of this thread are recorded. */
void disk_name_thread(unsigned thread);

/* The first bug of the shim so far in words, or null. */
const char *disk_bug(struct disk *d);

/* The name under which a handle that is still open was opened, or null; and
 * how many are open. */
const char *disk_leak(struct disk *d);
unsigned disk_n_handles(struct disk *d);

/* ---- Faults */

struct disk_fault {
    enum event_kind kind; /* EV_ANY: every kind */
    const char *name;     /* null: any file */
    uint64_t nth;         /* from 1 */
    int result;           /* the answer; write: NO_SPACE or IO */
    int for_good;
    size_t n_sectors; /* of a write: so many are written */
    int drop;         /* of a flush: what is pending goes from view */
    uint64_t len;     /* 0: whatever range */
    uint64_t offset;
};

void disk_put_fault(struct disk *d, const struct disk_fault *fault);
void disk_clear_faults(struct disk *d);
uint64_t disk_n_faults_hit(struct disk *d);
/* Of these, flushes. */
uint64_t disk_n_flushes_failed(struct disk *d);

/* Sectors written from now on for the first time take from LEN bytes; when
 * they are used up, NO_SPACE.  UINT64_MAX: no limit. */
void disk_set_free(struct disk *d, uint64_t len);

/* ---- Order
 *
 * A thread with a number (disk_name_thread()) does nothing here unless it is
 * its turn: neither begin or end a call of the shim, nor call the host.
 */

/* The NTH call that fits is held until disk_release(), and waits for a turn
 * then. */
void disk_hold(struct disk *d, enum event_kind kind, const char *name,
               uint64_t nth);
void disk_release(struct disk *d);
/* The thread, by its number, that is held now; -1: none. */
int disk_held(struct disk *d);

/* Whether THREAD waits for its turn. */
bool disk_waits(struct disk *d, unsigned thread);
/* Of those that wait, the one with the lowest number goes on, until it comes
 * here again.  False: none waits. */
bool disk_next_turn(struct disk *d);

#endif
