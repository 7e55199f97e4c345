/* SPDX-License-Identifier: MIT
 *
 * still_disk.c - the files at rest of fuzz_header and fuzz_open (still.h) are
 * the simulated storage of the suite (disk.h), only without its cost: for many
 * headers the files that they name are made on a disk, and both hosts answer
 * the same, call by call; then the implementation opens and reads on both, and
 * is answered the same.
 *
 * Prints what differs; status 0 if nothing does.
 *
 * Deliberately missing: headers whose names are those of a file and of a
 * directory at once, which only still.h has; they are counted.
 */
#include "data/pattern.h"
#include "disk/disk.h"
#include "fuzz.h"
#include "mutator.h"
#include "opened.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_INPUTS = 4000,
    ROOM = 2700,
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    PATH_LEN = 2100,
    READ_LEN = 1024
};

/* The input, and what it names: the add-cow file, the image, the backing
 * file. */
struct files {
    const uint8_t *data;
    size_t len;
    char paths[3][PATH_LEN];
    size_t n_paths;
};

static unsigned n_wrong;
static unsigned n_calls;
static unsigned n_skipped;
static unsigned n_images;

static void expect(const char *call, const char *path, int64_t still,
                   int64_t disk)
{
    n_calls++;
    if (still == disk)
        return;
    n_wrong++;
    printf("%s \"%s\": %" PRId64 " of still.c, %" PRId64 " of the disk\n",
           call, path, still, disk);
}

/* ---- The files on a disk ------------------------------------------------ */

static void add_path(struct files *f, const char *name)
{
    char *path = f->paths[f->n_paths++];
    const char *slash = strrchr(f->paths[0], '/');
    size_t dir_len = 0;

    if (slash && *name != '/')
        dir_len = (size_t)(slash - f->paths[0]) + 1;
    memcpy(path, f->paths[0], dir_len);
    memcpy(path + dir_len, name, strlen(name) + 1);
}

static void begin(struct files *f, struct verdict *v, const uint8_t *data,
                  size_t len)
{
    struct world world = {.look = still_look};

    *f = (struct files){.data = data, .len = len};
    still_begin(data, len);
    world.entry = still_entry();
    table_open(v, &world, data, len);
    still_set_image(&v->image);
    add_path(f, still_entry());
    if (v->accepted)
        add_path(f, (const char *)data + IMAGE_AT);
    if (v->accepted && v->has_backing)
        add_path(f, (const char *)data + BACKING_AT);
}

/* Each directory on the way to PATH, from the root; "up" is a link. */
static void make_directories(struct disk *d, const char *path)
{
    char at[PATH_LEN + 1];
    char *end = at;

    snprintf(at, sizeof(at), "%s%s", *path == '/' ? "" : "/", path);
    while ((end = strchr(end + 1, '/')) != NULL) {
        *end = '\0';
        if (end - at >= 3 && strcmp(end - 3, "/up") == 0)
            disk_put_symlink(d, at, "/far/away");
        else
            disk_put_dir(d, at);
        *end = '/';
    }
}

/* Returns 0 if there can be no such file. */
static bool make_file(struct disk *d, const struct files *f, size_t i,
                      const struct verdict *v)
{
    char path[PATH_LEN + 1];
    struct place place;
    struct store *content;

    snprintf(path, sizeof(path), "%s%s", *f->paths[i] == '/' ? "" : "/",
             f->paths[i]);
    still_look(&place, NULL, f->paths[i]);
    make_directories(d, path);
    if (place.kind == PLACE_NO_FILE)
        disk_put_dir(d, path);
    if (place.kind != PLACE_FILE)
        return disk_exists(d, path) == (place.kind == PLACE_NO_FILE) &&
               !disk_content(d, path);
    if (!disk_exists(d, path) && disk_put_file(d, path) != ADDCOW_OK)
        return false;
    content = disk_content(d, path);
    if (!content)
        return false;
    if (i == 0)
        store_write(content, f->data, f->len, 0);
    else if (store_size(content) == 0)
        store_fill(content,
                   place.identity.inode == v->image.identity.inode
                       ? TAG_OLD
                       : TAG_BACKING,
                   place.len);
    return true;
}

/* Null: no disk has such files. */
static struct disk *make_disk(const struct files *f, const struct verdict *v)
{
    struct disk *d = disk_new();
    bool is_made = 1;

    record_pause(disk_record(d));
    disk_put_dir(d, "/far");
    disk_put_dir(d, "/far/away");
    disk_put_dir(d, "/dir");
    disk_put_symlink(d, "/dir/up", "/far/away");
    for (size_t i = 0; i < f->n_paths; i++)
        make_directories(d, f->paths[i]);
    for (size_t i = 0; is_made && i < f->n_paths; i++)
        is_made = make_file(d, f, i, v);
    for (size_t i = 0; is_made && i < f->n_paths; i++)
        is_made = make_file(d, f, i, v); /* it is still so */
    disk_chdir(d, "/");
    if (is_made)
        return d;
    disk_free(d);
    return NULL;
}

/* ---- Call by call ------------------------------------------------------- */

struct pair {
    const struct addcow_host *hosts[2];
    struct addcow_file *files[2];
    struct addcow_identity identities[2];
};

static void compare_reads(struct pair *p, const char *path, uint64_t offset,
                          size_t len)
{
    uint8_t data[2][READ_LEN] = {{0}};
    int results[2];

    for (int k = 0; k < 2; k++)
        results[k] = p->hosts[k]->read(p->hosts[k]->ctx, p->files[k], data[k],
                                       len, offset);
    expect("read", path, (int64_t)results[0], (int64_t)results[1]);
    if (results[0] == ADDCOW_OK)
        expect("content", path, 0,
               (int64_t)(memcmp(data[0], data[1], len) != 0));
}

/* At the start, around a place of its own, at the end and past it. */
static void compare_content(struct pair *p, const char *path, uint64_t size)
{
    uint64_t middle = size / 3 * 2;

    compare_reads(p, path, 0, size < READ_LEN ? (size_t)size : READ_LEN);
    compare_reads(p, path, middle, size ? 1 : 0);
    if (size >= 7)
        compare_reads(p, path, size - 7, 7);
    compare_reads(p, path, size, 0);
    compare_reads(p, path, size, 1);
    compare_reads(p, path, size + 1, 0);
    compare_reads(p, path, 1, size < READ_LEN ? READ_LEN : 8);
    compare_reads(p, path, UINT64_MAX - 3, 8);
}

static void compare_file(struct pair *p, const char *path)
{
    int results[2];
    uint64_t sizes[2] = {0, 0};

    for (int k = 0; k < 2; k++)
        results[k] =
            p->hosts[k]->open(p->hosts[k]->ctx, &p->files[k], path, 0);
    expect("open", path, (int64_t)results[0], (int64_t)results[1]);
    if (results[0] != ADDCOW_OK || results[1] != ADDCOW_OK)
        return;
    for (int k = 0; k < 2; k++) {
        const struct addcow_host *h = p->hosts[k];

        results[k] = h->get_size(h->ctx, p->files[k], &sizes[k]) ||
                     h->identify(h->ctx, p->files[k], &p->identities[k]) ||
                     h->flush(h->ctx, p->files[k]);
    }
    expect("get_size, identify, flush", path, (int64_t)results[0],
           (int64_t)results[1]);
    expect("size", path, (int64_t)sizes[0], (int64_t)sizes[1]);
    compare_content(p, path, sizes[0]);
    for (int k = 0; k < 2; k++)
        results[k] = p->hosts[k]->close(p->hosts[k]->ctx, p->files[k]);
    expect("close", path, (int64_t)results[0], (int64_t)results[1]);
}

static bool is_same(const struct addcow_identity *a,
                    const struct addcow_identity *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static void compare_hosts(const struct files *f, struct disk *d)
{
    struct pair pairs[3];

    memset(pairs, 0, sizeof(pairs));
    for (size_t i = 0; i < f->n_paths; i++) {
        pairs[i].hosts[0] = still_host();
        pairs[i].hosts[1] = disk_host(d);
        compare_file(&pairs[i], f->paths[i]);
        for (size_t j = 0; j < i; j++)
            expect("identity", f->paths[i],
                   (int64_t)is_same(&pairs[i].identities[0],
                                    &pairs[j].identities[0]),
                   (int64_t)is_same(&pairs[i].identities[1],
                                    &pairs[j].identities[1]));
    }
    expect("bug", f->paths[0], still_bug() != NULL, disk_bug(d) != NULL);
}

/* ---- As the implementation sees it -------------------------------------- */

static void read_both(const struct addcow_shim *shim, void *images[2],
                      const char *path)
{
    uint8_t data[2][READ_LEN] = {{0}};
    uint64_t sizes[2] = {0, 0};
    uint64_t offset;
    size_t len;
    int results[2];

    for (int k = 0; k < 2; k++)
        results[k] = shim->get_size(images[k], &sizes[k]);
    expect("size of the disk", path, (int64_t)sizes[0], (int64_t)sizes[1]);
    len = sizes[0] < READ_LEN ? (size_t)sizes[0] : READ_LEN;
    offset = (sizes[0] - len) / 512 / 2 * 512;
    for (int k = 0; k < 2; k++)
        results[k] = shim->read(images[k], data[k], len, offset);
    expect("read of the disk", path, (int64_t)results[0], (int64_t)results[1]);
    expect("content of the disk", path, 0,
           (int64_t)(memcmp(data[0], data[1], len) != 0));
    n_images++;
}

static void compare_images(const struct files *f, struct disk *d)
{
    const struct addcow_shim *shim = fuzz_iut();
    const struct addcow_host *hosts[2] = {still_host(), disk_host(d)};
    const struct addcow_open_args args = {.size = sizeof(args),
                                          .name = f->paths[0]};
    void *images[2] = {NULL, NULL};
    int results[2];

    for (int k = 0; k < 2; k++) {
        results[k] = shim->open(&images[k], hosts[k], &args);
        if (results[k] != ADDCOW_OK)
            images[k] = NULL;
    }
    expect("open of the image", f->paths[0], (int64_t)results[0],
           (int64_t)results[1]);
    if (images[0] && images[1])
        read_both(shim, images, f->paths[0]);
    for (int k = 0; k < 2; k++)
        if (images[k])
            shim->close(images[k]);
    expect("handles", f->paths[0], still_n_open(), disk_n_handles(d));
}

int main(void)
{
    static uint8_t data[ROOM];
    size_t len = 0;

    for (uint64_t seed = 0; seed < N_INPUTS; seed++) {
        struct verdict v;
        struct files f;
        struct disk *d;
        size_t mark;

        len = mutate(data, len, ROOM, seed);
        begin(&f, &v, data, len);
        d = make_disk(&f, &v);
        if (!d) {
            n_skipped++;
            continue;
        }
        mark = disk_enter(d, NULL);
        compare_hosts(&f, d);
        compare_images(&f, d);
        disk_leave(d, mark, ADDCOW_OK);
        disk_free(d);
    }
    printf("%d headers: %u answers, %u images read, %u left out; %u differ\n",
           N_INPUTS, n_calls, n_images, n_skipped, n_wrong);
    return n_wrong || n_skipped > N_INPUTS / 5 || n_images < N_INPUTS / 20;
}
