/* SPDX-License-Identifier: MIT
 *
 * evidence.c - what a failed case leaves for people to look at: the files
 * before and after as sparse files, and the recording of host calls.
 */
#include "base/dirs.h"
#include "base/memory.h"
#include "env_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_TOTAL (64 * MIB)  /* bytes written for one case */
#define MAX_SPARSE (16 * GIB) /* larger files are listed instead */

enum { LONGEST_NAME = 200, LONGEST_PATH = 1200 };

/* Where the files of a snapshot go. */
struct place {
    const char *dir;  /* of the case's evidence */
    const char *sub;  /* below it: "before" or "after" */
    const char *home; /* where the names of files began */
    FILE *names;      /* says what files were called, if otherwise */
};

/* Says that evidence is not whole, where the case prints. */
static void complain(const char *name)
{
    fprintf(stderr, "%s: cannot be written: %s\n", name, strerror(errno));
}

static FILE *begin_text(const char *name)
{
    FILE *f = fopen(name, "w");

    if (!f)
        complain(name);
    return f;
}

static void end_text(FILE *f, const char *name)
{
    bool failed = ferror(f) != 0;

    if (fclose(f) || failed)
        complain(name);
}

/* ---- Where a file goes -------------------------------------------------- */

/* Whether a file system may refuse this name, or be led away by it. */
static bool is_odd(const char *name)
{
    bool odd = strlen(name) > LONGEST_PATH;

    while (!odd && *name) {
        size_t n = strcspn(name, "/");

        odd = n > LONGEST_NAME || (n == 2 && memcmp(name, "..", n) == 0);
        name += n + (name[n] == '/');
    }
    return odd;
}

static void note_name(const struct place *at, const char *name,
                      const char *path)
{
    fprintf(at->names, "%s/%s: ", at->sub, name);
    for (const char *p = path; *p; p++)
        if (*p > ' ' && *p <= '~')
            fputc(*p, at->names);
        else
            fprintf(at->names, "\\x%02x", (unsigned char)*p);
    fputc('\n', at->names);
}

/* Makes what is missing above NAME, below the directory of AT. */
static int make_parents(const struct place *at, const char *name)
{
    const char *slash = strrchr(name, '/');
    char *path = mem_format("%s/%s/%.*s", at->dir, at->sub,
                            (int)(slash ? slash - name : 0), name);
    int result = dirs_make(path);

    mem_free(path);
    return result;
}

/* The name for the file PATH, number N of its snapshot, to be freed.  Below
 * the home it is the same, so that a relative name in a header leads from
 * file to file here as it did there. */
static char *place_file(const struct place *at, const char *path, size_t n)
{
    size_t len = strlen(at->home);
    const char *name = path + len + 1;
    char other[32];
    char *out;

    if (strncmp(path, at->home, len) != 0 || path[len] != '/' ||
        is_odd(name)) {
        snprintf(other, sizeof(other), "other-%zu", n);
        note_name(at, other, path);
        name = other;
    }
    out = mem_format("%s/%s/%s", at->dir, at->sub, name);
    if (make_parents(at, name))
        complain(out);
    return out;
}

/* ---- Files -------------------------------------------------------------- */

/* The next page at or after OFFSET that is worth writing. */
static uint64_t next_page(const struct store *s, uint64_t offset)
{
    if (offset < store_background(s) && store_background(s) <= PATTERN_WHOLE)
        return offset;
    return store_next_page(s, offset);
}

static void write_sparse(const struct store *s, uint64_t *budget,
                         const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    uint64_t size = store_size(s);
    uint8_t page[STORE_PAGE];

    if (fd < 0) {
        complain(name);
        return;
    }
    for (uint64_t at = next_page(s, 0); at < size && *budget >= STORE_PAGE;
         at = next_page(s, at + STORE_PAGE)) {
        size_t n = size - at < STORE_PAGE ? (size_t)(size - at) : STORE_PAGE;

        store_read(s, page, n, at);
        if (pwrite(fd, page, n, (off_t)at) != (ssize_t)n) {
            complain(name);
            break;
        }
        *budget -= STORE_PAGE;
    }
    if (ftruncate(fd, (off_t)size))
        complain(name);
    close(fd);
}

/* A line for each sector that was written. */
static void put_list(FILE *f, const struct store *s)
{
    uint8_t sector[SECTOR];
    char words[200];

    fprintf(f, "size %" PRIu64 ", pattern below %" PRIu64 "\n", store_size(s),
            store_background(s));
    for (uint64_t at = store_next_page(s, 0); at != UINT64_MAX;
         at = store_next_page(s, at + STORE_PAGE)) {
        for (uint64_t i = at; i < at + STORE_PAGE; i += SECTOR) {
            store_read(s, sector, SECTOR, i);
            pattern_name(words, sizeof(words), sector, SECTOR, i);
            fprintf(f, "%" PRIu64 ": %s\n", i, words);
        }
    }
}

/* A huge file as text. */
static void write_list(const struct store *s, const char *name)
{
    char *path = mem_format("%s.sectors", name);
    FILE *f = begin_text(path);

    if (f) {
        put_list(f, s);
        end_text(f, path);
    }
    mem_free(path);
}

static void write_files(const struct place *at, const struct snapshot *s,
                        uint64_t *budget)
{
    for (size_t i = 0; i < s->n_files; i++) {
        char *name = place_file(at, s->files[i].path, i);

        if (store_size(s->files[i].content) <= MAX_SPARSE)
            write_sparse(s->files[i].content, budget, name);
        else
            write_list(s->files[i].content, name);
        mem_free(name);
    }
}

static void write_recording(const struct env *env, const char *dir)
{
    char *name = mem_format("%s/recording.txt", dir);
    FILE *f = begin_text(name);

    if (f) {
        record_print(disk_record(env->disk), f);
        end_text(f, name);
    }
    mem_free(name);
}

static void write_snapshots(struct env *env, struct place *at)
{
    uint64_t budget = MAX_TOTAL;

    fprintf(
        at->names,
        "The files of the case were below %s. An absolute name that begins "
        "so, in a header or in the recording, means the rest of it below "
        "before/ or after/ here.\n",
        at->home);
    at->sub = "before";
    if (env->before)
        write_files(at, env->before, &budget);
    at->sub = "after";
    write_files(at, take_snapshot(env), &budget);
}

void write_evidence(struct env *env)
{
    struct place at = {.dir = env->options->evidence_dir, .home = env->home};
    char *name = mem_format("%s/names.txt", at.dir);

    at.names = begin_text(name);
    if (at.names) {
        write_snapshots(env, &at);
        end_text(at.names, name);
    }
    mem_free(name);
    if (env->disk)
        write_recording(env, at.dir);
    snprintf(env->out->evidence, sizeof(env->out->evidence), "%s", at.dir);
}
