/* SPDX-License-Identifier: MIT
 *
 * The addcow command: images from the command line.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &create_command, &info_command,  &map_command,    &check_command,
    &read_command,   &write_command, &resize_command, &flatten_command,
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char exit_help[] =
    "Exit status:\n"
    "  0  done\n"
    "  1  a file is missing, exists, is locked, or the host failed\n"
    "  2  the arguments are wrong, or ask for what the image does not have\n"
    "  3  the image is refused: no add-cow file, another version, corrupt\n"
    "  4  check found warnings and no error\n";

static const char number_help[] =
    "Numbers are bytes, decimal, or hexadecimal after 0x; K, M, G and T\n"
    "multiply by powers of 1024.\n";

static void print_help(void)
{
    fputs("Usage: addcow COMMAND [OPTION]... FILE\n\n"
          "Works on disk images of the add-cow format, version 1.\n\n"
          "Commands:\n",
          stdout);
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
    puts("  version   print the version\n\n"
         "\"addcow COMMAND --help\" says more.\n");
    puts(number_help);
    fputs(exit_help, stdout);
}

static void print_options(const struct command *command)
{
    puts("Options:");
    for (const struct option *o = command->options; o->name; o++) {
        int width = printf("  --%s%s%s", o->name, o->value ? " " : "",
                           o->value ? o->value : "");

        printf("%*s%s\n", 20 - width, "", o->help);
    }
}

static void print_example(const char *example)
{
    puts("Example:");
    while (*example) {
        size_t len = strcspn(example, "\n") + 1;

        printf("  %.*s", (int)len, example);
        example += len;
    }
}

static void print_command_help(const struct command *command)
{
    printf("Usage: addcow %s [OPTION]... %s\n\n%s\n", command->name,
           command->operands, command->help);
    print_options(command);
    putchar('\n');
    puts(number_help);
    puts(exit_help);
    print_example(command->example);
}

static int run_command(const struct command *command, char **words)
{
    struct args args;
    int status = parse_args(&args, command, words);

    if (status != STATUS_OK)
        return status;
    if (!args.help)
        return command->run(&args);
    print_command_help(command);
    return STATUS_OK;
}

static int dispatch(char **words)
{
    const char *name = words[0];

    if (!name)
        return report(STATUS_USAGE, "no command", "see addcow --help");
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return run_command(commands[i], words + 1);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help();
        return STATUS_OK;
    }
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("addcow " ADDCOW_VERSION_TEXT " (format version 1)");
        return STATUS_OK;
    }
    return report(STATUS_USAGE, name, "no such command; see addcow --help");
}

/* A file that takes the number of a closed standard stream would receive what
 * is printed.  Here something harmless takes it first. */
static bool fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

/* A result that could not be printed is a failure. */
static int finish_output(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (!errno)
        errno = EIO; /* it failed before */
    return report_errno("standard output");
}

int main(int argc, char **argv)
{
    (void)argc;
    if (!fill_standard_streams())
        return STATUS_FAILED;
    signal(SIGXFSZ, SIG_IGN); /* a limit is an error like a full disk */
    return finish_output(dispatch(argv + (argv[0] != NULL)));
}
