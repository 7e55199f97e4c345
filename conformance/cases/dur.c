/* SPDX-License-Identifier: MIT
 *
 * dur.c - chapter 10, Power cut, at the extreme media.
 *
 * A short workload runs once, and its recording is cut after each host call
 * that changes something.  At each cut four media are built: for each of the
 * two files either nothing survived that had not been flushed, or all of it.
 * The image on each is opened and judged by the ideal disk as it was at the
 * cut.
 *
 * Deliberately missing: all media between these extremes, where single
 * sectors survive, and cuts in the middle of a host write.
 */
#include "all.h"
#include "create.h"
#include "media.h"
#include "resize.h"

#include <string.h>

#define NEEDS (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST)
#define MAX_STEPS 16
#define MAX_SIZES 8

/* ---- Workloads ---------------------------------------------------------- */

enum step_kind { END, WRITE, FLUSH, RESIZE, REOPEN };

struct step {
    enum step_kind kind;
    uint64_t len; /* of a write; the size of a resize */
    uint64_t offset;
};

struct load {
    uint64_t image_len;
    uint64_t backing_len;
    struct step steps[MAX_STEPS]; /* ended by END */
    uint32_t flags;               /* of open, besides WRITE */
};

#define DISK (2 * CLUSTER + 1024)

enum {
    FLUSHED,
    OVERWRITTEN,
    SUB_SECTOR,
    PARTIAL,
    NEIGHBOURS,
    CLOSED,
    SHORT_BACKING,
    THROUGH,
    GROWN,
    GROWN_ODD,
    GROWN_BY_A_BYTE,
    GROWN_PENDING,
    SHRUNK,
    SHRUNK_AND_GROWN,
    N_LOADS
};

static const struct load loads[N_LOADS] = {
    [FLUSHED] = {.image_len = DISK,
                 .backing_len = DISK,
                 .steps = {{WRITE, 512, 0},
                           {WRITE, CLUSTER, CLUSTER},
                           {FLUSH, 0, 0},
                           {WRITE, 1024, CLUSTER - 512},
                           {WRITE, 1024, 2 * CLUSTER},
                           {FLUSH, 0, 0},
                           {WRITE, 512, 512}}},
    [OVERWRITTEN] = {.image_len = DISK,
                     .backing_len = DISK,
                     .steps = {{WRITE, 1024, 1024},
                               {WRITE, 1024, 1536},
                               {FLUSH, 0, 0},
                               {WRITE, 2048, 1024},
                               {WRITE, 512, 1024},
                               {FLUSH, 0, 0},
                               {WRITE, 512, 1536}}},
    [SUB_SECTOR] = {.image_len = DISK,
                    .backing_len = DISK,
                    .steps = {{WRITE, 100, 50},
                              {WRITE, 300, 120},
                              {FLUSH, 0, 0},
                              {WRITE, 700, 400},
                              {WRITE, 1, 511},
                              {WRITE, 10, CLUSTER - 5}}},
    [PARTIAL] = {.image_len = DISK,
                 .backing_len = DISK,
                 .steps = {{WRITE, 512, 4096},
                           {WRITE, 2048, CLUSTER - 1024},
                           {FLUSH, 0, 0},
                           {WRITE, 512, 2 * CLUSTER + 512},
                           {FLUSH, 0, 0}}},
    [NEIGHBOURS] = {.image_len = DISK,
                    .backing_len = DISK,
                    .steps = {{WRITE, CLUSTER, 0},
                              {FLUSH, 0, 0},
                              {WRITE, 512, CLUSTER},
                              {WRITE, 512, 1024},
                              {FLUSH, 0, 0},
                              {WRITE, 512, 2 * CLUSTER},
                              {WRITE, 512, 2 * CLUSTER - 512}}},
    [CLOSED] = {.image_len = DISK,
                .backing_len = DISK,
                .steps = {{WRITE, 512, 0},
                          {REOPEN, 0, 0},
                          {WRITE, 512, CLUSTER},
                          {WRITE, 512, 512},
                          {REOPEN, 0, 0},
                          {WRITE, 512, 2 * CLUSTER}}},
    [SHORT_BACKING] = {.image_len = DISK,
                       .backing_len = CLUSTER + 700,
                       .steps = {{WRITE, 512, CLUSTER},
                                 {WRITE, 512, 2 * CLUSTER},
                                 {FLUSH, 0, 0},
                                 {WRITE, 512, CLUSTER + 512},
                                 {FLUSH, 0, 0}}},
    [THROUGH] = {.image_len = DISK,
                 .backing_len = DISK,
                 .steps = {{WRITE, 512, 0},
                           {WRITE, 1024, CLUSTER - 512},
                           {WRITE, 512, 512},
                           {WRITE, 1024, 2 * CLUSTER}},
                 .flags = ADDCOW_OPEN_WRITETHROUGH},
    [GROWN] = {.image_len = CLUSTER + 512,
               .backing_len = 4 * CLUSTER,
               .steps = {{RESIZE, 3 * CLUSTER, 0},
                         {FLUSH, 0, 0},
                         {WRITE, 1024, 2 * CLUSTER - 512},
                         {FLUSH, 0, 0}}},
    [GROWN_ODD] = {.image_len = CLUSTER + 700,
                   .backing_len = 2 * CLUSTER + 100,
                   .steps = {{RESIZE, 3 * CLUSTER, 0},
                             {WRITE, 512, CLUSTER + 1024},
                             {FLUSH, 0, 0}}},
    /* The bitmap becomes longer. */
    [GROWN_BY_A_BYTE] = {.image_len = 8 * CLUSTER - 512,
                         .backing_len = 10 * CLUSTER,
                         .steps = {{RESIZE, 9 * CLUSTER, 0}, {FLUSH, 0, 0}}},
    [GROWN_PENDING] = {.image_len = CLUSTER + 512,
                       .backing_len = 4 * CLUSTER,
                       .steps = {{WRITE, 512, 512},
                                 {RESIZE, 3 * CLUSTER, 0},
                                 {WRITE, 512, 2 * CLUSTER + 512},
                                 {RESIZE, 3 * CLUSTER + 512, 0},
                                 {FLUSH, 0, 0}}},
    [SHRUNK] = {.image_len = DISK,
                .backing_len = 4 * CLUSTER,
                .steps = {{WRITE, 512, 0},
                          {WRITE, 512, CLUSTER},
                          {WRITE, 512, 2 * CLUSTER},
                          {FLUSH, 0, 0},
                          {RESIZE, CLUSTER, 0},
                          {FLUSH, 0, 0}}},
    [SHRUNK_AND_GROWN] = {.image_len = DISK,
                          .backing_len = 4 * CLUSTER,
                          .steps = {{WRITE, 512, 0},
                                    {WRITE, CLUSTER, CLUSTER},
                                    {FLUSH, 0, 0},
                                    {RESIZE, CLUSTER + 512, 0},
                                    {FLUSH, 0, 0},
                                    {RESIZE, 3 * CLUSTER, 0},
                                    {FLUSH, 0, 0}}}};

/* A run of a load, and the ideal disk as it follows the cuts. */
struct run {
    struct env *env;
    const struct conf_case *self;
    const char *clause;
    const struct load *load;
    size_t n_steps;
    size_t began[MAX_STEPS]; /* event of the step's mark */
    size_t ended[MAX_STEPS]; /* the first event after it */
    uint8_t *data[MAX_STEPS];

    struct media media;
    size_t first, end;   /* events of the workload */
    size_t cut;          /* events before this one have happened */
    unsigned keep;       /* what survived of the rest */
    struct content ever; /* each bit of the add-cow file that was ever
                            durable, since the last shrink */

    struct oracle *o;
    size_t n_begun, n_ended;
    uint64_t ops[MAX_STEPS];
    uint64_t sizes[MAX_SIZES]; /* the newest durable, and those since */
    size_t n_sizes;
    int has_shrunk; /* since the newest durable size */
};

/* ---- Running ------------------------------------------------------------ */

static struct img *do_step(struct run *r, struct img *img, size_t i)
{
    const struct step *s = &r->load->steps[i];
    int result = ADDCOW_OK;

    if (s->kind == WRITE) {
        r->data[i] = case_alloc(r->env, (size_t)s->len);
        pattern_fill(r->data[i], (size_t)s->len, s->offset,
                     TAG_WRITE + 1 + (uint32_t)i);
        result = img_write(img, r->data[i], (size_t)s->len, s->offset);
        if (result == ADDCOW_INVALID && s->len % SECTOR &&
            choice_of(r->env, "IMPL-2") != 'a')
            skip_na(r->env, "capability");
        expect_ok(r->env, r->clause, result);
    } else if (s->kind == FLUSH) {
        must_flush(img);
    } else if (s->kind == RESIZE) {
        resize_or_na(img, r->env, r->self, s->len);
    } else {
        must_close(img);
        img = open_image(r->env, ADDCOW_OPEN_WRITE | r->load->flags);
    }
    return img;
}

static void run_load(struct run *r)
{
    struct img *img = open_image(r->env, ADDCOW_OPEN_WRITE | r->load->flags);

    while (r->load->steps[r->n_steps].kind != END) {
        r->began[r->n_steps] = n_events(r->env);
        img = do_step(r, img, r->n_steps);
        r->ended[r->n_steps] = n_events(r->env);
        r->n_steps++;
    }
    r->end = n_events(r->env);
    must_close(img); /* after the last cut that is looked at */
}

/* The files are made twice: once for the ideal disk that follows the cuts,
 * once for the one that follows the handle. */
static void start(struct run *r, struct env *env, const struct conf_case *self)
{
    struct image_recipe recipe = {0};

    memset(r, 0, sizeof(*r));
    r->env = env;
    r->self = self;
    r->clause = main_clause(env, self);
    r->load = &loads[self->arg];
    if (r->load->flags & ADDCOW_OPEN_WRITETHROUGH)
        need_cap(env, ADDCOW_CAP_WRITETHROUGH);
    recipe.image_size = r->load->image_len;
    recipe.backing_size = r->load->backing_len;
    r->o = make_image(env, &recipe);
    make_image(env, &recipe);
    media_init(&r->media, env);
    r->ever = content_get(env, ADDCOW_NAME);
    r->sizes[r->n_sizes++] = recipe.image_size / SECTOR * SECTOR;
    r->first = n_events(env);
}

/* ---- The ideal disk at a cut -------------------------------------------- */

static void settle_sizes(struct run *r)
{
    r->sizes[0] = r->sizes[r->n_sizes - 1];
    r->n_sizes = 1;
    r->has_shrunk = 0;
}

static void begin_step(struct run *r, size_t i)
{
    const struct step *s = &r->load->steps[i];

    if (s->kind == WRITE) {
        r->ops[i] =
            oracle_write_begin(r->o, r->data[i], (size_t)s->len, s->offset);
    } else if (s->kind == RESIZE) {
        if (s->len < oracle_size(r->o))
            r->has_shrunk = 1;
        oracle_resize(r->o, s->len);
        r->sizes[r->n_sizes++] = s->len;
    } else {
        r->ops[i] = oracle_flush_begin(r->o);
    }
}

static void end_step(struct run *r, size_t i)
{
    const struct step *s = &r->load->steps[i];

    if (s->kind == WRITE)
        oracle_write_end(r->o, r->ops[i], 1);
    if (r->load->flags & ADDCOW_OPEN_WRITETHROUGH)
        r->ops[i] = oracle_flush_begin(r->o);
    else if (s->kind == WRITE || s->kind == RESIZE)
        return;
    oracle_flush_end(r->o, r->ops[i], 1);
    settle_sizes(r);
}

static void remember_bits(struct run *r)
{
    const struct content *now = &r->media.addcow.durable;
    size_t i;

    if (r->has_shrunk) {
        memset(r->ever.data, 0, r->ever.len);
        return;
    }
    for (i = HEADER_LEN; i < now->len && i < r->ever.len; i++)
        r->ever.data[i] |= now->data[i];
}

static void go_to(struct run *r, size_t cut)
{
    size_t i;

    r->cut = cut;
    media_until(&r->media, cut);
    for (i = 0; i < r->n_steps; i++) {
        if (i == r->n_begun && r->began[i] < cut) {
            begin_step(r, i);
            r->n_begun++;
        }
        if (i == r->n_ended && r->ended[i] <= cut) {
            end_step(r, i);
            r->n_ended++;
        }
    }
    remember_bits(r);
}

static int is_worth_a_look(const struct run *r, size_t cut)
{
    size_t i;

    for (i = 0; i < r->n_steps; i++)
        if (r->ended[i] == cut)
            return 1;
    return media_concerned(&r->media, cut - 1);
}

/* ---- Judging a medium --------------------------------------------------- */

static void say(const struct run *r, const char *what)
{
    doing(r->env, "%s after a cut before host call %zu, where %s", what,
          r->cut, keep_words(r->keep));
}

/* Up to where the ideal disk says what must be read. */
static uint64_t judged_size(const struct run *r, uint64_t size)
{
    size_t i;

    for (i = 0; r->has_shrunk && i < r->n_sizes; i++)
        if (r->sizes[i] < size)
            size = r->sizes[i];
    return size;
}

static void check_size(const struct run *r, uint64_t size)
{
    size_t i;

    for (i = 0; i < r->n_sizes; i++)
        if (r->sizes[i] == size)
            break;
    expect_true(r->env, r->clause,
                "the virtual size is the newest durable one or a later one",
                i < r->n_sizes);
}

static void check_sector(const struct run *r, const uint8_t *data,
                         uint64_t sector)
{
    char name[160];

    if (oracle_may_survive(r->o, data, sector))
        return;
    pattern_name(name, sizeof(name), data, (size_t)SECTOR, sector * SECTOR);
    fail(r->env, r->clause,
         "each sector holds its newest durable version or a later one",
         "sector %llu: %s, after a cut before host call %zu, where %s",
         (unsigned long long)sector, name, r->cut, keep_words(r->keep));
}

/* What IMG shows, which is looked at by the ideal disk. */
static struct content judge(const struct run *r, struct img *img)
{
    struct content c = {.exists = 1, .len = (size_t)img_size(img)};
    uint64_t s, n = judged_size(r, c.len) / SECTOR;

    check_size(r, c.len);
    c.data = case_alloc(r->env, c.len + 1);
    if (c.len)
        expect_ok(r->env, r->clause, img_read(img, c.data, c.len, 0));
    for (s = 0; s < n; s++)
        check_sector(r, c.data + s * SECTOR, s);
    return c;
}

static struct img *open_cut(const struct run *r, uint32_t flags)
{
    struct img *img;

    say(r, "open");
    expect_ok(r->env, r->clause, img_open(r->env, &img, CUT_IMAGE, flags));
    img_track(img, NULL);
    return img;
}

static void judge_once(struct run *r)
{
    struct img *img = open_cut(r, 0);

    judge(r, img);
    must_close(img);
}

/* DUR-14: a second opening shows the same. */
static void judge_twice(struct run *r)
{
    struct img *img = open_cut(r, ADDCOW_OPEN_WRITE);
    struct content first = judge(r, img), second;

    must_close(img);
    img = open_cut(r, 0);
    second = judge(r, img);
    must_close(img);
    expect_u64(r->env, r->clause, "virtual size of a second opening",
               second.len, first.len);
    expect_bytes(r->env, r->clause, "content of a second opening", second.data,
                 first.data, first.len);
}

/* DUR-20: nothing is written where the image is opened for reading only. */
static void judge_reading(struct run *r)
{
    struct snapshot *s = take_snapshot(r->env);
    struct img *img = open_cut(r, 0);

    judge(r, img);
    must_close(img);
    expect_nothing_changed(r->env, r->clause, s);
}

/* DUR-16: bits that were durable are still 1. */
static void judge_bits(struct run *r)
{
    const struct content *now = media_addcow(&r->media, r->keep);
    size_t i;

    for (i = HEADER_LEN; i < r->ever.len; i++)
        expect_u64(r->env, r->clause,
                   "bits of a bitmap byte that were durably 1 and are 0",
                   (uint64_t)(i < now->len ? r->ever.data[i] & ~now->data[i]
                                           : r->ever.data[i]),
                   0);
}

/* The step that was cut: the one that had begun, or one whose last host call
 * was over and which may not have returned. */
static size_t cut_step(const struct run *r)
{
    size_t i = r->n_ended;

    return i && i == r->n_begun && r->ended[i - 1] == r->cut ? i - 1 : i;
}

/* DUR-15: the step that was cut is done again. */
static void judge_again(struct run *r)
{
    struct img *img = open_cut(r, ADDCOW_OPEN_WRITE);
    size_t i = cut_step(r);
    const struct step *s = &r->load->steps[i];
    struct content before, after;

    before = judge(r, img);
    if (i < r->n_begun && s->kind == WRITE) {
        expect_ok(r->env, r->clause,
                  img_write(img, r->data[i], (size_t)s->len, s->offset));
        memcpy(before.data + s->offset, r->data[i], (size_t)s->len);
    } else if (i < r->n_begun && s->kind == RESIZE) {
        expect_ok(r->env, r->clause, img_set_size(img, s->len));
        expect_u64(r->env, r->clause, "virtual size", img_size(img), s->len);
        before.len = s->len < before.len ? (size_t)s->len : before.len;
    }
    must_flush(img);
    must_close(img);
    img = open_cut(r, 0);
    after = judge(r, img);
    must_close(img);
    expect_bytes(r->env, r->clause, "content after the request was made again",
                 after.data, before.data, before.len);
}

/* Looks with LOOK at each medium in KEEPS of each cut. */
static void each_medium(struct run *r, unsigned keeps,
                        void (*look)(struct run *r))
{
    size_t cut;

    for (cut = r->first + 1; cut <= r->end; cut++) {
        go_to(r, cut);
        if (!is_worth_a_look(r, cut))
            continue;
        for (r->keep = 0; r->keep < N_KEEPS; r->keep++) {
            if (!(keeps >> r->keep & 1) ||
                (keeps != 1u << KEEP_ALL && !media_differ(&r->media, r->keep)))
                continue;
            media_put(&r->media, r->keep);
            look(r);
        }
    }
}

#define ALL_KEEPS ((1u << N_KEEPS) - 1)

static void at_cuts(struct env *env, const struct conf_case *self,
                    unsigned keeps, void (*look)(struct run *r))
{
    struct run r;

    start(&r, env, self);
    run_load(&r);
    each_medium(&r, keeps, look);
}

static void versions(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, ALL_KEEPS, judge_once);
}

static void opened_twice(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, ALL_KEEPS, judge_twice);
}

static void done_again(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, ALL_KEEPS, judge_again);
}

static void bits_stay(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, ALL_KEEPS, judge_bits);
}

static void opened_for_reading(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, ALL_KEEPS, judge_reading);
}

static void process_ended(struct env *env, const struct conf_case *self)
{
    at_cuts(env, self, 1u << KEEP_ALL, judge_once);
}

/* ---- Creation: DUR-13, DUR-17, DUR-18 ----------------------------------- */

/* The image is made by the shim, and a load runs on it. */
static void after_create(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = create_args(0);
    struct run r;

    start(&r, env, self);
    remove_file(env, ADDCOW_NAME);
    media_init(&r.media, env);
    must_create(env, r.clause, &args);
    r.first = n_events(env);
    run_load(&r);
    each_medium(&r, ALL_KEEPS, judge_once);
}

#define CREATOR (ADDCOW_CAP_CREATE | ADDCOW_CAP_HOST)

const struct conf_case cases_dur[] = {
    {"dur/flushed-writes", "Flushed writes survive, at the extreme media",
     "DUR-9", NEEDS, versions, FLUSHED, NULL},
    {"dur/closed-images",
     "Writes before a close survive, at the extreme media", "DUR-9", NEEDS,
     versions, CLOSED, NULL},
    {"dur/writethrough",
     "Writes under writethrough survive, at the extreme media", "DUR-9", NEEDS,
     versions, THROUGH, NULL},
    {"dur/overwrites",
     "Overwritten sectors hold one version, at the extreme media", "DUR-10",
     NEEDS, versions, OVERWRITTEN, NULL},
    {"dur/parts-of-sectors",
     "Sectors written in part hold one version, at the extreme media",
     "DUR-10", NEEDS, versions, SUB_SECTOR, NULL},
    {"dur/old-bytes",
     "Old bytes of the image file never show, at the extreme media", "DUR-11",
     NEEDS, versions, PARTIAL, NULL},
    {"dur/old-bytes-past-a-short-backing-file",
     "Old bytes never show where the backing file has ended, at the extreme "
     "media",
     "DUR-11", NEEDS, versions, SHORT_BACKING, NULL},
    {"dur/neighbours",
     "Neighbours in cluster and bitmap byte stay, at the extreme media",
     "DUR-12", NEEDS, versions, NEIGHBOURS, NULL},
    {"dur/created-image-opens",
     "An image that was made opens after each cut, at the extreme media",
     "DUR-13", NEEDS | CREATOR, after_create, FLUSHED, NULL},
    {"dur/created-image-opens-after-growth",
     "An image that was made and grown opens, at the extreme media", "DUR-13",
     NEEDS | CREATOR | RESIZER, after_create, GROWN, NULL},
    {"dur/created-image-opens-after-growth-of-the-bitmap",
     "An image whose bitmap has become longer opens, at the extreme media",
     "DUR-13", NEEDS | CREATOR | RESIZER, after_create, GROWN_BY_A_BYTE, NULL},
    {"dur/created-image-opens-after-shrinking",
     "An image that was made and shrunk opens, at the extreme media", "DUR-13",
     NEEDS | CREATOR | RESIZER, after_create, SHRUNK_AND_GROWN, NULL},
    {"dur/opened-twice",
     "A second opening shows the same, at the extreme media", "DUR-14", NEEDS,
     opened_twice, FLUSHED, NULL},
    {"dur/opened-twice-after-partial-writes",
     "A second opening shows the same partial writes, at the extreme media",
     "DUR-14", NEEDS, opened_twice, PARTIAL, NULL},
    {"dur/writes-made-again",
     "A write that was cut takes effect again, at the extreme media", "DUR-15",
     NEEDS, done_again, FLUSHED, NULL},
    {"dur/partial-writes-made-again",
     "A partial write that was cut takes effect again, at the extreme media",
     "DUR-15", NEEDS, done_again, PARTIAL, NULL},
    {"dur/growth-made-again",
     "A growth that was cut takes effect again, at the extreme media",
     "DUR-15", NEEDS | RESIZER, done_again, GROWN, NULL},
    {"dur/growth-of-the-bitmap-made-again",
     "A growth that was cut with its bitmap longer takes effect again, at the "
     "extreme media",
     "DUR-15", NEEDS | RESIZER, done_again, GROWN_BY_A_BYTE, NULL},
    {"dur/shrinking-made-again",
     "A shrink that was cut takes effect again, at the extreme media",
     "DUR-15", NEEDS | RESIZER, done_again, SHRUNK, NULL},
    {"dur/bits-stay", "Bits that were durable stay 1, at the extreme media",
     "DUR-16", NEEDS, bits_stay, NEIGHBOURS, NULL},
    {"dur/bits-stay-across-handles",
     "Bits that a close made durable stay 1, at the extreme media", "DUR-16",
     NEEDS, bits_stay, CLOSED, NULL},
    {"dur/bits-stay-in-growth",
     "Bits that were durable stay 1 in a growth, at the extreme media",
     "DUR-16", NEEDS | RESIZER, bits_stay, GROWN_PENDING, NULL},
    {"dur/growth-cut",
     "A growth that is cut shows zeros past the old size, at the extreme "
     "media",
     "DUR-19", NEEDS | RESIZER, versions, GROWN, NULL},
    {"dur/growth-cut-of-an-odd-image-file",
     "A growth past an odd tail that is cut shows zeros, at the extreme media",
     "DUR-19", NEEDS | RESIZER, versions, GROWN_ODD, NULL},
    {"dur/growth-cut-of-the-bitmap",
     "A growth that makes the bitmap longer is cut, at the extreme media",
     "DUR-19", NEEDS | RESIZER, versions, GROWN_BY_A_BYTE, NULL},
    {"dur/growth-cut-with-pending-writes",
     "Growth with writes pending that is cut, at the extreme media", "DUR-19",
     NEEDS | RESIZER, versions, GROWN_PENDING, NULL},
    {"dur/shrinking-cut",
     "A shrink that is cut leaves the old or the new size, at the extreme "
     "media",
     "DUR-19", NEEDS | RESIZER, versions, SHRUNK, NULL},
    {"dur/shrinking-and-growth-cut",
     "A growth after a shrink that is cut shows zeros, at the extreme media",
     "DUR-19", NEEDS | RESIZER, versions, SHRUNK_AND_GROWN, NULL},
    {"dur/opened-for-reading",
     "Opening for reading only writes nothing, at the extreme media", "DUR-20",
     NEEDS, opened_for_reading, FLUSHED, NULL},
    {"dur/opened-for-reading-after-growth",
     "Opening for reading only after growth writes nothing, at the extreme "
     "media",
     "DUR-20", NEEDS | RESIZER, opened_for_reading, GROWN_ODD, NULL},
    {"dur/opened-for-reading-after-growth-of-the-bitmap",
     "Opening for reading only leaves a longer bitmap, at the extreme media",
     "DUR-20", NEEDS | RESIZER, opened_for_reading, GROWN_BY_A_BYTE, NULL},
    {"dur/process-ended",
     "An image survives the end of the process at any "
     "host call",
     "DUR-21", NEEDS, process_ended, FLUSHED, NULL},
    {"dur/process-ended-in-partial-writes",
     "Partial writes survive the end of the process at any host call",
     "DUR-21", NEEDS, process_ended, PARTIAL, NULL},
    {"dur/process-ended-in-growth",
     "Growth survives the end of the process at any host call", "DUR-21",
     NEEDS | RESIZER, process_ended, GROWN_ODD, NULL},
    {"dur/process-ended-in-shrinking",
     "Shrinking survives the end of the process at any host call", "DUR-21",
     NEEDS | RESIZER, process_ended, SHRUNK, NULL},
    {0}};
