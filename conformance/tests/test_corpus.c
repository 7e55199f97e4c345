/* SPDX-License-Identifier: MIT
 *
 * test_corpus.c - the parts of the corpus commands: sums, words, the pattern,
 * and the model that proves the vectors.  The commands themselves are tested
 * by t/corpus-check.sh.
 */
#include "base/sha256.h"
#include "vectors/model.h"
#include "vectors/vector.h"
#include "vectors/words.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* FIPS 180-4 and the examples of NIST for it. */
static void expect_sum(const char *text, const char *sum)
{
    char hex[SHA256_HEX_LEN + 1];

    sha256_hex(hex, (const uint8_t *)text, strlen(text));
    ck_assert_str_eq(hex, sum);
}

START_TEST(sums_of_the_standard)
{
    expect_sum(
        "",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_sum(
        "abc",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_sum(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_sum(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}
END_TEST

START_TEST(sum_of_a_million)
{
    char hex[SHA256_HEX_LEN + 1];
    uint8_t *data = malloc(1000000);

    ck_assert_ptr_nonnull(data);
    memset(data, 'a', 1000000);
    sha256_hex(hex, data, 1000000);
    ck_assert_str_eq(
        hex,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(data);
}
END_TEST

/* The lengths at which the padding needs another block: 55 and 56, 63 to 65.
 * The sums are those of sha256sum. */
START_TEST(sums_at_the_block)
{
    static const struct {
        size_t len;
        const char *sum;
    } rows[] = {
        {55,
         "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56,
         "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63,
         "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64,
         "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65,
         "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
    };
    uint8_t data[65];
    char hex[SHA256_HEX_LEN + 1];

    memset(data, 'a', sizeof(data));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sha256_hex(hex, data, rows[i].len);
        ck_assert_str_eq(hex, rows[i].sum);
    }
}
END_TEST

START_TEST(numbers)
{
    size_t n;

    ck_assert(word_number(&n, "0", 10) && n == 0);
    ck_assert(word_number(&n, "10", 10) && n == 10);
    ck_assert(!word_number(&n, "11", 10));
    ck_assert(!word_number(&n, "9", 8));
    ck_assert(!word_number(&n, "", 10));
    ck_assert(!word_number(&n, "1x", 100));
    ck_assert(!word_number(&n, "-1", 100));
    ck_assert(word_number(&n, "18446744073709551615", SIZE_MAX));
    ck_assert(n == SIZE_MAX);
    ck_assert(!word_number(&n, "18446744073709551616", SIZE_MAX));
}
END_TEST

START_TEST(hexadecimal)
{
    uint8_t out[2];
    size_t len;

    ck_assert(word_hex(out, &len, "00ff", 2) && len == 2);
    ck_assert(out[0] == 0 && out[1] == 0xff);
    ck_assert(!word_hex(out, &len, "00ff00", 2));
    ck_assert(!word_hex(out, &len, "0", 2));
    ck_assert(!word_hex(out, &len, "", 2));
    ck_assert(!word_hex(out, &len, "FF", 2));
}
END_TEST

START_TEST(names)
{
    char out[WORD_MAX_NAME + 1];

    ck_assert(word_name(out, "\"\"") && strcmp(out, "") == 0);
    ck_assert(word_name(out, "a\\x20b\\xff") && strcmp(out, "a b\xff") == 0);
    ck_assert(word_name(out, "x{./*2}y") && strcmp(out, "x././y") == 0);
    ck_assert(word_name(out, "{a*1100}") && strlen(out) == WORD_MAX_NAME);
    ck_assert(!word_name(out, "{a*1100}b"));
    ck_assert(!word_name(out, "{a*1101}"));
    ck_assert(!word_name(out, "{a*}"));
    ck_assert(!word_name(out, "{a"));
    ck_assert(!word_name(out, "\\x0"));
    ck_assert(!word_name(out, "\\x00"));
    ck_assert(!word_name(out, "\\n"));
}
END_TEST

START_TEST(runs)
{
    size_t first, last;

    ck_assert(word_run(&first, &last, "8", 9) && first == 8 && last == 8);
    ck_assert(word_run(&first, &last, "0-7", 8) && first == 0 && last == 7);
    ck_assert(!word_run(&first, &last, "8", 8));
    ck_assert(!word_run(&first, &last, "0-8", 8));
    ck_assert(!word_run(&first, &last, "3-2", 8));
    ck_assert(!word_run(&first, &last, "3-", 8));
    ck_assert(!word_run(&first, &last, "-3", 8));
}
END_TEST

START_TEST(pattern)
{
    struct bytes b = {NULL, 0};

    ck_assert(bytes_fill(&b, "image", 33, 64));
    ck_assert_uint_eq(b.len, 97);
    ck_assert_mem_eq(b.data + 64, "image      00000000000000000064\n", 32);
    ck_assert_uint_eq(b.data[96], 'i');
    ck_assert(bytes_fill(&b, "other", 2, 94));
    ck_assert_mem_eq(b.data + 94, "4\n", 2);
    ck_assert(bytes_fill(&b, "zero", 1, 94));
    ck_assert_uint_eq(b.data[94], 0);
    ck_assert(!bytes_fill(&b, "image", VECTOR_MAX_LEN, 1));
    ck_assert_uint_eq(b.len, 97);
    free(b.data);
}
END_TEST

/* An image of 1024 bytes, its cluster unallocated, over 600 bytes. */
static void make_image(struct vector *v)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};
    struct bytes *e;

    memset(v, 0, sizeof(*v));
    strcpy(v->entry, "e");
    ck_assert(bytes_fill(&vector_add(v, "base")->content, "base", 600, 0));
    ck_assert(bytes_fill(&vector_add(v, "disk")->content, "disk", 1024, 0));
    e = &vector_add(v, "e")->content;
    ck_assert(bytes_resize(e, HEADER_LEN + 1));
    memcpy(e->data, start, sizeof(start));
    memcpy(e->data + BACKING_OFFSET, "base", 4);
    memcpy(e->data + IMAGE_OFFSET, "disk", 4);
}

/* What the model makes of V; frees it. */
static void expect_class(struct vector *v, const char *class)
{
    struct bytes guest = {NULL, 0};
    const char *got = model_read(&guest, v);

    ck_assert_str_eq(got ? got : "accepted", class);
    free(guest.data);
    vector_finish(v);
}

START_TEST(model_reads)
{
    struct vector v;
    struct bytes guest = {NULL, 0};

    make_image(&v);
    ck_assert_ptr_null(model_read(&guest, &v));
    ck_assert_uint_eq(guest.len, 1024);
    ck_assert_mem_eq(guest.data, v.files[0].content.data, 600);
    for (size_t i = 600; i < 1024; i++)
        ck_assert_uint_eq(guest.data[i], 0);
    v.files[2].content.data[HEADER_LEN] = 1;
    ck_assert_ptr_null(model_read(&guest, &v));
    ck_assert_mem_eq(guest.data, v.files[1].content.data, 1024);
    free(guest.data);
    vector_finish(&v);
}
END_TEST

/* The byte at which one change of a good image gives which class. */
static const struct {
    size_t offset;
    uint8_t byte;
    const char *class;
} changes[] = {
    {0, 'B', "NOT_ADDCOW"},  {7, 0xfe, "NOT_ADDCOW"},
    {8, 1, "VERSION"},       {11, 0, "VERSION"},
    {12, ':', "CORRUPT"},    {12, 'c', "NOT_FOUND"},
    {17, 'x', "CORRUPT"},    {1035, 'x', "CORRUPT"},
    {1036, 0, "CORRUPT"},    {1036, 'c', "NOT_FOUND"},
    {1040, ':', "CORRUPT"},  {1040, '/', "NOT_FOUND"},
    {2059, 1, "CORRUPT"},    {2060, 1, "CORRUPT"},
    {2559, 0x80, "CORRUPT"}, {2560, 0xfe, "accepted"},
};

START_TEST(model_judges)
{
    struct vector v;

    make_image(&v);
    v.files[2].content.data[changes[_i].offset] = changes[_i].byte;
    expect_class(&v, changes[_i].class);
}
END_TEST

/* The classes of an add-cow file cut to a length. */
static const struct {
    size_t len;
    const char *class;
} cuts[] = {
    {0, "NOT_ADDCOW"}, {7, "NOT_ADDCOW"},  {8, "CORRUPT"},
    {11, "CORRUPT"},   {12, "CORRUPT"},    {2559, "CORRUPT"},
    {2560, "CORRUPT"}, {2561, "accepted"}, {2562, "accepted"},
};

START_TEST(model_judges_lengths)
{
    struct vector v;

    make_image(&v);
    ck_assert(bytes_resize(&v.files[2].content, cuts[_i].len));
    expect_class(&v, cuts[_i].class);
}
END_TEST

/* Names of the backing file, where "l" is a symbolic link to disk, "h" a hard
 * link to base, "d" a directory, "loop" a link to itself. */
static const struct {
    const char *name;
    const char *class;
} paths[] = {
    {"./base", "accepted"},
    {"d/../base", "accepted"},
    {"h", "accepted"},
    {"d//./f", "accepted"},
    {"d/../../base", "accepted"},
    {"./a:b", "NOT_FOUND"},
    {"a:b", "CORRUPT"},
    {"/base", "NOT_FOUND"},
    {"l", "CORRUPT"},
    {"./disk", "CORRUPT"},
    {"./e", "CORRUPT"},
    {"d", "INVALID"},
    {".", "INVALID"},
    {"d/f/g", "NOT_FOUND"},
    {"loop", "NOT_FOUND"},
    {"base/", "NOT_FOUND"},
};

START_TEST(model_walks)
{
    static const char *const links[] = {"l",    "disk", "h",
                                        "base", "loop", "loop"};
    struct vector v;
    uint8_t *field;

    make_image(&v);
    for (size_t i = 0; i < 6; i += 2) {
        struct vector_file *link = vector_add(&v, links[i]);

        link->target = strdup(links[i + 1]);
        link->symbolic = i != 2;
    }
    ck_assert_ptr_nonnull(vector_add(&v, "d/f"));
    field = v.files[2].content.data + BACKING_OFFSET;
    memset(field, 0, NAME_FIELD_LEN);
    memcpy(field, paths[_i].name, strlen(paths[_i].name));
    expect_class(&v, paths[_i].class);
}
END_TEST

#define N_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *corpus_suite(void)
{
    Suite *suite = suite_create("corpus");
    TCase *parts = tcase_create("parts");
    TCase *model = tcase_create("model");

    tcase_add_test(parts, sums_of_the_standard);
    tcase_add_test(parts, sum_of_a_million);
    tcase_add_test(parts, sums_at_the_block);
    tcase_add_test(parts, numbers);
    tcase_add_test(parts, hexadecimal);
    tcase_add_test(parts, names);
    tcase_add_test(parts, runs);
    tcase_add_test(parts, pattern);
    tcase_add_test(model, model_reads);
    tcase_add_loop_test(model, model_judges, 0, N_ROWS(changes));
    tcase_add_loop_test(model, model_judges_lengths, 0, N_ROWS(cuts));
    tcase_add_loop_test(model, model_walks, 0, N_ROWS(paths));
    suite_add_tcase(suite, parts);
    suite_add_tcase(suite, model);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(corpus_suite());
    int n_failed;

    srunner_run_all(runner, CK_NORMAL);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
