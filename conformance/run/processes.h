/* SPDX-License-Identifier: MIT
 *
 * processes.h - the children of this process, also those that it adopted.
 */
#ifndef ADDCOW_PROCESSES_H
#define ADDCOW_PROCESSES_H

#include <sys/types.h>

/* Calls VISIT for each child of this process, running or not reaped. */
void processes_each_child(void (*visit)(void *arg, pid_t child), void *arg);

#endif
