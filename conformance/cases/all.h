/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, one a file.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "case.h"

extern const struct conf_case cases_hdr[]; /* hdr.c, and so on */
extern const struct conf_case cases_hdr_write[];
extern const struct conf_case cases_hdr_probe[];
extern const struct conf_case cases_nam[];
extern const struct conf_case cases_nam_files[];
extern const struct conf_case cases_bmp[];
extern const struct conf_case cases_bmp_len[];
extern const struct conf_case cases_siz[];
extern const struct conf_case cases_err[];
extern const struct conf_case cases_err_defects[];
extern const struct conf_case cases_lim[];
extern const struct conf_case cases_sec[];

#endif
