/* SPDX-License-Identifier: MIT
 *
 * The command line of addcow: long options before, between and after the
 * operands, "--" to end them, "--name value" or "--name=value".
 *
 * Deliberately missing: short options but -h, abbreviations.
 */
#include "cli.h"

#include <string.h>

static int refuse_word(const struct command *command, const char *what,
                       const char *word)
{
    fprintf(stderr, "addcow: %s: %s", command->name, what);
    if (word) {
        fputs(": ", stderr);
        print_escaped(stderr, word);
    }
    fprintf(stderr, " (see addcow %s --help)\n", command->name);
    return STATUS_USAGE;
}

static int digit(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : 16;
}

/* The number of bits that the unit shifts by; 64 if it is not a unit. */
static unsigned shift_of(const char *unit)
{
    const char *units = "KMGT";
    const char *at;

    if (!*unit)
        return 0;
    at = strchr(units, *unit);
    return at && !unit[1] ? 10 * (unsigned)(at - units + 1) : 64;
}

bool parse_number(uint64_t *out, const char *text)
{
    bool hex = text[0] == '0' && text[1] == 'x';
    const char *at = hex ? text + 2 : text;
    const char *start = at;
    unsigned base = hex ? 16 : 10;
    unsigned shift;
    uint64_t value = 0;

    for (; digit(*at) < (int)base; at++) {
        unsigned d = (unsigned)digit(*at);

        if (value > (UINT64_MAX - d) / base)
            return false;
        value = value * base + d;
    }
    shift = shift_of(at);
    if (at == start || shift == 64 || value > UINT64_MAX >> shift)
        return false;
    *out = value << shift;
    return true;
}

/* VALUE is null if it is missing. */
static int take_value(struct args *out, const struct command *command,
                      const struct option *option, const char *value)
{
    char *field = (char *)out + option->at;

    if (option->kind == OPTION_FLAG) {
        *(bool *)(void *)field = true;
    } else if (!value) {
        return refuse_word(command, "an option needs a value", option->name);
    } else if (option->kind == OPTION_TEXT) {
        *(const char **)(void *)field = value;
    } else {
        struct number *number = (struct number *)(void *)field;

        number->given = true;
        if (!parse_number(&number->value, value))
            return refuse_word(command, "not a number below 2^64", value);
    }
    return STATUS_OK;
}

static const struct option *find_option(const struct command *command,
                                        const char *name, size_t len)
{
    for (const struct option *o = command->options; o->name; o++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

/* Takes one option and, where it is a word of its own, its value. */
static int take_option(struct args *out, const struct command *command,
                       char ***words)
{
    const char *word = *(*words)++;
    const char *name = strcmp(word, "-h") == 0 ? "--help" : word;
    size_t len = strcspn(name, "=");
    const struct option *option = NULL;

    if (len > 2 && memcmp(name, "--", 2) == 0)
        option = find_option(command, name + 2, len - 2);
    if (!option)
        return refuse_word(command, "unknown option", word);
    if (name[len] && option->kind == OPTION_FLAG)
        return refuse_word(command, "an option takes no value", word);
    if (name[len])
        return take_value(out, command, option, name + len + 1);
    if (option->kind == OPTION_FLAG || !**words)
        return take_value(out, command, option, NULL);
    return take_value(out, command, option, *(*words)++);
}

static int take_operand(struct args *out, const struct command *command,
                        unsigned n_taken, const char *word)
{
    if (n_taken >= command->n_operands)
        return refuse_word(command, "one operand too many", word);
    *(n_taken == 0 ? &out->file : &out->size) = word;
    return STATUS_OK;
}

int parse_args(struct args *out, const struct command *command, char **words)
{
    bool options = true;
    unsigned n_operands = 0;
    int status = STATUS_OK;

    *out = (struct args){0};
    while (status == STATUS_OK && *words && !out->help) {
        if (options && strcmp(*words, "--") == 0) {
            options = false;
            words++;
        } else if (options && (*words)[0] == '-' && (*words)[1]) {
            status = take_option(out, command, &words);
        } else {
            status = take_operand(out, command, n_operands++, *words++);
        }
    }
    if (status == STATUS_OK && !out->help && n_operands < command->n_operands)
        status =
            refuse_word(command, "an operand is missing", command->operands);
    return status;
}
