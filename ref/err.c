/* SPDX-License-Identifier: MIT
 *
 * Chapter 15, errors: the names of the classes, the description of a failure,
 * and the findings of a judgement.
 */
#include "judge.h"

#include <string.h>

static const struct {
    int result;
    const char *name;
} names[] = {
    {ADDCOW_OK, "OK"},
    {ADDCOW_UNIMPLEMENTED, "UNIMPLEMENTED"},
    {ADDCOW_INVALID, "INVALID"},
    {ADDCOW_NOT_ADDCOW, "NOT_ADDCOW"},
    {ADDCOW_VERSION, "VERSION"},
    {ADDCOW_CORRUPT, "CORRUPT"},
    {ADDCOW_NOT_FOUND, "NOT_FOUND"},
    {ADDCOW_EXISTS, "EXISTS"},
    {ADDCOW_RANGE, "RANGE"},
    {ADDCOW_IO, "IO"},
    {ADDCOW_NO_SPACE, "NO_SPACE"},
    {ADDCOW_READ_ONLY, "READ_ONLY"},
    {ADDCOW_NO_MEMORY, "NO_MEMORY"},
    {ADDCOW_OTHER, "OTHER"},
};

/* ERR-1 */
const char *addcow_result_name(int result)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].result == result)
            return names[i].name;
    return "unknown result";
}

/* As much of TEXT as fits. */
static void copy_text(char *out, size_t room, const char *text)
{
    size_t len = strlen(text);

    len = len < room ? len : room - 1;
    memcpy(out, text, len);
    out[len] = 0;
}

/* ERR-7: a refusal names the clause that demands it, a failure of the host
 * names none */
int err_set(struct addcow_error *error, int result, const char *clause,
            const char *file, uint64_t offset, const char *what)
{
    if (!error)
        return result;
    error->result = result;
    error->clause = clause;
    error->offset = offset;
    copy_text(error->file, sizeof(error->file), file ? file : "");
    copy_text(error->what, sizeof(error->what), what);
    return result;
}

int err_refuse(struct addcow_error *error, int result, const char *clause,
               const char *what)
{
    return err_set(error, result, clause, NULL, ADDCOW_NO_OFFSET, what);
}

static void show(const struct findings *findings, int result,
                 const char *clause, uint64_t offset, const char *what)
{
    struct addcow_error error;

    err_set(&error, result, clause, findings->file, offset, what);
    findings->report(findings->ctx, &error);
}

int err_report(struct findings *findings, int result, const char *clause,
               uint64_t offset, const char *what)
{
    if (result == ADDCOW_OK)
        findings->warnings++;
    else
        findings->errors++;
    if (findings->report && (result == ADDCOW_OK || result == ADDCOW_CORRUPT))
        show(findings, result, clause, offset, what);
    if (result != ADDCOW_OK && findings->first == ADDCOW_OK) {
        findings->first = result;
        err_set(findings->error, result, clause, findings->file, offset, what);
    }
    return result;
}

const struct addcow_error *addcow_last_error(const struct addcow_image *image)
{
    return &image->error;
}
