/* SPDX-License-Identifier: MIT
 *
 * recipe.c - the lines of a recipe: words, order, what must not be missing.
 */
#include "recipe.h"
#include "recipe_steps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 4096
#define MAX_WORDS 12u
#define SUFFIX ".recipe"

/* The id: the file name of the path, less its suffix. */
static bool set_id(const struct recipe *r)
{
    const char *slash = strrchr(r->path, '/');
    const char *base = slash ? slash + 1 : r->path;
    size_t len = strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (len == 0 || len >= VECTOR_MAX_WORD || strcmp(base + len, SUFFIX) != 0)
        return complain(r, "not the name of a recipe: ", base);
    memcpy(r->v->id, base, len);
    r->v->id[len] = '\0';
    return true;
}

static bool set_comment(const struct recipe *r, const char *text)
{
    text += strspn(text, " ");
    if (*r->v->comment)
        return complain(r, "said twice: ", "comment");
    if (!*text || strlen(text) >= sizeof(r->v->comment))
        return complain(r, "no comment, or too long: ", text);
    if (strchr(text, '\t'))
        return complain(r, "a tab in the ", "comment");
    strcpy(r->v->comment, text);
    return true;
}

/* Cuts LINE into words, ended by null.  False if they are more than
 * MAX_WORDS. */
static bool split(char *words[MAX_WORDS + 1], size_t *n_words, char *line)
{
    char *rest = NULL;

    *n_words = 0;
    for (char *word = strtok_r(line, " \t", &rest); word;
         word = strtok_r(NULL, " \t", &rest)) {
        if (*n_words == MAX_WORDS)
            return false;
        words[(*n_words)++] = word;
    }
    words[*n_words] = NULL;
    return true;
}

static bool read_line(struct recipe *r, char *line)
{
    char *words[MAX_WORDS + 1];
    size_t n_words;

    if (strncmp(line, "comment ", 8) == 0)
        return set_comment(r, line + 8);
    if (!split(words, &n_words, line))
        return complain(r, "too many words", "");
    if (n_words == 0 || words[0][0] == '#')
        return true;
    if (r->defect)
        return complain(r, "a step after the defect: ", words[0]);
    return step_run(r, words, n_words);
}

static bool read_lines(struct recipe *r, FILE *in)
{
    char line[MAX_LINE];

    while (fgets(line, sizeof(line), in)) {
        size_t len;

        r->line++;
        len = strlen(line);
        if (len == 0 || line[len - 1] != '\n')
            return complain(r, "a line without end, or too long", "");
        line[len - 1] = '\0';
        if (!read_line(r, line))
            return false;
    }
    return !ferror(in) || complain(r, "cannot be read: ", strerror(errno));
}

static bool is_class(const char *word, size_t len)
{
    static const char *const classes[] = {"INVALID", "NOT_ADDCOW", "VERSION",
                                          "CORRUPT", "NOT_FOUND",  "IO",
                                          "OTHER"};

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strlen(classes[i]) == len && strncmp(word, classes[i], len) == 0)
            return true;
    return false;
}

static bool check_classes(const struct recipe *r)
{
    const char *word = r->v->classes;

    if (r->v->result == RESULT_VALID)
        return true;
    for (;; word++) {
        size_t len = strcspn(word, ",");

        if (!is_class(word, len))
            return complain(r, "no such error class: ", word);
        word += len;
        if (!*word)
            return true;
    }
}

/* What no recipe may leave out. */
static bool check_whole(const struct recipe *r)
{
    struct vector *v = r->v;
    const char *missing = !v->result     ? "expect"
                          : !*v->clauses ? "clauses"
                          : !*v->level   ? "level"
                          : !*v->since   ? "since"
                          : !*v->entry   ? "entry"
                          : !*v->comment ? "comment"
                                         : NULL;

    if (missing)
        return complain(r, "the recipe does not say: ", missing);
    if ((v->result == RESULT_INVALID) != r->defect)
        return complain(r, "a defect, and only one, makes a vector ",
                        "invalid");
    if (!vector_find(v, v->entry) && !v->defect.removed)
        return complain(r, "no step makes the entry ", v->entry);
    return check_classes(r);
}

bool recipe_build(struct vector *out, const char *path, bool undo)
{
    struct recipe r = {out, path, 0, undo, false};
    bool ok;
    FILE *in;

    memset(out, 0, sizeof(*out));
    if (!set_id(&r))
        return false;
    in = fopen(path, "r");
    if (!in)
        return complain(&r, "cannot be opened: ", strerror(errno));
    ok = read_lines(&r, in) && check_whole(&r);
    fclose(in);
    return ok;
}
