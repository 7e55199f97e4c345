/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, each in the file of its name.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "env/case.h"

extern const struct conf_case cases_hdr[];
extern const struct conf_case cases_hdr_probe[];
extern const struct conf_case cases_hdr_write[];
extern const struct conf_case cases_nam[];
extern const struct conf_case cases_nam_same[];
extern const struct conf_case cases_nam_files[];
extern const struct conf_case cases_bmp[];
extern const struct conf_case cases_bmp_len[];
extern const struct conf_case cases_siz[];
extern const struct conf_case cases_siz_large[];
extern const struct conf_case cases_siz_changed[];
extern const struct conf_case cases_rd[];
extern const struct conf_case cases_rd_host[];
extern const struct conf_case cases_wr[];
extern const struct conf_case cases_wr_fail[];
extern const struct conf_case cases_wr_limits[];
extern const struct conf_case cases_wr_discard[];
extern const struct conf_case cases_fls[];
extern const struct conf_case cases_fls_fail[];
extern const struct conf_case cases_fls_order[];
extern const struct conf_case cases_concurrent[];
extern const struct conf_case cases_random[];
extern const struct conf_case cases_dur[];
extern const struct conf_case cases_dur_create[];
extern const struct conf_case cases_dur_flight[];
extern const struct conf_case cases_dur_bounded[];
extern const struct conf_case cases_dur_full[];
extern const struct conf_case cases_dur_faults[];
extern const struct conf_case cases_crt[];
extern const struct conf_case cases_crt_names[];
extern const struct conf_case cases_crt_order[];
extern const struct conf_case cases_rsz[];
extern const struct conf_case cases_rsz_order[];
extern const struct conf_case cases_rsz_shrink[];
extern const struct conf_case cases_rsz_flushed[];
extern const struct conf_case cases_rsz_again[];
extern const struct conf_case cases_rsz_writes[];
extern const struct conf_case cases_map[];
extern const struct conf_case cases_chk_errors[];
extern const struct conf_case cases_chk[];
extern const struct conf_case cases_err[];
extern const struct conf_case cases_err_defects[];
extern const struct conf_case cases_err_sound[];
extern const struct conf_case cases_faults[];
extern const struct conf_case cases_faults_calls[];
extern const struct conf_case cases_lim[];
extern const struct conf_case cases_lim_long[];
extern const struct conf_case cases_sec[];
extern const struct conf_case cases_impl[];

#endif
