/* SPDX-License-Identifier: MIT
 *
 * What several commands of addcow do with an image: open it, close it, find
 * out whether a descriptor is open on one of its files, take a range of it.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has_parent(const char *name)
{
    for (const char *at = name; *at; at += strspn(at, "/")) {
        size_t len = strcspn(at, "/");

        if (len == 2 && memcmp(at, "..", 2) == 0)
            return true;
        at += len;
    }
    return false;
}

bool leads_out(const char *name)
{
    return name[0] == '/' || has_parent(name);
}

int check_confined(const struct args *args, const struct addcow_names *names)
{
    const char *name = leads_out(names->image) ? names->image : names->backing;

    if (!args->confined || !leads_out(name))
        return STATUS_OK;
    fputs("addcow: ", stderr);
    print_escaped(stderr, args->file);
    fputs(": the name ", stderr);
    print_quoted(stderr, name);
    fputs(" leads out of the directory [SEC-2]\n", stderr);
    return STATUS_REFUSED;
}

/* Looks at the names before any of them is opened. */
static int look_first(const struct args *args)
{
    struct addcow_names names;
    struct addcow_error error;

    if (!args->confined)
        return STATUS_OK;
    if (addcow_read_names(&names, &error, addcow_posix_host(), args->file) !=
        ADDCOW_OK)
        return report_error(&error, args->file);
    return check_confined(args, &names);
}

int open_image(struct addcow_image **out, const struct args *args,
               uint32_t flags)
{
    struct addcow_error error;
    int status = look_first(args);

    if (status != STATUS_OK)
        return status;
    if (addcow_open(out, &error, addcow_posix_host(), args->file, flags) !=
        ADDCOW_OK)
        return report_error(&error, args->file);
    return STATUS_OK;
}

int finish_image(struct addcow_image *image, const struct args *args,
                 int result)
{
    int status = STATUS_OK;

    if (result != ADDCOW_OK)
        status = report_error(addcow_last_error(image), args->file);
    addcow_close(image);
    return status;
}

/* NAME as the header of the add-cow file ENTRY means it; null: no memory. */
static char *path_of(const char *entry, const char *name)
{
    const char *slash = strrchr(entry, '/');
    size_t dir_len = slash && name[0] != '/' ? (size_t)(slash - entry) + 1 : 0;
    char *path = malloc(dir_len + strlen(name) + 1);

    if (path) {
        memcpy(path, entry, dir_len);
        memcpy(path + dir_len, name, strlen(name) + 1);
    }
    return path;
}

/* 1 if it is the file that ST describes, 0 if not, -1 if nobody can tell. */
static int compare(const struct stat *st, const char *entry, const char *name)
{
    struct stat other;
    char *path = path_of(entry, name);
    bool known = path && stat(path, &other) == 0;

    free(path);
    if (!known)
        return -1;
    return other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

const char *part_of_image(bool *out_written, struct addcow_image *image,
                          const char *name, int fd)
{
    const char *slash = strrchr(name, '/');
    const struct {
        const char *name;
        const char *words;
    } parts[] = {
        {slash ? slash + 1 : name, "it is the add-cow file"},
        {addcow_names(image)->image, "it is the image file"},
        {addcow_names(image)->backing, "it is the backing file"},
    };
    const char *untold = "whether it is a file of the image cannot be told";
    struct stat st;

    *out_written = true;
    if (fstat(fd, &st) != 0)
        return untold;
    for (size_t i = 0; i < 3 && parts[i].name[0]; i++) {
        int same = compare(&st, name, parts[i].name);

        if (same < 0)
            return untold;
        *out_written = i < 2;
        if (same)
            return parts[i].words;
    }
    return NULL;
}

int take_range(uint64_t *out_len, const struct args *args,
               struct addcow_image *image)
{
    uint64_t size = addcow_size(image);
    uint64_t offset = args->offset.value;

    if (offset <= size && args->length.value <= size - offset) {
        *out_len = args->length.given ? args->length.value : size - offset;
        return STATUS_OK;
    }
    return report(STATUS_USAGE, args->file,
                  "the range passes the virtual size");
}
