/* SPDX-License-Identifier: MIT
 *
 * content.c - the content of a file, event by event.  See content.h.
 */
#include "content.h"
#include "crash/medium.h"
#include "disk/replay.h"
#include "env/env_impl.h"

#include <stdbool.h>
#include <string.h>

/* C becomes what S holds; null: no file. */
static void load(struct env *env, struct content *c, const struct store *s)
{
    c->exists = s != NULL;
    c->len = s ? (size_t)store_size(s) : 0;
    if (c->len > c->room) {
        c->room = c->len + c->len / 2 + 4096;
        c->data = case_alloc(env, c->room);
    }
    if (s)
        store_read(s, c->data, c->len, 0);
}

struct content content_get(struct env *env, const char *name)
{
    struct content c = {0};

    if (file_exists(env, name))
        load(env, &c, keep_view(env, name));
    return c;
}

void content_put(struct env *env, const char *name, const struct content *c)
{
    if (!c->exists) {
        if (file_exists(env, name))
            remove_file(env, name);
        return;
    }
    put_file(env, name, c->len);
    if (c->len)
        put_bytes(env, name, c->data, c->len, 0);
}

bool content_equal(const struct content *a, const struct content *b)
{
    if (a->exists != b->exists || a->len != b->len)
        return false;
    return !a->len || !memcmp(a->data, b->data, a->len);
}

bool content_bit(const struct content *c, uint64_t cluster)
{
    uint64_t offset = HEADER_LEN + cluster / 8;

    return offset < c->len && (c->data[offset] >> (cluster % 8) & 1);
}

static int names(const struct followed *f, const struct event *e)
{
    return e->result == ADDCOW_OK && e->text &&
           !strcmp(last_component(e->text), f->name);
}

/* The file that has the name now, as the events so far tell. */
static void note_inode(struct followed *f, const struct event *e)
{
    if (e->kind == EV_OPEN && names(f, e))
        f->inode = e->inode;
    if (e->kind == EV_REMOVE && names(f, e))
        f->inode = 0;
}

static void show(struct followed *f)
{
    struct store *durable = replay_durable(f->replay);

    load(f->env, &f->visible, replay_visible(f->replay));
    load(f->env, &f->durable, durable);
    store_free(durable);
}

void follow_init(struct followed *f, struct env *env, const char *name)
{
    size_t n = n_events(env);

    memset(f, 0, sizeof(*f));
    f->env = env;
    f->name = last_component(name);
    for (size_t i = 0; i < n; i++)
        note_inode(f, event_at(env, i));
    f->next = n;
    f->replay =
        keep_replay(env, file_exists(env, name) ? keep_view(env, name) : NULL);
    show(f);
}

int follow_concerns(const struct followed *f, size_t i)
{
    const struct event *e = event_at(f->env, i);

    if (e->kind == EV_OPEN)
        return names(f, e) && (e->flags & ADDCOW_FILE_CREATE);
    if (e->kind == EV_REMOVE)
        return names(f, e);
    return f->inode && e->inode == f->inode &&
           (e->kind == EV_WRITE || e->kind == EV_SET_SIZE ||
            e->kind == EV_FLUSH);
}

void follow_until(struct followed *f, size_t end)
{
    bool has_changed = false;

    for (; f->next < end; f->next++) {
        const struct event *e = event_at(f->env, f->next);

        if (follow_concerns(f, f->next)) {
            replay_event(f->replay, e);
            has_changed = true;
        }
        note_inode(f, e);
    }
    if (has_changed)
        show(f);
}
