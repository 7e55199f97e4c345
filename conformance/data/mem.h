/* SPDX-License-Identifier: MIT
 *
 * mem.h - memory for the suite itself.  Running out ends the process with a
 * line on standard error: there is nothing to test without memory.
 *
 * With MEM_RECYCLE, for the fuzzers, what is freed is kept for the next of
 * its size: an allocator that is watched by a sanitizer would take longer
 * than all the rest, and would look for mistakes of ours, not of the
 * implementation under test.
 */
#ifndef ADDCOW_MEM_H
#define ADDCOW_MEM_H

#include <stddef.h>

/* N zeroed items of LEN bytes.  Never null.  Freed with mem_free(). */
void *mem_new(size_t n, size_t len);

/* LEN bytes of any content, likewise. */
void *mem_raw(size_t len);

/* Makes room for at least WANTED items of LEN bytes, doubling *ROOM. */
void *mem_grow(void *p, size_t *room, size_t wanted, size_t len);

/* A copy of LEN bytes, or of a string; null stays null. */
void *mem_copy(const void *data, size_t len);
char *mem_string(const char *s);

/* memcpy() of LEN bytes, of which a compiler does not know that they are at
 * most a page: for these it may choose a slow loop of its own. */
void mem_move(void *to, const void *from, size_t len);

/* Of what any of the above gave; null is fine.  Without MEM_RECYCLE it is
 * free(). */
void mem_free(void *p);

#endif
