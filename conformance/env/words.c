/* SPDX-License-Identifier: MIT
 *
 * words.c - files and calls of the host, as a verdict speaks of them.
 *
 * A verdict has to be the same from run to run: where calls of the shim ran
 * at once, their order is left out.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_LEN 60 /* bytes of a name that are worth their place */

const char *shown_name(struct env *env, const char *name)
{
    size_t home = strlen(env->home);
    char *out = case_alloc(env, SHOWN_LEN + 1);
    size_t len;

    if (strncmp(name, env->home, home) == 0 && name[home] == '/')
        name += home + 1;
    len = strlen(name);
    if (len <= SHOWN_LEN)
        snprintf(out, SHOWN_LEN + 1, "%s", name);
    else
        snprintf(out, SHOWN_LEN + 1, "%.27s...%s", name, name + len - 30);
    return out;
}

static bool is_inode(struct env *env, uint64_t inode, const char *name)
{
    return name && inode == disk_inode(env->disk, name);
}

/* What the file is to the images that were made; null: nothing, or there are
 * several images, which have different names. */
static const char *role_of(struct env *env, uint64_t inode)
{
    const struct made *m = env->made;

    if (m && m->next)
        return NULL;
    if (is_inode(env, inode, m ? m->path : ADDCOW_NAME))
        return "the add-cow file";
    if (is_inode(env, inode, m ? m->image_path : IMAGE_NAME))
        return "the image file";
    if (is_inode(env, inode, m ? m->backing_path : BACKING_NAME))
        return "the backing file";
    return NULL;
}

/* The name by which the file was opened first. */
static const char *opened_name(struct env *env, uint64_t inode)
{
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_OPEN && e->inode == inode)
            return e->text;
    }
    return "?";
}

/* The file that E is about, also if it could not be opened. */
static uint64_t inode_of(struct env *env, const struct event *e)
{
    return e->inode || !e->text ? e->inode : disk_inode(env->disk, e->text);
}

static const char *file_words(struct env *env, const struct event *e)
{
    uint64_t inode = inode_of(env, e);
    const char *role = inode ? role_of(env, inode) : NULL;
    char *out;

    if (role)
        return role;
    out = case_alloc(env, SHOWN_LEN + 10);
    snprintf(out, SHOWN_LEN + 10, "\"%s\"",
             shown_name(env, e->text ? e->text : opened_name(env, inode)));
    return out;
}

/* 1st, 2nd, 3rd, 4th ... */
static const char *ordinal_end(size_t n)
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};

    return n % 10 < 4 && n / 10 % 10 != 1 ? ends[n % 10] : "th";
}

/* Adds ", during the 3rd call, flush": the call of the shim that made E. */
static void put_call(char *out, size_t size, struct env *env,
                     const struct event *e)
{
    const struct event *call = NULL;
    size_t n = 0;

    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *g = event_at(env, i);

        n += g->kind == EV_GUEST && g->began < e->began;
        if (g->kind == EV_GUEST && g->thread == e->thread &&
            g->began < e->began && (!g->ended || g->ended > e->began))
            call = g;
    }
    if (!call)
        return;
    if (env->n_threads)
        snprintf(out, size, ", during the call %s", call->text);
    else
        snprintf(out, size, ", during the %zu%s call, %s", n, ordinal_end(n),
                 call->text);
}

const char *event_words(struct env *env, size_t i)
{
    const struct event *e = event_at(env, i);
    const char *file = file_words(env, e);
    char *out = case_alloc(env, 512);
    size_t n;

    if (e->kind == EV_READ || e->kind == EV_WRITE)
        snprintf(out, 512, "%s of %zu byte%s at %" PRIu64 " of %s",
                 event_kind_name(e->kind), e->len, e->len == 1 ? "" : "s",
                 e->offset, file);
    else if (e->kind == EV_SET_SIZE)
        snprintf(out, 512, "set_size of %s to %" PRIu64 " bytes", file,
                 e->size);
    else
        snprintf(out, 512, "%s of %s", event_kind_name(e->kind), file);
    n = strlen(out);
    put_call(out + n, 512 - n, env, e);
    return out;
}

/* How many calls of the kind of E there were on its file, with E. */
static size_t number_of(struct env *env, const struct event *e)
{
    uint64_t inode = inode_of(env, e);
    size_t n = 0;

    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *other = event_at(env, i);

        n += other->kind == e->kind && other->began <= e->began &&
             inode_of(env, other) == inode;
    }
    return n;
}

/* "flush 2 of the image file with IO, during the 3rd call, flush" */
static void put_refusal(char *out, size_t size, struct env *env,
                        const struct event *e)
{
    const char *kind = event_kind_name(e->kind);
    const char *class = class_name(e->result);
    size_t n;

    if (env->n_threads) {
        snprintf(out, size, "%s of %s with %s", kind, file_words(env, e),
                 class);
        return;
    }
    snprintf(out, size, "%s %zu of %s with %s", kind, number_of(env, e),
             file_words(env, e), class);
    n = strlen(out);
    put_call(out + n, size - n, env, e);
}

const char *refusal_words(struct env *env)
{
    const struct event *first = NULL;
    char *out = case_alloc(env, 512);
    size_t n_more = 0;
    size_t n;

    if (!env->disk || env->calls)
        return out;
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        n_more += first && e->is_refused;
        if (!first && e->is_refused)
            first = e;
    }
    if (!first)
        return out;
    if (n_more && env->n_threads) {
        snprintf(out, 512, "the host failed several calls");
        return out;
    }
    snprintf(out, 512, "the host failed ");
    put_refusal(out + strlen(out), 512 - strlen(out), env, first);
    n = strlen(out);
    if (n_more)
        snprintf(out + n, 512 - n, ", and %zu more call%s", n_more,
                 n_more == 1 ? "" : "s");
    return out;
}
