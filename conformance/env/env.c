/* SPDX-License-Identifier: MIT
 *
 * env.c - what every part of the world needs: how a case is left, what the
 * shim can do, memory and random numbers.  Calls no other part but words.c.
 */
#include "env.h"
#include "base/memory.h"
#include "env_impl.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct chunk {
    struct chunk *next;
    max_align_t bytes[];
};

void *case_alloc(struct env *env, size_t len)
{
    struct chunk *c = mem_new(1, sizeof(*c) + len);

    c->next = env->memory;
    env->memory = c;
    return c->bytes;
}

void case_free_all(struct env *env)
{
    while (env->memory) {
        struct chunk *next = env->memory->next;

        mem_free(env->memory);
        env->memory = next;
    }
    env->scratch = NULL;
    env->scratch_len = 0;
}

void leave(struct env *env, enum verdict verdict)
{
    env->out->verdict = verdict;
    longjmp(*env->leave, 1);
}

const struct addcow_shim *the_shim(struct env *env)
{
    return env->shim;
}

bool has_cap(struct env *env, uint64_t caps)
{
    return (env->shim->capabilities & caps) == caps;
}

void need_cap(struct env *env, uint64_t caps)
{
    if (!has_cap(env, caps))
        skip_na(env, "capability");
}

bool is_simulated(struct env *env)
{
    return env->disk != NULL;
}

void need_simulated(struct env *env)
{
    if (!is_simulated(env))
        skip_na(env, "storage");
}

char choice_of(struct env *env, const char *point)
{
    const struct addcow_choice *c = env->shim->choices;

    for (; c && c->clause; c++)
        if (strcmp(c->clause, point) == 0 && c->choice)
            return c->choice[0];
    return 0;
}

bool takes_bytes(struct env *env)
{
    return choice_of(env, "IMPL-2") == 'a';
}

void skip_na(struct env *env, const char *reason)
{
    snprintf(env->out->reason, sizeof(env->out->reason), "%s", reason);
    leave(env, V_NA);
}

void error(struct env *env, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(env->out->got, sizeof(env->out->got), fmt, args);
    va_end(args);
    leave(env, V_ERROR);
}

/* Whether the case names CLAUSE. */
static bool names_clause(const struct env *env, const char *clause)
{
    const char *p = env->self->clauses;
    size_t len = strlen(clause);

    while (*(p += strspn(p, " "))) {
        size_t n = strcspn(p, " ");

        if (n == len && memcmp(p, clause, n) == 0)
            return true;
        p += n;
    }
    return false;
}

const char *first_clause(struct env *env)
{
    size_t len = strcspn(env->self->clauses, " ");
    char *clause = case_alloc(env, len + 1);

    memcpy(clause, env->self->clauses, len);
    return clause;
}

/* What the host failed is part of what was got. */
static ENV_PRINTF(6, 0) ENV_NORETURN
    void fail_with(struct env *env, const char *clause, enum check check,
                   const char *seen, const char *want, const char *got_fmt,
                   va_list args)
{
    struct outcome *out = env->out;
    const char *refused = refusal_words(env);
    size_t n;

    snprintf(out->clause, sizeof(out->clause), "%s", clause);
    check_sign(out, check, seen);
    snprintf(out->expected, sizeof(out->expected), "%s", want);
    vsnprintf(out->got, sizeof(out->got), got_fmt, args);
    n = strlen(out->got);
    if (refused[0])
        snprintf(out->got + n, sizeof(out->got) - n, "; %s", refused);
    leave(env, V_FAIL);
}

/* A check of a clause that the case does not name is the suite's fault. */
static void need_named(struct env *env, const char *clause)
{
    if (!names_clause(env, clause))
        error(env, "the case checks %s, which it does not name", clause);
}

void fail(struct env *env, const char *clause, const char *want,
          const char *got_fmt, ...)
{
    va_list args;

    need_named(env, clause);
    va_start(args, got_fmt);
    fail_with(env, clause, CHECK_CASE, "otherwise", want, got_fmt, args);
}

void fail_as(struct env *env, const char *clause, enum check check,
             const char *seen, const char *want, const char *got_fmt, ...)
{
    va_list args;

    need_named(env, clause);
    va_start(args, got_fmt);
    fail_with(env, clause, check, seen, want, got_fmt, args);
}

void fail_outside(struct env *env, const char *clause, enum check check,
                  const char *seen, const char *want, const char *got_fmt, ...)
{
    va_list args;

    va_start(args, got_fmt);
    fail_with(env, clause, check, seen, want, got_fmt, args);
}

void count_check(struct env *env, const char *clause)
{
    need_named(env, clause);
    env->out->n_checks++;
}

void doing(struct env *env, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(env->out->doing, sizeof(env->out->doing), fmt, args);
    va_end(args);
}

/* splitmix64 */
static uint64_t rng_u64(struct env *env)
{
    uint64_t z = env->rng += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t rng_below(struct env *env, uint64_t n)
{
    return rng_u64(env) % n;
}
