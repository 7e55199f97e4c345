/* SPDX-License-Identifier: MIT
 *
 * power.c - the engine of power cuts, for cases.
 */
#include "power.h"
#include "data/pattern.h"
#include "env/env_impl.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct power {
    struct env *env;
    struct crash *crash;
    struct crash_setup setup;
    struct crash_limits limits;
    bool is_alone; /* one state is asked for */
    bool has_no_figures;
    uint64_t only;
    char kept[200]; /* "0.2.7", operations of a long workload; "": all */
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

ENV_NORETURN static void no_such_state(struct power *p)
{
    error(p->env, "'%s' is no state of this case", p->env->options->witness);
}

/* "WORKLOAD@POINT:CHOICES", or "WORKLOAD/KEPT@POINT:CHOICES". */
static void ask_for_one(struct power *p, const char *witness)
{
    size_t n = 0;

    p->is_alone = true;
    if (crash_number(&p->only, &witness))
        no_such_state(p);
    if (*witness == '/') {
        n = strcspn(++witness, "@");
        if (n == 0 || n >= sizeof(p->kept))
            no_such_state(p);
        snprintf(p->kept, sizeof(p->kept), "%.*s", (int)n, witness);
    }
    if (witness[n] != '@' || crash_only(p->crash, witness + n + 1))
        no_such_state(p);
}

static void drop_engine(void *arg)
{
    struct power *p = arg;

    crash_free(p->crash);
    p->crash = NULL;
}

static void renew(struct power *p)
{
    drop_engine(p);
    p->crash = crash_new(&p->setup, &p->limits);
    p->env->drop = drop_engine;
    p->env->drop_arg = p;
    crash_watch(p->crash, say, p->env);
}

struct power *power_open(struct env *env, const struct scenario *s,
                         const struct crash_limits *limits)
{
    struct power *p = case_alloc(env, sizeof(*p));

    p->env = env;
    p->setup = setup_of(env, s);
    if (limits)
        p->limits = *limits;
    p->limits.seed = env->options->seed;
    renew(p);
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

static bool names(const char *clauses, const char *clause, size_t len)
{
    while (*(clauses += strspn(clauses, " "))) {
        size_t n = strcspn(clauses, " ");

        if (n == len && memcmp(clauses, clause, n) == 0)
            return true;
        clauses += n;
    }
    return false;
}

/* The first of CLAUSES, blanks between, that the case names, and its length;
 * null: none of them. */
static const char *first_named(const struct env *env, size_t *len,
                               const char *clauses)
{
    while (*(clauses += strspn(clauses, " "))) {
        *len = strcspn(clauses, " ");
        if (names(env->self->clauses, clauses, *len))
            return clauses;
        clauses += *len;
    }
    return NULL;
}

/* The failure is the case's: of the first broken clause that the case names.
 * If it names none of them it is of the first of all, for any clause of the
 * chapter may be the one. */
static void charge(struct env *env, const struct crash_failure *f)
{
    size_t len = strlen(f->clause);
    const char *clause = first_named(env, &len, f->clauses);

    snprintf(env->out->clause, sizeof(env->out->clause), "%.*s", (int)len,
             clause ? clause : f->clause);
}

static bool is_about(const struct env *env, const struct crash_failure *f)
{
    size_t len;

    return first_named(env, &len, f->clauses) != NULL;
}

/* Of two failures, the one that the case is about. */
static const struct crash_failure *failure_of(struct power *p)
{
    const struct crash_failure *f = crash_failure(p->crash);
    const struct crash_failure *again = crash_failure_again(p->crash);

    if (again && !is_about(p->env, f) && is_about(p->env, again))
        crash_take_again(p->crash);
    return f;
}

static void violated(struct power *p, uint64_t index)
{
    const struct crash_failure *f = failure_of(p);
    struct env *env = p->env;

    if (f->witness[0])
        snprintf(env->out->witness, sizeof(env->out->witness),
                 "%s#%" PRIu64 "%s%s@%s", env->self->id, index,
                 p->kept[0] ? "/" : "", p->kept, f->witness);
    keep(p);
    charge(env, f);
    check_sign(env->out, CHECK_POWER, f->kind);
    snprintf(env->out->expected, sizeof(env->out->expected), "%s",
             f->expected);
    snprintf(env->out->got, sizeof(env->out->got), "%s", f->got);
    leave(env, V_FAIL);
}

/* Whether this process is to look at workload INDEX.  After a crash the next
 * process goes on with the next workload. */
static bool is_wanted(struct power *p, uint64_t index)
{
    struct env *env = p->env;

    if (p->is_alone)
        return index == p->only;
    if (index < env->options->resume)
        return false;
    env->out->resume = index + 1;
    return true;
}

static void report_figures(struct power *p)
{
    const struct crash_report *r = crash_report(p->crash);
    struct crash_report *out = &p->env->out->crash;

    if (!p->has_no_figures) {
        *out = *r;
        return;
    }
    for (unsigned i = 0; i < CRASH_N_METHODS; i++)
        out->methods |= (unsigned)(r->by[i] != 0) << i;
}

static void concluded(struct power *p, uint64_t index, int result)
{
    struct env *env = p->env;

    report_figures(p);
    count_check(env, first_clause(env));
    if (result)
        violated(p, index);
    if (!p->is_alone)
        return;
    if (!crash_was_met(p->crash))
        no_such_state(p);
    env->witness_was_met = 1;
    snprintf(env->out->got, sizeof(env->out->got), "%s",
             crash_failure(p->crash)->got);
    keep(p);
}

/* As is_wanted(), for a workload that has no parts. */
static bool is_wanted_whole(struct power *p, uint64_t index)
{
    if (p->kept[0])
        no_such_state(p);
    return is_wanted(p, index);
}

void power_run(struct power *p, uint64_t index, const struct crash_op *ops,
               uint32_t flags)
{
    if (is_wanted_whole(p, index))
        concluded(p, index, crash_run(p->crash, ops, flags));
}

/* ---- Long workloads ----------------------------------------------------- */

#define MAX_ATTEMPTS 200 /* at shrinking */

struct part {
    const struct crash_op *ops;
    uint32_t flags;
    size_t n;
    bool off[POWER_MAX_LONG]; /* left out */
    unsigned n_attempts;
};

static int run_part(struct power *p, struct part *l)
{
    struct crash_op ops[POWER_MAX_LONG + 1];
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        if (!l->off[i])
            ops[n++] = l->ops[i];
    ops[n] = (struct crash_op){CRASH_END, 0, 0};
    return crash_run(p->crash, ops, l->flags);
}

/* Leaves out N operations from I on, if the rest fails as well. */
static void try_without(struct power *p, struct part *l, size_t i, size_t n)
{
    bool was[POWER_MAX_LONG];

    memcpy(was, l->off, sizeof(was));
    for (size_t k = i; k < i + n && k < l->n; k++)
        l->off[k] = true;
    if (memcmp(was, l->off, sizeof(was)) == 0)
        return;
    if (l->n_attempts++ >= MAX_ATTEMPTS || run_part(p, l) == 0)
        memcpy(l->off, was, sizeof(was));
}

static void note_kept(struct power *p, const struct part *l)
{
    size_t used = 0;

    for (size_t i = 0; i < l->n && used < sizeof(p->kept); i++)
        if (!l->off[i])
            used += (size_t)snprintf(p->kept + used, sizeof(p->kept) - used,
                                     "%s%zu", used ? "." : "", i);
}

/* What is left is run once more, as a replay will run it. */
static void shrink(struct power *p, struct part *l)
{
    for (size_t part = l->n / 2; part; part /= 2)
        for (size_t i = 0; i < l->n; i += part)
            try_without(p, l, i, part);
    for (size_t i = 0; i < l->n; i++)
        try_without(p, l, i, 1);
    note_kept(p, l);
    renew(p);
    if (run_part(p, l) == 0)
        error(p->env, "a failing workload does not fail again: the "
                      "implementation is not deterministic");
}

/* Leaves out all but those that KEPT names, which are in order.  -1: it names
 * others. */
static int leave_out(struct part *l, const char *kept)
{
    uint64_t next = 0;
    uint64_t i;

    for (size_t k = 0; k < POWER_MAX_LONG; k++)
        l->off[k] = true;
    for (;; kept++) {
        if (crash_number(&i, &kept) || i < next || i >= l->n)
            return -1;
        l->off[i] = false;
        next = i + 1;
        if (*kept != '.')
            return *kept ? -1 : 0;
    }
}

void power_run_long(struct power *p, uint64_t index,
                    const struct crash_op *ops, uint32_t flags)
{
    struct part l = {.ops = ops, .flags = flags};
    int result;

    while (l.n < POWER_MAX_LONG && ops[l.n].kind != CRASH_END)
        l.n++;
    if (!is_wanted(p, index))
        return;
    if (p->kept[0] && leave_out(&l, p->kept))
        no_such_state(p);
    result = run_part(p, &l);
    if (result && !p->is_alone) {
        p->env->out->crash = *crash_report(p->crash);
        shrink(p, &l);
        count_check(p->env, first_clause(p->env));
        violated(p, index);
    }
    concluded(p, index, result);
}

void power_run_record(struct power *p, uint64_t index,
                      const struct crash_call *calls, size_t n_calls,
                      uint32_t flags)
{
    const struct record *r = disk_record(p->env->disk);

    if (is_wanted_whole(p, index))
        concluded(p, index,
                  crash_run_record(p->crash, r, calls, n_calls, flags));
}

void power_hide_figures(struct power *p)
{
    p->has_no_figures = true;
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
