/* SPDX-License-Identifier: MIT
 *
 * sha256.h - SHA-256 (FIPS 180-4) of bytes in memory, in hexadecimal.
 *
 * Sums of the corpus and the identity of a run are made of these.  Data that
 * comes in pieces is deliberately missing: what is summed is small and whole.
 */
#ifndef ADDCOW_SHA256_H
#define ADDCOW_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX_LEN 64u

/* Writes 64 lower-case digits and a NUL to OUT. */
void sha256_hex(char out[SHA256_HEX_LEN + 1], const uint8_t *data, size_t len);

#endif
