/* SPDX-License-Identifier: MIT
 *
 * vector.h - one vector of the corpus in memory: its files, what the guest
 * must read, and what the manifest says of it.
 *
 * Files of a host (modes, times, holes) are deliberately missing: a vector
 * is names and bytes, nothing that a checkout could lose.
 */
#ifndef ADDCOW_VECTOR_H
#define ADDCOW_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VECTOR_MAX_FILES 8u
#define VECTOR_MAX_WORD 200u      /* bytes of a word of the manifest */
#define VECTOR_MAX_LEN (1u << 20) /* bytes of one file */
#define HEADER_LEN 2560u          /* the layout, as chapter 3 has it */
#define BACKING_OFFSET 12u
#define IMAGE_OFFSET 1036u
#define NAME_FIELD_LEN 1024u
#define CLUSTER_LEN 65536u

/* Bytes that grow; DATA is null while LEN is 0. */
struct bytes {
    uint8_t *data;
    size_t len;
};

/* A file, or with a TARGET a link to the file of that name.  A link is not
 * part of the checkout: who uses the vector makes it, as its flag says. */
struct vector_file {
    char *name;
    char *target;
    bool symbolic; /* of a link */
    struct bytes content;
};

/* What happened to a vector that has a defect. */
struct defect {
    bool present;
    const char *file; /* the name of the file that it changed or removed */
    size_t offset;    /* the range that may differ from the good file: */
    size_t len;       /* a cut reaches to the end of the longer one */
    bool removed;
};

enum vector_result { RESULT_NONE, RESULT_VALID, RESULT_INVALID, RESULT_IMPL };

/* An empty string: the recipe does not say.  CLASSES has "-" for none. */
struct vector {
    char id[VECTOR_MAX_WORD];
    char classes[VECTOR_MAX_WORD];
    char level[VECTOR_MAX_WORD];
    char clauses[VECTOR_MAX_WORD];
    char since[VECTOR_MAX_WORD];
    char entry[VECTOR_MAX_WORD];
    char comment[2 * VECTOR_MAX_WORD];
    enum vector_result result;
    struct vector_file files[VECTOR_MAX_FILES];
    size_t n_files;
    struct bytes
        guest; /* what the guest reads; the good image's, if invalid */
    struct defect defect;
};

/* Frees what V holds.  V itself is the caller's. */
void vector_finish(struct vector *v);

/* The file or link of that name, or null. */
struct vector_file *vector_find(struct vector *v, const char *name);

/* Adds an empty file.  Null if V is full or memory is out; the name is
 * copied. */
struct vector_file *vector_add(struct vector *v, const char *name);

/* Takes a file or link out of V. */
void vector_remove(struct vector *v, struct vector_file *file);

/* Cuts B or makes it longer with zeros.  False, and B as it was, if LEN is
 * over VECTOR_MAX_LEN or memory is out. */
bool bytes_resize(struct bytes *b, size_t len);

/* Writes LEN bytes of DATA at OFFSET, making B longer if needed.  False, and
 * B as it was, as with bytes_resize(). */
bool bytes_write(struct bytes *b, const void *data, size_t len, size_t offset);

/* As bytes_write(), the bytes being those of the pattern of TAG for OFFSET
 * (see corpus/README.md), or zeros if TAG is "zero". */
bool bytes_fill(struct bytes *b, const char *tag, size_t len, size_t offset);

/* "valid", "invalid", "impl", or null. */
const char *vector_result_name(enum vector_result result);

#endif
