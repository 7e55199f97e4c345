/* SPDX-License-Identifier: MIT
 *
 * exhaustive.c - all of a small scope, in place of an engine:
 *
 *     fuzz_crash_exhaustive [--ops N | --input HEX]
 *
 * Every sequence of N operations (3 unless it is said) out of a few, on two
 * small images, in writeback and writethrough; the power cut at every call of
 * the host and after the last, with none or one sector of a write in flight;
 * of what was open then every group that survives or not (fuzz_crash.h).  On
 * the image of one sector no more than that, a sector of bits and two lengths
 * are ever open: there nothing is left out.
 *
 * Status 0: the last line counts the runs; 2: usage.  What is found aborts,
 * and the report has the command that shows it again, with --input.
 */
#include "decode.h"
#include "fuzz.h"
#include "fuzz_crash.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPS = 5, WRITETHROUGH = 0x30, INPUT_LEN = DECODE_LEN + 9 };

/* One sector; two clusters but for a sector.  Both are without a bit. */
static const uint8_t images[] = {3, 1};

static const uint8_t alphabet[][DECODE_OP] = {
    {1, 0, 0, 0},  /* write 512 bytes at 0 */
    {1, 0, 3, 2},  /* write 511 bytes at 1 */
    {1, 1, 0, 0},  /* write 512 bytes at 65536 */
    {1, 1, 2, 9},  /* write 1536 bytes at 65024: both clusters */
    {13, 0, 0, 0}, /* discard 512 bytes at 0 */
    {4, 0, 0, 0},  /* flush */
    {10, 0, 0, 0}, /* close, check, open */
};

#define N_LETTERS (sizeof(alphabet) / sizeof(*alphabet))

static uint8_t input[INPUT_LEN];
static unsigned long n_runs;

static const char digits[] = "0123456789abcdef";

/* So that the report has it, should this be the run. */
static void write_input(void)
{
    static char again[] = "--input ";
    static char arguments[sizeof(again) + 2 * INPUT_LEN];
    char *at = arguments + sizeof(again) - 1;

    memcpy(arguments, again, sizeof(again) - 1);
    for (size_t i = 0; i < INPUT_LEN; i++) {
        *at++ = digits[input[i] / 16];
        *at++ = digits[input[i] % 16];
    }
    fuzz_set_again(arguments);
}

/* Takes what write_input() has written.  Whether it is that. */
static bool read_input(const char *hex)
{
    if (strlen(hex) != 2 * INPUT_LEN || strspn(hex, digits) != 2 * INPUT_LEN)
        return false;
    for (size_t i = 0; i < INPUT_LEN; i++)
        input[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) * 16 +
                             (strchr(digits, hex[2 * i + 1]) - digits));
    return true;
}

static void run(struct crash_end *out)
{
    n_runs++;
    write_input();
    LLVMFuzzerTestOneInput(input, INPUT_LEN);
    crash_last(out);
}

/* Every choice at one call; 0 once the power goes after the last. */
static bool cut_at(unsigned call, unsigned in_flight)
{
    struct crash_end end = {0};
    unsigned n_choices = 1;

    input[2] = (uint8_t)call;
    input[3] = (uint8_t)(in_flight * 4);
    for (unsigned groups = 0; groups < n_choices; groups++) {
        input[DECODE_LEN + 8] = (uint8_t)groups;
        run(&end);
        n_choices =
            1u << (end.n_open < CRASH_N_GROUPS ? end.n_open : CRASH_N_GROUPS);
    }
    return end.was_cut;
}

static void cut_everywhere(void)
{
    for (unsigned in_flight = 0; in_flight < 2; in_flight++) {
        unsigned call = 1;

        while (call < 96 && cut_at(call, in_flight))
            call++;
    }
}

static void each_sequence(unsigned at, unsigned n_ops)
{
    uint8_t *op = input + DECODE_HEAD + at * DECODE_OP;

    if (at == n_ops) {
        *op = DECODE_STOP;
        cut_everywhere();
        return;
    }
    for (size_t i = 0; i < N_LETTERS; i++) {
        memcpy(op, alphabet[i], DECODE_OP);
        each_sequence(at + 1, n_ops);
    }
}

static void run_all(unsigned n_ops)
{
    for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++) {
        memset(input, 0, sizeof(input));
        input[0] = images[i];
        each_sequence(0, n_ops);
        input[1] = WRITETHROUGH;
        each_sequence(0, n_ops);
    }
}

int main(int argc, char **argv)
{
    struct crash_end end;
    unsigned n_ops = 3;
    bool is_one = argc == 3 && strcmp(argv[1], "--input") == 0;

    if (argc == 3 && strcmp(argv[1], "--ops") == 0)
        n_ops = (unsigned)strtoul(argv[2], NULL, 10);
    else if (argc != 1 && !(is_one && read_input(argv[2])))
        n_ops = 0;
    if (n_ops < 1 || n_ops > MAX_OPS) {
        fprintf(stderr, "usage: %s [--ops 1..%d | --input HEX]\n", argv[0],
                MAX_OPS);
        return 2;
    }
    LLVMFuzzerInitialize(&argc, &argv);
    if (is_one)
        run(&end);
    else
        run_all(n_ops);
    printf("%lu runs\n", n_runs);
    return 0;
}
