/* SPDX-License-Identifier: MIT
 *
 * replay.c - a target without an engine, with any compiler:
 *
 *     fuzz_header FILE|DIRECTORY...
 *
 * gives it each file, and the files of each directory in the order of their
 * names.  Status 0: the last line counts the inputs; 2: usage, nothing to
 * read.  What the target finds aborts.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long n_inputs;

static void replay_file(const char *path, size_t len)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = malloc(len ? len : 1); /* of no byte more: see HDR-12 */

    if (!in || !data || fread(data, 1, len, in) != len) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(in);
    fuzz_set_again(path);
    LLVMFuzzerTestOneInput(data, len);
    n_inputs++;
    free(data);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
    char inner[4096];
    struct dirent **entries;
    struct stat st;
    int n;

    if (stat(path, &st) != 0) {
        perror(path);
        exit(2);
    }
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, (size_t)st.st_size);
        return;
    }
    n = scandir(path, &entries, is_shown, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        replay(inner);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%lu inputs\n", n_inputs);
    if (n_inputs == 0)
        fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
    return n_inputs ? 0 : 2;
}
