/* SPDX-License-Identifier: MIT
 *
 * Chapter 3, the header: judging one, building one, probing; and which names
 * a header may not have.  Nothing here changes the header of an image that
 * exists (HDR-11).
 */
#include "judge.h"

#include <string.h>

enum {
    VERSION_AT = 8,
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    RESERVED_AT = 2060,
    NAME_FIELD = ADDCOW_NAME_MAX + 1
};

static const unsigned char magic[8] = {0x41, 0x44, 0x44, 0x5F,
                                       0x43, 0x4F, 0x57, 0xFF};

/* HDR-1: the fields at their bytes, zeros after names and in the reserve;
 * NAM-17: the names as they are */
void hdr_build(unsigned char *out, const char *image, const char *backing)
{
    memset(out, 0, HEADER_LEN);
    memcpy(out, magic, sizeof(magic));
    out[VERSION_AT + 3] = 1;
    memcpy(out + BACKING_AT, backing, strlen(backing));
    memcpy(out + IMAGE_AT, image, strlen(image));
}

/*@ requires \valid_read(head + (0 .. \min(len, 8) - 1));
    assigns \nothing;
    ensures HDR_2: \result <==> has_magic(head, len); */
static bool begins_with_magic(const unsigned char *head, size_t len)
{
    if (len < sizeof(magic))
        return false;
    /*@ loop invariant 0 <= i <= 8;
        loop invariant \forall integer j; 0 <= j < i ==> head[j] == magic[j];
        loop assigns i;
        loop variant 8 - i; */
    for (size_t i = 0; i < sizeof(magic); i++)
        if (head[i] != magic[i])
            return false;
    return true;
}

/* HDR-4: most significant byte first */
/*@ requires \valid_read(at + (0 .. 3));
    assigns \nothing;
    ensures HDR_4: \result == big_endian(at); */
static uint32_t load_version(const unsigned char *at)
{
    return ((at[0] * 256u + at[1]) * 256u + at[2]) * 256u + at[3];
}

/* HDR-13, HDR-14; HDR-12: by 12 bytes at most, and no byte past LEN */
/*@ requires HDR_12: \valid_read(head + (0 .. \min(len, 12) - 1));
    assigns \nothing;
    ensures HDR_13: \result == ADDCOW_NOT_ADDCOW <==> !has_magic(head, len);
    ensures HDR_14: \result == ADDCOW_VERSION <==>
      has_magic(head, len) && !is_version_1(head, len);
    ensures HDR_13: \result == ADDCOW_OK <==>
      has_magic(head, len) && is_version_1(head, len); */
static int probe(const unsigned char *head, size_t len)
{
    if (!begins_with_magic(head, len))
        return ADDCOW_NOT_ADDCOW;
    if (len >= VERSION_AT + 4 && load_version(head + VERSION_AT) != 1)
        return ADDCOW_VERSION;
    return ADDCOW_OK;
}

int addcow_probe(const void *head, size_t len)
{
    return probe(head, len);
}

/* The offset of the first NUL at FROM or after it, or END.  That memchr()
 * finds it is not proved but taken from the C standard. */
/*@ requires from <= end && \valid_read(head + (from .. end - 1));
    assigns \nothing;
    ensures from <= \result <= end;
    ensures \result < end ==> head[\result] == 0;
    ensures \forall integer i; from <= i < \result ==> head[i] != 0; */
static size_t find_nul(const unsigned char *head, size_t from, size_t end)
{
    const unsigned char *nul = memchr(head + from, 0, end - from);

    return nul ? (size_t)(nul - head) : end;
}

/* The offset of the first other byte there, or END. */
/*@ requires from <= end && \valid_read(head + (from .. end - 1));
    assigns \nothing;
    ensures from <= \result <= end;
    ensures \result < end ==> head[\result] != 0;
    ensures zeros(head, from, \result); */
static size_t find_nonzero(const unsigned char *head, size_t from, size_t end)
{
    size_t at = from;

    /*@ loop invariant from <= at <= end;
        loop invariant zeros(head, from, at);
        loop assigns at;
        loop variant end - at; */
    while (at < end && !head[at])
        at++;
    return at;
}

/* HDR-6, HDR-7: a NUL, then nothing but zeros */
/*@ requires can_judge(findings, head, 2560) && offset <= 1536;
    assigns findings->first, findings->errors, findings->warnings,
      *findings->error;
    ensures HDR_6: HDR_7: is_field(head, offset) ==>
      findings->first == \old(findings->first);
    ensures HDR_6: HDR_7: !is_field(head, offset) ==>
      findings->first == first_of(\old(findings->first), ADDCOW_CORRUPT); */
static void judge_field(struct findings *findings, const unsigned char *head,
                        size_t offset)
{
    size_t end = offset + NAME_FIELD;
    size_t nul = find_nul(head, offset, end);
    size_t stray = find_nonzero(head, nul, end);

    if (nul == end)
        err_report(findings, ADDCOW_CORRUPT, "HDR-6", offset,
                   "a name field contains no NUL");
    else if (stray != end)
        err_report(findings, ADDCOW_CORRUPT, "HDR-7", stray,
                   "a byte after the end of a name is not zero");
}

/* HDR-8 */
/*@ requires can_judge(findings, head, 2560);
    assigns findings->first, findings->errors, findings->warnings,
      *findings->error;
    ensures HDR_8: zeros(head, 2060, 2560) ==>
      findings->first == \old(findings->first);
    ensures HDR_8: !zeros(head, 2060, 2560) ==>
      findings->first == first_of(\old(findings->first), ADDCOW_CORRUPT); */
static void judge_reserved(struct findings *findings,
                           const unsigned char *head)
{
    size_t stray = find_nonzero(head, RESERVED_AT, HEADER_LEN);

    if (stray != HEADER_LEN)
        err_report(findings, ADDCOW_CORRUPT, "HDR-8", stray,
                   "a reserved byte of the header is not zero");
}

/* NAM-6, NAM-7: a ':' before the first '/' */
bool hdr_is_protocol(const unsigned char *name, size_t len)
{
    size_t at = 0;

    /*@ loop invariant 0 <= at <= len;
        loop invariant \forall integer i; 0 <= i < at ==>
          name[i] != 0 && name[i] != '/' && name[i] != ':';
        loop assigns at;
        loop variant len - at; */
    while (at < len && name[at] && name[at] != '/' && name[at] != ':')
        at++;
    return at < len && name[at] == ':';
}

/* HDR-9, NAM-6; HDR-10: an empty backing_file field is fine */
/*@ requires can_judge(findings, head, 2560);
    assigns findings->first, findings->errors, findings->warnings,
      *findings->error;
    ensures HDR_9: NAM_6: are_names(head) ==>
      findings->first == \old(findings->first);
    ensures HDR_9: NAM_6: !are_names(head) ==>
      findings->first == first_of(\old(findings->first), ADDCOW_CORRUPT); */
static void judge_names(struct findings *findings, const unsigned char *head)
{
    if (!head[IMAGE_AT])
        err_report(findings, ADDCOW_CORRUPT, "HDR-9", IMAGE_AT,
                   "the image_file field is empty");
    if (hdr_is_protocol(head + IMAGE_AT, NAME_FIELD))
        err_report(findings, ADDCOW_CORRUPT, "NAM-6", IMAGE_AT,
                   "the name of the image file is reserved for protocols");
    if (hdr_is_protocol(head + BACKING_AT, NAME_FIELD))
        err_report(findings, ADDCOW_CORRUPT, "NAM-6", BACKING_AT,
                   "the name of the backing file is reserved for protocols");
}

/* HDR-2, HDR-3, HDR-5; ERR-3: magic, then version, then the rest.  Nothing
 * looks at the name of the file (HDR-16). */
int hdr_judge(struct findings *findings, const unsigned char *head, size_t len)
{
    switch (probe(head, len)) {
    case ADDCOW_NOT_ADDCOW:
        return err_report(findings, ADDCOW_NOT_ADDCOW, "HDR-2", 0,
                          "not an add-cow file: the magic is missing");
    case ADDCOW_VERSION:
        return err_report(findings, ADDCOW_VERSION, "HDR-3", VERSION_AT,
                          "the version of the format is not 1");
    }
    if (len < HEADER_LEN)
        return err_report(findings, ADDCOW_CORRUPT, "HDR-5", len,
                          "the file ends inside the header of 2560 bytes");
    judge_field(findings, head, BACKING_AT);
    judge_field(findings, head, IMAGE_AT);
    judge_reserved(findings, head);
    judge_names(findings, head);
    return findings->first;
}

/* Of an accepted header. */
static void take_names(struct addcow_names *out, const unsigned char *head)
{
    memcpy(out->backing, head + BACKING_AT, sizeof(out->backing));
    memcpy(out->image, head + IMAGE_AT, sizeof(out->image));
}

int hdr_read(struct addcow_names *out, struct findings *findings,
             struct file *entry)
{
    unsigned char head[HEADER_LEN];
    uint64_t len;
    int result = file_size(entry, &len);

    if (result != ADDCOW_OK)
        return result;
    len = least(len, HEADER_LEN);
    result = file_read(entry, head, len, 0);
    if (result == ADDCOW_OK)
        result = hdr_judge(findings, head, len);
    if (result == ADDCOW_OK)
        take_names(out, head);
    return result;
}
