/* SPDX-License-Identifier: MIT
 *
 * files.c - the files of a case: made, looked at, kept.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <errno.h>
#include <string.h>

/* Appends the components of NAME to PATH, without "." and empty ones. */
static void append(char *path, const char *name)
{
    size_t at = strlen(path);

    while (*(name += strspn(name, "/"))) {
        size_t n = strcspn(name, "/");

        if (n != 1 || *name != '.') {
            path[at++] = '/';
            memcpy(path + at, name, n);
            at += n;
        }
        name += n;
    }
    path[at] = '\0';
}

const char *path_from(struct env *env, const char *dir, const char *name)
{
    char *path = case_alloc(env, strlen(dir) + strlen(name) + 3);

    if (*name != '/')
        append(path, dir);
    append(path, name);
    if (!*path)
        strcpy(path, "/");
    return path;
}

const char *absolute(struct env *env, const char *name)
{
    return path_from(env, env->home, name);
}

/* After the first call of the shim a file is what the shim left: if it is
 * missing, the case is not at fault. */
static void charge_absence(struct env *env, const char *name, const char *got)
{
    if (env->was_called)
        fail_as(env, first_clause(env), CHECK_THERE, "missing",
                "the file is there, whole", "%s %s", name, got);
}

/* A full disk of the machine is neither NA nor anybody's fault: the runner
 * stops.  A simulated one is as full as the case wants it. */
static const char *reason_of_full(struct env *env)
{
    return is_simulated(env) ? "storage" : NA_SPACE;
}

/* Ends the case if ERROR_NUMBER is not 0: what it cannot do for want of
 * storage is NA, the rest its fault. */
static void storage_check(struct env *env, int error_number, const char *what,
                          const char *name)
{
    switch (error_number) {
    case 0:
        env->files_changed = true;
        return;
    case ENOSPC:
    case EDQUOT:
        skip_na(env, reason_of_full(env));
    case ENOTSUP:
    case EFBIG:
    case EINVAL:
    case EOVERFLOW:
    case ENAMETOOLONG:
    case EPERM:
        skip_na(env, "storage");
    case ENOENT:
        charge_absence(env, name, "does not exist");
        error(env, "there is no %s to %s", name, what);
    default:
        error(env, "cannot %s %s: %s", what, name, strerror(error_number));
    }
}

void put_file(struct env *env, const char *name, uint64_t size)
{
    storage_check(env, env->world->create(env, name), "make", name);
    storage_check(env, env->world->resize(env, name, size), "size", name);
}

void put_bytes(struct env *env, const char *name, const void *data, size_t len,
               uint64_t offset)
{
    if (!env->world->exists(env, name))
        put_file(env, name, 0);
    storage_check(env, env->world->write(env, name, data, len, offset),
                  "write", name);
}

void put_byte(struct env *env, const char *name, unsigned byte,
              uint64_t offset)
{
    uint8_t b = (uint8_t)byte;

    put_bytes(env, name, &b, 1, offset);
}

void put_pattern(struct env *env, const char *name, uint32_t tag,
                 uint64_t size)
{
    put_file(env, name, 0);
    storage_check(env, env->world->pattern(env, name, tag, size), "fill",
                  name);
}

struct store *view_of(struct env *env, const char *name)
{
    struct store *s = NULL;
    bool changed = env->files_changed;

    storage_check(env, env->world->view(env, &s, name), "read", name);
    env->files_changed = changed;
    return s;
}

void get_bytes(struct env *env, const char *name, void *out, size_t len,
               uint64_t offset)
{
    struct store *s = view_of(env, name);
    uint64_t size = store_size(s);

    store_read(s, out, len, offset);
    store_free(s);
    if (offset > size || len > size - offset) {
        charge_absence(env, name, "is shorter than what is to be read");
        error(env, "the case reads past the end of %s", name);
    }
}

unsigned get_byte(struct env *env, const char *name, uint64_t offset)
{
    uint8_t b;

    get_bytes(env, name, &b, 1, offset);
    return b;
}

uint64_t file_size(struct env *env, const char *name)
{
    struct store *s = view_of(env, name);
    uint64_t size = store_size(s);

    store_free(s);
    return size;
}

bool file_exists(struct env *env, const char *name)
{
    return env->world->exists(env, name);
}

void resize_file(struct env *env, const char *name, uint64_t size)
{
    storage_check(env, env->world->resize(env, name, size), "size", name);
}

void remove_file(struct env *env, const char *name)
{
    storage_check(env, env->world->remove(env, name), "remove", name);
}

/* Page by page, what is zeros left out. */
void copy_file(struct env *env, const char *to, const char *from)
{
    struct store *s = view_of(env, from);
    uint64_t size = store_size(s);
    uint8_t page[STORE_PAGE];

    if (store_background(s) > PATTERN_WHOLE)
        error(env, "%s is too large to copy", from);
    put_file(env, to, size);
    for (uint64_t at = 0; at < size; at += STORE_PAGE) {
        size_t n = size - at < STORE_PAGE ? (size_t)(size - at) : STORE_PAGE;

        if (at >= store_background(s))
            at = store_next_page(s, at);
        if (at >= size)
            break;
        n = size - at < STORE_PAGE ? (size_t)(size - at) : STORE_PAGE;
        store_read(s, page, n, at);
        if (!pattern_is_zeros(page, n))
            put_bytes(env, to, page, n, at);
    }
    store_free(s);
}

void put_dir(struct env *env, const char *name)
{
    storage_check(env, env->world->make_dir(env, name), "make", name);
}

void put_symlink(struct env *env, const char *name, const char *target)
{
    storage_check(env, env->world->symlink(env, name, target), "make", name);
}

void put_link(struct env *env, const char *name, const char *existing)
{
    storage_check(env, env->world->link(env, name, existing), "make", name);
}

void put_fifo(struct env *env, const char *name)
{
    storage_check(env, env->world->fifo(env, name), "make", name);
}

const char *char_device(struct env *env)
{
    if (is_simulated(env))
        skip_na(env, "storage");
    return "/dev/null";
}

void put_block_device(struct env *env, const char *name, uint64_t size)
{
    storage_check(env, env->world->block(env, name, size), "make", name);
}

void set_identity(struct env *env, const char *name, uint64_t device,
                  uint64_t inode)
{
    storage_check(env, env->world->identity(env, name, device, inode), "move",
                  name);
}

void change_dir(struct env *env, const char *name)
{
    storage_check(env, env->world->chdir(env, name), "enter", name);
    mem_free(env->cwd);
    env->cwd = mem_string(absolute(env, name));
}

void set_read_only(struct env *env, const char *name, bool on)
{
    storage_check(env, env->world->deny(env, name, on ? DISK_DENY_WRITE : 0),
                  "protect", name);
}

void set_unreadable(struct env *env, const char *name, bool on)
{
    storage_check(env, env->world->deny(env, name, on ? DISK_DENY_ALL : 0),
                  "protect", name);
}

static void snap(void *arg, const char *path, const struct store *content)
{
    struct snapshot *s = arg;

    s->files = mem_grow(s->files, &s->room, s->n_files + 1, sizeof(*s->files));
    s->files[s->n_files].path = mem_string(path);
    s->files[s->n_files].content = store_clone(content);
    s->n_files++;
}

struct snapshot *take_snapshot(struct env *env)
{
    struct snapshot *s = mem_new(1, sizeof(*s));

    env->world->each(env, snap, s);
    s->next = env->snapshots;
    env->snapshots = s;
    return s;
}

const struct store *keep_view(struct env *env, const char *name)
{
    struct store *content;
    struct snapshot *s;

    if (env->world->view(env, &content, name))
        return NULL;
    s = mem_new(1, sizeof(*s));
    s->files = mem_new(1, sizeof(*s->files));
    s->files[0].content = content;
    s->n_files = 1;
    s->next = env->snapshots;
    env->snapshots = s;
    return content;
}

const struct store *snapshot_find(const struct snapshot *s, const char *path)
{
    for (size_t i = 0; i < s->n_files; i++)
        if (strcmp(s->files[i].path, path) == 0)
            return s->files[i].content;
    return NULL;
}

void note_base(struct env *env)
{
    struct base *b;

    env->was_called = true;
    if (!env->before && env->options->evidence_dir)
        env->before = take_snapshot(env);
    if (!env->disk || !env->files_changed)
        return;
    b = mem_new(1, sizeof(*b));
    b->first = record_len(disk_record(env->disk));
    b->disk = disk_clone(env->disk);
    b->next = env->bases;
    env->bases = b;
    env->files_changed = false;
}
