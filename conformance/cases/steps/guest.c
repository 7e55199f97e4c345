/* SPDX-License-Identifier: MIT
 *
 * guest.c - see guest.h.
 */
#include "guest.h"
#include "env/env_impl.h"

#include <stdbool.h>

struct oracle *mixed_image_of(struct env *env, const uint64_t *set)
{
    return make_image(
        env, &(struct image_recipe){.image_size = MIXED_SIZE,
                                    .backing_size = 18 * CLUSTER + 700,
                                    .set = set});
}

struct oracle *mixed_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, 10, 13, END_OF_LIST};

    return mixed_image_of(env, set);
}

const char *main_clause(struct env *env)
{
    return first_clause(env);
}

uint32_t write_flags(const struct conf_case *self)
{
    return self->needs & ADDCOW_CAP_WRITETHROUGH ? BOTH_FLAGS
                                                 : ADDCOW_OPEN_WRITE;
}

bool must_serve(struct env *env, uint64_t len, uint64_t offset)
{
    return (len | offset) % SECTOR == 0 || choice_of(env, "IMPL-2") == 'a';
}

/* Whether a request was carried out; a refusal must be one for its unit. */
static bool carried_out(struct env *env, const char *clause, int result,
                        uint64_t len, uint64_t offset)
{
    if (must_serve(env, len, offset))
        expect_ok(env, clause, result);
    else
        expect_ok_or_refused(env, clause, result, ADDCOW_INVALID, 0);
    return result == ADDCOW_OK;
}

static void check_bytes(struct env *env, const char *clause, struct img *img,
                        const void *data, size_t len, uint64_t offset)
{
    struct mismatch m;

    if (oracle_check(oracle_of(img), &m, data, len, offset))
        return;
    fail_as(env, clause, CHECK_GUEST, m.kind, m.expected,
            "%s, at guest offset %llu", m.got, (unsigned long long)m.offset);
}

bool expect_read(struct env *env, const char *clause, struct img *img,
                 size_t len, uint64_t offset)
{
    uint8_t *data = case_alloc(env, len);

    if (!carried_out(env, clause, img_read(img, data, len, offset), len,
                     offset))
        return false;
    check_bytes(env, clause, img, data, len, offset);
    return true;
}

bool expect_write(struct env *env, const char *clause, struct img *img,
                  size_t len, uint64_t offset)
{
    return carried_out(env, clause, write_new(img, len, offset), len, offset);
}

void expect_read_or_refusal(struct env *env, const char *clause,
                            struct img *img, size_t len, uint64_t offset,
                            int class1, int class2)
{
    uint8_t *data = case_alloc(env, len);
    int result = img_read(img, data, len, offset);

    expect_ok_or_refused(env, clause, result, class1, class2, 0);
    if (result == ADDCOW_OK)
        check_bytes(env, clause, img, data, len, offset);
}

void expect_no_sector(struct env *env, const char *clause, struct img *img,
                      uint64_t offset)
{
    uint8_t sector[SECTOR];

    expect_refused(env, clause, img_read(img, sector, SECTOR, offset),
                   ADDCOW_RANGE, 0);
}

struct img *expect_open(struct env *env, const char *clause, uint32_t flags)
{
    struct img *img = NULL;

    expect_ok(env, clause, img_open(env, &img, ADDCOW_NAME, flags));
    return img;
}

struct img *expect_accepted(struct env *env, const char *clause,
                            uint32_t flags)
{
    struct img *img = open_image(env, flags);

    expect_true(env, clause, "a good image is not refused", true);
    return img;
}

struct img *open_huge(struct env *env, uint32_t flags)
{
    struct img *img = NULL;
    int result = img_open(env, &img, ADDCOW_NAME, flags);

    if (result == ADDCOW_RANGE || result == ADDCOW_NO_MEMORY ||
        result == ADDCOW_NO_SPACE || result == ADDCOW_OTHER)
        skip_na(env, "larger than supported");
    if (result != ADDCOW_OK)
        return open_image(env, flags);
    return img;
}

void expect_image_file(struct env *env, const char *clause, struct img *img,
                       size_t len, uint64_t offset)
{
    uint8_t *want = case_alloc(env, len);
    uint8_t *got = case_alloc(env, len);

    if (!oracle_expected(oracle_of(img), want, len, offset))
        error(env, "the guest's bytes at %llu are not settled",
              (unsigned long long)offset);
    get_bytes(env, IMAGE_NAME, got, len, offset);
    expect_content(env, clause, "image file", got, want, len, offset);
}

void expect_complete(struct env *env, const char *clause, struct img *img,
                     uint64_t cluster)
{
    uint64_t offset = cluster * CLUSTER;
    uint64_t left = oracle_size(oracle_of(img)) - offset;

    expect_image_file(env, clause, img,
                      (size_t)(left < CLUSTER ? left : CLUSTER), offset);
}

uint8_t *get_bitmap(struct env *env, uint64_t size)
{
    size_t len = (size_t)bitmap_len_of(size);
    uint8_t *bits = case_alloc(env, len + 1);

    get_bytes(env, ADDCOW_NAME, bits, len, HEADER_LEN);
    return bits;
}

struct img *open_again(struct env *env, struct img *img, uint32_t flags)
{
    struct img *again = open_image(env, flags);

    img_track(again, oracle_of(img));
    return again;
}

struct img *reopen(struct env *env, struct img *img, uint32_t flags)
{
    (void)img_close(img);
    return open_again(env, img, flags);
}

void expect_guest_twice(struct env *env, const char *clause, struct img *img)
{
    expect_guest_all(img, clause);
    img = reopen(env, img, 0);
    expect_guest_all(img, clause);
    must_close(img);
}
