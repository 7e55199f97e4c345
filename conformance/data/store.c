/* SPDX-License-Identifier: MIT
 *
 * store.c - the bytes of one file, sparse: a hash table of shared pages over
 * a background.
 */
#include "store.h"
#include "base/memory.h"
#include "pattern.h"

#include <stdbool.h>
#include <string.h>

struct page {
    size_t n_users;
    uint8_t bytes[STORE_PAGE];
};

struct slot {
    uint64_t index; /* offset / STORE_PAGE */
    struct page *page;
};

/* The pages that were written, of all copies that have not been written since.
 * n_slots is a power of two, more than half of the slots are free. */
struct table {
    size_t n_users;
    size_t n_pages;
    size_t n_slots;
    struct slot slots[];
};

/* Bytes of a page at or beyond the size are zeros. */
struct store {
    uint64_t size;
    uint64_t background_len; /* at most size */
    uint32_t background_tag;
    struct table *table; /* null: no page was written */
};

enum { MIN_SLOTS = 16 };

/* The slot of page INDEX, or the free one where it belongs. */
static struct slot *find(struct table *t, uint64_t index)
{
    uint64_t h = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 32) & (t->n_slots - 1);

    while (t->slots[i].page && t->slots[i].index != index)
        i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

/* Page INDEX, or null. */
static struct page *page_at(const struct store *s, uint64_t index)
{
    return s->table ? find(s->table, index)->page : NULL;
}

static void page_drop(struct page *page)
{
    if (page && --page->n_users == 0)
        mem_free(page);
}

static void table_drop(struct table *t)
{
    if (!t || --t->n_users)
        return;
    for (size_t i = 0; i < t->n_slots; i++)
        page_drop(t->slots[i].page);
    mem_free(t);
}

static struct table *table_new(size_t n_slots)
{
    struct table *t = mem_new(1, sizeof(*t) + n_slots * sizeof(*t->slots));

    t->n_users = 1;
    t->n_slots = n_slots;
    return t;
}

/* The pages below END_INDEX in a table for S alone, with N_SLOTS. */
static void rehash(struct store *s, size_t n_slots, uint64_t end_index)
{
    struct table *old = s->table;

    s->table = table_new(n_slots);
    for (size_t i = 0; old && i < old->n_slots; i++) {
        struct slot *slot = &old->slots[i];

        if (!slot->page || slot->index >= end_index)
            continue;
        *find(s->table, slot->index) = *slot;
        slot->page->n_users++;
        s->table->n_pages++;
    }
    table_drop(old);
}

/* For one of the users of T, who gives T up. */
static struct table *table_copy(struct table *t)
{
    struct table *copy =
        mem_copy(t, sizeof(*t) + t->n_slots * sizeof(*t->slots));

    copy->n_users = 1;
    t->n_users--;
    for (size_t i = 0; i < copy->n_slots; i++)
        if (copy->slots[i].page)
            copy->slots[i].page->n_users++;
    return copy;
}

/* The table of S, for S alone to write, with room for a page more. */
static struct table *own_table(struct store *s)
{
    struct table *t = s->table;

    if (!t)
        s->table = table_new(MIN_SLOTS);
    else if (2 * (t->n_pages + 1) >= t->n_slots)
        rehash(s, 2 * t->n_slots, UINT64_MAX);
    else if (t->n_users > 1)
        s->table = table_copy(t);
    return s->table;
}

struct store *store_new(void)
{
    return mem_new(1, sizeof(struct store));
}

struct store *store_clone(const struct store *s)
{
    if (s->table)
        s->table->n_users++;
    return mem_copy(s, sizeof(*s));
}

void store_free(struct store *s)
{
    if (!s)
        return;
    table_drop(s->table);
    mem_free(s);
}

uint64_t store_size(const struct store *s)
{
    return s->size;
}

uint64_t store_background(const struct store *s)
{
    return s->background_len;
}

/* What shows while it was not written. */
static void read_background(const struct store *s, uint8_t *out, size_t len,
                            uint64_t offset)
{
    size_t n = 0;

    if (offset < s->background_len) {
        n = len;
        if (s->background_len - offset < n)
            n = (size_t)(s->background_len - offset);
        pattern_fill(out, n, offset, s->background_tag);
    }
    memset(out + n, 0, len - n);
}

/* Page INDEX, for S alone to write, and WHOLE: all of it. */
static struct page *own(struct store *s, uint64_t index, int whole)
{
    struct table *t = own_table(s);
    struct slot *slot = find(t, index);
    struct page *page;

    if (slot->page && slot->page->n_users == 1)
        return slot->page;
    page = mem_raw(sizeof(*page));
    page->n_users = 1;
    if (slot->page) {
        if (!whole)
            memcpy(page->bytes, slot->page->bytes, STORE_PAGE);
        page_drop(slot->page);
    } else {
        if (!whole)
            read_background(s, page->bytes, STORE_PAGE, index * STORE_PAGE);
        slot->index = index;
        t->n_pages++;
    }
    slot->page = page;
    return page;
}

void store_set_size(struct store *s, uint64_t size)
{
    uint64_t index = size / STORE_PAGE;
    size_t in_page = (size_t)(size % STORE_PAGE);
    struct page *page;

    if (size < s->size) {
        if (s->background_len > size)
            s->background_len = size;
        if (s->table)
            rehash(s, s->table->n_slots, index + (in_page != 0));
        if (in_page && page_at(s, index)) {
            page = own(s, index, 0);
            memset(page->bytes + in_page, 0, STORE_PAGE - in_page);
        }
    }
    s->size = size;
}

/* How many of LEN bytes at OFFSET lie in its page. */
static size_t span(size_t len, uint64_t offset)
{
    size_t room = STORE_PAGE - (size_t)(offset % STORE_PAGE);

    return len < room ? len : room;
}

void store_read(const struct store *s, void *out, size_t len, uint64_t offset)
{
    uint8_t *to = out;

    while (len) {
        size_t n = span(len, offset);
        const struct page *page = page_at(s, offset / STORE_PAGE);

        if (page)
            mem_move(to, page->bytes + offset % STORE_PAGE, n);
        else
            read_background(s, to, n, offset);
        to += n;
        len -= n;
        offset += n;
    }
}

const uint8_t *store_view(const struct store *s, size_t len, uint64_t offset)
{
    static const uint8_t zeros[STORE_PAGE];
    const struct page *page = page_at(s, offset / STORE_PAGE);

    if (span(len, offset) != len)
        return NULL;
    if (page)
        return page->bytes + offset % STORE_PAGE;
    if (offset >= s->background_len)
        return zeros;
    if (offset + len > s->background_len)
        return NULL;
    return pattern_view(len, offset, s->background_tag);
}

bool store_is_shared(const struct store *a, const struct store *b, size_t len,
                     uint64_t offset)
{
    const struct page *page = page_at(a, offset / STORE_PAGE);

    if (page != page_at(b, offset / STORE_PAGE))
        return false;
    return page || (a->background_tag == b->background_tag &&
                    offset + len <= a->background_len &&
                    offset + len <= b->background_len);
}

bool store_is_zeros(const struct store *s, size_t len, uint64_t offset)
{
    static const uint8_t zeros[STORE_PAGE];

    while (len) {
        size_t n = span(len, offset);
        const struct page *page = page_at(s, offset / STORE_PAGE);

        if (page ? memcmp(page->bytes + offset % STORE_PAGE, zeros, n) != 0
                 : offset < s->background_len)
            return false;
        len -= n;
        offset += n;
    }
    return true;
}

void store_write(struct store *s, const void *data, size_t len,
                 uint64_t offset)
{
    const uint8_t *from = data;

    if (len && s->size < offset + len)
        s->size = offset + len;
    while (len) {
        size_t n = span(len, offset);
        struct page *page = own(s, offset / STORE_PAGE, n == STORE_PAGE);

        mem_move(page->bytes + offset % STORE_PAGE, from, n);
        from += n;
        len -= n;
        offset += n;
    }
}

void store_share_page(struct store *s, const struct store *from,
                      uint64_t offset)
{
    uint64_t index = offset / STORE_PAGE;
    uint64_t end = offset + STORE_PAGE;
    struct page *page = page_at(from, index);
    struct table *t = own_table(s);
    struct slot *slot = find(t, index);

    page->n_users++;
    t->n_pages += !slot->page;
    page_drop(slot->page);
    *slot = (struct slot){index, page};
    if (end > from->size)
        end = from->size;
    if (s->size < end)
        s->size = end;
}

void store_assign(struct store *s, const struct store *from)
{
    struct table *old = s->table;

    if (from->table)
        from->table->n_users++;
    *s = *from;
    table_drop(old);
}

/* Page INDEX in one piece: in the store itself, or in BUFFER. */
static const uint8_t *view_page(const struct store *s, uint8_t *buffer,
                                uint64_t index)
{
    const uint8_t *view = store_view(s, STORE_PAGE, index * STORE_PAGE);

    if (view)
        return view;
    store_read(s, buffer, STORE_PAGE, index * STORE_PAGE);
    return buffer;
}

void store_each_change(const struct store *s, const struct store *old,
                       void (*visit)(void *arg, const struct changed *page),
                       void *arg)
{
    const struct table *t = s->table;
    uint8_t buffer[STORE_PAGE];

    for (size_t i = 0; t && i < t->n_slots; i++) {
        const struct slot *slot = &t->slots[i];
        struct changed page = {.offset = slot->index * STORE_PAGE};

        if (!slot->page || page_at(old, slot->index) == slot->page)
            continue;
        page.now = slot->page->bytes;
        page.before = view_page(old, buffer, slot->index);
        for (unsigned k = 0; k < STORE_PAGE / 512; k++)
            if (memcmp(page.before + 512 * k, page.now + 512 * k, 512) != 0)
                page.sectors |= 1u << k;
        if (page.sectors)
            visit(arg, &page);
    }
}

void store_fill(struct store *s, uint32_t tag, uint64_t size)
{
    store_set_size(s, 0);
    s->size = size;
    s->background_len = size;
    s->background_tag = tag;
}

uint64_t store_next_page(const struct store *s, uint64_t offset)
{
    uint64_t from = offset / STORE_PAGE + (offset % STORE_PAGE != 0);
    uint64_t best = UINT64_MAX;
    const struct table *t = s->table;

    for (size_t i = 0; t && i < t->n_slots; i++)
        if (t->slots[i].page && t->slots[i].index >= from &&
            t->slots[i].index < best)
            best = t->slots[i].index;
    return best == UINT64_MAX ? best : best * STORE_PAGE;
}

/* The first byte of page INDEX that differs below both sizes. */
static void compare_page(const struct store *a, const struct store *b,
                         uint64_t *first, uint64_t index)
{
    uint8_t x[STORE_PAGE];
    uint8_t y[STORE_PAGE];
    uint64_t offset = index * STORE_PAGE;

    store_read(a, x, STORE_PAGE, offset);
    store_read(b, y, STORE_PAGE, offset);
    for (size_t i = 0; i < STORE_PAGE; i++)
        if (x[i] != y[i] && offset + i < *first)
            *first = offset + i;
}

static void compare_pages_of(const struct store *a, const struct store *b,
                             uint64_t *first)
{
    const struct table *t = a->table;

    for (size_t i = 0; t && i < t->n_slots; i++) {
        const struct slot *slot = &t->slots[i];

        if (slot->page && page_at(b, slot->index) != slot->page)
            compare_page(a, b, first, slot->index);
    }
}

/* Where neither was written the backgrounds differ at their start, or where
 * the shorter one ends; pages that were written there hide it. */
static void compare_backgrounds(const struct store *a, const struct store *b,
                                uint64_t *first)
{
    uint64_t lo = a->background_len;
    uint64_t hi = b->background_len;

    if (lo > hi) {
        lo = b->background_len;
        hi = a->background_len;
    }
    if (lo && a->background_tag != b->background_tag)
        lo = 0;
    for (uint64_t i = lo / STORE_PAGE; i * STORE_PAGE < hi; i++) {
        compare_page(a, b, first, i);
        if (*first < (i + 1) * STORE_PAGE)
            return;
        if (!page_at(a, i) && !page_at(b, i))
            return; /* beyond doubt: equal backgrounds end here */
    }
}

bool store_differ(const struct store *a, const struct store *b,
                  uint64_t *offset)
{
    uint64_t first = UINT64_MAX;

    compare_pages_of(a, b, &first);
    compare_pages_of(b, a, &first);
    if (a->background_len != b->background_len ||
        a->background_tag != b->background_tag)
        compare_backgrounds(a, b, &first);
    if (a->size != b->size) {
        uint64_t smaller = a->size < b->size ? a->size : b->size;

        if (smaller < first)
            first = smaller;
    }
    if (first == UINT64_MAX)
        return false;
    *offset = first;
    return true;
}
