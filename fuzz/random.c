/* SPDX-License-Identifier: MIT
 *
 * random.c - a target driven by random bytes, without feedback, with any
 * compiler:
 *
 *     fuzz_ops_random [--seed N] [--runs N] [--max-len N] [--keep FILE]
 *
 * Run K of seed N is the same input everywhere.  What the target finds
 * aborts; the report has the command that repeats that run alone.
 * With --keep the input of each run stands in FILE before it begins.
 * Status 0: the last line counts the runs; 2: usage.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long seed = 1;
static unsigned long long first;
static unsigned long long n_runs = 100000;
static unsigned long long max_len = 68;
static const char *kept;

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void keep(const uint8_t *data, size_t len)
{
    FILE *out = fopen(kept, "wb");

    if (!out || fwrite(data, 1, len, out) != len || fclose(out) != 0) {
        fprintf(stderr, "%s: cannot be written\n", kept);
        exit(2);
    }
}

/* What the target has to make inputs of: it knows their fields. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t room,
                               unsigned mutation) __attribute__((weak));

/* Half of the inputs are as long as can be. */
static void run(unsigned long long k, uint8_t *data)
{
    static char again[120];
    uint64_t state = seed * UINT64_C(0xd1342543de82ef95) + k;
    size_t len = (size_t)max_len;

    if (next(&state) % 2)
        len = (size_t)(next(&state) % (max_len + 1));
    for (size_t i = 0; i < len; i += 8) {
        uint64_t bytes = next(&state);

        memcpy(data + i, &bytes, len - i < 8 ? len - i : 8);
    }
    if (LLVMFuzzerCustomMutator) {
        if (next(&state) % 2)
            memset(data, 0, len);
        len = LLVMFuzzerCustomMutator(data, len, (size_t)max_len,
                                      (unsigned)next(&state));
    }
    snprintf(again, sizeof(again),
             "--seed %llu --first %llu --runs 1 "
             "--max-len %llu",
             seed, k, max_len);
    fuzz_set_again(again);
    if (kept)
        keep(data, len);
    LLVMFuzzerTestOneInput(data, len);
}

static int take(const char *name, const char *value)
{
    static const struct {
        const char *name;
        unsigned long long *value;
    } options[] = {{"--seed", &seed},
                   {"--first", &first},
                   {"--runs", &n_runs},
                   {"--max-len", &max_len}};
    char *end;

    if (strcmp(name, "--keep") == 0) {
        kept = value;
        return 1;
    }
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (strcmp(name, options[i].name) == 0) {
            *options[i].value = strtoull(value, &end, 10);
            return *value >= '0' && *value <= '9' && !*end;
        }
    return 0;
}

int main(int argc, char **argv)
{
    uint8_t *data;

    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !take(argv[i], argv[i + 1])) {
            fprintf(stderr,
                    "usage: %s [--seed N] [--first N] [--runs N] "
                    "[--max-len N] [--keep FILE]\n",
                    argv[0]);
            return 2;
        }
    LLVMFuzzerInitialize(&argc, &argv);
    data = malloc(max_len ? (size_t)max_len : 1);
    if (!data || max_len > 1 << 24)
        return 2;
    for (unsigned long long k = first; k - first < n_runs; k++)
        run(k, data);
    printf("%llu runs\n", n_runs);
    free(data);
    return 0;
}
