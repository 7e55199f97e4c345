/* SPDX-License-Identifier: MIT
 *
 * execute.c - the implementation opens and reads the image on a medium, or
 * repeats a request there.
 */
#include "base/memory.h"
#include "engine.h"

#include <string.h>
#include <time.h>

enum { LEN = CRASH_SECTOR };

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t busy_begin(const struct report *r)
{
    return r->is_timed ? now_ns() : 0;
}

static void busy_end(struct report *r, uint64_t since)
{
    if (r->is_timed)
        r->figures.busy_ns += now_ns() - since;
}

/* Most sectors show the token of their own place, or what they held first:
 * then no table is looked into. */
static uint32_t identify(const struct setup *s, const uint8_t *data, size_t i)
{
    uint32_t id = s->first_token + (uint32_t)i;

    if (i < s->n_tokens && !memcmp(data, contents_at(s->contents, id), LEN))
        return id;
    id = i < s->n_first ? s->first[i] : 0;
    if (!memcmp(data, contents_at(s->contents, id), LEN))
        return id;
    return contents_put(s->contents, data);
}

/* N sectors, of those that are looked at from number I on. */
static int show_part(struct crash *c, struct shown *out, void *image, size_t i,
                     size_t n)
{
    uint64_t offset = spans_sector(&c->setup.spans, i) * LEN;
    uint64_t since;
    int result;

    since = busy_begin(&c->report);
    result =
        c->setup.given.shim->read(image, c->setup.buffer, n * LEN, offset);
    busy_end(&c->report, since);
    for (size_t k = 0; result == ADDCOW_OK && k < n; k++)
        out->ids[i + k] =
            identify(&c->setup, c->setup.buffer + k * LEN, i + k);
    return result;
}

static void show_all(struct crash *c, struct shown *out, void *image)
{
    const struct addcow_shim *shim = c->setup.given.shim;

    out->opened = shim->get_size(image, &out->size);
    if (out->opened)
        return;
    if (out->size > CRASH_MAX_LEN || out->size % LEN) {
        out->opened = ADDCOW_OTHER;
        return;
    }
    out->n = spans_count(&c->setup.spans, out->size / LEN);
    out->ids = mem_grow(out->ids, &out->room, out->n, sizeof(*out->ids));
    for (size_t i = 0, n; i < out->n && !out->opened; i += n) {
        n = spans_run(&c->setup.spans, i, out->n);
        if (n > BUFFER_LEN / LEN)
            n = BUFFER_LEN / LEN;
        out->opened = show_part(c, out, image, i, n);
    }
}

static int open_on(struct crash *c, void **out, struct medium_host *h,
                   uint32_t flags)
{
    struct addcow_open_args args = {.size = sizeof(args),
                                    .flags = flags,
                                    .name = c->setup.given.addcow.name};
    uint64_t since;
    int result;

    since = busy_begin(&c->report);
    result = c->setup.given.shim->open(out, &h->table, &args);
    busy_end(&c->report, since);
    c->report.figures.n_executions++;
    return result;
}

static int close_it(struct crash *c, void *image)
{
    uint64_t since;
    int result;

    since = busy_begin(&c->report);
    result = c->setup.given.shim->close(image);
    busy_end(&c->report, since);
    return result;
}

void show(struct crash *c, struct shown *out, struct medium *m, uint32_t flags)
{
    struct medium_host h;
    void *image = NULL;
    int closed;

    medium_host_init(&h, m, &c->setup.given);
    out->size = 0;
    out->n = 0;
    out->opened = open_on(c, &image, &h, flags);
    if (out->opened == ADDCOW_OK) {
        show_all(c, out, image);
        closed = close_it(c, image);
        if (out->opened == ADDCOW_OK)
            out->opened = closed;
    }
    out->written = h.written;
    out->bug = h.bug || h.n_open;
}

/* ---- Making a request again --------------------------------------------- */

static int create_again(struct crash *c, struct medium_host *h)
{
    struct addcow_create_args args = {
        .size = sizeof(args),
        .flags = c->setup.given.backing_name ? 0 : ADDCOW_CREATE_NO_BACKING,
        .name = c->setup.given.addcow.name,
        .image_name = c->setup.given.image_name,
        .backing_name = c->setup.given.backing_name};

    c->report.figures.n_executions++;
    medium_set_size(h->medium, F_ADDCOW, CRASH_ABSENT);
    return c->setup.given.shim->create(&h->table, &args);
}

static int call_again(struct crash *c, void *image, const struct call *call)
{
    const struct addcow_shim *shim = c->setup.given.shim;

    if (call->op.kind == CRASH_WRITE || call->op.kind == CRASH_ZEROS)
        return shim->write(image, call->data, (size_t)call->op.len,
                           call->op.offset);
    if (call->op.kind == CRASH_RESIZE)
        return shim->set_size(image, call->op.len);
    return ADDCOW_OK;
}

int do_again(struct crash *c, struct medium *m, const struct call *call)
{
    struct medium_host h;
    void *image = NULL;
    int result;
    int closed;

    medium_host_init(&h, m, &c->setup.given);
    c->report.figures.n_redone++;
    if (call->op.kind == CRASH_CREATE)
        return create_again(c, &h);
    result = open_on(c, &image, &h, ADDCOW_OPEN_WRITE | c->workload.flags);
    if (result != ADDCOW_OK)
        return result;
    result = call_again(c, image, call);
    if (result == ADDCOW_OK)
        result = c->setup.given.shim->flush(image);
    closed = close_it(c, image);
    return result == ADDCOW_OK ? closed : result;
}
