/* SPDX-License-Identifier: MIT
 *
 * work.c - the directory below which the cases of a run work.
 */
#define _GNU_SOURCE /* mkdtemp, flock, O_DIRECTORY */
#include "work.h"
#include "base/dirs.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "addcow-conform."
#define MARK "mark" /* no case has a directory of this name */

enum { WAIT_MS = 5000, NAP_MS = 10 };

static char *shared_name; /* PATH_MAX bytes, or null */
static int lock = -1;     /* inherited by keepers, closed by their jobs */

void work_prepare(void)
{
    shared_name = mem_shared(PATH_MAX);
}

static void note_name(const char *dir)
{
    if (shared_name)
        snprintf(shared_name, PATH_MAX, "%s", dir);
}

/* A descriptor that holds the lock of DIR; or -1. */
static int take_lock(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* ---- What others have left ---------------------------------------------- */

/* The mark is made by who holds the lock: with both, nobody is left. */
static void remove_unowned(const char *dir)
{
    struct stat st;
    int fd = take_lock(dir);

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
        faccessat(fd, MARK, F_OK, 0) == 0)
        dirs_remove(dir);
    close(fd);
}

static void sweep(const char *base)
{
    DIR *dir = opendir(base);

    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char *name;

        if (strncmp(e->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
            continue;
        name = mem_format("%s/%s", base, e->d_name);
        remove_unowned(name);
        free(name);
    }
    closedir(dir);
}

void work_abandoned(void)
{
    const char *dir = shared_name ? shared_name : "";

    for (int waited = 0; *dir && waited < WAIT_MS; waited += NAP_MS) {
        remove_unowned(dir);
        if (access(dir, F_OK))
            break;
        nanosleep(&(struct timespec){0, NAP_MS * 1000000L}, NULL);
    }
}

/* ---- Our own ------------------------------------------------------------ */

static void set_mark(const char *dir)
{
    int fd;

    lock = take_lock(dir);
    if (lock < 0) /* no locks here: nobody will remove it but us */
        return;
    fd = openat(lock, MARK, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

char *work_new(void)
{
    const char *base = getenv("TMPDIR");
    char *dir;

    if (!base || !*base)
        base = "/tmp";
    sweep(base);
    dir = mem_format("%s/" PREFIX "XXXXXX", base);
    if (mkdtemp(dir)) {
        note_name(dir);
        set_mark(dir);
        return dir;
    }
    fprintf(stderr, "addcow-conform: cannot make a directory like '%s': %s\n",
            dir, strerror(errno));
    free(dir);
    return NULL;
}

void work_end(char *dir)
{
    if (!dir)
        return;
    dirs_remove(dir);
    note_name("");
    if (lock >= 0)
        close(lock);
    lock = -1;
    free(dir);
}
