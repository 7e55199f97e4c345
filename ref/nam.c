/* SPDX-License-Identifier: MIT
 *
 * Chapter 4, names and files: from the names of a header to open files, and
 * opening an image.
 *
 * Deliberately missing: protocols and backing files of other formats; every
 * file is raw bytes (NAM-12, NAM-13), so no chain can close (SEC-3).
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* NAM-1, NAM-2, NAM-3, NAM-5: the directory is the text of the path up to its
 * last '/'; NAM-9, LIM-3: the result has the length that it needs */
char *join_name(const char *entry, const char *name)
{
    const char *slash = strrchr(entry, '/');
    size_t dir_len = slash && name[0] != '/' ? (size_t)(slash - entry) + 1 : 0;
    char *path = malloc(dir_len + strlen(name) + 1);

    if (!path)
        return NULL;
    memcpy(path, entry, dir_len);
    memcpy(path + dir_len, name, strlen(name) + 1);
    return path;
}

/* NAM-6, NAM-7: a ':' before the first '/' */
bool is_protocol(const unsigned char *name, size_t len)
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

/* NAM-10: by identity, not by spelling */
int same_file(bool *out, struct file *a, struct file *b)
{
    struct addcow_identity x;
    struct addcow_identity y;
    int result = a->host->identify(a->host->ctx, a->handle, &x);

    if (result == ADDCOW_OK)
        result = b->host->identify(b->host->ctx, b->handle, &y);
    if (result != ADDCOW_OK)
        return refuse(
            a->error,
            result == ADDCOW_NO_MEMORY ? ADDCOW_NO_MEMORY : ADDCOW_IO, NULL,
            a->name, ADDCOW_NO_OFFSET, "the identity cannot be told");
    *out = x.device == y.device && x.inode == y.inode;
    return ADDCOW_OK;
}

static int judge_pair(struct findings *findings, struct file *a,
                      struct file *b, const char *what)
{
    bool same = false;
    int result = same_file(&same, a, b);

    if (result == ADDCOW_OK && same)
        find(findings, ADDCOW_CORRUPT, "NAM-10", ADDCOW_NO_OFFSET, what);
    return result;
}

int judge_identity(struct findings *findings, struct file *entry,
                   struct file *raw, struct file *backing)
{
    int result = judge_pair(findings, entry, raw, "it is its own image file");

    if (result == ADDCOW_OK && backing->handle)
        result =
            judge_pair(findings, entry, backing, "it is its own backing file");
    if (result == ADDCOW_OK && backing->handle)
        result = judge_pair(findings, raw, backing,
                            "image file and backing file are the same file");
    return result;
}

/* NAM-14; NAM-15 (IMPL-1 a, IMPL-4 a).  NAM-16 is the host's: it refuses
 * what is no file, without waiting. */
int open_named(struct file *raw, struct file *backing,
               const struct addcow_names *names, const struct file *entry)
{
    int result = file_open(raw, entry->error, entry->host,
                           join_name(entry->name, names->image), 0, "NAM-14");

    if (result == ADDCOW_OK && names->backing[0])
        result =
            file_open(backing, entry->error, entry->host,
                      join_name(entry->name, names->backing), 0, "NAM-15");
    return result;
}

int open_entry(struct file *entry, struct addcow_error *error,
               const struct addcow_host *host, const char *name)
{
    if (!name || !name[0])
        return refuse(error, ADDCOW_INVALID, NULL, NULL, ADDCOW_NO_OFFSET,
                      "the name of the add-cow file is empty");
    /* ERR-5 */
    return file_open(entry, error, host, strdup(name), 0, "ERR-5");
}

/* HDR-15, SEC-2: nothing that the header names is opened here. */
int addcow_read_names(struct addcow_names *out, struct addcow_error *error,
                      const struct addcow_host *host, const char *name)
{
    struct findings findings = {.error = error, .file = name};
    struct file entry = {0};
    int result = open_entry(&entry, error, host, name);

    if (result == ADDCOW_OK)
        result = read_header(out, &findings, &entry);
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
    image->size = size_of(image->raw_len);
    image->bitmap_len = bitmap_len_of(image->size);
    if (!holds_bitmap(entry_len, image->size))
        find(findings, ADDCOW_CORRUPT, "BMP-7", entry_len,
             "the file ends inside the bitmap");
    return findings->first;
}

/* ERR-6, WR-20: only these two, and only once the image has been accepted */
static int reopen_for_writing(struct file *file)
{
    struct file writable;
    char *name = file->name;
    int result;

    file->name = NULL; /* goes from one to the other */
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
    int result = open_entry(&image->entry, &image->error, host, name);

    if (result == ADDCOW_OK) /* HDR-15: before any named file */
        result = read_header(&image->names, &findings, &image->entry);
    if (result == ADDCOW_OK)
        result = open_named(&image->raw, &image->backing, &image->names,
                            &image->entry);
    if (result == ADDCOW_OK)
        result = judge_identity(&findings, &image->entry, &image->raw,
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
        return refuse(error, ADDCOW_UNIMPLEMENTED, NULL, NULL,
                      ADDCOW_NO_OFFSET, "unknown flag");
    if (flags == ADDCOW_OPEN_WRITETHROUGH)
        return refuse(error, ADDCOW_INVALID, NULL, NULL, ADDCOW_NO_OFFSET,
                      "writethrough is for images open for writing");
    return ADDCOW_OK;
}

/* ERR-4, FLS-15: nothing stays open */
static void release(struct addcow_image *image)
{
    file_close(&image->backing);
    file_close(&image->raw);
    file_close(&image->entry);
    release_tables(image);
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
        return refuse(error, ADDCOW_NO_MEMORY, NULL, NULL, ADDCOW_NO_OFFSET,
                      "out of memory");
    image->writable = flags & ADDCOW_OPEN_WRITE;
    image->writethrough = flags & ADDCOW_OPEN_WRITETHROUGH;
    /* FLS-16: an earlier handle may have left writes behind */
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

const struct addcow_error *addcow_last_error(const struct addcow_image *image)
{
    return &image->error;
}

const struct addcow_names *addcow_names(const struct addcow_image *image)
{
    return &image->names;
}
