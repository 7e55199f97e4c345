/* SPDX-License-Identifier: MIT
 *
 * witness.c - a violation: made as small as it will go, put in words, and kept
 * as files.
 */
#include "base/memory.h"
#include "engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct text {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t,
                                                      const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(t->at, t->left, fmt, args);
    va_end(args);
    if (n > 0 && (size_t)n < t->left) {
        t->at += n;
        t->left -= (size_t)n;
    } else {
        t->left = t->left ? 1 : 0;
    }
}

static const char *const file_names[] = {"the add-cow file", "the image file",
                                         "the backing file"};

/* ---- In words ----------------------------------------------------------- */

/* The last calls that had begun at AT. */
static void put_calls(struct text *t, const struct workload *w, uint64_t at)
{
    char op[80];
    size_t n = 0;
    size_t first;

    while (n < w->n_calls && w->calls[n].began <= at)
        n++;
    first = n > 8 ? n - 8 : 0;
    if (first)
        put(t, "%zu operations, then ", first);
    for (size_t i = first; i < n; i++) {
        crash_op_text(op, sizeof(op), &w->calls[i].op);
        put(t, "%s%s", i > first ? ", " : "", op);
    }
}

static void put_step(struct text *t, const struct workload *w, size_t step)
{
    const struct step *s = &w->trace.steps[step];
    char op[80];

    if (s->kind == STEP_END) {
        crash_op_text(op, sizeof(op), &w->calls[s->call].op);
        put(t, "after '%s' had returned", op);
    } else if (s->kind == STEP_SIZE) {
        put(t, "at a change of size of %s", file_names[s->file]);
    } else if (s->n == 1) {
        put(t, "at a write of sector %" PRIu64 " of %s", s->first,
            file_names[s->file]);
    } else {
        put(t, "at a write of sectors %" PRIu64 " to %" PRIu64 " of %s",
            s->first, s->first + s->n - 1, file_names[s->file]);
    }
}

static void put_sizes(struct text *t, const struct pending *p,
                      const struct state *s)
{
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        uint64_t size = p->files[f].sizes[s->size[f]].size;

        if (p->files[f].n_sizes < 2)
            continue;
        if (size == CRASH_ABSENT)
            put(t, "; %s is not there", file_names[f]);
        else
            put(t, "; %s has %" PRIu64 " bytes", file_names[f], size);
    }
}

static void put_survivors(struct text *t, const struct state *s)
{
    size_t n = 0;

    put(t, "; of what was not flushed %s survived",
        s->n_picks ? "only" : "nothing");
    for (size_t i = 0, shown = 0; i < s->n_picks && shown < 8;
         i += n, shown++) {
        const struct pick *p = &s->picks[i];
        char last[32] = "";

        n = picks_in_a_row(s, i);
        if (n > 1)
            snprintf(last, sizeof(last), " to %" PRIu64, p[n - 1].sector);
        put(t, "%s version %zu of sector%s %" PRIu64 "%s of %s", i ? "," : "",
            p->choice, n > 1 ? "s" : "", p->sector, last, file_names[p->file]);
        if (shown == 7 && i + n < s->n_picks)
            put(t, " and %zu more", s->n_picks - i - n);
    }
}

/* Whether the state in which all survived, which is what a process leaves
 * when it ends, is wrong as well. */
static bool is_all_new_wrong(struct crash *c)
{
    struct state s = {0};
    struct verdict_of v;
    bool is_wrong;

    state_newest(&c->point.pending, &s);
    is_wrong = state_wrong(c, &v, &s);
    mem_free(s.picks);
    return is_wrong;
}

static void fill(struct crash *c, const struct state *s,
                 const struct verdict_of *v)
{
    bool is_all_wrong = v->clause && is_all_new_wrong(c);
    struct crash_failure *f = &c->report.last.failure;
    const struct point *p = &c->point;
    struct text got = {f->got, sizeof(f->got)};

    snprintf(f->clauses, sizeof(f->clauses), "%s%s",
             v->clause ? v->clause : "", is_all_wrong ? " DUR-21" : "");
    snprintf(f->clause, sizeof(f->clause), "%.*s",
             (int)strcspn(f->clauses, " "), f->clauses);
    snprintf(f->kind, sizeof(f->kind), "%s", v->clause ? v->kind : "");
    snprintf(f->expected, sizeof(f->expected), "%s", v->expected);
    put(&got, "%s. Workload: ", v->got);
    put_calls(&got, &c->workload, p->at);
    put(&got, ". The power went ");
    put_step(&got, &c->workload, p->step);
    put_survivors(&got, s);
    put_sizes(&got, &p->pending, s);
    witness_put(f->witness, sizeof(f->witness), p->number, s);
}

static void keep(struct crash *c, const struct state *s)
{
    state_make(&c->point.pending, &c->point.scratch, s);
    medium_keep(&c->report.last.medium, &c->point.scratch);
}

void record_state(struct crash *c, const struct state *s,
                  const struct verdict_of *v)
{
    fill(c, s, v);
    keep(c, s);
}

/* ---- Smaller ------------------------------------------------------------ */

static void drop(struct state *s, size_t i)
{
    memmove(s->picks + i, s->picks + i + 1,
            (s->n_picks - i - 1) * sizeof(*s->picks));
    s->n_picks--;
}

/* Makes durable, one after the other, what S is wrong without. */
void state_shrink(struct crash *c, struct state *s, state_test *is_wrong,
                  const void *arg)
{
    for (unsigned f = 0; f < N_WRITABLE; f++)
        for (size_t k = s->size[f]; k > 0; k--) {
            size_t old = s->size[f];

            s->size[f] = k - 1;
            if (!is_wrong(c, s, arg))
                s->size[f] = old;
        }
    for (size_t i = s->n_picks; i-- > 0;) {
        struct pick p = s->picks[i];

        drop(s, i);
        if (is_wrong(c, s, arg))
            continue;
        memmove(s->picks + i + 1, s->picks + i,
                (s->n_picks - i) * sizeof(*s->picks));
        s->picks[i] = p;
        s->n_picks++;
    }
}

static bool shows_wrong(struct crash *c, const struct state *s,
                        const void *arg)
{
    struct verdict_of v;

    (void)arg;
    return state_wrong(c, &v, s);
}

enum ruling convict_as(struct crash *c, const struct state *s,
                       const struct verdict_of *v)
{
    if (!c->report.has_failed)
        record_state(c, s, v);
    c->report.has_failed = true;
    return VIOLATED;
}

enum ruling convict(struct crash *c, const struct state *s)
{
    struct state small = {0};
    struct verdict_of v;

    if (c->report.has_failed)
        return VIOLATED;
    state_copy(&small, s);
    state_shrink(c, &small, shows_wrong, NULL);
    state_wrong(c, &v, &small);
    convict_as(c, &small, &v);
    mem_free(small.picks);
    return VIOLATED;
}

bool crash_was_met(const struct crash *c)
{
    return c->only.was_met || c->report.has_failed;
}

/* ---- As files ----------------------------------------------------------- */

static int keep_file(const struct medium *m, const char *dir, unsigned file,
                     const char *name)
{
    const struct medium_file *f = &m->files[file];
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path = mem_new(len, 1);
    FILE *to;
    bool is_bad = false;

    snprintf(path, len, "%s/%s", dir, last_component(name));
    to = fopen(path, "wb");
    mem_free(path);
    if (!to)
        return -1;
    for (uint64_t at = 0; at < f->size && !is_bad; at += CRASH_SECTOR) {
        uint32_t id = medium_id(m, file, at / CRASH_SECTOR);
        size_t n = f->size - at < CRASH_SECTOR ? (size_t)(f->size - at)
                                               : CRASH_SECTOR;

        if (id) /* the rest is holes */
            is_bad = fseeko(to, (off_t)at, SEEK_SET) ||
                     fwrite(contents_at(m->contents, id), 1, n, to) != n;
    }
    is_bad |= fflush(to) || ftruncate(fileno(to), (off_t)f->size);
    return fclose(to) || is_bad ? -1 : 0;
}

int crash_keep(const struct crash *c, const char *dir)
{
    const struct crash_setup *s = &c->setup.given;
    const char *const names[N_FILES] = {s->addcow.name, s->image.name,
                                        s->backing.name};
    const struct medium *m = &c->report.last.medium;

    if (!m->contents) {
        errno = ENOENT;
        return -1;
    }
    for (unsigned f = 0; f < N_FILES; f++)
        if (names[f] && m->files[f].size != CRASH_ABSENT &&
            keep_file(m, dir, f, names[f]))
            return -1;
    return 0;
}
