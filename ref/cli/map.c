/* SPDX-License-Identifier: MIT
 *
 * addcow map: one line for each run of bytes that come from one source.
 */
#include "cli.h"

enum source { SOURCE_IMAGE, SOURCE_BACKING, SOURCE_ZEROS };

static const char *const source_names[] = {"image", "backing", "zeros"};

struct range {
    uint64_t offset;
    uint64_t len;
    enum source source;
};

struct map {
    struct addcow_image *image;
    bool json;
    uint64_t n_printed;
    struct range pending; /* grows until another source follows */
};

static void print_range(struct map *map)
{
    const struct range *range = &map->pending;
    const char *name = source_names[range->source];

    if (!range->len)
        return;
    if (map->json)
        printf("%s\n    {\"offset\": %llu, \"length\": %llu, "
               "\"allocated\": %s, \"source\": \"%s\"}",
               map->n_printed ? "," : "", (unsigned long long)range->offset,
               (unsigned long long)range->len,
               range->source == SOURCE_IMAGE ? "true" : "false", name);
    else
        printf("%19llu %19llu  %s\n", (unsigned long long)range->offset,
               (unsigned long long)range->len, name);
    map->n_printed++;
}

static void add(struct map *map, struct range range)
{
    if (map->pending.len && map->pending.source == range.source) {
        map->pending.len += range.len;
    } else {
        print_range(map);
        map->pending = range;
    }
}

/* An unallocated run is backed as far as the backing file goes. */
static void add_run(struct map *map, uint64_t offset, uint64_t len,
                    bool allocated)
{
    uint64_t backing_len = addcow_backing_len(map->image);
    uint64_t n_backed = 0;

    if (allocated) {
        add(map, (struct range){offset, len, SOURCE_IMAGE});
        return;
    }
    if (offset < backing_len)
        n_backed = backing_len - offset < len ? backing_len - offset : len;
    if (n_backed)
        add(map, (struct range){offset, n_backed, SOURCE_BACKING});
    if (n_backed < len)
        add(map,
            (struct range){offset + n_backed, len - n_backed, SOURCE_ZEROS});
}

static int add_all(struct map *map, uint64_t offset, uint64_t len)
{
    while (len) {
        uint32_t state;
        uint64_t run;
        int result = addcow_map(map->image, &run, &state, len, offset);

        if (result != ADDCOW_OK)
            return result;
        add_run(map, offset, run, state & ADDCOW_MAP_ALLOCATED);
        offset += run;
        len -= run;
    }
    print_range(map);
    return ADDCOW_OK;
}

static int print_map(struct map *map, uint64_t offset, uint64_t len)
{
    int result;

    if (map->json)
        printf("{\n  \"virtual_size\": %llu,\n  \"ranges\": [",
               (unsigned long long)addcow_size(map->image));
    else
        printf("%19s %19s  %s\n", "offset", "length", "source");
    result = add_all(map, offset, len);
    if (map->json && result == ADDCOW_OK)
        printf("%s]\n}\n", map->n_printed ? "\n  " : "");
    return result;
}

static int run(const struct args *args)
{
    struct map map = {.json = args->json};
    uint64_t len;
    int status = open_image(&map.image, args, 0);

    if (status != STATUS_OK)
        return status;
    status = take_range(&len, args, map.image);
    if (status == STATUS_OK)
        return finish_image(map.image, args,
                            print_map(&map, args->offset.value, len));
    addcow_close(map.image);
    return status;
}

static const struct option options[] = {
    OFFSET_OPTION, LENGTH_OPTION, CONFINED_OPTION,
    JSON_OPTION,   HELP_OPTION,   {0},
};

static const char help[] =
    "Prints the disk as ranges of bytes, each with its source: \"image\":\n"
    "allocated, read from the image file; \"backing\": unallocated, read\n"
    "from the backing file; \"zeros\": unallocated, past the end of the\n"
    "backing file. Writes nothing.\n"
    "\n"
    "A map that fails on the way ends early, its JSON is not complete then,\n"
    "and the exit status is not 0.\n";

const struct command map_command = {
    .name = "map",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "say where the bytes of the disk come from",
    .help = help,
    .example = "addcow map disk.add-cow\n",
    .options = options,
    .run = run,
};
