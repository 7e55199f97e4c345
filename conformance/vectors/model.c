/* SPDX-License-Identifier: MIT
 *
 * model.c - a reader over the files of a vector.
 *
 * Deliberately missing: partial reads and limits; all is read at once.
 */
#include "model.h"

#include <stdbool.h>
#include <string.h>

#define MAX_PATH 4096u
#define MAX_LINKS 8u
#define RESERVED_OFFSET 2060u
#define SECTOR_LEN 512u

/* What a path leads to.  FILE is null for a directory and for nothing. */
struct found {
    struct vector_file *file;
    bool directory;
};

/* The path's components, "." and ".." resolved, no '/' at either end. */
struct walk {
    char path[MAX_PATH];
    size_t len;
    unsigned n_links; /* followed so far: a loop is no file */
};

static bool is_directory(const struct vector *v, const struct walk *w)
{
    if (w->len == 0)
        return true;
    for (size_t i = 0; i < v->n_files; i++) {
        const char *name = v->files[i].name;

        if (strncmp(name, w->path, w->len) == 0 && name[w->len] == '/')
            return true;
    }
    return false;
}

static void pop(struct walk *w)
{
    while (w->len > 0 && w->path[w->len - 1] != '/')
        w->len--;
    if (w->len > 0)
        w->len--;
    w->path[w->len] = '\0';
}

static bool push(struct walk *w, const char *name, size_t len)
{
    if (w->len + 1 + len >= MAX_PATH)
        return false;
    if (w->len > 0)
        w->path[w->len++] = '/';
    memcpy(w->path + w->len, name, len);
    w->len += len;
    w->path[w->len] = '\0';
    return true;
}

static bool take(struct walk *w, struct vector *v, const char *path);

/* Goes on at the target if the path under way is a link. */
static bool follow(struct walk *w, struct vector *v)
{
    struct vector_file *file = vector_find(v, w->path);

    if (!file || !file->target)
        return true;
    if (++w->n_links > MAX_LINKS)
        return false;
    pop(w);
    while (!file->symbolic && w->len > 0)
        pop(w);
    return take(w, v, file->target);
}

/* Walks on from W.  False if the path leads through something that is not a
 * directory. */
static bool take(struct walk *w, struct vector *v, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");

        if (len == 2 && strncmp(path, "..", 2) == 0)
            pop(w);
        else if (len > 0 && !(len == 1 && *path == '.')) {
            if (!push(w, path, len) || !follow(w, v))
                return false;
        }
        path += len;
        if (*path == '/' && !is_directory(v, w))
            return false;
        path += strspn(path, "/");
    }
    return true;
}

/* Opens NAME, relative to the directory of the entry's name (NAM-2, NAM-3).
 * An absolute name leads out of the vector, to nothing (NAM-5). */
static struct found resolve(struct vector *v, const char *name)
{
    struct found found = {NULL, false};
    struct walk w = {{0}, 0, 0};
    const char *slash;

    if (*name == '/')
        return found;
    slash = strrchr(v->entry, '/');
    if (slash)
        push(&w, v->entry, (size_t)(slash - v->entry));
    if (take(&w, v, name)) {
        found.file = vector_find(v, w.path);
        found.directory = !found.file && is_directory(v, &w);
    }
    return found;
}

static bool all_zero(const uint8_t *at, size_t len)
{
    for (; len > 0; len--)
        if (*at++)
            return false;
    return true;
}

/* HDR-6 and HDR-7. */
static bool good_field(const uint8_t *field)
{
    const uint8_t *nul = memchr(field, 0, NAME_FIELD_LEN);

    return nul && all_zero(nul, NAME_FIELD_LEN - (size_t)(nul - field));
}

/* NAM-6 */
static bool is_protocol(const char *name)
{
    return name[strcspn(name, ":/")] == ':';
}

/* The class by which the header alone is refused, or null. */
static const char *judge_header(const struct bytes *b)
{
    static const uint8_t magic[] = {0x41, 0x44, 0x44, 0x5f,
                                    0x43, 0x4f, 0x57, 0xff};
    static const uint8_t version[] = {0, 0, 0, 1};

    if (b->len < sizeof(magic) || memcmp(b->data, magic, sizeof(magic)) != 0)
        return "NOT_ADDCOW";
    if (b->len < BACKING_OFFSET)
        return "CORRUPT";
    if (memcmp(b->data + sizeof(magic), version, sizeof(version)) != 0)
        return "VERSION";
    if (b->len < HEADER_LEN || !good_field(b->data + BACKING_OFFSET) ||
        !good_field(b->data + IMAGE_OFFSET) || !b->data[IMAGE_OFFSET] ||
        !all_zero(b->data + RESERVED_OFFSET, HEADER_LEN - RESERVED_OFFSET))
        return "CORRUPT";
    if (is_protocol((const char *)b->data + BACKING_OFFSET) ||
        is_protocol((const char *)b->data + IMAGE_OFFSET))
        return "CORRUPT";
    return NULL;
}

static bool is_allocated(const struct bytes *addcow, size_t cluster)
{
    return addcow->data[HEADER_LEN + cluster / 8] >> cluster % 8 & 1;
}

/* RD-1, RD-2, RD-4, SIZ-4: sector by sector.  False if the backing file is
 * needed and MISSING, or memory is out. */
static bool read_guest(struct bytes *guest, const struct bytes *addcow,
                       const struct bytes *image, const struct bytes *backing,
                       bool missing)
{
    size_t size = image->len / SECTOR_LEN * SECTOR_LEN;

    if (!bytes_resize(guest, size))
        return false;
    for (size_t at = 0; at < size; at += SECTOR_LEN) {
        bool allocated = is_allocated(addcow, at / CLUSTER_LEN);
        const struct bytes *from = allocated ? image : backing;
        size_t left;
        size_t len;

        if (!allocated && missing)
            return false;
        left = at < from->len ? from->len - at : 0;
        len = left < SECTOR_LEN ? left : SECTOR_LEN;
        if (len && !bytes_write(guest, from->data + at, len, at))
            return false;
    }
    return true;
}

/* NAM-10, NAM-14, NAM-16, BMP-7, then the guest's bytes. */
static const char *read_files(struct bytes *guest, struct vector *v,
                              const struct vector_file *entry)
{
    static const struct bytes nothing = {NULL, 0};
    const char *header = (const char *)entry->content.data;
    bool without = !header[BACKING_OFFSET];
    struct found image = resolve(v, header + IMAGE_OFFSET);
    struct found backing = {NULL, false};
    size_t n_clusters;

    if (!without)
        backing = resolve(v, header + BACKING_OFFSET);
    if (image.directory || backing.directory)
        return "INVALID";
    if (!image.file)
        return "NOT_FOUND";
    if (image.file == entry || backing.file == entry ||
        image.file == backing.file)
        return "CORRUPT";
    n_clusters =
        (image.file->content.len / SECTOR_LEN * SECTOR_LEN + CLUSTER_LEN - 1) /
        CLUSTER_LEN;
    if (entry->content.len - HEADER_LEN < (n_clusters + 7) / 8)
        return "CORRUPT";
    if (!read_guest(guest, &entry->content, &image.file->content,
                    backing.file ? &backing.file->content : &nothing,
                    !without && !backing.file))
        return "NOT_FOUND";
    return NULL;
}

const char *model_read(struct bytes *guest, struct vector *v)
{
    const char *slash = strrchr(v->entry, '/');
    struct found entry = resolve(v, slash ? slash + 1 : v->entry);
    const char *class;

    if (!entry.file)
        return "NOT_FOUND";
    class = judge_header(&entry.file->content);
    return class ? class : read_files(guest, v, entry.file);
}
