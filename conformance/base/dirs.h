/* SPDX-License-Identifier: MIT
 *
 * dirs.h - the runner's own directories: working directories of the cases,
 * and what is kept of a failure.  Functions return 0, or -1 with errno.
 */
#ifndef ADDCOW_FILES_H
#define ADDCOW_FILES_H

/* Makes PATH and whatever directory is missing above it. */
int files_make_dirs(const char *path);

/* Removes PATH and everything below it, directories without permissions
 * too; follows no symbolic link.  A missing PATH is no error. */
int files_remove_tree(const char *path);

/* Permissions of a directory for a case, under any umask. */
enum { FILES_DIR_MODE = 0700 };

/* Whether PATH is such a directory with nothing in it. */
int files_is_empty(const char *path);

/* Removes PATH if it is an empty directory, then the N_ABOVE directories
 * above it, from the inside out, as long as they are empty. */
void files_prune(const char *path, int n_above);

#endif
