/* SPDX-License-Identifier: MIT
 *
 * refuse.c - see refuse.h.
 */
#include "refuse.h"

#include <stdbool.h>

#define MAX_CLASSES 5

const uint64_t only_the_middle[] = {1, END_OF_LIST};

const int not_found[] = {ADDCOW_NOT_FOUND, 0};
const int corrupt[] = {ADDCOW_CORRUPT, 0};
const int same_file[] = {ADDCOW_CORRUPT, ADDCOW_INVALID, 0};
const int special_file[] = {ADDCOW_INVALID, ADDCOW_CORRUPT, ADDCOW_IO,
                            ADDCOW_OTHER, 0};
const int reserved_name[] = {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_OTHER, 0};

void good_image(struct env *env)
{
    make_image(env, &(struct image_recipe){.image_size = GOOD_SIZE,
                                           .backing_size = GOOD_SIZE,
                                           .set = only_the_middle});
}

void put_names(struct env *env, const char *image_name,
               const char *backing_name)
{
    uint8_t header[HEADER_LEN];

    header_build(header, image_name, backing_name);
    put_bytes(env, ADDCOW_NAME, header, HEADER_LEN, 0);
}

/* An array of MAX_CLASSES + 1 that is filled up with 0. */
static void pad_classes(int *out, const int *classes)
{
    for (size_t i = 0; i <= MAX_CLASSES; i++)
        out[i] = 0;
    for (size_t i = 0; i < MAX_CLASSES && classes[i]; i++)
        out[i] = classes[i];
}

void expect_class(struct env *env, const char *clause, int result,
                  const int *classes)
{
    int c[MAX_CLASSES + 1];

    pad_classes(c, classes);
    expect_refused(env, clause, result, c[0], c[1], c[2], c[3], c[4], 0);
}

static void refuse_with(struct env *env, const char *clause, const char *name,
                        uint32_t flags, const int *classes)
{
    struct snapshot *before = take_snapshot(env);
    int c[MAX_CLASSES + 1];

    pad_classes(c, classes);
    expect_open_refused(env, clause, name, flags, c[0], c[1], c[2], c[3], c[4],
                        0);
    expect_nothing_changed(env, clause, before);
}

void refuse_open(struct env *env, const char *clause, const char *name,
                 const int *classes)
{
    refuse_with(env, clause, name, 0, classes);
    if (has_cap(env, ADDCOW_CAP_WRITE))
        refuse_with(env, clause, name, ADDCOW_OPEN_WRITE, classes);
}

/* Takes padding off NAME, which had LEN bytes. */
static void cut_padding(struct env *env, const char *clause, const char *name,
                        uint64_t len)
{
    uint64_t end = (len + SECTOR - 1) / SECTOR * SECTOR;
    uint64_t now = file_size(env, name);

    if (now <= len)
        return;
    expect_true(env, clause, "the add-cow file is padded to a sector at most",
                now <= end);
    for (uint64_t i = len; i < now; i++)
        expect_u64(env, clause, "a byte of padding", get_byte(env, name, i),
                   0);
    resize_file(env, name, len);
}

void expect_padding_alone(struct env *env, const char *clause,
                          struct snapshot *before, const char *name,
                          uint64_t len)
{
    cut_padding(env, clause, name, len);
    expect_nothing_changed(env, clause, before);
}

static void refuse_at_first_use(struct env *env, const char *clause,
                                const char *name, uint64_t offset,
                                uint32_t flags, const int *classes)
{
    uint64_t len = file_size(env, name);
    struct snapshot *before = take_snapshot(env);
    struct img *img = NULL;
    uint8_t sector[SECTOR];
    bool is_padded = 0;
    int result = img_open(env, &img, name, flags);

    if (result == ADDCOW_OK) {
        result = img_read(img, sector, sizeof(sector), offset);
        img_close(img);
        is_padded = flags != 0;
    }
    expect_class(env, clause, result, classes);
    if (is_padded)
        expect_padding_alone(env, clause, before, name, len);
    else
        expect_nothing_changed(env, clause, before);
}

void refuse_backing(struct env *env, const char *clause, const char *name,
                    uint64_t offset, const int *classes)
{
    if (choice_of(env, "IMPL-1") == 'a') {
        refuse_open(env, clause, name, classes);
        return;
    }
    refuse_at_first_use(env, clause, name, offset, 0, classes);
    if (has_cap(env, ADDCOW_CAP_WRITE))
        refuse_at_first_use(env, clause, name, offset, ADDCOW_OPEN_WRITE,
                            classes);
}

size_t files_left_open(struct env *env, size_t first)
{
    size_t n_open = 0;

    for (size_t i = first; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_OPEN && e->result == ADDCOW_OK)
            n_open++;
        if (e->kind == EV_CLOSE)
            n_open--;
    }
    return n_open;
}
