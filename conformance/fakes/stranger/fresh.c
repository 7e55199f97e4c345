/* SPDX-License-Identifier: MIT
 *
 * fresh.c - which clusters were written since the last flush of the image
 * file: a bit for each, or a list of spans.
 */
#include "stranger.h"

#include <stdlib.h>
#include <string.h>

/* Without memory for the list the loss of the span is not to be mended. */
static void log_add(struct image *image, struct span span)
{
    struct log *log = &image->log;
    struct span *last = log->n ? &log->spans[log->n - 1] : NULL;

    if (last && span.first >= last->first && span.first <= last->end) {
        if (span.end > last->end)
            last->end = span.end;
        return;
    }
    if (log->n == log->room) {
        size_t room = 2 * log->room + 8;
        struct span *spans = realloc(log->spans, room * sizeof(*spans));

        if (!spans) {
            image->is_irreplaceable = 1;
            return;
        }
        log->spans = spans;
        log->room = room;
    }
    log->spans[log->n++] = span;
}

void fresh_add(struct image *image, uint64_t first, uint64_t end)
{
    if (HABIT_LOG) {
        log_add(image, (struct span){first, end});
        return;
    }
    for (uint64_t c = first; c < end; c++)
        bits_set(&image->fresh, c, 1);
}

void fresh_cut(struct image *image, uint64_t cluster, uint64_t len)
{
    for (size_t i = 0; i < image->log.n; i++) {
        struct span *span = &image->log.spans[i];

        if (span->first > cluster)
            span->first = cluster;
        if (span->end > cluster)
            span->end = cluster;
    }
    bits_cut(&image->fresh, cluster, len);
}

void fresh_clear(struct image *image)
{
    struct bits *fresh = &image->fresh;

    image->log.n = 0;
    if (fresh->first < fresh->end)
        memset(fresh->bytes + fresh->first, 0,
               (size_t)(fresh->end - fresh->first));
    bits_settle(fresh);
}

void fresh_lose(struct image *image)
{
    struct bits *fresh = &image->fresh, *lost = &image->lost;

    for (size_t i = 0; i < image->log.n; i++) {
        const struct span *span = &image->log.spans[i];

        for (uint64_t c = span->first; c < span->end; c++)
            bits_set(lost, c, 1);
    }
    for (uint64_t i = fresh->first; i < fresh->end; i++)
        lost->bytes[i] |= fresh->bytes[i];
    bits_touch(lost, fresh->first, fresh->end);
    fresh_clear(image);
}
