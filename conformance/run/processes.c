/* SPDX-License-Identifier: MIT
 *
 * processes.c - the children of this process, read from /proc.
 */
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The parent of process NAME, a number; 0 if it is not known. */
static pid_t parent_of(const char *name)
{
    char path[300];
    char line[512];
    int parent;
    size_t len;
    FILE *file;
    const char *after_name;

    snprintf(path, sizeof(path), "/proc/%s/stat", name);
    file = fopen(path, "r");
    if (!file)
        return 0;
    len = fread(line, 1, sizeof(line) - 1, file);
    fclose(file);
    line[len] = '\0';
    parent = 0;
    after_name = strrchr(line, ')');
    if (!after_name || sscanf(after_name + 1, " %*c %d", &parent) != 1)
        return 0;
    return (pid_t)parent;
}

void processes_each_child(void (*visit)(void *arg, pid_t child), void *arg)
{
    DIR *dir = opendir("/proc");

    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (isdigit((unsigned char)e->d_name[0]) &&
            parent_of(e->d_name) == getpid())
            visit(arg, (pid_t)atoi(e->d_name));
    closedir(dir);
}
