/* SPDX-License-Identifier: MIT
 *
 * footprint.h - how much memory the process uses, as the operating system
 * counts it.
 *
 * Deliberately missing: systems without Linux's /proc; there nothing is known.
 */
#ifndef ADDCOW_FOOTPRINT_H
#define ADDCOW_FOOTPRINT_H

#include <stdint.h>

/* Bytes that are in memory now; 0 if that is not known. */
uint64_t footprint_now(void);

/* The most bytes of address space that were ever in use; 0 if not known. */
uint64_t footprint_peak(void);

#endif
