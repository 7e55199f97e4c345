/* SPDX-License-Identifier: MIT
 *
 * Opening and closing an image.  Its files are opened for reading and judged;
 * two of them are opened for writing once the image is accepted.
 *
 * No chapter is about this alone: hdr.c judges the header, nam.c finds the
 * files, siz.c compares their lengths, and the order of these steps is here.
 */
#include "judge.h"

#include <stdlib.h>

/* HDR-15, SEC-2: nothing that the header names is opened here. */
int addcow_read_names(struct addcow_names *out, struct addcow_error *error,
                      const struct addcow_host *host, const char *name)
{
    struct findings findings = {.error = error, .file = name};
    struct file entry = {0};
    int result = nam_open_entry(&entry, error, host, name);

    if (result == ADDCOW_OK)
        result = hdr_read(out, &findings, &entry);
    file_close(&entry);
    return result;
}

/* The sizes, and BMP-7 by them.  The bitmap itself is not read (SEC-1,
 * LIM-7). */
static int take_sizes(struct addcow_image *image, struct findings *findings)
{
    uint64_t entry_len;
    int result = file_size(&image->entry, &entry_len);

    if (result == ADDCOW_OK)
        result = file_size(&image->raw, &image->raw_len);
    if (result == ADDCOW_OK && image->backing.handle)
        result = file_size(&image->backing, &image->backing_len);
    if (result != ADDCOW_OK)
        return result;
    image->size = siz_virtual(image->raw_len);
    image->bitmap_len = siz_bitmap_len(image->size);
    if (!siz_holds_bitmap(entry_len, image->size))
        err_report(findings, ADDCOW_CORRUPT, "BMP-7", entry_len,
                   "the file ends inside the bitmap");
    return findings->first;
}

/* ERR-6, WR-20: only these two, and only once the image has been accepted */
static int reopen_for_writing(struct file *file)
{
    struct file writable;
    char *name = file->name;
    int result;

    file->name = NULL; /* WRITABLE owns it now */
    result = file_open(&writable, file->error, file->host, name,
                       ADDCOW_FILE_WRITE, "ERR-6");
    if (result != ADDCOW_OK)
        return result;
    file_close(file);
    *file = writable;
    return ADDCOW_OK;
}

static int open_files(struct addcow_image *image,
                      const struct addcow_host *host, const char *name)
{
    struct findings findings = {.error = &image->error, .file = name};
    int result = nam_open_entry(&image->entry, &image->error, host, name);

    if (result == ADDCOW_OK) /* HDR-15: before any named file */
        result = hdr_read(&image->names, &findings, &image->entry);
    if (result == ADDCOW_OK)
        result = nam_open_named(&image->raw, &image->backing, &image->names,
                                &image->entry);
    if (result == ADDCOW_OK)
        result = nam_judge_identity(&findings, &image->entry, &image->raw,
                                    &image->backing);
    if (result == ADDCOW_OK)
        result = take_sizes(image, &findings);
    if (result == ADDCOW_OK)
        result = findings.first;
    if (result == ADDCOW_OK && image->writable) /* RD-10: not for reading */
        result = reopen_for_writing(&image->entry);
    if (result == ADDCOW_OK && image->writable)
        result = reopen_for_writing(&image->raw);
    return result;
}

static int check_flags(struct addcow_error *error, uint32_t flags)
{
    if (flags & ~(ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH))
        return err_refuse(error, ADDCOW_UNIMPLEMENTED, NULL, "unknown flag");
    if (flags == ADDCOW_OPEN_WRITETHROUGH)
        return err_refuse(error, ADDCOW_INVALID, NULL,
                          "writethrough is for images open for writing");
    return ADDCOW_OK;
}

/* ERR-4, FLS-15: nothing stays open */
static void release(struct addcow_image *image)
{
    file_close(&image->backing);
    file_close(&image->raw);
    file_close(&image->entry);
    cache_release(image);
    free(image->buffer);
    free(image);
}

/* LIM-5: an image has all of its state to itself */
int addcow_open(struct addcow_image **out, struct addcow_error *error,
                const struct addcow_host *host, const char *name,
                uint32_t flags)
{
    struct addcow_image *image;
    int result = check_flags(error, flags);

    if (result != ADDCOW_OK)
        return result;
    image = calloc(1, sizeof(*image));
    if (!image)
        return err_refuse(error, ADDCOW_NO_MEMORY, NULL, "out of memory");
    image->writable = flags & ADDCOW_OPEN_WRITE;
    image->writethrough = flags & ADDCOW_OPEN_WRITETHROUGH;
    /* FLS-16: writes of an earlier handle may not be durable yet */
    image->raw_dirty = image->entry_dirty = image->writable;
    result = open_files(image, host, name);
    if (result != ADDCOW_OK) {
        if (error)
            *error = image->error;
        release(image);
        return result;
    }
    *out = image;
    return ADDCOW_OK;
}

/* FLS-14, FLS-15 */
int addcow_close(struct addcow_image *image)
{
    int result;

    if (!image)
        return ADDCOW_OK;
    result = addcow_flush(image);
    release(image);
    return result;
}
