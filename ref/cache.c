/* SPDX-License-Identifier: MIT
 *
 * The cache of the COW bitmap: a fixed array of tables, whatever the size of
 * the image.
 *
 * A table is a part of the bitmap, 64 KiB or what is left of it.  It becomes
 * dirty when a bit of it goes from 0 to 1, and is clean again when it has
 * been written.  A load evicts the clean table that was used least recently;
 * cache_mark() keeps one clean, so a read never writes.
 *
 * This file and fls.c call each other, the only two of the reference that do:
 * a flush writes tables, and a table that has to make room is flushed first.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/*@ predicate dirty{L}(struct table *table, integer byte) =
      table->dirty_from <= byte < table->dirty_to; */

/*@ requires \valid_read(table);
    assigns \nothing;
    ensures \result <==> \exists integer byte; dirty(table, byte); */
static bool is_dirty(const struct table *table)
{
    return table->dirty_from < table->dirty_to;
}

/*@ requires \valid(table);
    assigns table->dirty_from, table->dirty_to;
    ensures \forall integer byte; !dirty(table, byte); */
static void set_clean(struct table *table)
{
    table->dirty_from = table->dirty_to = 0;
}

/* The least range that holds the old one and BYTE */
/*@ requires \valid(table);
    requires byte < TABLE_LEN && table->dirty_to <= TABLE_LEN;
    assigns table->dirty_from, table->dirty_to;
    ensures table->dirty_to <= TABLE_LEN;
    ensures \forall integer b; dirty(table, b) <==>
      b == byte || \old(dirty(table, b)) ||
      (\exists integer c; \old(dirty(table, c)) &&
        (c < b < byte || byte < b < c)); */
static void widen(struct table *table, uint32_t byte)
{
    if (!is_dirty(table)) {
        table->dirty_from = byte;
        table->dirty_to = byte + 1;
        return;
    }
    if (byte < table->dirty_from)
        table->dirty_from = byte;
    if (byte >= table->dirty_to)
        table->dirty_to = byte + 1;
}

/*@ requires \valid_read(image);
    assigns \nothing;
    ensures \result == \null <==> \forall integer i; 0 <= i < N_TABLES ==>
      image->tables[i].used == 0 || image->tables[i].number != number;
    ensures \result != \null ==> \result->used != 0 &&
      \result->number == number &&
      \exists integer i; 0 <= i < N_TABLES && \result == &image->tables[i]; */
static struct table *find_cached(struct addcow_image *image, uint64_t number)
{
    /*@ loop invariant 0 <= i <= N_TABLES;
        loop invariant \forall integer j; 0 <= j < i ==>
          image->tables[j].used == 0 || image->tables[j].number != number;
        loop assigns i;
        loop variant N_TABLES - i; */
    for (unsigned i = 0; i < N_TABLES; i++)
        if (image->tables[i].used && image->tables[i].number == number)
            return &image->tables[i];
    return NULL;
}

/* LIM-6: no more tables than these, whatever the size of the image */
static struct table *find_victim(struct addcow_image *image)
{
    struct table *victim = NULL;

    for (unsigned i = 0; i < N_TABLES; i++) {
        struct table *table = &image->tables[i];

        if (!is_dirty(table) && (!victim || table->used < victim->used))
            victim = table;
    }
    return victim;
}

/* LIM-6.  Nothing is allocated before the first load: to open an image costs
 * little. */
static int give_bits(struct addcow_image *image, struct table *table)
{
    if (!table->bits)
        table->bits = malloc(TABLE_LEN);
    if (!table->bits)
        return err_refuse(&image->error, ADDCOW_NO_MEMORY, NULL,
                          "out of memory");
    return ADDCOW_OK;
}

/* What the bitmap has grown by since the table was loaded is zeros. */
static void reach(struct table *table, size_t len)
{
    if (len <= table->end)
        return;
    memset(table->bits + table->end, 0, len - table->end);
    table->end = (uint32_t)len;
}

/* RD-7: a table that could not be read stays empty */
int cache_load(struct addcow_image *image, struct table **out, uint64_t number)
{
    struct table *table = find_cached(image, number);
    uint64_t start = number * TABLE_LEN;
    size_t len = least(TABLE_LEN, image->bitmap_len - start);
    int result = ADDCOW_OK;

    if (!table) {
        table = find_victim(image);
        result = give_bits(image, table);
        if (result != ADDCOW_OK)
            return result;
        table->used = 0;
        table->number = number;
        table->end = (uint32_t)len;
        result =
            file_read(&image->entry, table->bits, len, HEADER_LEN + start);
    }
    if (result != ADDCOW_OK)
        return result;
    reach(table, len);
    table->used = ++image->clock;
    *out = table;
    return ADDCOW_OK;
}

static unsigned count_dirty(const struct addcow_image *image)
{
    unsigned n_dirty = 0;

    for (unsigned i = 0; i < N_TABLES; i++)
        n_dirty += is_dirty(&image->tables[i]);
    return n_dirty;
}

/* BMP-9, WR-10: these bits and no others */
/*@ requires \valid(table) && table->dirty_to <= TABLE_LEN;
    requires \valid(table->bits + (0 .. TABLE_LEN - 1)) &&
      \separated(table, table->bits + (0 .. TABLE_LEN - 1));
    requires first + count <= TABLE_BITS;
    assigns table->bits[0 .. TABLE_LEN - 1], table->dirty_from,
      table->dirty_to;
    ensures table->dirty_to <= TABLE_LEN;
    ensures BMP_9: WR_10: \forall integer n; 0 <= n < TABLE_BITS ==>
      (is_set(&table->bits[0], n) <==>
        \old(is_set(&table->bits[0], n)) || first <= n < first + count);
    ensures pending: \forall integer n; first <= n < first + count ==>
      dirty(table, n / 8);
    ensures pending: \forall integer b; \old(dirty(table, b)) ==>
      dirty(table, b); */
static void mark_table(struct table *table, uint64_t first, uint64_t count)
{
    /*@ loop invariant first <= bit <= first + count;
        loop invariant table->dirty_to <= TABLE_LEN;
        loop invariant \forall integer n; 0 <= n < TABLE_BITS ==>
          (is_set(&table->bits[0], n) <==>
            \at(is_set(&table->bits[0], n), Pre) || first <= n < bit);
        loop invariant \forall integer n; first <= n < bit ==>
          dirty(table, n / 8);
        loop invariant \forall integer b; \at(dirty(table, b), Pre) ==>
          dirty(table, b);
        loop assigns bit, table->bits[0 .. TABLE_LEN - 1],
          table->dirty_from, table->dirty_to;
        loop variant first + count - bit; */
    for (uint64_t bit = first; bit < first + count; bit++) {
        bits_set(table->bits, bit);
        widen(table, (uint32_t)(bit / 8));
    }
}

/* FLS-13: pending bits are written in the order of FLS-1 before their table
 * can be given up */
static int keep_one_clean(struct addcow_image *image,
                          const struct table *table)
{
    if (is_dirty(table) || count_dirty(image) < N_TABLES - 1)
        return ADDCOW_OK;
    return fls_write_back(image);
}

int cache_mark(struct addcow_image *image, uint64_t first, uint64_t count)
{
    while (count) {
        uint64_t n = least(count, TABLE_BITS - first % TABLE_BITS);
        struct table *table;
        int result = cache_load(image, &table, first / TABLE_BITS);

        if (result == ADDCOW_OK)
            result = keep_one_clean(image, table);
        if (result != ADDCOW_OK)
            return result;
        mark_table(table, first % TABLE_BITS, n);
        first += n;
        count -= n;
    }
    return ADDCOW_OK;
}

/* FLS-18: what is written is the newest of every bit in the range; BMP-10,
 * BMP-12: the range ends inside the bitmap */
static int write_table(struct addcow_image *image, struct table *table)
{
    int result;

    image->entry_dirty = true;
    result =
        file_write(&image->entry, table->bits + table->dirty_from,
                   table->dirty_to - table->dirty_from,
                   HEADER_LEN + table->number * TABLE_LEN + table->dirty_from);
    if (result == ADDCOW_OK)
        set_clean(table);
    return result;
}

int cache_write(struct addcow_image *image)
{
    for (unsigned i = 0; i < N_TABLES; i++)
        if (is_dirty(&image->tables[i])) {
            int result = write_table(image, &image->tables[i]);

            if (result != ADDCOW_OK)
                return result;
        }
    return ADDCOW_OK;
}

/* Keeps the first COUNT bits of TABLE. */
static void cut_table(struct table *table, uint64_t count)
{
    size_t len = count / 8 + (count % 8 != 0);

    if (table->end > len)
        table->end = (uint32_t)len;
    if (count % 8)
        table->bits[count / 8] &= (unsigned char)((1u << count % 8) - 1);
    if (table->dirty_to > len)
        table->dirty_to = (uint32_t)len;
    if (!is_dirty(table))
        set_clean(table);
}

void cache_forget(struct addcow_image *image, uint64_t count)
{
    for (unsigned i = 0; i < N_TABLES; i++) {
        struct table *table = &image->tables[i];
        uint64_t start = table->number * TABLE_BITS;

        if (start >= count) {
            set_clean(table);
            table->used = 0;
        } else if (table->used && count - start < TABLE_BITS) {
            cut_table(table, count - start);
        }
    }
}

int cache_clear_last_byte(struct addcow_image *image, uint64_t count)
{
    struct table *table;
    int result;

    cache_forget(image, count);
    if (count % 8 == 0)
        return ADDCOW_OK;
    result = cache_load(image, &table, count / TABLE_BITS);
    if (result == ADDCOW_OK)
        result = keep_one_clean(image, table);
    if (result != ADDCOW_OK)
        return result;
    cut_table(table, count % TABLE_BITS);
    widen(table, (uint32_t)(count % TABLE_BITS / 8));
    return ADDCOW_OK;
}

void cache_release(struct addcow_image *image)
{
    for (unsigned i = 0; i < N_TABLES; i++)
        free(image->tables[i].bits);
}
