/* SPDX-License-Identifier: MIT
 *
 * Requests over a host in memory: the cache of tables, the order of flushes,
 * what failures leave, resize and flatten.
 */
#include "internal.h"
#include "mem_host.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define K64 UINT64_C(65536)
#define SPAN (K64 * 524288) /* the part of the disk of one table: 32 GiB */

static struct mem_host host;
static struct addcow_image *image;
static struct addcow_error error;

static void setup(void)
{
    mem_init(&host);
    host.entry = "x.cow";
    host.raw = "raw";
    image = NULL;
}

static void teardown(void)
{
    ck_assert_uint_eq(host.n_open, 0);
    ck_assert(!host.out_of_order);
    mem_finish(&host);
}

static void open_with(uint32_t flags)
{
    int result = addcow_open(&image, &error, &host.table, "x.cow", flags);

    ck_assert_msg(result == ADDCOW_OK, "%s", error.what);
}

static void make(uint64_t raw_len, uint64_t backing_len)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};

    mem_set_size(&host, "raw", raw_len);
    mem_set_size(&host, "base", backing_len);
    ck_assert_int_eq(addcow_create(&error, &host.table, &args), ADDCOW_OK);
    open_with(ADDCOW_OPEN_WRITE);
    mem_reset_counts(&host);
}

static int write_byte(uint64_t offset, unsigned char byte)
{
    return addcow_write(image, &byte, 1, offset);
}

static int read_byte(uint64_t offset)
{
    unsigned char byte = 0xEE;

    ck_assert_int_eq(addcow_read(image, &byte, 1, offset), ADDCOW_OK);
    return byte;
}

static unsigned bitmap_byte(uint64_t at)
{
    unsigned char byte;

    mem_get(&host, "x.cow", &byte, 1, 2560 + at);
    return byte;
}

static void fault(enum mem_call only, unsigned countdown, int result)
{
    host.only = only;
    host.countdown = countdown;
    host.result = result;
}

START_TEST(table_boundary_is_crossed_by_one_request)
{
    static unsigned char data[2 * 65536];

    memset(data, 0x5A, sizeof(data));
    make(SPAN + 2 * K64, 0);
    ck_assert_int_eq(addcow_write(image, data, sizeof(data), 524287 * K64),
                     ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "raw"), 1);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(65535), 0x80);
    ck_assert_uint_eq(bitmap_byte(65536), 0x01);
    mem_reset_counts(&host);
    ck_assert_int_eq(addcow_read(image, data, sizeof(data), 524287 * K64),
                     ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_READ, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_READ, "base"), 0);
    ck_assert_int_eq(data[0], 0x5A);
    ck_assert_int_eq(read_byte(524289 * K64), 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(map_ends_with_the_table)
{
    uint64_t len;
    uint32_t state;

    make(2 * SPAN, 0);
    ck_assert_int_eq(addcow_map(image, &len, &state, 2 * SPAN, 0), 0);
    ck_assert_uint_eq(len, SPAN);
    ck_assert_uint_eq(state, 0);
    ck_assert_int_eq(write_byte(SPAN, 1), ADDCOW_OK);
    ck_assert_int_eq(addcow_map(image, &len, &state, 2 * K64, SPAN - K64), 0);
    ck_assert_uint_eq(len, K64);
    ck_assert_int_eq(addcow_map(image, &len, &state, 2 * K64, SPAN), 0);
    ck_assert_uint_eq(len, K64);
    ck_assert_uint_eq(state, ADDCOW_MAP_ALLOCATED);
    ck_assert_int_eq(addcow_map(image, &len, &state, 0, 0), ADDCOW_RANGE);
    ck_assert_int_eq(addcow_map(image, &len, &state, 1, 2 * SPAN),
                     ADDCOW_RANGE);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(sixteenth_table_makes_the_others_clean)
{
    make(40 * SPAN, 0);
    for (unsigned i = 0; i < 15; i++)
        ck_assert_int_eq(write_byte(i * SPAN, 1), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "x.cow"), 0);
    ck_assert_int_eq(write_byte(15 * SPAN, 1), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "x.cow"), 15);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 0);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "x.cow"), 16);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 1);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 1);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(many_tables_lose_no_bit)
{
    uint64_t n_allocated;

    make(40 * SPAN, 0);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < 40; i++)
            ck_assert_int_eq(
                write_byte(i * SPAN + round * 7 * K64, (unsigned char)i),
                ADDCOW_OK);
    ck_assert_int_eq(addcow_count_allocated(image, &n_allocated), 0);
    ck_assert_uint_eq(n_allocated, 120);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    open_with(0);
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_int_eq(read_byte(i * SPAN + 14 * K64), (int)i);
        ck_assert_uint_eq(bitmap_byte(i * K64), 0x81);
        ck_assert_uint_eq(bitmap_byte(i * K64 + 1), 0x40);
    }
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(reads_never_write_however_many_tables_wait)
{
    make(40 * SPAN, 0);
    for (unsigned i = 0; i < 15; i++)
        ck_assert_int_eq(write_byte(i * SPAN, 9), ADDCOW_OK);
    mem_reset_counts(&host);
    for (unsigned i = 0; i < 40; i++)
        ck_assert_int_eq(read_byte(i * SPAN), i < 15 ? 9 : 0);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "x.cow"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(failed_flush_sticks_and_reads_go_on)
{
    static const char *const names[] = {"raw", "x.cow"};

    make(40 * SPAN, 0);
    for (unsigned i = 0; i < 15; i++)
        ck_assert_int_eq(write_byte(i * SPAN, 9), ADDCOW_OK);
    fault(MEM_FLUSH, (unsigned)_i + 1, ADDCOW_IO);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_IO);
    mem_reset_counts(&host);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_IO);
    ck_assert_int_eq(write_byte(0, 1), ADDCOW_IO);
    ck_assert_int_eq(addcow_discard(image, 1, 0), ADDCOW_IO);
    ck_assert_int_eq(addcow_resize(image, SPAN), ADDCOW_IO);
    ck_assert_int_eq(addcow_flatten(image), ADDCOW_IO);
    for (unsigned i = 0; i < 40; i++)
        ck_assert_int_eq(read_byte(i * SPAN), i < 15 ? 9 : 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_IO);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(mem_count(&host, MEM_WRITE, names[i]), 0);
        ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, names[i]), 0);
    }
}
END_TEST

START_TEST(full_disk_is_tried_again)
{
    unsigned char data[1000];

    memset(data, 7, sizeof(data));
    make(4 * K64, 4 * K64);
    fault(MEM_WRITE, (unsigned)_i + 1, ADDCOW_NO_SPACE);
    if (addcow_write(image, data, sizeof(data), K64 - 500) == ADDCOW_OK)
        ck_assert_int_eq(addcow_flush(image), ADDCOW_NO_SPACE);
    ck_assert_int_eq(addcow_write(image, data, sizeof(data), K64 - 500), 0);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(0), 3);
    ck_assert_int_eq(read_byte(K64), 7);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(failed_read_is_forgotten)
{
    unsigned char byte;

    make(4 * K64, 4 * K64);
    ck_assert_int_eq(write_byte(2 * K64, 6), ADDCOW_OK);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    open_with(0);
    fault(MEM_READ, (unsigned)_i + 1, ADDCOW_IO);
    ck_assert_int_eq(addcow_read(image, &byte, 1, 2 * K64), ADDCOW_IO);
    ck_assert_int_eq(read_byte(2 * K64), 6);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(growth_clears_what_stood_beyond)
{
    make(10 * K64, 14 * K64);
    mem_put(&host, "x.cow", "\xFC\xFF", 2, 2561);
    ck_assert_int_eq(addcow_resize(image, 30 * K64), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(0), 0);
    ck_assert_uint_eq(bitmap_byte(1), 0x3C);
    ck_assert_uint_eq(bitmap_byte(2), 0);
    ck_assert_uint_eq(bitmap_byte(3), 0);
    ck_assert_int_eq(addcow_resize(image, 10 * K64), ADDCOW_OK);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(1), 0);
    ck_assert_uint_eq(mem_file(&host, "x.cow")->size, 2562);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

/* The first write of the growth is that of the new bits. */
START_TEST(failed_growth_leaves_no_bits)
{
    make(10 * K64, 30 * K64);
    fault(MEM_WRITE, 1, ADDCOW_NO_SPACE);
    ck_assert_int_eq(addcow_resize(image, 30 * K64), ADDCOW_NO_SPACE);
    ck_assert_uint_eq(addcow_size(image), 10 * K64);
    mem_set_size(&host, "x.cow", 2562);
    ck_assert_int_eq(write_byte(9 * K64, 1), ADDCOW_OK);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(1), 0x02);
    ck_assert_uint_eq(mem_file(&host, "x.cow")->size, 2562);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(failed_resize_has_the_size_of_the_file)
{
    make(10 * K64, 0);
    host.late = true;
    fault(MEM_SET_SIZE, 1, ADDCOW_IO);
    ck_assert_int_eq(addcow_resize(image, 5 * K64), ADDCOW_IO);
    ck_assert_uint_eq(addcow_size(image), 5 * K64);
    host.late = false;
    fault(MEM_SET_SIZE, 1, ADDCOW_IO);
    ck_assert_int_eq(addcow_resize(image, 4 * K64), ADDCOW_IO);
    ck_assert_uint_eq(addcow_size(image), 5 * K64);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(write_touches_no_more_than_it_must)
{
    static unsigned char data[3 * 65536];

    make(8 * K64, 8 * K64);
    ck_assert_int_eq(addcow_write(image, data, sizeof(data), K64), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_READ, "base"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "raw"), 1);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    mem_reset_counts(&host);
    ck_assert_int_eq(addcow_write(image, data, 1000, 2 * K64), ADDCOW_OK);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_READ, "x.cow"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_WRITE, "x.cow"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(first_flush_flushes_both)
{
    make(8 * K64, 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 1);
    mem_reset_counts(&host);
    open_with(0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 0);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 0);
}
END_TEST

START_TEST(flatten_takes_two_flushes)
{
    uint64_t n_allocated;

    mem_put(&host, "base", "base", 4, 5 * K64);
    mem_put(&host, "raw", "old", 3, 5 * K64 + 4);
    make(9 * K64 + 512, 5 * K64 + 4);
    ck_assert_int_eq(write_byte(K64, 3), ADDCOW_OK);
    ck_assert_int_eq(addcow_flatten(image), ADDCOW_OK);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "raw"), 1);
    ck_assert_uint_eq(mem_count(&host, MEM_FLUSH, "x.cow"), 1);
    ck_assert_int_eq(addcow_count_allocated(image, &n_allocated), 0);
    ck_assert_uint_eq(n_allocated, 10);
    ck_assert_uint_eq(bitmap_byte(0), 0xFF);
    ck_assert_uint_eq(bitmap_byte(1), 0x03);
    ck_assert_int_eq(read_byte(5 * K64 + 3), 'e');
    ck_assert_int_eq(read_byte(5 * K64 + 4), 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(growth_to_the_limit_costs_nothing)
{
    make(8 * K64, 100 * K64);
    mem_put(&host, "base", "b", 1, 99 * K64);
    ck_assert_int_eq(addcow_resize(image, SIZE_LIMIT), ADDCOW_OK);
    ck_assert_uint_eq(addcow_size(image), SIZE_LIMIT);
    ck_assert_uint_eq(mem_file(&host, "raw")->size, SIZE_LIMIT);
    ck_assert_uint_eq(mem_file(&host, "x.cow")->size,
                      2560 + (UINT64_C(1) << 44));
    ck_assert_uint_eq(bitmap_byte(0), 0);
    ck_assert_uint_eq(bitmap_byte(1), 0xFF);
    ck_assert_uint_eq(bitmap_byte(12), 0x0F);
    ck_assert_int_eq(read_byte(99 * K64), 0);
    ck_assert_int_eq(write_byte(SIZE_LIMIT - 1, 5), ADDCOW_OK);
    ck_assert_int_eq(write_byte(SIZE_LIMIT, 5), ADDCOW_RANGE);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte((UINT64_C(1) << 44) - 1), 0x80);
    ck_assert_int_eq(addcow_resize(image, SIZE_LIMIT + 512), ADDCOW_RANGE);
    ck_assert_int_eq(addcow_resize(image, 513), ADDCOW_INVALID);
    ck_assert_int_eq(addcow_resize(image, 0), ADDCOW_OK);
    ck_assert_uint_eq(mem_file(&host, "x.cow")->size, 2560);
    ck_assert_int_eq(addcow_resize(image, SIZE_LIMIT), ADDCOW_OK);
    ck_assert_int_eq(read_byte(SIZE_LIMIT - 1), 0);
    ck_assert_int_eq(read_byte(99 * K64), 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(what_follows_the_bitmap_stays)
{
    char found[4];

    make(8 * K64, 0);
    mem_put(&host, "x.cow", "\xFF\xFF\xFF\xFF", 4, 2561);
    mem_put(&host, "x.cow", "mine", 4, 4000);
    ck_assert_int_eq(addcow_resize(image, 24 * K64), ADDCOW_OK);
    ck_assert_int_eq(read_byte(23 * K64), 0);
    ck_assert_uint_eq(bitmap_byte(1), 0);
    ck_assert_uint_eq(bitmap_byte(2), 0);
    ck_assert_uint_eq(bitmap_byte(3), 0xFF);
    ck_assert_int_eq(write_byte(23 * K64, 1), ADDCOW_OK);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(2), 0x80);
    ck_assert_int_eq(addcow_resize(image, 4 * K64), ADDCOW_OK);
    ck_assert_uint_eq(bitmap_byte(2), 0);
    mem_get(&host, "x.cow", found, 4, 4000);
    ck_assert_mem_eq(found, "mine", 4);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/requests");
    TCase *cases = tcase_create("requests");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, table_boundary_is_crossed_by_one_request);
    tcase_add_test(cases, map_ends_with_the_table);
    tcase_add_test(cases, sixteenth_table_makes_the_others_clean);
    tcase_add_test(cases, many_tables_lose_no_bit);
    tcase_add_test(cases, reads_never_write_however_many_tables_wait);
    tcase_add_loop_test(cases, failed_flush_sticks_and_reads_go_on, 0, 2);
    tcase_add_loop_test(cases, full_disk_is_tried_again, 0, 4);
    tcase_add_loop_test(cases, failed_read_is_forgotten, 0, 2);
    tcase_add_test(cases, growth_clears_what_stood_beyond);
    tcase_add_test(cases, failed_growth_leaves_no_bits);
    tcase_add_test(cases, failed_resize_has_the_size_of_the_file);
    tcase_add_test(cases, write_touches_no_more_than_it_must);
    tcase_add_test(cases, first_flush_flushes_both);
    tcase_add_test(cases, flatten_takes_two_flushes);
    tcase_add_test(cases, growth_to_the_limit_costs_nothing);
    tcase_add_test(cases, what_follows_the_bitmap_stays);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
