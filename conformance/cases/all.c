/* SPDX-License-Identifier: MIT
 *
 * all.c - the chapters, in the order of the specification.
 */
#include "all.h"

#include "case.h"

#include <stddef.h>

const struct conf_case *const all_cases[] = {
    hdr_cases,       cases_dur, cases_crt, cases_crt_order, cases_rsz,
    cases_rsz_order, cases_map, cases_chk, cases_impl,      NULL};
