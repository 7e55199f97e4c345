/* SPDX-License-Identifier: MIT
 *
 * commands.h - the commands of the runner.  Each returns the exit status, one
 * of run/status.h.
 */
#ifndef ADDCOW_COMMANDS_H
#define ADDCOW_COMMANDS_H

#include "run/options.h"
#include "run/select.h"

int command_run(const struct options *o, char **argv);
int command_list(const struct options *o, char **argv);
int command_explain(const struct options *o, char **argv);
int command_report(const struct options *o, char **argv);
int command_trace(const struct options *o, char **argv);
int command_shim_check(const struct options *o, char **argv);
int command_version(const struct options *o, char **argv);

/* Ways to run the one case of SELECTION for somebody who debugs. */

/* Runs it in the runner's own process. */
int debug_in_process(const struct options *o,
                     const struct selection *selection);

/* Runs ARGV again under the tool that O asks for, with --in-process instead.
 * Returns only if that fails. */
int debug_exec(const struct options *o, char **argv);

#endif
