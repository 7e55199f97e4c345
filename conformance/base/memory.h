/* SPDX-License-Identifier: MIT
 *
 * memory.h - allocation in the runner.  Where there is no memory it ends with
 * status 3, in one line: the runner can judge nothing any more.
 */
#ifndef ADDCOW_MEMORY_H
#define ADDCOW_MEMORY_H

#include <stddef.h>

/* N zeroed items of SIZE bytes, to be freed. */
void *memory_new(size_t n, size_t size);

/* A string made as printf makes it, to be freed. */
char *memory_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* SIZE zeroed bytes that child processes share, for munmap(). */
void *memory_shared(size_t size);

#endif
