/* SPDX-License-Identifier: MIT
 *
 * clauses.c - looking clauses up.  The table itself is generated.
 */
#include "clauses.h"
#include "addcow_shim.h"

#include <stdbool.h>
#include <string.h>

const struct clause *clause_find_len(const char *id, size_t len)
{
    for (const struct clause *c = clause_table; c->id; c++)
        if (strncmp(c->id, id, len) == 0 && c->id[len] == '\0')
            return c;
    return NULL;
}

const struct clause *clause_find(const char *id)
{
    return clause_find_len(id, strlen(id));
}

const char *clause_level_name(enum level level)
{
    static const char *const names[] = {"MUST", "SHOULD", "MAY", "choice",
                                        "DEF"};

    return names[level];
}

const char *const clause_source_names[] = {"text", "review", "driver",
                                           "decided", NULL};

const char *clause_source_name(enum source source)
{
    for (unsigned i = 0; clause_source_names[i]; i++)
        if (source == 1u << i)
            return clause_source_names[i];
    return "-";
}

size_t clause_chapter_len(const char *id)
{
    return strcspn(id, "-");
}

bool clause_same_chapter(const char *a, const char *b)
{
    size_t len = clause_chapter_len(a);

    return clause_chapter_len(b) == len && memcmp(a, b, len) == 0;
}

/* Maps are an operation of the readers that offer them: no class of its own
 * binds the clauses of that chapter. */
bool clause_applies(const struct clause *c, uint64_t features)
{
    static const struct {
        const char *subject;
        uint64_t feature;
    } rows[] = {{"writer", ADDCOW_CAP_WRITE},
                {"creator", ADDCOW_CAP_CREATE},
                {"resizer", ADDCOW_CAP_RESIZE},
                {"checker", ADDCOW_CAP_CHECK}};

    if (clause_same_chapter(c->id, "MAP-"))
        return (features & ADDCOW_CAP_MAP) != 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strcmp(c->subject, rows[i].subject) == 0)
            return (features & rows[i].feature) != 0;
    return true;
}

const char *clause_in_list(size_t *out_len, const char *list, size_t n)
{
    for (;;) {
        list += strspn(list, " ");
        *out_len = strcspn(list, " ");
        if (*out_len == 0)
            return NULL;
        if (n-- == 0)
            return list;
        list += *out_len;
    }
}
