/* SPDX-License-Identifier: MIT
 *
 * all.c - the chapters, in the order of the specification.
 */
#include "all.h"

#include "case.h"

#include <stddef.h>

const struct conf_case *const all_cases[] = {hdr_cases,
                                             rd_cases,
                                             wr_cases,
                                             wr_limits_cases,
                                             wr_fail_cases,
                                             fls_cases,
                                             fls_order_cases,
                                             fls_fail_cases,
                                             concurrent_cases,
                                             random_cases,
                                             NULL};
