/* SPDX-License-Identifier: MIT
 *
 * workload.c - random operations against the oracle.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

struct op {
    enum workload_op_kind kind;
    size_t len;
    uint64_t offset; /* of resize: the new size */
};

struct run {
    const struct workload *workload;
    const char *clause;
    struct op *ops; /* all that were thought of */
};

/* ---- Thinking of operations */

static unsigned kinds_of(struct env *env, const struct workload *w)
{
    unsigned kinds = w->kinds;

    if (!has_cap(env, ADDCOW_CAP_WRITE))
        kinds &= OP_READ | OP_REOPEN;
    if (!has_cap(env, ADDCOW_CAP_RESIZE))
        kinds &= ~(unsigned)OP_RESIZE;
    if (!has_cap(env, ADDCOW_CAP_DISCARD))
        kinds &= ~(unsigned)OP_DISCARD;
    return kinds;
}

static enum workload_op_kind pick_kind(struct env *env, unsigned kinds)
{
    unsigned kind;

    do
        kind = 1u << rng_below(env, 7);
    while (!(kinds & kind));
    return (enum workload_op_kind)kind;
}

/* Half of the offsets lie near a boundary of a cluster. */
static uint64_t pick_offset(struct env *env, uint64_t size)
{
    uint64_t at = rng_below(env, size);

    if (rng_below(env, 2) == 0)
        return at;
    at = at / CLUSTER * CLUSTER + rng_below(env, 1024);
    at = at > 512 ? at - 512 : 0;
    return at < size ? at : size - 1;
}

static size_t pick_len(struct env *env, uint64_t max)
{
    uint64_t len = rng_below(env, 4) ? rng_below(env, 4096) : max;

    return (size_t)(1 + rng_below(env, len < max && len ? len : max));
}

static struct op think(struct env *env, const struct workload *w,
                       uint64_t *size)
{
    struct op op = {.kind = pick_kind(env, kinds_of(env, w))};
    uint64_t unit = w->sectors_only || !takes_bytes(env) ? SECTOR : 1;
    uint64_t max = w->max_len ? w->max_len : 3 * CLUSTER;

    if (op.kind == OP_RESIZE) {
        op.offset = SECTOR + rng_below(env, w->max_size / SECTOR) * SECTOR;
        *size = op.offset;
        return op;
    }
    op.offset = pick_offset(env, *size) / unit * unit;
    op.len = pick_len(env, max);
    op.len = (op.len + unit - 1) / unit * unit;
    if (op.len > *size - op.offset)
        op.len = (size_t)(*size - op.offset);
    return op;
}

/* ---- Doing them */

/* At the end of a handle. */
static void judge_order(struct img *img, const struct run *r)
{
    if (r->workload->order_clause && is_simulated(img->env))
        expect_bit_order(img, r->workload->order_clause);
}

static int result_of(struct img **img, const struct run *r,
                     const struct op *op)
{
    struct env *env = (*img)->env;

    switch (op->kind) {
    case OP_WRITE:
        return write_new(*img, op->len, op->offset);
    case OP_ZEROS:
        return write_zeros(*img, op->len, op->offset);
    case OP_FLUSH:
        return img_flush(*img);
    case OP_DISCARD:
        return img_discard(*img, op->len, op->offset);
    case OP_REOPEN:
        must_close(*img);
        judge_order(*img, r);
        return img_open(env, img, ADDCOW_NAME, (*img)->flags);
    default:
        expect_guest(*img, r->clause, op->len, op->offset);
        return ADDCOW_OK;
    }
}

/* Left out operations may leave others outside of the disk. */
static bool fits(const struct img *img, const struct op *op)
{
    uint64_t size = oracle_size(img->oracle);

    if (op->kind == OP_FLUSH || op->kind == OP_REOPEN)
        return true;
    return op->offset <= size && op->len <= size - op->offset;
}

static void perform(struct img **img, const struct run *r, const struct op *op)
{
    int result;

    if (op->kind == OP_RESIZE) {
        result = img_set_size(*img, op->offset);
        if (result != ADDCOW_OK && result != ADDCOW_UNIMPLEMENTED)
            (*img)->size_known = false; /* refused by policy: allowed */
        return;
    }
    if (fits(*img, op))
        expect_ok((*img)->env, r->clause, result_of(img, r, op));
}

static uint32_t open_flags(struct env *env, const struct workload *w)
{
    return has_cap(env, ADDCOW_CAP_WRITE) ? w->flags | ADDCOW_OPEN_WRITE : 0;
}

static void perform_all(struct env *env, const void *arg, const uint8_t *off)
{
    const struct run *r = arg;
    struct img *img;

    make_image(env, &r->workload->recipe);
    img = open_image(env, open_flags(env, r->workload));
    for (size_t i = 0; i < r->workload->n_ops; i++)
        if (!off[i])
            perform(&img, r, &r->ops[i]);
    expect_guest_all(img, r->clause);
    must_close(img);
    judge_order(img, r);
    expect_bitmap(env, r->clause, ADDCOW_NAME, img->oracle);
    img = open_image(env, 0);
    expect_guest_all(img, r->clause);
    must_close(img);
}

/* ---- Saying them in words */

static const char *kind_name(enum workload_op_kind kind)
{
    switch (kind) {
    case OP_READ:
        return "read";
    case OP_WRITE:
    case OP_ZEROS:
        return "write";
    case OP_FLUSH:
        return "flush";
    case OP_REOPEN:
        return "close and open";
    case OP_RESIZE:
        return "resize to";
    default:
        return "discard";
    }
}

static void tell(char *out, size_t size, const void *arg, const uint8_t *off)
{
    const struct run *r = arg;
    size_t n = 0;

    snprintf(out, size, "nothing but what every workload does");
    for (size_t i = 0; i < r->workload->n_ops && n < size; i++) {
        const struct op *op = &r->ops[i];

        if (off[i])
            continue;
        n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "; " : "",
                              kind_name(op->kind));
        if (n < size && op->kind == OP_RESIZE)
            n += (size_t)snprintf(out + n, size - n, " %" PRIu64 " bytes",
                                  op->offset);
        else if (n < size && op->kind != OP_FLUSH && op->kind != OP_REOPEN)
            n += (size_t)snprintf(
                out + n, size - n, " %zu %s at %" PRIu64, op->len,
                op->kind == OP_ZEROS ? "zeros" : "bytes", op->offset);
    }
}

void run_workload(struct env *env, const char *clause,
                  const struct workload *w)
{
    struct run r = {.workload = w, .clause = clause};
    struct list list = {
        .n = w->n_ops, .perform = perform_all, .tell = tell, .arg = &r};
    uint64_t size = w->recipe.image_size;

    if (!kinds_of(env, w) || size == 0)
        error(env, "a workload of no operations");
    list.owned = r.ops = mem_new(w->n_ops, sizeof(*r.ops));
    for (size_t i = 0; i < w->n_ops; i++)
        r.ops[i] = think(env, w, &size);
    run_list(env, &list);
}
