/* SPDX-License-Identifier: MIT
 *
 * Chapter 3, the header: judging one, building one, probing.  Nothing here
 * changes the header of an image that exists (HDR-11).
 */
#include "internal.h"

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
void build_header(unsigned char *out, const char *image, const char *backing)
{
    memset(out, 0, HEADER_LEN);
    memcpy(out, magic, sizeof magic);
    out[VERSION_AT + 3] = 1;
    memcpy(out + BACKING_AT, backing, strlen(backing));
    memcpy(out + IMAGE_AT, image, strlen(image));
}

/* HDR-4: most significant byte first */
static uint32_t load_version(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/* The first of LEN bytes, at most those of a field, that is not zero; null if
 * all are. */
static const unsigned char *find_nonzero(const unsigned char *at, size_t len)
{
    static const unsigned char zeros[NAME_FIELD];

    if (memcmp(at, zeros, len) == 0)
        return NULL;
    while (!*at)
        at++;
    return at;
}

/* HDR-6, HDR-7: a NUL, then nothing but zeros */
static void judge_field(struct findings *findings, const unsigned char *field,
                        uint64_t offset)
{
    const unsigned char *end = memchr(field, 0, NAME_FIELD);
    const unsigned char *byte;

    if (!end) {
        find(findings, ADDCOW_CORRUPT, "HDR-6", offset,
             "a name field contains no NUL");
        return;
    }
    byte = find_nonzero(end, (size_t)(field + NAME_FIELD - end));
    if (byte)
        find(findings, ADDCOW_CORRUPT, "HDR-7",
             offset + (uint64_t)(byte - field),
             "a byte after the end of a name is not zero");
}

/* HDR-8 */
static void judge_reserved(struct findings *findings,
                           const unsigned char *head)
{
    const unsigned char *byte =
        find_nonzero(head + RESERVED_AT, HEADER_LEN - RESERVED_AT);

    if (byte)
        find(findings, ADDCOW_CORRUPT, "HDR-8", (uint64_t)(byte - head),
             "a reserved byte of the header is not zero");
}

/* HDR-9, NAM-6; HDR-10: an empty backing_file field is fine */
static void judge_names(struct findings *findings,
                        const struct addcow_names *names)
{
    if (!names->image[0])
        find(findings, ADDCOW_CORRUPT, "HDR-9", IMAGE_AT,
             "the image_file field is empty");
    if (is_protocol(names->image))
        find(findings, ADDCOW_CORRUPT, "NAM-6", IMAGE_AT,
             "the name of the image file is reserved for protocols");
    if (is_protocol(names->backing))
        find(findings, ADDCOW_CORRUPT, "NAM-6", BACKING_AT,
             "the name of the backing file is reserved for protocols");
}

/* A field without a NUL, which is refused, still ends inside the struct. */
static void take_names(struct addcow_names *out, const unsigned char *head)
{
    memcpy(out->backing, head + BACKING_AT, ADDCOW_NAME_MAX);
    memcpy(out->image, head + IMAGE_AT, ADDCOW_NAME_MAX);
    out->backing[ADDCOW_NAME_MAX] = out->image[ADDCOW_NAME_MAX] = '\0';
}

/* HDR-2, HDR-3, HDR-5; ERR-3: magic, then version, then the rest.  Nothing
 * looks at the name of the file (HDR-16). */
int judge_header(struct findings *findings, const unsigned char *head,
                 size_t len)
{
    struct addcow_names names;

    switch (addcow_probe(head, len)) {
    case ADDCOW_NOT_ADDCOW:
        return find(findings, ADDCOW_NOT_ADDCOW, "HDR-2", 0,
                    "not an add-cow file: the magic is missing");
    case ADDCOW_VERSION:
        return find(findings, ADDCOW_VERSION, "HDR-3", VERSION_AT,
                    "the version of the format is not 1");
    }
    if (len < HEADER_LEN)
        return find(findings, ADDCOW_CORRUPT, "HDR-5", len,
                    "the file ends inside the header of 2560 bytes");
    judge_field(findings, head + BACKING_AT, BACKING_AT);
    judge_field(findings, head + IMAGE_AT, IMAGE_AT);
    judge_reserved(findings, head);
    take_names(&names, head);
    judge_names(findings, &names);
    return findings->first;
}

int read_header(struct addcow_names *out, struct findings *findings,
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
        result = judge_header(findings, head, len);
    if (result == ADDCOW_OK)
        take_names(out, head);
    return result;
}

/* HDR-12, HDR-13, HDR-14: by 12 bytes at most, and no byte past LEN */
int addcow_probe(const void *head, size_t len)
{
    const unsigned char *bytes = head;

    if (len < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return ADDCOW_NOT_ADDCOW;
    if (len >= VERSION_AT + 4 && load_version(bytes + VERSION_AT) != 1)
        return ADDCOW_VERSION;
    return ADDCOW_OK;
}
