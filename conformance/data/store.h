/* SPDX-License-Identifier: MIT
 *
 * store.h - the bytes of one file, sparse.
 *
 * Memory depends on the pages that were written, never on the size.  What was
 * not written is the background, a pattern (see pattern.h) up to some length,
 * and zeros after it: a file of 2^62 bytes may have content of its own in
 * each sector and cost nothing.  Copies share their pages.
 */
#ifndef ADDCOW_STORE_H
#define ADDCOW_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_PAGE 4096

struct store;

struct store *store_new(void);
struct store *store_clone(const struct store *s);
void store_free(struct store *s);

uint64_t store_size(const struct store *s);

/* Cuts, or extends with zeros. */
void store_set_size(struct store *s, uint64_t size);

/* Bytes at or beyond the size are zeros. */
void store_read(const struct store *s, void *out, size_t len, uint64_t offset);

/* The LEN bytes at OFFSET in memory, until S changes; null where they do not
 * stand there in one piece. */
const uint8_t *store_view(const struct store *s, size_t len, uint64_t offset);

/* Whether the range, which lies in one page, has the same content in both,
 * known without a look at the bytes; 0 says nothing. */
bool store_is_shared(const struct store *a, const struct store *b, size_t len,
                     uint64_t offset);

/* Whether the range is all zeros; a background counts as something else. */
bool store_is_zeros(const struct store *s, size_t len, uint64_t offset);

/* Extends the file if need be. */
void store_write(struct store *s, const void *data, size_t len,
                 uint64_t offset);

/* The same with the page at OFFSET, which was written in FROM, as it is there;
 * for less. */
void store_share_page(struct store *s, const struct store *from,
                      uint64_t offset);

/* Replaces everything by what FROM holds. */
void store_assign(struct store *s, const struct store *from);

/* A page of which some sectors of 512 bytes were written. */
struct changed {
    uint64_t offset;
    const uint8_t *before; /* STORE_PAGE bytes, as NOW; good in the visit */
    const uint8_t *now;
    unsigned sectors; /* a bit for each that is not the same, the first: 1 */
};

/* Calls VISIT with each page that was written in S and is not the same in
 * OLD.  Neither may be written meanwhile; copies of them may. */
void store_each_change(const struct store *s, const struct store *old,
                       void (*visit)(void *arg, const struct changed *page),
                       void *arg);

/* Replaces everything: SIZE bytes of the pattern TAG. */
void store_fill(struct store *s, uint32_t tag, uint64_t size);

/* Whether A and B differ in size or content.  If so *OFFSET is the first byte
 * that differs, or the smaller size. */
bool store_differ(const struct store *a, const struct store *b,
                  uint64_t *offset);

/* The first page, by its offset, at or after OFFSET that was written;
 * UINT64_MAX if there is none. */
uint64_t store_next_page(const struct store *s, uint64_t offset);

/* The length of the background pattern, 0 if there is none. */
uint64_t store_background(const struct store *s);

#endif
