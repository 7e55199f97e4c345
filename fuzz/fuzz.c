/* SPDX-License-Identifier: MIT
 *
 * fuzz.c - the implementation under test, and the report.
 */
#include "fuzz.h"
#include "base/clauses.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const char *program = "PROGRAM";
static const char *seed; /* of libFuzzer, if it was given one */
static const char *again;
static void (*words)(FILE *out);

void fuzz_set_words(void (*print)(FILE *out))
{
    words = print;
}

void fuzz_set_again(const char *arguments)
{
    again = arguments;
}

static _Noreturn void unusable(const char *what, const char *why)
{
    fprintf(stderr, "fuzz: %s: %s\n", what, why);
    exit(2);
}

static const struct addcow_shim *load(const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    const struct addcow_shim *(*get)(void);
    void *symbol = object ? dlsym(object, "addcow_shim_get") : NULL;

    if (!symbol)
        unusable("FUZZ_SHIM", dlerror());
    memcpy(&get, &symbol, sizeof(get));
    return get();
}

/* The smaller of the two sizes, as addcow_shim.h has it. */
const struct addcow_shim *fuzz_take(const struct addcow_shim *given)
{
    struct addcow_shim *out = calloc(1, sizeof(*out));
    size_t len = given->size < sizeof(*out) ? given->size : sizeof(*out);

    if (!out)
        abort();
    if (given->abi != ADDCOW_SHIM_ABI)
        unusable("shim", "it was built for another ADDCOW_SHIM_ABI");
    memcpy(out, given, len);
    if (!(out->capabilities & ADDCOW_CAP_HOST))
        unusable(out->name, "it does not claim HOST, and a fuzzer gives its "
                            "files through the host");
    return out;
}

const struct addcow_shim *fuzz_iut(void)
{
    static const struct addcow_shim *iut;
    const char *path;

    if (iut)
        return iut;
    path = getenv("FUZZ_SHIM");
    iut = fuzz_take(path ? load(path) : addcow_shim_get());
    return iut;
}

/* An image that is closed leaves the end of the heap free, which would go back
 * to the system each time: without a sanitizer that takes longer than all the
 * rest. */
static void keep_heap(void)
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char option[] = "-seed=";

    program = (*argv)[0];
    for (int i = 1; i < *argc; i++)
        if (strncmp((*argv)[i], option, sizeof(option) - 1) == 0)
            seed = (*argv)[i] + sizeof(option) - 1;
    keep_heap();
    fuzz_iut();
    return 0;
}

static const char *words_of(const char *id)
{
    for (const struct clause *c = clause_table; c->id; c++)
        if (strcmp(c->id, id) == 0)
            return c->words;
    return "(no such clause)";
}

/* In lines of at most 79 columns. */
static void print_clause(const char *id, const char *text)
{
    int column = 9 + fprintf(stderr, "%s:", id);

    while (*text) {
        int len = (int)strcspn(text, " ");

        if (column + 1 + len > 79) {
            fputs("\n        ", stderr);
            column = 8;
        }
        column += fprintf(stderr, " %.*s", len, text);
        text += len + (text[len] == ' ');
    }
    fputc('\n', stderr);
}

/* The command that shows it again. */
static void print_again(void)
{
    const char *shim = getenv("FUZZ_SHIM");

    if (seed)
        fprintf(stderr, "seed     %s\n", seed);
    fputs("again    ", stderr);
    if (shim)
        fprintf(stderr, "FUZZ_SHIM=%s ", shim);
    fprintf(stderr, "%s %s\n", program,
            again ? again : "FILE, named below by the engine");
}

void fuzz_fail(const char *clause, const char *format, ...)
{
    va_list args;

    fputs("\nBROKEN   ", stderr);
    print_clause(clause ? clause : "addcow_shim.h",
                 clause ? words_of(clause) : "the contract of a shim");
    fputs("what     ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    if (words) {
        fputs("after    ", stderr);
        words(stderr);
    }
    print_again();
    abort();
}

/* ---- What runs ---------------------------------------------------------- */

#define COUNTERS __attribute__((section("__libfuzzer_extra_counters")))
static volatile uint8_t seen[256] COUNTERS;

void fuzz_see(unsigned what, int result)
{
    seen[(what * 32 + (unsigned)-result % 32) % sizeof(seen)] = 1;
}

static uint64_t counts[3];

static void print_counts(void)
{
    if (getenv("FUZZ_COUNTS"))
        fprintf(stderr, "counts: %llu %llu %llu\n",
                (unsigned long long)counts[0], (unsigned long long)counts[1],
                (unsigned long long)counts[2]);
}

void fuzz_count(uint64_t n_inputs, uint64_t n_requests, uint64_t n_bytes)
{
    static bool is_armed;

    if (!is_armed && atexit(print_counts) != 0)
        abort();
    is_armed = 1;
    counts[0] += n_inputs;
    counts[1] += n_requests;
    counts[2] += n_bytes;
}
