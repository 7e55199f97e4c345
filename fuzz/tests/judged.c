/* SPDX-License-Identifier: MIT
 *
 * judged.c - what the decision table says of files that are there:
 *
 *     fuzz-judged FILE
 *
 * prints the results that opening FILE may have, one a line, sorted as
 * addcow_shim.h has them.
 */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROOM = 1 << 20 };

static void look(struct place *out, void *ctx, const char *path)
{
    struct stat st;

    (void)ctx;
    *out = (struct place){.kind = PLACE_NOTHING};
    if (stat(path, &st) != 0)
        return;
    out->kind = S_ISREG(st.st_mode) ? PLACE_FILE : PLACE_NO_FILE;
    out->identity.device = (uint64_t)st.st_dev;
    out->identity.inode = (uint64_t)st.st_ino;
    out->len = (uint64_t)st.st_size;
}

static size_t read_file(uint8_t *out, const char *path)
{
    FILE *in = fopen(path, "rb");
    size_t len;

    if (!in)
        return SIZE_MAX;
    len = fread(out, 1, ROOM, in);
    fclose(in);
    return len;
}

int main(int argc, char **argv)
{
    static uint8_t data[ROOM];
    /* As one that reads the whole disk sees it. */
    static const struct addcow_choice choices[] = {{"IMPL-1", "a"},
                                                   {NULL, NULL}};
    struct world world = {.look = look, .entry = argv[1], .choices = choices};
    struct verdict verdict;
    size_t len;

    if (argc != 2)
        return 2;
    len = read_file(data, argv[1]);
    if (len == SIZE_MAX) { /* ERR-5, which is none of the table's */
        puts("NOT_FOUND");
        return 0;
    }
    table_open(&verdict, &world, data, len);
    for (int result = ADDCOW_INVALID; result >= ADDCOW_OTHER; result--)
        if (table_allows(verdict.allowed, result))
            puts(table_name(result));
    if (table_allows(verdict.allowed, ADDCOW_OK))
        puts(table_name(ADDCOW_OK));
    return 0;
}
