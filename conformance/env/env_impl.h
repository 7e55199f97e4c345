/* SPDX-License-Identifier: MIT
 *
 * env_impl.h - what the parts of the world of a case share.
 */
#ifndef ADDCOW_ENV_IMPL_H
#define ADDCOW_ENV_IMPL_H

#include "data/store.h"
#include "disk/disk.h"
#include "env.h"

#include <setjmp.h>
#include <stdbool.h>

/* One kind of storage.  Names are relative to the home or absolute.  Results
 * are 0 or an errno. */
struct world {
    int (*create)(struct env *env, const char *name); /* or empty it */
    int (*resize)(struct env *env, const char *name, uint64_t size);
    int (*write)(struct env *env, const char *name, const void *data,
                 size_t len, uint64_t offset);
    int (*pattern)(struct env *env, const char *name, uint32_t tag,
                   uint64_t size);
    int (*remove)(struct env *env, const char *name);
    int (*make_dir)(struct env *env, const char *name);
    int (*symlink)(struct env *env, const char *name, const char *target);
    int (*link)(struct env *env, const char *name, const char *existing);
    int (*fifo)(struct env *env, const char *name);
    int (*block)(struct env *env, const char *name, uint64_t size);
    int (*identity)(struct env *env, const char *name, uint64_t device,
                    uint64_t inode);
    int (*chdir)(struct env *env, const char *name);
    int (*deny)(struct env *env, const char *name, unsigned denied);
    bool (*exists)(struct env *env, const char *name);
    /* A copy of the content, the caller's to free. */
    int (*view)(struct env *env, struct store **out, const char *name);
    /* Calls VISIT with the absolute path of every file. */
    void (*each)(struct env *env,
                 void (*visit)(void *arg, const char *path,
                               const struct store *content),
                 void *arg);
};

extern const struct world world_sim;
extern const struct world world_plain;

struct chunk;   /* of case_alloc() */
struct guarded; /* bytes between guards */
struct kept;    /* of keep_replay() */
struct replay;

/* An image that was made here, and its ideal disk. */
struct made {
    struct made *next;
    char *path; /* absolute */
    char *image_path;
    char *backing_path; /* null: none was made */
    struct oracle *oracle;
};

/* The storage as it was before event FIRST. */
struct base {
    struct base *next; /* the one before */
    size_t first;
    struct disk *disk;
};

struct img {
    struct img *next;
    struct env *env;
    void *handle; /* the shim's; meaningless once closed */
    bool is_open;
    uint32_t flags;
    const char *path;       /* of the add-cow file, absolute */
    const char *image_path; /* or null if made by hand */
    struct oracle *oracle;  /* or null */
    size_t first_event;     /* of its life */
    bool size_known;
    uint64_t size;
};

struct snapped {
    char *path;
    struct store *content;
};

struct snapshot {
    struct snapshot *next;
    struct snapped *files;
    size_t n_files;
    size_t room;
};

struct env {
    struct outcome *out;
    const struct conf_case *self;
    const struct addcow_shim *shim;
    const struct case_options *options;
    jmp_buf *leave;
    const struct world *world;
    struct disk *disk;         /* null: plain files */
    uint64_t n_flushes_failed; /* of DISK, up to the last call */
    char *home;                /* absolute path */
    char *cwd; /* absolute path: where the shim's names start */
    struct chunk *memory;
    struct made *made;
    struct img *imgs;
    struct base *bases;
    struct snapshot *snapshots;
    struct kept *replays;
    struct snapshot *before; /* the first call of the shim */
    bool was_called;         /* the shim, by this case */
    bool files_changed;      /* since the newest base */
    uint64_t rng;
    uint32_t n_writes;      /* guest writes so far: their tags */
    unsigned n_threads;     /* ever started */
    struct call *calls;     /* started and not finished */
    struct guarded *guards; /* in use */
    uint8_t *scratch;       /* a buffer for checks, or null */
    size_t scratch_len;
    /* Called with DROP_ARG when the world is closed; or null.  For what a step
     * keeps outside of the world. */
    void (*drop)(void *arg);
    void *drop_arg;
    bool witness_was_met; /* the state of the options' witness was looked at */
};

/* words.c */
/* NAME as a verdict shows it: without the home directory, and not too long.
 * Lives until the case ends, as what the next two return. */
const char *shown_name(struct env *env, const char *name);
/* Which calls of the host the case let fail in this world, the first in
 * words, or "": "the host failed flush 2 of the image file with
 * IO, during the 3rd call, flush". */
const char *refusal_words(struct env *env);

/* env.c */
/* As fail_as(), also of a clause that the case does not name: what is broken
 * is not what the case is about. */
ENV_NORETURN void fail_outside(struct env *env, const char *clause,
                               enum check check, const char *seen,
                               const char *want, const char *got_fmt, ...)
    ENV_PRINTF(6, 7);
/* Counts a check of CLAUSE, which the case must name. */
void count_check(struct env *env, const char *clause);
ENV_NORETURN void leave(struct env *env, enum verdict verdict);
/* The first clause of the case, which faults outside of any check are
 * charged to. */
const char *first_clause(struct env *env);
/* Frees what came from case_alloc(). */
void case_free_all(struct env *env);

/* life.c */
/* Closes whatever was left open. */
void drop_images(struct env *env);

/* files.c */
/* NAME, which starts at DIR unless it is absolute, without "." and with no
 * doubled slash.  Lives until the case ends. */
const char *path_from(struct env *env, const char *dir, const char *name);
struct store *view_of(struct env *env, const char *name);
/* As view_of(), but freed when the case ends; null if there is no such file.
 */
const struct store *keep_view(struct env *env, const char *name);
const struct store *snapshot_find(const struct snapshot *s, const char *path);
/* Called before each call of the shim: keeps what replaying needs. */
void note_base(struct env *env);

/* image.c */
/* The image that was made at PATH, or null. */
struct made *made_of(struct env *env, const char *path);
/* recording.c */
/* A replay (disk/replay.h) from CONTENT, freed when the case ends. */
struct replay *keep_replay(struct env *env, const struct store *content);
void free_replays(struct env *env);
/* The file NAME up to event END, whose calls followed each other; for
 * replay_free(). */
struct replay *replay_until(struct env *env, const char *name, size_t end);

/* call.c */
/* Fails the case unless RESULT is a legal result of the call under way. */
void check_result(struct env *env, int result);
/* Fails the case if the shim did to the host what it must not. */
void check_conduct(struct env *env);
/* The tag of the next guest write, which no other has. */
uint32_t next_tag(struct env *env);

/* check.c */
/* Ends the case as UNIMPL of CLAUSE: the shim lacks what is needed. */
ENV_NORETURN void unimplemented(struct env *env, const char *clause);

/* guard.c */
/* LEN bytes between guards: a copy of DATA, or, if it is null, of no meaning.
 * guard_check() fails the case if the guards were written to, or if the bytes
 * differ from UNCHANGED, which may be null. */
struct guarded *guard(struct env *env, const void *data, size_t len);
void *guard_data(struct guarded *g);
void guard_check(struct env *env, struct guarded *g, const void *unchanged);
void guard_free(struct env *env, struct guarded *g);

/* evidence.c */
void write_evidence(struct env *env);

#endif
