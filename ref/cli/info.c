/* SPDX-License-Identifier: MIT
 *
 * addcow info.
 */
#include "cli.h"

struct info {
    const struct addcow_names *names;
    uint64_t size;
    uint64_t clusters;
    uint64_t allocated;
    uint64_t bitmap_len;
    uint64_t backing_len;
};

static void print_names(const struct args *args,
                        const struct addcow_names *names)
{
    fputs("add-cow file   ", stdout);
    print_quoted(stdout, args->file);
    fputs("\nimage file     ", stdout);
    print_quoted(stdout, names->image);
    fputs("\nbacking file   ", stdout);
    if (names->backing[0])
        print_quoted(stdout, names->backing);
    else
        fputs("none", stdout);
    putchar('\n');
}

static void print_counts(const struct info *info)
{
    fputs("disk           ", stdout);
    print_size(stdout, info->size);
    printf("\nallocated      %llu of %llu clusters",
           (unsigned long long)info->allocated,
           (unsigned long long)info->clusters);
    if (info->clusters) /* rounded down: 100 % means all */
        printf(" (%u %%)", (unsigned)(100.0 * (double)info->allocated /
                                      (double)info->clusters));
    if (info->names->backing[0]) {
        fputs("\nbacking size   ", stdout);
        print_size(stdout, info->backing_len);
    }
    fputs("\nCOW bitmap     ", stdout);
    print_size(stdout, info->bitmap_len);
    fputs(" at offset 2560\n", stdout);
}

static void note(const char *text)
{
    printf("note           %s\n", text);
}

static void print_notes(const struct info *info)
{
    if (info->allocated == info->clusters)
        note("all clusters are allocated: the image file alone is the disk");
    else if (!info->names->backing[0])
        note("unallocated clusters read as zeros");
    else if (info->backing_len < info->size)
        note("past the end of the backing file unallocated clusters read as "
             "zeros");
    if (info->backing_len > info->size)
        note("the backing file is longer than the disk: the rest is not seen");
    if (leads_out(info->names->image) || leads_out(info->names->backing))
        note("a name leads out of the directory of the add-cow file");
}

static void print_json_names(const struct args *args,
                             const struct addcow_names *names)
{
    fputs("{\n  " JSON_ENCODING ",\n  \"file\": ", stdout);
    print_json_text(stdout, args->file);
    fputs(",\n  \"version\": 1,\n  \"image_file\": ", stdout);
    print_json_text(stdout, names->image);
    fputs(",\n  \"backing_file\": ", stdout);
    if (names->backing[0])
        print_json_text(stdout, names->backing);
    else
        fputs("null", stdout);
}

static void print_json_number(const char *name, uint64_t value)
{
    printf(",\n  \"%s\": %llu", name, (unsigned long long)value);
}

static void print_json(const struct args *args, const struct info *info)
{
    print_json_names(args, info->names);
    print_json_number("virtual_size", info->size);
    print_json_number("backing_size", info->backing_len);
    print_json_number("cluster_size", 65536);
    print_json_number("clusters", info->clusters);
    print_json_number("allocated_clusters", info->allocated);
    print_json_number("bitmap_offset", 2560);
    print_json_number("bitmap_length", info->bitmap_len);
    fputs("\n}\n", stdout);
}

static void print(const struct args *args, const struct info *info)
{
    if (args->json) {
        print_json(args, info);
        return;
    }
    print_names(args, info->names);
    print_counts(info);
    print_notes(info);
}

/* Nothing that the header names is opened. */
static int run_header(const struct args *args)
{
    struct addcow_names names;
    struct addcow_error error;
    int status;

    if (addcow_read_names(&names, &error, addcow_posix_host(), args->file) !=
        ADDCOW_OK)
        return report_error(&error, args->file);
    status = check_confined(args, &names);
    if (status != STATUS_OK)
        return status;
    if (args->json) {
        print_json_names(args, &names);
        fputs("\n}\n", stdout);
    } else {
        print_names(args, &names);
    }
    return STATUS_OK;
}

static int run(const struct args *args)
{
    struct addcow_image *image;
    struct info info;
    int result;
    int status;

    if (args->header)
        return run_header(args);
    status = open_image(&image, args, 0);
    if (status != STATUS_OK)
        return status;
    info = (struct info){.names = addcow_names(image),
                         .size = addcow_size(image),
                         .clusters = addcow_clusters(image),
                         .bitmap_len = addcow_bitmap_len(image),
                         .backing_len = addcow_backing_len(image)};
    result = addcow_count_allocated(image, &info.allocated);
    if (result == ADDCOW_OK)
        print(args, &info);
    return finish_image(image, args, result);
}

static const struct option options[] = {
    {"header", NULL, OPTION_FLAG, offsetof(struct args, header),
     "print the names and open none of the files that\n" OPTION_INDENT
     "they name"},
    CONFINED_OPTION,
    JSON_OPTION,
    HELP_OPTION,
    {0},
};

static const char help[] =
    "Prints names and sizes of the image whose add-cow file is FILE, and how\n"
    "many of its clusters of 65536 bytes are allocated. Writes nothing.\n"
    "\n"
    "Names are printed with control characters, quotes, backslashes and what\n"
    "is no UTF-8 as \\xNN. In JSON they are strings with one character,\n"
    "U+0000 to U+00FF, for each byte, and the member \"encoding\" says so.\n"
    "Numbers are exact: they may pass 2^53.\n";

const struct command info_command = {
    .name = "info",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "say what an image consists of",
    .help = help,
    .example = "addcow info disk.add-cow\n",
    .options = options,
    .run = run,
};
