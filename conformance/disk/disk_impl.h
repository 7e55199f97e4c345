/* SPDX-License-Identifier: MIT
 *
 * disk_impl.h - what the parts of the simulated storage share.
 */
#ifndef ADDCOW_DISK_IMPL_H
#define ADDCOW_DISK_IMPL_H

#include "disk.h"

#include <pthread.h>
#include <stdbool.h>

enum node_kind { NODE_FILE, NODE_DIR, NODE_SYMLINK };

struct entry {
    char *name;
    struct node *node;
};

/* A file, whatever its names.  Lives as long as the disk, so that a record
 * can be read after a removal. */
struct node {
    struct node *next; /* of all nodes, newest first */
    enum node_kind kind;
    uint64_t inode;
    struct addcow_identity identity; /* what the host tells */
    unsigned denied;
    int fixed_size;
    char *label;           /* the absolute path that it was made under */
    struct store *content; /* NODE_FILE */
    struct store *durable; /* the same, as of the last good flush */
    struct store *charged; /* a byte for each sector that took free space */
    char *target;          /* NODE_SYMLINK */
    struct node *parent;   /* NODE_DIR */
    struct entry *entries; /* NODE_DIR */
    size_t n_entries;
    size_t room;
};

struct addcow_file {
    struct addcow_file *next;
    struct node *node;
    char *name;
    unsigned number;
    bool is_open;
    int writable;
};

struct armed_fault {
    struct armed_fault *next;
    struct disk_fault fault;
    char *name;
    uint64_t n_seen;
};

struct waiter; /* a caller, see turns.c */

struct hold {
    enum event_kind kind; /* EV_GUEST: nothing is to be held */
    char *name;
    uint64_t nth;
    uint64_t n_seen;
    struct waiter *held; /* or null */
};

struct disk {
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t let_go;
    struct addcow_host host;
    struct record *record;
    struct node *nodes;
    struct node *root;
    struct node *home;
    struct node *cwd;
    uint64_t n_nodes;
    struct addcow_file *files;
    unsigned n_files;
    unsigned n_open;  /* of the files */
    unsigned n_calls; /* of the shim, under way */
    int one_thread;
    pthread_t thread;
    char bug[200];
    struct armed_fault *faults;
    uint64_t n_faults_hit;
    uint64_t n_flushes_failed;
    bool is_refusing; /* the call under way, for a fault or want of space */
    uint64_t free_len;
    struct hold hold;
    struct waiter *waiting; /* for their turn */
};

/* What a host call is about, for faults and holds. */
struct request {
    enum event_kind kind;
    const struct node *node; /* or null */
    const char *name;        /* of open and remove, else null */
    uint64_t len;
    uint64_t offset;
};

/* names.c */
struct node *node_new(struct disk *d, enum node_kind kind);
/* Follows NAME from START.  On 0 *OUT is the node, or null if only the last
 * component is missing; *PARENT and LAST (a copy, for free()) say where it
 * is or would be.  NOFOLLOW: a symbolic link at the end is itself meant. */
int name_walk(struct disk *d, struct node **out, struct node **parent,
              char **last, struct node *start, const char *name, int nofollow);
/* An existing node or null. */
struct node *name_find(struct disk *d, struct node *start, const char *name);
void name_enter(struct node *dir, const char *name, struct node *node);
void name_drop(struct node *dir, const char *name);
char *name_path(const struct node *dir, const char *name);

/* fault.c: called with the lock held. */
/* The fault that fires at this request, or null. */
const struct disk_fault *fault_fires(struct disk *d, const struct request *r);
bool request_fits(struct disk *d, const struct request *r,
                  enum event_kind kind, const char *name);
/* How many of LEN bytes at OFFSET find room; takes it. */
size_t space_take(struct disk *d, struct node *node, size_t len,
                  uint64_t offset);

/* turns.c: called with the lock held, which others get meanwhile. */
void await_turn(struct disk *d);
void hold_if_asked(struct disk *d, const struct request *r);

/* host.c */
void host_init(struct disk *d);
unsigned host_thread(void);

#endif
