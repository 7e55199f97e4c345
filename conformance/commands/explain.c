/* SPDX-License-Identifier: MIT
 *
 * explain.c - the command "explain": a clause, a case, a vector of the
 * corpus, a mutant of the reference.
 */
#include "base/citations.h"
#include "base/documents.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "run/requirements.h"
#include "run/status.h"
#include "trace.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Clauses ------------------------------------------------------------ */

static void put_clause(const struct clause *clause)
{
    printf("%s  %s %s, source: %s%s\n    ", clause->id,
           clause_level_name(clause->level), clause->subject,
           clause_source_name(clause->source),
           clause->departs ? ", departs from the original driver" : "");
    text_put_wrapped(stdout, clause->words, 4);
    fputc('\n', stdout);
}

/* A reason begins with its clauses in brackets and ends with a blank line. */
static void put_reason(const struct clause *clause)
{
    const struct document *d = document_find("/rationale.txt");
    bool inside = false;

    for (const char *const *line = d ? d->lines : NULL; line && *line;
         line++) {
        if (**line == '[')
            inside = cites_clause(*line, clause->id);
        else if (**line == '\0')
            inside = false;
        if (inside)
            printf("  %s\n", *line);
    }
}

static void put_list(const char *head,
                     const char *(*nth)(size_t *, const struct clause *,
                                        size_t),
                     const struct clause *clause)
{
    size_t len;
    const char *name;

    for (size_t n = 0; (name = nth(&len, clause, n)) != NULL; n++)
        printf("  %s %.*s\n", head, (int)len, name);
}

/* The options that make a run show what is left out unless it is asked for:
 * cases of a MAY, and those that cut the power more often. */
static void put_asked_for(enum level rank, unsigned crash_level)
{
    if (rank == LEVEL_MAY)
        fputs(" --level may", stdout);
    if (crash_level > CRASH_LEVEL_NAMED)
        printf(" --crash %s", crash_names[CRASH_NONE + crash_level]);
}

/* The least level of power cuts at which a case of ID runs. */
static unsigned least_crash_level(const char *id)
{
    const struct conf_case *c;
    unsigned least = CRASH_LEVEL_FULL;

    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (select_names(c, id, strlen(id)) && CASE_LEVEL(c->needs) < least)
            least = CASE_LEVEL(c->needs);
    return least;
}

/* MAY if all cases of ID are. */
static enum level rank_of_cases(const char *id)
{
    const struct conf_case *c;

    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (select_names(c, id, strlen(id)) &&
            select_rank(select_clause(c)) != LEVEL_MAY)
            return LEVEL_MUST;
    return LEVEL_MAY;
}

static void explain_clause(const struct clause *clause)
{
    const struct conf_case *c;
    size_t n = 0;

    put_clause(clause);
    put_reason(clause);
    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (select_names(c, clause->id, strlen(clause->id))) {
            printf("  case %s: %s\n", c->id, c->title);
            n++;
        }
    put_list("vector", trace_vector, clause);
    put_list("mutant", trace_mutant, clause);
    if (n == 0)
        return;
    fputs("  again: addcow-conform run --shim FILE", stdout);
    put_asked_for(rank_of_cases(clause->id), least_crash_level(clause->id));
    printf(" --clause %s\n", clause->id);
}

/* ---- Cases -------------------------------------------------------------- */

static void explain_case(const struct conf_case *c)
{
    size_t len;
    const char *id;

    printf("%s: %s\n", c->id, c->title);
    for (size_t k = 0; (id = clause_in_list(&len, c->clauses, k)) != NULL;
         k++) {
        const struct clause *clause = clause_find_len(id, len);

        put_clause(clause);
        put_reason(clause);
    }
    if (!requirements_name(c->id))
        puts("  later than the requirements: reported, does not count");
    fputs("  again: addcow-conform run --shim FILE", stdout);
    put_asked_for(select_rank(select_clause(c)), CASE_LEVEL(c->needs));
    printf(" %s\n", c->id);
}

static bool explain_withdrawn(const char *id)
{
    struct withdrawn w;
    const struct clause *clause;

    if (!withdrawn_find(&w, id))
        return false;
    printf("%s: a case that was withdrawn in %s\n", w.id, w.version);
    clause = clause_find(w.clause);
    if (clause)
        put_clause(clause);
    printf("  reason: %s\n", w.reason);
    puts("  its id is not used again; a waiver of it can go");
    return true;
}

/* ---- Vectors and mutants ------------------------------------------------ */

static const char *find_row(const char *const *rows, const char *id)
{
    size_t len = strlen(id);

    for (; rows && *rows; rows++)
        if (strncmp(*rows, id, len) == 0 && (*rows)[len] == '\t')
            return *rows;
    return NULL;
}

/* Each field, after the name of its column. */
static void put_fields(const char *head, const char *row)
{
    while (*head && *row) {
        int head_len = (int)strcspn(head, "\t");
        int len = (int)strcspn(row, "\t");

        printf("  %-13.*s %.*s\n", head_len, head, len, row);
        head += head_len + (head[head_len] != '\0');
        row += len + (row[len] != '\0');
    }
}

static void put_clauses_in(const char *row)
{
    for (const struct clause *c = clause_table; c->id; c++)
        if (cites_clause(row, c->id))
            put_clause(c);
}

static bool explain_vector(const char *id)
{
    const struct document *d = document_find("/MANIFEST.tsv");
    const char *row = d ? find_row(d->lines, id) : NULL;

    if (!row || strcmp(id, "id") == 0)
        return false;
    printf("%s: a vector of the corpus\n", id);
    put_fields(d->lines[0], row);
    put_clauses_in(row);
    printf("  made from: corpus/recipes/%s.recipe\n", id);
    printf("  again: addcow-conform corpus build --out DIR %s\n", id);
    return true;
}

/* ID may have the suffix and directories of the file. */
static const struct document *find_mutant(const char *id)
{
    const char *slash = strrchr(id, '/');
    size_t len = strlen(slash ? slash + 1 : id);
    const char *name = slash ? slash + 1 : id;
    char *path;
    const struct document *d;

    if (len > 6 && strcmp(name + len - 6, ".patch") == 0)
        len -= 6;
    path = mem_format("/%.*s.patch", (int)len, name);
    d = document_find(path);
    free(path);
    return d;
}

static bool explain_mutant(const char *id)
{
    const struct document *d = find_mutant(id);
    const char *name;
    int len;

    if (!d)
        return false;
    name = strrchr(d->name, '/') + 1;
    len = (int)strlen(name) - 6;
    printf("%.*s: a mutant of the reference\n", len, name);
    for (const struct clause *c = clause_table; c->id; c++)
        if (strncmp(name, c->id, strlen(c->id)) == 0 &&
            name[strlen(c->id)] == '-')
            put_clause(c);
    puts("  what it changes:");
    for (const char *const *line = d->lines; *line; line++)
        if (**line || line[1])
            printf("  | %s\n", *line);
    printf("  again: sh conformance/mutants/judge.sh %.*s\n", len, name);
    return true;
}

/* ---- All of them -------------------------------------------------------- */

static int explain(const char *id)
{
    size_t place;
    const struct clause *clause = clause_find(id);
    const struct conf_case *c = select_find(&place, id);

    if (clause)
        explain_clause(clause);
    else if (c)
        explain_case(c);
    if (clause || c || explain_withdrawn(id) || explain_vector(id) ||
        explain_mutant(id))
        return 0;
    fprintf(stderr,
            "addcow-conform: '%s' is no clause, case, vector or mutant\n", id);
    return STATUS_USAGE;
}

int command_explain(const struct options *o, char **argv)
{
    (void)argv;
    if (o->patterns.n == 0) {
        fputs("addcow-conform: explain what? name a clause, a case, a vector "
              "or a mutant\n",
              stderr);
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < o->patterns.n; i++)
        if (explain(o->patterns.items[i]))
            return STATUS_USAGE;
    return 0;
}
