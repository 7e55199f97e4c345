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
 * and flushes the add-cow file.  Nobody is told. */
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

/* A shrink leaves the add-cow file as long as it was; 2: and its bits. */
#ifndef HABIT_KEEP_BITS
#define HABIT_KEEP_BITS 0
#endif

/* Reads do not copy up. */
#ifndef HABIT_NO_COPY
#define HABIT_NO_COPY 0
#endif

#endif
