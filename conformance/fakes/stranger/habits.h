/* SPDX-License-Identifier: MIT
 *
 * habits.h - what one stranger does otherwise than the next.  A habit is 0
 * unless cmake/strangers.cmake, which also names the clause that allows it,
 * defines it for a target.
 */
#ifndef HABITS_H
#define HABITS_H

/* The rest of the stranger's name. */
#ifndef HABIT_NAME
#define HABIT_NAME ""
#endif

/* Declares no choices. */
#ifndef HABIT_SILENT
#define HABIT_SILENT 0
#endif

/* Each write and discard also flushes the image file and writes the bits; 2:
 * and flushes the add-cow file.  Nobody learns of it. */
#ifndef HABIT_EAGER
#define HABIT_EAGER 0
#endif

/* Is under writethrough whenever it writes. */
#ifndef HABIT_THROUGH
#define HABIT_THROUGH 0
#endif

/* Claims no WRITETHROUGH. */
#ifndef HABIT_NO_THROUGH
#define HABIT_NO_THROUGH 0
#endif

/* Whatever changes the image fails after a flush that the host failed. */
#ifndef HABIT_LATCH
#define HABIT_LATCH 0
#endif

/* With LATCH: then the bits that it has not written yet are forgotten. */
#ifndef HABIT_FORGET
#define HABIT_FORGET 0
#endif

/* Whatever changes the image fails after a change of it that failed for
 * another reason than space. */
#ifndef HABIT_GIVE_UP
#define HABIT_GIVE_UP 0
#endif

/* A create fails if its last step, the close of the new file, does. */
#ifndef HABIT_TELL_CLOSE
#define HABIT_TELL_CLOSE 0
#endif

/* A shrink leaves the add-cow file as long as it was; 2: and its bits. */
#ifndef HABIT_KEEP_BITS
#define HABIT_KEEP_BITS 0
#endif

/* Reads do not copy up. */
#ifndef HABIT_NO_COPY
#define HABIT_NO_COPY 0
#endif

/* The backing file is opened with the image, and must exist (IMPL-1, IMPL-4).
 */
#ifndef HABIT_EARLY_BACKING
#define HABIT_EARLY_BACKING 0
#endif

/* Serves whole sectors only (IMPL-2). */
#ifndef HABIT_SECTORS
#define HABIT_SECTORS 0
#endif

/* Offers growth only; 2: shrinking only (IMPL-6). */
#ifndef HABIT_RESIZE
#define HABIT_RESIZE 0
#endif

/* A write of no bytes to what was opened for reading succeeds (IMPL-7). */
#ifndef HABIT_NO_BYTES
#define HABIT_NO_BYTES 0
#endif

/* Reads the whole of each unallocated cluster, and writes it, one by one. */
#ifndef HABIT_CLUSTERS
#define HABIT_CLUSTERS 0
#endif

/* Completes each sector that it writes, which may hold the same as before. */
#ifndef HABIT_WHOLE_SECTORS
#define HABIT_WHOLE_SECTORS 0
#endif

/* Bytes of guest data in one call of the host, a power of two. */
#ifndef HABIT_PIECE
#define HABIT_PIECE (1 << 20)
#endif

/* Writes bits in units of this many bytes, a power of two, and only those in
 * which one changed. */
#ifndef HABIT_UNIT
#define HABIT_UNIT 0
#endif

/* Writes the last unit of bits first. */
#ifndef HABIT_BACKWARDS
#define HABIT_BACKWARDS 0
#endif

/* Writes the header, as it is, with the first bits. */
#ifndef HABIT_HEADER
#define HABIT_HEADER 0
#endif

/* A discard does nothing. */
#ifndef HABIT_NO_DISCARD
#define HABIT_NO_DISCARD 0
#endif

/* Flushes both files when it opens them for writing. */
#ifndef HABIT_FLUSH_AT_OPEN
#define HABIT_FLUSH_AT_OPEN 0
#endif

/* Flushes both files whenever it flushes. */
#ifndef HABIT_FLUSH_ALL
#define HABIT_FLUSH_ALL 0
#endif

/* Keeps a list of what it wrote since the last flush, not bits. */
#ifndef HABIT_LOG
#define HABIT_LOG 0
#endif

/* Asks the host for the size each time. */
#ifndef HABIT_ASK_SIZE
#define HABIT_ASK_SIZE 0
#endif

/* Copies up this many clusters when it opens the image for writing. */
#ifndef HABIT_COPY_AT_OPEN
#define HABIT_COPY_AT_OPEN 0
#endif

/* One lock for all, which is held in the host, and CONCURRENT. */
#ifndef HABIT_LOCK
#define HABIT_LOCK 0
#endif

#endif
