/* SPDX-License-Identifier: MIT
 *
 * replay.c - the content of a file, event by event.  See replay.h.
 */
#include "replay.h"

#include <stdbool.h>
#include <string.h>

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

/* Sets the length of C; what is new is zeros. */
static void set_len(struct env *env, struct content *c, size_t len)
{
    if (len > c->room) {
        size_t room = len + len / 2 + 4096;
        uint8_t *data = case_alloc(env, room);

        if (c->len)
            memcpy(data, c->data, c->len);
        c->data = data;
        c->room = room;
    }
    if (len > c->len)
        memset(c->data + c->len, 0, len - c->len);
    c->len = len;
}

static void copy(struct env *env, struct content *to,
                 const struct content *from)
{
    to->len = 0;
    to->exists = from->exists;
    set_len(env, to, from->len);
    if (from->len)
        memcpy(to->data, from->data, from->len);
}

static void write_content(struct env *env, struct content *c,
                          const struct event *e)
{
    size_t offset = (size_t)e->offset;

    if (!e->n_applied)
        return;
    if (offset + e->n_applied > c->len)
        set_len(env, c, offset + e->n_applied);
    memcpy(c->data + offset, e->data, e->n_applied);
}

struct content content_get(struct env *env, const char *name)
{
    struct content c = {0};

    c.exists = file_exists(env, name);
    if (c.exists) {
        set_len(env, &c, (size_t)file_size(env, name));
        if (c.len)
            get_bytes(env, name, c.data, c.len, 0);
    }
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

static int names(const struct replay *r, const struct event *e)
{
    return e->result == ADDCOW_OK && e->text &&
           !strcmp(last_component(e->text), r->name);
}

static void opened(struct replay *r, const struct event *e)
{
    r->inode = e->inode;
    if (e->flags & ADDCOW_FILE_CREATE) {
        r->visible.exists = 1;
        r->visible.len = 0;
    }
}

void replay_init(struct replay *r, struct env *env, const char *name)
{
    size_t i, n = n_events(env);

    memset(r, 0, sizeof(*r));
    r->env = env;
    r->name = last_component(name);
    for (i = 0; i < n; i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_OPEN && names(r, e))
            r->inode = e->inode;
    }
    r->next = n;
    r->visible = content_get(env, name);
    copy(env, &r->durable, &r->visible);
}

/* An event of the file itself, told by its inode. */
static void apply_to_file(struct replay *r, const struct event *e)
{
    if (e->kind == EV_WRITE) {
        write_content(r->env, &r->visible, e);
    } else if (e->kind == EV_SET_SIZE && e->result == ADDCOW_OK) {
        set_len(r->env, &r->visible, (size_t)e->size);
    } else if (e->kind == EV_FLUSH) {
        if (e->result == ADDCOW_OK)
            copy(r->env, &r->durable, &r->visible);
        else if (e->dropped)
            copy(r->env, &r->visible, &r->durable);
    }
}

static void apply(struct replay *r, const struct event *e)
{
    if (e->kind == EV_OPEN && names(r, e)) {
        opened(r, e);
    } else if (e->kind == EV_REMOVE && names(r, e)) {
        r->visible.exists = 0;
        r->visible.len = 0;
        r->inode = 0;
    } else if (r->inode && e->inode == r->inode) {
        apply_to_file(r, e);
    }
}

void replay_until(struct replay *r, size_t end)
{
    while (r->next < end)
        apply(r, event_at(r->env, r->next++));
}

int replay_concerns(const struct replay *r, size_t i)
{
    const struct event *e = event_at(r->env, i);

    if (e->kind == EV_OPEN)
        return names(r, e) && (e->flags & ADDCOW_FILE_CREATE);
    if (e->kind == EV_REMOVE)
        return names(r, e);
    return r->inode && e->inode == r->inode &&
           (e->kind == EV_WRITE || e->kind == EV_SET_SIZE ||
            e->kind == EV_FLUSH);
}
