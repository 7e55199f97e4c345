/* SPDX-License-Identifier: MIT
 *
 * all.c - the tables of cases, in the order of the chapters.
 */
#include "all.h"
#include "env/case.h"

#include <stddef.h>

const struct conf_case *const all_cases[] = {
    cases_hdr,          cases_hdr_probe,
    cases_hdr_write,    cases_nam,
    cases_nam_same,     cases_nam_files,
    cases_bmp,          cases_bmp_len,
    cases_siz,          cases_siz_large,
    cases_siz_changed,  cases_rd,
    cases_rd_host,      cases_wr,
    cases_wr_fail,      cases_wr_limits,
    cases_wr_discard,   cases_fls,
    cases_fls_fail,     cases_fls_order,
    cases_concurrent,   cases_random,
    cases_dur,          cases_dur_create,
    cases_dur_flight,   cases_dur_bounded,
    cases_dur_full,     cases_dur_faults,
    cases_crt,          cases_crt_names,
    cases_crt_order,    cases_rsz,
    cases_rsz_order,    cases_rsz_shrink,
    cases_rsz_flushed,  cases_rsz_again,
    cases_rsz_writes,   cases_map,
    cases_chk_errors,   cases_chk,
    cases_err,          cases_err_defects,
    cases_err_sound,    cases_faults,
    cases_faults_calls, cases_lim,
    cases_lim_long,     cases_sec,
    cases_impl,         NULL};
