/* SPDX-License-Identifier: MIT
 *
 * memory.h - memory of the suite itself.  If there is none, the process ends
 * with status 3 and a line on standard error: nothing can be judged then.
 *
 * There are two allocators, and a program links one of them:
 *
 *   memory_malloc.c         for the runner and the cases.  mem_free() is
 *                           free() there, so that the runner, which also holds
 *                           strings of realpath() and the like, need not tell
 *                           them apart.
 *   fuzz/memory_recycle.c   for the fuzzers.  A freed block is kept for the
 *                           next of its size: an allocator that a sanitizer
 *                           watches would take longer than all the rest.
 *
 * So data, disk and oracle, which the fuzzers link, call mem_free() and never
 * free(), and so do crash and env; conformance/t/house.sh looks.
 */
#ifndef ADDCOW_MEMORY_H
#define ADDCOW_MEMORY_H

#include <stddef.h>

/* ---- The allocator */

/* N zeroed items of LEN bytes.  Never null.  Freed with mem_free(). */
void *mem_new(size_t n, size_t len);

/* LEN bytes of any content, likewise. */
void *mem_raw(size_t len);

/* P, or null, with room for LEN bytes; what is new has any content. */
void *mem_resize(void *p, size_t len);

/* P comes from any function here but mem_shared(); null is fine. */
void mem_free(void *p);

/* ---- What is made of it */

/* Makes room for at least WANTED items of LEN bytes, doubling *ROOM. */
void *mem_grow(void *p, size_t *room, size_t wanted, size_t len);

/* A copy of LEN bytes, or of a string; null stays null. */
void *mem_copy(const void *data, size_t len);
char *mem_string(const char *s);

/* A string made as printf() makes it. */
char *mem_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* ---- Others */

/* SIZE zeroed bytes that child processes share, for munmap().  The fuzzers,
 * which have no children, do without. */
void *mem_shared(size_t size);

/* memcpy() of LEN bytes, of which a compiler does not know that they are at
 * most a page: for these it may choose a slow loop of its own. */
void mem_move(void *to, const void *from, size_t len);

/* P, unless it is null: then the process ends as said above. */
void *mem_checked(void *p);

#endif
