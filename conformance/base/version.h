/* SPDX-License-Identifier: MIT
 *
 * version.h - versions of the suite, such as "1.2" or "1.2.3", in their order.
 */
#ifndef ADDCOW_VERSION_H
#define ADDCOW_VERSION_H

/* Fills OUT with the three numbers of S; the last is 0 where S has two.  -1 if
 * S is not a version. */
int version_parse(unsigned out[3], const char *s);

/* Below 0 if A came before B, 0 if they are the same, above 0 if A came after
 * it.  What is not a version counts as 0.0. */
int version_compare(const char *a, const char *b);

#endif
