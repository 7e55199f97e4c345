/* SPDX-License-Identifier: MIT
 *
 * addcow check.
 */
#include "cli.h"

#include <stdlib.h>

struct findings {
    struct addcow_error *items; /* owned */
    size_t n_items;
    bool lost; /* there was no memory for all of them */
};

static void keep(void *ctx, const struct addcow_error *finding)
{
    struct findings *findings = ctx;
    struct addcow_error *items = realloc(
        findings->items, (findings->n_items + 1) * sizeof(*findings->items));

    if (!items) {
        findings->lost = true;
        return;
    }
    items[findings->n_items++] = *finding;
    findings->items = items;
}

static const char *severity(const struct addcow_error *finding)
{
    return finding->result == ADDCOW_OK ? "warning" : "error";
}

static void print_finding(const struct addcow_error *finding)
{
    print_escaped(stdout, finding->file);
    if (finding->offset != ADDCOW_NO_OFFSET)
        printf(": offset %llu", (unsigned long long)finding->offset);
    printf(": %s: %s [%s]\n", severity(finding), finding->what,
           finding->clause);
}

static void print_amount(uint64_t amount, const char *what)
{
    printf("%llu %s%s", (unsigned long long)amount, what,
           amount == 1 ? "" : "s");
}

static void print(const struct findings *findings,
                  const struct addcow_check_result *counts)
{
    for (size_t i = 0; i < findings->n_items; i++)
        print_finding(&findings->items[i]);
    print_amount(counts->errors, "error");
    fputs(", ", stdout);
    print_amount(counts->warnings, "warning");
    fputs("; ", stdout);
    print_amount(counts->clusters, "cluster");
    printf(", %llu allocated\n", (unsigned long long)counts->allocated);
}

static void print_json_finding(const struct addcow_error *finding)
{
    printf("{\"severity\": \"%s\", \"file\": ", severity(finding));
    print_json_text(stdout, finding->file);
    fputs(", \"offset\": ", stdout);
    if (finding->offset == ADDCOW_NO_OFFSET)
        fputs("null", stdout);
    else
        printf("%llu", (unsigned long long)finding->offset);
    fputs(", \"clause\": ", stdout);
    print_json_text(stdout, finding->clause);
    fputs(", \"message\": ", stdout);
    print_json_text(stdout, finding->what);
    putchar('}');
}

static void print_json(const struct args *args,
                       const struct findings *findings,
                       const struct addcow_check_result *counts)
{
    fputs("{\n  " JSON_ENCODING ",\n  \"file\": ", stdout);
    print_json_text(stdout, args->file);
    printf(",\n  \"errors\": %llu,\n  \"warnings\": %llu,\n"
           "  \"clusters\": %llu,\n  \"allocated_clusters\": %llu,\n"
           "  \"findings\": [",
           (unsigned long long)counts->errors,
           (unsigned long long)counts->warnings,
           (unsigned long long)counts->clusters,
           (unsigned long long)counts->allocated);
    for (size_t i = 0; i < findings->n_items; i++) {
        fputs(i ? ",\n    " : "\n    ", stdout);
        print_json_finding(&findings->items[i]);
    }
    printf("%s]\n}\n", findings->n_items ? "\n  " : "");
}

static int judge(const struct addcow_check_result *counts)
{
    if (counts->errors)
        return STATUS_REFUSED;
    return counts->warnings ? STATUS_WARNED : STATUS_OK;
}

static int check_names(const struct args *args)
{
    struct addcow_names names;

    if (!args->confined || addcow_read_names(&names, NULL, addcow_posix_host(),
                                             args->file) != ADDCOW_OK)
        return STATUS_OK; /* names of a bad header are not opened */
    return check_confined(args, &names);
}

static int run(const struct args *args)
{
    struct addcow_check_result counts = {.size = sizeof(counts)};
    struct findings findings = {0};
    struct addcow_error error;
    int status = check_names(args);

    if (status != STATUS_OK)
        return status;
    if (addcow_check(&counts, &error, addcow_posix_host(), args->file, keep,
                     &findings) != ADDCOW_OK) {
        status = report_error(&error, args->file);
    } else if (findings.lost) {
        status = report(STATUS_FAILED, args->file, "out of memory");
    } else {
        if (args->json)
            print_json(args, &findings, &counts);
        else
            print(&findings, &counts);
        status = judge(&counts);
    }
    free(findings.items);
    return status;
}

static const struct option options[] = {
    CONFINED_OPTION,
    JSON_OPTION,
    HELP_OPTION,
    {0},
};

static const char help[] =
    "Examines the image whose add-cow file is FILE; writes nothing. Prints\n"
    "what it finds, with file, offset and clause of the specification, and\n"
    "counts. An error is what readers refuse the image for (exit status 3),\n"
    "a warning is all else (exit status 4 if there is no error).\n";

const struct command check_command = {
    .name = "check",
    .operands = "FILE",
    .n_operands = 1,
    .summary = "examine an image",
    .help = help,
    .example = "addcow check disk.add-cow\n",
    .options = options,
    .run = run,
};
