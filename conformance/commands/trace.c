/* SPDX-License-Identifier: MIT
 *
 * trace.c - the command "trace": which parts of the project speak of each
 * clause.
 */
#include "trace.h"
#include "base/citations.h"
#include "base/documents.h"
#include "base/memory.h"
#include "commands.h"
#include "run/select.h"
#include "run/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Vectors and mutants ------------------------------------------------ */

enum { COLUMN_CLAUSES = 4 };

/* Column N, from 0 on, of ROW. */
static const char *column(size_t *out_len, const char *row, int n)
{
    for (; n > 0 && *row; n--) {
        row += strcspn(row, "\t");
        row += *row != '\0';
    }
    *out_len = strcspn(row, "\t");
    return row;
}

static bool names(const char *list, size_t len, const char *id)
{
    char *copy = mem_format("%.*s", (int)len, list);
    bool result = cites_clause(copy, id);

    free(copy);
    return result;
}

const char *trace_vector(size_t *out_len, const struct clause *clause,
                         size_t n)
{
    const struct document *d = document_find("/MANIFEST.tsv");

    for (const char *const *row = d ? d->lines : NULL; row && *row; row++) {
        size_t len;
        const char *list = column(&len, *row, COLUMN_CLAUSES);

        if (names(list, len, clause->id) && n-- == 0)
            return column(out_len, *row, 0);
    }
    return NULL;
}

const char *trace_mutant(size_t *out_len, const struct clause *clause,
                         size_t n)
{
    size_t id_len = strlen(clause->id);

    for (const struct document *d = documents; d->name; d++) {
        const char *name = strrchr(d->name, '/');
        size_t len = strlen(d->name);

        if (!name || len < 6 || strcmp(d->name + len - 6, ".patch") != 0)
            continue;
        name++;
        if (strncmp(name, clause->id, id_len) == 0 && name[id_len] == '-' &&
            n-- == 0) {
            *out_len = strlen(name) - 6;
            return name;
        }
    }
    return NULL;
}

/* ---- Cases -------------------------------------------------------------- */

static bool is_positive(const struct conf_case *c)
{
    return CASE_IS_POSITIVE(c->needs);
}

static bool is_negative(const struct conf_case *c)
{
    return CASE_IS_NEGATIVE(c->needs);
}

/* A case of this kind, one whose first clause it is if there is any. */
static const char *case_of(const struct clause *clause,
                           bool (*is_kind)(const struct conf_case *))
{
    const struct conf_case *c;
    const char *second = NULL;

    for (size_t i = 0; (c = select_nth(i)) != NULL; i++) {
        if (!is_kind(c) || !select_names(c, clause->id, strlen(clause->id)))
            continue;
        if (select_clause(c) == clause)
            return c->id;
        if (!second)
            second = c->id;
    }
    return second ? second : "-";
}

/* ---- The table ---------------------------------------------------------- */

/* Where CITATIONS has ID, each place once. */
static void put_citations(FILE *to, const char *citations, const char *id)
{
    size_t id_len = strlen(id);
    const char *before = NULL;
    size_t before_len = 0;

    for (const char *line = citations; *line; line++) {
        size_t len = strcspn(line, "\n");
        const char *place = line + id_len + 1;
        size_t place_len = len - id_len - 1;
        bool ours = strncmp(line, id, id_len) == 0 && line[id_len] == '\t';
        bool again = before && place_len == before_len &&
                     memcmp(place, before, place_len) == 0;

        if (ours && !again) {
            fprintf(to, "%s%.*s", before ? "," : "", (int)place_len, place);
            before = place;
            before_len = place_len;
        }
        line += len;
        if (*line == '\0')
            break;
    }
    if (!before)
        fputc('-', to);
}

static void put_first(FILE *to,
                      const char *(*nth)(size_t *, const struct clause *,
                                         size_t),
                      const struct clause *clause)
{
    size_t len;
    const char *name = nth(&len, clause, 0);

    if (name)
        fprintf(to, "\t%.*s", (int)len, name);
    else
        fputs("\t-", to);
}

static void put_table(FILE *to, const char *citations)
{
    fputs("clause\tlevel\treference\tpositive case\tnegative case\tvector\t"
          "mutant\n",
          to);
    for (const struct clause *c = clause_table; c->id; c++) {
        if (c->level == LEVEL_DEF)
            continue;
        fprintf(to, "%s\t%s\t", c->id, clause_level_name(c->level));
        put_citations(to, citations, c->id);
        fprintf(to, "\t%s\t%s", case_of(c, is_positive),
                case_of(c, is_negative));
        put_first(to, trace_vector, c);
        put_first(to, trace_mutant, c);
        fputc('\n', to);
    }
}

/* ---- The snapshot ------------------------------------------------------- */

static int differ(const char *name, unsigned line)
{
    fprintf(stderr,
            "addcow-conform: %s:%u: is not what trace prints; if that is "
            "right, keep its output there\n",
            name, line);
    return STATUS_FAILED;
}

static int compare(const char *table, const char *name)
{
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t size = 0;
    unsigned n = 1;
    int result = 0;

    if (!file) {
        fprintf(stderr, "addcow-conform: no snapshot '%s'\n", name);
        return STATUS_USAGE;
    }
    for (; result == 0 && getline(&line, &size, file) >= 0; n++) {
        size_t len = strlen(line);

        if (strncmp(table, line, len) != 0)
            result = differ(name, n);
        else
            table += len;
    }
    if (result == 0 && *table)
        result = differ(name, n);
    free(line);
    fclose(file);
    return result;
}

static int check(const struct options *o, const char *citations)
{
    char *table = NULL;
    size_t len;
    FILE *to = open_memstream(&table, &len);
    char *name;
    int result;

    if (!to)
        return STATUS_ERROR;
    put_table(to, citations);
    fclose(to);
    name = mem_format("%s/conformance/cases/trace.tsv", o->tree);
    result = compare(table, name);
    free(name);
    free(table);
    return result;
}

int command_trace(const struct options *o, char **argv)
{
    char *citations;
    int result;

    (void)argv;
    citations = citations_read(o->tree);
    result = citations ? STATUS_GOOD : STATUS_USAGE;
    if (citations && o->check)
        result = check(o, citations);
    else if (citations)
        put_table(stdout, citations);
    free(citations);
    return result;
}
