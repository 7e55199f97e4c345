/* SPDX-License-Identifier: MIT
 *
 * zoo.c - see zoo.h.
 */
#include "zoo.h"

#include <string.h>

const struct zoo_toy zoo[] = {
    {{.name = "right"}, NULL},
    {{.name = "redundant, reads ahead, pads", .quirks = QUIRK_REDUNDANT},
     NULL},
    {{.name = "bits before the data is flushed",
      .flush = {DO_SNAPSHOT, DO_BITS, DO_NOTE_DIRTY, DO_FLUSH_IMAGE,
                DO_FLUSH_ADDCOW}},
     "part"},
    {{.name = "no flush of the data",
      .flush = {DO_SNAPSHOT, DO_BITS, DO_NOTE_DIRTY, DO_FLUSH_ADDCOW}},
     "part"},
    {{.name = "acknowledged before the bits are flushed",
      .flush = {DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS, DO_NOTE_DIRTY}},
     "whole"},
    {{.name = "bits written back from a stale copy", .quirks = QUIRK_STALE},
     "neighbours"},
    {{.name = "a neighbour's bit cleared and set again",
      .quirks = QUIRK_FORGET},
     "neighbours"},
    {{.name = "a copy that lacks its last sector", .quirks = QUIRK_SHORT_COPY},
     "part"},
    {{.name = "nothing copied past the end of backing",
      .quirks = QUIRK_NO_ZEROS},
     "over-backing-end"},
    {{.name = "the copy made after the data was flushed",
      .write = {DO_DATA, DO_MARK, DO_SNAPSHOT, DO_FLUSH_IMAGE, DO_BITS,
                DO_NOTE_DIRTY, DO_COPY}},
     "part"},
    {{.name = "an overwrite that needs no flush", .quirks = QUIRK_LAZY_FLUSH},
     "overwrite"},
    {{.name = "sector 0 before the rest of a header",
      .create = {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_SECTOR_0,
                 DO_FLUSH_ADDCOW, DO_SECTORS_1_TO_4, DO_FLUSH_ADDCOW}},
     "create"},
    {{.name = "one flush for a whole header",
      .create = {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_SECTORS_1_TO_4,
                 DO_SECTOR_0, DO_FLUSH_ADDCOW}},
     "create"},
    {{.name = "an old header that is not put out of use first",
      .create = {DO_SIZE, DO_SECTORS_1_TO_4, DO_FLUSH_ADDCOW, DO_SECTOR_0,
                 DO_FLUSH_ADDCOW}},
     "replace"},
    {{.name = "an image that grows before its bitmap",
      .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_NEW_SIZE,
               DO_EXTEND, DO_NEW_BITS, DO_FLUSH_ADDCOW}},
     "grow"},
    {{.name = "a tail that is forgotten in a growth",
      .grow = {DO_OLD_SIZE, DO_FLUSH_IMAGE, DO_EXTEND, DO_NEW_BITS,
               DO_FLUSH_ADDCOW, DO_NEW_SIZE}},
     "grow-tail"},
    {{.name = "a bitmap that shrinks before the cut is durable",
      .shrink = {DO_CUT, DO_CLEAR_BITS, DO_TRIM}},
     "shrink"},
    {{.name = "zeros in the image file taken for a hole",
      .quirks = QUIRK_SPARSE},
     "zeros"},
    {{.name = "a failed flush that is forgotten", .quirks = QUIRK_FORGIVING},
     NULL},
    {{.name = "errors of the host lost", .quirks = QUIRK_LOSES_ERRORS}, NULL},
    {{.name = "an open for reading that writes", .quirks = QUIRK_PADS_ON_OPEN},
     "part"},
    {{.name = "a close that flushes nothing", .flush = {DO_SNAPSHOT}}, "tail"},
    {{.name = "bits before the data is written",
      .write = {DO_MARK, DO_SNAPSHOT, DO_BITS, DO_COPY, DO_DATA}},
     "part"},
    {{.name = "bits before the rest of the cluster is copied",
      .write = {DO_DATA, DO_MARK, DO_SNAPSHOT, DO_BITS, DO_COPY}},
     "part"},
    {{.name = "a header before its bitmap",
      .create = {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SECTORS_1_TO_4,
                 DO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_FLUSH_ADDCOW}},
     "create"},
    {{.name = "an old header put out of use without a flush",
      .create = {DO_ZERO_SECTOR_0, DO_SIZE, DO_SECTORS_1_TO_4, DO_FLUSH_ADDCOW,
                 DO_SECTOR_0, DO_FLUSH_ADDCOW}},
     "replace"},
    {{.name = "no flush at the end of a create",
      .create = {DO_ZERO_SECTOR_0, DO_FLUSH_ADDCOW, DO_SIZE, DO_SECTORS_1_TO_4,
                 DO_FLUSH_ADDCOW, DO_SECTOR_0}},
     "create"},
    {{.name = "a growth that makes its bitmap anew",
      .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_REBUILD, DO_EXTEND,
               DO_NEW_BITS, DO_FLUSH_ADDCOW, DO_NEW_SIZE}},
     "grow"},
    {{.name = "a growth that clears the bits and sets them again",
      .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND,
               DO_OLD_BITS, DO_NEW_BITS, DO_FLUSH_ADDCOW, DO_NEW_SIZE}},
     "grow"},
    {{.name = "a growth that does not flush the add-cow file",
      .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND,
               DO_NEW_BITS, DO_NEW_SIZE}},
     "grow-tail"},
    {{.name = "a growth without bits",
      .grow = {DO_OLD_SIZE, DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND,
               DO_FLUSH_ADDCOW, DO_NEW_SIZE}},
     "grow-tail"},
    {{.name = "an odd end that stays in a growth",
      .grow = {DO_COMPLETE, DO_FLUSH_IMAGE, DO_EXTEND, DO_NEW_BITS,
               DO_FLUSH_ADDCOW, DO_NEW_SIZE}},
     ""},
    {{.name = "bits cleared before the cut",
      .shrink = {DO_CLEAR_BITS, DO_CUT, DO_FLUSH_IMAGE, DO_TRIM}},
     "shrink"},
    {{.name = "a shrink that writes the header anew",
      .shrink = {DO_CUT, DO_FLUSH_IMAGE, DO_CLEAR_BITS, DO_TRIM, DO_HEADER}},
     "shrink"},
    {{.name = "a failed flush after which nothing is dirty",
      .quirks = QUIRK_FORGETFUL},
     NULL},
    {{.name = "a sector of bits written back from a stale copy",
      .quirks = QUIRK_STALE_SECTOR},
     ""},
    {{.name = "new bits written without the old ones",
      .quirks = QUIRK_ONLY_NEW},
     "neighbours"},
    {{.name = "bits of an earlier opening lost", .quirks = QUIRK_DROPS_OLD},
     "reopen"},
    {{.name = "bits past the first sector not written",
      .quirks = QUIRK_ONE_SECTOR},
     ""},
    {{.name = "a copy of the tail that lacks its last sector",
      .quirks = QUIRK_SHORT_TAIL},
     ""},
    {{.name = "parts of sectors completed with zeros",
      .quirks = QUIRK_ZERO_FILL},
     ""},
    {{.name = "data that is there already is not allocated",
      .quirks = QUIRK_SKIPS_SAME},
     "part"},
    {{.name = "an open that drops the last bit", .quirks = QUIRK_RECOVERS},
     "part"},
    {{.name = "an open that cuts an odd end off", .quirks = QUIRK_TRIMS_ODD},
     ""},
    {{.name = "a bitmap trimmed by a byte too many",
      .quirks = QUIRK_TRIMS_MORE},
     "shrink"},
    {{.name = "a bit too many cleared", .quirks = QUIRK_CLEARS_MORE},
     "shrink"},
    {{.name = "a resize to the same size that trims",
      .quirks = QUIRK_SAME_TRIMS},
     "shrink"},
    {{.name = "no growth of a longer add-cow file",
      .quirks = QUIRK_REFUSES_LONG},
     ""},
    {{.name = "an open that writes the backing file",
      .quirks = QUIRK_TOUCHES_BACKING,
      .when = {.kind = TOY_OPEN}},
     "part"},
    {{.name = "a flush that writes the backing file",
      .quirks = QUIRK_TOUCHES_BACKING,
      .when = {.kind = TOY_FLUSH}},
     "part"},
    {{.name = "an open that drops the bit of a short last cluster",
      .quirks = QUIRK_DROPS_TAIL},
     "tail"},
    {{.name = "no growth with bits past the end",
      .quirks = QUIRK_REFUSES_BITS},
     "grow-tail"}};
const size_t zoo_len = sizeof(zoo) / sizeof(zoo[0]);

/* A program that is not given is the right one's. */
static void complete(unsigned char *out, const unsigned char *right)
{
    if (out[0] == DO_END)
        memcpy(out, right, TOY_MAX_STEPS);
}

struct toy_program zoo_program(const struct zoo_toy *t)
{
    struct toy_program p = t->program;

    complete(p.write, toy_right.write);
    complete(p.flush, toy_right.flush);
    complete(p.evict, toy_right.evict);
    complete(p.create, toy_right.create);
    complete(p.grow, toy_right.grow);
    complete(p.shrink, toy_right.shrink);
    return p;
}

const struct zoo_toy *zoo_find(const char *name)
{
    for (size_t i = 0; i < zoo_len; i++)
        if (strcmp(zoo[i].program.name, name) == 0)
            return &zoo[i];
    return NULL;
}
