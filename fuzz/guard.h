/* SPDX-License-Identifier: MIT
 *
 * guard.h - a host that looks at the memory it is given before it passes a
 * call on, since the storage behind it is not instrumented.
 */
#ifndef FUZZ_GUARD_H
#define FUZZ_GUARD_H

#include "addcow_shim.h"

/* Makes *OUT the table of HOST with guards.  All hosts of a program have the
 * same functions. */
void guard(struct addcow_host *out, const struct addcow_host *host);

#endif
