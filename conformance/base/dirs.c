/* SPDX-License-Identifier: MIT
 *
 * dirs.c - the runner's own directories.
 */
#define _GNU_SOURCE /* SEEK_DATA */
#include "dirs.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int make_one(const char *path)
{
    return mkdir(path, 0777) && errno != EEXIST ? -1 : 0;
}

int dirs_make(const char *path)
{
    char *partial = mem_format("%s", path);
    int result = 0;

    for (char *p = partial; result == 0 && *p; p++) {
        if (*p != '/' || p == partial)
            continue;
        *p = '\0';
        result = make_one(partial);
        *p = '/';
    }
    if (result == 0)
        result = make_one(partial);
    free(partial);
    return result;
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int remove_entries(const char *path)
{
    DIR *dir = opendir(path);
    int result;

    if (!dir)
        return -1;
    result = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char *name;

        if (is_dot(e->d_name))
            continue;
        name = mem_format("%s/%s", path, e->d_name);
        if (dirs_remove(name))
            result = -1;
        free(name);
    }
    closedir(dir);
    return result;
}

int dirs_remove(const char *path)
{
    struct stat st;
    int result;

    if (lstat(path, &st))
        return errno == ENOENT ? 0 : -1;
    if (!S_ISDIR(st.st_mode))
        return unlink(path);
    chmod(path, 0700);
    result = remove_entries(path);
    return rmdir(path) ? -1 : result;
}

static uint64_t pages(off_t from, off_t end)
{
    const off_t page = 4096;

    return (uint64_t)((end + page - 1) / page - from / page) * (uint64_t)page;
}

static uint64_t data_in_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t at = 0;
    off_t end = 0;
    uint64_t sum = 0;

    while (fd >= 0 && (at = lseek(fd, end, SEEK_DATA)) >= 0 &&
           (end = lseek(fd, at, SEEK_HOLE)) > at)
        sum += pages(at, end);
    if (fd >= 0)
        close(fd);
    return sum;
}

uint64_t dirs_data_len(const char *path)
{
    DIR *dir = opendir(path);
    uint64_t sum = 0;

    if (!dir)
        return 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char *name = mem_format("%s/%s", path, e->d_name);
        struct stat st;

        if (is_dot(e->d_name) || lstat(name, &st))
            st.st_mode = 0;
        if (S_ISDIR(st.st_mode))
            sum += dirs_data_len(name);
        else if (S_ISREG(st.st_mode))
            sum += data_in_file(name);
        free(name);
    }
    closedir(dir);
    return sum;
}

bool dirs_is_empty(const char *path)
{
    struct stat st;
    bool result = lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
                  (st.st_mode & 07777) == DIRS_MODE;
    DIR *dir = result ? opendir(path) : NULL;

    if (!dir)
        return false;
    for (struct dirent *e; result && (e = readdir(dir)) != NULL;)
        result = is_dot(e->d_name);
    closedir(dir);
    return result;
}

/* Root may use what is reserved for it. */
bool dirs_is_full(const char *path)
{
    struct statvfs fs;
    fsblkcnt_t blocks;

    if (statvfs(path, &fs))
        return errno == ENOSPC;
    blocks = geteuid() == 0 ? fs.f_bfree : fs.f_bavail;
    return blocks < DIRS_LEAST / fs.f_frsize ||
           (fs.f_files && fs.f_ffree == 0);
}

void dirs_prune(const char *path, int n_above)
{
    char *name = mem_format("%s", path);

    for (int i = 0; i <= n_above && rmdir(name) == 0; i++) {
        char *slash = strrchr(name, '/');

        if (!slash || slash == name)
            break;
        *slash = '\0';
    }
    free(name);
}
