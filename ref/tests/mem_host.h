/* SPDX-License-Identifier: MIT
 *
 * A host in memory for the tests of the reference: sparse files, one fault at
 * a time, counts of calls, and a watch over the order of data and bits.
 *
 * Deliberately missing: directories, power cuts, more than one fault.
 */
#ifndef MEM_HOST_H
#define MEM_HOST_H

#include "addcow.h"

#include <stdbool.h>

#define MEM_FILES 4

enum mem_call {
    MEM_OPEN,
    MEM_GET_SIZE,
    MEM_SET_SIZE,
    MEM_READ,
    MEM_WRITE,
    MEM_FLUSH,
    MEM_CALLS
};

struct mem_page;

struct mem_file {
    char name[16]; /* "": the slot is free */
    uint64_t size;
    struct mem_page *pages;
    bool dirty; /* written since its last flush */
};

struct mem_host {
    struct addcow_host table;
    struct mem_file files[MEM_FILES];
    unsigned n_open;
    unsigned n_calls[MEM_CALLS][MEM_FILES];
    /* The fault: refuse the call when the countdown reaches 0. */
    unsigned countdown; /* of all calls but open; 0: no fault */
    enum mem_call only; /* MEM_CALLS: of any kind */
    int result;
    bool lasting;      /* refuse all that follow, too */
    bool late;         /* a set_size is carried out before it fails */
    const char *entry; /* watch: no write of this file ... */
    const char *raw;   /* ... while this one is dirty */
    bool out_of_order;
};

void mem_init(struct mem_host *host);
void mem_finish(struct mem_host *host);
/* The file of that name; made, empty, if it is not there. */
struct mem_file *mem_file(struct mem_host *host, const char *name);
void mem_put(struct mem_host *host, const char *name, const void *data,
             size_t len, uint64_t offset);
/* Past the end of the file: zeros. */
void mem_get(struct mem_host *host, const char *name, void *out, size_t len,
             uint64_t offset);
void mem_set_size(struct mem_host *host, const char *name, uint64_t size);
/* How many calls of that kind the file has seen since mem_reset_counts(). */
unsigned mem_count(struct mem_host *host, enum mem_call call,
                   const char *name);
void mem_reset_counts(struct mem_host *host);

#endif
