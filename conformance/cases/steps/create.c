/* SPDX-License-Identifier: MIT
 *
 * create.c - helpers of the cases of creation.  See create.h.
 */
#include "create.h"

#include <stdbool.h>
#include <string.h>

struct addcow_create_args create_args(uint32_t flags)
{
    return (struct addcow_create_args){
        .size = sizeof(struct addcow_create_args),
        .flags = flags,
        .name = ADDCOW_NAME,
        .image_name = IMAGE_NAME,
        .backing_name =
            flags & ADDCOW_CREATE_NO_BACKING ? NULL : BACKING_NAME};
}

void put_inputs(struct env *env, uint64_t image_size, uint64_t backing_size)
{
    put_pattern(env, IMAGE_NAME, TAG_OLD, image_size);
    put_pattern(env, BACKING_NAME, TAG_BACKING, backing_size);
}

void put_old_target(struct env *env, uint64_t len)
{
    uint8_t header[HEADER_LEN];
    uint8_t *ones = case_alloc(env, (size_t)len + 1);

    memset(ones, 0xff, (size_t)len);
    put_file(env, ADDCOW_NAME, 0);
    put_bytes(env, ADDCOW_NAME, ones, (size_t)len, 0);
    header_build(header, "other.raw", "other.img");
    if (len >= HEADER_LEN)
        put_bytes(env, ADDCOW_NAME, header, HEADER_LEN, 0);
}

void must_create(struct env *env, const char *clause,
                 const struct addcow_create_args *args)
{
    expect_ok(env, clause, shim_create(env, args));
}

void expect_new_image(struct env *env, const char *clause, const char *name,
                      const char *image_name, const char *backing_name,
                      uint64_t image_size)
{
    size_t len = (size_t)(HEADER_LEN + bitmap_len_of(image_size));
    uint8_t *want = case_alloc(env, len);
    uint8_t *got = case_alloc(env, len);

    header_build(want, image_name, backing_name);
    expect_u64(env, clause, "length of the add-cow file", file_size(env, name),
               len);
    get_bytes(env, name, got, len, 0);
    expect_bytes(env, clause, "new add-cow file", got, want, len);
}

bool has_magic(struct env *env, const char *name)
{
    static const uint8_t magic[] = {0x41, 0x44, 0x44, 0x5f,
                                    0x43, 0x4f, 0x57, 0xff};
    uint8_t head[sizeof(magic)];

    if (!file_exists(env, name) || file_size(env, name) < sizeof(magic))
        return false;
    get_bytes(env, name, head, sizeof(head), 0);
    return !memcmp(head, magic, sizeof(magic));
}

bool closed_in_vain(struct env *env, const char *name)
{
    bool is_flushed = false;
    bool failed = false;

    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (!event_is(env, e, name))
            continue;
        if (e->kind == EV_WRITE || e->kind == EV_SET_SIZE)
            is_flushed = failed = false;
        if (e->kind == EV_FLUSH)
            is_flushed = e->result == ADDCOW_OK;
        if (e->kind == EV_CLOSE && e->result != ADDCOW_OK)
            failed = is_flushed;
    }
    return failed;
}

void expect_no_image(struct env *env, const char *clause, struct snapshot *s)
{
    expect_true(env, clause, "no file of the target's name has the magic",
                !has_magic(env, ADDCOW_NAME));
    if (file_exists(env, IMAGE_NAME))
        expect_unchanged(env, clause, s, IMAGE_NAME);
    if (file_exists(env, BACKING_NAME))
        expect_unchanged(env, clause, s, BACKING_NAME);
}
