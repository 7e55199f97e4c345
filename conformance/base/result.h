/* SPDX-License-Identifier: MIT
 *
 * result.h - the results of enum addcow_result in words.
 */
#ifndef ADDCOW_RESULT_H
#define ADDCOW_RESULT_H

/* "CORRUPT (-1004)", or null if RESULT is not one of them. */
const char *result_name(int result);

/* "CORRUPT", or "no-result".  Signatures of failures hold it. */
const char *class_name(int result);

#endif
