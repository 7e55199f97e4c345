/* SPDX-License-Identifier: MIT
 *
 * emit.h - writing JSON, a member at a time.
 *
 * KEY is null in an array.
 */
#ifndef ADDCOW_EMIT_H
#define ADDCOW_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct emit {
    FILE *to;
    int depth;
    bool more; /* something is in the innermost one */
};

/* BRACKET is '{' or '[' of the innermost one, '}' or ']' when it ends. */
void emit_open(struct emit *e, const char *key, char bracket);
void emit_close(struct emit *e, char bracket);

void emit_text(struct emit *e, const char *key, const char *s);
void emit_bytes(struct emit *e, const char *key, const char *s, size_t len);
void emit_number(struct emit *e, const char *key, uint64_t value);
void emit_fraction(struct emit *e, const char *key, double value);
void emit_seconds(struct emit *e, const char *key, uint64_t microseconds);
void emit_flag(struct emit *e, const char *key, bool value);
void emit_null(struct emit *e, const char *key);

#endif
