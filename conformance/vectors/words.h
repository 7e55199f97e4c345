/* SPDX-License-Identifier: MIT
 *
 * words.h - the small parts of a recipe's line: numbers, bytes, names.
 */
#ifndef ADDCOW_WORDS_H
#define ADDCOW_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest name that a header field can be given: one that fills it, with
 * no NUL, and one that a recipe gets wrong. */
#define WORD_MAX_NAME 1100u

/* A decimal number up to MAX.  False if WORD is anything else. */
bool word_number(size_t *out, const char *word, size_t max);

/* Pairs of hexadecimal digits, at most MAX_LEN bytes.  False if WORD is
 * anything else, or empty. */
bool word_hex(uint8_t *out, size_t *out_len, const char *word, size_t max_len);

/* A name as recipes write it: "" for none, \xHH for a byte, {TEXT*N} for N
 * times TEXT.  False if WORD is malformed or has a NUL. */
bool word_name(char out[WORD_MAX_NAME + 1], const char *word);

/* A cluster "8" or a run of them "0-7", each below MAX.  False if WORD is
 * anything else. */
bool word_run(size_t *first, size_t *last, const char *word, size_t max);

#endif
