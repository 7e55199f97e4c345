/* SPDX-License-Identifier: MIT
 *
 * tree.c - reading, writing and comparing the checkout.
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return false;
}

static bool join(char out[PATH_LEN], const char *a, const char *b,
                 const char *c, const char *d)
{
    int len = snprintf(out, PATH_LEN, "%s%s%s%s", a, b, c, d);

    if (len >= 0 && (size_t)len < PATH_LEN)
        return true;
    return complain(a, "the path is too long");
}

static bool read_all(struct bytes *out, const char *path, FILE *in)
{
    uint8_t part[4096];
    size_t len;

    while ((len = fread(part, 1, sizeof(part), in)) > 0)
        if (!bytes_write(out, part, len, out->len))
            return complain(path, "too long, or no memory");
    return !ferror(in) || complain(path, strerror(errno));
}

bool tree_read(struct bytes *out, const char *path)
{
    FILE *in = fopen(path, "rb");
    bool ok;

    if (!in)
        return complain(path, strerror(errno));
    ok = read_all(out, path, in);
    fclose(in);
    return ok;
}

/* Makes the directories on the way to PATH. */
static bool make_parents(const char *path)
{
    char parent[PATH_LEN];

    if (!join(parent, path, "", "", ""))
        return false;
    for (char *at = strchr(parent + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(parent, 0777) != 0 && errno != EEXIST)
            return complain(parent, strerror(errno));
        *at = '/';
    }
    return true;
}

bool tree_write(const char *path, const struct bytes *content)
{
    bool ok;
    FILE *out;

    if (!make_parents(path))
        return false;
    out = fopen(path, "wb");
    if (!out)
        return complain(path, strerror(errno));
    ok = !content->len ||
         fwrite(content->data, 1, content->len, out) == content->len;
    ok = fclose(out) == 0 && ok;
    return ok || complain(path, strerror(errno));
}

static bool file_path(char out[PATH_LEN], const char *dir,
                      const struct vector *v, const struct vector_file *file)
{
    char in_dir[PATH_LEN];

    return join(in_dir, "/v/", v->id, "/", file->name) &&
           join(out, dir, in_dir, "", "");
}

bool tree_write_vector(const char *dir, const struct vector *v)
{
    char path[PATH_LEN];

    for (size_t i = 0; i < v->n_files; i++) {
        const struct vector_file *file = &v->files[i];

        if (file->target)
            continue;
        if (!file_path(path, dir, v, file) ||
            !tree_write(path, &file->content))
            return false;
    }
    return true;
}

static bool check_file(const char *path, const struct bytes *content)
{
    struct bytes is = {NULL, 0};
    bool ok = tree_read(&is, path);

    if (ok && (is.len != content->len ||
               (is.len && memcmp(is.data, content->data, is.len) != 0)))
        ok = complain(path, "not what its recipe makes");
    free(is.data);
    return ok;
}

bool tree_check_vector(const char *dir, const struct vector *v)
{
    char path[PATH_LEN];
    bool ok = true;

    for (size_t i = 0; i < v->n_files; i++) {
        const struct vector_file *file = &v->files[i];

        if (file->target)
            continue;
        if (!file_path(path, dir, v, file) ||
            !check_file(path, &file->content))
            ok = false;
    }
    return ok;
}

/* True if PATH, such as hdr-plain/disk.raw, is a vector's file. */
static bool is_known(const struct collection *all, const char *path)
{
    size_t id_len = strcspn(path, "/");

    for (size_t i = 0; i < all->n_pairs; i++) {
        struct vector *v = &all->pairs[i].built;
        const struct vector_file *file;

        if (strlen(v->id) != id_len || strncmp(v->id, path, id_len) != 0)
            continue;
        file = path[id_len] ? vector_find(v, path + id_len + 1) : NULL;
        return file && !file->target;
    }
    return false;
}

/* Looks through the directory DIR, whose paths are named from their byte
 * FROM on. */
static bool look(const char *dir, size_t from, const struct collection *all);

static bool look_at(const char *path, size_t from,
                    const struct collection *all)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return complain(path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return look(path, from, all);
    if (S_ISREG(st.st_mode) && is_known(all, path + from))
        return true;
    return complain(path, "no recipe makes this");
}

static bool look(const char *dir, size_t from, const struct collection *all)
{
    char path[PATH_LEN];
    bool ok = true;
    DIR *list = opendir(dir);

    if (!list)
        return complain(dir, strerror(errno));
    for (struct dirent *e = readdir(list); e; e = readdir(list)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (!join(path, dir, "/", e->d_name, "") || !look_at(path, from, all))
            ok = false;
    }
    closedir(list);
    return ok;
}

bool tree_check_strangers(const char *dir, const struct collection *all)
{
    char path[PATH_LEN];

    return join(path, dir, "/v", "", "") && look(path, strlen(path) + 1, all);
}
