/* SPDX-License-Identifier: MIT
 *
 * still.c - files at rest.
 */
#include "still.h"
#include "data/pattern.h"

#include <stdbool.h>
#include <string.h>

enum {
    PATH_MAX_LEN = 4095,
    N_HANDLES = 16,
    N_OPENED = 8,
    N_ASKED = 3,
    ENTRY_INODE = 1,
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    HEADER_LEN = 2560,
    CAP = 4 << 20
};

/* How the add-cow file is named, and where that leads. */
struct entry {
    const char *path;
    const char *plain;
};

static const struct entry entries[] = {
    {"dir/disk.add-cow", "/dir/disk.add-cow"},
    {"disk.add-cow", "/disk.add-cow"},
    {"dir/up/disk.add-cow", "/far/away/disk.add-cow"},
    {"/dir/sub/disk.add-cow", "/dir/sub/disk.add-cow"},
    {"dir/image", "/dir/image"},
};

struct addcow_file {
    bool is_open;
    struct place place;
};

/* What was looked for, and found. */
struct asked {
    size_t len; /* of the path, with the NUL */
    char path[2048];
    struct place place;
};

static struct {
    const uint8_t *data;
    size_t len;
    const struct entry *entry;
    uint64_t image_inode;
    const char *bug;
    unsigned n_open;
    unsigned n_asked;
    struct asked asked[N_ASKED];
    unsigned n_opened;
    struct place opened[N_OPENED]; /* the first ones */
    char paths[N_OPENED][64];      /* their paths, as far as they go */
    struct addcow_file files[N_HANDLES];
} still;

/* By the first letters of the two names. */
static const struct entry *choose_entry(const uint8_t *data, size_t len)
{
    size_t choice = len > IMAGE_AT ? data[BACKING_AT] + data[IMAGE_AT] : 0u;

    return &entries[choice % (sizeof(entries) / sizeof(*entries))];
}

const char *still_entry(void)
{
    return still.entry->path;
}

void still_begin(const uint8_t *data, size_t len)
{
    still.entry = choose_entry(data, len);
    still.data = data;
    still.len = len;
    still.image_inode = 0;
    still.bug = NULL;
    for (unsigned i = 0; still.n_open && i < N_HANDLES; i++)
        still.files[i].is_open = false;
    still.n_open = 0;
    still.n_asked = 0;
    still.n_opened = 0;
}

void still_set_image(const struct place *image)
{
    still.image_inode = image->identity.inode;
}

/* ---- What a path leads to ----------------------------------------------- */

/* The bytes of virtual disk that the input has bits for. */
static uint64_t covered(void)
{
    uint64_t len = still.len > HEADER_LEN ? still.len - HEADER_LEN : 0;

    return len > CAP / 524288 ? CAP : len * 524288;
}

static uint64_t len_of(const char *name)
{
    uint64_t fits = covered();

    switch (*name) {
    case 'h':
        return UINT64_MAX / 2;
    case 'z':
        return 0;
    case 'y':
        return 511;
    case 'b':
        return 66148;
    case 's':
        return fits + 512;
    case 'x':
        return fits;
    default:
        return fits ? fits - 198044 : 100;
    }
}

/* Past what has no meaning: a name of 1023 bytes may be made of it. */
static const char *skip(const char *path)
{
    for (;; path++) {
        if (path[0] == '.' && path[1] == '/')
            path++;
        else if (*path != '/')
            return path;
    }
}

/* The path without what has no meaning, each component after a '/', in OUT.
 * Returns where the last component begins; null if it is too long. */
static const char *normalise(char *out, const char *path)
{
    const char *end = path + strlen(path);
    size_t len = 0;

    *out = '\0';
    while (*(path = skip(path))) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        size_t n = (size_t)((slash ? slash : end) - path);

        if (len + n + 2 > PATH_MAX_LEN)
            return NULL;
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (len > 0 && out[--len] != '/')
                ;
        } else if (n == 2 && path[0] == 'u' && path[1] == 'p') {
            len = sizeof "/far/away" - 1;
            memcpy(out, "/far/away", len);
        } else if (!(n == 1 && *path == '.')) {
            out[len++] = '/';
            memcpy(out + len, path, n);
            len += n;
        }
        out[len] = '\0';
        path += n;
    }
    path = strrchr(out, '/');
    return path ? path + 1 : out;
}

/* Eight bytes at a time; never the add-cow file's number. */
static uint64_t number_of(const char *path)
{
    const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    size_t left = strlen(path);
    uint64_t h = left;

    for (; left >= 8; left -= 8, path += 8) {
        uint64_t word;

        memcpy(&word, path, 8);
        h = (h ^ word) * prime;
        h ^= h >> 32;
    }
    for (; left; left--, path++)
        h = (h ^ (uint8_t)*path) * prime;
    return (h ^ h >> 32) | 2;
}

/* A directory on the way to the add-cow file. */
static bool is_above(const char *plain)
{
    size_t len = strlen(plain);

    return len < strlen(still.entry->plain) &&
           memcmp(still.entry->plain, plain, len) == 0 &&
           still.entry->plain[len] == '/';
}

/* Whether PATH can only be meant as a directory. */
static bool ends_as_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;

    return !*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

static void look(struct place *out, const char *path)
{
    char plain[PATH_MAX_LEN + 1];
    const char *last = normalise(plain, path);

    memset(out, 0, sizeof(*out));
    out->kind = PLACE_FILE;
    out->identity.inode = number_of(plain);
    if (!last || ends_as_directory(path) || is_above(plain)) {
        out->kind = PLACE_NO_FILE;
    } else if (strcmp(plain, still.entry->plain) == 0) {
        out->identity.inode = ENTRY_INODE;
        out->len = still.len;
    } else if (*last == 'm') {
        out->kind = PLACE_NOTHING;
    } else if (last[0] == 'i' && last[1] == 'n') {
        out->kind = PLACE_NO_FILE;
    } else {
        out->len = len_of(last);
    }
}

/* The table asks first, for the same paths as a right implementation. */
void still_look(struct place *out, void *ctx, const char *path)
{
    size_t len = strlen(path) + 1;
    struct asked *asked;

    (void)ctx;
    for (unsigned i = 0; i < still.n_asked; i++)
        if (still.asked[i].len == len &&
            memcmp(still.asked[i].path, path, len) == 0) {
            *out = still.asked[i].place;
            return;
        }
    look(out, path);
    if (still.n_asked == N_ASKED || len > sizeof(asked->path))
        return;
    asked = &still.asked[still.n_asked++];
    asked->len = len;
    memcpy(asked->path, path, len);
    asked->place = *out;
}

/* ---- The host ----------------------------------------------------------- */

static int bug(const char *what)
{
    if (!still.bug)
        still.bug = what;
    return ADDCOW_INVALID;
}

static bool is_open(struct addcow_file *file)
{
    uintptr_t at = (uintptr_t)file - (uintptr_t)still.files;

    return at < sizeof(still.files) && at % sizeof(*file) == 0 &&
           file->is_open;
}

/* A handle that is free; at last the first one, which is open then. */
static struct addcow_file *free_handle(void)
{
    for (unsigned i = 0; i < N_HANDLES; i++)
        if (!still.files[i].is_open)
            return &still.files[i];
    return &still.files[0];
}

static void note(const struct place *place, const char *path)
{
    size_t len = strlen(path);

    if (still.n_opened == N_OPENED)
        return;
    if (len >= sizeof(still.paths[0]))
        len = sizeof(still.paths[0]) - 1;
    still.opened[still.n_opened] = *place;
    memcpy(still.paths[still.n_opened], path, len);
    still.paths[still.n_opened++][len] = '\0';
}

static int host_open(void *ctx, struct addcow_file **out, const char *name,
                     uint32_t flags)
{
    struct addcow_file *file = free_handle();
    struct place place;

    if (flags)
        return bug("host open for writing, of an image opened for reading");
    if (file->is_open)
        return bug("more than 16 handles of the host");
    still_look(&place, ctx, name);
    note(&place, name);
    if (place.kind == PLACE_NOTHING)
        return ADDCOW_NOT_FOUND;
    if (place.kind == PLACE_NO_FILE)
        return ADDCOW_IO;
    file->place = place;
    file->is_open = true;
    still.n_open++;
    *out = file;
    return ADDCOW_OK;
}

static int host_close(void *ctx, struct addcow_file *file)
{
    (void)ctx;
    if (!is_open(file))
        return bug("host close of what is not open");
    file->is_open = false;
    still.n_open--;
    return ADDCOW_OK;
}

static int host_identify(void *ctx, struct addcow_file *file,
                         struct addcow_identity *out)
{
    (void)ctx;
    if (!is_open(file))
        return bug("host identify of what is not open");
    *out = file->place.identity;
    return ADDCOW_OK;
}

static int host_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    (void)ctx;
    if (!is_open(file))
        return bug("host get_size of what is not open");
    *out = file->place.len;
    return ADDCOW_OK;
}

static int host_read(void *ctx, struct addcow_file *file, void *out,
                     size_t len, uint64_t offset)
{
    (void)ctx;
    if (!is_open(file))
        return bug("host read of what is not open");
    if (offset > file->place.len || len > file->place.len - offset)
        return ADDCOW_RANGE;
    if (len == 0)
        return ADDCOW_OK;
    if (file->place.identity.inode == ENTRY_INODE)
        memcpy(out, still.data + offset, len);
    else if (file->place.identity.inode == still.image_inode)
        pattern_fill(out, len, offset, TAG_OLD);
    else
        pattern_fill(out, len, offset, TAG_BACKING);
    return ADDCOW_OK;
}

static int host_set_size(void *ctx, struct addcow_file *file, uint64_t size)
{
    (void)ctx, (void)file, (void)size;
    return bug("host set_size, of an image opened for reading");
}

static int host_write(void *ctx, struct addcow_file *file, const void *data,
                      size_t len, uint64_t offset)
{
    (void)ctx, (void)file, (void)data, (void)len, (void)offset;
    return bug("host write, of an image opened for reading");
}

static int host_flush(void *ctx, struct addcow_file *file)
{
    (void)ctx;
    if (!is_open(file))
        return bug("host flush of what is not open");
    return ADDCOW_OK;
}

static int host_remove(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return bug("host remove, of an image opened for reading");
}

const struct addcow_host *still_host(void)
{
    static const struct addcow_host host = {.size = sizeof(host),
                                            .abi = ADDCOW_SHIM_ABI,
                                            .open = host_open,
                                            .close = host_close,
                                            .identify = host_identify,
                                            .get_size = host_get_size,
                                            .set_size = host_set_size,
                                            .read = host_read,
                                            .write = host_write,
                                            .flush = host_flush,
                                            .remove = host_remove};

    return &host;
}

/* ---- What was asked of it ----------------------------------------------- */

const char *still_bug(void)
{
    return still.bug;
}

unsigned still_n_open(void)
{
    return still.n_open;
}

static bool is_named(uint64_t inode, const struct place *named, size_t n_named)
{
    for (size_t i = 0; i < n_named; i++)
        if (named[i].identity.inode == inode)
            return true;
    return inode == ENTRY_INODE;
}

const char *still_stranger(const struct place *named, size_t n_named)
{
    for (unsigned i = 0; i < still.n_opened; i++)
        if (!is_named(still.opened[i].identity.inode, named, n_named))
            return still.paths[i];
    return NULL;
}
