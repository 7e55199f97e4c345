/* SPDX-License-Identifier: MIT
 *
 * all.c - the chapters, in the order of the specification.
 */
#include "all.h"

#include "case.h"

#include <stddef.h>

const struct conf_case *const all_cases[] = {hdr_cases, NULL};
