/* SPDX-License-Identifier: MIT
 *
 * evidence.c - what a failed case leaves for people to look at: the files
 * before and after as sparse files, and the recording of host calls.
 */
#include "env_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TOTAL (64 * MIB)  /* bytes written for one case */
#define MAX_SPARSE (16 * GIB) /* larger files are listed instead */

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

/* DIR/SUB/path, in which the slashes of the path become '%'. */
static void file_name(char *out, size_t size, const char *dir, const char *sub,
                      const char *path)
{
    size_t n = (size_t)snprintf(out, size, "%s/%s/", dir, sub);

    snprintf(out + n, n < size ? size - n : 0, "%.200s",
             path + strspn(path, "/"));
    for (char *p = out + n; n < size && *p; p++)
        if (*p == '/')
            *p = '%';
}

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

/* A huge file as text: a line for each sector that was written. */
static void write_list(const struct store *s, const char *name)
{
    char path[1100];
    uint8_t sector[SECTOR];
    char words[200];
    FILE *f;

    snprintf(path, sizeof(path), "%s.sectors", name);
    f = begin_text(path);
    if (!f)
        return;
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
    end_text(f, path);
}

static void write_files(const char *dir, const char *sub,
                        const struct snapshot *s, uint64_t *budget)
{
    char name[1024];

    snprintf(name, sizeof(name), "%s/%s", dir, sub);
    if (mkdir(name, 0777) && errno != EEXIST) {
        complain(name);
        return;
    }
    for (size_t i = 0; i < s->n_files; i++) {
        file_name(name, sizeof(name), dir, sub, s->files[i].path);
        if (store_size(s->files[i].content) <= MAX_SPARSE)
            write_sparse(s->files[i].content, budget, name);
        else
            write_list(s->files[i].content, name);
    }
}

static void write_recording(const struct env *env, const char *dir)
{
    char name[1024];
    FILE *f;

    snprintf(name, sizeof(name), "%s/recording.txt", dir);
    f = begin_text(name);
    if (!f)
        return;
    record_print(disk_record(env->disk), f);
    end_text(f, name);
}

void write_evidence(struct env *env)
{
    const char *dir = env->options->evidence_dir;
    uint64_t budget = MAX_TOTAL;

    if (env->before)
        write_files(dir, "before", env->before, &budget);
    write_files(dir, "after", take_snapshot(env), &budget);
    if (env->disk)
        write_recording(env, dir);
    snprintf(env->out->evidence, sizeof(env->out->evidence), "%s", dir);
}
