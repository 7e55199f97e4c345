/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, one a chapter.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "case.h"

extern const struct conf_case hdr_cases[]; /* hdr.c */
extern const struct conf_case rd_cases[];
extern const struct conf_case wr_cases[];
extern const struct conf_case wr_limits_cases[];
extern const struct conf_case wr_fail_cases[];
extern const struct conf_case fls_cases[];
extern const struct conf_case fls_order_cases[];
extern const struct conf_case fls_fail_cases[];
extern const struct conf_case concurrent_cases[];
extern const struct conf_case random_cases[];

#endif
