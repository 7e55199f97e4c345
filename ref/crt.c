/* SPDX-License-Identifier: MIT
 *
 * Chapter 11, create.  Everything is checked before anything is changed;
 * then all but sector 0, a flush, sector 0, a flush (DUR-17, DUR-18).
 */
#include "judge.h"

#include <string.h>

struct creation {
    struct file raw;
    struct file backing;
    struct file target;
    uint64_t raw_len;
    bool made;    /* the target did not exist before */
    bool touched; /* the target may differ from what it was */
};

/* CRT-14, NAM-8 */
static int check_name(struct addcow_error *error, const char *name)
{
    if (strlen(name) > ADDCOW_NAME_MAX)
        return err_refuse(error, ADDCOW_INVALID, "CRT-14",
                          "a name is longer than 1023 bytes");
    if (hdr_is_protocol((const unsigned char *)name, strlen(name)))
        return err_refuse(error, ADDCOW_INVALID, "NAM-8",
                          "a name is reserved for protocols: it has a "
                          "':' before its first '/'");
    return ADDCOW_OK;
}

/* CRT-15, CRT-16 */
static int check_args(struct addcow_error *error,
                      const struct addcow_create_args *args)
{
    const uint32_t known =
        ADDCOW_CREATE_REPLACE | ADDCOW_CREATE_NO_BACKING | ADDCOW_CREATE_SIZED;
    bool backed = args->backing_name && args->backing_name[0];
    int result;

    if (args->flags & ~known)
        return err_refuse(error, ADDCOW_UNIMPLEMENTED, NULL, "unknown flag");
    if (!args->name || !args->name[0])
        return err_refuse(error, ADDCOW_INVALID, NULL,
                          "the name of the add-cow file is empty");
    if (!args->image_name || !args->image_name[0])
        return err_refuse(error, ADDCOW_INVALID, "CRT-15",
                          "the name of the image file is empty");
    if (backed == ((args->flags & ADDCOW_CREATE_NO_BACKING) != 0))
        return err_refuse(error, ADDCOW_INVALID, "CRT-16",
                          "either name a backing file or ask for none");
    result = check_name(error, args->image_name);
    if (result == ADDCOW_OK && backed)
        result = check_name(error, args->backing_name);
    return result;
}

/* CRT-1, CRT-4, NAM-4; CRT-2, CRT-5: for reading only */
static int open_inputs(struct creation *creation, struct addcow_error *error,
                       const struct addcow_host *host,
                       const struct addcow_create_args *args)
{
    int result = file_open(&creation->raw, error, host,
                           nam_join(args->name, args->image_name), 0, "CRT-1");

    if (result == ADDCOW_OK && !(args->flags & ADDCOW_CREATE_NO_BACKING))
        result =
            file_open(&creation->backing, error, host,
                      nam_join(args->name, args->backing_name), 0, "CRT-4");
    return result;
}

/* Refuses, with CLAUSE, if the two are the same file. */
static int check_different(struct file *a, struct file *b, const char *clause,
                           const char *what)
{
    bool same = false;
    int result = ADDCOW_OK;

    if (b->handle)
        result = nam_same_file(&same, a, b);
    if (result == ADDCOW_OK && same)
        result = err_set(a->error, ADDCOW_INVALID, clause, a->name,
                         ADDCOW_NO_OFFSET, what);
    return result;
}

/* CRT-6, CRT-17, NAM-11 */
static int check_inputs(struct creation *creation,
                        const struct addcow_create_args *args)
{
    struct file *raw = &creation->raw;
    int result = file_size(raw, &creation->raw_len);

    if (result != ADDCOW_OK)
        return result;
    if (creation->raw_len % SECTOR_LEN)
        return err_set(raw->error, ADDCOW_INVALID, "CRT-17", raw->name,
                       creation->raw_len,
                       "the length of the image file is not a multiple of "
                       "512");
    if (args->flags & ADDCOW_CREATE_SIZED &&
        args->virtual_size != creation->raw_len)
        return err_set(raw->error, ADDCOW_INVALID, "CRT-6", raw->name,
                       creation->raw_len,
                       "the length of the image file is not the stated size");
    return check_different(raw, &creation->backing, "NAM-11",
                           "it would be its own backing file");
}

/* CRT-7: looked at by a handle that cannot write, so that an input is never
 * opened for writing (WR-20) */
static int check_target(struct creation *creation)
{
    int result =
        check_different(&creation->target, &creation->raw, "CRT-7",
                        "the add-cow file would replace its image file");

    if (result == ADDCOW_OK)
        result =
            check_different(&creation->target, &creation->backing, "CRT-7",
                            "the add-cow file would replace its backing file");
    return result;
}

/* CRT-8 */
static int make_target(struct creation *creation, struct addcow_error *error,
                       const struct addcow_host *host, const char *name)
{
    int result = file_open(&creation->target, error, host, strdup(name),
                           ADDCOW_FILE_WRITE | ADDCOW_FILE_CREATE, NULL);

    creation->made = creation->touched = result == ADDCOW_OK;
    return result;
}

/* CRT-11: no other byte of the old file changes before its magic is durably
 * gone; CRT-9: nothing of it remains */
static int clear_target(struct creation *creation)
{
    static const unsigned char zeros[SECTOR_LEN];
    struct file *target = &creation->target;
    uint64_t len;
    int result = file_size(target, &len);

    if (result == ADDCOW_OK)
        result = file_write(target, zeros, least(len, sizeof(zeros)), 0);
    creation->touched = result == ADDCOW_OK;
    if (result == ADDCOW_OK)
        result = file_flush(target);
    if (result == ADDCOW_OK)
        result = file_set_size(target, 0);
    return result;
}

static int open_target(struct creation *creation, struct addcow_error *error,
                       const struct addcow_host *host,
                       const struct addcow_create_args *args)
{
    struct file *target = &creation->target;
    int result = ADDCOW_NOT_FOUND;

    if (args->flags & ADDCOW_CREATE_REPLACE)
        result = file_open(target, error, host, strdup(args->name), 0, NULL);
    if (result == ADDCOW_NOT_FOUND)
        return make_target(creation, error, host, args->name);
    if (result == ADDCOW_OK)
        result = check_target(creation);
    if (result != ADDCOW_OK)
        return result;
    file_close(target);
    result = file_open(target, error, host, strdup(args->name),
                       ADDCOW_FILE_WRITE, NULL);
    if (result == ADDCOW_OK)
        result = clear_target(creation);
    return result;
}

/* BMP-5, CRT-3: zeros by growth; CRT-10, CRT-12 */
static int write_target(struct creation *creation,
                        const struct addcow_create_args *args)
{
    bool backed = !(args->flags & ADDCOW_CREATE_NO_BACKING);
    struct file *target = &creation->target;
    unsigned char head[HEADER_LEN];
    uint64_t size = siz_virtual(creation->raw_len);
    int result = file_set_size(target, HEADER_LEN + siz_bitmap_len(size));

    hdr_build(head, args->image_name, backed ? args->backing_name : "");
    if (result == ADDCOW_OK)
        result = file_write(target, head + SECTOR_LEN,
                            sizeof(head) - SECTOR_LEN, SECTOR_LEN);
    if (result == ADDCOW_OK)
        result = file_flush(target);
    if (result == ADDCOW_OK)
        result = file_write(target, head, SECTOR_LEN, 0);
    if (result == ADDCOW_OK)
        result = file_flush(target); /* CRT-18: with its name */
    return result;
}

/* CRT-13: no magic remains, whichever of the two steps the host carries out */
static void undo(struct creation *creation, const struct addcow_host *host,
                 const char *name)
{
    struct addcow_file *handle = creation->target.handle;

    if (!creation->touched)
        return;
    if (host->set_size(host->ctx, handle, 0) != ADDCOW_OK || creation->made)
        host->remove(host->ctx, name);
}

/* CRT-19, ERR-4 */
int addcow_create(struct addcow_error *error, const struct addcow_host *host,
                  const struct addcow_create_args *args)
{
    struct creation creation = {0};
    int result = check_args(error, args);

    if (result == ADDCOW_OK)
        result = open_inputs(&creation, error, host, args);
    if (result == ADDCOW_OK)
        result = check_inputs(&creation, args);
    if (result == ADDCOW_OK)
        result = open_target(&creation, error, host, args);
    if (result == ADDCOW_OK)
        result = write_target(&creation, args);
    if (result != ADDCOW_OK)
        undo(&creation, host, args->name);
    file_close(&creation.target);
    file_close(&creation.backing);
    file_close(&creation.raw);
    return result;
}
