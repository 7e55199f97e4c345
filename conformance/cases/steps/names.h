/* SPDX-License-Identifier: MIT
 *
 * names.h - names and directories of a given length.
 *
 * Deliberately missing: what a name means; env.h and the chapters say that.
 */
#ifndef ADDCOW_NAMES_H
#define ADDCOW_NAMES_H

#include "env/env.h"

#define MAX_NAME (NAME_FIELD_LEN - 1) /* bytes of the longest name */

/* A name of LEN bytes that leads to FILE, with "./././" before it.  LEN is
 * the length of FILE or at least two more.  Lives until the case ends. */
char *padded_name(struct env *env, const char *file, size_t len);

/* A path of LEN bytes that leads to the directory DIR, with "/././." after
 * it.  Lives until the case ends. */
char *padded_dir(struct env *env, const char *dir, size_t len);

/* DIR, a slash and NAME. */
char *joined(struct env *env, const char *dir, const char *name);

#endif
