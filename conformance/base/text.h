/* SPDX-License-Identifier: MIT
 *
 * text.h - text of others, written safely: on a terminal, as words of a
 * shell, as XML or JSON, as valid UTF-8.
 */
#ifndef ADDCOW_TEXT_H
#define ADDCOW_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes S with control bytes as \xNN: names and messages come from outside
 * and must not steer the terminal. */
void text_put(FILE *to, const char *s);

/* As text_put(), broken between words into lines of 79 columns; the first line
 * goes on at column INDENT, the others are indented by it. */
void text_put_wrapped(FILE *to, const char *s, int indent);

/* Writes S so that a POSIX shell reads it as one word. */
void text_put_quoted(FILE *to, const char *s);

/* Writes the LEN bytes at S line by line, each after PREFIX, as text_put
 * does. */
void text_put_lines(FILE *to, const char *prefix, const char *s, size_t len);

/* A copy of the LEN bytes at S, to be freed, NUL-terminated and valid UTF-8:
 * a byte that is no part of a character becomes \xNN.  Its length in
 * *OUT_LEN. */
char *text_utf8(size_t *out_len, const char *s, size_t len);

/* As text_utf8(), in place, in SIZE bytes that hold a string; what does not
 * fit is cut off between characters. */
void text_make_utf8(char *s, size_t size);

/* Writes a time, "0.001500" for 1500 microseconds. */
void text_put_seconds(FILE *to, uint64_t microseconds);

/* Writes LEN bytes of UTF-8 as text of XML and HTML, which may be an
 * attribute; control bytes as \xNN. */
void text_put_xml(FILE *to, const char *s, size_t len);

/* Writes LEN bytes of UTF-8 as a string of JSON, with its quotes. */
void text_put_json(FILE *to, const char *s, size_t len);

#endif
