/* SPDX-License-Identifier: MIT
 *
 * shrink.c - a list of things to do that fails is made as short as it will
 * go: parts are left out, halves first, as long as the rest fails.
 *
 * Deliberately missing: making what is done smaller.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_ATTEMPTS 400 /* at shrinking */

struct run {
    const struct list *list;
    uint8_t *off; /* not 0: left out */
    unsigned n_attempts;
};

/* Does the list in a new world.  V_PASS, or how it ended. */
static enum verdict attempt(struct env *env, struct run *r)
{
    jmp_buf *outer = env->leave;
    jmp_buf here;

    r->n_attempts++;
    new_world(env);
    env->out->verdict = V_PASS;
    env->leave = &here;
    if (setjmp(here) == 0)
        r->list->perform(env, r->list->arg, r->off);
    env->leave = outer;
    return env->out->verdict;
}

/* Leaves out N from I on, if the rest fails as well. */
static void try_without(struct env *env, struct run *r, size_t i, size_t n)
{
    uint8_t *kept;

    if (r->n_attempts >= MAX_ATTEMPTS)
        return;
    kept = mem_copy(r->off, r->list->n);
    for (size_t k = i; k < i + n && k < r->list->n; k++)
        r->off[k] = 1;
    if (memcmp(kept, r->off, r->list->n) != 0 && attempt(env, r) != V_FAIL)
        memcpy(r->off, kept, r->list->n);
    mem_free(kept);
}

static void shrink(struct env *env, struct run *r)
{
    size_t n = r->list->n;

    for (size_t part = n / 2; part; part /= 2)
        for (size_t i = 0; i < n; i += part)
            try_without(env, r, i, part);
    for (size_t i = 0; i < n; i++)
        try_without(env, r, i, 1);
}

/* Does what remains once more, for the evidence, and fails as it does. */
static void give_up(struct env *env, struct run *r)
{
    char words[700];
    size_t n;

    shrink(env, r);
    if (attempt(env, r) != V_FAIL)
        error(env,
              "a failing workload does not fail again (seed %" PRIu64
              "): the implementation is not deterministic",
              env->options->seed);
    r->list->tell(words, sizeof(words), r->list->arg, r->off);
    n = strlen(env->out->got);
    snprintf(env->out->got + n, sizeof(env->out->got) - n,
             ", after (seed %" PRIu64 "): %s", env->options->seed, words);
    mem_free(r->off);
    mem_free(r->list->owned);
    leave(env, V_FAIL);
}

void run_list(struct env *env, const struct list *list)
{
    struct run r = {.list = list, .off = mem_new(list->n + 1, 1)};
    enum verdict v = attempt(env, &r);

    if (v == V_FAIL)
        give_up(env, &r);
    mem_free(r.off);
    mem_free(list->owned);
    if (v != V_PASS)
        leave(env, v);
    env->out->verdict = V_NONE;
}
