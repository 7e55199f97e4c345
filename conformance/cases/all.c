/* SPDX-License-Identifier: MIT
 *
 * all.c - the chapters, in the order of the specification.
 */
#include "all.h"

#include "case.h"

#include <stddef.h>

const struct conf_case *const all_cases[] = {cases_hdr,
                                             cases_hdr_write,
                                             cases_hdr_probe,
                                             cases_nam,
                                             cases_nam_files,
                                             cases_bmp,
                                             cases_bmp_len,
                                             cases_siz,
                                             rd_cases,
                                             wr_cases,
                                             wr_limits_cases,
                                             wr_fail_cases,
                                             fls_cases,
                                             fls_order_cases,
                                             fls_fail_cases,
                                             cases_dur,
                                             cases_dur_create,
                                             cases_crt,
                                             cases_crt_names,
                                             cases_crt_order,
                                             cases_rsz,
                                             cases_rsz_shrink,
                                             cases_rsz_order,
                                             cases_map,
                                             cases_chk,
                                             cases_impl,
                                             concurrent_cases,
                                             random_cases,
                                             NULL};
