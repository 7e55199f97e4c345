/* SPDX-License-Identifier: MIT
 *
 * life.c - the life of a case: a world is opened for it, it runs, is left,
 * comes to a verdict, and its world is closed.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *current_dir(void)
{
    size_t room = 256;
    char *path = mem_new(1, room);

    while (!getcwd(path, room)) {
        mem_free(path);
        room *= 2;
        path = mem_new(1, room);
    }
    return path;
}

/* A world for a case. */
static void world_open(struct env *env)
{
    env->files_changed = true;
    if (env->shim->capabilities & ADDCOW_CAP_HOST) {
        env->world = &world_sim;
        env->disk = disk_new();
        env->n_flushes_failed = 0;
        disk_one_thread(env->disk, !has_cap(env, ADDCOW_CAP_CONCURRENT));
        env->home = mem_string(DISK_HOME);
    } else {
        env->world = &world_plain;
        env->home = current_dir();
    }
    env->cwd = mem_string(env->home);
}

static void free_snapshots(struct env *env)
{
    while (env->snapshots) {
        struct snapshot *next = env->snapshots->next;

        for (size_t i = 0; i < env->snapshots->n_files; i++) {
            mem_free(env->snapshots->files[i].path);
            store_free(env->snapshots->files[i].content);
        }
        mem_free(env->snapshots->files);
        mem_free(env->snapshots);
        env->snapshots = next;
    }
    env->before = NULL;
    env->was_called = false;
}

static void free_images(struct env *env)
{
    while (env->made) {
        struct made *next = env->made->next;

        oracle_free(env->made->oracle);
        mem_free(env->made->path);
        mem_free(env->made->image_path);
        mem_free(env->made->backing_path);
        mem_free(env->made);
        env->made = next;
    }
    while (env->imgs) {
        struct img *next = env->imgs->next;

        mem_free(env->imgs);
        env->imgs = next;
    }
}

/* Back to where the case began.  If the shim went elsewhere it stays there,
 * for the runner to see. */
static void go_home(const struct env *env)
{
    struct stat here;
    struct stat cwd;

    if (env->world != &world_plain || stat(".", &here) || stat(env->cwd, &cwd))
        return;
    if (here.st_dev == cwd.st_dev && here.st_ino == cwd.st_ino &&
        chdir(env->home))
        perror(env->home);
}

static void close_storage(struct env *env)
{
    go_home(env);
    while (env->guards)
        guard_free(env, env->guards);
    free_snapshots(env);
    free_replays(env);
    free_images(env);
    while (env->bases) {
        struct base *next = env->bases->next;

        disk_free(env->bases->disk);
        mem_free(env->bases);
        env->bases = next;
    }
    disk_free(env->disk);
    env->disk = NULL;
    mem_free(env->home);
    mem_free(env->cwd);
    env->home = NULL;
    env->cwd = NULL;
    env->n_writes = 0;
}

static void world_close(struct env *env)
{
    if (env->drop)
        env->drop(env->drop_arg);
    env->drop = NULL;
    close_storage(env);
    case_free_all(env);
}

void drop_images(struct env *env)
{
    for (struct img *i = env->imgs; i; i = i->next) {
        size_t mark = 0;

        if (!i->is_open)
            continue;
        i->is_open = false;
        if (env->disk)
            mark = disk_enter(env->disk, "close what is left");
        (void)env->shim->close(i->handle);
        if (env->disk)
            disk_leave(env->disk, mark, 0);
    }
}

void new_world(struct env *env)
{
    drop_images(env);
    world_close(env);
    world_open(env);
}

void new_storage(struct env *env)
{
    drop_images(env);
    close_storage(env);
    world_open(env);
}

static uint64_t seed_of(uint64_t seed, const char *id)
{
    uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
    return h;
}

/* The case ran to its end. */
static void conclude(struct env *env)
{
    check_conduct(env);
    if (env->options->witness && !env->witness_was_met)
        error(env, "'%s' is no state of this case", env->options->witness);
    if (env->out->n_checks == 0)
        error(env, "the case checked nothing");
    leave(env, V_PASS);
}

static bool wants_evidence(const struct env *env)
{
    return env->options->evidence_dir &&
           (env->out->verdict == V_FAIL || env->options->keep_always);
}

void case_run(struct outcome *out, const struct conf_case *c,
              const struct addcow_shim *shim, const struct case_options *o)
{
    struct env *env = mem_new(1, sizeof(*env));
    jmp_buf leave;

    env->out = out;
    env->self = c;
    env->shim = shim;
    env->options = o;
    env->rng = seed_of(o->seed, c->id);
    world_open(env);
    env->leave = &leave;
    if (setjmp(leave) == 0) {
        need_cap(env, CASE_CAPS(c->needs) & ~ADDCOW_CAP_HOST);
        if (c->needs & ADDCOW_CAP_HOST)
            need_simulated(env);
        c->run(env, c);
        conclude(env);
    }
    if (wants_evidence(env))
        write_evidence(env);
    if (env->calls)
        return; /* threads of the shim still look at this world */
    world_close(env);
    mem_free(env);
}
