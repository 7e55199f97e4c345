/* SPDX-License-Identifier: MIT
 *
 * documents.h - texts of the project that the runner carries with it, so that
 * it can explain them anywhere: the reasons of the clauses, the manifest of
 * the corpus, the mutants, the requirements of each version.
 *
 * The table is made by cmake/lines.cmake when the runner is built.
 */
#ifndef ADDCOW_DOCUMENTS_H
#define ADDCOW_DOCUMENTS_H

struct document {
    const char *name;         /* path in the project */
    const char *const *lines; /* ended by null; the last is often empty */
};

/* Ended by an entry without name. */
extern const struct document documents[];

/* Null if there is no document of this NAME.  A NAME that begins with '/'
 * means the document whose name ends with it. */
const struct document *document_find(const char *name);

#endif
