/* SPDX-License-Identifier: MIT
 *
 * medium.c - three files as lists of contents, and a host over them.
 */
#include "medium.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };

/* ---- Media -------------------------------------------------------------- */

uint64_t sectors_of(uint64_t size)
{
    return size == CRASH_ABSENT ? 0 : size / LEN + (size % LEN != 0);
}

void medium_init(struct medium *m, struct contents *contents)
{
    memset(m, 0, sizeof(*m));
    m->contents = contents;
    for (unsigned f = 0; f < N_FILES; f++)
        m->files[f].size = CRASH_ABSENT;
}

void medium_finish(struct medium *m)
{
    for (unsigned f = 0; f < N_FILES; f++) {
        for (size_t i = 0; i < m->files[f].room; i++)
            mem_free(m->files[f].pages[i]);
        mem_free(m->files[f].pages);
    }
}

/* Makes room for page number PAGE. */
static void make_room(struct medium_file *f, size_t page)
{
    size_t room = f->room;

    if (page < room)
        return;
    f->pages = mem_grow(f->pages, &f->room, page + 1, sizeof(*f->pages));
    memset(f->pages + room, 0, (f->room - room) * sizeof(*f->pages));
}

/* Where the number of SECTOR stands. */
static uint32_t *at_sector(struct medium_file *f, uint64_t sector)
{
    size_t page = (size_t)(sector / MEDIUM_PAGE);

    make_room(f, page);
    if (!f->pages[page])
        f->pages[page] = mem_new(MEDIUM_PAGE, sizeof(**f->pages));
    return &f->pages[page][sector % MEDIUM_PAGE];
}

static void copy_page(struct medium_file *to, const struct medium_file *from,
                      size_t page)
{
    enum { PAGE_LEN = MEDIUM_PAGE * sizeof(**from->pages) };
    const uint32_t *ids = page < from->room ? from->pages[page] : NULL;

    if (ids)
        memcpy(at_sector(to, (uint64_t)page * MEDIUM_PAGE), ids, PAGE_LEN);
    else if (page < to->room && to->pages[page])
        memset(to->pages[page], 0, PAGE_LEN);
}

void medium_copy_file(struct medium *to, const struct medium *from,
                      unsigned file)
{
    struct medium_file *f = &to->files[file];
    const struct medium_file *g = &from->files[file];
    size_t n = f->room > g->room ? f->room : g->room;

    for (size_t i = 0; i < n; i++)
        copy_page(f, g, i);
    f->size = g->size;
}

void medium_copy(struct medium *to, const struct medium *from)
{
    for (unsigned f = 0; f < N_FILES; f++)
        medium_copy_file(to, from, f);
}

void medium_load(struct medium *m, unsigned file, const uint8_t *data,
                 uint64_t len)
{
    medium_set_size(m, file, CRASH_ABSENT);
    if (len == CRASH_ABSENT)
        return;
    medium_set_size(m, file, len);
    if (data)
        medium_write(m, file, data, (size_t)len, 0);
}

/* From FIRST to END, which is not one of them. */
static void zero_sectors(struct medium_file *f, uint64_t first, uint64_t end)
{
    if (end > (uint64_t)f->room * MEDIUM_PAGE)
        end = (uint64_t)f->room * MEDIUM_PAGE;
    while (first < end) {
        uint64_t page = first / MEDIUM_PAGE;
        uint64_t next = (page + 1) * MEDIUM_PAGE;
        uint64_t n = (next < end ? next : end) - first;

        if (f->pages[page])
            memset(&f->pages[page][first % MEDIUM_PAGE], 0,
                   (size_t)n * sizeof(**f->pages));
        first += n;
    }
}

void medium_set_size(struct medium *m, unsigned file, uint64_t size)
{
    struct medium_file *f = &m->files[file];
    uint64_t keep = f->size < size ? f->size : size;
    uint64_t end = sectors_of(f->size);

    if (f->size == CRASH_ABSENT || size == CRASH_ABSENT)
        keep = 0;
    if (f->size != CRASH_ABSENT && keep < f->size) {
        uint32_t id = medium_id(m, file, keep / LEN);

        if (id && keep % LEN)
            *at_sector(f, keep / LEN) =
                contents_cut(m->contents, id, (size_t)(keep % LEN));
        zero_sectors(f, sectors_of(keep), end);
    }
    f->size = size;
}

void medium_zero(struct medium *m, unsigned file)
{
    struct medium_file *f = &m->files[file];

    zero_sectors(f, 0, (uint64_t)f->room * MEDIUM_PAGE);
}

void medium_set(struct medium *m, unsigned file, uint64_t sector, uint32_t id)
{
    if (id || medium_id(m, file, sector))
        *at_sector(&m->files[file], sector) = id;
}

void medium_read(const struct medium *m, unsigned file, void *out, size_t len,
                 uint64_t offset)
{
    uint8_t *to = out;

    while (len) {
        size_t at = (size_t)(offset % LEN);
        size_t n = LEN - at < len ? LEN - at : len;
        uint32_t id = medium_id(m, file, offset / LEN);

        memcpy(to, contents_at(m->contents, id) + at, n);
        to += n;
        offset += n;
        len -= n;
    }
}

void medium_write(struct medium *m, unsigned file, const void *data,
                  size_t len, uint64_t offset)
{
    struct medium_file *f = &m->files[file];
    const uint8_t *from = data;

    if (len && offset + len > f->size)
        medium_set_size(m, file, offset + len);
    while (len) {
        size_t at = (size_t)(offset % LEN);
        size_t n = LEN - at < len ? LEN - at : len;

        uint32_t *id = at_sector(f, offset / LEN);

        *id = contents_patch(m->contents, *id, from, at, n);
        from += n;
        offset += n;
        len -= n;
    }
}

/* ---- The host ----------------------------------------------------------- */

struct addcow_file {
    struct medium_host *host;
    unsigned file;
    int writable;
};

static void need(struct medium_host *h, unsigned file, uint64_t first,
                 uint64_t n)
{
    if (h->watch.need)
        h->watch.need(h->watch.arg, file, first, n);
}

static int refuse_bug(struct medium_host *h)
{
    h->bug = 1;
    return ADDCOW_INVALID;
}

static unsigned find(const struct medium_host *h, const char *name)
{
    const char *last = last_component(name);
    unsigned f = 0;

    while (f < N_FILES && (!h->names[f] || strcmp(h->names[f], last) != 0))
        f++;
    return f;
}

/* Whether FILE may be opened so; makes it if that is asked for. */
static int admit(struct medium_host *h, unsigned file, uint32_t flags)
{
    uint64_t size;

    need(h, file, 0, 0);
    size = h->medium->files[file].size;
    if (!(flags & ADDCOW_FILE_CREATE))
        return size == CRASH_ABSENT ? ADDCOW_NOT_FOUND : ADDCOW_OK;
    if (size != CRASH_ABSENT)
        return ADDCOW_EXISTS;
    medium_set_size(h->medium, file, 0);
    if (h->watch.size)
        h->watch.size(h->watch.arg, file);
    return ADDCOW_OK;
}

static int host_open(void *ctx, struct addcow_file **out, const char *name,
                     uint32_t flags)
{
    struct medium_host *h = ctx;
    unsigned file = find(h, name);
    int result = ADDCOW_NOT_FOUND;

    if (h->dead)
        return ADDCOW_IO;
    if (file == N_FILES)
        return flags & ADDCOW_FILE_CREATE ? ADDCOW_IO : ADDCOW_NOT_FOUND;
    result = admit(h, file, flags);
    if (result)
        return result;
    *out = mem_new(1, sizeof(**out));
    **out = (struct addcow_file){h, file, (flags & ADDCOW_FILE_WRITE) != 0};
    h->n_open++;
    return ADDCOW_OK;
}

static int host_close(void *ctx, struct addcow_file *file)
{
    struct medium_host *h = ctx;

    h->n_open--;
    mem_free(file);
    return ADDCOW_OK;
}

static int host_identify(void *ctx, struct addcow_file *file,
                         struct addcow_identity *out)
{
    (void)ctx;
    *out = (struct addcow_identity){1, file->file + 1};
    return ADDCOW_OK;
}

static int host_get_size(void *ctx, struct addcow_file *file, uint64_t *out)
{
    struct medium_host *h = ctx;

    if (h->dead)
        return ADDCOW_IO;
    need(h, file->file, 0, 0);
    *out = h->medium->files[file->file].size;
    return ADDCOW_OK;
}

static int host_set_size(void *ctx, struct addcow_file *file, uint64_t size)
{
    struct medium_host *h = ctx;

    if (h->dead)
        return ADDCOW_IO;
    if (!file->writable)
        return refuse_bug(h);
    if (size > CRASH_MAX_LEN)
        return ADDCOW_NO_SPACE;
    h->written |= 1u << file->file;
    if (h->medium->files[file->file].size == size)
        return ADDCOW_OK;
    medium_set_size(h->medium, file->file, size);
    if (h->watch.size)
        h->watch.size(h->watch.arg, file->file);
    return ADDCOW_OK;
}

static int host_read(void *ctx, struct addcow_file *file, void *out,
                     size_t len, uint64_t offset)
{
    struct medium_host *h = ctx;
    uint64_t size;

    if (h->dead)
        return ADDCOW_IO;
    need(h, file->file, 0, 0);
    size = h->medium->files[file->file].size;
    if (offset > size || len > size - offset)
        return ADDCOW_RANGE;
    if (len)
        need(h, file->file, offset / LEN,
             (offset + len - 1) / LEN - offset / LEN + 1);
    medium_read(h->medium, file->file, out, len, offset);
    return ADDCOW_OK;
}

static int host_write(void *ctx, struct addcow_file *file, const void *data,
                      size_t len, uint64_t offset)
{
    struct medium_host *h = ctx;

    if (h->dead)
        return ADDCOW_IO;
    if (!file->writable)
        return refuse_bug(h);
    if (offset > CRASH_MAX_LEN || len > CRASH_MAX_LEN - offset)
        return ADDCOW_NO_SPACE;
    if (!len || h->medium->files[file->file].size == CRASH_ABSENT)
        return ADDCOW_OK; /* removed while it was open: gone */
    h->written |= 1u << file->file;
    medium_write(h->medium, file->file, data, len, offset);
    if (h->watch.write)
        h->watch.write(h->watch.arg, file->file, offset, len);
    return ADDCOW_OK;
}

static int host_flush(void *ctx, struct addcow_file *file)
{
    struct medium_host *h = ctx;

    if (h->dead)
        return ADDCOW_IO;
    if (h->watch.flush)
        h->watch.flush(h->watch.arg, file->file);
    return ADDCOW_OK;
}

static int host_remove(void *ctx, const char *name)
{
    struct medium_host *h = ctx;
    unsigned file = find(h, name);

    if (h->dead)
        return ADDCOW_IO;
    if (file == N_FILES || h->medium->files[file].size == CRASH_ABSENT)
        return ADDCOW_NOT_FOUND;
    h->written |= 1u << file;
    medium_set_size(h->medium, file, CRASH_ABSENT);
    if (h->watch.size)
        h->watch.size(h->watch.arg, file);
    return ADDCOW_OK;
}

const char *last_component(const char *name)
{
    const char *slash = name ? strrchr(name, '/') : NULL;

    return slash ? slash + 1 : name;
}

void medium_host_init(struct medium_host *h, struct medium *m,
                      const struct crash_setup *setup)
{
    memset(h, 0, sizeof(*h));
    h->table = (struct addcow_host){.size = sizeof(h->table),
                                    .abi = ADDCOW_SHIM_ABI,
                                    .ctx = h,
                                    .open = host_open,
                                    .close = host_close,
                                    .identify = host_identify,
                                    .get_size = host_get_size,
                                    .set_size = host_set_size,
                                    .read = host_read,
                                    .write = host_write,
                                    .flush = host_flush,
                                    .remove = host_remove};
    h->medium = m;
    h->names[F_ADDCOW] = last_component(setup->addcow.name);
    h->names[F_IMAGE] = last_component(setup->image.name);
    h->names[F_BACKING] = last_component(setup->backing.name);
}
