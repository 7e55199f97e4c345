/* SPDX-License-Identifier: MIT
 *
 * golden DIR create|write: makes golden.add-cow in DIR over ubuntu.img and
 * test.raw, or makes the four writes of the golden figures.
 */
#include "addcow.h"

#include <stdio.h>
#include <string.h>

static int fail(const char *what, int result)
{
    fprintf(stderr, "golden: %s: %s\n", what, addcow_result_name(result));
    return 1;
}

static int create(const char *name)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = name,
                                      .image_name = "test.raw",
                                      .backing_name = "ubuntu.img"};
    int result = addcow_create(NULL, addcow_posix_host(), &args);

    return result == ADDCOW_OK ? 0 : fail("create", result);
}

static int write_all(const char *name)
{
    static const unsigned char data[65536] = {1};
    static const struct {
        size_t len;
        uint64_t offset;
    } writes[] = {{512, 0},
                  {65536, 458752},
                  {512, 524288},
                  {65536, UINT64_C(8589869056)}};
    struct addcow_image *image;
    int result = addcow_open(&image, NULL, addcow_posix_host(), name,
                             ADDCOW_OPEN_WRITE);

    if (result != ADDCOW_OK)
        return fail("open", result);
    for (int i = 0; result == ADDCOW_OK && i < 4; i++)
        result = addcow_write(image, data, writes[i].len, writes[i].offset);
    if (result != ADDCOW_OK) {
        addcow_close(image);
        return fail("write", result);
    }
    result = addcow_close(image);
    return result == ADDCOW_OK ? 0 : fail("close", result);
}

int main(int argc, char **argv)
{
    char name[4096];

    if (argc != 3)
        return 2;
    snprintf(name, sizeof(name), "%s/golden.add-cow", argv[1]);
    return strcmp(argv[2], "create") == 0 ? create(name) : write_all(name);
}
