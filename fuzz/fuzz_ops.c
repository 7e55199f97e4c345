/* SPDX-License-Identifier: MIT
 *
 * fuzz_ops.c - the input is an image and 16 operations on it, perhaps with a
 * call of the host that fails.  Every answer is compared with the ideal disk,
 * and at the end the bits and both files are.
 *
 * Deliberately missing: power cuts; fuzz_crash does these.
 */
#include "play.h"
#include "table.h"

#include <inttypes.h>

/* Every third input or so has a fault. */
enum { NO_FAULT = 168 };

static struct disk_fault fault;

static void print_fault(FILE *out)
{
    static const char *const kinds[] = {[EV_ANY] = "call",
                                        [EV_READ] = "read",
                                        [EV_WRITE] = "write",
                                        [EV_FLUSH] = "flush"};

    fprintf(out,
            "fault    %s %" PRIu64 " of the host%s: %s; of a write the first "
            "%zu sectors are done\n",
            kinds[fault.kind], fault.nth,
            fault.for_good ? ", and each after it" : "",
            table_name(fault.result), fault.n_sectors);
}

static void arm(struct play *p, const struct setup *s)
{
    static const enum event_kind kinds[4] = {EV_ANY, EV_READ, EV_WRITE,
                                             EV_FLUSH};
    static const int results[4] = {ADDCOW_IO, ADDCOW_NO_SPACE, ADDCOW_IO,
                                   ADDCOW_NO_MEMORY};

    if (s->fault <= NO_FAULT)
        return;
    fault = (struct disk_fault){.kind = kinds[s->choice % 4],
                                .result = results[s->choice / 4 % 4],
                                .nth = s->fault - NO_FAULT,
                                .for_good = s->choice / 16 % 2,
                                .n_sectors = s->choice / 32 % 4};
    disk_put_fault(p->disk, &fault);
    p->print_fault = print_fault;
}

/* Gives up what a fault has left open: then header and backing file are looked
 * at; what the disk may hold after a fault is the suite's: any-call-fails.
 */
static void give_up(struct play *p)
{
    disk_clear_faults(p->disk);
    if (p->image)
        (void)p->shim->close(p->image);
    p->image = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct workload workload;
    struct play p;

    decode(&workload, data, len);
    play_begin(&p, fuzz_iut(), &workload);
    arm(&p, &workload.setup);
    for (unsigned i = 0; i < workload.n_ops; i++)
        play_op(&p, i);
    if (p.image)
        play_close(&p);
    give_up(&p);
    play_inspect(&p);
    play_end(&p);
    return 0;
}
