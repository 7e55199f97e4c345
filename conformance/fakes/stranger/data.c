/* SPDX-License-Identifier: MIT
 *
 * data.c - reading and writing, in windows of 1 MiB (chapters 7 and 8).
 */
#include "stranger.h"

#include <stdbool.h>
#include <string.h>

/* A run of clusters in one state within a window, in bytes. */
struct run {
    uint64_t start, end;
};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t piece(uint64_t len, uint64_t offset)
{
    return least(HABIT_PIECE - offset % HABIT_PIECE, len);
}

static int get(struct image *image, struct addcow_file *file,
               unsigned char *out, uint64_t len, uint64_t offset)
{
    const struct addcow_host *host = image->host;
    int result = ADDCOW_OK;

    for (uint64_t n; !result && len > 0; len -= n, offset += n, out += n) {
        n = piece(len, offset);
        result = host->read(host->ctx, file, out, (size_t)n, offset);
    }
    return result;
}

/* Writes the window's first bytes there. */
static int put_raw(struct image *image, struct run run)
{
    const struct addcow_host *host = image->host;
    uint64_t offset = run.start;
    int result = ADDCOW_OK;

    image->is_raw_fresh = 1;
    while (!result && offset < run.end) {
        uint64_t n = piece(run.end - offset, offset);

        result = host->write(host->ctx, image->raw,
                             image->window + (offset - run.start), (size_t)n,
                             offset);
        offset += n;
    }
    return result;
}

static uint64_t cluster_end(const struct image *image, uint64_t cluster)
{
    return least((cluster + 1) * CLUSTER, image->size);
}

static bool is_outside(const struct image *image, uint64_t len,
                       uint64_t offset)
{
    return offset > image->size || len > image->size - offset;
}

bool is_odd(uint64_t len, uint64_t offset)
{
    return HABIT_SECTORS && (len % SECTOR != 0 || offset % SECTOR != 0);
}

static int check_backing(struct image *image)
{
    const struct addcow_host *host = image->host;
    bool is_meta = 0, is_raw = 0;
    int result = is_same_file(host, image->backing, image->meta, &is_meta);

    if (!result)
        result = is_same_file(host, image->backing, image->raw, &is_raw);
    if (!result && (is_meta || is_raw))
        result = ADDCOW_CORRUPT;
    if (!result)
        result =
            host->get_size(host->ctx, image->backing, &image->backing_len);
    return result;
}

int need_backing(struct image *image)
{
    const struct addcow_host *host = image->host;
    struct addcow_file *file;
    int result;

    if (!image->backing_path || image->backing)
        return ADDCOW_OK;
    result = host->open(host->ctx, &file, image->backing_path, 0);
    if (result)
        return result;
    image->backing = file;
    result = check_backing(image);
    if (result) {
        host->close(host->ctx, file);
        image->backing = NULL;
    }
    return result;
}

int meet_backing(struct image *image)
{
    int result = need_backing(image);

    return result == ADDCOW_NOT_FOUND ? ADDCOW_OK : result;
}

/* What the guest reads there while nothing is allocated. */
static int read_backing(struct image *image, unsigned char *out, uint64_t len,
                        uint64_t offset)
{
    int result = len ? need_backing(image) : ADDCOW_OK;
    uint64_t end;
    uint64_t n;

    if (result)
        return result;
    end = image->backing ? image->backing_len : 0;
    n = offset < end ? least(end - offset, len) : 0;
    memset(out + n, 0, (size_t)(len - n));
    return get(image, image->backing, out, n, offset);
}

/* Writes the window's first bytes to RUN, which from then on is allocated
 * wherever it was not: there it consists of whole clusters. */
static int write_run(struct image *image, struct run run)
{
    int result = put_raw(image, run);

    if (result)
        return result;
    for (uint64_t c = run.start / CLUSTER; c * CLUSTER < run.end; c++) {
        if (!bits_get(&image->allocated, c))
            bits_touch(&image->unwritten, c / 8, c / 8 + 1);
        bits_set(&image->allocated, c, 1);
        if (run.start <= c * CLUSTER && run.end >= cluster_end(image, c))
            bits_set(&image->lost, c, 0);
    }
    fresh_add(image, run.start / CLUSTER, (run.end - 1) / CLUSTER + 1);
    return ADDCOW_OK;
}

/* The longest run about OFFSET that its window has. */
static struct run find_run(const struct image *image, uint64_t offset)
{
    uint64_t first = offset / WINDOW * WINDOW / CLUSTER;
    uint64_t end = n_clusters(least(first * CLUSTER + WINDOW, image->size));
    uint64_t low = offset / CLUSTER, high = low + 1;
    int state = bits_get(&image->allocated, low);

    while (low > first && bits_get(&image->allocated, low - 1) == state)
        low--;
    while (high < end && bits_get(&image->allocated, high) == state)
        high++;
    return (struct run){low * CLUSTER, cluster_end(image, high - 1)};
}

/* Brings RUN into the window, and into the image file if it was not there
 * (IMPL-3 b). */
static int read_run(struct image *image, struct run run)
{
    uint64_t len = run.end - run.start;
    int result;

    if (bits_get(&image->allocated, run.start / CLUSTER))
        return get(image, image->raw, image->window, len, run.start);
    result = read_backing(image, image->window, len, run.start);
    if (!result && image->is_writable && !image->is_latched && !HABIT_NO_COPY)
        (void)write_run(image, run); /* nobody asked: no error of the read */
    return result;
}

int read_data(void *handle, void *out, size_t len, uint64_t offset)
{
    struct image *image = handle;
    unsigned char *to = out;

    if (is_odd(len, offset))
        return ADDCOW_INVALID;
    if (is_outside(image, len, offset))
        return ADDCOW_RANGE;
    while (len > 0) {
        struct run run = find_run(image, offset);
        int result = read_run(image, run);
        size_t n;

        if (result)
            return result;
        n = (size_t)least(run.end - offset, len);
        memcpy(to, image->window + (offset - run.start), n);
        to += n;
        offset += n;
        len -= n;
    }
    return ADDCOW_OK;
}

/* What the guest reads there, within a cluster. */
static int fill(struct image *image, unsigned char *out, uint64_t len,
                uint64_t offset)
{
    if (len == 0)
        return ADDCOW_OK;
    if (bits_get(&image->allocated, offset / CLUSTER))
        return get(image, image->raw, out, len, offset);
    return read_backing(image, out, len, offset);
}

/* The clusters and sectors that a write from OFFSET on, before END, has to
 * complete. */
static struct run completed(const struct image *image, uint64_t offset,
                            uint64_t end)
{
    uint64_t last = (end - 1) / CLUSTER;
    struct run run = {offset, end};

    if (HABIT_WHOLE_SECTORS) {
        run.start -= offset % SECTOR;
        run.end += (SECTOR - end % SECTOR) % SECTOR;
    }
    if (!bits_get(&image->allocated, offset / CLUSTER))
        run.start = offset / CLUSTER * CLUSTER;
    if (!bits_get(&image->allocated, last))
        run.end = cluster_end(image, last);
    return run;
}

/* Writes LEN bytes, zeros if DATA is null, within one window. */
static int write_window(struct image *image, const void *data, size_t len,
                        uint64_t offset)
{
    uint64_t end = offset + len;
    struct run run = completed(image, offset, end);
    unsigned char *to = image->window + (offset - run.start);
    int result = ADDCOW_OK;

    if (HABIT_CLUSTERS && !bits_get(&image->allocated, offset / CLUSTER))
        result = fill(image, image->window, run.end - run.start, run.start);
    if (!result)
        result = fill(image, image->window, offset - run.start, run.start);
    if (!result)
        result = fill(image, to + len, run.end - end, end);
    if (result)
        return result;
    if (data)
        memcpy(to, data, len);
    else
        memset(to, 0, len);
    return write_run(image, run);
}

static int write_windows(struct image *image, const unsigned char *data,
                         size_t len, uint64_t offset)
{
    while (len > 0) {
        uint64_t unit = HABIT_CLUSTERS ? CLUSTER : WINDOW;
        size_t n = (size_t)least(unit - offset % unit, len);
        int result = write_window(image, data, n, offset);

        if (!result && !image->is_writethrough)
            result = commit(image);
        if (result)
            return result;
        data = data ? data + n : NULL;
        offset += n;
        len -= n;
    }
    return image->is_writethrough ? commit(image) : ADDCOW_OK;
}

/* Whether a write or discard may begin. */
static int judge_change(const struct image *image, uint64_t len,
                        uint64_t offset)
{
    if (is_odd(len, offset))
        return ADDCOW_INVALID;
    if (!image->is_writable && !(HABIT_NO_BYTES && len == 0))
        return ADDCOW_READ_ONLY;
    if (is_outside(image, len, offset))
        return ADDCOW_RANGE;
    return image->is_latched || image->is_given_up ? ADDCOW_IO : ADDCOW_OK;
}

int changed(struct image *image, int result)
{
    if (HABIT_GIVE_UP && (result == ADDCOW_IO || result == ADDCOW_NO_MEMORY))
        image->is_given_up = 1;
    return result;
}

int write_data(void *handle, const void *data, size_t len, uint64_t offset)
{
    struct image *image = handle;
    int result;

    result = judge_change(image, len, offset);
    if (result || len == 0)
        return result;
    result = meet_backing(image);
    if (!result)
        result = write_windows(image, data, len, offset);
    return changed(image, result);
}

/* Zeros, in the first 16 MiB at most: the rest may stay as it was. */
int discard_data(void *handle, uint64_t len, uint64_t offset)
{
    struct image *image = handle;
    int result;

    result = judge_change(image, len, offset);
    if (result || len == 0)
        return result;
    if (HABIT_NO_DISCARD)
        return ADDCOW_OK;
    len = least(len, 16 * WINDOW);
    result = meet_backing(image);
    if (!result)
        result = write_windows(image, NULL, (size_t)len, offset);
    return changed(image, result);
}

int copy_up(struct image *image, uint64_t cluster)
{
    struct run run = {cluster * CLUSTER, cluster_end(image, cluster)};
    int result =
        read_backing(image, image->window, run.end - run.start, run.start);

    return result ? result : write_run(image, run);
}
