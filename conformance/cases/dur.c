/* SPDX-License-Identifier: MIT
 *
 * dur.c - chapter 10, Power cut: scenarios with names.
 *
 * A workload runs once; after each host write and each acknowledgement the
 * power goes, and every state that the storage may then be in is decided: see
 * crash/crash.h.  In each the image must open and show allowed versions, show
 * the same when it is opened again, and take the interrupted request again.
 * So each case judges the whole chapter; the clauses that it names are those
 * that its workload brings out.
 *
 * Deliberately missing: storage that fails; see dur_faults.c and faults.c.
 */
#include "all.h"
#include "steps/scenarios.h"

#define NAMED CASE_CRASH(CRASH_LEVEL_NAMED)
#define NEEDS (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST | NAMED)
#define NEEDS_THROUGH (NEEDS | ADDCOW_CAP_WRITETHROUGH)
#define NEEDS_RESIZE (NEEDS | ADDCOW_CAP_RESIZE)
#define NEEDS_CREATE (NEEDS | ADDCOW_CAP_CREATE)

static void decide(struct env *env, const struct conf_case *self)
{
    power_decide(env, &scenarios[self->arg], NULL);
}

/* Its clauses are about resizing: one that was refused shows nothing. */
static void decide_resize(struct env *env, const struct conf_case *self)
{
    const struct scenario *s = &scenarios[self->arg];
    struct power *p;

    if (s->flags & ADDCOW_OPEN_WRITETHROUGH)
        need_cap(env, ADDCOW_CAP_WRITETHROUGH);
    p = power_open(env, s, NULL);
    power_run(p, 0, s->ops, s->flags);
    if (power_n_declined(p))
        skip_na(env, NA_CHOICE);
}

const struct conf_case cases_dur[] = {
    {"dur/flushed-writes", "Flushed writes survive, whatever else does",
     "DUR-9 DUR-12", NEEDS, .run = decide, .arg = FLUSHED},
    {"dur/closed-images", "Writes before a close survive", "DUR-9", NEEDS,
     .run = decide, .arg = CLOSED},
    {"dur/writethrough", "Writes under writethrough survive", "DUR-9 DUR-10",
     NEEDS_THROUGH, .run = decide, .arg = THROUGH},
    {"dur/writethrough-over-allocated",
     "Writes to allocated clusters survive under writethrough", "DUR-9",
     NEEDS_THROUGH, .run = decide, .arg = THROUGH_ZEROS},
    {"dur/overwrites",
     "Of several pending writes of a sector one shows, whole", "DUR-10 DUR-9",
     NEEDS, .run = decide, .arg = OVERWRITTEN},
    {"dur/parts-of-sectors", "Sectors written in part hold one version",
     "DUR-10", NEEDS, .run = decide, .arg = SUB_SECTOR},
    {"dur/old-bytes",
     "A bit that is durable before its data shows old bytes of the image file",
     "DUR-11 DUR-10", NEEDS, .run = decide, .arg = PARTIAL},
    {"dur/torn-copy",
     "A cluster's copy from the backing file is torn at its first or last "
     "sector",
     "DUR-11 DUR-12", NEEDS, .run = decide, .arg = TORN_COPY},
    {"dur/old-bytes-past-a-short-backing-file",
     "Old bytes never show where the backing file has ended", "DUR-11", NEEDS,
     .run = decide, .arg = SHORT_BACKING},
    {"dur/old-bytes-without-a-backing-file",
     "Old bytes never show where there is no backing file", "DUR-11", NEEDS,
     .run = decide, .arg = NO_BACKING},
    {"dur/tail",
     "The last cluster is short, as is the image file's last "
     "sector",
     "DUR-11 DUR-12", NEEDS, .run = decide, .arg = TAIL},
    {"dur/zeros", "Zeros that were written survive as zeros", "DUR-9 DUR-11",
     NEEDS, .run = decide, .arg = ZEROED},
    {"dur/neighbours", "Neighbours in cluster and bitmap byte stay", "DUR-12",
     NEEDS, .run = decide, .arg = NEIGHBOURS},
    {"dur/one-byte",
     "Of two clusters in one byte of the bitmap one is flushed",
     "DUR-12 DUR-16 DUR-9", NEEDS, .run = decide, .arg = ONE_BYTE},
    {"dur/stale-copy",
     "A sector of the bitmap is written back with what it held in between",
     "DUR-16 DUR-9 DUR-12", NEEDS, .run = decide, .arg = STALE_COPY},
    {"dur/two-bitmap-sectors",
     "A request over three clusters whose bits lie in two sectors",
     "DUR-9 DUR-11 DUR-12", NEEDS, .run = decide, .arg = TWO_SECTORS},
    {"dur/created-image-opens", "An image that was made opens",
     "DUR-13 DUR-17 DUR-18", NEEDS_CREATE, .run = decide, .arg = CREATED},
    {"dur/created-image-opens-after-growth",
     "An image that was made and grown opens", "DUR-13",
     NEEDS_CREATE | NEEDS_RESIZE, .run = decide_resize, .arg = CREATED_GROWN},
    {"dur/created-image-opens-after-growth-of-the-bitmap",
     "An image that was made and grown by a byte of the bitmap opens",
     "DUR-13", NEEDS_CREATE | NEEDS_RESIZE, .run = decide_resize,
     .arg = CREATED_GROWN_BYTE},
    {"dur/created-image-opens-after-shrinking",
     "An image that was made and shrunk opens", "DUR-13",
     NEEDS_CREATE | NEEDS_RESIZE, .run = decide_resize, .arg = CREATED_SHRUNK},
    {"dur/opened-twice", "A second opening shows the same",
     "DUR-14 DUR-20 DUR-10", NEEDS, .run = decide, .arg = FLUSHED},
    {"dur/opened-twice-after-partial-writes",
     "A second opening after partial writes shows the same", "DUR-14", NEEDS,
     .run = decide, .arg = PARTIAL},
    {"dur/writes-made-again", "A write that was cut takes effect again",
     "DUR-15", NEEDS, .run = decide, .arg = FLUSHED},
    {"dur/partial-writes-made-again",
     "A cut in a cluster's copy, and the write made again", "DUR-15 DUR-11",
     NEEDS, .run = decide, .arg = COPIED_AGAIN},
    {"dur/growth-made-again", "A growth that was cut takes effect again",
     "DUR-15", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN},
    {"dur/growth-of-the-bitmap-made-again",
     "A growth by a byte of the bitmap that was cut takes effect again",
     "DUR-15", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_BYTE},
    {"dur/shrinking-made-again", "A shrink that was cut takes effect again",
     "DUR-15", NEEDS_RESIZE, .run = decide_resize, .arg = SHRUNK},
    {"dur/bits-stay", "Bits that were durable stay 1", "DUR-16", NEEDS,
     .run = decide, .arg = NEIGHBOURS},
    {"dur/bits-stay-across-handles", "Bits that a close made durable stay 1",
     "DUR-16", NEEDS, .run = decide, .arg = CLOSED},
    {"dur/bits-stay-in-growth", "Bits that were durable stay 1 in a growth",
     "DUR-16", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_PENDING},
    {"dur/all-bits", "With all bits 1 the image file alone is the disk",
     "WR-24 DUR-11", NEEDS, .run = decide, .arg = ALL_BITS},
    {"dur/growth-cut",
     "A growth that is cut leaves the old or the new size, and zeros",
     "DUR-19", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN},
    {"dur/growth-cut-of-an-odd-image-file",
     "Growth of an image file that ends inside a sector is cut", "DUR-19",
     NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_ODD},
    {"dur/growth-cut-of-the-bitmap",
     "Growth with only one of the two files extended", "DUR-19 DUR-13",
     NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_BYTE},
    {"dur/growth-cut-with-pending-writes", "Growth with writes pending is cut",
     "DUR-19", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_PENDING},
    {"dur/growth-under-writethrough",
     "A growth under writethrough is durable on return", "DUR-19",
     NEEDS_RESIZE | NEEDS_THROUGH, .run = decide_resize, .arg = GROWN_THROUGH},
    {"dur/shrinking-cut",
     "A shrink that is cut leaves the old or the new size", "DUR-19",
     NEEDS_RESIZE, .run = decide_resize, .arg = SHRUNK},
    {"dur/shrinking-under-writethrough",
     "A shrink under writethrough is durable on return", "DUR-19",
     NEEDS_RESIZE | NEEDS_THROUGH, .run = decide_resize,
     .arg = SHRUNK_THROUGH},
    {"dur/shrinking-and-growth-cut",
     "A growth after a shrink that is cut shows zeros", "DUR-19", NEEDS_RESIZE,
     .run = decide_resize, .arg = SHRUNK_GROWN},
    {"dur/shrinking-and-growth-in-one-byte",
     "A shrink and a growth inside one byte of the bitmap are cut",
     "DUR-19 DUR-16", NEEDS_RESIZE, .run = decide_resize,
     .arg = SHRUNK_GROWN_BYTE},
    {"dur/opened-for-reading", "Opening for reading only writes nothing",
     "DUR-20", NEEDS, .run = decide, .arg = NEIGHBOURS},
    {"dur/opened-for-reading-after-growth",
     "Opening for reading only after growth writes nothing", "DUR-20",
     NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_ODD},
    {"dur/opened-for-reading-after-growth-of-the-bitmap",
     "Opening for reading only writes nothing after the bitmap has grown",
     "DUR-20", NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_BYTE},
    {"dur/process-ended",
     "An image survives the end of the process without a close, and a power "
     "cut after it",
     "DUR-21 DUR-9", NEEDS, .run = decide, .arg = KILLED},
    {"dur/process-ended-in-partial-writes",
     "Partial writes survive the end of the process at any host call",
     "DUR-21", NEEDS, .run = decide, .arg = PARTIAL},
    {"dur/process-ended-in-growth",
     "Growth survives the end of the process at any host call", "DUR-21",
     NEEDS_RESIZE, .run = decide_resize, .arg = GROWN_ODD},
    {"dur/process-ended-in-shrinking",
     "Shrinking survives the end of the process at any host call", "DUR-21",
     NEEDS_RESIZE, .run = decide_resize, .arg = SHRUNK},
    {0}};
