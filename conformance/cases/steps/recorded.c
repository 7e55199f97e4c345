/* SPDX-License-Identifier: MIT
 *
 * recorded.c - see recorded.h.
 */
#include "recorded.h"
#include "create.h"
#include "data/pattern.h"
#include "env/env_impl.h"

#include <string.h>

void recorded_begin(struct recorded *r, struct env *env,
                    const struct scenario *s)
{
    new_storage(env);
    r->env = env;
    r->flags = s->flags;
    r->img = NULL;
    r->n = 0;
    if (s->is_new)
        put_inputs(env, s->image_len, s->backing_len);
    else
        make_image(env, &(struct image_recipe){.image_size = s->image_len,
                                               .backing_size = s->backing_len,
                                               .no_backing = !s->backing_len,
                                               .set = s->set});
}

int recorded_open(struct recorded *r)
{
    return img_open(r->env, &r->img, ADDCOW_NAME,
                    ADDCOW_OPEN_WRITE | r->flags);
}

static uint8_t *room_for(struct recorded *r, size_t len)
{
    size_t i = r->n - 1;

    if (r->room_lens[i] < len) {
        r->rooms[i] = case_alloc(r->env, len);
        r->room_lens[i] = len;
    }
    return r->rooms[i];
}

static int write_data(struct recorded *r, struct crash_call *call)
{
    size_t len = (size_t)call->op.len;
    uint8_t *data = room_for(r, len);

    if (call->op.kind == CRASH_WRITE)
        pattern_fill(data, len, call->op.offset, next_tag(r->env));
    else
        memset(data, 0, len);
    call->data = data;
    return img_write(r->img, data, len, call->op.offset);
}

static int create(struct recorded *r, const struct crash_op *op)
{
    struct addcow_create_args args =
        create_args(op->len ? ADDCOW_CREATE_REPLACE : 0);

    return shim_create(r->env, &args);
}

static int leave_image(struct recorded *r)
{
    struct img *img = r->img;

    r->img = NULL;
    return img_close(img);
}

/* A process that ends calls nobody; the next one is seen when it opens. */
static int forget_image(struct recorded *r)
{
    r->img = NULL;
    return recorded_open(r);
}

static int request(struct recorded *r, struct crash_call *call)
{
    switch (call->op.kind) {
    case CRASH_WRITE:
    case CRASH_ZEROS:
        return write_data(r, call);
    case CRASH_FLUSH:
        return img_flush(r->img);
    case CRASH_RESIZE:
        return img_set_size(r->img, call->op.len);
    case CRASH_CREATE:
        return create(r, &call->op);
    case CRASH_REOPEN:
    case CRASH_CLOSE:
        return leave_image(r);
    case CRASH_KILL:
        return forget_image(r);
    default:
        error(r->env, "operation %d is not recorded", (int)call->op.kind);
    }
}

int recorded_do(struct recorded *r, const struct crash_op *op)
{
    size_t first = n_events(r->env);
    struct crash_call *call = &r->calls[r->n];

    if (r->n++ == RECORDED_MAX)
        error(r->env, "more than %d operations", RECORDED_MAX);
    *call = (struct crash_call){.op = *op};
    call->result = request(r, call);
    call->began = event_at(r->env, first)->began;
    call->ended = event_at(r->env, first)->ended;
    return call->result;
}

void recorded_end(struct recorded *r)
{
    clear_faults(r->env);
    record_pause(disk_record(r->env->disk));
    drop_images(r->env);
    r->img = NULL;
}
