/* SPDX-License-Identifier: MIT
 *
 * toys.h - small implementations of the format over clusters of any
 * length, right or broken on purpose, for proving the crash engine.
 *
 * What a toy does to the host in each operation is a program: a list of
 * steps.  A toy is broken by a step that is missing or in the wrong place, or
 * by a quirk, always or only in some requests (toy_when).  One
 * toy is in use at a time.
 *
 * Deliberately missing: recovery from a failing host (after a failed flush
 * all fails), concurrency, error classes.
 */
#ifndef ADDCOW_TOYS_H
#define ADDCOW_TOYS_H

#include "addcow_shim.h"

#define TOY_HEADER_LEN 2560u
#define TOY_MAX_STEPS 12
#define TOY_TABLE_BITS 8u /* bits that are held in memory as one table */

enum toy_step {
    DO_END,
    DO_FLUSH_IMAGE,  /* if it is dirty */
    DO_FLUSH_ADDCOW, /* if it is dirty */
    DO_SNAPSHOT,     /* keep the pending bits as they are now */
    DO_BITS,         /* write what was kept */
    DO_NOTE_DIRTY,   /* the add-cow file has to be flushed */

    /* A write to an unallocated cluster. */
    DO_COPY, /* complete what the write does not cover */
    DO_DATA,
    DO_MARK, /* its bit is pending */

    /* A create. */
    DO_ZERO_SECTOR_0, /* of an old file; nothing if there is none */
    DO_SIZE,
    DO_SECTORS_1_TO_4,
    DO_SECTOR_0,

    /* A growth. */
    DO_OLD_SIZE, /* an image file with an odd tail loses it */
    DO_COMPLETE, /* the last cluster, up to the old size */
    DO_EXTEND,   /* the add-cow file */
    DO_NEW_BITS, /* and all that are pending */
    DO_NEW_SIZE, /* of the image file */
    DO_REBUILD,  /* cut the add-cow file to its header */
    DO_OLD_BITS, /* zeros over the bits as they were */
    DO_HEADER,   /* zeros over its first sector, and what it was again */

    /* A shrink. */
    DO_CUT,        /* the image file */
    DO_CLEAR_BITS, /* at the new end and beyond */
    DO_TRIM,       /* the add-cow file */
    N_DO
};

/* Ways to differ that no order of steps shows. */
#define QUIRK_STALE 0x1u  /* writes the byte of a bit as it was at open */
#define QUIRK_FORGET 0x2u /* clears a neighbour's bit, then sets it again */
#define QUIRK_SHORT_COPY 0x4u      /* the last sector of a copy is forgotten */
#define QUIRK_NO_ZEROS 0x8u        /* nothing is copied past backing's end */
#define QUIRK_LAZY_FLUSH 0x10u     /* no pending bit: flush does nothing */
#define QUIRK_REDUNDANT 0x20u      /* right: rewrites, reads ahead, pads */
#define QUIRK_SPARSE 0x40u         /* zeros in the image file show backing */
#define QUIRK_FORGIVING 0x100u     /* a failed flush is forgotten */
#define QUIRK_PADS_ON_OPEN 0x200u  /* and when opened for reading */
#define QUIRK_CHECKSUM 0x80u       /* right: an unknown content is an error */
#define QUIRK_FORGETFUL 0x400u     /* the same, and nothing is dirty then */
#define QUIRK_STALE_SECTOR 0x800u  /* writes the sector as it was at open */
#define QUIRK_ONLY_NEW 0x1000u     /* a byte of bits without those written */
#define QUIRK_DROPS_OLD 0x2000u    /* a byte of bits without those at open */
#define QUIRK_ONE_SECTOR 0x4000u   /* no bits past the first sector */
#define QUIRK_SHORT_TAIL 0x8000u   /* SHORT_COPY at the end of the disk */
#define QUIRK_ZERO_FILL 0x10000u   /* completes sectors with zeros */
#define QUIRK_SKIPS_SAME 0x20000u  /* data that is there is not allocated */
#define QUIRK_RECOVERS 0x40000u    /* open to write drops the last bit */
#define QUIRK_TRIMS_ODD 0x80000u   /* open cuts part of a sector off */
#define QUIRK_TRIMS_MORE 0x100000u /* a shrink cuts a byte of bits */
#define QUIRK_CLEARS_MORE 0x200000u   /* a shrink clears a bit too many */
#define QUIRK_SAME_TRIMS 0x400000u    /* a resize to the same size does */
#define QUIRK_REFUSES_LONG 0x800000u  /* no growth of a longer add-cow file */
#define QUIRK_REFUSES_BITS 0x1000000u /* nor with bits that are too many */
#define QUIRK_TOUCHES_BACKING 0x2000000u /* writes what is there anyway */
#define QUIRK_INVERTS 0x4000000u         /* what is in the image file */
#define QUIRK_DROPS_TAIL 0x8000000u      /* open to write drops its bit */
#define QUIRK_LOSES_ERRORS 0x10000000u   /* of host writes */

/* In which requests a toy is broken; else it does what is right.  What is 0
 * does not matter.  That of writes holds until the next write, for what comes
 * of it. */
enum { ANY, YES, NO };
enum toy_request {
    TOY_ANY,
    TOY_OPEN,
    TOY_WRITE,
    TOY_FLUSH,
    TOY_RESIZE,
    TOY_CREATE,
    TOY_CLOSE
};

struct toy_when {
    enum toy_request kind;
    uint64_t size;         /* bytes of the disk before it */
    uint64_t len;          /* bytes of a write; a resize's new size */
    uint64_t offset;       /* of a write of LEN bytes */
    unsigned char through; /* under writethrough */
    unsigned char backing; /* there is a backing file */
    unsigned char made;    /* the toy has made the image */
    unsigned char existed; /* a create replaces a file */
    unsigned char whole;   /* a write covers a whole cluster */
    unsigned char zeros;   /* it is zeros */
    unsigned char again;   /* the same data was written there before */
    unsigned char file;    /* flushes of: 1 the add-cow file, 2 the image's */
    unsigned char nth;     /* of these since the image was opened */
};

struct toy_program {
    const char *name;
    struct toy_when when;
    unsigned quirks;
    unsigned char write[TOY_MAX_STEPS];
    unsigned char flush[TOY_MAX_STEPS];
    unsigned char evict[TOY_MAX_STEPS];
    unsigned char create[TOY_MAX_STEPS];
    unsigned char grow[TOY_MAX_STEPS];
    unsigned char shrink[TOY_MAX_STEPS];
};

/* The programs of the specification: chapters 9, 11 and 12. */
extern const struct toy_program toy_right;

/* A step in words: "flush the image file". */
const char *toy_step_name(unsigned step);

/* The shim, which behaves as PROGRAM says until the next call.  CLUSTER_LEN is
 * a multiple of 512. */
const struct addcow_shim *toy_shim(const struct toy_program *program,
                                   uint32_t cluster_len);

/* Called with ARG in each flush of the guest, after each flush of the image
 * file there; null: not. */
void toy_during_flush(void (*hook)(void *arg), void *arg);

/* A header that names these files. */
void toy_header(unsigned char out[TOY_HEADER_LEN], const char *image_name,
                const char *backing_name);

/* QUIRK_CHECKSUM keeps sums in one sector of the add-cow file at this offset,
 * of at most TOY_MAX_SUMS sectors. */
#define TOY_SUMS_OFFSET 3072u
#define TOY_MAX_SUMS 64u
/* The sums of an image file of LEN bytes. */
void toy_sums(unsigned char out[512], const unsigned char *image, size_t len);

#endif
