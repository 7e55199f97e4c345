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
                                             cases_err,
                                             cases_err_defects,
                                             cases_lim,
                                             cases_sec,
                                             NULL};
