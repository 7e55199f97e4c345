/* SPDX-License-Identifier: MIT
 *
 * addcow resize and addcow flatten.
 */
#include "cli.h"

static int resize(const struct args *args)
{
    struct addcow_image *image;
    uint64_t size;
    int result;
    int status;

    if (!parse_number(&size, args->size))
        return report(STATUS_USAGE, args->size, "not a number below 2^64");
    status = open_image(&image, args, ADDCOW_OPEN_WRITE);
    if (status != STATUS_OK)
        return status;
    if (size < addcow_size(image) && !args->shrink) {
        addcow_close(image);
        return report(STATUS_USAGE, args->file,
                      "that would cut off the end of the disk (--shrink "
                      "does)");
    }
    result = addcow_resize(image, size);
    if (result == ADDCOW_OK)
        result = addcow_flush(image);
    return finish_image(image, args, result);
}

static const struct option resize_options[] = {
    {"shrink", NULL, OPTION_FLAG, offsetof(struct args, shrink),
     "allow a smaller size: what is beyond is lost"},
    CONFINED_OPTION,
    HELP_OPTION,
    {0},
};

static const char resize_help[] =
    "Sets the size of the disk, which is the length of the image file, to\n"
    "SIZE bytes, a multiple of 512. What is new reads as zeros, whatever the\n"
    "backing file holds there. When the status is 0, the new size is "
    "durable.\n";

const struct command resize_command = {
    .name = "resize",
    .operands = "FILE SIZE",
    .n_operands = 2,
    .summary = "change the size of the disk",
    .help = resize_help,
    .example = "addcow resize disk.add-cow 20G\n",
    .options = resize_options,
    .run = resize,
};

static int flatten(const struct args *args)
{
    struct addcow_image *image;
    int status = open_image(&image, args, ADDCOW_OPEN_WRITE);

    if (status != STATUS_OK)
        return status;
    return finish_image(image, args, addcow_flatten(image));
}

static const struct option flatten_options[] = {
    CONFINED_OPTION,
    HELP_OPTION,
    {0},
};

static const char flatten_help[] =
    "Copies every cluster that is not allocated from the backing file to the\n"
    "image file, flushes that, sets the bits and flushes the add-cow file.\n"
    "Then the image file alone is the disk; the other two may go. Nothing\n"
    "is removed. If it is interrupted, the image is as good as before.\n";

const struct command flatten_command = {
    .name = "flatten",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "make the image file complete, so that it stands alone",
    .help = flatten_help,
    .example = "addcow flatten disk.add-cow\n",
    .options = flatten_options,
    .run = flatten,
};
