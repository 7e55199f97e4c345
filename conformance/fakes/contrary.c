/* SPDX-License-Identifier: MIT
 *
 * contrary.c - another shim, whose declarations and ways are changed from
 * outside, so that each choice of appendix A can be declared rightly and
 * wrongly.  Environment:
 *
 *   CONTRARY_SHIM     file name of that shim
 *   CONTRARY_CHOICES  all that is declared, such as "IMPL-1=b IMPL-2=a"
 *   CONTRARY_WAY      what is done otherwise: "sectors" refuses requests that
 *                     are not whole sectors, "grows" and "shrinks" refuse the
 *                     other kind of resize, "asks" opens the add-cow file
 *                     anew to tell a size; empty: nothing
 */
#include "addcow_shim.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CHOICES 8

static const struct addcow_shim *other;
static struct addcow_shim shim;
static struct addcow_choice choices[N_CHOICES + 1];

/* The image that was opened last. */
static const struct addcow_host *host;
static char opened[2048];

static bool is_odd(uint64_t len, uint64_t offset)
{
    return (len | offset) % 512 != 0;
}

static int read_sectors(void *image, void *out, size_t len, uint64_t offset)
{
    return is_odd(len, offset) ? ADDCOW_INVALID
                               : other->read(image, out, len, offset);
}

static int write_sectors(void *image, const void *data, size_t len,
                         uint64_t offset)
{
    return is_odd(len, offset) ? ADDCOW_INVALID
                               : other->write(image, data, len, offset);
}

static int discard_sectors(void *image, uint64_t len, uint64_t offset)
{
    return is_odd(len, offset) ? ADDCOW_INVALID
                               : other->discard(image, len, offset);
}

static int map_sectors(void *image, uint64_t *out_len, uint32_t *out_state,
                       uint64_t len, uint64_t offset)
{
    return is_odd(len, offset)
               ? ADDCOW_INVALID
               : other->map(image, out_len, out_state, len, offset);
}

static int grow(void *image, uint64_t size)
{
    uint64_t now;
    int result = other->get_size(image, &now);

    if (result != ADDCOW_OK)
        return result;
    return size % 512 == 0 && size < now ? ADDCOW_OTHER
                                         : other->set_size(image, size);
}

static int shrink(void *image, uint64_t size)
{
    uint64_t now;
    int result = other->get_size(image, &now);

    if (result != ADDCOW_OK)
        return result;
    return size % 512 == 0 && size > now ? ADDCOW_OTHER
                                         : other->set_size(image, size);
}

static int open_noted(void **out, const struct addcow_host *h,
                      const struct addcow_open_args *args)
{
    host = h;
    snprintf(opened, sizeof(opened), "%s", args->name);
    return other->open(out, h, args);
}

static int ask_size(void *image, uint64_t *out)
{
    struct addcow_file *file;
    int result = host->open(host->ctx, &file, opened, 0);

    if (result == ADDCOW_OK)
        result = host->close(host->ctx, file);
    return result == ADDCOW_OK ? other->get_size(image, out) : result;
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

/* Cuts the words of TEXT, which stays in use, into points and letters. */
static void declare(char *text)
{
    size_t n = 0;

    for (char *word = strtok(text, " "); word && n < N_CHOICES;
         word = strtok(NULL, " ")) {
        char *letter = strchr(word, '=');

        if (!letter)
            continue;
        *letter = '\0';
        choices[n++] = (struct addcow_choice){word, letter + 1};
    }
    shim.choices = choices;
}

static void change_ways(const char *way)
{
    if (strcmp(way, "sectors") == 0) {
        shim.read = read_sectors;
        shim.write = other->write ? write_sectors : NULL;
        shim.discard = other->discard ? discard_sectors : NULL;
        shim.map = other->map ? map_sectors : NULL;
    } else if (strcmp(way, "grows") == 0) {
        shim.set_size = grow;
    } else if (strcmp(way, "shrinks") == 0) {
        shim.set_size = shrink;
    } else if (strcmp(way, "asks") == 0) {
        shim.open = open_noted;
        shim.get_size = ask_size;
    }
}

const struct addcow_shim *addcow_shim_get(void)
{
    const struct addcow_shim *(*get)(void);
    void *file = dlopen(setting("CONTRARY_SHIM"), RTLD_NOW | RTLD_LOCAL);
    void *symbol = file ? dlsym(file, "addcow_shim_get") : NULL;

    if (!symbol) {
        fprintf(stderr, "%s\n", dlerror());
        return NULL;
    }
    memcpy(&get, &symbol, sizeof(get));
    other = get();
    shim = *other;
    declare(strdup(setting("CONTRARY_CHOICES")));
    change_ways(setting("CONTRARY_WAY"));
    return &shim;
}
