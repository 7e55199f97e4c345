/* SPDX-License-Identifier: MIT
 *
 * Random requests against a shadow of the disk, with a fault now and then.
 *
 * Method: the shadow holds what the guest wrote, and what was durable at the
 * last flush.  While all goes well each byte reads as the shadow.  A write
 * that fails leaves each sector of its range old or new; the shadow takes
 * over what is read.  After a flush that fails the handle is closed and
 * opened again, and each sector is the newest or the durable one.  After a
 * resize that fails the size is what the image file says, and what was below
 * both sizes is unchanged.
 *
 * Deliberately missing: power cuts; the conformance suite has them.
 */
#include "addcow.h"
#include "mem_host.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define K64 65536u
#define LIMIT (24 * K64)
#define N_OPS 120

struct shadow {
    unsigned char now[LIMIT];
    unsigned char durable[LIMIT];
    unsigned char found[LIMIT];
    uint64_t size;
    uint64_t durable_size;
};

static struct shadow shadow;
static struct mem_host host;
static struct addcow_image *image;
static uint64_t state;
static unsigned char mark; /* of the next write */

static uint64_t next(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void read_all(void)
{
    ck_assert_uint_eq(addcow_size(image), shadow.size);
    ck_assert_int_eq(addcow_read(image, shadow.found, shadow.size, 0),
                     ADDCOW_OK);
}

static void compare(void)
{
    read_all();
    ck_assert_mem_eq(shadow.found, shadow.now, shadow.size);
}

static void make_durable(void)
{
    memcpy(shadow.durable, shadow.now, LIMIT);
    shadow.durable_size = shadow.size;
}

/* Each sector is the newest or that of OTHER, which is shorter or longer. */
static void adopt(const unsigned char *other)
{
    read_all();
    for (uint64_t at = 0; at < shadow.size; at += 512)
        if (memcmp(shadow.found + at, shadow.now + at, 512) != 0)
            ck_assert_mem_eq(shadow.found + at, other + at, 512);
    memcpy(shadow.now, shadow.found, shadow.size);
}

static void open_image(void)
{
    uint32_t flags = ADDCOW_OPEN_WRITE;

    if (next(4) == 0)
        flags |= ADDCOW_OPEN_WRITETHROUGH;
    ck_assert_int_eq(addcow_open(&image, NULL, &host.table, "x.cow", flags),
                     ADDCOW_OK);
}

/* A flush has failed: what was not durable may be gone with the bits. */
static void reopen_after_failure(void)
{
    ck_assert_int_ne(addcow_flush(image), ADDCOW_OK);
    ck_assert_int_ne(addcow_close(image), ADDCOW_OK);
    open_image();
    adopt(shadow.durable);
    ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
    make_durable();
}

static void flush(void)
{
    int result = addcow_flush(image);

    host.countdown = 0;
    if (result != ADDCOW_OK)
        result = addcow_flush(image);
    if (result == ADDCOW_OK)
        make_durable();
    else
        reopen_after_failure();
}

static void write_some(void)
{
    static unsigned char data[LIMIT];
    static unsigned char wanted[LIMIT];
    uint64_t offset = next(shadow.size + 1);
    uint64_t len = next(next(2) ? 3000 : 4 * K64);
    int result;

    if (len > shadow.size - offset)
        len = shadow.size - offset;
    memset(data, ++mark, len);
    result = addcow_write(image, data, len, offset);
    host.countdown = 0;
    memcpy(wanted, shadow.now, LIMIT);
    memcpy(wanted + offset, data, len);
    if (result == ADDCOW_OK) {
        memcpy(shadow.now, wanted, LIMIT);
        compare();
    } else {
        adopt(wanted);
        flush(); /* the failure may have been that of a flush */
    }
}

/* New bytes are zeros, and zeros are their durable content as well. */
static void take_size(uint64_t size)
{
    if (size > shadow.size) {
        memset(shadow.now + shadow.size, 0, size - shadow.size);
        memset(shadow.durable + shadow.size, 0, size - shadow.size);
    }
    shadow.size = size;
}

static void resize(void)
{
    uint64_t size =
        next(3) ? next(LIMIT / 512 + 1) * 512 : next(LIMIT / K64 + 1) * K64;
    int result = addcow_resize(image, size);
    uint64_t raw_len = mem_file(&host, "raw")->size;

    host.countdown = 0;
    if (result == ADDCOW_OK)
        ck_assert_uint_eq(raw_len, size);
    else
        ck_assert(raw_len / 512 * 512 == shadow.size || raw_len == size);
    take_size(raw_len / 512 * 512);
    compare();
    flush();
}

static void discard(void)
{
    uint64_t offset = next(shadow.size + 1);

    host.countdown = 0;
    ck_assert_int_eq(addcow_discard(image, shadow.size - offset, offset),
                     ADDCOW_OK);
    compare();
}

static void reopen(void)
{
    int result;

    host.countdown = 0;
    result = addcow_close(image);
    ck_assert_int_eq(result, ADDCOW_OK);
    open_image();
    compare();
    make_durable();
}

static void flatten(void)
{
    uint64_t n_allocated;
    int result = addcow_flatten(image);

    host.countdown = 0;
    if (result != ADDCOW_OK) {
        flush();
        return;
    }
    make_durable();
    mem_get(&host, "raw", shadow.found, shadow.size, 0);
    ck_assert_mem_eq(shadow.found, shadow.now, shadow.size);
    ck_assert_int_eq(addcow_count_allocated(image, &n_allocated), ADDCOW_OK);
    ck_assert_uint_eq(n_allocated, addcow_clusters(image));
    compare();
}

static void step(void)
{
    host.only = MEM_CALLS;
    host.countdown = next(4) ? 0 : (unsigned)next(12) + 1;
    host.result = next(2) ? ADDCOW_NO_SPACE : ADDCOW_IO;
    host.late = next(2);
    switch (next(20)) {
    case 0:
    case 1:
        resize();
        break;
    case 2:
    case 3:
        flush();
        break;
    case 4:
        reopen();
        break;
    case 5:
        discard();
        break;
    case 6:
        if (next(8) == 0)
            flatten();
        break;
    default:
        write_some();
    }
    host.countdown = 0;
    ck_assert(!host.out_of_order);
}

/* An image of any length over any backing file, full of old bytes. */
static void make(void)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = "x.cow",
                                      .image_name = "raw",
                                      .backing_name = "base"};
    uint64_t backing_len = next(3) ? next(LIMIT) : next(24) * K64;
    uint64_t size = next(LIMIT / 512) * 512;
    static unsigned char bytes[LIMIT];

    memset(&shadow, 0, sizeof(shadow));
    memset(bytes, 0xBB, backing_len);
    mem_put(&host, "base", bytes, backing_len, 0);
    memcpy(shadow.now, bytes, backing_len);
    memset(bytes, 0xEE, sizeof(bytes));
    mem_put(&host, "raw", bytes, size, 0);
    ck_assert_int_eq(addcow_create(NULL, &host.table, &args), ADDCOW_OK);
    mem_put(&host, "raw", bytes, next(512), size); /* an odd tail */
    mem_put(&host, "x.cow", bytes, next(3), mem_file(&host, "x.cow")->size);
    shadow.size = size;
    memset(shadow.now + size, 0, LIMIT - size);
    memset(bytes, 0, sizeof(bytes));
    make_durable();
}

START_TEST(workload)
{
    state = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(_i + 1);
    mark = 0;
    mem_init(&host);
    make();
    host.entry = "x.cow";
    host.raw = "raw";
    open_image();
    compare();
    for (unsigned i = 0; i < N_OPS; i++)
        step();
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    ck_assert_uint_eq(host.n_open, 0);
    mem_finish(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/random");
    TCase *cases = tcase_create("random");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, workload, 0, 60);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
