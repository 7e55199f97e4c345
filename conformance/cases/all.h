/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, each in the file of its name.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "case.h"

extern const struct conf_case cases_hdr[];
extern const struct conf_case cases_hdr_write[];
extern const struct conf_case cases_hdr_probe[];
extern const struct conf_case cases_nam[];
extern const struct conf_case cases_nam_files[];
extern const struct conf_case cases_bmp[];
extern const struct conf_case cases_bmp_len[];
extern const struct conf_case cases_siz[];
extern const struct conf_case rd_cases[];
extern const struct conf_case wr_cases[];
extern const struct conf_case wr_limits_cases[];
extern const struct conf_case wr_fail_cases[];
extern const struct conf_case fls_cases[];
extern const struct conf_case fls_order_cases[];
extern const struct conf_case fls_fail_cases[];
extern const struct conf_case cases_dur[];
extern const struct conf_case cases_dur_create[];
extern const struct conf_case cases_crt[];
extern const struct conf_case cases_crt_names[];
extern const struct conf_case cases_crt_order[];
extern const struct conf_case cases_rsz[];
extern const struct conf_case cases_rsz_shrink[];
extern const struct conf_case cases_rsz_order[];
extern const struct conf_case cases_map[];
extern const struct conf_case cases_chk[];
extern const struct conf_case cases_impl[];
extern const struct conf_case concurrent_cases[];
extern const struct conf_case random_cases[];

#endif
