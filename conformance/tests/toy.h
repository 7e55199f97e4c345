/* SPDX-License-Identifier: MIT
 *
 * toy.h - a small implementation of the format, right or broken on purpose,
 * that shows what the world of a case catches.
 */
#ifndef ADDCOW_TOY_H
#define ADDCOW_TOY_H

#include "addcow_shim.h"

enum toy_fault {
    TOY_GOOD,
    TOY_ANY_VERSION,    /* opens version 2 */
    TOY_SHOW_OLD,       /* reads the image file whatever the bit says */
    TOY_NO_COPY_UP,     /* leaves the rest of a cluster as it is */
    TOY_EARLY_BIT,      /* no flush between data and bit */
    TOY_NO_FLUSH,       /* flush does nothing */
    TOY_CLEAR_BITS,     /* forgets the neighbours' bits */
    TOY_LEAK,           /* never closes the backing file */
    TOY_PAST_BUFFER,    /* reads a byte too many into the buffer */
    TOY_CHANGE_INPUT,   /* changes what is to be written */
    TOY_POSITIVE_ERRNO, /* out of range: EINVAL */
    TOY_MINUS_ERRNO,    /* out of range: -EINVAL */
    TOY_BAD_HANDLE,     /* uses a file that it has closed */
    TOY_LATE_HOST,      /* probe() goes to the host of the last open() */
    TOY_UNIMPLEMENTED   /* write answers so */
};

/* The table, which behaves as FAULT says until the next call. */
const struct addcow_shim *toy(enum toy_fault fault);

/* The same without HOST, on plain files. */
const struct addcow_shim *toy_posix(enum toy_fault fault);

/* Frees what failed cases left open. */
void toy_reset(void);

#endif
