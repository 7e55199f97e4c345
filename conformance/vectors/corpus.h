/* SPDX-License-Identifier: MIT
 *
 * corpus.h - the door of the corpus commands.
 */
#ifndef ADDCOW_CORPUS_H
#define ADDCOW_CORPUS_H

/* Runs one command; ARGV[0] is "corpus", ARGV[1] the command's name.  Returns
 * the exit status: 0; 1, something is not as the recipes say; 2, usage, a
 * malformed recipe or manifest, a file that cannot be read or written; 5,
 * there was nothing to check. */
int corpus_main(int argc, char **argv);

#endif
