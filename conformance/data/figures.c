/* SPDX-License-Identifier: MIT
 *
 * figures.c - numbers of states, exact while they fit, and their logarithms.
 */
#include "figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* Readers of JSON take no larger number. */
#define EXACT_MAX ((uint64_t)INT64_MAX)

struct crash_count count_from(uint64_t n)
{
    return (struct crash_count){n, n ? log2((double)n) : 0};
}

void count_multiply(struct crash_count *n, uint64_t by)
{
    if (n->exact && n->exact <= EXACT_MAX / by)
        n->exact *= by;
    else
        n->exact = 0;
    n->log2 += log2((double)by);
}

static bool is_nothing(const struct crash_count *n)
{
    return n->exact == 0 && n->log2 <= 0;
}

void crash_count_add(struct crash_count *n, const struct crash_count *more)
{
    double high = n->log2 > more->log2 ? n->log2 : more->log2;
    double low = n->log2 > more->log2 ? more->log2 : n->log2;

    if (is_nothing(more))
        return;
    if (is_nothing(n)) {
        *n = *more;
        return;
    }
    if (n->exact && more->exact && n->exact <= EXACT_MAX - more->exact)
        n->exact += more->exact;
    else
        n->exact = 0;
    n->log2 = high + log2(1 + exp2(low - high));
}

void crash_count_text(char *out, size_t size, const struct crash_count *n)
{
    if (n->exact || is_nothing(n))
        snprintf(out, size, "%" PRIu64, n->exact);
    else
        snprintf(out, size, "2^%.2f", n->log2);
}

void crash_report_add(struct crash_report *r, const struct crash_report *more)
{
    r->n_workloads += more->n_workloads;
    r->n_points += more->n_points;
    for (unsigned i = 0; i < CRASH_N_METHODS; i++)
        r->by[i] += more->by[i];
    crash_count_add(&r->states, &more->states);
    r->n_executions += more->n_executions;
    r->n_redone += more->n_redone;
    r->n_declined += more->n_declined;
    r->n_not_opaque += more->n_not_opaque;
    r->n_violations += more->n_violations;
    r->busy_ns += more->busy_ns;
}
