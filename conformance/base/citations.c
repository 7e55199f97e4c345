/* SPDX-License-Identifier: MIT
 *
 * citations.c - finding the clauses that the reference cites.
 *
 * A function of the reference begins and ends with a brace at the first
 * column; a citation above it is its own.
 */
#include "citations.h"
#include "clauses.h"
#include "memory.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 128, LINE_SIZE = 512, MAX_PENDING = 256 };

struct reader {
    FILE *to;
    const char *file;
    char function[NAME_SIZE]; /* the one that is open, or "" */
    char last[NAME_SIZE];     /* what looked like the name of one last */
    const struct clause *pending[MAX_PENDING];
    size_t n_pending;
};

bool cites_clause(const char *text, const char *id)
{
    size_t len = strlen(id);

    for (const char *p = text; (p = strstr(p, id)) != NULL; p += len) {
        bool starts =
            p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '-');

        if (starts && !isdigit((unsigned char)p[len]))
            return true;
    }
    return false;
}

static void put(struct reader *r, const struct clause *clause)
{
    fprintf(r->to, "%s\t%s%s%s\n", clause->id, r->file,
            r->function[0] ? ":" : "", r->function);
}

static void flush(struct reader *r)
{
    for (size_t i = 0; i < r->n_pending; i++)
        put(r, r->pending[i]);
    r->n_pending = 0;
}

static void take_citations(struct reader *r, const char *line)
{
    for (const struct clause *c = clause_table; c->id; c++) {
        if (!cites_clause(line, c->id))
            continue;
        if (r->function[0])
            put(r, c);
        else if (r->n_pending < MAX_PENDING)
            r->pending[r->n_pending++] = c;
    }
}

/* The word before the first parenthesis of a line at the first column. */
static void take_name(struct reader *r, const char *line)
{
    const char *end = strchr(line, '(');
    const char *start;

    if (!isalpha((unsigned char)line[0]) || !end)
        return;
    start = end;
    while (start > line &&
           (isalnum((unsigned char)start[-1]) || start[-1] == '_'))
        start--;
    snprintf(r->last, sizeof(r->last), "%.*s", (int)(end - start), start);
}

static void take_line(struct reader *r, const char *line)
{
    if (line[0] == '{') {
        snprintf(r->function, sizeof(r->function), "%s", r->last);
        flush(r);
    }
    take_name(r, line);
    take_citations(r, line);
    if (line[0] == '}') {
        flush(r); /* of a table: the file's */
        r->function[0] = '\0';
    }
}

static void read_file(FILE *to, const char *directory, const char *file)
{
    struct reader r = {.to = to, .file = file};
    char *path = mem_format("%s/%s", directory, file);
    FILE *from = fopen(path, "r");
    char line[LINE_SIZE];

    free(path);
    if (!from)
        return;
    while (fgets(line, sizeof(line), from))
        take_line(&r, line);
    flush(&r);
    fclose(from);
}

/* The clauses do not bind the command, in ref/cli/. */
static int is_source(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".c") == 0;
}

char *citations_read(const char *tree)
{
    char *directory = mem_format("%s/ref", tree);
    struct dirent **entries = NULL;
    char *out = NULL;
    size_t len;
    int n = scandir(directory, &entries, is_source, alphasort);
    FILE *to = n > 0 ? open_memstream(&out, &len) : NULL;

    for (int i = 0; i < n; i++) {
        if (to)
            read_file(to, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (to)
        fclose(to);
    else
        fprintf(stderr,
                "addcow-conform: no sources of the reference in '%s'; --tree "
                "names the project\n",
                directory);
    free(directory);
    return out;
}
