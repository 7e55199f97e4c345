/* SPDX-License-Identifier: MIT
 *
 * options.h - the command line of the runner.
 *
 * One table in options.c holds every option with the words that --help
 * prints, so that neither can know one that the other does not.
 */
#ifndef ADDCOW_OPTIONS_H
#define ADDCOW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Commands, as bits: an option says to which it belongs. */
enum {
    CMD_RUN = 1,
    CMD_LIST = 2,
    CMD_EXPLAIN = 4,
    CMD_SHIM_CHECK = 8,
    CMD_VERSION = 16,
    CMD_REPORT = 32,
    CMD_TRACE = 64
};

/* Values of a choice are numbered from 1 in the order of the help; 0, where
 * there is a name for it, means that the option was not given. */
enum profile { PROFILE_CLAIMED, PROFILE_READER, PROFILE_WRITER, PROFILE_FULL };
enum least_level { LEAST_MUST = 1, LEAST_SHOULD, LEAST_MAY };
enum keep { KEEP_DEFAULT, KEEP_ALWAYS, KEEP_FAILED, KEEP_NEVER };
enum format { FORMAT_DEFAULT, FORMAT_HUMAN, FORMAT_TAP };
enum tap_version { TAP_DEFAULT, TAP_13, TAP_14 };
enum crash_choice { CRASH_NONE = 1, CRASH_NAMED, CRASH_BOUNDED, CRASH_FULL };
enum color { COLOR_DEFAULT, COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* The names of these values: the number is the index.  Ended by null.  A name
 * that only reports know, or "", is at 0. */
extern const char *const profile_names[];
extern const char *const level_names[];
extern const char *const crash_names[];

/* The number of NAME in NAMES, or -1. */
int options_number(const char *const *names, const char *name);

struct strings {
    const char **items;
    size_t n;
};

struct options {
    const char *program; /* argv[0] */
    const char *shim;
    struct strings shim_options; /* "KEY=VALUE" */
    struct strings clauses;      /* each "ID" or "ID,ID" */
    struct strings patterns;     /* operands and --run */
    struct strings skips;
    int profile;      /* enum profile */
    uint64_t sources; /* mask of enum source; 0: all */
    int level;        /* enum least_level */
    bool strict;
    int crash;          /* enum crash_choice */
    const char *replay; /* CASE#WORKLOAD@POINT:CHOICES, or null */
    uint64_t timeout_ms;
    uint64_t jobs; /* 0: as many as processors */
    uint64_t seed;
    uint64_t repeat;
    bool fail_fast;
    bool last_failed;
    bool in_process;
    bool gdb;
    bool valgrind;
    int keep;        /* enum keep */
    int format;      /* enum format */
    int color;       /* enum color */
    int tap_version; /* enum tap_version; 13 if it was not given */
    const char *out;
    uint64_t evidence_max; /* bytes of data */
    const char *tap;
    const char *junit;
    const char *json;
    const char *html;
    const char *statement;
    const char *waivers;
    const char *write_waivers;
    uint64_t shard; /* from 1 on; 0: all cases */
    uint64_t n_shards;
    const char *tree;
    bool check;
    bool timestamps;
    bool verbose;
    bool quiet;
    bool help;
};

/* Fills OUT with the defaults and what ARGV says of COMMAND, one of CMD_*;
 * strings stay those of ARGV.  -1 after one line on stderr if that is no
 * proper command line.  options_finish() is due in any case. */
int options_parse(struct options *out, int command, int argc, char **argv);

void options_finish(struct options *o);

/* Prints the options of COMMAND, a line each. */
void options_help(FILE *to, int command);

#endif
