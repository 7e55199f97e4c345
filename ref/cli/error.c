/* SPDX-License-Identifier: MIT
 *
 * Errors of the addcow command: one line on standard error that names the
 * file, the offset and the clause where there are any, and an exit status
 * that depends on the class alone.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

static int status_of(int result)
{
    switch (result) {
    case ADDCOW_INVALID:
    case ADDCOW_RANGE:
    case ADDCOW_UNIMPLEMENTED:
        return STATUS_USAGE;
    case ADDCOW_NOT_ADDCOW:
    case ADDCOW_VERSION:
    case ADDCOW_CORRUPT:
        return STATUS_REFUSED;
    default:
        return STATUS_FAILED;
    }
}

int report_error(const struct addcow_error *error, const char *file)
{
    fputs("addcow: ", stderr);
    print_escaped(stderr, error->file[0] ? error->file : file);
    fputs(": ", stderr);
    if (error->offset != ADDCOW_NO_OFFSET)
        fprintf(stderr, "offset %llu: ", (unsigned long long)error->offset);
    fputs(error->what, stderr);
    if (error->clause)
        fprintf(stderr, " [%s]", error->clause);
    putc('\n', stderr);
    return status_of(error->result);
}

int report(int status, const char *name, const char *what)
{
    fputs("addcow: ", stderr);
    print_escaped(stderr, name);
    fprintf(stderr, ": %s\n", what);
    return status;
}

int report_errno(const char *name)
{
    if (errno == EPIPE)
        return STATUS_FAILED;
    return report(STATUS_FAILED, name, strerror(errno));
}
