/* SPDX-License-Identifier: MIT
 *
 * select.c - which cases a command line means.
 */
#include "select.h"
#include "addcow_shim.h"
#include "base/memory.h"
#include "requirements.h"
#include "status.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Capabilities that let an implementation do something; the others say how
 * well it can be watched. */
#define FEATURES                                                   \
    (ADDCOW_CAP_WRITE | ADDCOW_CAP_CREATE | ADDCOW_CAP_RESIZE |    \
     ADDCOW_CAP_MAP | ADDCOW_CAP_CHECK | ADDCOW_CAP_WRITETHROUGH | \
     ADDCOW_CAP_DISCARD)

uint64_t select_features(int profile)
{
    switch (profile) {
    case PROFILE_READER:
        return 0;
    case PROFILE_WRITER:
        return ADDCOW_CAP_WRITE;
    case PROFILE_FULL:
        return FEATURES & ~ADDCOW_CAP_DISCARD;
    default:
        return FEATURES;
    }
}

/* The tables end to end, made once and kept: whoever looks for a case walks
 * over all of them. */
static const struct conf_case **all_in_order(size_t *out_n)
{
    static const struct conf_case **all;
    static size_t n;

    if (!all) {
        for (const struct conf_case *const *t = all_cases; *t; t++)
            for (const struct conf_case *c = *t; c->id; c++)
                n++;
        all = mem_new(n + 1, sizeof(*all));
        n = 0;
        for (const struct conf_case *const *t = all_cases; *t; t++)
            for (const struct conf_case *c = *t; c->id; c++)
                all[n++] = c;
    }
    *out_n = n;
    return all;
}

const struct conf_case *select_nth(size_t n)
{
    size_t n_all;
    const struct conf_case **all = all_in_order(&n_all);

    return n < n_all ? all[n] : NULL;
}

const struct conf_case *select_find(size_t *out_place, const char *id)
{
    size_t n;
    const struct conf_case **all = all_in_order(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->id, id) == 0) {
            *out_place = i;
            return all[i];
        }
    return NULL;
}

const struct clause *select_clause(const struct conf_case *c)
{
    size_t len;
    const char *first = clause_in_list(&len, c->clauses, 0);

    return clause_find_len(first, len);
}

bool select_names(const struct conf_case *c, const char *id, size_t len)
{
    size_t each_len;
    const char *each;

    for (size_t k = 0;
         (each = clause_in_list(&each_len, c->clauses, k)) != NULL; k++)
        if (each_len == len && memcmp(each, id, len) == 0)
            return true;
    return false;
}

enum level select_rank(const struct clause *clause)
{
    return clause->level == LEVEL_SHOULD || clause->level == LEVEL_MAY
               ? clause->level
               : LEVEL_MUST;
}

/* ---- The tables themselves ---------------------------------------------- */

static int fault(const struct conf_case *c, const char *what, const char *s,
                 size_t len)
{
    fprintf(stderr, "addcow-conform: case %s: %s%.*s\n", c->id, what, (int)len,
            s);
    return STATUS_ERROR;
}

static int check_clauses(const struct conf_case *c)
{
    size_t len;
    const char *id;
    size_t n = 0;

    if (!c->clauses)
        return fault(c, "names no clause", "", 0);
    for (; (id = clause_in_list(&len, c->clauses, n)) != NULL; n++)
        if (!clause_find_len(id, len))
            return fault(c, "names an unknown clause: ", id, len);
    if (n < 1 || n > 3)
        return fault(c, "names no clause, or more than three", "", 0);
    return 0;
}

static int check_case(const struct conf_case *c)
{
    size_t place;

    if (!c->title || !c->run || strpbrk(c->title, "\t\n"))
        return fault(c, "has no title or no function", "", 0);
    if (!strchr(c->id, '/') ||
        c->id[strspn(c->id, "abcdefghijklmnopqrstuvwxyz0123456789-/")])
        return fault(c, "its id is not chapter/what-is-observed", "", 0);
    if (select_find(&place, c->id) != c)
        return fault(c, "another case has this id", "", 0);
    return check_clauses(c);
}

int select_check_cases(void)
{
    const struct conf_case *c;
    int result = STATUS_GOOD;

    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (check_case(c))
            result = STATUS_ERROR;
    return result;
}

/* ---- Filters ------------------------------------------------------------ */

static bool matches_any(const struct strings *globs, const struct conf_case *c)
{
    for (size_t i = 0; i < globs->n; i++)
        if (fnmatch(globs->items[i], c->id, 0) == 0)
            return true;
    return false;
}

/* The id after ID in a list with commas between, or null. */
static const char *next_id(const char *id)
{
    const char *comma = strchr(id, ',');

    return comma ? comma + 1 : NULL;
}

static bool names_any(const struct strings *lists, const struct conf_case *c)
{
    for (size_t i = 0; i < lists->n; i++)
        for (const char *id = lists->items[i]; id; id = next_id(id))
            if (select_names(c, id, strcspn(id, ",")))
                return true;
    return false;
}

static bool level_is_wanted(const struct clause *clause, int least)
{
    enum level rank = select_rank(clause);

    switch (least) {
    case LEAST_MUST:
        return rank == LEVEL_MUST;
    case LEAST_MAY:
        return true;
    default:
        return rank != LEVEL_MAY;
    }
}

/* A case of level named is selected at any rate: NA where it is not run. */
static unsigned level_of_crash(const struct options *o)
{
    if (o->replay)
        return CRASH_LEVEL_FULL;
    return (unsigned)o->crash - CRASH_NONE;
}

/* A witness is of a case that cuts the power. */
static bool is_replayed(const struct conf_case *c, const char *witness)
{
    size_t len = strcspn(witness, "#");

    return strlen(c->id) == len && memcmp(c->id, witness, len) == 0 &&
           CASE_LEVEL(c->needs) != 0;
}

static bool is_wanted(const struct conf_case *c, const struct options *o,
                      const struct strings *last)
{
    const struct clause *clause = select_clause(c);

    if (level_of_crash(o) < CASE_LEVEL(c->needs) &&
        CASE_LEVEL(c->needs) > CRASH_LEVEL_NAMED)
        return false;
    if (o->replay && !is_replayed(c, o->replay))
        return false;
    if (c->needs & FEATURES & ~select_features(o->profile))
        return false;
    if (o->sources && !(o->sources & clause->source))
        return false;
    if (!level_is_wanted(clause, o->level))
        return false;
    if (o->patterns.n && !matches_any(&o->patterns, c))
        return false;
    if (o->clauses.n && !names_any(&o->clauses, c))
        return false;
    if (last && !matches_any(last, c))
        return false;
    return !matches_any(&o->skips, c);
}

size_t select_whole(const struct options *o)
{
    struct options whole = {
        .profile = o->profile, .crash = o->crash, .level = o->level};
    const struct conf_case *c;
    size_t n = 0;

    if (whole.level < LEAST_SHOULD)
        whole.level = LEAST_SHOULD;
    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        n += is_wanted(c, &whole, NULL);
    return n;
}

bool select_is_filtered(const struct options *o)
{
    return o->patterns.n || o->clauses.n || o->skips.n || o->sources ||
           o->last_failed;
}

/* ---- What matches nothing ----------------------------------------------- */

static bool glob_matches(const char *glob)
{
    const struct conf_case *c;

    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (fnmatch(glob, c->id, 0) == 0)
            return true;
    return false;
}

static void put_no_match(const char *glob)
{
    char *below = mem_format("%s/*", glob);

    fprintf(stderr, "addcow-conform: no case matches '%s'", glob);
    if (glob_matches(below))
        fprintf(stderr, "; did you mean '%s'?", below);
    fputc('\n', stderr);
    free(below);
}

/* True after a line on stderr if GLOB means a case that was withdrawn. */
static bool was_withdrawn(const char *glob)
{
    struct withdrawn w;

    for (size_t n = 0; withdrawn_nth(&w, n); n++)
        if (fnmatch(glob, w.id, 0) == 0) {
            fprintf(stderr,
                    "addcow-conform: case '%s' was withdrawn in %s (%s): %s\n",
                    w.id, w.version, w.clause, w.reason);
            return true;
        }
    return false;
}

static int check_globs(const struct strings *globs)
{
    for (size_t i = 0; i < globs->n; i++) {
        if (glob_matches(globs->items[i]))
            continue;
        if (!was_withdrawn(globs->items[i]))
            put_no_match(globs->items[i]);
        return STATUS_USAGE;
    }
    return 0;
}

/* A case that was withdrawn is left out at any rate. */
static int check_skips(const struct strings *globs)
{
    for (size_t i = 0; i < globs->n; i++) {
        if (glob_matches(globs->items[i]) || was_withdrawn(globs->items[i]))
            continue;
        put_no_match(globs->items[i]);
        return STATUS_USAGE;
    }
    return 0;
}

static int check_clause_id(const char *id, size_t len)
{
    const struct conf_case *c;
    const char *what = "no case names clause";

    if (!clause_find_len(id, len))
        what = "the specification has no clause";
    else
        for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
            if (select_names(c, id, len))
                return 0;
    fprintf(stderr, "addcow-conform: %s '%.*s'\n", what, (int)len, id);
    return STATUS_USAGE;
}

static int check_clause_lists(const struct strings *lists)
{
    for (size_t i = 0; i < lists->n; i++)
        for (const char *id = lists->items[i]; id; id = next_id(id))
            if (check_clause_id(id, strcspn(id, ",")))
                return STATUS_USAGE;
    return STATUS_GOOD;
}

/* ---- The last run ------------------------------------------------------- */

/* Reads the file of last_failed_save(): *TEXT holds the strings of OUT. */
static int read_last(struct strings *out, char **text, const char *dir)
{
    char *name = mem_format("%s/failed", dir);
    FILE *file = fopen(name, "r");
    int error = errno;
    size_t size;

    free(name);
    if (!file) {
        fprintf(stderr,
                "addcow-conform: no failure of a last run is noted in "
                "'%s': %s\n",
                dir, strerror(error));
        return STATUS_USAGE;
    }
    size = 1 << 20;
    *text = mem_new(size + 1, 1);
    fread(*text, 1, size, file);
    fclose(file);
    out->items = mem_new(size / 2, sizeof(*out->items));
    for (char *id = strtok(*text, "\n"); id; id = strtok(NULL, "\n"))
        out->items[out->n++] = id;
    return 0;
}

static void collect(struct selection *out, const struct options *o,
                    const struct strings *last)
{
    size_t n = 0;
    const struct conf_case *c;

    while (select_nth(n))
        n++;
    out->cases = mem_new(n, sizeof(*out->cases));
    out->n = 0;
    for (size_t i = 0; (c = select_nth(i)) != NULL; i++)
        if (is_wanted(c, o, last))
            out->cases[out->n++] = c;
}

int select_cases(struct selection *out, const struct options *o)
{
    struct strings last = {NULL, 0};
    char *text = NULL;

    out->cases = NULL;
    out->n = 0;
    if (check_globs(&o->patterns) || check_skips(&o->skips) ||
        check_clause_lists(&o->clauses))
        return STATUS_USAGE;
    if (o->last_failed && read_last(&last, &text, o->out))
        return STATUS_USAGE;
    collect(out, o, o->last_failed ? &last : NULL);
    free(last.items);
    free(text);
    if (out->n)
        return 0;
    fputs("addcow-conform: no case fits all of these options\n", stderr);
    return STATUS_USAGE;
}

void select_finish(struct selection *s)
{
    free(s->cases);
}
