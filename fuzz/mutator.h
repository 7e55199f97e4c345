/* SPDX-License-Identifier: MIT
 *
 * mutator.h - changes to an add-cow file that know its fields.
 *
 * Behind two faces: LLVMFuzzerCustomMutator for libFuzzer, in mutator.c, and
 * afl_custom_fuzz for AFL++, in afl_mutator.c.
 */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* Changes the LEN bytes of DATA, which has room for ROOM, in one to four
 * steps.  Returns the new length, at most ROOM.  The same arguments give the
 * same bytes. */
size_t mutate(uint8_t *data, size_t len, size_t room, uint64_t seed);

#endif
