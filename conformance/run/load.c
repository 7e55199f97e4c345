/* SPDX-License-Identifier: MIT
 *
 * load.c - opening a shared object and taking its table.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT, to look for a preloaded sanitizer */
#include "load.h"
#include "base/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BUILT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define BUILT_SANITIZED 1
#endif
#endif
#ifndef BUILT_SANITIZED
#define BUILT_SANITIZED 0
#endif

typedef const struct addcow_shim *(*get_fn)(void);

bool load_under_tool(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return BUILT_SANITIZED || (preload && strstr(preload, "vgpreload")) ||
           dlsym(RTLD_DEFAULT, "__asan_init") ||
           dlsym(RTLD_DEFAULT, "__tsan_init") ||
           dlsym(RTLD_DEFAULT, "__msan_init");
}

/* What is wrong with PATH before anybody tries to load it; null: nothing. */
static const char *judge_file(const char *path)
{
    unsigned char magic[4] = {0};
    struct stat st;
    size_t n;
    FILE *file;

    if (stat(path, &st))
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a shared object: not even a plain file";
    file = fopen(path, "rb");
    if (!file)
        return strerror(errno);
    n = fread(magic, 1, sizeof(magic), file);
    fclose(file);
    if (n < sizeof(magic) || memcmp(magic, "\177ELF", sizeof(magic)))
        return "not a shared object";
    return NULL;
}

static int refuse(struct complaint *why, const char *what)
{
    snprintf(why->text, sizeof(why->text), "%s",
             what ? what : "cannot be loaded");
    return -1;
}

/* POSIX promises that a pointer from dlsym() holds a function; C does not,
 * so it is copied, not cast. */
static get_fn find_get(void *library)
{
    void *symbol = dlsym(library, "addcow_shim_get");
    get_fn get = NULL;

    if (symbol)
        memcpy(&get, &symbol, sizeof(get));
    return get;
}

int load_shim(struct addcow_shim *out, struct complaint *why, const char *path)
{
    const char *problem = judge_file(path);
    get_fn get;
    void *library;

    if (problem)
        return refuse(why, problem);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return refuse(why, dlerror());
    get = find_get(library);
    if (!get)
        return refuse(why, "it exports no addcow_shim_get (ADDCOW_EXPORT "
                           "makes it visible)");
    return load_table(out, why, get());
}

static int judge_option(int result, const char *item, struct complaint *why)
{
    char number[48];
    const char *what = number;

    if (result == ADDCOW_OK)
        return 0;
    if (result == ADDCOW_UNIMPLEMENTED)
        what = "it knows no such key";
    else if (result == ADDCOW_INVALID)
        what = "it refuses the value";
    else
        snprintf(number, sizeof(number), "set_option() returned %d", result);
    snprintf(why->text, sizeof(why->text), "--shim-opt %s: %s", item, what);
    return -1;
}

static int set_option(const struct addcow_shim *shim, struct complaint *why,
                      const char *item)
{
    const char *equals = strchr(item, '=');
    char *key;
    int result;

    if (!equals || equals == item) {
        snprintf(why->text, sizeof(why->text),
                 "--shim-opt %s: is not KEY=VALUE", item);
        return -1;
    }
    if (!shim->set_option)
        return judge_option(ADDCOW_UNIMPLEMENTED, item, why);
    key = mem_format("%.*s", (int)(equals - item), item);
    result = shim->set_option(key, equals + 1);
    free(key);
    return judge_option(result, item, why);
}

int load_set_options(const struct addcow_shim *shim, struct complaint *why,
                     const struct strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (set_option(shim, why, list->items[i]))
            return -1;
    return 0;
}
