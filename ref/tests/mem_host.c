/* SPDX-License-Identifier: MIT
 *
 * See mem_host.h.  A file is a list of the pages that were written.
 */
#include "mem_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_LEN 4096u

struct mem_page {
    struct mem_page *next;
    uint64_t number;
    unsigned char bytes[PAGE_LEN];
};

struct addcow_file {
    struct mem_file *file;
    bool writable;
};

static struct mem_page *find_page(struct mem_file *file, uint64_t number)
{
    struct mem_page *page = file->pages;

    while (page && page->number != number)
        page = page->next;
    return page;
}

static struct mem_page *make_page(struct mem_file *file, uint64_t number)
{
    struct mem_page *page = find_page(file, number);

    if (page)
        return page;
    page = calloc(1, sizeof(*page));
    if (!page)
        abort();
    page->number = number;
    page->next = file->pages;
    file->pages = page;
    return page;
}

static size_t part_len(size_t len, uint64_t offset)
{
    size_t room = PAGE_LEN - offset % PAGE_LEN;

    return len < room ? len : room;
}

static void get(struct mem_file *file, unsigned char *out, size_t len,
                uint64_t offset)
{
    while (len) {
        size_t n = part_len(len, offset);
        struct mem_page *page = find_page(file, offset / PAGE_LEN);

        if (page)
            memcpy(out, page->bytes + offset % PAGE_LEN, n);
        else
            memset(out, 0, n);
        out += n;
        len -= n;
        offset += n;
    }
}

static void put(struct mem_file *file, const unsigned char *data, size_t len,
                uint64_t offset)
{
    if (offset + len > file->size)
        file->size = offset + len;
    while (len) {
        size_t n = part_len(len, offset);

        memcpy(make_page(file, offset / PAGE_LEN)->bytes + offset % PAGE_LEN,
               data, n);
        data += n;
        len -= n;
        offset += n;
    }
}

static void cut(struct mem_file *file, uint64_t size)
{
    struct mem_page **at = &file->pages;

    while (*at) {
        struct mem_page *page = *at;
        uint64_t start = page->number * PAGE_LEN;

        if (start >= size) {
            *at = page->next;
            free(page);
            continue;
        }
        if (size - start < PAGE_LEN)
            memset(page->bytes + (size - start), 0, PAGE_LEN - (size - start));
        at = &page->next;
    }
    file->size = size;
}

static int slot_of(struct mem_host *host, const char *name)
{
    for (int i = 0; i < MEM_FILES; i++)
        if (host->files[i].name[0] && strcmp(host->files[i].name, name) == 0)
            return i;
    return -1;
}

/* The fault, if it is the turn of this call. */
static int enter(struct mem_host *host, enum mem_call call,
                 struct addcow_file *file)
{
    host->n_calls[call][file->file - host->files]++;
    if (host->countdown == 0 ||
        (host->only != MEM_CALLS && host->only != call))
        return ADDCOW_OK;
    if (host->countdown > 1) {
        host->countdown--;
        return ADDCOW_OK;
    }
    if (!host->lasting)
        host->countdown = 0;
    return host->result;
}

static int mem_open(void *ctx, struct addcow_file **out, const char *name,
                    uint32_t flags)
{
    struct mem_host *host = ctx;
    int slot = slot_of(host, name);

    if (slot < 0 && !(flags & ADDCOW_FILE_CREATE))
        return ADDCOW_NOT_FOUND;
    if (slot >= 0 && flags & ADDCOW_FILE_CREATE)
        return ADDCOW_EXISTS;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ADDCOW_NO_MEMORY;
    (*out)->file = mem_file(host, name);
    (*out)->writable = flags & ADDCOW_FILE_WRITE;
    host->n_calls[MEM_OPEN][(*out)->file - host->files]++;
    host->n_open++;
    return ADDCOW_OK;
}

static int mem_close(void *ctx, struct addcow_file *file)
{
    struct mem_host *host = ctx;

    host->n_open--;
    free(file);
    return ADDCOW_OK;
}

static int mem_identify(void *ctx, struct addcow_file *file,
                        struct addcow_identity *out)
{
    struct mem_host *host = ctx;

    out->device = 1;
    out->inode = (uint64_t)(file->file - host->files);
    return ADDCOW_OK;
}

static int mem_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    *out = file->file->size;
    return enter(ctx, MEM_GET_SIZE, file);
}

static int mem_resize(void *ctx, struct addcow_file *file, uint64_t size)
{
    int result = enter(ctx, MEM_SET_SIZE, file);

    if (result == ADDCOW_OK || ((struct mem_host *)ctx)->late) {
        cut(file->file, size);
        file->file->dirty = true;
    }
    return result;
}

static int mem_read(void *ctx, struct addcow_file *file, void *out, size_t len,
                    uint64_t offset)
{
    int result = enter(ctx, MEM_READ, file);

    if (result != ADDCOW_OK)
        return result;
    if (offset > file->file->size || len > file->file->size - offset)
        return ADDCOW_RANGE;
    get(file->file, out, len, offset);
    return ADDCOW_OK;
}

static void watch(struct mem_host *host, struct mem_file *file)
{
    int raw = host->raw ? slot_of(host, host->raw) : -1;

    if (raw >= 0 && strcmp(file->name, host->entry) == 0 &&
        host->files[raw].dirty)
        host->out_of_order = true;
}

/* One that fails has written every other sector. */
static int mem_write(void *ctx, struct addcow_file *file, const void *data,
                     size_t len, uint64_t offset)
{
    const unsigned char *bytes = data;
    int result = enter(ctx, MEM_WRITE, file);

    if (!file->writable)
        return ADDCOW_INVALID;
    watch(ctx, file->file);
    file->file->dirty = true;
    if (result == ADDCOW_OK) {
        put(file->file, bytes, len, offset);
        return ADDCOW_OK;
    }
    for (size_t at = 0; at < len;) {
        size_t n = 512 - (offset + at) % 512;

        n = n < len - at ? n : len - at;
        if ((offset + at) / 512 % 2 && offset + at + n <= file->file->size)
            put(file->file, bytes + at, n, offset + at);
        at += n;
    }
    return result;
}

static int mem_flush(void *ctx, struct addcow_file *file)
{
    int result = enter(ctx, MEM_FLUSH, file);

    if (result == ADDCOW_OK)
        file->file->dirty = false;
    return result;
}

static int mem_remove(void *ctx, const char *name)
{
    struct mem_host *host = ctx;
    int slot = slot_of(host, name);

    if (slot < 0)
        return ADDCOW_NOT_FOUND;
    cut(&host->files[slot], 0);
    host->files[slot].name[0] = 0;
    return ADDCOW_OK;
}

void mem_init(struct mem_host *host)
{
    *host = (struct mem_host){
        .table = {.size = sizeof(host->table),
                  .abi = ADDCOW_SHIM_ABI,
                  .ctx = host,
                  .open = mem_open,
                  .close = mem_close,
                  .identify = mem_identify,
                  .get_size = mem_get_size,
                  .set_size = mem_resize,
                  .read = mem_read,
                  .write = mem_write,
                  .flush = mem_flush,
                  .remove = mem_remove},
        .only = MEM_CALLS,
        .result = ADDCOW_IO,
    };
}

void mem_finish(struct mem_host *host)
{
    for (int i = 0; i < MEM_FILES; i++)
        cut(&host->files[i], 0);
}

struct mem_file *mem_file(struct mem_host *host, const char *name)
{
    int slot = slot_of(host, name);

    for (int i = 0; slot < 0 && i < MEM_FILES; i++)
        if (!host->files[i].name[0])
            slot = i;
    if (slot < 0)
        abort();
    if (!host->files[slot].name[0]) {
        host->files[slot] = (struct mem_file){0};
        snprintf(host->files[slot].name, sizeof(host->files[slot].name), "%s",
                 name);
    }
    return &host->files[slot];
}

void mem_put(struct mem_host *host, const char *name, const void *data,
             size_t len, uint64_t offset)
{
    put(mem_file(host, name), data, len, offset);
}

void mem_get(struct mem_host *host, const char *name, void *out, size_t len,
             uint64_t offset)
{
    get(mem_file(host, name), out, len, offset);
}

void mem_set_size(struct mem_host *host, const char *name, uint64_t size)
{
    cut(mem_file(host, name), size);
}

unsigned mem_count(struct mem_host *host, enum mem_call call, const char *name)
{
    return host->n_calls[call][mem_file(host, name) - host->files];
}

void mem_reset_counts(struct mem_host *host)
{
    memset(host->n_calls, 0, sizeof(host->n_calls));
}
