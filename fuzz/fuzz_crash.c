/* SPDX-License-Identifier: MIT
 *
 * fuzz_crash.c - the input is an image, 16 operations, the call of the host at
 * which the power goes, and what survives of the sectors that were not
 * flushed.  The image must open again, show each sector as some version since
 * the last flush, and serve the same operations again.
 *
 * Deliberately missing: resizes, and more than the last version of a sector;
 * the suite's engine decides both (addcow-conform run --crash full).
 */
#include "fuzz_crash.h"
#include "play.h"

#include <inttypes.h>
#include <string.h>

/* Byte 2 of an input: so many calls go well; 0, all do. */
enum { N_POINTS = 96 };

static struct disk_fault cut;

static void arm(struct play *p, const struct setup *s)
{
    cut = (struct disk_fault){.kind = EV_ANY,
                              .result = ADDCOW_IO,
                              .nth = s->fault % N_POINTS,
                              .for_good = 1,
                              .n_sectors = s->choice / 4 % 8};
    if (cut.nth)
        disk_put_fault(p->disk, &cut);
}

/* ---- What survives ------------------------------------------------------ */

struct survivors {
    const char *name; /* of the file */
    const struct store *live;
    struct store *medium;
    uint64_t random;
    unsigned mode;
    unsigned groups; /* a bit for each: survives */
    unsigned n_open; /* asked for so far */
};

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

/* The first ones, for the report. */
static struct {
    const char *name;
    uint64_t sector; /* UINT64_MAX: the length */
    int survived;
} fates[512];

static struct crash_end last;

/* Fate I and those that it goes on in; returns how many. */
static unsigned print_fates(FILE *out, unsigned i, unsigned n)
{
    unsigned k = 1;

    fprintf(out, "         %s: ", fates[i].name);
    while (i + k < n && fates[i + k].name == fates[i].name &&
           fates[i + k].survived == fates[i].survived &&
           fates[i + k].sector == fates[i].sector + k)
        k++;
    if (fates[i].sector == UINT64_MAX)
        fputs("the length", out);
    else if (k == 1)
        fprintf(out, "sector %" PRIu64, fates[i].sector);
    else
        fprintf(out, "sectors %" PRIu64 " to %" PRIu64, fates[i].sector,
                fates[i].sector + k - 1);
    fprintf(out, " %s\n", fates[i].survived ? "survived" : "lost");
    return k;
}

static void print_cut(FILE *out)
{
    unsigned n = sizeof(fates) / sizeof(*fates);

    if (last.was_cut)
        fprintf(out,
                "power    went at call %" PRIu64 " of the host; of a write "
                "then the first %zu sectors are done\n",
                cut.nth, cut.n_sectors);
    else
        fputs("power    went after the last operation\n", out);
    if (n > last.n_open)
        n = last.n_open;
    for (unsigned i = 0; i < n;)
        i += print_fates(out, i, n);
    if (n < last.n_open)
        fprintf(out, "         and %u more\n", last.n_open - n);
}

/* None, all, nearly all, half of them; or as the groups say. */
static int choose(struct survivors *s)
{
    unsigned group = s->n_open % CRASH_N_GROUPS;

    switch (s->mode) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return next(&s->random) % 8 != 0;
    case 3:
        return next(&s->random) % 2 != 0;
    default:
        return s->groups >> group & 1;
    }
}

/* Whether the SECTOR does, or UINT64_MAX: the length. */
static int survives(struct survivors *s, uint64_t sector)
{
    int survived = choose(s);

    if (s->n_open < sizeof(fates) / sizeof(*fates)) {
        fates[s->n_open].name = s->name;
        fates[s->n_open].sector = sector;
        fates[s->n_open].survived = survived;
    }
    s->n_open++;
    return survived;
}

/* A bit for each changed sector of the LEN bytes of PAGE that survives. */
static unsigned choose_sectors(struct survivors *s, const struct changed *page,
                               size_t len)
{
    unsigned chosen = 0;

    for (unsigned k = 0; k * SECTOR < len; k++)
        if (page->sectors >> k & 1 && survives(s, page->offset / SECTOR + k))
            chosen |= 1u << k;
    return chosen;
}

static void mix(struct store *medium, const struct changed *page,
                unsigned chosen, size_t len)
{
    uint8_t bytes[STORE_PAGE];

    memcpy(bytes, page->before, sizeof(bytes));
    for (unsigned k = 0; k < STORE_PAGE / SECTOR; k++)
        if (chosen >> k & 1)
            memcpy(bytes + k * SECTOR, page->now + k * SECTOR, SECTOR);
    store_write(medium, bytes, len, page->offset);
}

static void keep(void *arg, const struct changed *page)
{
    struct survivors *s = arg;
    uint64_t size = store_size(s->live);
    size_t len = STORE_PAGE;
    unsigned chosen;

    if (page->offset >= size)
        return;
    if (size - page->offset < len)
        len = (size_t)(size - page->offset);
    chosen = choose_sectors(s, page, len);
    if (chosen == page->sectors)
        store_share_page(s->medium, s->live, page->offset);
    else if (chosen)
        mix(s->medium, page, chosen, len);
}

/* The file NAME as it may be found on the medium. */
static void lose(struct disk *medium, struct disk *d, struct survivors *s,
                 const char *name)
{
    const struct store *durable = disk_durable(d, name);

    s->name = name;
    s->live = disk_content(d, name);
    s->medium = disk_content(medium, name);
    store_assign(s->medium, durable);
    store_each_change(s->live, durable, keep, s);
    if (store_size(s->live) != store_size(durable))
        store_set_size(s->medium, survives(s, UINT64_MAX)
                                      ? store_size(s->live)
                                      : store_size(durable));
    disk_settle(medium, name);
}

void crash_last(struct crash_end *out)
{
    *out = last;
}

static struct disk *cut_power(struct play *p, const uint8_t *data, size_t len)
{
    const struct setup *setup = &p->workload->setup;
    struct disk *medium = play_fresh_disk(setup);
    struct survivors s = {.mode = setup->choice % 4,
                          .random = setup->choice + UINT64_C(1)};

    for (size_t i = DECODE_LEN; i < len && i < DECODE_LEN + 8; i++)
        s.random = s.random * 257 + data[i];
    if (len > DECODE_LEN + 8) {
        s.mode = 4;
        s.groups = data[DECODE_LEN + 8];
    }
    lose(medium, p->disk, &s, PLAY_ENTRY);
    lose(medium, p->disk, &s, PLAY_IMAGE);
    last.n_open = s.n_open;
    return medium;
}

/* ---- The target --------------------------------------------------------- */

static unsigned run_until_cut(struct play *p)
{
    unsigned i = 0;

    arm(p, &p->workload->setup);
    while (i < p->workload->n_ops && !p->failed_before)
        play_op(p, i++);
    if (p->image && p->failed_before)
        (void)p->shim->close(p->image); /* of which nobody hears */
    else if (p->image)
        play_close(p);
    p->image = NULL;
    return i;
}

/* The first N operations once more, of those that change the disk. */
static void change_again(struct play *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        switch (p->workload->ops[i].kind) {
        case OP_READ:
        case OP_MAP:
        case OP_REOPEN:
            break;
        default:
            play_op(p, i);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct workload workload;
    struct play p;
    unsigned n;

    decode(&workload, data, len);
    for (unsigned i = 0; i < workload.n_ops; i++)
        if (workload.ops[i].kind == OP_RESIZE)
            workload.ops[i].kind = OP_FLUSH;
    play_begin(&p, fuzz_iut(), &workload);
    n = run_until_cut(&p);
    last.was_cut = p.failed_before;
    play_restart(&p, cut_power(&p, data, len));
    p.print_fault = print_cut;
    if (play_open(&p, ADDCOW_OPEN_WRITE) == ADDCOW_OK) {
        play_read_back(&p);
        p.is_again = 1;
        change_again(&p, n);
        if (p.image)
            play_close(&p);
        play_inspect(&p);
    }
    play_end(&p);
    return 0;
}
