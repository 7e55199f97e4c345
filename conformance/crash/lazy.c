/* SPDX-License-Identifier: MIT
 *
 * lazy.c - one execution a query: open, and read one guest sector.
 *
 * What an undecided sector or size holds is chosen when the implementation
 * first looks at it; the choices of an execution are a path, and the paths
 * are gone through depth first.  Content of image_file is a token as long as
 * the implementation passes it on unseen.
 */
#include "base/memory.h"
#include "engine.h"

#include <stdbool.h>
#include <stdlib.h>
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
    size_t used; /* by this execution, so far */
    size_t room;
    int tokens;
    size_t size[N_WRITABLE];
    int has_size[N_WRITABLE];
    uint64_t n_executions;
    int misused; /* a file was written, or the host misused */
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
    struct crash *c = p->c;

    if (p->has_size[file])
        return;
    p->has_size[file] = 1;
    p->size[file] =
        choose(p, file, SIZE_ITSELF, c->pending.files[file].n_sizes);
    pending_base(&c->pending, &p->medium, file, p->size[file]);
    if (file == F_IMAGE && p->tokens)
        put_tokens(c, &p->medium);
}

static void need_sector(struct path *p, unsigned file, uint64_t sector)
{
    const uint32_t *ids;
    size_t n;

    if (is_decided(p, file, sector))
        return;
    n = pending_choices(&p->c->pending, &ids, file, sector, p->size[file]);
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
    f = &p->c->pending.files[file];
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
    p->misused = 0;
    memset(p->has_size, 0, sizeof(p->has_size));
}

/* The result of open and read; *OUT is what SECTOR holds, if it is below
 * *SIZE. */
static int ask(struct path *p, uint32_t *out, uint64_t *size, uint64_t sector)
{
    struct crash *c = p->c;
    struct addcow_open_args args = {.size = sizeof(args),
                                    .name = c->setup.addcow.name};
    struct medium_host h;
    uint8_t data[LEN];
    void *image = NULL;
    int result;

    begin(p);
    medium_host_init(&h, &p->medium, &c->setup);
    h.watch = (struct medium_watch){.arg = p, .need = need};
    p->n_executions++;
    c->report.n_executions++;
    result = c->setup.shim->open(&image, &h.table, &args);
    if (result != ADDCOW_OK)
        return result;
    result = c->setup.shim->get_size(image, size);
    if (result == ADDCOW_OK && sector < *size / LEN)
        result = c->setup.shim->read(image, data, LEN, sector * LEN);
    if (result == ADDCOW_OK && sector < *size / LEN)
        *out = contents_put(c->contents, data);
    c->setup.shim->close(image);
    p->misused = h.written || h.bug || h.n_open;
    return result;
}

/* The state that the path stands for; the rest is durable. */
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

/* The next path; 0: there is none. */
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

/* Whether the state of the path is wrong, made concrete. */
static int confirm(struct path *p)
{
    struct verdict_of v;

    return state_wrong(p->c, &v, &p->c->state) ? convict(p->c, &p->c->state)
                                               : 0;
}

/* ID is image_file's token: each content that its sector may have must be
 * allowed.  1: tokens do not do. */
static int judge_token(struct path *p, uint64_t sector, uint32_t id,
                       uint64_t epochs)
{
    struct crash *c = p->c;
    uint64_t raw = token_sector(c, id);
    const uint32_t *ids;
    size_t n =
        pending_choices(&c->pending, &ids, F_IMAGE, raw, p->size[F_IMAGE]);

    for (size_t i = 0; i < n; i++) {
        if (guest_allowed(&c->guest, c->at, epochs, sector, ids[i]))
            continue;
        path_state(p, &c->state);
        state_pick(&c->state, F_IMAGE, raw, i);
        return confirm(p) ? -1 : 1;
    }
    return 0;
}

static int suspect(struct path *p)
{
    path_state(p, &p->c->state);
    if (confirm(p))
        return -1;
    return p->tokens ? 1 : 0;
}

static int judge_answer(struct path *p, int result, uint32_t id, uint64_t size,
                        uint64_t sector)
{
    struct crash *c = p->c;
    uint64_t epochs;

    if (c->at < c->live_from || result != ADDCOW_OK || p->misused ||
        !guest_size_allowed(&c->guest, &epochs, c->at, size))
        return suspect(p);
    if (sector >= size / LEN)
        return 0;
    if (p->tokens && is_token(c, id))
        return judge_token(p, sector, id, epochs);
    if (!guest_allowed(&c->guest, c->at, epochs, sector, id))
        return suspect(p);
    return 0;
}

/* ---- All queries -------------------------------------------------------- */

static uint64_t most_sectors(const struct crash *c)
{
    uint64_t most = 1;

    for (size_t i = 0; i < c->guest.n_sizes; i++)
        if (c->guest.sizes[i].size / LEN > most)
            most = c->guest.sizes[i].size / LEN;
    return most;
}

enum { DONE, TOO_MANY = 2 };

static int query(struct path *p, uint64_t sector)
{
    uint32_t id = 0;
    uint64_t size = 0;

    p->n = 0;
    do {
        int result = ask(p, &id, &size, sector);

        result = judge_answer(p, result, id, size, sector);
        if (result)
            return result;
        if (p->n_executions > p->c->limits.lazy)
            return TOO_MANY;
    } while (advance(p));
    return DONE;
}

static int queries(struct crash *c, int tokens)
{
    struct path p = {.c = c, .tokens = tokens};
    size_t n = spans_count(&c->spans, most_sectors(c));
    int result = DONE;

    medium_init(&p.medium, c->contents);
    medium_copy(&p.medium, &c->base);
    for (size_t i = 0; i < n && result == DONE; i++)
        result = query(&p, spans_sector(&c->spans, i));
    medium_finish(&p.medium);
    mem_free(p.all);
    return result;
}

/* ---- Samples ------------------------------------------------------------ */

static uint64_t draw(uint64_t *rng)
{
    uint64_t z = *rng += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void sample(struct crash *c, uint64_t *rng)
{
    const uint32_t *ids;

    state_clear(&c->state);
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        struct pending_file *file = &c->pending.files[f];

        c->state.size[f] = (size_t)(draw(rng) % file->n_sizes);
        for (size_t i = 0; i < file->n_sectors; i++) {
            size_t n = pending_choices(&c->pending, &ids, f, file->sectors[i],
                                       c->state.size[f]);

            state_pick(&c->state, f, file->sectors[i],
                       (size_t)(draw(rng) % n));
        }
    }
}

static int samples(struct crash *c)
{
    uint64_t rng = c->limits.seed ^ c->point;
    uint64_t n = c->limits.samples;
    struct verdict_of v;

    c->report.by[CRASH_SAMPLED]++;
    while (n--) {
        sample(c, &rng);
        if (state_wrong(c, &v, &c->state))
            return convict(c, &c->state);
    }
    return 0;
}

/* The newest of all, for there is no sample that is likelier to be it. */
static void newest(struct crash *c)
{
    const uint32_t *ids;

    state_clear(&c->state);
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        struct pending_file *file = &c->pending.files[f];

        c->state.size[f] = file->n_sizes - 1;
        for (size_t i = 0; i < file->n_sectors; i++)
            state_pick(&c->state, f, file->sectors[i],
                       pending_choices(&c->pending, &ids, f, file->sectors[i],
                                       c->state.size[f]) -
                           1);
    }
}

/* Nothing survived, all did, and some samples. */
static int redo_some(struct crash *c)
{
    uint64_t rng = c->limits.seed ^ c->point;
    int result;

    if (c->limits.flags & CRASH_NO_REDO)
        return 0;
    state_clear(&c->state);
    result = redo_concrete(c, &c->state);
    for (unsigned i = 0; i < N_REDONE && result == 0; i++) {
        if (i == 0)
            newest(c);
        else
            sample(c, &rng);
        result = redo_concrete(c, &c->state);
    }
    return result;
}

/* A query sees one sector; that the image file alone is the disk when all
 * bits are 1 is looked at where all survived, which after a flush is all that
 * there is. */
static int judge_newest(struct crash *c)
{
    struct verdict_of v;

    newest(c);
    return state_wrong(c, &v, &c->state) ? convict(c, &c->state) : 0;
}

int lazy_point(struct crash *c)
{
    int tokens = spans_count(&c->spans, c->now.files[F_IMAGE].size / LEN) <=
                     c->n_tokens &&
                 !(c->limits.flags & CRASH_NO_TOKENS);
    int result = queries(c, tokens);

    if (result == 1)
        result = queries(c, 0);
    if (result == TOO_MANY)
        result = samples(c);
    else
        c->report.by[CRASH_LAZY]++;
    if (result == 0)
        result = judge_newest(c);
    return result ? result : redo_some(c);
}
