/* SPDX-License-Identifier: MIT
 *
 * bench_crash.c - how fast the engine of power cuts is.
 *
 *   bench-crash SHIM
 *
 * Three figures in one run.  A workload of 200 guest writes on clusters of 64
 * KiB, all points, all states: without DUR-14 and DUR-15, then with them.  And
 * what the same costs where each state is made anew: base and journal are
 * replayed by memcpy in this process, and each guest sector is compared with
 * what it may hold, with no implementation in between, on an image of 264 KiB
 * with as many states as can be tried in a second.
 */
#include "base/mix.h"
#include "crash/crash.h"
#include "data/pattern.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SECTOR = 512,
    CLUSTER = 65536,
    HEADER = 2560,
    N_CLUSTERS = 32,
    N_WRITES = 200,
    PER_FLUSH = 9,
    SMALL = 264 * 1024 - HEADER - SECTOR, /* of the image file */
    N_JOURNAL = 20,                       /* sectors that are pending */
    N_REPLAYS = 100000
};

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- The files ---------------------------------------------------------- */

struct files {
    uint8_t addcow[HEADER + N_CLUSTERS / 8 + 1];
    uint8_t *image;
    uint8_t *backing;
    size_t len;
};

static void make_files(struct files *f, size_t len, uint8_t bits)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};

    memset(f->addcow, 0, sizeof(f->addcow));
    memcpy(f->addcow, start, sizeof(start));
    memcpy(f->addcow + 12, "base", 4);
    memcpy(f->addcow + 1036, "image", 5);
    f->addcow[HEADER] = bits;
    f->len = len;
    f->image = malloc(len);
    f->backing = malloc(len);
    if (!f->image || !f->backing)
        abort();
    pattern_fill(f->image, len, 0, TAG_OLD);
    pattern_fill(f->backing, len, 0, TAG_BACKING);
}

static void free_files(struct files *f)
{
    free(f->image);
    free(f->backing);
}

static struct crash_setup setup_of(const struct addcow_shim *shim,
                                   const struct files *f)
{
    size_t n = (f->len + CLUSTER - 1) / CLUSTER;

    return (struct crash_setup){
        .shim = shim,
        .geometry = {HEADER, CLUSTER, 8},
        .addcow = {"add-cow", f->addcow, HEADER + (n + 7) / 8},
        .image = {"image", f->image, f->len},
        .backing = {"base", f->backing, f->len},
        .image_name = "image",
        .backing_name = "base"};
}

/* ---- 200 writes --------------------------------------------------------- */

static void make_workload(struct crash_op *ops)
{
    uint64_t state = 1;
    size_t n = 0;

    for (unsigned i = 0; i < N_WRITES; i++) {
        uint64_t cluster = mix_next(&state) % N_CLUSTERS;
        uint64_t sector = mix_next(&state) % 120;
        uint64_t len = 1 + mix_next(&state) % 8;

        ops[n++] = (struct crash_op){CRASH_WRITE, len * SECTOR,
                                     cluster * CLUSTER + sector * SECTOR};
        if (i % PER_FLUSH == PER_FLUSH - 1)
            ops[n++] = (struct crash_op){CRASH_FLUSH, 0, 0};
    }
    ops[n] = (struct crash_op){CRASH_END, 0, 0};
}

static void report(const char *what, const struct crash *c, double took)
{
    const struct crash_report *r = crash_report(c);
    char states[40];

    crash_count_text(states, sizeof(states), &r->states);
    printf("%s: %" PRIu64 " points, %s states, %" PRIu64
           " executions, %.3f s, of these %.0f%% in the implementation\n",
           what, r->n_points, states, r->n_executions, took,
           (double)r->busy_ns / 1e7 / took);
    for (unsigned i = CRASH_SAMPLED; r->by[i]; i = CRASH_N_METHODS)
        printf("  sampled at %" PRIu64 " points\n", r->by[i]);
}

static double run(const char *what, const struct crash_setup *setup,
                  const struct crash_op *ops, unsigned flags)
{
    struct crash_limits limits = {.flags = flags, .brute_work = 1u << 13};
    struct crash *c;
    double began;
    double took;

    began = seconds();
    c = crash_new(setup, &limits);
    crash_time(c);
    if (crash_run(c, ops, 0))
        printf("%s: %s\n", what, crash_failure(c)->got);
    took = seconds() - began;
    if (what)
        report(what, c, took);
    crash_free(c);
    return took;
}

/* ---- Replaying each state ----------------------------------------------- */

struct journal {
    uint64_t sector;
    uint8_t data[SECTOR];
};

/* One state: MASK says which entries survived.  Returns how many sectors are
 * wrong. */
static unsigned replay(uint8_t *medium, const struct files *f,
                       const struct journal *journal, uint64_t mask)
{
    unsigned n_wrong = 0;
    size_t next = 0;

    memcpy(medium, f->addcow, HEADER + 1);
    memcpy(medium + HEADER + SECTOR, f->image, f->len);
    for (size_t i = 0; i < N_JOURNAL; i++)
        if (mask >> i & 1)
            memcpy(medium + HEADER + SECTOR + journal[i].sector * SECTOR,
                   journal[i].data, SECTOR);
    for (uint64_t s = 0; s < f->len / SECTOR; s++) {
        const uint8_t *got = medium + HEADER + SECTOR + s * SECTOR;
        int ok = memcmp(got, f->image + s * SECTOR, SECTOR) == 0;

        if (next < N_JOURNAL && journal[next].sector == s)
            ok |= memcmp(got, journal[next++].data, SECTOR) == 0;
        n_wrong += !ok;
    }
    return n_wrong;
}

static double replay_rate(const struct files *f)
{
    static struct journal journal[N_JOURNAL];
    uint8_t *medium = malloc(HEADER + SECTOR + f->len);
    unsigned n_wrong = 0;
    double began;

    if (!medium)
        abort();
    for (size_t i = 0; i < N_JOURNAL; i++) {
        journal[i].sector = 3 * i;
        pattern_fill(journal[i].data, SECTOR, 3 * i * SECTOR, TAG_WRITE + 1);
    }
    began = seconds();
    for (uint64_t mask = 0; mask < N_REPLAYS; mask++)
        n_wrong += replay(medium, f, journal, mask * 10);
    free(medium);
    if (n_wrong)
        printf("the replay is broken: %u\n", n_wrong);
    return N_REPLAYS / (seconds() - began);
}

/* As many single sectors pending on allocated clusters as the journal has. */
static void compare(const struct addcow_shim *shim)
{
    struct crash_op ops[N_JOURNAL + 1];
    struct crash_setup setup;
    struct files f;
    double n_states = (double)((UINT64_C(4) << N_JOURNAL) - 4);
    double rate;
    double took;

    make_files(&f, SMALL, 0xff);
    setup = setup_of(shim, &f);
    for (size_t i = 0; i < N_JOURNAL; i++)
        ops[i] = (struct crash_op){CRASH_WRITE, SECTOR, 3 * i * SECTOR};
    ops[N_JOURNAL] = (struct crash_op){CRASH_END, 0, 0};
    rate = replay_rate(&f);
    took = run("264 KiB", &setup, ops, CRASH_NO_REDO);
    printf("replaying each state: %.0f a second, so %.1f s for %.0f; "
           "ratio %.0f\n",
           rate, n_states / rate, n_states, n_states / rate / took);
    free_files(&f);
}

int main(int argc, char **argv)
{
    static struct crash_op ops[N_WRITES + N_WRITES / PER_FLUSH + 2];

    const struct addcow_shim *(*get)(void);
    struct crash_setup setup;
    struct files f;
    void *so = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    void *symbol = so ? dlsym(so, "addcow_shim_get") : NULL;

    if (!symbol) {
        fprintf(stderr, "usage: bench-crash SHIM\n%s\n",
                argc == 2 ? dlerror() : "");
        return 2;
    }
    memcpy(&get, &symbol, sizeof(get));
    make_files(&f, (size_t)N_CLUSTERS * CLUSTER, 0);
    setup = setup_of(get(), &f);
    make_workload(ops);
    run("200 writes, no DUR-14, no DUR-15", &setup, ops, CRASH_NO_REDO);
    run("200 writes, with 6 and 7", &setup, ops, 0);
    compare(get());
    free_files(&f);
    return 0;
}
