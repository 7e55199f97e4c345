/* SPDX-License-Identifier: MIT
 *
 * saved_join.c - putting the shards of a run together again.
 *
 * What comes out is what one run would have given: same results, same order.
 */
#include "base/memory.h"
#include "base/text.h"
#include "run/identity.h"
#include "run/status.h"
#include "saved.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_strings(const struct strings *a, const struct strings *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

/* As far as reports tell that do not name their run, those of 1.0. */
static bool look_same(const struct saved *a, const struct saved *b)
{
    const struct options *p = &a->options, *q = &b->options;

    return strcmp(p->shim, q->shim) == 0 &&
           strcmp(a->run.suite, b->run.suite) == 0 &&
           strcmp(p->program, q->program) == 0 &&
           strcmp(a->run.shim.name, b->run.shim.name) == 0 &&
           strcmp(a->run.shim.version, b->run.shim.version) == 0 &&
           strcmp(a->run.shim.choices, b->run.shim.choices) == 0 &&
           same_strings(&p->shim_options, &q->shim_options) &&
           a->run.shim.capabilities == b->run.shim.capabilities &&
           p->profile == q->profile && p->level == q->level &&
           p->crash == q->crash && p->strict == q->strict &&
           a->run.filtered == b->run.filtered &&
           a->run.waived == b->run.waived && p->seed == q->seed &&
           p->repeat == q->repeat && p->timeout_ms == q->timeout_ms;
}

/* Whether they are parts of one run, or the same part. */
static bool same_run(const struct saved *a, const struct saved *b)
{
    const char *p = a->run.identity, *q = b->run.identity;

    if (a->options.n_shards != b->options.n_shards || !p != !q)
        return false;
    return p ? strcmp(p, q) == 0 : look_same(a, b);
}

static int compare(const void *left, const void *right)
{
    const struct result *a = left, *b = right;
    int order;

    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    order = strcmp(a->c->id, b->c->id); /* not 0: one was withdrawn */
    if (order)
        return order;
    return a->repetition < b->repetition ? -1 : a->repetition > b->repetition;
}

static void append(struct saved *to, struct saved *from)
{
    struct run *run = &to->run;
    size_t n = run->n_results + from->run.n_results;
    struct result *results = mem_new(n + 1, sizeof(*results));

    memcpy(results, run->results, run->n_results * sizeof(*results));
    memcpy(results + run->n_results, from->run.results,
           from->run.n_results * sizeof(*results));
    free(run->results);
    run->results = results;
    run->n_results = run->n_reported = n;
    run->tally.n += from->run.tally.n;
    if (from->run.interrupted)
        run->interrupted = from->run.interrupted;
    if (from->run.stopped)
        run->stopped = from->run.stopped;
    from->run.n_results = from->run.n_reported = 0;
    from->joined = true;
}

static void count(struct run *run)
{
    struct tally tally = {.n = run->tally.n};

    for (size_t i = 0; i < run->n_reported; i++)
        tally_add(&tally, &run->results[i]);
    run->tally = tally;
}

static int complain(const struct saved *s, uint64_t index, const char *what)
{
    fprintf(stderr,
            "addcow-conform: '%s' and others: shard %" PRIu64 " of %" PRIu64
            " %s\n",
            s->file, index, s->options.n_shards, what);
    return STATUS_USAGE;
}

/* Says in what OTHER differs from A. */
static int complain_of_other(const struct saved *a, const struct saved *other)
{
    size_t len, other_len;
    const char *there = NULL;
    const char *here = NULL;

    if (a->run.identity && other->run.identity)
        here = identity_difference(&len, &there, &other_len,
                                   other->run.identity, a->run.identity);
    fprintf(stderr, "addcow-conform: '%s' is of another run than '%s'",
            other->file, a->file);
    if (here) {
        char *words = mem_format(": %.*s, not %.*s", (int)len, here,
                                 (int)other_len, there);

        text_put(stderr, words);
        free(words);
    } else if (a->options.n_shards != other->options.n_shards) {
        fprintf(stderr, ": shard %" PRIu64 " of %" PRIu64 ", not of %" PRIu64,
                other->options.shard, other->options.n_shards,
                a->options.n_shards);
    }
    fputc('\n', stderr);
    return STATUS_USAGE;
}

/* Shard INDEX is missing: a part of another run in its place says why. */
static int complain_of_missing(const struct saved *all, size_t n,
                               uint64_t index)
{
    for (size_t i = 1; i < n; i++)
        if (all[i].options.shard && !all[i].joined &&
            !same_run(&all[0], &all[i]))
            return complain_of_other(&all[0], &all[i]);
    return complain(&all[0], index, "is missing");
}

/* ALL[0] is the first of its run. */
static int join_one(struct saved *all, size_t n)
{
    uint64_t n_shards = all[0].options.n_shards;
    struct run *run;

    for (uint64_t index = 1; index <= n_shards; index++) {
        size_t found = 0;

        for (size_t i = 0; i < n; i++)
            found += all[i].options.shard == index && !all[i].joined &&
                     same_run(&all[0], &all[i]);
        if (found == 0)
            return complain_of_missing(all, n, index);
        if (found > 1)
            return complain(&all[0], index, "is given twice");
    }
    for (size_t i = 1; i < n; i++)
        if (all[i].options.shard && !all[i].joined &&
            same_run(&all[0], &all[i]))
            append(&all[0], &all[i]);
    all[0].options.shard = all[0].options.n_shards = 0;
    run = &all[0].run;
    qsort(run->results, run->n_results, sizeof(*run->results), compare);
    count(run);
    return 0;
}

/* Those that do not name their run: by the name of the file. */
static bool same_whole(const struct saved *a, const struct saved *b)
{
    if (a->run.identity && b->run.identity)
        return same_run(a, b);
    return strcmp(a->file, b->file) == 0;
}

static int check_twice(const struct saved *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (!all[i].joined && !all[k].joined &&
                same_whole(&all[k], &all[i])) {
                fprintf(stderr,
                        "addcow-conform: '%s' is the run of '%s': it is "
                        "given twice\n",
                        all[i].file, all[k].file);
                return STATUS_USAGE;
            }
    return STATUS_GOOD;
}

int saved_join(struct saved *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].options.shard && !all[i].joined && join_one(all + i, n - i))
            return STATUS_USAGE;
    return check_twice(all, n);
}
