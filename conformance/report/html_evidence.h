/* SPDX-License-Identifier: MIT
 *
 * html_evidence.h - the second half of the page that report_html() writes.
 */
#ifndef ADDCOW_HTML_EVIDENCE_H
#define ADDCOW_HTML_EVIDENCE_H

#include "html_parts.h"

/* For each clause and each run: the cases, and of those that did not pass
 * everything that is known. */
void html_evidence(const struct page *page);

#endif
