/* SPDX-License-Identifier: MIT
 *
 * play.c - a workload on one image.
 *
 * Deliberately missing: requests at the same time, and names, which are the
 * suite's and fuzz_header's.
 */
#include "play.h"
#include "guard.h"
#include "play_start.h"
#include "table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* ---- Judging ------------------------------------------------------------ */

static const struct play *playing;

static void print_workload(FILE *out)
{
    setup_print(&playing->workload->setup, out);
    for (unsigned i = 0; i < playing->n_done; i++) {
        fprintf(out, "%7u  ", i + 1);
        op_print(&playing->workload->ops[i], out);
    }
    if (playing->print_fault)
        playing->print_fault(out);
}

/* After a power cut other clauses say what must hold. */
static const char *clause_after(const struct play *p, const char *clause)
{
    static const char *const of_requests[] = {"FLS-14", "FLS-5", "RD-3",
                                              "WR-1",   "WR-2",  "WR-3"};

    if (!p->was_cut || !clause)
        return clause;
    if (strcmp(clause, "ERR-7") == 0)
        return "DUR-13";
    for (size_t i = 0; i < sizeof(of_requests) / sizeof(*of_requests); i++)
        if (p->is_again && strcmp(clause, of_requests[i]) == 0)
            return "DUR-15";
    return clause;
}

void play_fail(struct play *p, const char *clause, const char *format, ...)
{
    char what[600];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    playing = p;
    fuzz_set_words(print_workload);
    clause = clause_after(p, clause);
    if (p->was_cut)
        fuzz_fail(clause,
                  "%s (after a power cut, or while the same was done "
                  "again)",
                  what);
    fuzz_fail(clause, "%s", what);
}

int play_choice(const struct addcow_shim *shim, const char *clause)
{
    for (const struct addcow_choice *c = shim->choices; c && c->clause; c++)
        if (strcmp(c->clause, clause) == 0)
            return c->choice[0];
    return 0;
}

static bool was_hit(struct play *p)
{
    return disk_n_faults_hit(p->disk) > 0;
}

/* What every call ends with.  RESULT must be success, unless the fault
 * explains another one. */
static int expect_ok(struct play *p, const char *clause, const char *what,
                     int result)
{
    if (disk_bug(p->disk))
        play_fail(p, NULL, "%s: %s", what, disk_bug(p->disk));
    if (result == ADDCOW_OK)
        return result;
    if (!was_hit(p))
        play_fail(p, clause, "%s: expected success, got %s (%d)", what,
                  table_name(result), result);
    p->failed_before = 1;
    return result;
}

/* RESULT is a refusal; of the class WANTED, if the shim tells them apart and
 * no fault explains another. */
static int expect_refused(struct play *p, const char *clause, const char *what,
                          int result, int wanted)
{
    int told = (p->shim->capabilities & ADDCOW_CAP_CLASSES) != 0;

    if (disk_bug(p->disk))
        play_fail(p, NULL, "%s: %s", what, disk_bug(p->disk));
    if (result == ADDCOW_OK || result == ADDCOW_UNIMPLEMENTED ||
        (told && result != wanted && !was_hit(p)))
        play_fail(p, clause, "%s: expected %s, got %s (%d)", what,
                  told ? table_name(wanted) : "a refusal", table_name(result),
                  result);
    return result;
}

static bool is_inside(const struct play *p, uint64_t len, uint64_t offset)
{
    return offset <= p->size && len <= p->size - offset;
}

/* ---- Requests ----------------------------------------------------------- */

static size_t enter(struct play *p)
{
    p->n_requests++;
    return disk_enter(p->disk, NULL);
}

static int leave(struct play *p, size_t mark, int result)
{
    disk_leave(p->disk, mark, result);
    if (disk_n_flushes_failed(p->disk) > p->n_flushes_failed) {
        p->n_flushes_failed = disk_n_flushes_failed(p->disk);
        oracle_lose(p->oracle); /* FLS-20 */
    }
    fuzz_see(p->n_done ? p->workload->ops[p->n_done - 1].kind : OP_REOPEN,
             result);
    return result;
}

/* The clause that is broken if a read of OP, which begins and ends with a
 * sector once the power was cut, gives OUT, wrong at byte AT of the disk. */
static const char *clause_of_content(const struct play *p, const struct op *op,
                                     const uint8_t *out, uint64_t at)
{
    uint64_t sector = at / SECTOR;
    const uint8_t *data;

    if (!p->was_cut || p->is_again)
        return "RD-3";
    data = out + (sector * SECTOR - op->offset);
    if (oracle_is_version(p->oracle, data, sector))
        return "DUR-9";
    if (play_is_old(data, sector))
        return "DUR-11";
    return oracle_hi(p->oracle, sector) ? "DUR-10" : "DUR-12";
}

static int do_read(struct play *p, const struct op *op)
{
    uint8_t *out = play_buffer(op->len);
    size_t mark = enter(p);
    int result =
        leave(p, mark, p->shim->read(p->image, out, op->len, op->offset));
    struct mismatch m;

    if (!is_inside(p, op->len, op->offset))
        return expect_refused(p, "RD-5", "read", result, ADDCOW_RANGE);
    if (expect_ok(p, "RD-3", "read", result) != ADDCOW_OK)
        return result;
    p->n_compared += op->len;
    if (!oracle_check(p->oracle, &m, out, op->len, op->offset))
        play_fail(p, clause_of_content(p, op, out, m.offset),
                  "read: at byte %" PRIu64 " expected %s, got %s", m.offset,
                  m.expected, m.got);
    return result;
}

static bool is_through(const struct play *p)
{
    return p->workload->setup.writethrough &&
           (p->shim->capabilities & ADDCOW_CAP_WRITETHROUGH) != 0;
}

static int do_write(struct play *p, const struct op *op, unsigned i)
{
    uint64_t number;
    size_t mark;
    int result;

    number = oracle_write_begin(p->oracle, play_data(i), op->len, op->offset);
    mark = enter(p);
    result = leave(
        p, mark, p->shim->write(p->image, play_data(i), op->len, op->offset));
    oracle_write_end(p->oracle, number, result == ADDCOW_OK);
    if (!is_inside(p, op->len, op->offset))
        return expect_refused(p, "WR-11", "write", result, ADDCOW_RANGE);
    if (expect_ok(p, "WR-2", "write", result) == ADDCOW_OK && is_through(p))
        oracle_flush_end(p->oracle, oracle_flush_begin(p->oracle), 1);
    return result;
}

static int do_flush(struct play *p)
{
    uint64_t number = oracle_flush_begin(p->oracle);
    size_t mark = enter(p);
    int result = leave(p, mark, p->shim->flush(p->image));

    oracle_flush_end(p->oracle, number, result == ADDCOW_OK);
    return expect_ok(p, "FLS-5", "flush", result);
}

static int do_discard(struct play *p, const struct op *op)
{
    size_t mark = enter(p);
    int result =
        leave(p, mark, p->shim->discard(p->image, op->len, op->offset));

    if (!is_inside(p, op->len, op->offset))
        return expect_refused(p, "WR-11", "discard", result, ADDCOW_RANGE);
    oracle_discard(p->oracle, op->len, op->offset, result == ADDCOW_OK);
    return expect_ok(p, "WR-19", "discard", result);
}

/* It may ask the host, and fail if that does; that has no effect. */
static void judge_size(struct play *p, uint64_t other)
{
    uint64_t size = 0;
    uint64_t n_hit = disk_n_faults_hit(p->disk);
    size_t mark = enter(p);
    int result = leave(p, mark, p->shim->get_size(p->image, &size));

    if (disk_bug(p->disk))
        play_fail(p, NULL, "get_size: %s", disk_bug(p->disk));
    if (result != ADDCOW_OK && result != ADDCOW_UNIMPLEMENTED &&
        disk_n_faults_hit(p->disk) > n_hit)
        return;
    if (result != ADDCOW_OK || (size != p->size && size != other))
        play_fail(p, "SIZ-1",
                  "get_size: expected %" PRIu64 ", got %" PRIu64 " and %s",
                  p->size, size, table_name(result));
}

/* A resize may be refused for any reason (RSZ-1), and then changes nothing. */
static int do_resize(struct play *p, const struct op *op)
{
    size_t mark = enter(p);
    int result = leave(p, mark, p->shim->set_size(p->image, op->offset));

    if (op->offset % SECTOR) {
        if (result != ADDCOW_UNIMPLEMENTED)
            expect_refused(p, "RSZ-3", "resize", result, ADDCOW_INVALID);
        judge_size(p, p->size);
        return result;
    }
    if (disk_bug(p->disk))
        play_fail(p, NULL, "resize: %s", disk_bug(p->disk));
    if (result == ADDCOW_OK) {
        oracle_resize(p->oracle, op->offset);
        p->size = op->offset;
    } else if (was_hit(p)) {
        p->failed_before = p->size_unknown = 1;
    }
    judge_size(p, p->size_unknown ? op->offset : p->size);
    return result;
}

static void judge_map(struct play *p, uint64_t offset, uint64_t run,
                      uint32_t state)
{
    uint64_t last = (offset + run - 1) / CLUSTER;

    for (uint64_t c = offset / CLUSTER; c <= last; c++) {
        enum oracle_alloc is = oracle_allocation(p->oracle, c);

        if (is == (state & ADDCOW_MAP_ALLOCATED ? ALLOC_NO : ALLOC_YES))
            play_fail(p, "MAP-1", "map: cluster %" PRIu64 " is %sallocated", c,
                      is == ALLOC_NO ? "not " : "");
    }
}

/* Of requests (IMPL-2). */
static uint64_t unit_of(const struct play *p)
{
    return play_choice(p->shim, "IMPL-2") == 'a' ? 1 : SECTOR;
}

static int do_map(struct play *p, const struct op *op)
{
    uint64_t len = op->len ? op->len : unit_of(p);
    uint64_t run = 0;
    uint32_t state = 0;
    size_t mark = enter(p);
    int result =
        leave(p, mark, p->shim->map(p->image, &run, &state, len, op->offset));

    if (!is_inside(p, len, op->offset))
        return expect_refused(p, "MAP-4", "map", result, ADDCOW_RANGE);
    if (expect_ok(p, "MAP-1", "map", result) != ADDCOW_OK)
        return result;
    if (run < 1 || run > len)
        play_fail(p, "MAP-2", "map: a run of %" PRIu64 " bytes of %" PRIu64,
                  run, len);
    judge_map(p, op->offset, run, state);
    return result;
}

static void do_check(struct play *p)
{
    struct addcow_check_result out = {.size = sizeof(out)};
    const struct addcow_check_args args = {.size = sizeof(args),
                                           .name = PLAY_ENTRY};
    size_t mark;
    int result;

    if (!(p->shim->capabilities & ADDCOW_CAP_CHECK))
        return;
    mark = enter(p);
    result = leave(p, mark, p->shim->check(&out, &p->host, &args));
    if (expect_ok(p, "CHK-2", "check", result) != ADDCOW_OK)
        return;
    if (out.errors)
        play_fail(p, "CHK-2", "check: %" PRIu64 " errors", out.errors);
    if (out.clusters != n_clusters(p->size))
        play_fail(p, "CHK-4", "check: %" PRIu64 " clusters", out.clusters);
}

static int do_reopen(struct play *p)
{
    int result = play_close(p);

    if (result != ADDCOW_OK)
        return result;
    do_check(p);
    oracle_reopen(p->oracle);
    return play_open(p, ADDCOW_OPEN_WRITE);
}

/* Whether the shim offers what OP is about. */
static bool is_offered(const struct play *p, const struct op *op)
{
    static const uint64_t needs[] = {
        [OP_READ] = 0,
        [OP_WRITE] = ADDCOW_CAP_WRITE,
        [OP_FLUSH] = ADDCOW_CAP_WRITE,
        [OP_DISCARD] = ADDCOW_CAP_WRITE | ADDCOW_CAP_DISCARD,
        [OP_RESIZE] = ADDCOW_CAP_WRITE | ADDCOW_CAP_RESIZE,
        [OP_MAP] = ADDCOW_CAP_MAP,
        [OP_REOPEN] = 0};
    uint64_t need = needs[op->kind];

    return (p->shim->capabilities & need) == need;
}

/* Multiples of a sector, for a shim that takes no others (IMPL-2). */
static struct op fitted(const struct play *p, const struct op *op)
{
    struct op copy = *op;

    if (op->kind != OP_RESIZE) {
        copy.offset -= copy.offset % unit_of(p);
        copy.len -= copy.len % unit_of(p);
    }
    return copy;
}

int play_op(struct play *p, unsigned i)
{
    struct op op = fitted(p, &p->workload->ops[i]);

    if (!p->image || p->size_unknown || !is_offered(p, &op))
        return ADDCOW_UNIMPLEMENTED;
    p->n_done = i + 1;
    switch (op.kind) {
    case OP_READ:
        return do_read(p, &op);
    case OP_WRITE:
        return do_write(p, &op, i);
    case OP_FLUSH:
        return do_flush(p);
    case OP_DISCARD:
        return do_discard(p, &op);
    case OP_RESIZE:
        return do_resize(p, &op);
    case OP_MAP:
        return do_map(p, &op);
    case OP_REOPEN:
        return do_reopen(p);
    }
    return ADDCOW_UNIMPLEMENTED;
}

/* ---- From the beginning to the end -------------------------------------- */

int play_open(struct play *p, uint32_t flags)
{
    struct addcow_open_args args = {
        .size = sizeof(args), .flags = flags, .name = PLAY_ENTRY};
    size_t mark;
    int result;

    if (!(p->shim->capabilities & ADDCOW_CAP_WRITE))
        args.flags = 0;
    if (args.flags && is_through(p))
        args.flags |= ADDCOW_OPEN_WRITETHROUGH;
    mark = enter(p);
    p->image = NULL;
    result = leave(p, mark, p->shim->open(&p->image, &p->host, &args));
    if (result != ADDCOW_OK)
        p->image = NULL;
    if (expect_ok(p, "ERR-7", "open", result) == ADDCOW_OK)
        judge_size(p, p->size);
    return result;
}

int play_close(struct play *p)
{
    uint64_t number = oracle_flush_begin(p->oracle);
    size_t mark = enter(p);
    int result = leave(p, mark, p->shim->close(p->image));

    p->image = NULL;
    oracle_flush_end(p->oracle, number, result == ADDCOW_OK);
    if (disk_n_handles(p->disk))
        play_fail(p, "FLS-15", "close: \"%s\" is still open",
                  disk_leak(p->disk));
    return expect_ok(p, "FLS-14", "close", result);
}

void play_begin(struct play *p, const struct addcow_shim *shim,
                const struct workload *workload)
{
    const struct play_base *b = play_base_of(&workload->setup);

    *p = (struct play){.shim = shim, .workload = workload};
    p->disk = play_fresh_disk(&workload->setup);
    guard(&p->host, disk_host(p->disk));
    p->oracle = oracle_clone(b->oracle);
    if (play_choice(shim, "IMPL-3") != 'a')
        oracle_allow_extra(p->oracle);
    p->size = setup_image_len(&workload->setup);
    play_open(p, ADDCOW_OPEN_WRITE);
}

void play_end(struct play *p)
{
    fuzz_count(1, p->n_requests, p->n_compared);
    play_drop_disk(&p->workload->setup, p->disk);
    oracle_free(p->oracle);
}

void play_restart(struct play *p, struct disk *medium)
{
    play_drop_disk(&p->workload->setup, p->disk);
    p->disk = medium;
    guard(&p->host, disk_host(medium));
    p->image = NULL;
    p->failed_before = 0;
    p->n_flushes_failed = disk_n_flushes_failed(medium);
    p->was_cut = 1;
    oracle_restart(p->oracle);
}

/* Whole sectors, all that OP wrote to. */
static void read_back(struct play *p, const struct op *op)
{
    struct op whole = {.kind = OP_READ};

    whole.offset = op->offset - op->offset % SECTOR;
    whole.len = op->len + op->offset % SECTOR;
    whole.len += (SECTOR - whole.len % SECTOR) % SECTOR;
    if (is_inside(p, whole.len, whole.offset))
        do_read(p, &whole);
}

void play_read_back(struct play *p)
{
    for (unsigned i = 0; i < p->n_done; i++) {
        struct op op = fitted(p, &p->workload->ops[i]);

        if (op.kind == OP_WRITE || op.kind == OP_DISCARD)
            read_back(p, &op);
    }
}
