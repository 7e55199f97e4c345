/* SPDX-License-Identifier: MIT
 *
 * main.c - addcow-conform, the runner of the conformance suite.
 */
#include "commands.h"
#include "run/status.h"
#include "vectors/corpus.h"

#include <stdio.h>
#include <string.h>

#ifndef CONFORM_JANSSON
/* In place of report_command.c, which reads JSON. */
int command_report(const struct options *o, char **argv)
{
    (void)o;
    (void)argv;
    fputs("addcow-conform: report was left out of this build, which did not "
          "find jansson: install libjansson-dev and pkg-config, and build "
          "again\n",
          stderr);
    return STATUS_USAGE;
}
#endif

static const struct command {
    const char *name;
    int bit;
    int (*call)(const struct options *o, char **argv);
    const char *operands;
    const char *help;
} commands[] = {
    {"run", CMD_RUN, command_run, " --shim FILE [OPTION...] [PATTERN...]",
     "Judges an implementation.  PATTERN is a glob on the ids of cases; '*'\n"
     "crosses '/'.  Without one, all cases of the profile run.\n\n"
     "Exit status, the first that applies: 2 usage, or a shim that cannot be\n"
     "driven; 3 the suite itself failed; 1 a case failed; 2 the run was\n"
     "stopped or interrupted, the disk is full, an output was lost; 4 a\n"
     "waiver is stale; 5 nothing was verified; 0 otherwise.\n"},
    {"list", CMD_LIST, command_list, " [OPTION...] [PATTERN...]",
     "Prints the cases: id, level, source, clauses, title; tabs between.\n"},
    {"explain", CMD_EXPLAIN, command_explain, " ID...",
     "Explains a clause, a case, a vector of the corpus, or a mutant: the\n"
     "words, the reasons, what it changes, how to see it again.\n"},
    {"shim-check", CMD_SHIM_CHECK, command_shim_check, " --shim FILE",
     "Loads an implementation and prints what it says of itself.\n"},
    {"report", CMD_REPORT, command_report, " [OPTION...] FILE...",
     "Makes reports from the JSON of runs.  Shards of one run are joined.\n"
     "Several implementations go side by side into one page.\n\n"
     "Exit status: that of the run; of several, the first that applies to\n"
     "any; with --html, where failures are compared, 2 or 3 only.  2, too,\n"
     "if a file is not a report, or not of the run of the others.\n"},
    {"trace", CMD_TRACE, command_trace, " [--check] [--tree DIR]",
     "Prints clause by clause where the reference, the cases, the corpus and\n"
     "the mutants speak of it; tabs between.  --check: status 1 if that is\n"
     "not what is kept in conformance/cases/trace.tsv.\n"},
    {"version", CMD_VERSION, command_version, "",
     "Prints the versions of the suite and of the shim ABI.\n"},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(*commands) };

static void usage(FILE *to)
{
    fputs("usage: addcow-conform COMMAND [OPTION...]\n\n"
          "Checks implementations of the add-cow disk image format.\n\n",
          to);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(to, "  %s%s\n", commands[i].name, commands[i].operands);
    fputs("  corpus build|check|manifest [OPTION...]\n", to);
    fputs("\nCOMMAND --help tells more.\n", to);
}

static int help(const struct command *command)
{
    printf("usage: addcow-conform %s%s\n\n%s", command->name,
           command->operands, command->help);
    options_help(stdout, command->bit);
    return 0;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int finish(int result)
{
    if (!fflush(stdout) && !ferror(stdout))
        return result;
    fputs("addcow-conform: standard output cannot be written\n", stderr);
    return status_with_loss(result);
}

static int unknown(const char *name)
{
    if (*name == '\0')
        usage(stderr);
    else
        fprintf(stderr, "addcow-conform: no command '%s'; --help names all\n",
                name);
    return STATUS_USAGE;
}

static int call(const struct command *command, int argc, char **argv)
{
    struct options o;
    int result = STATUS_USAGE;

    if (options_parse(&o, command->bit, argc, argv) == 0)
        result = o.help ? help(command) : command->call(&o, argv);
    options_finish(&o);
    return result;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command;
    int result;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        usage(stdout);
        return finish(0);
    }
    if (strcmp(name, "corpus") == 0) /* it has options of its own */
        return finish(corpus_main(argc - 1, argv + 1));
    command = find(strcmp(name, "--version") == 0 ? "version" : name);
    if (!command)
        return unknown(name);
    result = select_check_cases();
    return result ? result : finish(call(command, argc, argv));
}
