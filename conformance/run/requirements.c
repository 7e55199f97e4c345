/* SPDX-License-Identifier: MIT
 *
 * requirements.c - the lists of the editions, among the documents that the
 * runner carries with it.
 */
#include "requirements.h"
#include "base/documents.h"
#include "base/version.h"

#include <stdio.h>
#include <string.h>

/* Fills OUT with the version that the list D is of; false for another
 * document. */
static bool is_list(char out[16], const struct document *d)
{
    const char *slash = strrchr(d->name, '/');
    int end = 0;

    sscanf(slash ? slash : "", "/requirements-%15[0-9.]txt%n", out, &end);
    if (end == 0 || slash[end] != '\0')
        return false;
    out[strlen(out) - 1] = '\0'; /* the dot before "txt" */
    return true;
}

static const struct document *list_in_force(void)
{
    const struct document *newest = NULL;
    char version[16], best[16] = "0.0";

    for (const struct document *d = documents; d->name; d++)
        if (is_list(version, d) && version_compare(version, best) > 0 &&
            version_compare(version, CONFORM_VERSION) <= 0) {
            newest = d;
            memcpy(best, version, sizeof(best));
        }
    return newest;
}

bool requirements_name(const char *id)
{
    const struct document *d = list_in_force();

    if (!d)
        return true;
    for (const char *const *line = d->lines; *line; line++)
        if (strcmp(*line, id) == 0)
            return true;
    return false;
}

/* The first line names the columns. */
bool withdrawn_nth(struct withdrawn *out, size_t n)
{
    const struct document *d = document_find("/withdrawn.tsv");
    const char *const *line = d ? d->lines : NULL;
    int reason = 0;

    for (size_t i = 0; line && *line && i <= n; i++)
        line++;
    if (!line || !*line)
        return false;
    sscanf(*line, "%127[^\t]\t%15[^\t]\t%15[^\t]\t%n", out->id, out->version,
           out->clause, &reason);
    out->reason = *line + reason;
    return reason != 0;
}

bool withdrawn_find(struct withdrawn *out, const char *id)
{
    for (size_t n = 0; withdrawn_nth(out, n); n++)
        if (strcmp(out->id, id) == 0)
            return true;
    return false;
}
