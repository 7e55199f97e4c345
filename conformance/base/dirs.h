/* SPDX-License-Identifier: MIT
 *
 * dirs.h - the runner's own directories: working directories of the cases,
 * and what is kept of a failure.  Functions that return an int: 0,
 * or -1 with errno.
 */
#ifndef ADDCOW_DIRS_H
#define ADDCOW_DIRS_H

#include <stdbool.h>
#include <stdint.h>

/* Makes PATH and whatever directory is missing above it. */
int dirs_make(const char *path);

/* Removes PATH and everything below it, even directories without permissions;
 * follows no symbolic link.  A missing PATH is no error. */
int dirs_remove(const char *path);

/* The bytes of data in the plain files below PATH, without holes, each run of
 * data rounded to pages of 4096. */
uint64_t dirs_data_len(const char *path);

/* Permissions of a directory for a case, under any umask. */
enum { DIRS_MODE = 0700 };

/* True if PATH is a directory with these permissions and nothing in it. */
bool dirs_is_empty(const char *path);

/* Less than this is as good as nothing. */
enum { DIRS_LEAST = 1 << 20 };

/* True if the disk that PATH is on has no room left, or nowhere to note one
 * more file. */
bool dirs_is_full(const char *path);

/* Removes PATH if it is an empty directory, then the N_ABOVE directories
 * above it, from the inside out, as long as they are empty. */
void dirs_prune(const char *path, int n_above);

#endif
