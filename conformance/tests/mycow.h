/* SPDX-License-Identifier: MIT
 *
 * mycow.h - the library that the shim in README.md imagines.
 */
#ifndef MYCOW_H
#define MYCOW_H

#include <stddef.h>
#include <stdint.h>

struct mycow;

struct mycow *mycow_open(const char *name, int writable);
int mycow_close(struct mycow *cow);
int mycow_flush(struct mycow *cow);
uint64_t mycow_size(struct mycow *cow);
int mycow_read(struct mycow *cow, uint64_t offset, void *out, size_t len);
int mycow_write(struct mycow *cow, uint64_t offset, const void *data,
                size_t len);

#endif
