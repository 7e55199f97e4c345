/* SPDX-License-Identifier: MIT
 *
 * store.c - the bytes of one file, sparse: a hash table of shared pages over
 * a background.
 */
#include "store.h"

#include "../oracle/pattern.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

struct page {
    size_t n_users;
    uint8_t bytes[STORE_PAGE];
};

struct slot {
    uint64_t index; /* offset / STORE_PAGE */
    struct page *page;
};

/* Bytes of a page at or beyond the size are zeros.  n_slots is a power of
 * two, more than half of the slots are free. */
struct store {
    uint64_t size;
    uint64_t background_len; /* at most size */
    uint32_t background_tag;
    size_t n_pages;
    size_t n_slots;
    struct slot *slots;
};

static size_t hash(const struct store *s, uint64_t index)
{
    uint64_t h = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(h >> 32) & (s->n_slots - 1);
}

/* The slot of page INDEX, or the free one where it belongs. */
static struct slot *find(const struct store *s, uint64_t index)
{
    size_t i = hash(s, index);

    while (s->slots[i].page && s->slots[i].index != index)
        i = (i + 1) & (s->n_slots - 1);
    return &s->slots[i];
}

static void page_drop(struct page *page)
{
    if (page && --page->n_users == 0)
        mem_free(page);
}

struct store *store_new(void)
{
    struct store *s = mem_new(1, sizeof(*s));

    s->n_slots = 16;
    s->slots = mem_new(s->n_slots, sizeof(*s->slots));
    return s;
}

struct store *store_clone(const struct store *s)
{
    struct store *copy = mem_copy(s, sizeof(*s));

    copy->slots = mem_copy(s->slots, s->n_slots * sizeof(*s->slots));
    for (size_t i = 0; i < copy->n_slots; i++)
        if (copy->slots[i].page)
            copy->slots[i].page->n_users++;
    return copy;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_slots; i++)
        page_drop(s->slots[i].page);
    mem_free(s->slots);
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

/* Puts the pages that lie below END_INDEX into a new table. */
static void rehash(struct store *s, size_t n_slots, uint64_t end_index)
{
    struct slot *old = s->slots;
    size_t n_old = s->n_slots;

    s->slots = mem_new(n_slots, sizeof(*s->slots));
    s->n_slots = n_slots;
    s->n_pages = 0;
    for (size_t i = 0; i < n_old; i++) {
        if (!old[i].page)
            continue;
        if (old[i].index >= end_index) {
            page_drop(old[i].page);
            continue;
        }
        *find(s, old[i].index) = old[i];
        s->n_pages++;
    }
    mem_free(old);
}

/* What page INDEX shows while it was not written. */
static void fill_background(const struct store *s, uint8_t *out,
                            uint64_t index)
{
    uint64_t offset = index * STORE_PAGE;
    size_t len = STORE_PAGE;

    memset(out, 0, STORE_PAGE);
    if (offset >= s->background_len)
        return;
    if (s->background_len - offset < len)
        len = (size_t)(s->background_len - offset);
    pattern_fill(out, len, offset, s->background_tag);
}

/* Page INDEX, for S alone to write, and WHOLE: all of it. */
static struct page *own(struct store *s, uint64_t index, int whole)
{
    struct slot *slot = find(s, index);
    struct page *page;

    if (slot->page && slot->page->n_users == 1)
        return slot->page;
    page = mem_raw(sizeof(*page));
    page->n_users = 1;
    if (slot->page) {
        if (!whole)
            memcpy(page->bytes, slot->page->bytes, STORE_PAGE);
        page_drop(slot->page);
        slot->page = page;
        return page;
    }
    if (!whole)
        fill_background(s, page->bytes, index);
    if (2 * (s->n_pages + 1) >= s->n_slots) {
        rehash(s, 2 * s->n_slots, UINT64_MAX);
        slot = find(s, index);
    }
    slot->index = index;
    slot->page = page;
    s->n_pages++;
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
        rehash(s, s->n_slots, index + (in_page != 0));
        if (in_page && find(s, index)->page) {
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

void store_read(const struct store *s, void *out, size_t len, uint64_t offset)
{
    uint8_t *to = out;

    while (len) {
        size_t n = span(len, offset);
        const struct slot *slot = find(s, offset / STORE_PAGE);

        if (slot->page)
            mem_move(to, slot->page->bytes + offset % STORE_PAGE, n);
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
    const struct slot *slot = find(s, offset / STORE_PAGE);

    if (span(len, offset) != len)
        return NULL;
    if (slot->page)
        return slot->page->bytes + offset % STORE_PAGE;
    if (offset >= s->background_len)
        return zeros;
    if (offset + len > s->background_len)
        return NULL;
    return pattern_view(len, offset, s->background_tag);
}

int store_is_shared(const struct store *a, const struct store *b, size_t len,
                    uint64_t offset)
{
    const struct page *page = find(a, offset / STORE_PAGE)->page;

    if (page != find(b, offset / STORE_PAGE)->page)
        return 0;
    return page || (a->background_tag == b->background_tag &&
                    offset + len <= a->background_len &&
                    offset + len <= b->background_len);
}

int store_is_zeros(const struct store *s, size_t len, uint64_t offset)
{
    static const uint8_t zeros[STORE_PAGE];

    while (len) {
        size_t n = span(len, offset);
        const struct slot *slot = find(s, offset / STORE_PAGE);

        if (slot->page ? memcmp(slot->page->bytes + offset % STORE_PAGE, zeros,
                                n) != 0
                       : offset < s->background_len)
            return 0;
        len -= n;
        offset += n;
    }
    return 1;
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

void store_assign(struct store *s, const struct store *from)
{
    struct store *copy = store_clone(from);
    struct store old = *s;

    *s = *copy;
    *copy = old;
    store_free(copy);
}

void store_each_change(const struct store *s, const struct store *old,
                       void (*visit)(void *arg, uint64_t offset), void *arg)
{
    uint8_t before[512];

    for (size_t i = 0; i < s->n_slots; i++) {
        const struct slot *slot = &s->slots[i];

        if (!slot->page || find(old, slot->index)->page == slot->page)
            continue;
        for (size_t at = 0; at < STORE_PAGE; at += sizeof before) {
            store_read(old, before, sizeof before,
                       slot->index * STORE_PAGE + at);
            if (memcmp(before, slot->page->bytes + at, sizeof before) != 0)
                visit(arg, slot->index * STORE_PAGE + at);
        }
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

    for (size_t i = 0; i < s->n_slots; i++)
        if (s->slots[i].page && s->slots[i].index >= from &&
            s->slots[i].index < best)
            best = s->slots[i].index;
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
    for (size_t i = 0; i < a->n_slots; i++) {
        const struct slot *slot = &a->slots[i];

        if (slot->page && find(b, slot->index)->page != slot->page)
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
        if (!find(a, i)->page && !find(b, i)->page)
            return; /* beyond doubt: equal backgrounds end here */
    }
}

int store_differ(const struct store *a, const struct store *b,
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
        return 0;
    *offset = first;
    return 1;
}
