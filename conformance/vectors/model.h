/* SPDX-License-Identifier: MIT
 *
 * model.h - what a reader makes of a vector: the corpus's own reading of
 * chapters 3 to 7, over files in memory.
 *
 * The second of two witnesses: a recipe says what the guest must read and
 * which class a defect gives; the model works it out from the bytes.  They
 * must agree on each vector.
 */
#ifndef ADDCOW_MODEL_H
#define ADDCOW_MODEL_H

#include "vector.h"

/* Null, and the guest's content in GUEST (the caller frees its data), if a
 * reader opens V and reads it whole; else the class of the refusal.  A
 * missing backing file is refused only if a cluster needs it. */
const char *model_read(struct bytes *guest, struct vector *v);

#endif
