/* SPDX-License-Identifier: MIT
 *
 * crash_shown.c - see crash_shown.h.
 *
 * Where the mistake is the same as in another row, it is bound to the place
 * or the request that the case is about.  The batches of "bounded" and of "cut
 * again" begin with an operation each: their toys are broken in that one.
 */
#include "crash_shown.h"

#define CLUSTER UINT64_C(65536)
#define IMAGE_LEN (9 * CLUSTER + 33 * 512) /* of the alphabet */
#define BACKING_LEN (8 * CLUSTER + 700)

#define EARLY_BITS "bits before the data is flushed"
#define NO_DATA_FLUSH "no flush of the data"
#define EARLY_ACK "acknowledged before the bits are flushed"
#define STALE "bits written back from a stale copy"
#define STALE_SECTOR "a sector of bits written back from a stale copy"
#define ONE_SECTOR "bits past the first sector not written"
#define CLEARED "a neighbour's bit cleared and set again"
#define ONLY_NEW "new bits written without the old ones"
#define DROPS_OLD "bits of an earlier opening lost"
#define TORN "a copy that lacks its last sector"
#define TORN_TAIL "a copy of the tail that lacks its last sector"
#define NO_ZEROS "nothing copied past the end of backing"
#define LATE_COPY "the copy made after the data was flushed"
#define ZERO_FILL "parts of sectors completed with zeros"
#define LAZY "an overwrite that needs no flush"
#define SKIPS_SAME "data that is there already is not allocated"
#define BITS_FIRST "bits before the data is written"
#define BITS_BEFORE_COPY "bits before the rest of the cluster is copied"
#define EARLY_HEADER "sector 0 before the rest of a header"
#define ONE_FLUSH "one flush for a whole header"
#define OLD_HEADER "an old header that is not put out of use first"
#define OLD_UNFLUSHED "an old header put out of use without a flush"
#define HEADER_ALONE "a header before its bitmap"
#define NO_LAST_FLUSH "no flush at the end of a create"
#define EARLY_GROWTH "an image that grows before its bitmap"
#define NO_TAIL "a tail that is forgotten in a growth"
#define REBUILT "a growth that makes its bitmap anew"
#define CLEARS_IN_GROWTH "a growth that clears the bits and sets them again"
#define NO_GROWTH_FLUSH "a growth that does not flush the add-cow file"
#define NO_GROWTH_BITS "a growth without bits"
#define ODD_END "an odd end that stays in a growth"
#define REFUSES_LONG "no growth of a longer add-cow file"
#define REFUSES_BITS "no growth with bits past the end"
#define EARLY_TRIM "a bitmap that shrinks before the cut is durable"
#define EARLY_CLEAR "bits cleared before the cut"
#define TRIMS_MORE "a bitmap trimmed by a byte too many"
#define NEW_HEADER "a shrink that writes the header anew"
#define CLEARS_MORE "a bit too many cleared"
#define SAME_TRIMS "a resize to the same size that trims"
#define SPARSE "zeros in the image file taken for a hole"
#define WRITES_ON_OPEN "an open for reading that writes"
#define TRIMS_ODD "an open that cuts an odd end off"
#define RECOVERS "an open that drops the last bit"
#define DROPS_TAIL "an open that drops the bit of a short last cluster"
#define NO_CLOSE "a close that flushes nothing"
#define FORGIVING "a failed flush that is forgotten"
#define FORGETFUL "a failed flush after which nothing is dirty"

#define ALWAYS \
    {          \
        0      \
    }

/* ---- Bounded ------------------------------------------------------------ */

/* A write of the alphabet, in MODE. */
#define BOUNDED(number, mode, in_mode, toy, clause, ...) \
    {                                                    \
        "dur/bounded-" mode "-" number, toy, clause,     \
        {                                                \
            .through = (in_mode), __VA_ARGS__            \
        }                                                \
    }
#define WRITES(mode, in_mode)                                              \
    BOUNDED("01", mode, in_mode, BITS_FIRST, "DUR-11", .len = CLUSTER,     \
            .offset = 0),                                                  \
        BOUNDED("02", mode, in_mode, BITS_FIRST, "DUR-11", .len = CLUSTER, \
                .offset = CLUSTER, .zeros = NO),                           \
        BOUNDED("03", mode, in_mode, BITS_FIRST, "DUR-11", .len = CLUSTER, \
                .offset = 8 * CLUSTER),                                    \
        BOUNDED("04", mode, in_mode, BITS_FIRST, "DUR-11", .len = 512,     \
                .offset = 1024),                                           \
        BOUNDED("05", mode, in_mode, BITS_FIRST, "DUR-11", .len = 1000,    \
                .offset = CLUSTER + 777),                                  \
        BOUNDED("06", mode, in_mode, BITS_FIRST, "DUR-11", .len = 2048,    \
                .offset = CLUSTER - 1024),                                 \
        BOUNDED("07", mode, in_mode, BITS_FIRST, "DUR-11",                 \
                .len = 2 * CLUSTER, .offset = 2 * CLUSTER),                \
        BOUNDED("08", mode, in_mode, BITS_FIRST, "DUR-11",                 \
                .len = 3 * CLUSTER / 2, .offset = 15 * CLUSTER / 2),       \
        BOUNDED("09", mode, in_mode, BITS_FIRST, "DUR-11", .len = 512,     \
                .offset = IMAGE_LEN - 512),                                \
        BOUNDED("10", mode, in_mode, BITS_FIRST, "DUR-11", .len = 1536,    \
                .offset = 512),                                            \
        BOUNDED("11", mode, in_mode, BITS_FIRST, "DUR-11", .len = 1024,    \
                .offset = BACKING_LEN - 512),                              \
        BOUNDED("12", mode, in_mode, BITS_FIRST, "DUR-11", .len = CLUSTER, \
                .offset = CLUSTER, .zeros = YES)

/* ---- Cut again ---------------------------------------------------------- */

/* It is right until a write is made again. */
#define AGAIN(number, toy, clause, ...)       \
    {                                         \
        "dur/cut-again-" number, toy, clause, \
        {                                     \
            .again = YES, __VA_ARGS__         \
        }                                     \
    }

/* ---- Flushes that fail -------------------------------------------------- */

#define FAILED(name, toy_kept, toy_dropped, clause, of, number)        \
    {"dur/failed-flush-" name,                                         \
     toy_kept,                                                         \
     clause,                                                           \
     {.file = (of), .nth = (number), .through = NO}},                  \
        {"dur/failed-flush-" name "-writethrough",                     \
         toy_kept,                                                     \
         clause,                                                       \
         {.file = (of), .nth = (number), .through = YES}},             \
        {"dur/failed-flush-" name "-dropped",                          \
         toy_dropped,                                                  \
         clause,                                                       \
         {.file = (of), .nth = (number), .through = NO}},              \
    {                                                                  \
        "dur/failed-flush-" name "-dropped-writethrough", toy_dropped, \
            clause,                                                    \
        {                                                              \
            .file = (of), .nth = (number), .through = YES              \
        }                                                              \
    }

const struct shown_row shown_rows[] = {
    {"dur/flushed-writes", EARLY_ACK, "DUR-9", ALWAYS},
    {"dur/closed-images", NO_CLOSE, "DUR-9", ALWAYS},
    {"dur/writethrough", EARLY_ACK, "DUR-9", {.through = YES}},
    {"dur/writethrough-over-allocated", LAZY, "DUR-9", {.through = YES}},
    {"dur/overwrites", LAZY, "DUR-9", ALWAYS},
    {"dur/parts-of-sectors", ZERO_FILL, "DUR-10", ALWAYS},
    {"dur/old-bytes", NO_DATA_FLUSH, "DUR-11", ALWAYS},
    {"dur/torn-copy", TORN, "DUR-11", ALWAYS},
    {"dur/old-bytes-past-a-short-backing-file",
     NO_ZEROS,
     "DUR-11",
     {.backing = YES}},
    {"dur/old-bytes-without-a-backing-file",
     NO_ZEROS,
     "DUR-11",
     {.backing = NO}},
    {"dur/tail", TORN_TAIL, "DUR-11", ALWAYS},
    {"dur/zeros", SPARSE, "DUR-9", ALWAYS},
    {"dur/neighbours", CLEARED, "DUR-12", ALWAYS},
    {"dur/one-byte", STALE, "DUR-16", ALWAYS},
    {"dur/stale-copy", STALE_SECTOR, "DUR-16", ALWAYS},
    {"dur/two-bitmap-sectors", ONE_SECTOR, "DUR-9", ALWAYS},
    {"dur/created-image-opens", ONE_FLUSH, "DUR-17", {.existed = NO}},
    {"dur/created-image-opens-after-growth", REBUILT, "DUR-13", {.made = YES}},
    {"dur/created-image-opens-after-growth-of-the-bitmap",
     EARLY_GROWTH,
     "DUR-13",
     {.made = YES}},
    {"dur/created-image-opens-after-shrinking", NEW_HEADER, "DUR-13", ALWAYS},
    {"dur/opened-twice", RECOVERS, "DUR-14", ALWAYS},
    {"dur/opened-twice-after-partial-writes", DROPS_TAIL, "DUR-14", ALWAYS},
    {"dur/writes-made-again", SKIPS_SAME, "DUR-15", {.whole = YES}},
    {"dur/partial-writes-made-again", SKIPS_SAME, "DUR-15", {.whole = NO}},
    {"dur/growth-made-again", REFUSES_BITS, "DUR-15", ALWAYS},
    {"dur/growth-of-the-bitmap-made-again", REFUSES_LONG, "DUR-15", ALWAYS},
    {"dur/shrinking-made-again", SAME_TRIMS, "DUR-15", ALWAYS},
    {"dur/bits-stay", ONLY_NEW, "DUR-16", ALWAYS},
    {"dur/bits-stay-across-handles", DROPS_OLD, "DUR-16", ALWAYS},
    {"dur/bits-stay-in-growth", CLEARS_IN_GROWTH, "DUR-16", ALWAYS},
    {"dur/all-bits", EARLY_BITS, "DUR-11", ALWAYS},
    {"dur/growth-cut", NO_TAIL, "DUR-19", ALWAYS},
    {"dur/growth-cut-of-an-odd-image-file", ODD_END, "DUR-19", ALWAYS},
    {"dur/growth-cut-of-the-bitmap", EARLY_GROWTH, "DUR-13", {.made = NO}},
    {"dur/growth-cut-with-pending-writes", NO_GROWTH_FLUSH, "DUR-19", ALWAYS},
    {"dur/growth-under-writethrough",
     NO_CLOSE,
     "DUR-19",
     {.kind = TOY_RESIZE, .through = YES}},
    {"dur/shrinking-cut", EARLY_TRIM, "DUR-19", {.through = NO}},
    {"dur/shrinking-under-writethrough",
     EARLY_TRIM,
     "DUR-19",
     {.through = YES}},
    {"dur/shrinking-and-growth-cut", NO_GROWTH_BITS, "DUR-19", ALWAYS},
    {"dur/shrinking-and-growth-in-one-byte", CLEARS_MORE, "DUR-16", ALWAYS},
    {"dur/opened-for-reading", WRITES_ON_OPEN, "DUR-20", ALWAYS},
    {"dur/opened-for-reading-after-growth", TRIMS_ODD, "DUR-20", ALWAYS},
    {"dur/opened-for-reading-after-growth-of-the-bitmap",
     WRITES_ON_OPEN,
     "DUR-20",
     {.kind = TOY_OPEN, .size = 9 * CLUSTER}},
    {"dur/process-ended", BITS_BEFORE_COPY, "DUR-21", ALWAYS},
    {"dur/process-ended-in-partial-writes",
     BITS_FIRST,
     "DUR-21",
     {.whole = NO}},
    {"dur/process-ended-in-growth",
     EARLY_GROWTH,
     "DUR-21",
     {.size = CLUSTER + 512}},
    {"dur/process-ended-in-shrinking", EARLY_CLEAR, "DUR-21", ALWAYS},
    {"dur/create-cut", EARLY_HEADER, "DUR-17", ALWAYS},
    {"dur/create-cut-replacing", OLD_HEADER, "DUR-17", ALWAYS},
    {"dur/create-cut-replacing-a-shorter-file", OLD_UNFLUSHED, "DUR-17",
     ALWAYS},
    {"dur/create-cut-with-a-longer-bitmap", HEADER_ALONE, "DUR-17", ALWAYS},
    {"dur/created", NO_LAST_FLUSH, "DUR-18", {.existed = NO}},
    {"dur/created-replacing", NO_LAST_FLUSH, "DUR-18", {.existed = YES}},
    WRITES("writeback", NO),
    BOUNDED("13", "writeback", NO, EARLY_ACK, "DUR-9", .kind = TOY_FLUSH),
    BOUNDED("14", "writeback", NO, NO_CLOSE, "DUR-9", .kind = TOY_CLOSE),
    BOUNDED("15", "writeback", NO, TRIMS_MORE, "DUR-13", .kind = TOY_RESIZE),
    BOUNDED("16", "writeback", NO, REBUILT, "DUR-13", .kind = TOY_RESIZE),
    WRITES("writethrough", YES),
    BOUNDED("13", "writethrough", YES, EARLY_ACK, "DUR-9", .kind = TOY_WRITE),
    BOUNDED("14", "writethrough", YES, RECOVERS, "DUR-14", .kind = TOY_OPEN),
    BOUNDED("15", "writethrough", YES, TRIMS_MORE, "DUR-13",
            .kind = TOY_RESIZE),
    BOUNDED("16", "writethrough", YES, REBUILT, "DUR-13", .kind = TOY_RESIZE),
    AGAIN("01", BITS_FIRST, "DUR-11", .len = CLUSTER, .offset = 0),
    AGAIN("02", BITS_FIRST, "DUR-11", .len = CLUSTER, .offset = CLUSTER,
          .zeros = NO),
    AGAIN("03", BITS_FIRST, "DUR-11", .len = CLUSTER, .offset = 8 * CLUSTER),
    AGAIN("04", BITS_FIRST, "DUR-11", .len = 512, .offset = 1024),
    AGAIN("05", BITS_FIRST, "DUR-11", .len = 1000, .offset = CLUSTER + 777),
    AGAIN("06", BITS_FIRST, "DUR-11", .len = 2048, .offset = CLUSTER - 1024),
    AGAIN("07", BITS_FIRST, "DUR-11", .len = 2 * CLUSTER,
          .offset = 2 * CLUSTER),
    AGAIN("08", BITS_FIRST, "DUR-11", .len = 3 * CLUSTER / 2,
          .offset = 15 * CLUSTER / 2),
    AGAIN("09", BITS_FIRST, "DUR-11", .len = 512, .offset = IMAGE_LEN - 512),
    AGAIN("10", BITS_FIRST, "DUR-11", .len = 1536, .offset = 512),
    AGAIN("11", BITS_FIRST, "DUR-11", .len = 1024,
          .offset = BACKING_LEN - 512),
    AGAIN("12", BITS_FIRST, "DUR-11", .len = CLUSTER, .offset = CLUSTER,
          .zeros = YES),
    AGAIN("13", NO_DATA_FLUSH, "DUR-11", .kind = TOY_FLUSH),
    AGAIN("14", EARLY_BITS, "DUR-11", .kind = TOY_FLUSH),
    AGAIN("15", LATE_COPY, "DUR-11", .whole = NO),
    AGAIN("16", BITS_BEFORE_COPY, "DUR-11", .whole = NO),
    {"dur/cut-early-shrink",
     EARLY_TRIM,
     "DUR-13",
     {.size = IMAGE_LEN - CLUSTER}},
    {"dur/cut-early-write",
     EARLY_BITS,
     "DUR-11",
     {.kind = TOY_FLUSH, .len = CLUSTER, .offset = 8 * CLUSTER}},
    {"dur/cut-early-growth", REBUILT, "DUR-13", {.size = IMAGE_LEN}},
    {"dur/random-writeback", LATE_COPY, "DUR-11", {.through = NO}},
    {"dur/random-writethrough", LATE_COPY, "DUR-11", {.through = YES}},
    {"dur/random-cut-early", EARLY_CLEAR, "DUR-19", {.through = NO}},
    {"dur/random-cut-again", LATE_COPY, "DUR-11", {.again = YES}},
    FAILED("image", FORGIVING, FORGETFUL, "DUR-11", 2, 1),
    FAILED("bitmap", FORGIVING, FORGETFUL, "DUR-9", 1, 1),
    FAILED("image-later", FORGIVING, FORGETFUL, "DUR-11", 2, 3),
    FAILED("bitmap-later", FORGIVING, FORGETFUL, "DUR-9", 1, 2)};
const size_t n_shown_rows = sizeof(shown_rows) / sizeof(shown_rows[0]);
