/* SPDX-License-Identifier: MIT
 *
 * resize.c - helpers of the cases of resizing.  See resize.h.
 */
#include "resize.h"
#include "guest.h"

void resize_or_na(struct env *env, struct img *img, uint64_t size)
{
    const char *clause = main_clause(env);
    uint64_t virtual_size = img_size(img);
    uint64_t image_len = file_size(env, IMAGE_NAME);
    uint64_t addcow_len = file_size(env, ADDCOW_NAME);
    int result = img_set_size(img, size);

    if (result == ADDCOW_OK)
        return;
    expect_refused(env, clause, result, ADDCOW_OTHER, ADDCOW_INVALID,
                   ADDCOW_RANGE, ADDCOW_NO_MEMORY, ADDCOW_NO_SPACE,
                   ADDCOW_UNIMPLEMENTED, 0);
    expect_u64(env, clause, "virtual size after a refused resize",
               img_size(img), virtual_size);
    if (result == ADDCOW_OTHER || result == ADDCOW_INVALID ||
        result == ADDCOW_UNIMPLEMENTED) {
        expect_u64(env, clause, "length of the image file, resize refused",
                   file_size(env, IMAGE_NAME), image_len);
        expect_u64(env, clause, "length of the add-cow file, resize refused",
                   file_size(env, ADDCOW_NAME), addcow_len);
    }
    skip_na(env, NA_CHOICE);
}

void expect_resize_refused(struct env *env, const char *clause, int result,
                           int want, int grows)
{
    char choice = choice_of(env, "IMPL-6");
    int offered = choice == 'a' || choice == (grows ? 'b' : 'c');
    int by_policy = result == ADDCOW_UNIMPLEMENTED ||
                    (want != ADDCOW_INVALID &&
                     (result == ADDCOW_OTHER || result == ADDCOW_INVALID));

    if (by_policy && !offered)
        skip_na(env, NA_CHOICE);
    expect_refused(env, clause, result, want, 0);
}

void expect_lengths(struct env *env, const char *clause, uint64_t size)
{
    expect_u64(env, clause, "length of the image file",
               file_size(env, IMAGE_NAME), size);
    expect_true(env, clause, "the add-cow file has 2560 + L bytes or more",
                file_size(env, ADDCOW_NAME) >=
                    HEADER_LEN + bitmap_len_of(size));
}

/* Zeros in the cluster-sized range at OFFSET, as far as it lies in the part
 * from FROM to SIZE. */
static void probe(struct img *img, const char *clause, uint64_t from,
                  uint64_t size, uint64_t offset)
{
    if (offset < from)
        offset = from;
    if (offset < size)
        expect_zeros(img, clause,
                     size - offset < CLUSTER ? size - offset : CLUSTER,
                     offset);
}

void expect_zeros_from(struct img *img, const char *clause, uint64_t from)
{
    uint64_t size = img_size(img);

    if (size <= from)
        return;
    if (size - from <= 4 * MIB) {
        expect_zeros(img, clause, size - from, from);
        return;
    }
    expect_zeros(img, clause, 4 * CLUSTER, from);
    probe(img, clause, from, size, size - CLUSTER);
    for (unsigned i = 20; i < 63 && (UINT64_C(1) << i) < size; i++)
        probe(img, clause, from, size, (UINT64_C(1) << i) - 512);
}
