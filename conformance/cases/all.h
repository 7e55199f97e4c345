/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, one a chapter.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "case.h"

extern const struct conf_case hdr_cases[]; /* hdr.c */
extern const struct conf_case cases_dur[]; /* dur.c */
extern const struct conf_case cases_crt[]; /* crt.c */
extern const struct conf_case cases_crt_order[];
extern const struct conf_case cases_rsz[]; /* rsz.c */
extern const struct conf_case cases_rsz_order[];
extern const struct conf_case cases_map[];  /* map.c */
extern const struct conf_case cases_chk[];  /* chk.c */
extern const struct conf_case cases_impl[]; /* impl.c */

#endif
