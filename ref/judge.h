/* SPDX-License-Identifier: MIT
 *
 * judge.h - judging an image: findings, and the functions that judge a header
 * and the files that it names.
 *
 * Deliberately missing: sizes.  open.c and chk.c compare those with what siz.c
 * computes.
 */
#ifndef ADDCOW_JUDGE_H
#define ADDCOW_JUDGE_H

#include "internal.h"

/* ---- err.c: findings ---------------------------------------------------- */

/* Collects what is found wrong with a file. */
struct findings {
    addcow_report *report; /* may be null */
    void *ctx;
    struct addcow_error *error; /* the first error; may be null */
    const char *file;
    int first; /* class of the first error, or OK */
    uint64_t errors;
    uint64_t warnings;
};

/*@ logic integer first_of(integer first, integer next) =
      first == ADDCOW_OK ? next : first; */

/* Adds an error, or a warning if RESULT is OK.  Returns RESULT. */
/*@ requires \valid(findings) && \separated(findings, findings->error);
    assigns findings->first, findings->errors, findings->warnings,
      *findings->error;
    ensures \result == result;
    ensures findings->first == first_of(\old(findings->first), result); */
int err_report(struct findings *findings, int result, const char *clause,
               uint64_t offset, const char *what);

/* ---- hdr.c: the header -------------------------------------------------- */

/*@ predicate zeros{L}(unsigned char *head, integer from, integer end) =
      \forall integer i; from <= i < end ==> head[i] == 0;

    // HDR-4
    logic integer big_endian{L}(unsigned char *at) =
      at[0] * 0x1000000 + at[1] * 0x10000 + at[2] * 0x100 + at[3];

    // HDR-2
    predicate has_magic{L}(unsigned char *head, integer len) =
      len >= 8 && head[0] == 0x41 && head[1] == 0x44 && head[2] == 0x44 &&
      head[3] == 0x5F && head[4] == 0x43 && head[5] == 0x4F &&
      head[6] == 0x57 && head[7] == 0xFF;

    // HDR-3, HDR-13
    predicate is_version_1{L}(unsigned char *head, integer len) =
      len >= 12 ==> big_endian(head + 8) == 1;

    // HDR-6, HDR-7
    predicate is_field{L}(unsigned char *head, integer at) =
      \exists integer nul; at <= nul < at + 1024 && head[nul] == 0 &&
        zeros(head, nul, at + 1024) &&
        \forall integer i; at <= i < nul ==> head[i] != 0;

    // NAM-6, NAM-7
    predicate is_reserved{L}(unsigned char *name, integer len) =
      \exists integer colon; 0 <= colon < len && name[colon] == ':' &&
        \forall integer i; 0 <= i < colon ==> name[i] != 0 && name[i] != '/';

    // HDR-9, NAM-6; HDR-10
    predicate are_names{L}(unsigned char *head) =
      head[1036] != 0 && !is_reserved(head + 1036, 1024) &&
      !is_reserved(head + 12, 1024);

    // Chapter 3, and NAM-6
    predicate is_header{L}(unsigned char *head, integer len) =
      has_magic(head, len) && is_version_1(head, len) && len >= 2560 &&
      is_field(head, 12) && is_field(head, 1036) && zeros(head, 2060, 2560) &&
      are_names(head); */

/*@ predicate can_judge{L}(struct findings *findings, unsigned char *head,
                          integer len) =
      \valid(findings) && \separated(findings, findings->error) &&
      \valid_read(head + (0 .. len - 1)) &&
      \separated(findings, head + (0 .. len - 1)); */

/* Judges the LEN bytes from the start of the file, LEN being HEADER_LEN or
 * the length of a shorter file.  Returns the class of the first error. */
/*@ requires can_judge(findings, head, \min(len, 2560));
    requires findings->first == ADDCOW_OK;
    assigns findings->first, findings->errors, findings->warnings,
      *findings->error;
    ensures HDR_2: !has_magic(head, len) ==> \result == ADDCOW_NOT_ADDCOW;
    ensures HDR_3: ERR_3: has_magic(head, len) && !is_version_1(head, len) ==>
      \result == ADDCOW_VERSION;
    ensures HDR_5: ERR_3: has_magic(head, len) && is_version_1(head, len) &&
      !is_header(head, len) ==> \result == ADDCOW_CORRUPT;
    ensures is_header(head, len) ==> \result == ADDCOW_OK; */
int hdr_judge(struct findings *findings, const unsigned char *head,
              size_t len);
/* Fills OUT, HEADER_LEN bytes, from names that fit. */
void hdr_build(unsigned char *out, const char *image, const char *backing);
/* Reads the header of ENTRY and judges it; *OUT: its names, if it is good. */
int hdr_read(struct addcow_names *out, struct findings *findings,
             struct file *entry);

/* Whether the LEN bytes, or those before a NUL, are a name that is reserved
 * for protocols. */
/*@ requires \valid_read(name + (0 .. len - 1));
    assigns \nothing;
    ensures NAM_6: NAM_7: \result <==> is_reserved(name, len); */
bool hdr_is_protocol(const unsigned char *name, size_t len);

/* ---- nam.c: the files of an image --------------------------------------- */

/* Reports if two of the three are the same file.  BACKING may be closed. */
int nam_judge_identity(struct findings *findings, struct file *entry,
                       struct file *raw, struct file *backing);

#endif
