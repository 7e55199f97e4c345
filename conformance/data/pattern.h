/* SPDX-License-Identifier: MIT
 *
 * pattern.h - content that says where it came from.
 *
 * A pattern is a function of a tag and an offset.  Every 16 bytes of it say
 * the tag, the sector and the place in the sector, so what was read can be
 * named.  Two bits of every byte are the class of the tag and never both 0:
 * a single byte of the old image file, of the backing file, of a guest write
 * and of zeros can be told apart.  At the same offset two tags of one class
 * whose numbers agree in number / 64 differ in every byte.
 */
#ifndef ADDCOW_PATTERN_H
#define ADDCOW_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A tag is a class and a number below 2^24. */
#define TAG_OLD UINT32_C(0x1000000)     /* what the image file held before */
#define TAG_BACKING UINT32_C(0x2000000) /* what the backing file holds */
#define TAG_WRITE UINT32_C(0x3000000)   /* guest writes, numbered from 1 */
#define TAG_CLASS UINT32_C(0x3000000)   /* mask */
#define TAG_NUMBER UINT32_C(0xffffff)   /* mask */

#define PATTERN_UNIT 16 /* bytes that identify themselves */

/* The LEN bytes at OFFSET of the pattern TAG. */
void pattern_fill(void *out, size_t len, uint64_t offset, uint32_t tag);

/* Keeps the first LEN bytes of the pattern TAG in memory for the rest of the
 * process, so that they need not be made again: a fuzzer reads them without
 * end.  At most four tags. */
void pattern_keep(uint32_t tag, size_t len);

/* The LEN bytes at OFFSET, if they are kept; else null. */
const uint8_t *pattern_view(size_t len, uint64_t offset, uint32_t tag);

/* Whether the LEN bytes at DATA, which are of no pattern then, are zeros. */
bool pattern_is_zeros(const void *data, size_t len);

/* Looks for a whole, aligned unit in the LEN bytes that were found at OFFSET.
 * Returns 1 and what it says of itself, or 0. */
bool pattern_identify(uint32_t *tag, uint64_t *sector, const void *data,
                      size_t len, uint64_t offset);

/* Says in words what the LEN bytes found at OFFSET are: "zeros", "backing
 * bytes of sector 3", "old bytes of the image file of sector 128", "guest
 * write 4 of sector 7", or a few bytes in hex.  At most SIZE bytes with the
 * NUL. */
void pattern_name(char *out, size_t size, const void *data, size_t len,
                  uint64_t offset);

/* The kind of the LEN bytes found at OFFSET, one of "zeros", "backing", "old",
 * "write" and "unknown". */
const char *pattern_kind(const void *data, size_t len, uint64_t offset);

/* As pattern_name(), of bytes of several kinds: "zeros, from byte 50 on guest
 * write 1 at sector 0, from byte 150 on zeros".  Four kinds at most. */
void pattern_name_parts(char *out, size_t size, const void *data, size_t len,
                        uint64_t offset);

#endif
