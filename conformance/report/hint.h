/* SPDX-License-Identifier: MIT
 *
 * hint.h - mistakes that authors of shims make, recognized by what they look
 * like.
 */
#ifndef ADDCOW_HINT_H
#define ADDCOW_HINT_H

#include "env/case.h"

/* What the author of the shim may have done wrong, and where to read; null
 * where the failure looks like none of the known mistakes.  A guess: it
 * decides nothing. */
const char *hint_of(const struct outcome *o);

#endif
