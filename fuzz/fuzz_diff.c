/* SPDX-License-Identifier: MIT
 *
 * fuzz_diff.c - two implementations, the same files, the same requests: what
 * they answer is compared, result by result and byte by byte, and then each
 * reads what the other has written.
 *
 * The first is the one that was linked; the second the shared object that
 * FUZZ_SHIM names, or else the template.  The input is a workload (decode.h),
 * then changes of the add-cow file, three bytes each.  Where the specification
 * leaves it to the implementation, and where one of the two offers less, they
 * may differ.
 *
 * Deliberately missing: discards, whose content is left open; faults; and who
 * of the two is right, which the other targets tell.
 */
#include "data/pattern.h"
#include "guard.h"
#include "play.h"
#include "table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N_CHANGES = 4, CHANGE_LEN = 3 };

/* template.c, under a name of its own. */
const struct addcow_shim *fuzz_template_get(void);

struct side {
    const struct addcow_shim *shim;
    struct disk *disk;
    struct addcow_host host; /* of the disk */
    void *image;
    int result;       /* of the last call */
    uint64_t value;   /* that it gave beside */
    uint32_t state;   /* of a map */
    uint8_t *content; /* OP_MAX_LEN bytes */
};

static struct side sides[2];
static const struct workload *current;
static unsigned n_begun;
static uint64_t size; /* of the disk */
static uint64_t kept; /* bytes that no resize has added or cut off */
static uint64_t n_requests;
static uint64_t n_compared;

/* ---- Two shims ---------------------------------------------------------- */

static void begin_once(void)
{
    const char *path = getenv("FUZZ_SHIM");

    if (sides[0].shim)
        return;
    sides[0].shim = fuzz_take(addcow_shim_get());
    sides[1].shim = path ? fuzz_iut() : fuzz_take(fuzz_template_get());
    for (int k = 0; k < 2; k++) {
        sides[k].content = malloc(OP_MAX_LEN);
        if (!sides[k].content)
            abort();
    }
}

static bool both_have(uint64_t capabilities)
{
    return (sides[0].shim->capabilities & sides[1].shim->capabilities &
            capabilities) == capabilities;
}

static bool both_choose(const char *clause, char letter)
{
    return play_choice(sides[0].shim, clause) == letter &&
           play_choice(sides[1].shim, clause) == letter;
}

/* ---- The report --------------------------------------------------------- */

static void print_words(FILE *out)
{
    setup_print(&current->setup, out);
    for (unsigned i = 0; i < n_begun; i++) {
        fprintf(out, "%7u  ", i + 1);
        op_print(&current->ops[i], out);
    }
    fprintf(out, "first    %s %s\nsecond   %s %s\n", sides[0].shim->name,
            sides[0].shim->version, sides[1].shim->name,
            sides[1].shim->version);
}

static _Noreturn void differ(const char *clause, const char *what)
{
    fuzz_set_words(print_words);
    fuzz_fail(clause,
              "%s: the first gives %s (%d) and %" PRIu64
              ", the second %s (%d) and %" PRIu64,
              what, table_name(sides[0].result), sides[0].result,
              sides[0].value, table_name(sides[1].result), sides[1].result,
              sides[1].value);
}

static void watch(struct side *s, const char *what)
{
    if (!disk_bug(s->disk))
        return;
    fuzz_set_words(print_words);
    fuzz_fail(NULL, "%s: %s: %s", what, s->shim->name, disk_bug(s->disk));
}

/* ---- The files ---------------------------------------------------------- */

/* Where the changes of the add-cow file go: the edges of each field. */
static const uint16_t edges[] = {0,    7,    8,    11,   12,   13,   20,
                                 1034, 1035, 1036, 1037, 1044, 2058, 2059,
                                 2060, 2300, 2559, 2560, 2561, 2568};

static void change_entry(struct store *entry, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < N_CHANGES && len >= CHANGE_LEN; i++) {
        size_t edge = data[0] % (sizeof(edges) / sizeof(*edges));
        uint64_t at = edges[edge] + (data[1] & 3u);

        if (data[1] >= 0xfc)
            store_set_size(entry, at);
        else if (at < store_size(entry))
            store_write(entry, &data[2], 1, at);
        data += CHANGE_LEN;
        len -= CHANGE_LEN;
    }
}

static void begin_files(const uint8_t *data, size_t len)
{
    for (int k = 0; k < 2; k++) {
        struct disk *d = play_fresh_disk(&current->setup);

        if (len > DECODE_LEN)
            change_entry(disk_content(d, PLAY_ENTRY), data + DECODE_LEN,
                         len - DECODE_LEN);
        disk_settle(d, PLAY_ENTRY);
        sides[k].disk = d;
        guard(&sides[k].host, disk_host(d));
        sides[k].image = NULL;
    }
}

/* ---- Calls -------------------------------------------------------------- */

static void open_side(struct side *s, struct side *of, uint32_t flags)
{
    const struct addcow_open_args args = {
        .size = sizeof(args), .flags = flags, .name = PLAY_ENTRY};
    size_t mark = disk_enter(of->disk, NULL);

    s->value = 0;
    s->result = s->shim->open(&s->image, &of->host, &args);
    disk_leave(of->disk, mark, s->result);
    fuzz_see(OP_REOPEN, s->result);
    if (s->result != ADDCOW_OK)
        s->image = NULL;
    n_requests++;
}

static void close_side(struct side *s, struct disk *disk)
{
    size_t mark = disk_enter(disk, NULL);

    s->value = 0;
    s->result = s->image ? s->shim->close(s->image) : ADDCOW_OK;
    disk_leave(disk, mark, s->result);
    s->image = NULL;
    n_requests++;
}

/* What operation OP is in words of the shim; DATA is what a write writes. */
static int call(struct side *s, const struct op *op, const uint8_t *data)
{
    const struct addcow_shim *shim = s->shim;

    switch (op->kind) {
    case OP_READ:
        return shim->read(s->image, s->content, op->len, op->offset);
    case OP_WRITE:
        return shim->write(s->image, data, op->len, op->offset);
    case OP_FLUSH:
        return shim->flush(s->image);
    case OP_RESIZE:
        return shim->set_size(s->image, op->offset);
    case OP_MAP:
        return shim->map(s->image, &s->value, &s->state, op->len, op->offset);
    default:
        return ADDCOW_UNIMPLEMENTED;
    }
}

static void request(struct side *s, const struct op *op, const uint8_t *data)
{
    size_t mark = disk_enter(s->disk, NULL);

    s->value = s->state = 0;
    s->result = call(s, op, data);
    disk_leave(s->disk, mark, s->result);
    fuzz_see(op->kind, s->result);
    watch(s, "request");
    n_requests++;
}

/* ---- What may not differ ------------------------------------------------ */

/* Whether both went on; the classes of two refusals are those of one row. */
static bool agree(const char *clause, const char *what)
{
    int a = sides[0].result;
    int b = sides[1].result;

    if ((a == ADDCOW_OK) != (b == ADDCOW_OK))
        differ(clause, what);
    if (a != b && both_have(ADDCOW_CAP_CLASSES))
        differ("ERR-2", what);
    return a == ADDCOW_OK;
}

/* The magic comes first, then the version: with the rest, any class of a
 * defect that is present is right (ERR-3). */
static bool classes_must_agree(uint64_t entry_len)
{
    return both_have(ADDCOW_CAP_CLASSES) && entry_len >= HEADER_LEN &&
           (sides[0].result == ADDCOW_NOT_ADDCOW ||
            sides[1].result == ADDCOW_NOT_ADDCOW ||
            sides[0].result == ADDCOW_VERSION ||
            sides[1].result == ADDCOW_VERSION);
}

/* A backing file that does not exist may show when an image is opened, at any
 * request, or never. */
static bool may_lack_a_file(void)
{
    return !(both_choose("IMPL-1", 'a') && both_choose("IMPL-4", 'a')) &&
           (sides[0].result == ADDCOW_NOT_FOUND ||
            sides[1].result == ADDCOW_NOT_FOUND);
}

/* Opens both.  Whether the two have an image now. */
static bool open_both(uint32_t flags)
{
    uint64_t len = store_size(disk_content(sides[0].disk, PLAY_ENTRY));
    int n_open;

    for (int k = 0; k < 2; k++) {
        open_side(&sides[k], &sides[k], flags);
        watch(&sides[k], "open");
    }
    n_open = (sides[0].image != NULL) + (sides[1].image != NULL);
    if (n_open == 1 && may_lack_a_file())
        return false;
    if (n_open == 1)
        differ("ERR-7", "open");
    if (n_open == 0 && classes_must_agree(len) &&
        sides[0].result != sides[1].result)
        differ("ERR-3", "open");
    return n_open == 2;
}

/* SWAPPED: each has the other's files. */
static void compare_sizes(bool swapped)
{
    for (int k = 0; k < 2; k++) {
        struct side *s = &sides[k];
        struct disk *disk = sides[swapped ? 1 - k : k].disk;
        size_t mark = disk_enter(disk, NULL);

        s->result = s->shim->get_size(s->image, &s->value);
        disk_leave(disk, mark, s->result);
    }
    if (agree("SIZ-1", "get_size") && sides[0].value != sides[1].value)
        differ("SIZ-1", "get_size");
}

static void compare_content(const struct op *op)
{
    size_t i = 0;

    n_compared += op->len;
    if (memcmp(sides[0].content, sides[1].content, op->len) == 0)
        return;
    while (sides[0].content[i] == sides[1].content[i])
        i++;
    sides[0].value = op->offset + i;
    sides[1].value = op->offset + i;
    fuzz_set_words(print_words);
    fuzz_fail("RD-3",
              "read: at byte %" PRIu64 " the first gives %02x, the "
              "second %02x",
              op->offset + i, sides[0].content[i], sides[1].content[i]);
}

/* Runs may be cut anywhere, but their state is one, except of clusters that a
 * resize has changed (IMPL-3). */
static void compare_maps(uint64_t offset)
{
    if (offset / CLUSTER < kept / CLUSTER &&
        (sides[0].state ^ sides[1].state) & ADDCOW_MAP_ALLOCATED &&
        both_choose("IMPL-3", 'a'))
        differ("MAP-1", "map");
}

/* ---- Operations --------------------------------------------------------- */

static bool is_offered(const struct op *op)
{
    switch (op->kind) {
    case OP_WRITE:
    case OP_FLUSH:
        return both_have(ADDCOW_CAP_WRITE);
    case OP_RESIZE:
        return both_have(ADDCOW_CAP_WRITE | ADDCOW_CAP_RESIZE);
    case OP_MAP:
        return both_have(ADDCOW_CAP_MAP);
    case OP_DISCARD:
        return false;
    default:
        return true;
    }
}

static struct op fitted(const struct op *op)
{
    struct op copy = *op;

    if (op->kind == OP_MAP && copy.len == 0)
        copy.len = SECTOR;
    if (!both_choose("IMPL-2", 'a') && op->kind != OP_RESIZE) {
        copy.offset -= copy.offset % SECTOR;
        copy.len -= copy.len % SECTOR;
    }
    return copy;
}

static void note_size(uint64_t now)
{
    uint64_t least = now < size ? now : size;

    if (now != size && least < kept)
        kept = least;
    size = now;
}

/* Whether the two are still alike. */
static bool request_both(const struct op *op, const uint8_t *data)
{
    for (int k = 0; k < 2; k++)
        request(&sides[k], op, data);
    if (op->kind == OP_RESIZE) { /* either may have its reasons: RSZ-1 */
        if ((sides[0].result == ADDCOW_OK) != (sides[1].result == ADDCOW_OK))
            return false;
        compare_sizes(false);
        note_size(sides[0].value);
        return true;
    }
    if (may_lack_a_file())
        return false;
    if (!agree(op->kind == OP_WRITE ? "WR-2" : "RD-3", "request"))
        return true;
    if (op->kind == OP_READ)
        compare_content(op);
    if (op->kind == OP_MAP)
        compare_maps(op->offset);
    return true;
}

static bool close_both(void)
{
    for (int k = 0; k < 2; k++) {
        close_side(&sides[k], sides[k].disk);
        watch(&sides[k], "close");
    }
    return agree("FLS-14", "close");
}

static bool operate(unsigned i, uint32_t flags)
{
    static uint8_t data[OP_MAX_LEN];
    struct op op = fitted(&current->ops[i]);

    if (!is_offered(&op))
        return true;
    n_begun = i + 1;
    if (op.kind == OP_REOPEN)
        return close_both() && open_both(flags);
    if (op.kind == OP_WRITE)
        pattern_fill(data, op.len, op.offset, TAG_WRITE + i + 1);
    return request_both(&op, data);
}

/* ---- Each reads what the other has written ------------------------------ */

static void read_again(const struct op *op, const char *what)
{
    struct op read = fitted(op);

    read.kind = OP_READ;
    if (read.len < SECTOR)
        read.len = SECTOR;
    for (int k = 0; k < 2; k++) {
        struct disk *disk = sides[1 - k].disk;
        size_t mark = disk_enter(disk, NULL);

        sides[k].result = call(&sides[k], &read, NULL);
        disk_leave(disk, mark, sides[k].result);
    }
    if (agree("WR-2", what))
        compare_content(&read);
}

static void swap_and_read(void)
{
    for (int k = 0; k < 2; k++)
        open_side(&sides[k], &sides[1 - k], 0);
    if (!may_lack_a_file() &&
        agree("ERR-7", "open of what the other has closed")) {
        compare_sizes(true);
        for (unsigned i = 0; i < n_begun; i++)
            if (current->ops[i].kind == OP_WRITE)
                read_again(&current->ops[i],
                           "read of what the other has written");
    }
    for (int k = 0; k < 2; k++)
        close_side(&sides[k], sides[1 - k].disk);
}

/* ---- The target --------------------------------------------------------- */

static void run(void)
{
    uint32_t flags = both_have(ADDCOW_CAP_WRITE) ? ADDCOW_OPEN_WRITE : 0;
    int alike = open_both(flags);

    if (alike)
        compare_sizes(false);
    for (unsigned i = 0; alike && i < current->n_ops; i++)
        alike = operate(i, flags);
    for (int k = 0; k < 2; k++)
        close_side(&sides[k], sides[k].disk);
    if (alike)
        swap_and_read();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct workload workload;

    begin_once();
    decode(&workload, data, len);
    current = &workload;
    n_begun = 0;
    size = setup_image_len(&workload.setup);
    kept = UINT64_MAX;
    n_requests = n_compared = 0;
    begin_files(data, len);
    run();
    for (int k = 0; k < 2; k++)
        play_drop_disk(&workload.setup, sides[k].disk);
    fuzz_count(1, n_requests, n_compared);
    return 0;
}
