/* SPDX-License-Identifier: MIT
 *
 * What the suite cannot make fail: memory, a lock, each call of the host in a
 * growth over several tables.  The shim of the reference, too.
 *
 * The program is linked with --wrap for malloc(), calloc(), strdup() and
 * pthread_mutex_init().
 */
#include "internal.h"
#include "mem_host.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define K64 UINT64_C(65536)
#define SPAN (K64 * 524288) /* what one table tells of: 32 GiB */

/* Refuse the allocation when the countdown reaches 0; 0: none. */
static unsigned countdown;
static bool spare_calloc; /* the host in memory takes its pages from it */
static bool no_lock;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
char *__real_strdup(const char *text);
int __real_pthread_mutex_init(pthread_mutex_t *lock,
                              const pthread_mutexattr_t *attributes);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
char *__wrap_strdup(const char *text);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock,
                              const pthread_mutexattr_t *attributes);

static bool refused(void)
{
    return countdown && --countdown == 0;
}

void *__wrap_malloc(size_t len)
{
    return refused() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
    return !spare_calloc && refused() ? NULL : __real_calloc(count, len);
}

char *__wrap_strdup(const char *text)
{
    return refused() ? NULL : __real_strdup(text);
}

int __wrap_pthread_mutex_init(pthread_mutex_t *lock,
                              const pthread_mutexattr_t *attributes)
{
    return no_lock ? EAGAIN : __real_pthread_mutex_init(lock, attributes);
}

static struct mem_host host;
static struct addcow_image *image;
static struct addcow_error error;

static int create_as(const char *name, uint32_t flags)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .flags = flags,
                                      .name = name,
                                      .image_name = "raw",
                                      .backing_name = "base"};

    return addcow_create(&error, &host.table, &args);
}

static void setup(void)
{
    countdown = 0;
    spare_calloc = no_lock = false;
    mem_init(&host);
    mem_set_size(&host, "raw", 16 * K64);
    mem_set_size(&host, "base", 3 * SPAN);
    ck_assert_int_eq(create_as("x.cow", 0), ADDCOW_OK);
}

static void teardown(void)
{
    ck_assert_uint_eq(host.n_open, 0);
    mem_finish(&host);
}

static int open_to_write(void)
{
    int result =
        addcow_open(&image, &error, &host.table, "x.cow", ADDCOW_OPEN_WRITE);

    countdown = 0;
    if (result == ADDCOW_OK)
        ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
    return result;
}

static int read_names(void)
{
    struct addcow_names names;

    return addcow_read_names(&names, &error, &host.table, "x.cow");
}

static int check_it(void)
{
    struct addcow_check_result found = {.size = sizeof(found)};

    return addcow_check(&found, &error, &host.table, "x.cow", NULL, NULL);
}

static int create_new(void)
{
    spare_calloc = true;
    return create_as("new", 0);
}

static int replace(void)
{
    spare_calloc = true;
    return create_as("x.cow", ADDCOW_CREATE_REPLACE);
}

static int open_by_shim(void)
{
    const struct addcow_open_args args = {.size = sizeof(args),
                                          .name = "x.cow"};
    const struct addcow_shim *shim = addcow_shim_get();
    void *handle;
    int result = shim->open(&handle, &host.table, &args);

    if (result == ADDCOW_OK)
        ck_assert_int_eq(shim->close(handle), ADDCOW_OK);
    return result;
}

/* Nothing stays open, and the next try is as good as the first. */
START_TEST(each_allocation_fails_once)
{
    static const struct {
        int (*run)(void);
        unsigned n_least;
    } rows[] = {{open_to_write, 9}, {read_names, 2}, {check_it, 6},
                {create_new, 3},    {replace, 4},    {open_by_shim, 8}};
    unsigned n_failed = 0;

    for (;; n_failed++) {
        int result;

        countdown = n_failed + 1;
        result = rows[_i].run();
        countdown = 0;
        ck_assert_uint_eq(host.n_open, 0);
        if (result == ADDCOW_OK)
            break;
        ck_assert_int_eq(result, ADDCOW_NO_MEMORY);
    }
    ck_assert_uint_ge(n_failed, rows[_i].n_least);
}
END_TEST

START_TEST(image_without_its_lock_is_not_opened)
{
    no_lock = true;
    ck_assert_int_eq(open_by_shim(), ADDCOW_NO_MEMORY);
}
END_TEST

START_TEST(check_with_an_unknown_flag_is_not_implemented)
{
    const struct addcow_check_args args = {
        .size = sizeof(args), .flags = 1, .name = "x.cow"};
    struct addcow_check_result found = {.size = sizeof(found), .errors = 7};

    ck_assert_int_eq(addcow_shim_get()->check(&found, &host.table, &args),
                     ADDCOW_UNIMPLEMENTED);
    ck_assert_uint_eq(found.errors, 7);
}
END_TEST

START_TEST(name_that_is_missing_is_refused)
{
    struct addcow_names names;

    ck_assert_int_eq(addcow_open(&image, &error, &host.table, NULL, 0),
                     ADDCOW_INVALID);
    ck_assert_int_eq(create_as(NULL, 0), ADDCOW_INVALID);
    ck_assert_int_eq(addcow_read_names(&names, &error, &host.table, "none"),
                     ADDCOW_NOT_FOUND);
}
END_TEST

static unsigned sector_byte(uint64_t offset)
{
    unsigned char byte = 0xEE;

    ck_assert_int_eq(addcow_read(image, &byte, 1, offset), ADDCOW_OK);
    return byte;
}

static void open_again(void)
{
    ck_assert_int_eq(
        addcow_open(&image, &error, &host.table, "x.cow", ADDCOW_OPEN_WRITE),
        ADDCOW_OK);
}

/* To a resize, and the same made again, the first of which loses its Nth
 * call of the host: true if it had so many. */
static bool resize_with_fault(uint64_t size, unsigned n)
{
    int result;

    host.only = MEM_CALLS;
    host.result = ADDCOW_NO_SPACE;
    host.countdown = n;
    result = addcow_resize(image, size);
    if (result != ADDCOW_OK)
        ck_assert_int_eq(result, ADDCOW_NO_SPACE);
    host.countdown = 0;
    addcow_close(image); /* fails if a flush did */
    open_again();
    ck_assert_int_eq(addcow_resize(image, size), ADDCOW_OK);
    return result != ADDCOW_OK;
}

/* The backing file does not show in what is new; the bits of it are in three
 * tables.  _i: 1, the add-cow file goes on behind them; 2, the disk ends with
 * a cluster. */
START_TEST(growth_survives_each_failure)
{
    unsigned n = 1;
    uint64_t size = 15 * K64 + (_i == 2 ? 0 : 512);

    mem_put(&host, "base", "old", 3, 15 * K64);
    mem_put(&host, "base", "new", 3, 2 * SPAN);
    for (bool failed = true; failed; n++) {
        mem_set_size(&host, "raw", size);
        mem_set_size(&host, "x.cow", 2562);
        mem_put(&host, "x.cow", "\0", 2, 2560);
        if (_i == 1)
            mem_put(&host, "x.cow", "\xFF", 1, 400000);
        open_again();
        ck_assert_int_eq(addcow_write(image, "w", 1, 0), ADDCOW_OK);
        ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
        open_again();
        failed = resize_with_fault(2 * SPAN + K64, n);
        ck_assert_int_eq(sector_byte(0), 'w');
        ck_assert_int_eq(sector_byte(15 * K64), _i == 2 ? 0 : 'o');
        ck_assert_int_eq(sector_byte(2 * SPAN), 0);
        ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
        ck_assert_int_eq(check_it(), ADDCOW_OK);
    }
    ck_assert_uint_ge(n, 10);
}
END_TEST

START_TEST(shrinking_survives_each_failure)
{
    unsigned n = 1;

    for (bool failed = true; failed; n++) {
        mem_set_size(&host, "raw", 16 * K64);
        mem_set_size(&host, "x.cow", _i ? 4000 : 2562);
        open_again();
        ck_assert_int_eq(addcow_write(image, "w", 1, 2 * K64), ADDCOW_OK);
        ck_assert_int_eq(addcow_flush(image), ADDCOW_OK);
        failed = resize_with_fault(3 * K64, n);
        ck_assert_int_eq(sector_byte(2 * K64), 'w');
        ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
        ck_assert_int_eq(check_it(), ADDCOW_OK);
    }
    ck_assert_uint_ge(n, 5);
}
END_TEST

/* What was copied stays, and the rest follows. */
START_TEST(flattening_survives_each_failure)
{
    unsigned n = 1;
    int result;

    mem_put(&host, "base", "old", 3, 15 * K64);
    do {
        open_again();
        host.only = MEM_CALLS;
        host.result = ADDCOW_NO_SPACE;
        host.countdown = n++;
        result = addcow_flatten(image);
        host.countdown = 0;
        addcow_close(image);
        ck_assert(result == ADDCOW_OK || result == ADDCOW_NO_SPACE);
        ck_assert_int_eq(check_it(), ADDCOW_OK);
    } while (result != ADDCOW_OK);
    ck_assert_uint_ge(n, 10);
    mem_put(&host, "base", "new", 3, 15 * K64);
    open_again();
    ck_assert_int_eq(sector_byte(15 * K64), 'o');
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(size_that_the_host_does_not_take_is_a_range)
{
    open_again();
    host.only = MEM_SET_SIZE;
    host.countdown = 1;
    host.result = ADDCOW_RANGE;
    ck_assert_int_eq(addcow_resize(image, 32 * K64), ADDCOW_RANGE);
    ck_assert_uint_eq(addcow_size(image), 16 * K64);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

START_TEST(bits_that_cannot_be_read_are_not_counted)
{
    uint64_t n;

    open_again();
    host.only = MEM_READ;
    host.countdown = 1;
    host.result = ADDCOW_IO;
    ck_assert_int_eq(addcow_count_allocated(image, &n), ADDCOW_IO);
    ck_assert_int_eq(addcow_count_allocated(image, &n), ADDCOW_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(addcow_close(image), ADDCOW_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref/tests/faults");
    TCase *cases = tcase_create("faults");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, each_allocation_fails_once, 0, 6);
    tcase_add_test(cases, image_without_its_lock_is_not_opened);
    tcase_add_test(cases, check_with_an_unknown_flag_is_not_implemented);
    tcase_add_test(cases, name_that_is_missing_is_refused);
    tcase_add_loop_test(cases, growth_survives_each_failure, 0, 3);
    tcase_add_loop_test(cases, shrinking_survives_each_failure, 0, 2);
    tcase_add_test(cases, flattening_survives_each_failure);
    tcase_add_test(cases, size_that_the_host_does_not_take_is_a_range);
    tcase_add_test(cases, bits_that_cannot_be_read_are_not_counted);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
