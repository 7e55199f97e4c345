/* SPDX-License-Identifier: MIT
 *
 * call.c - the calls of the shim, each under watch.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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
        fail(env, first_clause(env), "the call stays within its buffer",
             "bytes before the buffer were written");
    if (!all_guard(g->data + g->len, end))
        fail(env, first_clause(env), "the call stays within its buffer",
             "bytes after the buffer were written");
    if (unchanged && memcmp(g->data, unchanged, g->len) != 0)
        fail(env, first_clause(env), "the call leaves its input alone",
             "the input was changed");
}

/* ---- Results */

const char *result_name(int result)
{
    static const char *const names[] = {
        "INVALID (-1001)",   "NOT_ADDCOW (-1002)", "VERSION (-1003)",
        "CORRUPT (-1004)",   "NOT_FOUND (-1005)",  "EXISTS (-1006)",
        "RANGE (-1007)",     "IO (-1008)",         "NO_SPACE (-1009)",
        "READ_ONLY (-1010)", "NO_MEMORY (-1011)",  "OTHER (-1012)"};

    if (result == ADDCOW_OK)
        return "success (0)";
    if (result == ADDCOW_UNIMPLEMENTED)
        return "UNIMPLEMENTED (-89)";
    if (result <= ADDCOW_INVALID && result >= ADDCOW_OTHER)
        return names[ADDCOW_INVALID - result];
    return NULL;
}

void check_result(struct env *env, int result)
{
    if (result_name(result)) {
        env->out->n_refused += result != ADDCOW_OK;
        return;
    }
    if (result > 0)
        fail(
            env, first_clause(env), "a result of enum addcow_result",
            "%d: a positive number is never a result (errno would say \"%s\")",
            result, strerror(result));
    if (result > -1000)
        fail(env, first_clause(env), "a result of enum addcow_result",
             "%d: looks like -errno (\"%s\") instead of an ADDCOW_ result",
             result, strerror(-result));
    fail(env, first_clause(env), "a result of enum addcow_result",
         "%d, which is none", result);
}

void check_conduct(struct env *env)
{
    if (env->disk && disk_bug(env->disk))
        fail(env, first_clause(env), "the host is used as addcow_shim.h says",
             "%s", disk_bug(env->disk));
}

const struct addcow_host *host_of(struct env *env)
{
    return env->disk ? disk_host(env->disk) : NULL;
}

/* Begins the call that doing() has told of. */
static size_t enter(struct env *env)
{
    note_base(env);
    return env->disk ? disk_enter(env->disk, env->out->doing) : 0;
}

static int left(struct env *env, size_t mark, int result)
{
    if (env->disk)
        disk_leave(env->disk, mark, result);
    check_conduct(env);
    check_result(env, result);
    return result;
}

static unsigned n_handles(const struct env *env)
{
    return env->disk ? disk_n_handles(env->disk) : 0;
}

/* After a call that must not leave more files open than N. */
static void check_leak(struct env *env, unsigned n, const char *call)
{
    if (n_handles(env) > n)
        fail(env, first_clause(env),
             "what a call opened is closed when it is over",
             "\"%s\" is still open after %s", disk_leak(env->disk), call);
}

static struct env *usable(struct img *img)
{
    if (!img->is_open)
        error(img->env, "the case uses an image that it has closed");
    return img->env;
}

/* ---- Open and close */

static struct img *new_img(struct env *env, void *handle, const char *name,
                           uint32_t flags, size_t first_event)
{
    struct img *img = mem_new(1, sizeof(*img));
    struct made *m;

    img->env = env;
    img->handle = handle;
    img->is_open = 1;
    img->flags = flags;
    img->path = path_from(env, env->cwd, name);
    img->first_event = first_event;
    m = made_of(env, img->path);
    if (m) {
        img->oracle = m->oracle;
        img->image_path = m->image_path;
    }
    img->next = env->imgs;
    env->imgs = img;
    return img;
}

int img_open(struct env *env, struct img **out, const char *name,
             uint32_t flags)
{
    struct addcow_open_args args = {sizeof(args), flags, name};
    struct addcow_open_args copy = args;
    unsigned n = n_handles(env);
    void *handle = NULL;
    size_t mark;
    int r;

    doing(env, "open \"%s\"%s%s", name,
          flags & ADDCOW_OPEN_WRITE ? " for writing" : "",
          flags & ADDCOW_OPEN_WRITETHROUGH ? ", writethrough" : "");
    mark = enter(env);
    r = left(env, mark, env->shim->open(&handle, host_of(env), &args));
    if (memcmp(&args, &copy, sizeof(args)) != 0)
        fail(env, first_clause(env), "the call leaves its input alone",
             "open() changed its arguments");
    if (r)
        check_leak(env, n, "a refused open()");
    else
        *out = new_img(env, handle, name, flags, mark);
    return r;
}

static bool others_open(const struct env *env)
{
    for (const struct img *i = env->imgs; i; i = i->next)
        if (i->is_open)
            return true;
    return false;
}

int img_close(struct img *img)
{
    struct env *env = usable(img);
    int durable = img->oracle && (img->flags & ADDCOW_OPEN_WRITE);
    uint64_t op = durable ? oracle_flush_begin(img->oracle) : 0;
    size_t mark;
    int r;

    doing(env, "close \"%s\"", img->path);
    mark = enter(env);
    r = env->shim->close(img->handle);
    img->is_open = 0;
    r = left(env, mark, r);
    if (durable)
        oracle_flush_end(img->oracle, op, r == ADDCOW_OK);
    if (!others_open(env))
        check_leak(env, 0, "close()");
    return r;
}

/* ---- Inside an image */

int img_get_size(struct img *img, uint64_t *out)
{
    struct env *env = usable(img);
    size_t mark;
    int r;

    doing(env, "get the size of \"%s\"", img->path);
    mark = enter(env);
    r = left(env, mark, env->shim->get_size(img->handle, out));
    if (!r && img->size_known && img->size != *out)
        fail(env, first_clause(env), "get_size() answers the same each time",
             "%" PRIu64 ", before it was %" PRIu64, *out, img->size);
    if (!r) {
        img->size_known = 1;
        img->size = *out;
    }
    return r;
}

int img_read(struct img *img, void *out, size_t len, uint64_t offset)
{
    struct env *env = usable(img);
    struct guarded *g = guard(env, NULL, len);
    size_t mark;
    int r;

    doing(env, "read %zu bytes at %" PRIu64, len, offset);
    mark = enter(env);
    r = left(env, mark, env->shim->read(img->handle, g->data, len, offset));
    guard_check(env, g, NULL);
    if (!r && len)
        memcpy(out, g->data, len);
    guard_free(env, g);
    return r;
}

/* The oracle of an image that may be changed, or null. */
static struct oracle *writable(const struct img *img)
{
    return img->flags & ADDCOW_OPEN_WRITE ? img->oracle : NULL;
}

/* Under writethrough what succeeded is durable. */
static void note_durable(struct img *img, struct oracle *o, int ok)
{
    if (ok && (img->flags & ADDCOW_OPEN_WRITETHROUGH))
        oracle_flush_end(o, oracle_flush_begin(o), 1);
}

int img_write(struct img *img, const void *data, size_t len, uint64_t offset)
{
    struct env *env = usable(img);
    struct oracle *o = writable(img);
    struct guarded *g;
    uint64_t op;
    size_t mark;
    int r;

    if (!env->shim->write)
        return ADDCOW_UNIMPLEMENTED;
    g = guard(env, data, len);
    op = o ? oracle_write_begin(o, data, len, offset) : 0;
    doing(env, "write %zu bytes at %" PRIu64, len, offset);
    mark = enter(env);
    r = left(env, mark, env->shim->write(img->handle, g->data, len, offset));
    guard_check(env, g, data);
    guard_free(env, g);
    if (o) {
        oracle_write_end(o, op, r == ADDCOW_OK);
        note_durable(img, o, r == ADDCOW_OK);
    }
    return r;
}

int img_flush(struct img *img)
{
    struct env *env = usable(img);
    struct oracle *o = writable(img);
    uint64_t op = o ? oracle_flush_begin(o) : 0;
    size_t mark;
    int r;

    if (!env->shim->flush)
        return ADDCOW_UNIMPLEMENTED;
    doing(env, "flush");
    mark = enter(env);
    r = left(env, mark, env->shim->flush(img->handle));
    if (o)
        oracle_flush_end(o, op, r == ADDCOW_OK);
    return r;
}

int img_set_size(struct img *img, uint64_t size)
{
    struct env *env = usable(img);
    size_t mark;
    int r;

    if (!env->shim->set_size)
        return ADDCOW_UNIMPLEMENTED;
    doing(env, "set the size to %" PRIu64, size);
    mark = enter(env);
    r = left(env, mark, env->shim->set_size(img->handle, size));
    img->size_known = 0;
    if (!r && writable(img))
        oracle_resize(img->oracle, size);
    return r;
}

int img_map(struct img *img, uint64_t *out_len, uint32_t *out_state,
            uint64_t len, uint64_t offset)
{
    struct env *env = usable(img);
    size_t mark;

    if (!env->shim->map)
        return ADDCOW_UNIMPLEMENTED;
    doing(env, "map %" PRIu64 " bytes at %" PRIu64, len, offset);
    mark = enter(env);
    return left(env, mark,
                env->shim->map(img->handle, out_len, out_state, len, offset));
}

int img_discard(struct img *img, uint64_t len, uint64_t offset)
{
    struct env *env = usable(img);
    size_t mark;
    int r;

    if (!env->shim->discard)
        return ADDCOW_UNIMPLEMENTED;
    doing(env, "discard %" PRIu64 " bytes at %" PRIu64, len, offset);
    mark = enter(env);
    r = left(env, mark, env->shim->discard(img->handle, len, offset));
    if (writable(img))
        oracle_discard(img->oracle, len, offset, r == ADDCOW_OK);
    return r;
}

/* ---- Without an image */

int shim_probe(struct env *env, const void *head, size_t len)
{
    struct guarded *g;
    int r;

    if (!env->shim->probe)
        return ADDCOW_UNIMPLEMENTED;
    g = guard(env, head, len);
    doing(env, "probe %zu bytes", len);
    r = env->shim->probe(g->data, len);
    check_conduct(env);
    check_result(env, r);
    guard_check(env, g, head);
    guard_free(env, g);
    return r;
}

int shim_create(struct env *env, const struct addcow_create_args *args)
{
    struct addcow_create_args copy = *args;
    unsigned n = n_handles(env);
    size_t mark;
    int r;

    if (!env->shim->create)
        return ADDCOW_UNIMPLEMENTED;
    copy.size = sizeof(copy);
    doing(env, "create \"%s\" over \"%.60s\"", args->name,
          args->image_name ? args->image_name : "(null)");
    mark = enter(env);
    r = left(env, mark, env->shim->create(host_of(env), &copy));
    check_leak(env, n, "create()");
    return r;
}

int shim_check_into(struct env *env, struct addcow_check_result *out,
                    const char *name)
{
    struct addcow_check_args args = {sizeof(args), 0, name};
    unsigned n = n_handles(env);
    size_t mark;
    int r;

    if (!env->shim->check)
        return ADDCOW_UNIMPLEMENTED;
    doing(env, "check \"%s\"", name);
    mark = enter(env);
    r = left(env, mark, env->shim->check(out, host_of(env), &args));
    env->out->n_refused += r == ADDCOW_OK && out->errors > 0;
    check_leak(env, n, "check()");
    return r;
}

int shim_check(struct env *env, struct addcow_check_result *out,
               const char *name)
{
    memset(out, 0, sizeof(*out));
    out->size = sizeof(*out);
    return shim_check_into(env, out, name);
}

/* ---- In short */

uint32_t next_tag(struct env *env)
{
    return TAG_WRITE | (++env->n_writes & TAG_NUMBER);
}

static int write_guarded(struct img *img, struct guarded *g, uint64_t offset)
{
    int r = img_write(img, g->data, g->len, offset);

    guard_free(img->env, g);
    return r;
}

int write_new(struct img *img, size_t len, uint64_t offset)
{
    struct guarded *g = guard(img->env, NULL, len);

    pattern_fill(g->data, len, offset, next_tag(img->env));
    return write_guarded(img, g, offset);
}

int write_zeros(struct img *img, size_t len, uint64_t offset)
{
    struct guarded *g = guard(img->env, NULL, len);

    memset(g->data, 0, len);
    return write_guarded(img, g, offset);
}

static void must(struct env *env, int result)
{
    if (result == ADDCOW_UNIMPLEMENTED)
        leave(env, V_UNIMPL);
    if (result)
        fail(env, first_clause(env), "success", "%s", result_name(result));
}

struct img *must_open(struct env *env, const char *name, uint32_t flags)
{
    struct img *img = NULL;

    must(env, img_open(env, &img, name, flags));
    return img;
}

struct img *open_image(struct env *env, uint32_t flags)
{
    return must_open(env, ADDCOW_NAME, flags);
}

void must_write(struct img *img, size_t len, uint64_t offset)
{
    must(img->env, write_new(img, len, offset));
}

void must_flush(struct img *img)
{
    must(img->env, img_flush(img));
}

void must_close(struct img *img)
{
    must(img->env, img_close(img));
}

uint64_t img_size(struct img *img)
{
    uint64_t size = 0;

    must(img->env, img_get_size(img, &size));
    return size;
}

struct oracle *oracle_of(struct img *img)
{
    return img->oracle;
}

void img_track(struct img *img, struct oracle *o)
{
    img->oracle = o;
}
