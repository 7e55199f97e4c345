/* SPDX-License-Identifier: MIT
 *
 * lazy.c - each execution answers one query: open, and read a guest sector.
 *
 * What an undecided sector or size holds is chosen when the implementation
 * first looks at it; the choices of an execution are a path, and the paths
 * are gone through depth first.  Content of image_file is a token as long as
 * the implementation passes it on unseen.
 */
#include "base/memory.h"
#include "base/mix.h"
#include "engine.h"

#include <stdbool.h>
#include <string.h>

enum { LEN = CRASH_SECTOR };
#define SIZE_ITSELF UINT64_MAX
enum { N_REDONE = 10 }; /* states */

struct decision {
    unsigned file;
    uint64_t sector; /* or SIZE_ITSELF */
    size_t choice;
    size_t n;
};

struct path {
    struct crash *c;
    struct decision *all;
    size_t n;    /* decisions of the path */
    size_t used; /* by this execution, until now */
    size_t room;
    bool tokens; /* image_file holds them */
    size_t size[N_WRITABLE];
    bool has_size[N_WRITABLE];
    uint64_t n_executions;
    bool misused; /* a file was written, or the host misused */
    struct medium medium;
};

/* ---- Deciding ----------------------------------------------------------- */

static size_t choose(struct path *p, unsigned file, uint64_t sector, size_t n)
{
    if (n < 2)
        return 0;
    if (p->used == p->n) {
        p->all = mem_grow(p->all, &p->room, p->n + 1, sizeof(*p->all));
        p->all[p->n++] = (struct decision){file, sector, 0, n};
    }
    return p->all[p->used++].choice;
}

static bool is_decided(const struct path *p, unsigned file, uint64_t sector)
{
    for (size_t i = 0; i < p->used; i++)
        if (p->all[i].file == file && p->all[i].sector == sector)
            return true;
    return false;
}

static void need_size(struct path *p, unsigned file)
{
    struct pending *pending = &p->c->point.pending;

    if (p->has_size[file])
        return;
    p->has_size[file] = true;
    p->size[file] = choose(p, file, SIZE_ITSELF, pending->files[file].n_sizes);
    pending_base(pending, &p->medium, file, p->size[file]);
    if (file == F_IMAGE && p->tokens)
        put_tokens(&p->c->setup, &p->medium);
}

static void need_sector(struct path *p, unsigned file, uint64_t sector)
{
    const uint32_t *ids;
    size_t n;

    if (is_decided(p, file, sector))
        return;
    n = pending_choices(&p->c->point.pending, &ids, file, sector,
                        p->size[file]);
    if (n < 2)
        return;
    medium_set(&p->medium, file, sector, ids[choose(p, file, sector, n)]);
}

static void need(void *arg, unsigned file, uint64_t first, uint64_t n)
{
    struct path *p = arg;
    struct pending_file *f;

    if (file >= N_WRITABLE)
        return;
    need_size(p, file);
    f = &p->c->point.pending.files[file];
    if (n == 0 || (file == F_IMAGE && p->tokens))
        return;
    for (uint64_t s = first; s < first + n && s < f->room; s++)
        if (f->head[s])
            need_sector(p, file, s);
}

/* ---- One execution ------------------------------------------------------ */

static void begin(struct path *p)
{
    p->used = 0;
    p->misused = false;
    memset(p->has_size, 0, sizeof(p->has_size));
}

/* The result of open and read; *OUT is what SECTOR holds, if it is below
 * *SIZE. */
static int ask(struct path *p, uint32_t *out, uint64_t *size, uint64_t sector)
{
    struct crash *c = p->c;
    struct addcow_open_args args = {.size = sizeof(args),
                                    .name = c->setup.given.addcow.name};
    struct medium_host h;
    uint8_t data[LEN];
    void *image = NULL;
    int result;

    begin(p);
    medium_host_init(&h, &p->medium, &c->setup.given);
    h.watch = (struct medium_watch){.arg = p, .need = need};
    p->n_executions++;
    c->report.figures.n_executions++;
    result = c->setup.given.shim->open(&image, &h.table, &args);
    if (result != ADDCOW_OK)
        return result;
    result = c->setup.given.shim->get_size(image, size);
    if (result == ADDCOW_OK && sector < *size / LEN)
        result = c->setup.given.shim->read(image, data, LEN, sector * LEN);
    if (result == ADDCOW_OK && sector < *size / LEN)
        *out = contents_put(c->setup.contents, data);
    c->setup.given.shim->close(image);
    p->misused = h.written || h.bug || h.n_open;
    return result;
}

/* The state that the path is; what it does not decide is durable. */
static void path_state(struct path *p, struct state *s)
{
    state_clear(s);
    for (size_t i = 0; i < p->n && i < p->used; i++) {
        const struct decision *d = &p->all[i];

        if (d->sector == SIZE_ITSELF)
            s->size[d->file] = d->choice;
        else
            state_pick(s, d->file, d->sector, d->choice);
    }
}

/* Goes on to the next path; false: there is none. */
static bool advance(struct path *p)
{
    p->n = p->used; /* a shorter path may have come of the last choice */
    while (p->n && p->all[p->n - 1].choice + 1 == p->all[p->n - 1].n)
        p->n--;
    if (p->n == 0)
        return false;
    p->all[p->n - 1].choice++;
    return true;
}

/* ---- Judging an answer -------------------------------------------------- */

/* The point's state, made concrete. */
static enum ruling judge_state(struct crash *c)
{
    struct state *state = &c->point.state;
    struct verdict_of v;

    return state_wrong(c, &v, state) ? convict(c, state) : DECIDED;
}

/* ID is image_file's token: each content that its sector may have must be
 * allowed. */
static enum ruling judge_token(struct path *p, uint64_t sector, uint32_t id,
                               uint64_t epochs)
{
    struct crash *c = p->c;
    struct state *state = &c->point.state;
    uint64_t raw = token_sector(&c->setup, id);
    const uint32_t *ids;
    size_t n = pending_choices(&c->point.pending, &ids, F_IMAGE, raw,
                               p->size[F_IMAGE]);

    for (size_t i = 0; i < n; i++) {
        if (may_show(c, epochs, sector, ids[i]))
            continue;
        path_state(p, state);
        state_pick(state, F_IMAGE, raw, i);
        return judge_state(c) == VIOLATED ? VIOLATED : NOT_OPAQUE;
    }
    return DECIDED;
}

static enum ruling suspect(struct path *p)
{
    path_state(p, &p->c->point.state);
    if (judge_state(p->c) == VIOLATED)
        return VIOLATED;
    return p->tokens ? NOT_OPAQUE : DECIDED;
}

static enum ruling judge_answer(struct path *p, int result, uint32_t id,
                                uint64_t size, uint64_t sector)
{
    struct crash *c = p->c;
    uint64_t epochs;

    if (c->point.at < c->workload.live_from || result != ADDCOW_OK ||
        p->misused || !may_have_size(c, &epochs, size))
        return suspect(p);
    if (sector >= size / LEN)
        return DECIDED;
    if (p->tokens && is_token(&c->setup, id))
        return judge_token(p, sector, id, epochs);
    return may_show(c, epochs, sector, id) ? DECIDED : suspect(p);
}

/* ---- All queries -------------------------------------------------------- */

static uint64_t most_sectors(const struct guest *g)
{
    uint64_t most = 1;

    for (size_t i = 0; i < g->n_sizes; i++)
        if (g->sizes[i].size / LEN > most)
            most = g->sizes[i].size / LEN;
    return most;
}

static enum ruling query(struct path *p, uint64_t sector)
{
    uint32_t id = 0;
    uint64_t size = 0;

    p->n = 0;
    do {
        int result = ask(p, &id, &size, sector);
        enum ruling ruling = judge_answer(p, result, id, size, sector);

        if (ruling != DECIDED)
            return ruling;
        if (p->n_executions > p->c->setup.limits.lazy)
            return TOO_MANY;
    } while (advance(p));
    return DECIDED;
}

static enum ruling queries(struct crash *c, bool tokens)
{
    struct path p = {.c = c, .tokens = tokens};
    const struct spans *spans = &c->setup.spans;
    size_t n = spans_count(spans, most_sectors(&c->workload.guest));
    enum ruling ruling = DECIDED;

    medium_keep(&p.medium, &c->setup.base);
    for (size_t i = 0; i < n && ruling == DECIDED; i++)
        ruling = query(&p, spans_sector(spans, i));
    medium_finish(&p.medium);
    mem_free(p.all);
    return ruling;
}

/* ---- Samples ------------------------------------------------------------ */

static void sample(struct pending *p, struct state *s, uint64_t *rng)
{
    const uint32_t *ids;

    state_clear(s);
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        struct pending_file *file = &p->files[f];

        s->size[f] = (size_t)(mix_next(rng) % file->n_sizes);
        for (size_t i = 0; i < file->n_sectors; i++) {
            size_t n =
                pending_choices(p, &ids, f, file->sectors[i], s->size[f]);

            state_pick(s, f, file->sectors[i], (size_t)(mix_next(rng) % n));
        }
    }
}

static uint64_t seed_of(const struct crash *c)
{
    return c->setup.limits.seed ^ c->point.number;
}

static enum ruling samples(struct crash *c)
{
    uint64_t rng = seed_of(c);
    enum ruling ruling = DECIDED;

    c->report.figures.by[CRASH_SAMPLED]++;
    for (uint64_t i = 0; i < c->setup.limits.samples && ruling == DECIDED;
         i++) {
        sample(&c->point.pending, &c->point.state, &rng);
        ruling = judge_state(c);
    }
    return ruling;
}

/* Where nothing survived, where all did, and some samples. */
static enum ruling redo_some(struct crash *c)
{
    struct point *p = &c->point;
    uint64_t rng = seed_of(c);
    enum ruling ruling;

    if (c->setup.limits.flags & CRASH_NO_REDO)
        return DECIDED;
    state_clear(&p->state);
    ruling = redo_concrete(c, &p->state);
    for (unsigned i = 0; i < N_REDONE && ruling == DECIDED; i++) {
        if (i == 0)
            state_newest(&p->pending, &p->state);
        else
            sample(&p->pending, &p->state, &rng);
        ruling = redo_concrete(c, &p->state);
    }
    return ruling;
}

/* A query sees one sector; that the image file alone is the disk when all
 * bits are 1 is looked at where all survived, which after a flush is all that
 * there is. */
static enum ruling judge_newest(struct crash *c)
{
    state_newest(&c->point.pending, &c->point.state);
    return judge_state(c);
}

static bool has_tokens(const struct crash *c)
{
    const struct setup *s = &c->setup;
    uint64_t n_sectors = c->workload.now.files[F_IMAGE].size / LEN;

    return spans_count(&s->spans, n_sectors) <= s->n_tokens &&
           !(s->limits.flags & CRASH_NO_TOKENS);
}

enum ruling lazy_point(struct crash *c)
{
    enum ruling ruling = queries(c, has_tokens(c));

    if (ruling == NOT_OPAQUE)
        ruling = queries(c, false);
    if (ruling == TOO_MANY)
        ruling = samples(c);
    else
        c->report.figures.by[CRASH_LAZY]++;
    if (ruling == DECIDED)
        ruling = judge_newest(c);
    return ruling == DECIDED ? redo_some(c) : ruling;
}
