/* SPDX-License-Identifier: MIT
 *
 * content.h - contents of sectors, each kept once and known by a number.
 *
 * Equal contents have equal numbers, so that a medium is a list of numbers
 * and comparing two sectors is comparing these.  Number 0 is zeros.
 */
#ifndef ADDCOW_CRASH_CONTENT_H
#define ADDCOW_CRASH_CONTENT_H

#include <stddef.h>
#include <stdint.h>

struct contents;

struct contents *contents_new(void);
void contents_free(struct contents *c);

/* The number of these 512 bytes. */
uint32_t contents_put(struct contents *c, const uint8_t *data);

/* ID with LEN bytes of DATA from byte AT on, all within its 512. */
uint32_t contents_patch(struct contents *c, uint32_t id, const uint8_t *data,
                        size_t at, size_t len);

/* 512 bytes that stay where they are. */
const uint8_t *contents_at(const struct contents *c, uint32_t id);

/* The first LEN bytes of ID, then zeros. */
uint32_t contents_cut(struct contents *c, uint32_t id, size_t len);

/* A hash that depends on the bytes of ID alone. */
uint64_t contents_hash(const struct contents *c, uint32_t id);

/* N tokens, contents like no other: numbers from what is returned on.  They
 * are always the same, and may be asked for once. */
uint32_t contents_tokens(struct contents *c, size_t n);

#endif
