/* SPDX-License-Identifier: MIT
 *
 * load.h - getting the table of a shim, and refusing a broken one.
 *
 * The only code of the suite that opens a shared object.  It is called in
 * child processes, so that no shim runs inside the runner, unless --in-process
 * asks for that.
 */
#ifndef ADDCOW_LOAD_H
#define ADDCOW_LOAD_H

#include "addcow_shim.h"
#include "options.h"

#include <stdbool.h>
#include <stdint.h>

/* A line that says what is wrong. */
struct complaint {
    char text[512];
};

/* What the runner keeps of a shim that it accepted. */
struct shim_info {
    char name[128];
    char version[128];
    uint64_t capabilities; /* the known ones */
    char choices[512];     /* "IMPL-1=a IMPL-2=b" */
};

/* Copies the table that GIVEN points to, as far as both sides know it, into
 * the zeroed *OUT and judges it.  -1 with WHY if it breaks the contract. */
int load_table(struct addcow_shim *out, struct complaint *why,
               const struct addcow_shim *given);

/* Loads the shared object PATH, absolute, and takes its table.  It stays
 * loaded.  -1 with WHY. */
int load_shim(struct addcow_shim *out, struct complaint *why,
              const char *path);

/* Passes each "KEY=VALUE" of LIST to SHIM.  -1 with WHY at the first that it
 * refuses. */
int load_set_options(const struct addcow_shim *shim, struct complaint *why,
                     const struct strings *list);

void load_describe(struct shim_info *out, const struct addcow_shim *shim);

/* Takes the first known capability out of *MASK: its name, "HOST", "WRITE",
 * ...; null if none is left. */
const char *load_next_capability(uint64_t *mask);

/* The name of the first known capability in MASK; "?" if there is none. */
const char *load_capability_name(uint64_t mask);

/* The bit of a capability, or 0: there is none of this NAME. */
uint64_t load_capability_bit(const char *name);

/* True if this process holds a sanitizer, built in or preloaded, or runs
 * under valgrind: they need address space without limit. */
bool load_under_tool(void);

#endif
