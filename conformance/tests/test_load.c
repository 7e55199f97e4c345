/* SPDX-License-Identifier: MIT
 *
 * test_load.c - the loader's judgement of tables, mistake by mistake.
 */
#include "run/load.h"
#include "run_tests.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static int fake_open(void **out, const struct addcow_host *host,
                     const struct addcow_open_args *args)
{
    (void)host;
    (void)args;
    *out = NULL;
    return ADDCOW_OTHER;
}

static int fake_close(void *image)
{
    (void)image;
    return ADDCOW_OK;
}

static int fake_get_size(void *image, uint64_t *out)
{
    (void)image;
    *out = 0;
    return ADDCOW_OK;
}

static int fake_read(void *image, void *out, size_t len, uint64_t offset)
{
    (void)image;
    (void)out;
    (void)len;
    (void)offset;
    return ADDCOW_OTHER;
}

static int fake_write(void *image, const void *data, size_t len,
                      uint64_t offset)
{
    (void)image;
    (void)data;
    (void)len;
    (void)offset;
    return ADDCOW_OTHER;
}

static int fake_flush(void *image)
{
    (void)image;
    return ADDCOW_OTHER;
}

static int fake_set_size(void *image, uint64_t size)
{
    (void)image;
    (void)size;
    return ADDCOW_OTHER;
}

static struct addcow_shim reader(void)
{
    struct addcow_shim shim = {.size = sizeof(shim),
                               .abi = ADDCOW_SHIM_ABI,
                               .name = "fake",
                               .version = "1",
                               .open = fake_open,
                               .close = fake_close,
                               .get_size = fake_get_size,
                               .read = fake_read};

    return shim;
}

static struct addcow_shim writer(void)
{
    struct addcow_shim shim = reader();

    shim.capabilities = ADDCOW_CAP_WRITE;
    shim.write = fake_write;
    shim.flush = fake_flush;
    return shim;
}

static struct addcow_shim accepted(const struct addcow_shim *given)
{
    struct addcow_shim out;
    struct complaint why = {{0}};

    ck_assert_msg(load_table(&out, &why, given) == 0, "%s", why.text);
    return out;
}

/* GIVEN is refused with a line that says TEXT. */
static void refused(const struct addcow_shim *given, const char *text)
{
    struct addcow_shim out;
    struct complaint why = {{0}};

    ck_assert_int_eq(load_table(&out, &why, given), -1);
    ck_assert_msg(strstr(why.text, text) != NULL, "'%s' does not say '%s'",
                  why.text, text);
    ck_assert_ptr_null(strchr(why.text, '\n'));
}

START_TEST(good_tables)
{
    struct addcow_shim shim = reader();

    ck_assert_mem_eq(&(struct addcow_shim[]){accepted(&shim)}[0], &shim,
                     sizeof(shim));
    shim = writer();
    accepted(&shim);
}
END_TEST

START_TEST(older_shorter_table)
{
    struct addcow_shim shim = reader();
    struct addcow_shim out;

    shim.size = ADDCOW_END(struct addcow_shim, read);
    /* What lies behind its end is not ours to look at. */
    shim.write = fake_write;
    out = accepted(&shim);
    ck_assert(out.write == NULL);
    ck_assert(out.read == fake_read);
}
END_TEST

START_TEST(newer_longer_table)
{
    struct {
        struct addcow_shim shim;
        void *more[4];
    } longer = {.shim = reader()};

    longer.shim.size = sizeof(longer);
    ck_assert(accepted(&longer.shim).read == fake_read);
}
END_TEST

START_TEST(sizes_that_are_none)
{
    struct addcow_shim shim = reader();

    refused(NULL, "null pointer");
    shim.size = 0;
    refused(&shim, "size of 0 bytes");
    shim.size = 7;
    refused(&shim, "size of 7 bytes");
    shim.size = 8;
    refused(&shim, "member open");
    shim.size = 1 << 20;
    refused(&shim, "size of 1048576 bytes");
    shim.size = sizeof(shim) - 1;
    refused(&shim, "inside a member");
}
END_TEST

START_TEST(table_ends_before_read)
{
    struct addcow_shim shim = reader();

    shim.size = ADDCOW_END(struct addcow_shim, get_size);
    refused(&shim, "required member read");
}
END_TEST

START_TEST(other_abi)
{
    struct addcow_shim shim = reader();

    shim.abi = 2;
    refused(&shim, "ABI 2");
    shim.abi = 0;
    refused(&shim, "ABI 0");
    /* Nothing else is looked at. */
    shim.abi = 2;
    shim.open = NULL;
    refused(&shim, "ABI 2");
}
END_TEST

START_TEST(required_members)
{
    struct addcow_shim shim = reader();

    shim.open = NULL;
    shim.read = NULL;
    refused(&shim, "member open");
    shim = reader();
    shim.close = NULL;
    refused(&shim, "member close");
    shim = reader();
    shim.get_size = NULL;
    refused(&shim, "member get_size");
    shim = reader();
    shim.name = NULL;
    refused(&shim, "name");
    shim = reader();
    shim.version = "";
    refused(&shim, "version");
}
END_TEST

START_TEST(claims_without_member)
{
    static const struct {
        uint64_t bit;
        const char *text;
    } rows[] = {{ADDCOW_CAP_CREATE, "CREATE, but its member create"},
                {ADDCOW_CAP_RESIZE, "RESIZE, but its member set_size"},
                {ADDCOW_CAP_MAP, "MAP, but its member map"},
                {ADDCOW_CAP_CHECK, "CHECK, but its member check"},
                {ADDCOW_CAP_DISCARD, "DISCARD, but its member discard"}};
    struct addcow_shim shim = writer();

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        shim.capabilities = ADDCOW_CAP_WRITE | rows[i].bit;
        refused(&shim, rows[i].text);
    }
    shim = writer();
    shim.flush = NULL;
    refused(&shim, "WRITE, but its member flush");
}
END_TEST

START_TEST(claims_that_need_another)
{
    struct addcow_shim shim = reader();

    shim.set_size = fake_set_size;
    shim.capabilities = ADDCOW_CAP_RESIZE;
    refused(&shim, "RESIZE without WRITE");
    shim.capabilities = ADDCOW_CAP_WRITETHROUGH;
    refused(&shim, "WRITETHROUGH without WRITE");
}
END_TEST

/* A newer shim may claim what this suite does not know. */
START_TEST(later_capabilities)
{
    struct shim_info info;
    struct addcow_shim shim = writer();

    shim.capabilities |= UINT64_C(1) << 63;
    accepted(&shim);
    load_describe(&info, &shim);
    ck_assert_uint_eq(info.capabilities, ADDCOW_CAP_WRITE);
}
END_TEST

START_TEST(names_of_capabilities)
{
    uint64_t mask = ADDCOW_CAP_DISCARD | ADDCOW_CAP_HOST | UINT64_C(1) << 63;

    ck_assert_str_eq(load_next_capability(&mask), "HOST");
    ck_assert_str_eq(load_next_capability(&mask), "DISCARD");
    ck_assert_ptr_null(load_next_capability(&mask));
    ck_assert_str_eq(load_capability_name(ADDCOW_CAP_MAP), "MAP");
    ck_assert_str_eq(load_capability_name(mask), "?");
    ck_assert_uint_eq(load_capability_bit("MAP"), ADDCOW_CAP_MAP);
    ck_assert_uint_eq(load_capability_bit("NAP"), 0);
}
END_TEST

static void refused_choice(const char *clause, const char *choice,
                           const char *text)
{
    const struct addcow_choice list[] = {{clause, choice}, {NULL, NULL}};
    struct addcow_shim shim = reader();

    shim.choices = list;
    refused(&shim, text);
}

START_TEST(choices)
{
    const struct addcow_choice good[] = {{"IMPL-1", "b"}, {NULL, NULL}};
    const struct addcow_choice twice[] = {
        {"IMPL-1", "b"}, {"IMPL-1", "b"}, {NULL, NULL}};
    struct addcow_shim shim = reader();

    shim.choices = good;
    accepted(&shim);
    shim.choices = twice;
    refused(&shim, "twice");
    refused_choice("IMPL-9", "a", "no choice");
    refused_choice("ONE-1", "a", "no choice");
    refused_choice("IMPL-1", "c", "does not offer");
    refused_choice("IMPL-1", "ab", "does not offer");
    refused_choice("IMPL-1", "", "does not offer");
    refused_choice("IMPL-1", NULL, "without a letter");
}
END_TEST

START_TEST(described)
{
    const struct addcow_choice good[] = {{"IMPL-1", "b"}, {NULL, NULL}};
    struct addcow_shim shim = writer();
    struct shim_info info;

    shim.choices = good;
    load_describe(&info, &shim);
    ck_assert_str_eq(info.name, "fake");
    ck_assert_str_eq(info.choices, "IMPL-1=b");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("table");

    tcase_add_test(tests, good_tables);
    tcase_add_test(tests, older_shorter_table);
    tcase_add_test(tests, newer_longer_table);
    tcase_add_test(tests, sizes_that_are_none);
    tcase_add_test(tests, table_ends_before_read);
    tcase_add_test(tests, other_abi);
    tcase_add_test(tests, required_members);
    tcase_add_test(tests, claims_without_member);
    tcase_add_test(tests, claims_that_need_another);
    tcase_add_test(tests, later_capabilities);
    tcase_add_test(tests, names_of_capabilities);
    tcase_add_test(tests, choices);
    tcase_add_test(tests, described);
    return run_tests("load", tests);
}
