/* SPDX-License-Identifier: MIT
 *
 * commands.c - the commands list, shim-check and version.
 */
#include "commands.h"
#include "base/text.h"
#include "run/isolate.h"
#include "run/run.h"
#include "run/status.h"

#include <stdlib.h>

int command_list(const struct options *o, char **argv)
{
    struct selection s;
    int result = select_cases(&s, o);

    (void)argv;
    for (size_t i = 0; i < s.n; i++) {
        const struct clause *clause = select_clause(s.cases[i]);

        printf("%s\t%s\t%s\t%s\t%s\n", s.cases[i]->id,
               clause_level_name(clause->level),
               clause_source_name(clause->source), s.cases[i]->clauses,
               s.cases[i]->title);
    }
    select_finish(&s);
    return result;
}

static void put_capabilities(const char *head, uint64_t mask)
{
    const char *name;

    fputs(head, stdout);
    while ((name = load_next_capability(&mask)) != NULL)
        printf(" %s", name);
    fputc('\n', stdout);
}

static void put_shim(const struct run *run)
{
    fputs("name      ", stdout);
    text_put(stdout, run->shim.name);
    fputs("\nversion   ", stdout);
    text_put(stdout, run->shim.version);
    printf("\nabi       %u\n", ADDCOW_SHIM_ABI);
    put_capabilities("claims   ", run->shim.capabilities);
    put_capabilities("does not ", ~run->shim.capabilities);
    printf("choices   %s\n",
           run->shim.choices[0] ? run->shim.choices : "none declared");
}

int command_shim_check(const struct options *o, char **argv)
{
    struct run run = {.options = o};
    int result;

    (void)argv;
    isolate_prepare();
    result = negotiate(&run);
    free(run.shim_path);
    if (result == 0)
        put_shim(&run);
    return result;
}

int command_version(const struct options *o, char **argv)
{
    size_t n_clauses = 0, n_cases = 0;

    (void)o;
    (void)argv;
    while (clause_table[n_clauses].id)
        n_clauses++;
    while (select_nth(n_cases))
        n_cases++;
    printf("addcow-conform %s, shim ABI %u, %zu clauses, %zu cases\n",
           CONFORM_VERSION, ADDCOW_SHIM_ABI, n_clauses, n_cases);
    return 0;
}
