/* SPDX-License-Identifier: MIT
 *
 * medium.h - three files as lists of contents, and a host over them.
 *
 * Numbers are kept in pages.  Pages that were never written are zeros and cost
 * nothing; a copy costs four bytes a sector of the others.  The host is made
 * for speed: what it costs to open and read an image on it is what the
 * implementation costs.  So it is not that of disk/, which records, fails and
 * holds its calls, knows directories and links, and takes a lock for each
 * call.  One caller at a time.
 */
#ifndef ADDCOW_CRASH_MEDIUM_H
#define ADDCOW_CRASH_MEDIUM_H

#include "content.h"
#include "crash.h"

enum medium_name { F_ADDCOW, F_IMAGE, F_BACKING, N_FILES };

enum { MEDIUM_PAGE = 256 }; /* sectors */

struct medium_file {
    uint64_t size;    /* bytes, or CRASH_ABSENT */
    uint32_t **pages; /* of MEDIUM_PAGE numbers; null: zeros */
    size_t room;      /* pages; all beyond the size is zeros */
};

struct medium {
    struct contents *contents;
    struct medium_file files[N_FILES];
};

/* Sectors that SIZE bytes touch; none of an absent file. */
uint64_t sectors_of(uint64_t size);

void medium_init(struct medium *m, struct contents *contents);
void medium_finish(struct medium *m);
void medium_copy(struct medium *to, const struct medium *from);
void medium_copy_file(struct medium *to, const struct medium *from,
                      unsigned file);
/* FILE becomes LEN bytes of DATA (null: zeros). */
void medium_load(struct medium *m, unsigned file, const uint8_t *data,
                 uint64_t len);
/* Cuts, or extends with zeros; from CRASH_ABSENT it makes the file. */
void medium_set_size(struct medium *m, unsigned file, uint64_t size);
/* All sectors of FILE become zeros. */
void medium_zero(struct medium *m, unsigned file);
/* The number of SECTOR; 0 beyond what there is. */
static inline uint32_t medium_id(const struct medium *m, unsigned file,
                                 uint64_t sector)
{
    const struct medium_file *f = &m->files[file];
    uint64_t page = sector / MEDIUM_PAGE;

    return page < f->room && f->pages[page]
               ? f->pages[page][sector % MEDIUM_PAGE]
               : 0;
}
void medium_set(struct medium *m, unsigned file, uint64_t sector, uint32_t id);
/* LEN bytes at OFFSET, zeros beyond the size. */
void medium_read(const struct medium *m, unsigned file, void *out, size_t len,
                 uint64_t offset);
void medium_write(struct medium *m, unsigned file, const void *data,
                  size_t len, uint64_t offset);

/* What a host tells of what it does; any member may be null. */
struct medium_watch {
    void *arg;
    /* A write or a change of size took place on FILE. */
    void (*write)(void *arg, unsigned file, uint64_t offset, size_t len);
    void (*size)(void *arg, unsigned file);
    void (*flush)(void *arg, unsigned file);
    /* Before N sectors from FIRST on are looked at; N 0: the size. */
    void (*need)(void *arg, unsigned file, uint64_t first, uint64_t n);
};

struct medium_host {
    struct addcow_host table;
    struct medium *medium;
    const char *names[N_FILES]; /* last components */
    struct medium_watch watch;
    unsigned written; /* bits of the files that were written */
    unsigned n_open;  /* handles */
    int bug;          /* something that no implementation may do */
    int dead;         /* its process was killed: all calls but close fail */
};

/* NAME without its folders; null of null. */
const char *last_component(const char *name);

void medium_host_init(struct medium_host *h, struct medium *m,
                      const struct crash_setup *setup);

#endif
