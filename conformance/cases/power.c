/* SPDX-License-Identifier: MIT
 *
 * power.c - the engine of power cuts, for cases.
 */
#include "power.h"

#include "../oracle/pattern.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct power {
    struct env *env;
    struct crash *crash;
    int is_alone; /* one state is asked for */
    int has_no_figures;
    uint64_t only;
};

/* ---- The files ---------------------------------------------------------- */

static uint8_t *filled(struct env *env, const struct scenario *s, uint64_t len,
                       uint32_t tag)
{
    struct crash_span whole[] = {{0, len}};
    const struct crash_span *spans = s->spans[0].len ? s->spans : whole;
    size_t n = s->spans[0].len ? CRASH_MAX_SPANS : 1;
    uint64_t sum = 0;
    uint8_t *data;

    for (size_t i = 0; i < n; i++)
        sum += spans[i].len;
    data = case_alloc(env, (size_t)sum + 1);
    sum = 0;
    for (size_t i = 0; i < n; i++) {
        pattern_fill(data + sum, (size_t)spans[i].len, spans[i].offset, tag);
        sum += spans[i].len;
    }
    return data;
}

static struct crash_file addcow_file(struct env *env, const struct scenario *s)
{
    uint64_t len = HEADER_LEN + bitmap_len_of(s->image_len);
    struct crash_file f = {.name = absolute(env, ADDCOW_NAME),
                           .len = CRASH_ABSENT};
    uint8_t *data;

    if (s->is_new && !s->old_len)
        return f;
    if (s->is_new && s->old_len > len)
        len = s->old_len;
    data = case_alloc(env, (size_t)len);
    if (s->is_new)
        pattern_fill(data, (size_t)s->old_len, 0, TAG_OLD);
    header_build(data, s->is_new ? "other.raw" : IMAGE_NAME,
                 s->is_new        ? "other.img"
                 : s->backing_len ? BACKING_NAME
                                  : "");
    for (const uint64_t *c = s->set; c && *c != END_OF_LIST; c++)
        data[HEADER_LEN + *c / 8] |= (uint8_t)(1u << *c % 8);
    f.data = data;
    f.len = s->is_new ? s->old_len : len;
    return f;
}

static struct crash_setup setup_of(struct env *env, const struct scenario *s)
{
    struct crash_setup setup = {
        .shim = the_shim(env),
        .geometry = {HEADER_LEN, (uint32_t)CLUSTER, 8},
        .addcow = addcow_file(env, s),
        .image = {IMAGE_NAME, filled(env, s, s->image_len, TAG_OLD),
                  s->image_len},
        .backing = {BACKING_NAME, NULL, CRASH_ABSENT},
        .image_name = IMAGE_NAME,
        .backing_name = s->backing_len ? BACKING_NAME : NULL};

    memcpy(setup.spans, s->spans, sizeof(setup.spans));
    if (s->backing_len) {
        setup.backing.data = filled(env, s, s->backing_len, TAG_BACKING);
        setup.backing.len = s->backing_len;
    }
    return setup;
}

/* ---- The engine --------------------------------------------------------- */

static void say(void *arg, const char *text)
{
    doing(arg, "%s", text);
}

/* "WORKLOAD@POINT:CHOICES". */
static void ask_for_one(struct power *p, const char *witness)
{
    char *end;

    p->is_alone = 1;
    p->only = strtoull(witness, &end, 10);
    if (end == witness || *end != '@' || crash_only(p->crash, end + 1))
        error(p->env, "'%s' is no state of this case", witness);
}

struct power *power_open(struct env *env, const struct scenario *s,
                         const struct crash_limits *limits)
{
    struct power *p = case_alloc(env, sizeof(*p));
    struct crash_setup setup = setup_of(env, s);
    struct crash_limits l = limits ? *limits : (struct crash_limits){0};

    l.seed = env->options->seed;
    p->env = env;
    p->crash = crash_new(&setup, &l);
    p->env->crash = p->crash;
    crash_watch(p->crash, say, env);
    if (env->options->witness)
        ask_for_one(p, env->options->witness);
    return p;
}

static void keep(struct power *p)
{
    if (p->env->options->evidence_dir &&
        (p->env->options->keep_always || p->env->out->witness[0]))
        crash_keep(p->crash, p->env->options->evidence_dir);
}

static int names(const char *clauses, const char *clause, size_t len)
{
    while (*(clauses += strspn(clauses, " "))) {
        size_t n = strcspn(clauses, " ");

        if (n == len && memcmp(clauses, clause, n) == 0)
            return 1;
        clauses += n;
    }
    return 0;
}

/* Of the clauses that are broken the first that the case names; if it names
 * none, the first: any clause of the chapter may be the one. */
static void charge(struct env *env, const struct crash_failure *f)
{
    const char *at = f->clauses;

    snprintf(env->out->clause, sizeof(env->out->clause), "%s", f->clause);
    while (*(at += strspn(at, " "))) {
        size_t n = strcspn(at, " ");

        if (names(env->self->clauses, at, n)) {
            snprintf(env->out->clause, sizeof(env->out->clause), "%.*s",
                     (int)n, at);
            return;
        }
        at += n;
    }
}

static void violated(struct power *p, uint64_t index)
{
    const struct crash_failure *f = crash_failure(p->crash);
    struct env *env = p->env;

    if (f->witness[0])
        snprintf(env->out->witness, sizeof(env->out->witness),
                 "%s#%" PRIu64 "@%s", env->self->id, index, f->witness);
    keep(p);
    charge(env, f);
    snprintf(env->out->expected, sizeof(env->out->expected), "%s",
             f->expected);
    snprintf(env->out->got, sizeof(env->out->got), "%s", f->got);
    leave(env, V_FAIL);
}

/* Whether this process is to look at workload INDEX.  After a crash the next
 * one goes on behind it. */
static int is_wanted(struct power *p, uint64_t index)
{
    struct env *env = p->env;

    if (p->is_alone)
        return index == p->only;
    if (index < env->options->resume)
        return 0;
    env->out->resume = index + 1;
    return 1;
}

static void concluded(struct power *p, uint64_t index, int result)
{
    struct env *env = p->env;

    if (!p->has_no_figures)
        env->out->crash = *crash_report(p->crash);
    count_check(env, first_clause(env));
    if (result)
        violated(p, index);
    if (!p->is_alone)
        return;
    snprintf(env->out->got, sizeof(env->out->got), "%s",
             crash_failure(p->crash)->got);
    keep(p);
}

void power_run(struct power *p, uint64_t index, const struct crash_op *ops,
               uint32_t flags)
{
    if (is_wanted(p, index))
        concluded(p, index, crash_run(p->crash, ops, flags));
}

void power_run_record(struct power *p, uint64_t index,
                      const struct crash_call *calls, size_t n_calls,
                      uint32_t flags)
{
    const struct record *r = disk_record(p->env->disk);

    if (is_wanted(p, index))
        concluded(p, index,
                  crash_run_record(p->crash, r, calls, n_calls, flags));
}

void power_hide_figures(struct power *p)
{
    p->has_no_figures = 1;
}

uint64_t power_n_declined(const struct power *p)
{
    return crash_report(p->crash)->n_declined;
}

void power_decide(struct env *env, const struct scenario *s,
                  const struct crash_limits *limits)
{
    struct power *p;

    if (s->flags & ADDCOW_OPEN_WRITETHROUGH)
        need_cap(env, ADDCOW_CAP_WRITETHROUGH);
    p = power_open(env, s, limits);
    power_run(p, 0, s->ops, s->flags);
}
