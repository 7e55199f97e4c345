/* SPDX-License-Identifier: MIT
 *
 * fuzz.h - what every target has: the implementation under test, and the
 * report of what it did wrong.
 *
 * The implementation is the one that was linked, -DFUZZ_IUT=, the reference
 * by default; or, where the environment has FUZZ_SHIM, that shared object.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "addcow_shim.h"

#include <stdio.h>

/* The table of the implementation, with null for the members that it does not
 * know.  Ends the process with status 2 unless it claims HOST: a fuzzer gives
 * it its files. */
const struct addcow_shim *fuzz_iut(void);

/* The table of another one, GIVEN by its addcow_shim_get(), likewise; never
 * freed. */
const struct addcow_shim *fuzz_take(const struct addcow_shim *given);

/* The implementation broke CLAUSE (null: the contract of addcow_shim.h):
 * prints the clause and its words, what is said here, and how to see it again;
 * then aborts. */
_Noreturn void fuzz_fail(const char *clause, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints what led to the failure; called by fuzz_fail(). */
void fuzz_set_words(void (*words)(FILE *out));

/* The program gets the same input again with these ARGUMENTS, which stay the
 * caller's; null: with a file that an engine is going to name. */
void fuzz_set_again(const char *arguments);

/* So many inputs were judged, requests of the guest made and bytes compared.
 * The sums are printed at the end if the environment has FUZZ_COUNTS:
 * "counts: inputs requests bytes". */
void fuzz_count(uint64_t n_inputs, uint64_t n_requests, uint64_t n_bytes);

/* WHAT ended with RESULT: coverage of the specification, for libFuzzer, which
 * leads also where the implementation is not instrumented. */
void fuzz_see(unsigned what, int result);

/* Called before the first input, with what main() was given, which the report
 * needs: what is wrong with the shim is said before anything is taken for a
 * finding.  Returns 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The target: each program has one.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
