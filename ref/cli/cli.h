/* SPDX-License-Identifier: MIT
 *
 * cli.h - what the files of the addcow command share.  Not a part of the
 * library: it uses addcow.h as any caller would.
 *
 * A command is a row of a table: its options are parsed and its help is
 * printed from the same description.
 *
 * Deliberately missing: abbreviated options, a configuration, colours.
 */
#ifndef ADDCOW_CLI_H
#define ADDCOW_CLI_H

#include "addcow.h"

#include <stdbool.h>
#include <stdio.h>

/* Exit statuses, documented by "addcow --help". */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,  /* a file, or the host, let the operation fail */
    STATUS_USAGE = 2,   /* the arguments are wrong */
    STATUS_REFUSED = 3, /* the image is no good */
    STATUS_WARNED = 4   /* check: warnings, no error */
};

/* ---- args.c: the command line ------------------------------------------- */

struct number {
    bool given;
    uint64_t value; /* 0 if not given */
};

/* What a command line says, for every command; what is not given is zero. */
struct args {
    const char *file; /* the first operand: the add-cow file */
    const char *size; /* the second */
    const char *image;
    const char *backing;
    const char *input;
    const char *output;
    struct number stated_size;
    struct number offset;
    struct number length;
    bool confined;
    bool force;
    bool header;
    bool help;
    bool json;
    bool no_backing;
    bool replace;
    bool shrink;
    bool writethrough;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

/* Tables of options end with a null name. */
struct option {
    const char *name;  /* without its dashes */
    const char *value; /* what help calls its value; null for a flag */
    enum option_kind kind;
    size_t at; /* offset of a bool, const char *, struct number in args */
    const char *help; /* lines after the first begin with OPTION_INDENT */
};
#define OPTION_INDENT "                    "

struct command {
    const char *name;
    const char *operands; /* what help calls them */
    unsigned n_operands;
    const char *summary; /* for the list of commands */
    const char *help;    /* paragraphs, each ended by a newline */
    const char *example; /* one command a line */
    const struct option *options;
    int (*run)(const struct args *args); /* returns an enum status */
};

/* Fills ARGS from the WORDS after the name of the command.  STATUS_USAGE,
 * with a line on standard error, if they are wrong. */
int parse_args(struct args *out, const struct command *command, char **words);

/* A number: decimal, or hexadecimal after 0x, perhaps followed by K, M, G or
 * T for powers of 1024.  False if TEXT is not a number below 2^64. */
bool parse_number(uint64_t *out, const char *text);

/* Options that several commands have. */
#define CONFINED_OPTION                                                       \
    {                                                                         \
        "confined", NULL, OPTION_FLAG, offsetof(struct args, confined),       \
            "refuse an image with a name that is absolute or\n" OPTION_INDENT \
            "has a \"..\" in it; for images from strangers"                   \
    }
#define JSON_OPTION                                             \
    {                                                           \
        "json", NULL, OPTION_FLAG, offsetof(struct args, json), \
            "print one JSON value, for programs"                \
    }
#define OFFSET_OPTION                                                \
    {                                                                \
        "offset", "N", OPTION_NUMBER, offsetof(struct args, offset), \
            "begin at this byte of the disk; 0 without"              \
    }
#define LENGTH_OPTION                                                \
    {                                                                \
        "length", "N", OPTION_NUMBER, offsetof(struct args, length), \
            "this many bytes; without, to the end of the disk"       \
    }
#define HELP_OPTION                                             \
    {                                                           \
        "help", NULL, OPTION_FLAG, offsetof(struct args, help), \
            "print this text"                                   \
    }

/* ---- text.c: what is printed -------------------------------------------- */

/* Prints TEXT, which may come from a file or a stranger, such that no
 * terminal obeys it (SEC-4): control characters, characters that change the
 * direction of text, quotes, backslashes and bytes that are no UTF-8 become
 * \xNN, byte by byte. */
void print_escaped(FILE *stream, const char *text);

/* As print_escaped(), in double quotes. */
void print_quoted(FILE *stream, const char *text);

/* Prints a JSON string with one character, U+0000 to U+00FF, for each byte:
 * a name need not be text, and this loses nothing. */
void print_json_text(FILE *stream, const char *text);
/* A member that each JSON value with names has, to say so. */
#define JSON_ENCODING "\"encoding\": \"bytes-as-latin-1\""

/* Prints "N bytes", followed in brackets by the size in a larger unit. */
void print_size(FILE *stream, uint64_t size);

/* ---- error.c: what goes wrong ------------------------------------------- */

/* Prints the line for ERROR, with FILE as its file if ERROR names none.
 * Returns the exit status of its class. */
int report_error(const struct addcow_error *error, const char *file);

/* Prints "addcow: NAME: WHAT", NAME escaped, and returns STATUS. */
int report(int status, const char *name, const char *what);

/* As report(), with the text of errno and STATUS_FAILED; a broken pipe is not
 * worth a line. */
int report_errno(const char *name);

/* ---- image.c: opening and closing --------------------------------------- */

#define CHUNK_LEN (1024u * 1024u) /* how much is read or written at once */

/* Opens the image ARGS names, as its options say; FLAGS as for addcow_open().
 * Otherwise prints the reason and returns its status. */
int open_image(struct addcow_image **out, const struct args *args,
               uint32_t flags);

/* Prints what failed if RESULT is not OK, and closes IMAGE, which has been
 * flushed if it was written.  Returns the status of the whole. */
int finish_image(struct addcow_image *image, const struct args *args,
                 int result);

/* Whether --confined refuses the name (SEC-2). */
bool leads_out(const char *name);
/* With --confined: refuses, in a line on standard error, names that lead out.
 * Returns STATUS_OK or STATUS_REFUSED. */
int check_confined(const struct args *args, const struct addcow_names *names);

/* Says in words for a message which of the three files of the image FD is open
 * on; null if on none of them.  *OUT_WRITTEN: whether commands write that
 * file, or may, if which it is cannot be found out. */
const char *part_of_image(bool *out_written, struct addcow_image *image,
                          const char *name, int fd);

/* *OUT_LEN: the length of the range of --offset and --length; without a
 * length, to the end of the disk.  Otherwise, if the range passes that, prints
 * a line and returns STATUS_USAGE. */
int take_range(uint64_t *out_len, const struct args *args,
               struct addcow_image *image);

/* ---- the commands ------------------------------------------------------- */

extern const struct command create_command;
extern const struct command info_command;
extern const struct command map_command;
extern const struct command check_command;
extern const struct command read_command;
extern const struct command write_command;
extern const struct command resize_command;
extern const struct command flatten_command;

#endif
