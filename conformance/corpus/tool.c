/* SPDX-License-Identifier: MIT
 *
 * tool.c - the corpus commands as a program of their own, for those who want
 * to rebuild the corpus and have no use for the runner.
 */
#include "corpus.h"

int main(int argc, char **argv)
{
    return corpus_main(argc, argv);
}
