/* SPDX-License-Identifier: MIT
 *
 * witness.c - a violation: made as small as it will go, told in words and as
 * one string (witness_text.c), and made again from that.
 */
#include "base/memory.h"
#include "engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The last that had begun. */
static void put_calls(struct crash *c, struct text *t)
{
    char op[80];
    size_t n = 0;
    size_t first;

    while (n < c->n_calls && c->calls[n].began <= c->at)
        n++;
    first = n > 8 ? n - 8 : 0;
    if (first)
        put(t, "%zu operations, then ", first);
    for (size_t i = first; i < n; i++) {
        crash_op_text(op, sizeof(op), &c->calls[i].op);
        put(t, "%s%s", i > first ? ", " : "", op);
    }
}

static void put_step(struct crash *c, struct text *t)
{
    const struct step *s = &c->trace.steps[c->last_step];
    char op[80];

    if (s->kind == STEP_END) {
        crash_op_text(op, sizeof(op), &c->calls[s->call].op);
        put(t, "after '%s' had returned", op);
    } else if (s->kind == STEP_SIZE) {
        put(t, "at a change of size of %s", file_names[s->file]);
    } else {
        put(t, "at a write of sectors %" PRIu64 " to %" PRIu64 " of %s",
            s->first, s->first + s->n - 1, file_names[s->file]);
    }
}

static void put_sizes(struct crash *c, struct text *t, const struct state *s)
{
    for (unsigned f = 0; f < N_WRITABLE; f++) {
        if (c->pending.files[f].n_sizes < 2)
            continue;
        if (c->pending.files[f].sizes[s->size[f]].size == CRASH_ABSENT)
            put(t, "; %s is not there", file_names[f]);
        else
            put(t, "; %s has %" PRIu64 " bytes", file_names[f],
                c->pending.files[f].sizes[s->size[f]].size);
    }
}

static void put_survivors(struct crash *c, struct text *t,
                          const struct state *s)
{
    size_t n = 0;

    put(t, "; of what was not flushed %s survived",
        s->n_picks ? "only" : "nothing");
    for (size_t i = 0, told = 0; i < s->n_picks && told < 8; i += n, told++) {
        const struct pick *p = &s->picks[i];
        char last[32] = "";

        n = picks_in_a_row(s, i);
        if (n > 1)
            snprintf(last, sizeof(last), " to %" PRIu64, p[n - 1].sector);
        put(t, "%s version %zu of sector%s %" PRIu64 "%s of %s", i ? "," : "",
            p->choice, n > 1 ? "s" : "", p->sector, last, file_names[p->file]);
        if (told == 7 && i + n < s->n_picks)
            put(t, " and %zu more", s->n_picks - i - n);
    }
    put_sizes(c, t, s);
}

/* Whether it is wrong, too, where all survived: what a process leaves that
 * ends. */
static int is_all_new_wrong(struct crash *c)
{
    struct state s = {0};
    struct verdict_of v;
    const uint32_t *ids;
    int result;

    for (unsigned f = 0; f < N_WRITABLE; f++) {
        struct pending_file *file = &c->pending.files[f];

        s.size[f] = file->n_sizes - 1;
        for (size_t i = 0; i < file->n_sectors; i++)
            state_pick(&s, f, file->sectors[i],
                       pending_choices(&c->pending, &ids, f, file->sectors[i],
                                       s.size[f]) -
                           1);
    }
    result = state_wrong(c, &v, &s);
    mem_free(s.picks);
    return result;
}

static void fill(struct crash *c, const struct state *s,
                 const struct verdict_of *v)
{
    int all_new_wrong = v->clause && is_all_new_wrong(c);
    struct crash_failure *f = &c->failure;
    struct text got = {f->got, sizeof(f->got)};

    snprintf(f->clauses, sizeof(f->clauses), "%s%s",
             v->clause ? v->clause : "", all_new_wrong ? " DUR-21" : "");
    snprintf(f->clause, sizeof(f->clause), "%.*s",
             (int)strcspn(f->clauses, " "), f->clauses);
    snprintf(f->expected, sizeof(f->expected), "%s", v->expected);
    put(&got, "%s. Workload: ", v->got);
    put_calls(c, &got);
    put(&got, ". The power went ");
    put_step(c, &got);
    put_survivors(c, &got, s);
    witness_put(f->witness, sizeof(f->witness), c->point, s);
}

static void keep(struct crash *c, const struct state *s)
{
    state_make(c, &c->scratch, s);
    if (!c->has_kept)
        medium_init(&c->kept, c->contents);
    c->has_kept = 1;
    medium_copy(&c->kept, &c->base);
    medium_copy(&c->kept, &c->scratch);
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

/* Whatever can be durable is, one after the other. */
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

int convict_as(struct crash *c, const struct state *s,
               const struct verdict_of *v)
{
    if (!c->has_failed)
        record_state(c, s, v);
    c->has_failed = 1;
    return -1;
}

int convict(struct crash *c, const struct state *s)
{
    struct state small = {0};
    struct verdict_of v;

    if (c->has_failed)
        return -1;
    state_copy(&small, s);
    state_shrink(c, &small, shows_wrong, NULL);
    state_wrong(c, &v, &small);
    convict_as(c, &small, &v);
    mem_free(small.picks);
    return -1;
}

bool crash_was_met(const struct crash *c)
{
    return c->only_met || c->has_failed;
}

/* ---- As files ----------------------------------------------------------- */

static int keep_file(const struct crash *c, const char *dir, unsigned file,
                     const char *name)
{
    const char *slash = strrchr(name, '/');
    const struct medium_file *f = &c->kept.files[file];
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path = mem_new(len, 1);
    FILE *to;
    int bad = 0;

    snprintf(path, len, "%s/%s", dir, slash ? slash + 1 : name);
    to = fopen(path, "wb");
    mem_free(path);
    if (!to)
        return -1;
    for (uint64_t at = 0; at < f->size && !bad; at += CRASH_SECTOR) {
        uint32_t id = medium_id(&c->kept, file, at / CRASH_SECTOR);
        size_t n = f->size - at < CRASH_SECTOR ? (size_t)(f->size - at)
                                               : CRASH_SECTOR;

        if (id) /* the rest is holes */
            bad = fseeko(to, (off_t)at, SEEK_SET) ||
                  fwrite(contents_at(c->contents, id), 1, n, to) != n;
    }
    bad |= fflush(to) || ftruncate(fileno(to), (off_t)f->size);
    return fclose(to) || bad ? -1 : 0;
}

int crash_keep(const struct crash *c, const char *dir)
{
    const char *const names[N_FILES] = {
        c->setup.addcow.name, c->setup.image.name, c->setup.backing.name};

    if (!c->has_kept) {
        errno = ENOENT;
        return -1;
    }
    for (unsigned f = 0; f < N_FILES; f++)
        if (names[f] && c->kept.files[f].size != CRASH_ABSENT &&
            keep_file(c, dir, f, names[f]))
            return -1;
    return 0;
}
