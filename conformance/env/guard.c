/* SPDX-License-Identifier: MIT
 *
 * guard.c - buffers for the shim, at odd addresses between bytes that it must
 * not change.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <stdbool.h>
#include <string.h>

#define GUARD_LEN 64
#define GUARD_BYTE 0xc5
#define FRESH_BYTE 0x15 /* what a buffer to read into holds before */

struct guarded {
    struct guarded *next;
    size_t len;
    uint8_t *data;
    uint8_t memory[]; /* guard, data, guard */
};

struct guarded *guard(struct env *env, const void *data, size_t len)
{
    size_t room = len + 2 * GUARD_LEN;
    struct guarded *g = mem_raw(sizeof(*g) + room);

    g->len = len;
    g->data = g->memory + GUARD_LEN;
    if ((uintptr_t)g->data % 2 == 0)
        g->data--; /* odd on purpose */
    memset(g->memory, GUARD_BYTE, (size_t)(g->data - g->memory));
    memset(g->data + len, GUARD_BYTE,
           room - len - (size_t)(g->data - g->memory));
    if (data)
        memcpy(g->data, data, len);
    else
        memset(g->data, FRESH_BYTE, len);
    g->next = env->guards;
    env->guards = g;
    return g;
}

void *guard_data(struct guarded *g)
{
    return g->data;
}

void guard_free(struct env *env, struct guarded *g)
{
    struct guarded **at = &env->guards;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    mem_free(g);
}

static bool all_guard(const uint8_t *from, const uint8_t *end)
{
    while (from < end)
        if (*from++ != GUARD_BYTE)
            return false;
    return true;
}

void guard_check(struct env *env, struct guarded *g, const void *unchanged)
{
    const uint8_t *end = g->memory + g->len + 2 * GUARD_LEN;

    if (!all_guard(g->memory, g->data))
        fail_as(env, first_clause(env), CHECK_BUFFER, "before",
                "the call stays within its buffer",
                "bytes before the buffer were written");
    if (!all_guard(g->data + g->len, end))
        fail_as(env, first_clause(env), CHECK_BUFFER, "after",
                "the call stays within its buffer",
                "bytes after the buffer were written");
    if (unchanged && memcmp(g->data, unchanged, g->len) != 0)
        fail_as(env, first_clause(env), CHECK_INPUT, "data",
                "the call leaves its input alone", "the input was changed");
}
