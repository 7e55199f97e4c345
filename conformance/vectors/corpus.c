/* SPDX-License-Identifier: MIT
 *
 * corpus.c - the commands: build, check, manifest.
 *
 * Running a reader over the corpus is deliberately missing: corpus/check.sh
 * does it, with no program of ours.
 */
#include "corpus.h"
#include "collection.h"
#include "manifest.h"
#include "tree.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_RIGHT = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_NOTHING = 5 };

static const char help[] =
    "usage: corpus build [--corpus DIR] [--undo] --out OUT [ID...]\n"
    "           writes the files of the vectors to OUT/v, and of all of them\n"
    "           OUT/MANIFEST.tsv and OUT/SHA256SUMS; with --undo each\n"
    "           invalid vector without its defect, as a valid one\n"
    "       corpus check [DIR]\n"
    "           proves every recipe and compares the tree bit for bit\n"
    "       corpus manifest [DIR]\n"
    "           prints the manifest that the recipes make\n"
    "DIR, \"corpus\" unless it is given, is the one that holds recipes/.\n";

struct command {
    const char *dir;
    const char *out;
    bool undo;
    char **ids;
    size_t n_ids;
};

static int usage(const char *what, const char *which)
{
    fprintf(stderr, "corpus: %s%s (corpus --help tells more)\n", what, which);
    return EXIT_USAGE;
}

/* The vector as the command wants it. */
static struct vector *chosen(struct pair *p, bool undo)
{
    struct vector *v = undo ? &p->undone : &p->built;

    if (undo && v->result == RESULT_INVALID) {
        v->result = RESULT_VALID;
        strcpy(v->classes, "-");
    }
    return v;
}

static bool make_manifest(struct bytes *out, const struct collection *all,
                          bool undo)
{
    bool ok = manifest_head(out);

    for (size_t i = 0; ok && i < all->n_pairs; i++)
        ok = manifest_add(out, chosen(&all->pairs[i], undo));
    if (!ok)
        fprintf(stderr, "corpus: no memory for the manifest\n");
    return ok;
}

static bool make_sums(struct bytes *out, const struct collection *all,
                      bool undo)
{
    bool ok = true;

    for (size_t i = 0; ok && i < all->n_pairs; i++)
        ok = sums_add(out, chosen(&all->pairs[i], undo));
    if (!ok)
        fprintf(stderr, "corpus: no memory for the sums\n");
    return ok;
}

static bool prove_all(const struct collection *all, const char *dir)
{
    bool ok = true;

    for (size_t i = 0; i < all->n_pairs; i++)
        if (!pair_prove(&all->pairs[i], dir))
            ok = false;
    return ok;
}

static bool path_in(char out[PATH_LEN], const char *dir, const char *name)
{
    int len = snprintf(out, PATH_LEN, "%s/%s", dir, name);

    if (len >= 0 && (size_t)len < PATH_LEN)
        return true;
    fprintf(stderr, "%s: the path is too long\n", dir);
    return false;
}

static bool write_lists(const struct command *c, const struct collection *all)
{
    struct bytes manifest = {NULL, 0}, sums = {NULL, 0};
    char path[PATH_LEN];
    bool ok = make_manifest(&manifest, all, c->undo) &&
              make_sums(&sums, all, c->undo) &&
              path_in(path, c->out, "MANIFEST.tsv") &&
              tree_write(path, &manifest) &&
              path_in(path, c->out, "SHA256SUMS") && tree_write(path, &sums);

    free(manifest.data);
    free(sums.data);
    return ok;
}

static bool write_all(const struct command *c, const struct collection *all)
{
    for (size_t i = 0; i < all->n_pairs; i++)
        if (!tree_write_vector(c->out, chosen(&all->pairs[i], c->undo)))
            return false;
    return write_lists(c, all);
}

static struct pair *find(const struct collection *all, const char *id)
{
    for (size_t i = 0; i < all->n_pairs; i++)
        if (strcmp(all->pairs[i].built.id, id) == 0)
            return &all->pairs[i];
    return NULL;
}

static int write_some(const struct command *c, const struct collection *all)
{
    for (size_t i = 0; i < c->n_ids; i++)
        if (!find(all, c->ids[i]))
            return usage("no such vector: ", c->ids[i]);
    for (size_t i = 0; i < c->n_ids; i++)
        if (!tree_write_vector(c->out, chosen(find(all, c->ids[i]), c->undo)))
            return EXIT_USAGE;
    return EXIT_RIGHT;
}

static int run_build(const struct command *c, const struct collection *all)
{
    if (!prove_all(all, c->dir))
        return EXIT_WRONG;
    if (c->n_ids > 0)
        return write_some(c, all);
    return write_all(c, all) ? EXIT_RIGHT : EXIT_USAGE;
}

static void print_counts(const struct collection *all)
{
    size_t n_result[RESULT_IMPL + 1] = {0}, len = 0;

    for (size_t i = 0; i < all->n_pairs; i++) {
        const struct vector *v = &all->pairs[i].built;

        n_result[v->result]++;
        for (size_t k = 0; k < v->n_files; k++)
            len += v->files[k].content.len;
    }
    printf("%zu vectors: %zu valid, %zu invalid, %zu impl; %zu bytes\n",
           all->n_pairs, n_result[RESULT_VALID], n_result[RESULT_INVALID],
           n_result[RESULT_IMPL], len);
}

static bool check_sums(const struct command *c, const struct bytes *sums)
{
    struct bytes is = {NULL, 0};
    char path[PATH_LEN];
    bool ok = path_in(path, c->dir, "SHA256SUMS") && tree_read(&is, path);

    if (ok && (is.len != sums->len ||
               (is.len && memcmp(is.data, sums->data, is.len) != 0))) {
        fprintf(stderr, "%s: not what the recipes make\n", path);
        ok = false;
    }
    free(is.data);
    return ok;
}

static enum manifest_state check_manifest(const struct command *c,
                                          const struct bytes *manifest)
{
    char path[PATH_LEN];

    if (!path_in(path, c->dir, "MANIFEST.tsv"))
        return MANIFEST_MALFORMED;
    return manifest_compare(path, manifest);
}

static int check_lists(const struct command *c, const struct collection *all)
{
    struct bytes manifest = {NULL, 0}, sums = {NULL, 0};
    int status = EXIT_USAGE;

    if (make_manifest(&manifest, all, false) && make_sums(&sums, all, false)) {
        enum manifest_state state = check_manifest(c, &manifest);
        bool right = check_sums(c, &sums) && state == MANIFEST_RIGHT;

        if (state != MANIFEST_MALFORMED)
            status = right ? EXIT_RIGHT : EXIT_WRONG;
    }
    free(manifest.data);
    free(sums.data);
    return status;
}

static int run_check(const struct command *c, const struct collection *all)
{
    bool ok = prove_all(all, c->dir);
    int status;

    for (size_t i = 0; i < all->n_pairs; i++)
        if (!tree_check_vector(c->dir, &all->pairs[i].built))
            ok = false;
    if (!tree_check_strangers(c->dir, all))
        ok = false;
    status = check_lists(c, all);
    if (status == EXIT_RIGHT && !ok)
        status = EXIT_WRONG;
    if (status == EXIT_RIGHT)
        print_counts(all);
    return status;
}

static int run_manifest(const struct command *c, const struct collection *all)
{
    struct bytes text = {NULL, 0};
    bool ok = make_manifest(&text, all, c->undo) &&
              fwrite(text.data, 1, text.len, stdout) == text.len &&
              fflush(stdout) == 0;

    free(text.data);
    return ok ? EXIT_RIGHT : EXIT_USAGE;
}

static int load_and_run(const struct command *c,
                        int (*run)(const struct command *c,
                                   const struct collection *all))
{
    struct collection all;
    int status = EXIT_USAGE;

    if (collection_load(&all, c->dir))
        status = all.n_pairs > 0 ? run(c, &all) : EXIT_NOTHING;
    if (status == EXIT_NOTHING)
        fprintf(stderr, "%s/recipes: no recipe\n", c->dir);
    collection_finish(&all);
    return status;
}

/* The words after "build". */
static int build(int argc, char **argv)
{
    struct command c = {"corpus", NULL, false, NULL, 0};
    int i = 0;

    for (; i < argc && argv[i][0] == '-'; i++) {
        const char **value = strcmp(argv[i], "--out") == 0      ? &c.out
                             : strcmp(argv[i], "--corpus") == 0 ? &c.dir
                                                                : NULL;

        if (value && i + 1 == argc)
            return usage("a directory is missing after ", argv[i]);
        if (value)
            *value = argv[++i];
        else if (strcmp(argv[i], "--undo") == 0)
            c.undo = true;
        else
            return usage("no such option: ", argv[i]);
    }
    if (!c.out)
        return usage("build needs --out ", "OUT");
    c.ids = argv + i;
    c.n_ids = (size_t)(argc - i);
    return load_and_run(&c, run_build);
}

int corpus_main(int argc, char **argv)
{
    struct command c = {"corpus", NULL, false, NULL, 0};
    const char *name = argc > 1 ? argv[1] : "";
    bool check;

    if (strcmp(name, "--help") == 0)
        return fputs(help, stdout) < 0 ? EXIT_USAGE : EXIT_RIGHT;
    if (strcmp(name, "build") == 0)
        return build(argc - 2, argv + 2);
    check = strcmp(name, "check") == 0;
    if (!check && strcmp(name, "manifest") != 0)
        return usage("no such command: ", *name ? name : "(none)");
    if (argc > 3 || (argc == 3 && argv[2][0] == '-'))
        return usage("one directory at most after ", name);
    if (argc == 3)
        c.dir = argv[2];
    return load_and_run(&c, check ? run_check : run_manifest);
}
