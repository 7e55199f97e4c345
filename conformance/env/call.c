/* SPDX-License-Identifier: MIT
 *
 * call.c - the calls of the shim, each under watch: its words, its place in
 * the recording, its result, and what the oracle learns from it.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- Results */

void check_result(struct env *env, int result)
{
    if (result_name(result)) {
        env->out->n_refused += result != ADDCOW_OK;
        return;
    }
    if (result > 0 && result < 200)
        fail_as(
            env, first_clause(env), CHECK_RESULT, "positive",
            "a result of enum addcow_result",
            "%d: a positive number is never a result (errno would say \"%s\")",
            result, strerror(result));
    if (result > 0)
        fail_as(env, first_clause(env), CHECK_RESULT, "positive",
                "a result of enum addcow_result",
                "%d: a positive number is never a result", result);
    if (result > -1000)
        fail_as(env, first_clause(env), CHECK_RESULT, "errno",
                "a result of enum addcow_result",
                "%d: looks like -errno (\"%s\") instead of an ADDCOW_ result",
                result, strerror(-result));
    fail_as(env, first_clause(env), CHECK_RESULT, "no-result",
            "a result of enum addcow_result", "%d, which is not one", result);
}

void check_conduct(struct env *env)
{
    if (env->disk && disk_bug(env->disk))
        fail_as(env, first_clause(env), CHECK_CONDUCT, "misuse",
                "the host is used as addcow_shim.h says", "%s",
                disk_bug(env->disk));
}

static const struct addcow_host *host_of(struct env *env)
{
    return env->disk ? disk_host(env->disk) : NULL;
}

/* Begins a call of the shim, which the words FMT describe: what is between
 * this and end_call() is its doing.  Returns its mark in the recording. */
ENV_PRINTF(2, 3)
static size_t begin_call(struct env *env, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(env->out->doing, sizeof(env->out->doing), fmt, args);
    va_end(args);
    note_base(env);
    return env->disk ? disk_enter(env->disk, env->out->doing) : 0;
}

/* FLS-20: after a flush that the host failed nobody knows what is read of what
 * was not durable. */
static void note_failed_flushes(struct env *env)
{
    uint64_t n = disk_n_flushes_failed(env->disk);

    for (struct img *img = env->imgs; img && n > env->n_flushes_failed;
         img = img->next)
        if (img->oracle)
            oracle_lose(img->oracle);
    env->n_flushes_failed = n;
}

/* Ends the call that has the mark MARK.  Fails the case unless RESULT is legal
 * and the host was used as it may be. */
static void end_call(struct env *env, size_t mark, int result)
{
    if (env->disk) {
        disk_leave(env->disk, mark, result);
        note_failed_flushes(env);
    }
    check_conduct(env);
    check_result(env, result);
}

static unsigned n_handles(const struct env *env)
{
    return env->disk ? disk_n_handles(env->disk) : 0;
}

/* After a call that must not leave more files open than N. */
static void check_leak(struct env *env, unsigned n, const char *call)
{
    if (n_handles(env) > n)
        fail_as(env, first_clause(env), CHECK_LEAK, "open",
                "what a call opened is closed when it is over",
                "\"%s\" is still open after %s",
                shown_name(env, disk_leak(env->disk)), call);
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
    img->is_open = true;
    img->flags = flags;
    img->path = path_from(env, env->cwd, name);
    img->first_event = first_event;
    m = made_of(env, img->path);
    if (m) {
        img_track(img, m->oracle);
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
    size_t mark =
        begin_call(env, "open \"%s\"%s%s", shown_name(env, name),
                   flags & ADDCOW_OPEN_WRITE ? " for writing" : "",
                   flags & ADDCOW_OPEN_WRITETHROUGH ? ", writethrough" : "");
    int r = env->shim->open(&handle, host_of(env), &args);

    end_call(env, mark, r);
    if (memcmp(&args, &copy, sizeof(args)) != 0)
        fail_as(env, first_clause(env), CHECK_INPUT, "arguments",
                "the call leaves its input alone",
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
    bool durable = img->oracle && (img->flags & ADDCOW_OPEN_WRITE);
    uint64_t op = durable ? oracle_flush_begin(img->oracle) : 0;
    size_t mark = begin_call(env, "close \"%s\"", shown_name(env, img->path));
    int r = env->shim->close(img->handle);

    img->is_open = false;
    end_call(env, mark, r);
    if (durable)
        oracle_flush_end(img->oracle, op, r == ADDCOW_OK);
    if (!others_open(env))
        check_leak(env, 0, "close()");
    return r;
}

/* ---- Inside an image */

static int img_get_size(struct img *img, uint64_t *out)
{
    struct env *env = usable(img);
    size_t mark =
        begin_call(env, "get the size of \"%s\"", shown_name(env, img->path));
    int r = env->shim->get_size(img->handle, out);

    end_call(env, mark, r);
    if (!r && img->size_known && img->size != *out)
        fail_as(env, first_clause(env), CHECK_SAME_SIZE, "another",
                "get_size() answers the same each time",
                "%" PRIu64 ", before it was %" PRIu64, *out, img->size);
    if (!r) {
        img->size_known = true;
        img->size = *out;
    }
    return r;
}

int img_read(struct img *img, void *out, size_t len, uint64_t offset)
{
    struct env *env = usable(img);
    struct guarded *g = guard(env, NULL, len);
    size_t mark = begin_call(env, "read %zu bytes at %" PRIu64, len, offset);
    int r = env->shim->read(img->handle, guard_data(g), len, offset);

    end_call(env, mark, r);
    guard_check(env, g, NULL);
    if (!r && len)
        memcpy(out, guard_data(g), len);
    guard_free(env, g);
    return r;
}

/* The oracle of an image that may be changed, or null. */
static struct oracle *writable(const struct img *img)
{
    return img->flags & ADDCOW_OPEN_WRITE ? img->oracle : NULL;
}

/* Under writethrough what succeeded is durable. */
static void note_durable(struct img *img, struct oracle *o, bool ok)
{
    if (ok && (img->flags & ADDCOW_OPEN_WRITETHROUGH))
        oracle_flush_end(o, oracle_flush_begin(o), true);
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
    mark = begin_call(env, "write %zu bytes at %" PRIu64, len, offset);
    r = env->shim->write(img->handle, guard_data(g), len, offset);
    end_call(env, mark, r);
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
    mark = begin_call(env, "flush");
    r = env->shim->flush(img->handle);
    end_call(env, mark, r);
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
    mark = begin_call(env, "set the size to %" PRIu64, size);
    r = env->shim->set_size(img->handle, size);
    end_call(env, mark, r);
    img->size_known = false;
    if (!r && writable(img))
        oracle_resize(img->oracle, size);
    return r;
}

int img_map(struct img *img, uint64_t *out_len, uint32_t *out_state,
            uint64_t len, uint64_t offset)
{
    struct env *env = usable(img);
    size_t mark;
    int r;

    if (!env->shim->map)
        return ADDCOW_UNIMPLEMENTED;
    mark = begin_call(env, "map %" PRIu64 " bytes at %" PRIu64, len, offset);
    r = env->shim->map(img->handle, out_len, out_state, len, offset);
    end_call(env, mark, r);
    return r;
}

int img_discard(struct img *img, uint64_t len, uint64_t offset)
{
    struct env *env = usable(img);
    size_t mark;
    int r;

    if (!env->shim->discard)
        return ADDCOW_UNIMPLEMENTED;
    mark =
        begin_call(env, "discard %" PRIu64 " bytes at %" PRIu64, len, offset);
    r = env->shim->discard(img->handle, len, offset);
    end_call(env, mark, r);
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
    doing(env, "probe %zu bytes", len); /* has no host: no call to record */
    r = env->shim->probe(guard_data(g), len);
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
    mark = begin_call(
        env, "create \"%s\" over \"%s\"", shown_name(env, args->name),
        args->image_name ? shown_name(env, args->image_name) : "(null)");
    r = env->shim->create(host_of(env), &copy);
    end_call(env, mark, r);
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
    mark = begin_call(env, "check \"%s\"", shown_name(env, name));
    r = env->shim->check(out, host_of(env), &args);
    end_call(env, mark, r);
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

static int write_guarded(struct img *img, struct guarded *g, size_t len,
                         uint64_t offset)
{
    int r = img_write(img, guard_data(g), len, offset);

    guard_free(img->env, g);
    return r;
}

int write_new(struct img *img, size_t len, uint64_t offset)
{
    struct guarded *g = guard(img->env, NULL, len);

    pattern_fill(guard_data(g), len, offset, next_tag(img->env));
    return write_guarded(img, g, len, offset);
}

int write_zeros(struct img *img, size_t len, uint64_t offset)
{
    struct guarded *g = guard(img->env, NULL, len);

    memset(guard_data(g), 0, len);
    return write_guarded(img, g, len, offset);
}

static void must(struct env *env, enum check check, int result)
{
    const char *when =
        env->out->n_checks == 0 ? "before the case could begin: " : "";

    if (result == ADDCOW_UNIMPLEMENTED) {
        check_sign(env->out, check, class_name(result));
        leave(env, V_UNIMPL);
    }
    if (result && refusal_words(env)[0])
        fail_as(env, first_clause(env), check, class_name(result), "success",
                "%s%s", when, result_name(result));
    if (result)
        fail_outside(env, "ERR-7", check, class_name(result),
                     "success, as no row of chapter 15 refuses it", "%s%s",
                     when, result_name(result));
}

struct img *must_open(struct env *env, const char *name, uint32_t flags)
{
    struct img *img = NULL;

    must(env, CHECK_OPEN, img_open(env, &img, name, flags));
    return img;
}

struct img *open_image(struct env *env, uint32_t flags)
{
    return must_open(env, ADDCOW_NAME, flags);
}

void must_write(struct img *img, size_t len, uint64_t offset)
{
    must(img->env, CHECK_WRITE, write_new(img, len, offset));
}

void must_flush(struct img *img)
{
    must(img->env, CHECK_FLUSH, img_flush(img));
}

void must_close(struct img *img)
{
    must(img->env, CHECK_CLOSE, img_close(img));
}

uint64_t img_size(struct img *img)
{
    uint64_t size = 0;

    must(img->env, CHECK_GET_SIZE, img_get_size(img, &size));
    return size;
}

struct oracle *oracle_of(struct img *img)
{
    return img->oracle;
}

void img_track(struct img *img, struct oracle *o)
{
    img->oracle = o;
    if (o)
        oracle_reopen(o);
}
