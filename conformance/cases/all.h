/* SPDX-License-Identifier: MIT
 *
 * all.h - the tables of cases, one a chapter.
 */
#ifndef ADDCOW_ALL_H
#define ADDCOW_ALL_H

#include "case.h"

extern const struct conf_case hdr_cases[]; /* hdr.c */

#endif
