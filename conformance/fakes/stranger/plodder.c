/* SPDX-License-Identifier: MIT
 *
 * plodder.c - a third implementation, which remembers nothing: each request
 * looks its bits up in the add-cow file, cluster by cluster, and a write is
 * durable when it returns: data, flush, bit, flush.  Nobody is told, so that
 * it claims no WRITETHROUGH.  Only a byte of bits that the host failed to
 * write is kept in mind, for another write (DUR-5).  Once the host has
 * failed a flush it only reads. Missing on purpose: creation, resize, check,
 * discard.
 */
#include "stranger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { META, RAW, BACKING, N_FILES };

struct plodder {
    const struct addcow_host *host;
    struct addcow_file *files[N_FILES];
    uint64_t size, backing_len;
    bool is_fresh[N_FILES]; /* a flush is needed */
    bool is_writable, has_failed;
    bool is_doubtful; /* the byte with the bit of the cluster doubt */
    uint64_t doubt;
    unsigned char cluster[CLUSTER]; /* scratch */
};

/* A part of a request, within a cluster. */
struct part {
    uint64_t offset;
    size_t len;
};

/* ---- Opening ------------------------------------------------------------ */

static int open_named(struct plodder *p, int which, const char *path,
                      const char *name, uint32_t flags)
{
    struct addcow_file *file;
    char *joined = join(path, name);
    int result;

    if (!joined)
        return ADDCOW_NO_MEMORY;
    result = p->host->open(p->host->ctx, &file, joined, flags);
    free(joined);
    if (!result)
        p->files[which] = file;
    return result;
}

static int open_meta(struct plodder *p, unsigned char *header, uint64_t *len,
                     const char *path, uint32_t flags)
{
    const struct addcow_host *host = p->host;
    struct addcow_file *file;
    int result = host->open(host->ctx, &file, path, flags);
    size_t n;

    if (result)
        return result;
    p->files[META] = file;
    result = host->get_size(host->ctx, file, len);
    if (result)
        return result;
    n = *len < HEADER ? (size_t)*len : HEADER;
    result = host->read(host->ctx, file, header, n, 0);
    return result ? result : judge_header(header, n);
}

/* CORRUPT if two of the files are one. */
static int compare_files(const struct plodder *p)
{
    struct addcow_identity ids[N_FILES];
    int n = p->files[BACKING] ? 3 : 2;

    for (int i = 0; i < n; i++) {
        int result = p->host->identify(p->host->ctx, p->files[i], &ids[i]);

        if (result)
            return result;
        for (int k = 0; k < i; k++)
            if (ids[i].device == ids[k].device && ids[i].inode == ids[k].inode)
                return ADDCOW_CORRUPT;
    }
    return ADDCOW_OK;
}

static int measure(struct plodder *p, uint64_t meta_len)
{
    const struct addcow_host *host = p->host;
    int result = host->get_size(host->ctx, p->files[RAW], &p->size);

    if (!result && p->files[BACKING])
        result = host->get_size(host->ctx, p->files[BACKING], &p->backing_len);
    if (result)
        return result;
    p->size -= p->size % SECTOR;
    return meta_len - HEADER < bitmap_len(p->size) ? ADDCOW_CORRUPT
                                                   : ADDCOW_OK;
}

static int open_all(struct plodder *p, const char *path)
{
    unsigned char header[HEADER];
    const char *names = (const char *)header;
    uint32_t flags = p->is_writable ? ADDCOW_FILE_WRITE : 0;
    uint64_t meta_len = 0;
    int result = open_meta(p, header, &meta_len, path, flags);

    if (!result)
        result = open_named(p, RAW, path, names + RAW_AT, flags);
    if (!result && header[BACKING_AT])
        result = open_named(p, BACKING, path, names + BACKING_AT, 0);
    if (!result)
        result = compare_files(p);
    return result ? result : measure(p, meta_len);
}

static void release_plodder(struct plodder *p)
{
    for (int i = 0; i < N_FILES; i++)
        if (p->files[i])
            p->host->close(p->host->ctx, p->files[i]);
    free(p);
}

static int plodder_open(void **out, const struct addcow_host *host,
                        const struct addcow_open_args *args)
{
    struct plodder *p;
    int result;

    if (args->flags & ~ADDCOW_OPEN_WRITE)
        return ADDCOW_UNIMPLEMENTED;
    p = calloc(1, sizeof(*p));
    if (!p)
        return ADDCOW_NO_MEMORY;
    p->host = host;
    p->is_writable = args->flags != 0;
    p->is_fresh[META] = p->is_fresh[RAW] = p->is_writable;
    result = open_all(p, args->name);
    if (result)
        release_plodder(p);
    else
        *out = p;
    return result;
}

static int plodder_size(void *handle, uint64_t *out)
{
    *out = ((struct plodder *)handle)->size;
    return ADDCOW_OK;
}

/* ---- The parts of a request --------------------------------------------- */

static bool leaves_disk(const struct plodder *p, uint64_t len, uint64_t offset)
{
    return offset > p->size || len > p->size - offset;
}

static struct part first_part(uint64_t len, uint64_t offset)
{
    uint64_t left = CLUSTER - offset % CLUSTER;

    return (struct part){offset, (size_t)(len < left ? len : left)};
}

/* The byte of the bitmap that has the cluster's bit. */
static int get_byte(const struct plodder *p, unsigned char *out,
                    uint64_t cluster)
{
    return p->host->read(p->host->ctx, p->files[META], out, 1,
                         HEADER + cluster / 8);
}

static int is_allocated(const struct plodder *p, bool *out, uint64_t cluster)
{
    unsigned char byte;
    int result = get_byte(p, &byte, cluster);

    if (!result)
        *out = byte >> cluster % 8 & 1;
    return result;
}

static int read_base(const struct plodder *p, unsigned char *out,
                     struct part part)
{
    uint64_t left =
        part.offset < p->backing_len ? p->backing_len - part.offset : 0;
    size_t n = left < part.len ? (size_t)left : part.len;

    memset(out + n, 0, part.len - n);
    if (n == 0)
        return ADDCOW_OK;
    return p->host->read(p->host->ctx, p->files[BACKING], out, n, part.offset);
}

static int plodder_read(void *handle, void *out, size_t len, uint64_t offset)
{
    struct plodder *p = handle;
    unsigned char *to = out;
    int result = ADDCOW_OK;

    if (leaves_disk(p, len, offset))
        return ADDCOW_RANGE;
    while (!result && len > 0) {
        struct part part = first_part(len, offset);
        bool allocated;

        result = is_allocated(p, &allocated, offset / CLUSTER);
        if (!result)
            result = allocated ? p->host->read(p->host->ctx, p->files[RAW], to,
                                               part.len, offset)
                               : read_base(p, to, part);
        to += part.len;
        len -= part.len;
        offset += part.len;
    }
    return result;
}

static int plodder_map(void *handle, uint64_t *out_len, uint32_t *out_state,
                       uint64_t len, uint64_t offset)
{
    struct plodder *p = handle;
    bool allocated = false;
    int result;

    if (len == 0 || leaves_disk(p, len, offset))
        return ADDCOW_RANGE;
    result = is_allocated(p, &allocated, offset / CLUSTER);
    *out_len = first_part(len, offset).len;
    *out_state = allocated ? ADDCOW_MAP_ALLOCATED : 0;
    return result;
}

/* ---- Writing ------------------------------------------------------------ */

static int put(struct plodder *p, int which, const void *data,
               struct part part)
{
    p->is_fresh[which] = true;
    return p->host->write(p->host->ctx, p->files[which], data, part.len,
                          part.offset);
}

static int flush_file(struct plodder *p, int which)
{
    int result;

    if (!p->is_fresh[which])
        return ADDCOW_OK;
    result = p->host->flush(p->host->ctx, p->files[which]);
    if (result)
        p->has_failed = true;
    else
        p->is_fresh[which] = false;
    return result;
}

static int put_bit(struct plodder *p, uint64_t cluster)
{
    struct part part = {HEADER + cluster / 8, 1};
    unsigned char byte;
    int result = get_byte(p, &byte, cluster);

    if (result)
        return result;
    byte |= (unsigned char)(1 << cluster % 8);
    result = put(p, META, &byte, part);
    if (!result)
        return flush_file(p, META);
    p->is_doubtful = true;
    p->doubt = cluster;
    return result;
}

/* Writes a byte of doubtful content as it looks. */
static int settle(struct plodder *p)
{
    struct part part = {HEADER + p->doubt / 8, 1};
    unsigned char byte;
    int result;

    if (!p->is_doubtful)
        return ADDCOW_OK;
    result = get_byte(p, &byte, p->doubt);
    if (!result)
        result = put(p, META, &byte, part);
    if (!result)
        p->is_doubtful = false;
    return result;
}

/* The whole cluster about PART, its bit last. */
static int put_cluster(struct plodder *p, const void *data, struct part part)
{
    uint64_t start = part.offset / CLUSTER * CLUSTER;
    struct part whole = first_part(p->size - start, start);
    int result = ADDCOW_OK;

    if (part.len < whole.len)
        result = read_base(p, p->cluster, whole);
    memcpy(p->cluster + (part.offset - start), data, part.len);
    if (!result)
        result = put(p, RAW, p->cluster, whole);
    if (!result)
        result = flush_file(p, RAW);
    return result ? result : put_bit(p, start / CLUSTER);
}

static int put_part(struct plodder *p, const void *data, struct part part)
{
    bool allocated;
    int result = is_allocated(p, &allocated, part.offset / CLUSTER);

    if (!result && !allocated)
        return put_cluster(p, data, part);
    if (!result)
        result = put(p, RAW, data, part);
    return result ? result : flush_file(p, RAW);
}

static int plodder_write(void *handle, const void *data, size_t len,
                         uint64_t offset)
{
    struct plodder *p = handle;
    const unsigned char *from = data;
    int result = ADDCOW_OK;

    if (!p->is_writable && len > 0)
        return ADDCOW_READ_ONLY;
    if (leaves_disk(p, len, offset))
        return ADDCOW_RANGE;
    if (p->has_failed)
        return ADDCOW_IO;
    if (len > 0)
        result = settle(p);
    while (!result && len > 0) {
        struct part part = first_part(len, offset);

        result = put_part(p, from, part);
        from += part.len;
        len -= part.len;
        offset += part.len;
    }
    return result;
}

/* What a write that failed has left, and what an earlier handle did. */
static int plodder_flush(void *handle)
{
    struct plodder *p = handle;
    int result = p->has_failed ? ADDCOW_IO : settle(p);

    if (!result)
        result = flush_file(p, RAW);
    return result ? result : flush_file(p, META);
}

static int plodder_close(void *handle)
{
    int result = plodder_flush(handle);

    release_plodder(handle);
    return result;
}

static const struct addcow_choice choices[] = {
    {"IMPL-1", "a"}, {"IMPL-2", "a"}, {"IMPL-3", "a"}, {"IMPL-4", "a"},
    {"IMPL-5", "a"}, {"IMPL-7", "a"}, {NULL, NULL},
};

static const struct addcow_shim shim = {
    .size = sizeof(shim),
    .abi = ADDCOW_SHIM_ABI,
    .capabilities = ADDCOW_CAP_HOST | ADDCOW_CAP_WRITE | ADDCOW_CAP_MAP |
                    ADDCOW_CAP_CLASSES,
    .name = "stranger plodder",
    .version = "1.0",
    .choices = choices,
    .open = plodder_open,
    .close = plodder_close,
    .get_size = plodder_size,
    .read = plodder_read,
    .probe = probe,
    .write = plodder_write,
    .flush = plodder_flush,
    .map = plodder_map,
};

const struct addcow_shim *addcow_shim_get(void)
{
    return &shim;
}
