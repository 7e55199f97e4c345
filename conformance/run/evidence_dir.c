/* SPDX-License-Identifier: MIT
 *
 * evidence_dir.c - what a run leaves on purpose.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/dirs.h"
#include "base/memory.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As the user wrote it, so that a report can be compared with another. */
static char *evidence_name(const struct run *run, const struct result *r)
{
    if (r->repetition)
        return mem_format("%s/%s.%llu", run->options->out, r->c->id,
                          (unsigned long long)r->repetition + 1);
    return mem_format("%s/%s", run->options->out, r->c->id);
}

int evidence_begin(char **out, const struct run *run, const struct result *r)
{
    char *name;

    *out = NULL;
    if (run->options->keep == KEEP_NEVER)
        return 0;
    name = evidence_name(run, r);
    if (dirs_remove(name) || dirs_make(name) || !(*out = realpath(name, NULL)))
        fprintf(stderr,
                "addcow-conform: cannot make '%s': %s (--out names another "
                "place, --keep never needs none)\n",
                name, strerror(errno));
    free(name);
    return *out ? 0 : -1;
}

int evidence_check(const struct run *run)
{
    const char *out = run->options->out;
    int result;

    if (run->options->keep == KEEP_NEVER)
        return 0;
    result = dirs_make(out) || access(out, W_OK | X_OK) ? -1 : 0;
    if (result)
        fprintf(stderr,
                "addcow-conform: --out: '%s': %s (--keep never needs none)\n",
                out, strerror(errno));
    dirs_prune(out, 0);
    return result;
}

static int count_slashes(const char *s)
{
    int n = 0;

    for (; *s; s++)
        n += *s == '/';
    return n;
}

/* Removes NAME, of the case ID, and the directories that are now empty. */
static void drop(char *name, const char *id)
{
    dirs_remove(name);
    *strrchr(name, '/') = '\0';
    dirs_prune(name, count_slashes(id));
}

void evidence_end(struct result *r, const struct run *run)
{
    char *name;

    r->outcome.evidence[0] = '\0';
    if (run->options->keep == KEEP_NEVER)
        return;
    name = evidence_name(run, r);
    if (!verdict_is_bad(r->outcome.verdict) &&
        run->options->keep != KEEP_ALWAYS)
        dirs_remove(name);
    if (rmdir(name) == 0 || errno == ENOENT) {
        drop(name, r->c->id);
    } else {
        r->evidence_len = dirs_data_len(name);
        snprintf(r->outcome.evidence, sizeof(r->outcome.evidence), "%s", name);
    }
    free(name);
}

static void drop_evidence(const struct run *run, struct result *r)
{
    char *name = evidence_name(run, r);

    drop(name, r->c->id);
    free(name);
    r->outcome.evidence[0] = '\0';
}

void evidence_cap(struct run *run, struct result *r)
{
    uint64_t room = run->options->evidence_max - run->kept.len;
    struct kept *to = r->evidence_len <= room ? &run->kept : &run->left_out;

    if (!r->outcome.evidence[0])
        return;
    to->n++;
    to->len += r->evidence_len;
    if (to == &run->left_out)
        drop_evidence(run, r);
}

static double mib(uint64_t len)
{
    return (double)len / (1 << 20);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void evidence_conclude(struct run *run)
{
    const struct kept *kept = &run->kept;
    const struct kept *out = &run->left_out;

    for (size_t i = run->n_reported; i < run->n_results; i++)
        if (run->results[i].outcome.evidence[0])
            drop_evidence(run, &run->results[i]);
    if (run->options->quiet || kept->n + out->n == 0)
        return;
    fflush(stdout);
    fprintf(stderr, "evidence of %zu case%s is in %s: %.1f MiB", kept->n,
            plural(kept->n), run->options->out, mib(kept->len));
    if (out->n)
        fprintf(stderr,
                "; that of %zu more, %.1f MiB, was left out "
                "(--evidence-max)",
                out->n, mib(out->len));
    fputc('\n', stderr);
}

static void write_failed(const struct run *run, const char *name)
{
    FILE *file = NULL;

    for (size_t i = 0; i < run->n_reported; i++) {
        if (!verdict_is_bad(run->results[i].outcome.verdict))
            continue;
        if (!file && !(file = fopen(name, "w"))) {
            fprintf(stderr,
                    "addcow-conform: '%s': %s: --last-failed will "
                    "not know of these\n",
                    name, strerror(errno));
            return;
        }
        fprintf(file, "%s\n", run->results[i].c->id);
    }
    if (file)
        fclose(file);
}

void last_failed_save(const struct run *run)
{
    char *name = mem_format("%s/failed", run->options->out);

    unlink(name);
    if (run->tally.must_failed + run->tally.should_failed +
        run->tally.may_failed + run->tally.of[V_ERROR])
        dirs_make(run->options->out);
    write_failed(run, name);
    free(name);
}
