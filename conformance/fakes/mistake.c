/* SPDX-License-Identifier: MIT
 *
 * mistake.c - the template with one mistake that authors of shims make, for
 * each MISTAKE_* macro.  What is judged is what the report says of it.
 */
#include "addcow_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* template.c, compiled under another name. */
const struct addcow_shim *template_shim_get(void);

static struct addcow_shim shim;

#if defined(MISTAKE_SECTORS)
static int get_size(void *image, uint64_t *out)
{
    int result = template_shim_get()->get_size(image, out);

    *out /= 512;
    return result;
}
#elif defined(MISTAKE_SWAPPED)
/* Takes the offset for the length. */
static int read_image(void *image, void *out, size_t offset, uint64_t len)
{
    return template_shim_get()->read(image, out, (size_t)len, offset);
}
#elif defined(MISTAKE_LENGTH)
static int read_image(void *image, void *out, size_t len, uint64_t offset)
{
    int result = template_shim_get()->read(image, out, len, offset);

    return result ? result : (int)len;
}
#elif defined(MISTAKE_SHORT)
/* What one call of the storage gave. */
static int read_image(void *image, void *out, size_t len, uint64_t offset)
{
    return template_shim_get()->read(image, out, len < 512 ? len : 512,
                                     offset);
}
#elif defined(MISTAKE_CLIPPED)
/* Up to the end of the disk, as pread() does. */
static int read_image(void *image, void *out, size_t len, uint64_t offset)
{
    uint64_t size = 0;
    uint64_t left;

    template_shim_get()->get_size(image, &size);
    left = offset < size ? size - offset : 0;
    return template_shim_get()->read(
        image, out, left < len ? (size_t)left : len, left ? offset : size);
}
#elif defined(MISTAKE_WHOLE_SECTORS)
/* Rounds the end of the request up in the caller's buffer. */
static int read_image(void *image, void *out, size_t len, uint64_t offset)
{
    int result = template_shim_get()->read(image, out, len, offset);

    if (result == 0 && len % 512)
        memset((char *)out + len, 0, 512 - len % 512);
    return result;
}
#elif defined(MISTAKE_ONE_IMAGE)
/* The image in a variable of the shim: the next one replaces it. */
static void *current;

static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    int result = template_shim_get()->open(&current, host, args);

    *out = current;
    return result;
}

static int read_image(void *image, void *out, size_t len, uint64_t offset)
{
    (void)image;
    return template_shim_get()->read(current, out, len, offset);
}
#elif defined(MISTAKE_DOUBLE_FREE)
static int close_image(void *image)
{
    int result = template_shim_get()->close(image);

    free(image);
    return result;
}
#elif defined(MISTAKE_LEAK)
/* Forgets the image, and with it the files. */
static int close_image(void *image)
{
    (void)image;
    return ADDCOW_OK;
}
#elif defined(MISTAKE_OWN_FILES)
/* Claims HOST and looks at the file itself. */
static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    FILE *file = fopen(args->name, "rb");

    if (!file)
        return ADDCOW_NOT_FOUND;
    fclose(file);
    return template_shim_get()->open(out, host, args);
}
#elif defined(MISTAKE_NOT_KEPT)
static int map_image(void *image, uint64_t *out_len, uint32_t *out_state,
                     uint64_t len, uint64_t offset)
{
    (void)image;
    (void)out_len;
    (void)out_state;
    (void)len;
    (void)offset;
    return ADDCOW_UNIMPLEMENTED;
}
#elif defined(MISTAKE_NO_CLASS)
/* One error for all. */
static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    return template_shim_get()->open(out, host, args) ? ADDCOW_OTHER
                                                      : ADDCOW_OK;
}
#elif defined(MISTAKE_MINUS_ONE)
static int open_image(void **out, const struct addcow_host *host,
                      const struct addcow_open_args *args)
{
    return template_shim_get()->open(out, host, args) ? -1 : 0;
}
#endif

static void change(void)
{
#if defined(MISTAKE_SECTORS)
    shim.get_size = get_size;
#elif defined(MISTAKE_ONE_IMAGE)
    shim.open = open_image;
    shim.read = read_image;
#elif defined(MISTAKE_DOUBLE_FREE) || defined(MISTAKE_LEAK)
    shim.close = close_image;
#elif defined(MISTAKE_NOT_KEPT)
    shim.capabilities |= ADDCOW_CAP_MAP;
    shim.map = map_image;
#elif defined(MISTAKE_OWN_FILES) || defined(MISTAKE_NO_CLASS) || \
    defined(MISTAKE_MINUS_ONE)
    shim.open = open_image;
#elif defined(MISTAKE_WRONG_CHOICE)
    static const struct addcow_choice choices[] = {{"IMPL-1", "b"},
                                                   {NULL, NULL}};
    shim.choices = choices;
#elif defined(MISTAKE_NO_CHOICE)
    static const struct addcow_choice choices[] = {{"IMPL-1", "z"},
                                                   {NULL, NULL}};
    shim.choices = choices;
#elif defined(MISTAKE_MILLIONS)
    shim.size = sizeof(shim) * 1000000;
#elif !defined(MISTAKE_NO_TABLE)
    shim.read = read_image;
#endif
}

const struct addcow_shim *addcow_shim_get(void)
{
    shim = *template_shim_get();
    shim.name = "mistake";
    change();
#if defined(MISTAKE_NO_TABLE)
    return NULL;
#else
    return &shim;
#endif
}
