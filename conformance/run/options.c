/* SPDX-License-Identifier: MIT
 *
 * options.c - the command line of the runner, from one table.
 *
 * Deliberately missing: abbreviations of long options; a script that uses
 * one would break when another option comes.
 */
#include "options.h"
#include "base/clauses.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    FLAG,
    STRING,
    LIST,
    NUMBER,
    CHOICE,
    SOURCES,
    SECONDS,
    SHARD,
    SIZE
};

struct row {
    const char *name;
    char letter;
    enum kind kind;
    int commands;
    size_t offset;
    const char *value; /* what the help calls it, unless it is a choice */
    const char *help;
};

enum { SELECTING = CMD_RUN | CMD_LIST, LOADING = CMD_RUN | CMD_SHIM_CHECK };
enum { WRITING = CMD_RUN | CMD_REPORT };
enum {
    ANY = SELECTING | LOADING | CMD_EXPLAIN | CMD_VERSION | CMD_REPORT |
          CMD_TRACE
};
/* Numbers go through JSON, whose readers take 2^63 - 1 at most, and a seed
 * grows with the repetitions. */
#define MOST (UINT64_C(1) << 62)
#define AT(member) offsetof(struct options, member)

const char *const profile_names[] = {"claimed", "reader", "writer", "full",
                                     NULL};
const char *const level_names[] = {"", "must", "should", "may", NULL};
const char *const crash_names[] = {"",        "none", "named",
                                   "bounded", "full", NULL};
static const char *const keep_names[] = {"", "always", "failed", "never",
                                         NULL};
static const char *const format_names[] = {"", "human", "tap", NULL};
static const char *const tap_names[] = {"", "13", "14", NULL};
static const char *const color_names[] = {"", "auto", "always", "never", NULL};

static const struct row rows[] = {
    {"shim", 0, STRING, LOADING, AT(shim), "FILE",
     "the implementation: a shared object with addcow_shim_get()"},
    {"shim-opt", 0, LIST, LOADING, AT(shim_options), "KEY=VALUE",
     "passed to the shim before anything else; may be repeated"},
    {"clause", 0, LIST, SELECTING, AT(clauses), "ID[,ID]",
     "only cases that name one of these clauses"},
    {"run", 0, LIST, SELECTING, AT(patterns), "GLOB",
     "only cases whose id matches, as an operand does"},
    {"skip", 0, LIST, SELECTING, AT(skips), "GLOB",
     "not the cases whose id matches"},
    {"profile", 0, CHOICE, SELECTING, AT(profile), NULL,
     "what must be offered (default: what the shim claims)"},
    {"source", 0, SOURCES, SELECTING, AT(sources), NULL,
     "only cases whose first clause comes from there (default: all)"},
    {"level", 0, CHOICE, SELECTING, AT(level), NULL,
     "cases down to this level (default: should)"},
    {"strict", 0, FLAG, CMD_RUN, AT(strict), NULL,
     "a failed SHOULD case counts as a failed MUST case does"},
    {"crash", 0, CHOICE, SELECTING, AT(crash), NULL,
     "which workloads the power is cut in (default: named; list: full)"},
    {"replay", 0, STRING, CMD_RUN, AT(replay), "WITNESS",
     "only the state of the storage that a failure has named"},
    {"timeout", 0, SECONDS, LOADING, AT(timeout_ms), "S",
     "seconds of processor time for a case, wall time six times that "
     "(default: 10)"},
    {"jobs", 'j', NUMBER, CMD_RUN, AT(jobs), "N",
     "cases at a time (default: one for each processor)"},
    {"seed", 0, NUMBER, CMD_RUN, AT(seed), "N",
     "where random choices start (default: 1)"},
    {"repeat", 0, NUMBER, CMD_RUN, AT(repeat), "N",
     "run each case N times, with the seeds S, S+1, ... (default: 1)"},
    {"fail-fast", 0, FLAG, CMD_RUN, AT(fail_fast), NULL,
     "stop at the first failure"},
    {"last-failed", 0, FLAG, CMD_RUN, AT(last_failed), NULL,
     "only the cases that failed in the last run with the same --out"},
    {"in-process", 0, FLAG, CMD_RUN, AT(in_process), NULL,
     "run one case in the runner's own process, for debuggers"},
    {"gdb", 0, FLAG, CMD_RUN, AT(gdb), NULL, "run one case under gdb"},
    {"valgrind", 0, FLAG, CMD_RUN, AT(valgrind), NULL,
     "run one case under valgrind"},
    {"keep", 0, CHOICE, CMD_RUN, AT(keep), NULL,
     "keep images and recordings of which cases (default: failed)"},
    {"out", 0, STRING, CMD_RUN, AT(out), "DIR",
     "where they are kept (default: conform-out)"},
    {"evidence-max", 0, SIZE, CMD_RUN, AT(evidence_max), "SIZE",
     "how much is kept of all cases together, in bytes or with K, M or G; "
     "of the cases in their order (default: 64M)"},
    {"format", 0, CHOICE, WRITING, AT(format), NULL,
     "of the standard output (default: human)"},
    {"tap", 0, STRING, WRITING, AT(tap), "FILE", "write TAP there, too"},
    {"tap-version", 0, CHOICE, WRITING, AT(tap_version), NULL,
     "of TAP: 14, or 13 that older readers know (default: 13)"},
    {"junit", 0, STRING, WRITING, AT(junit), "FILE",
     "write JUnit XML there, too"},
    {"json", 0, STRING, WRITING, AT(json), "FILE",
     "write there everything that a report needs"},
    {"html", 0, STRING, WRITING, AT(html), "FILE", "write a page there, too"},
    {"statement", 0, STRING, WRITING, AT(statement), "FILE",
     "write a statement of conformance; of a whole run without waivers"},
    {"waivers", 0, STRING, CMD_RUN, AT(waivers), "FILE",
     "failures that are known: case, verdict, signature, until, reason"},
    {"write-waivers", 0, STRING, CMD_RUN, AT(write_waivers), "FILE",
     "write the waivers that this run would need, without reasons"},
    {"shard", 0, SHARD, CMD_RUN, AT(shard), "I/N",
     "the I-th of N parts of the cases; report joins their JSON"},
    {"tree", 0, STRING, CMD_TRACE, AT(tree), "DIR",
     "the sources of the project (default: .)"},
    {"check", 0, FLAG, CMD_TRACE, AT(check), NULL,
     "compare with conformance/cases/trace.tsv instead"},
    {"color", 0, CHOICE, WRITING, AT(color), NULL,
     "auto: on a terminal, unless NO_COLOR is set (default: auto)"},
    {"timestamps", 0, FLAG, CMD_RUN, AT(timestamps), NULL,
     "the time that each case took; such a report is never the same twice"},
    {"verbose", 'v', FLAG, WRITING, AT(verbose), NULL,
     "a line for each case that did not fail, too"},
    {"quiet", 'q', FLAG, WRITING, AT(quiet), NULL,
     "a line for each failure and the result, no more"},
    {"help", 'h', FLAG, ANY, AT(help), NULL, "this text"},
    {0},
};

static int complain(const char *name, const char *what, const char *value)
{
    fprintf(stderr, "addcow-conform: --%s: %s", name, what);
    if (value)
        fprintf(stderr, ": '%s'", value);
    fputc('\n', stderr);
    return -1;
}

static void add(struct strings *list, const char *item)
{
    const char **items = mem_new(list->n + 1, sizeof(*items));

    if (list->n)
        memcpy(items, list->items, list->n * sizeof(*items));
    items[list->n++] = item;
    free(list->items);
    list->items = items;
}

/* What ROW lets one choose from; null if that is not a matter of names. */
static const char *const *names_of(const struct row *row)
{
    switch (row->offset) {
    case AT(profile):
        return profile_names + 1;
    case AT(sources):
        return clause_source_names;
    case AT(level):
        return level_names + 1;
    case AT(crash):
        return crash_names + 1;
    case AT(keep):
        return keep_names + 1;
    case AT(format):
        return format_names + 1;
    case AT(tap_version):
        return tap_names + 1;
    case AT(color):
        return color_names + 1;
    default:
        return NULL;
    }
}

static int index_of(const char *const *names, const char *name, size_t len)
{
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return i;
    return -1;
}

int options_number(const char *const *names, const char *name)
{
    return index_of(names, name, strlen(name));
}

static void put_names(FILE *to, const struct row *row)
{
    const char *const *names = names_of(row);

    for (size_t i = 0; names[i]; i++)
        fprintf(to, "%s%s",
                i == 0                ? ""
                : row->kind == CHOICE ? "|"
                                      : ",",
                names[i]);
}

static int take_choice(int *out, const struct row *row, const char *value)
{
    *out = options_number(names_of(row), value) + 1;
    if (*out)
        return 0;
    fprintf(stderr, "addcow-conform: --%s: is none of ", row->name);
    put_names(stderr, row);
    fprintf(stderr, ": '%s'\n", value);
    return -1;
}

static int take_sources(uint64_t *out, const struct row *row,
                        const char *value)
{
    for (;;) {
        size_t len = strcspn(value, ",");
        int n = index_of(names_of(row), value, len);

        if (n < 0)
            return complain(row->name, "is no source", value);
        *out |= UINT64_C(1) << n;
        value += len;
        if (*value++ == '\0')
            return 0;
    }
}

static int take_number(uint64_t *out, const struct row *row, const char *value)
{
    char *end;

    errno = 0;
    *out = strtoull(value, &end, 10);
    if (errno || end == value || *end || strspn(value, "0123456789") == 0)
        return complain(row->name, "is no number", value);
    if (*out > MOST)
        return complain(row->name, "is larger than 2^62", value);
    if (*out == 0 && row->offset != AT(seed))
        return complain(row->name, "is at least 1", NULL);
    return 0;
}

static int take_seconds(uint64_t *out, const struct row *row,
                        const char *value)
{
    char *end;
    double seconds = strtod(value, &end);
    bool plain = value[strspn(value, "0123456789.")] == '\0';

    if (end == value || *end || !plain || seconds < 0.001 || seconds > 1e6)
        return complain(row->name, "is no number of seconds", value);
    *out = (uint64_t)(seconds * 1000);
    return 0;
}

static int take_size(uint64_t *out, const struct row *row, const char *value)
{
    static const char units[] = "KMG";
    size_t digits = strspn(value, "0123456789");
    const char *unit = value[digits] ? strchr(units, value[digits]) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

    errno = 0;
    *out = strtoull(value, NULL, 10);
    if (digits == 0 || value[digits + (unit ? 1 : 0)])
        return complain(row->name, "is not a size", value);
    if (errno || *out > MOST >> shift)
        return complain(row->name, "is larger than 2^62", value);
    *out <<= shift;
    return 0;
}

static int take_shard(struct options *o, const struct row *row,
                      const char *value)
{
    unsigned long i, n;
    int end = 0;

    if (sscanf(value, "%6lu/%6lu%n", &i, &n, &end) != 2 || value[end] ||
        strspn(value, "0123456789/") != (size_t)end || i < 1 || i > n)
        return complain(row->name, "is no I/N with I from 1 to N", value);
    o->shard = i;
    o->n_shards = n;
    return 0;
}

static int take(struct options *o, const struct row *row, const char *value)
{
    void *member = (char *)o + row->offset;

    switch (row->kind) {
    case FLAG:
        *(bool *)member = true;
        return 0;
    case STRING:
        *(const char **)member = value;
        return 0;
    case LIST:
        add(member, value);
        return 0;
    case NUMBER:
        return take_number(member, row, value);
    case CHOICE:
        return take_choice(member, row, value);
    case SOURCES:
        return take_sources(member, row, value);
    case SECONDS:
        return take_seconds(member, row, value);
    case SIZE:
        return take_size(member, row, value);
    case SHARD:
        return take_shard(o, row, value);
    }
    return -1;
}

static const struct row *find_name(int command, const char *name, size_t len)
{
    for (const struct row *r = rows; r->name; r++)
        if ((r->commands & command) && strlen(r->name) == len &&
            memcmp(r->name, name, len) == 0)
            return r;
    return NULL;
}

static const struct row *find_letter(int command, char letter)
{
    for (const struct row *r = rows; r->name; r++)
        if ((r->commands & command) && r->letter == letter)
            return r;
    return NULL;
}

static int unknown(const char *arg, int len)
{
    fprintf(stderr,
            "addcow-conform: unknown option '%.*s'; --help names all\n", len,
            arg);
    return -1;
}

/* Takes the option at ARGV[*I], and the value that may follow it. */
static int take_long(struct options *o, int command, int *i, char **argv)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct row *row = find_name(command, name, len);
    const char *value;

    if (!row)
        return unknown(argv[*i], (int)(len + 2));
    value = name[len] ? name + len + 1 : NULL;
    if (row->kind == FLAG && value)
        return complain(row->name, "takes no value", value);
    if (row->kind != FLAG && !value)
        value = argv[++*i];
    if (row->kind != FLAG && !value)
        return complain(row->name, "needs a value", NULL);
    return take(o, row, value);
}

static int take_short(struct options *o, int command, int *i, char **argv)
{
    const char *arg = argv[*i];

    for (const char *p = arg + 1; *p; p++) {
        const struct row *row = find_letter(command, *p);
        const char name[] = {'-', *p, '\0'};
        const char *value;

        if (!row)
            return unknown(name, 2);
        if (row->kind == FLAG) {
            take(o, row, NULL);
            continue;
        }
        value = p[1] ? p + 1 : argv[++*i];
        if (!value)
            return complain(row->name, "needs a value", NULL);
        return take(o, row, value);
    }
    return 0;
}

static int take_operand(struct options *o, int command, const char *arg)
{
    if (command & (SELECTING | CMD_EXPLAIN | CMD_REPORT)) {
        add(&o->patterns, arg);
        return 0;
    }
    fprintf(stderr, "addcow-conform: this command takes no operand: '%s'\n",
            arg);
    return -1;
}

static void set_defaults(struct options *o, int command, const char *program)
{
    memset(o, 0, sizeof(*o));
    o->program = program;
    o->level = LEAST_SHOULD;
    o->crash = command == CMD_LIST ? CRASH_FULL : CRASH_NAMED;
    o->timeout_ms = 10000;
    o->seed = 1;
    o->repeat = 1;
    o->out = "conform-out";
    o->evidence_max = UINT64_C(64) << 20;
    o->tree = ".";
}

int options_parse(struct options *out, int command, int argc, char **argv)
{
    bool only_operands = false;

    set_defaults(out, command, argc > 0 ? argv[0] : "addcow-conform");
    for (int i = 2; i < argc; i++) {
        int result;

        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
            result = take_operand(out, command, argv[i]);
        else if (strcmp(argv[i], "--") == 0)
            result = 0, only_operands = true;
        else if (argv[i][1] == '-')
            result = take_long(out, command, &i, argv);
        else
            result = take_short(out, command, &i, argv);
        if (result)
            return -1;
    }
    return 0;
}

void options_finish(struct options *o)
{
    free(o->shim_options.items);
    free(o->clauses.items);
    free(o->patterns.items);
    free(o->skips.items);
}

void options_help(FILE *to, int command)
{
    fputs("\nOptions:\n", to);
    for (const struct row *r = rows; r->name; r++) {
        if (!(r->commands & command))
            continue;
        fputs("  ", to);
        if (r->letter)
            fprintf(to, "-%c, ", r->letter);
        fprintf(to, "--%s", r->name);
        if (r->kind != FLAG)
            fputc(' ', to);
        if (names_of(r))
            put_names(to, r);
        else if (r->value)
            fputs(r->value, to);
        fprintf(to, "\n        %s\n", r->help);
    }
}
