/* SPDX-License-Identifier: MIT
 *
 * faults.c - chapters 8 and 9 of the specification: whichever call of the
 * host fails in a piece of work, once or from then on, the work returns,
 * reports success only if it is one, loses nothing that was acknowledged as
 * durable, and can be made again.
 *
 * A run without faults counts the calls.  Then each of them fails, in a run
 * of its own; what failed is retried at once or when all else has been tried.
 * After each request both files are judged as if the power went then.  An
 * implementation that fails for ever after a failed flush passes (FLS-10),
 * one that succeeds must have made it true.
 *
 * Deliberately missing: work that is no write, flush or close
 * (faults_calls.c).
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/survive.h"

#include <stdbool.h>
#include <string.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)

#define TABLE_SPAN (32 * GIB) /* of the disk, by 64 KiB of bitmap */
#define BITS_SPAN (256 * MIB) /* of the disk, by a sector of bitmap */
#define N_TABLES 18           /* that the work on a huge disk walks over */
#define MAX_STEPS 24
#define ALL_SECTORS SIZE_MAX

#define DISK_SIZE (12 * CLUSTER + 3 * SECTOR)
#define OVERWRITTEN UINT64_C(1) /* a cluster that is allocated at first */
#define BEFORE UINT64_C(7)      /* one that is written and flushed before */

/* ---- The work ----------------------------------------------------------- */

enum what { END, WRITE_NEW, ZEROS, FLUSH, CLOSE };

struct step {
    enum what what;
    uint64_t offset;
    size_t len;
};

struct work {
    const char *name; /* of the row, in the case's text */
    uint64_t size;    /* of the disk, bytes */
    uint64_t backing_size;
    struct step steps[MAX_STEPS];
    uint64_t clusters[MAX_STEPS]; /* that it touches, and BEFORE */
};

#define FLUSH_STEP  \
    {               \
        FLUSH, 0, 0 \
    }
#define CLOSE_STEP  \
    {               \
        CLOSE, 0, 0 \
    }
#define TABLE_STEP(n)                     \
    {                                     \
        WRITE_NEW, (n)*TABLE_SPAN, SECTOR \
    }

static const struct work works[] = {
    {"first-write",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, 4 * CLUSTER + SECTOR, SECTOR}, FLUSH_STEP},
     {4, BEFORE, END_OF_LIST}},
    {"overwrite",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, (OVERWRITTEN * CLUSTER), 4 * SECTOR}, FLUSH_STEP},
     {OVERWRITTEN, BEFORE, END_OF_LIST}},
    {"run",
     BITS_SPAN + 8 * CLUSTER,
     BITS_SPAN + 700,
     {{WRITE_NEW, BITS_SPAN - CLUSTER - SECTOR, 2 * CLUSTER}, FLUSH_STEP},
     {4094, 4095, 4096, BEFORE, END_OF_LIST}},
    {"neighbours",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, 4 * CLUSTER + SECTOR, SECTOR},
      FLUSH_STEP,
      {WRITE_NEW, 5 * CLUSTER, CLUSTER},
      FLUSH_STEP},
     {4, 5, BEFORE, END_OF_LIST}},
    {"same-cluster",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, 4 * CLUSTER + SECTOR, SECTOR},
      FLUSH_STEP,
      {WRITE_NEW, 4 * CLUSTER + 9 * SECTOR, SECTOR},
      FLUSH_STEP,
      {WRITE_NEW, 4 * CLUSTER + SECTOR, 2 * SECTOR},
      FLUSH_STEP},
     {4, BEFORE, END_OF_LIST}},
    {"last-cluster",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, DISK_SIZE - SECTOR, SECTOR}, CLOSE_STEP},
     {12, BEFORE, END_OF_LIST}},
    {"mixture",
     DISK_SIZE,
     DISK_SIZE - CLUSTER + 700,
     {{WRITE_NEW, 4 * CLUSTER + SECTOR, SECTOR},
      {WRITE_NEW, (OVERWRITTEN * CLUSTER), SECTOR},
      {ZEROS, 9 * CLUSTER, SECTOR},
      FLUSH_STEP,
      {WRITE_NEW, (OVERWRITTEN * CLUSTER), 2 * SECTOR},
      {WRITE_NEW, 12 * CLUSTER, SECTOR},
      CLOSE_STEP},
     {OVERWRITTEN, 4, 9, 12, BEFORE, END_OF_LIST}},
    {"tables",
     (N_TABLES * TABLE_SPAN),
     6 * CLUSTER,
     {{WRITE_NEW, 4 * CLUSTER + SECTOR, SECTOR},
      FLUSH_STEP,
      {WRITE_NEW, 5 * CLUSTER, SECTOR},
      TABLE_STEP(1),
      TABLE_STEP(2),
      TABLE_STEP(3),
      TABLE_STEP(4),
      TABLE_STEP(5),
      TABLE_STEP(6),
      TABLE_STEP(7),
      TABLE_STEP(8),
      TABLE_STEP(9),
      TABLE_STEP(10),
      TABLE_STEP(11),
      TABLE_STEP(12),
      TABLE_STEP(13),
      TABLE_STEP(14),
      TABLE_STEP(15),
      TABLE_STEP(16),
      TABLE_STEP(17),
      FLUSH_STEP},
     {4, 5, BEFORE, TABLE_SPAN / CLUSTER, 17 * (TABLE_SPAN / CLUSTER),
      END_OF_LIST}}};

static const struct work *find_work(struct env *env, const char *name)
{
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
        if (strcmp(works[i].name, name) == 0)
            return &works[i];
    }
    error(env, "no work %s", name);
}

/* ---- The faults --------------------------------------------------------- */

/* What fails, and which clause a breach is charged to. */
struct plan {
    struct fault faults[6]; /* each in runs of its own; of no kind: END */
    const char *result;     /* a success that is none; a request that fails
                               without a reason */
    const char *guest;      /* sectors that are neither old nor new */
    const char *order;      /* a bit without its data */
    const char *retry;      /* a write that fails again, or null */
};

#define FLUSH_FAULT(file, dropped, good)                       \
    {                                                          \
        .kind = EV_FLUSH, .name = (file), .result = ADDCOW_IO, \
        .drop = (dropped), .for_good = (good)                  \
    }

enum {
    IO_FAULTS,
    SPACE_FAULTS,
    MEMORY_FAULTS,
    TABLE_FAULTS,
    IMAGE_FLUSH,
    ADDCOW_FLUSH
};

static const struct plan plans[] = {
    [IO_FAULTS] =
        {{{.kind = EV_ANY, .result = ADDCOW_IO},
          {.kind = EV_ANY, .result = ADDCOW_IO, .for_good = 1},
          {.kind = EV_WRITE, .result = ADDCOW_IO, .n_sectors = ALL_SECTORS},
          {.result = 0}},
         "WR-13",
         "WR-15",
         "FLS-1",
         NULL},
    [SPACE_FAULTS] =
        {{{.kind = EV_WRITE, .result = ADDCOW_NO_SPACE},
          {.kind = EV_WRITE, .result = ADDCOW_NO_SPACE, .n_sectors = 1},
          {.kind = EV_WRITE,
           .result = ADDCOW_NO_SPACE,
           .n_sectors = 1,
           .for_good = 1},
          {.kind = EV_SET_SIZE, .result = ADDCOW_NO_SPACE},
          {.result = 0}},
         "WR-13",
         "WR-16",
         "FLS-1",
         "WR-16"},
    [MEMORY_FAULTS] =
        {{{.kind = EV_ANY, .result = ADDCOW_NO_MEMORY},
          {.kind = EV_ANY, .result = ADDCOW_NO_MEMORY, .for_good = 1},
          {.result = 0}},
         "WR-13",
         "WR-15",
         "FLS-1",
         NULL},
    [TABLE_FAULTS] =
        {{{.kind = EV_ANY, .name = ADDCOW_NAME, .result = ADDCOW_IO},
          {.result = 0}},
         "WR-13",
         "WR-15",
         "FLS-1",
         NULL},
    [IMAGE_FLUSH] = {{FLUSH_FAULT(IMAGE_NAME, 0, 0),
                      FLUSH_FAULT(IMAGE_NAME, 0, 1),
                      FLUSH_FAULT(IMAGE_NAME, 1, 0),
                      FLUSH_FAULT(IMAGE_NAME, 1, 1),
                      {.result = 0}},
                     "FLS-8",
                     "FLS-8",
                     "FLS-7",
                     NULL},
    [ADDCOW_FLUSH] = {{FLUSH_FAULT(ADDCOW_NAME, 0, 0),
                       FLUSH_FAULT(ADDCOW_NAME, 0, 1),
                       FLUSH_FAULT(ADDCOW_NAME, 1, 0),
                       FLUSH_FAULT(ADDCOW_NAME, 1, 1),
                       {.result = 0}},
                      "FLS-9",
                      "FLS-9",
                      "FLS-1",
                      NULL}};

/* ---- One run ------------------------------------------------------------ */

struct run {
    struct env *env;
    const struct work *work;
    const struct plan *plan;
    const struct fault *fault;
    uint32_t flags;
    int at_once;     /* retry what failed before anything else is done */
    struct img *img; /* null: closed */
    struct watch watch;
    uint64_t hits;         /* of faults, before the run */
    int failed;            /* some request has failed */
    int missed[MAX_STEPS]; /* steps that failed and were not made up for */
};

static struct oracle *open_used(struct run *r)
{
    static const uint64_t set[] = {OVERWRITTEN, 2, 10, END_OF_LIST};
    struct oracle *o = make_image(
        r->env, &(struct image_recipe){.image_size = r->work->size,
                                       .backing_size = r->work->backing_size,
                                       .set = set});

    r->img = open_image(r->env, r->flags);
    must_write(r->img, SECTOR, BEFORE * CLUSTER);
    must_flush(r->img);
    return o;
}

static void begin(struct run *r)
{
    struct oracle *o;

    new_world(r->env);
    o = open_used(r);
    r->hits = n_faults_hit(r->env);
    r->failed = 0;
    memset(r->missed, 0, sizeof(r->missed));
    watch_begin(&r->watch, r->env, o, r->work->clusters);
}

static bool hit(struct run *r)
{
    return n_faults_hit(r->env) > r->hits;
}

static int request(struct run *r, const struct step *s)
{
    struct img *img = r->img;

    if (s->what == WRITE_NEW)
        return write_new(img, s->len, s->offset);
    if (s->what == ZEROS)
        return write_zeros(img, s->len, s->offset);
    if (s->what == FLUSH)
        return img_flush(img);
    r->img = NULL;
    return img_close(img);
}

/* A failure has a reason: the fault, or that a request failed before. */
static void judge_failure(struct run *r, int result)
{
    const char *clause = r->plan->result;

    if (!hit(r))
        expect_ok(r->env, clause, result);
    if (r->failed)
        expect_refused(r->env, clause, result, ADDCOW_IO, r->fault->result,
                       ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
    else
        expect_refused(r->env, clause, result, ADDCOW_IO, r->fault->result, 0);
}

/* Whether a success of S makes something durable. */
static bool makes_durable(const struct run *r, const struct step *s)
{
    return s->what == FLUSH || s->what == CLOSE ||
           (r->flags & ADDCOW_OPEN_WRITETHROUGH);
}

static int perform(struct run *r, const struct step *s)
{
    int result = request(r, s);

    if (result != ADDCOW_OK) {
        judge_failure(r, result);
        r->failed = 1;
    }
    if (hit(r) && (result != ADDCOW_OK || makes_durable(r, s)))
        expect_survival(&r->watch, r->plan->result, r->plan->order);
    return result;
}

/* What is read on this handle.  Where the host has dropped what was written
 * that is not judged until the image is opened again. */
static void judge_guest(struct run *r)
{
    if (!r->img || (r->fault && r->fault->drop))
        return;
    for (const uint64_t *c = r->work->clusters; *c != END_OF_LIST; c++) {
        uint64_t left = r->work->size - *c * CLUSTER;

        expect_guest(r->img, r->plan->guest, left < CLUSTER ? left : CLUSTER,
                     *c * CLUSTER);
    }
}

/* Makes up for step I, which failed. */
static void retry(struct run *r, size_t i)
{
    const struct step *s = &r->work->steps[i];
    int must = r->plan->retry && s->what != FLUSH;
    int result;

    r->missed[i] = 0;
    if (!r->img)
        return; /* a close that failed */
    clear_faults(r->env);
    judge_guest(r);
    result = perform(r, s);
    if (must)
        expect_ok(r->env, r->plan->retry, result);
}

static void do_steps(struct run *r)
{
    const struct step *steps = r->work->steps;

    for (size_t i = 0; steps[i].what != END; i++) {
        if (perform(r, &steps[i]) == ADDCOW_OK)
            continue;
        r->missed[i] = 1;
        if (r->at_once)
            retry(r, i);
    }
}

/* CLUSTER on a new handle: nothing older than what is durable. */
static void judge_cluster(struct run *r, uint64_t cluster)
{
    static uint8_t data[CLUSTER]; /* one for all runs: there are many */
    uint64_t left = r->work->size - cluster * CLUSTER;
    size_t len = (size_t)(left < CLUSTER ? left : CLUSTER);
    uint64_t first = cluster * (CLUSTER / SECTOR);
    char what[96];

    expect_ok(r->env, r->plan->result,
              img_read(r->img, data, len, cluster * CLUSTER));
    for (uint64_t i = 0; i < len / SECTOR; i++) {
        const uint8_t *got = data + i * SECTOR;

        if (oracle_may_survive(oracle_of(r->img), got, first + i))
            continue;
        pattern_name(what, sizeof(what), got, SECTOR, (first + i) * SECTOR);
        fail(r->env, r->plan->result,
             "a version of the sector, none older than durable",
             "%s, read from guest sector %llu", what,
             (unsigned long long)(first + i));
    }
}

/* The host is well again: what was missed is made up for, and the image
 * holds what it must, on this handle and on a new one. */
static void finish(struct run *r)
{
    static const struct step flush = FLUSH_STEP, close = CLOSE_STEP;

    clear_faults(r->env);
    for (size_t i = 0; i < MAX_STEPS; i++) {
        if (r->missed[i])
            retry(r, i);
    }
    if (r->img)
        (void)perform(r, &flush);
    judge_guest(r);
    if (r->img) {
        expect_bit_order(r->img, r->plan->order);
        (void)perform(r, &close);
    }
    r->img = open_image(r->env, 0);
    for (const uint64_t *c = r->work->clusters; *c != END_OF_LIST; c++)
        judge_cluster(r, *c);
    must_close(r->img);
}

#define MUCH (2 * MIB) /* to write, in one run */

#define MANY 64 /* calls, in one run */

/* How many calls the fault could meet in a run without it.  *STRIDE: of how
 * many one is tried.  It is more than 1 for one that writes much, the whole
 * bitmap each time say, or a sector at a time, so that the case ends in time.
 */
static size_t count_calls(struct run *r, size_t *stride)
{
    size_t first, n;

    begin(r);
    first = n_events(r->env);
    do_steps(r);
    n = host_calls(r->env, r->fault->kind, r->fault->name, first);
    *stride = 1 + n / MANY + host_bytes(r->env, EV_WRITE, NULL, first) / MUCH;
    finish(r);
    return n;
}

/* One run in which the fault F meets call K.  Returns whether it did. */
static unsigned run_with(struct run *r, const struct fault *f, size_t k,
                         int at_once)
{
    struct fault at = *f;
    unsigned met;

    at.nth = k;
    r->at_once = at_once;
    begin(r);
    put_fault(r->env, &at);
    do_steps(r);
    met = hit(r) ? 1 : 0;
    finish(r);
    return met;
}

/* One plan, ARG: each of its faults at each call, with either way to retry.
 * TEXT: the work. */
static void each_call_fails(struct env *env, const struct conf_case *self)
{
    struct run r = {.env = env,
                    .work = find_work(env, self->text),
                    .plan = &plans[self->arg],
                    .flags = write_flags(self)};
    uint64_t n_runs = 0;

    for (const struct fault *f = r.plan->faults; f->result; f++) {
        size_t stride;
        size_t n;

        r.fault = f;
        r.at_once = 0;
        n = count_calls(&r, &stride);
        for (size_t k = 1; k <= n; k += stride) {
            n_runs += run_with(&r, f, k, 0);
            if (!f->for_good)
                n_runs += run_with(&r, f, k, 1);
        }
    }
    expect_that(env, r.plan->result, "some call of the host can fail",
                n_runs > 0, "the work made no such call");
}

/* ---- The table ---------------------------------------------------------- */

#define ROW(id, words, clauses, plan, work)                       \
    {                                                             \
        id "-" work, words, clauses, HOST | WRITE | CASE_REFUSES, \
            .run = each_call_fails, .arg = plan, .text = work     \
    }
#define THROUGH_ROW(id, words, clauses, plan, work)                   \
    {                                                                 \
        id "-" work "-through", words " under writethrough", clauses, \
            HOST | THROUGH | CASE_REFUSES, .run = each_call_fails,    \
                                           .arg = plan, .text = work  \
    }

#define CALL_ROWS(row, work, words)                               \
    row("wr/any-call-fails", "Whichever host call fails, " words, \
        "WR-13 WR-15 FLS-1", IO_FAULTS, work),                    \
        row("wr/any-write-finds-no-space",                        \
            "Whichever host write finds no space, " words,        \
            "WR-16 WR-13 FLS-1", SPACE_FAULTS, work)
#define MEMORY_ROW(row, work, words)                                        \
    row("wr/any-call-finds-no-memory",                                      \
        "Whichever host call finds no memory, " words, "WR-13 WR-15 FLS-1", \
        MEMORY_FAULTS, work)
#define IMAGE_ROW(row, work, words)                                       \
    row("fls/any-image-flush-fails",                                      \
        "Whichever flush of the image file fails, " words, "FLS-8 FLS-7", \
        IMAGE_FLUSH, work)
#define ADDCOW_ROW(row, work, words)                                        \
    row("fls/any-add-cow-flush-fails",                                      \
        "Whichever flush of the add-cow file fails, " words, "FLS-9 FLS-1", \
        ADDCOW_FLUSH, work)
#define ROWS(row, work, words)                                \
    CALL_ROWS(row, work, words), IMAGE_ROW(row, work, words), \
        ADDCOW_ROW(row, work, words)
#define BOTH(work, words) \
    ROWS(ROW, work, words), ROWS(THROUGH_ROW, work, words)

/* No memory differs from an error in the class alone: one work shows it.  An
 * overwrite needs no flush of the add-cow file; the work on many tables is
 * long, and its point is bits that are given up before a flush. */
const struct conf_case cases_faults[] = {
    BOTH("first-write", "a first write is whole and may be made again"),
    CALL_ROWS(ROW, "overwrite", "an overwrite may be made again"),
    IMAGE_ROW(ROW, "overwrite", "an overwrite may be made again"),
    CALL_ROWS(THROUGH_ROW, "overwrite", "an overwrite may be made again"),
    IMAGE_ROW(THROUGH_ROW, "overwrite", "an overwrite may be made again"),
    BOTH("run", "a run over two bitmap sectors may be made again"),
    BOTH("neighbours", "two clusters of one byte keep their bits"),
    BOTH("same-cluster", "later writes to a cluster do not hide it"),
    BOTH("last-cluster", "a close after a write tells of it"),
    BOTH("mixture", "a mixture of writes may be made again"),
    MEMORY_ROW(ROW, "mixture", "a mixture of writes may be made again"),
    MEMORY_ROW(THROUGH_ROW, "mixture",
               "a mixture of writes may be made again"),
    ROW("wr/any-add-cow-call-fails",
        "Whichever host call on the add-cow file fails, bits that are given "
        "up are not forgotten",
        "WR-13 WR-15 FLS-1", TABLE_FAULTS, "tables"),
    IMAGE_ROW(ROW, "tables", "bits that are given up are not forgotten"),
    ADDCOW_ROW(ROW, "tables", "bits that are given up are not forgotten"),
    {0}};
