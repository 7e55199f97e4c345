/* SPDX-License-Identifier: MIT
 *
 * opened.h - an image of files at rest, opened and judged by the table: what
 * fuzz_header and fuzz_open have in common.
 */
#ifndef FUZZ_OPENED_H
#define FUZZ_OPENED_H

#include "still.h"

/* The files at rest as a host, guarded (guard.h). */
const struct addcow_host *judge_host(void);

/* Compares what SHIM answers to a probe of the LEN bytes DATA. */
void judge_probe(const struct addcow_shim *shim, const uint8_t *data,
                 size_t len);

/* Opens DATA as the add-cow file, for reading, after still_begin() with it,
 * and compares.  Fills VERDICT. The image, to be closed with judge_close();
 * null if it was refused. */
void *judge_open(struct verdict *verdict, const struct addcow_shim *shim,
                 const uint8_t *data, size_t len);

void judge_close(const struct addcow_shim *shim, const struct verdict *verdict,
                 void *image);

#endif
