/* SPDX-License-Identifier: MIT
 *
 * identity.c - which run it is.
 *
 * Deliberately missing: libraries that the shim loads.  Which they are is
 * known to the machine alone.
 */
#include "identity.h"
#include "addcow_shim.h"
#include "base/clauses.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/text.h"
#include "status.h"
#include "waivers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sums --------------------------------------------------------------- */

/* A stream whose bytes are summed. */
struct sum {
    FILE *to;
    char *text;
    size_t len;
};

static FILE *sum_begin(struct sum *s)
{
    s->text = NULL;
    s->to = mem_checked(open_memstream(&s->text, &s->len));
    return s->to;
}

/* "NAME SUM". */
static void sum_end(FILE *to, const char *name, struct sum *s)
{
    char hex[SHA256_HEX_LEN + 1];

    fclose(s->to);
    sha256_hex(hex, (const uint8_t *)s->text, s->len);
    free(s->text);
    fprintf(to, "%s %s\n", name, hex);
}

static void put_clauses(FILE *to)
{
    struct sum s;
    FILE *text = sum_begin(&s);

    for (const struct clause *c = clause_table; c->id; c++)
        fprintf(text, "%s %d %s\n", c->id, (int)c->level, c->words);
    sum_end(to, "clauses", &s);
}

static void put_waivers(FILE *to, const struct waiver *w)
{
    struct sum s;
    FILE *text;

    if (!w) {
        fputs("waivers none\n", to);
        return;
    }
    text = sum_begin(&s);
    for (; w->id; w++)
        fprintf(text, "%s\t%s\t%s\t%s\t%s\n", w->id, w->verdict, w->signature,
                w->until, w->reason);
    sum_end(to, "waivers", &s);
}

/* Of the whole run, before it is cut into shards. */
static void put_cases(FILE *to, const struct selection *selection)
{
    struct sum s;
    FILE *text = sum_begin(&s);

    for (size_t i = 0; i < selection->n; i++)
        fprintf(text, "%s\n", selection->cases[i]->id);
    sum_end(to, "cases", &s);
}

static int put_shim(FILE *to, const struct run *run)
{
    struct sum s;
    FILE *text = sum_begin(&s);
    FILE *from = fopen(run->shim_path, "rb");
    int error = from ? 0 : errno;
    char data[4096];

    for (size_t n = 1; from && n > 0;) {
        n = fread(data, 1, sizeof(data), from);
        fwrite(data, 1, n, text);
    }
    if (from && ferror(from))
        error = errno;
    if (from)
        fclose(from);
    sum_end(to, "shim", &s);
    if (!error)
        return 0;
    fprintf(stderr, "addcow-conform: %s: %s\n", run->options->shim,
            strerror(error));
    return STATUS_USAGE;
}

/* ---- Options ------------------------------------------------------------ */

static void put_list(FILE *to, const char *name, const struct strings *list)
{
    fputs(name, to);
    for (size_t i = 0; i < list->n; i++) {
        fputc(' ', to);
        text_put_quoted(to, list->items[i]);
    }
    fputs(list->n ? "\n" : " none\n", to);
}

static void put_sources(FILE *to, uint64_t sources)
{
    fputs("sources", to);
    for (size_t i = 0; clause_source_names[i]; i++)
        if (!sources || (sources >> i & 1))
            fprintf(to, " %s", clause_source_names[i]);
    fputc('\n', to);
}

static void put_options(FILE *to, const struct options *o)
{
    put_list(to, "shim-opt", &o->shim_options);
    fprintf(to, "profile %s\nlevel %s\n", profile_names[o->profile],
            level_names[o->level]);
    put_sources(to, o->sources);
    put_list(to, "patterns", &o->patterns);
    put_list(to, "clause", &o->clauses);
    put_list(to, "skip", &o->skips);
    fprintf(to, "last-failed %s\n", o->last_failed ? "yes" : "no");
    fprintf(to, "crash %s\n", crash_names[o->crash]);
    fputs("replay ", to);
    text_put_quoted(to, o->replay ? o->replay : "none");
    fprintf(to, "\nseed %" PRIu64 "\nrepeat %" PRIu64 "\n", o->seed,
            o->repeat);
    fprintf(to, "timeout %" PRIu64 " ms\n", o->timeout_ms);
    fprintf(to, "strict %s\nfail-fast %s\n", o->strict ? "yes" : "no",
            o->fail_fast ? "yes" : "no");
}

/* ---- Both --------------------------------------------------------------- */

int identity_make(struct run *run, const struct selection *selection)
{
    size_t len;
    FILE *to = mem_checked(open_memstream(&run->identity, &len));
    int result;

    fprintf(to, "suite %s\nabi %u\n", CONFORM_VERSION, ADDCOW_SHIM_ABI);
    put_clauses(to);
    result = put_shim(to, run);
    put_options(to, run->options);
    put_waivers(to, run->waivers);
    put_cases(to, selection);
    fclose(to);
    return result;
}

const char *identity_difference(size_t *out_len, const char **out_other,
                                size_t *out_other_len, const char *a,
                                const char *b)
{
    while (*a && *b) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        size_t name = strcspn(b, " \n");

        if (n != m || memcmp(a, b, n) != 0) {
            name += b[name] == ' ';
            *out_len = n;
            *out_other = b + name;
            *out_other_len = m - name;
            return a;
        }
        a += n + (a[n] != '\0');
        b += m + (b[m] != '\0');
    }
    return NULL;
}
