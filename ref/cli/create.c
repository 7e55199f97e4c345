/* SPDX-License-Identifier: MIT
 *
 * addcow create.
 */
#include "cli.h"

static int run(const struct args *args)
{
    struct addcow_create_args create = {.size = sizeof(create),
                                        .name = args->file,
                                        .image_name = args->image,
                                        .backing_name = args->backing,
                                        .virtual_size =
                                            args->stated_size.value};
    struct addcow_error error;

    if (args->replace)
        create.flags |= ADDCOW_CREATE_REPLACE;
    if (args->no_backing)
        create.flags |= ADDCOW_CREATE_NO_BACKING;
    if (args->stated_size.given)
        create.flags |= ADDCOW_CREATE_SIZED;
    if (addcow_create(&error, addcow_posix_host(), &create) != ADDCOW_OK)
        return report_error(&error, args->file);
    return STATUS_OK;
}

static const struct option options[] = {
    {"image", "NAME", OPTION_TEXT, offsetof(struct args, image),
     "the image file; it must exist, and its length is\n" OPTION_INDENT
     "the size of the disk"},
    {"backing", "NAME", OPTION_TEXT, offsetof(struct args, backing),
     "the backing file; it must exist"},
    {"no-backing", NULL, OPTION_FLAG, offsetof(struct args, no_backing),
     "have none: what was never written reads as zeros"},
    {"size", "N", OPTION_NUMBER, offsetof(struct args, stated_size),
     "refuse an image file of another length"},
    {"replace", NULL, OPTION_FLAG, offsetof(struct args, replace),
     "replace FILE if it exists"},
    HELP_OPTION,
    {0},
};

static const char help[] =
    "Makes the add-cow file FILE, in which no cluster is allocated: the disk\n"
    "reads as the backing file, and as zeros past its end. Neither of the\n"
    "named files is changed.\n"
    "\n"
    "The names are stored as they are given. One that does not begin with\n"
    "a slash is relative to the directory of FILE, not to the working\n"
    "directory.\n";

const struct command create_command = {
    .name = "create",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "make an add-cow file over an image file",
    .help = help,
    .example = "truncate -s 10G disk.raw\n"
               "addcow create --backing base.raw --image disk.raw "
               "disk.add-cow\n",
    .options = options,
    .run = run,
};
