/* SPDX-License-Identifier: MIT
 *
 * fault.c - which calls of the host fail.
 */
#include "base/memory.h"
#include "disk_impl.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether a call that opens or removes WANTED means NAME. */
static bool same_spelling(const char *wanted, const char *name)
{
    size_t a = strlen(wanted);
    size_t b = strlen(name);

    return a >= b && strcmp(wanted + a - b, name) == 0 &&
           (a == b || wanted[a - b - 1] == '/');
}

bool request_fits(struct disk *d, const struct request *r,
                  enum event_kind kind, const char *name)
{
    const struct node *node;

    if (kind != EV_ANY && kind != r->kind)
        return false;
    if (!name)
        return true;
    node = name_find(d, d->home, name);
    if (node && r->node)
        return node == r->node;
    return r->name && same_spelling(r->name, name);
}

static bool overlaps(const struct request *r, const struct disk_fault *f)
{
    if (f->len == 0)
        return true;
    return r->len && r->offset < f->offset + f->len &&
           f->offset < r->offset + r->len;
}

const struct disk_fault *fault_fires(struct disk *d, const struct request *r)
{
    for (struct armed_fault *a = d->faults; a; a = a->next) {
        if (!request_fits(d, r, a->fault.kind, a->name) ||
            !overlaps(r, &a->fault))
            continue;
        a->n_seen++;
        if (a->n_seen == a->fault.nth ||
            (a->fault.for_good && a->n_seen > a->fault.nth)) {
            d->n_faults_hit++;
            d->n_flushes_failed += r->kind == EV_FLUSH;
            d->is_refusing = true;
            return &a->fault;
        }
    }
    return NULL;
}

void disk_put_fault(struct disk *d, const struct disk_fault *fault)
{
    struct armed_fault *a = mem_new(1, sizeof(*a));

    a->fault = *fault;
    a->fault.nth = fault->nth ? fault->nth : 1;
    a->name = mem_string(fault->name);
    pthread_mutex_lock(&d->lock);
    a->next = d->faults;
    d->faults = a;
    pthread_mutex_unlock(&d->lock);
}

void disk_clear_faults(struct disk *d)
{
    pthread_mutex_lock(&d->lock);
    while (d->faults) {
        struct armed_fault *next = d->faults->next;

        mem_free(d->faults->name);
        mem_free(d->faults);
        d->faults = next;
    }
    pthread_mutex_unlock(&d->lock);
}

uint64_t disk_n_faults_hit(struct disk *d)
{
    return d->n_faults_hit;
}

uint64_t disk_n_flushes_failed(struct disk *d)
{
    return d->n_flushes_failed;
}

void disk_set_free(struct disk *d, uint64_t len)
{
    pthread_mutex_lock(&d->lock);
    d->free_len = len;
    for (struct node *n = d->nodes; n; n = n->next) {
        store_free(n->charged);
        n->charged = NULL;
    }
    pthread_mutex_unlock(&d->lock);
}

size_t space_take(struct disk *d, struct node *node, size_t len,
                  uint64_t offset)
{
    uint64_t end = offset + len;

    if (d->free_len == UINT64_MAX)
        return len;
    if (!node->charged)
        node->charged = store_new();
    for (uint64_t at = offset; at < end; at = (at / 512 + 1) * 512) {
        uint8_t taken;

        store_read(node->charged, &taken, 1, at / 512);
        if (taken)
            continue;
        if (d->free_len < 512)
            return (size_t)(at - offset);
        d->free_len -= 512;
        store_write(node->charged, "\1", 1, at / 512);
    }
    return len;
}
