/* SPDX-License-Identifier: MIT
 *
 * image.c - add-cow images, byte by byte, from the specification alone.
 */
#include "base/memory.h"
#include "env_impl.h"

#include <string.h>

#define MAX_BITMAP (64 * MIB) /* that is filled with ones */

uint64_t clusters_of(uint64_t size)
{
    size = size / SECTOR * SECTOR;
    return size / CLUSTER + (size % CLUSTER != 0);
}

uint64_t bitmap_len_of(uint64_t size)
{
    uint64_t n = clusters_of(size);

    return n / 8 + (n % 8 != 0);
}

static void put_name(uint8_t *field, const char *name)
{
    size_t len = strlen(name);

    memcpy(field, name, len < NAME_FIELD_LEN ? len : NAME_FIELD_LEN);
}

void header_build(uint8_t out[HEADER_LEN], const char *image_name,
                  const char *backing_name)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};

    memset(out, 0, HEADER_LEN);
    memcpy(out, start, sizeof(start));
    put_name(out + BACKING_FIELD, backing_name);
    put_name(out + IMAGE_FIELD, image_name);
}

int bit_of(struct env *env, const char *name, uint64_t cluster)
{
    struct store *s = view_of(env, name);
    uint8_t byte;

    store_read(s, &byte, 1, HEADER_LEN + cluster / 8);
    store_free(s);
    return byte >> cluster % 8 & 1;
}

void set_bit_of(struct env *env, const char *name, uint64_t cluster, bool on)
{
    unsigned byte = get_byte(env, name, HEADER_LEN + cluster / 8);
    unsigned bit = 1u << cluster % 8;

    put_byte(env, name, on ? byte | bit : byte & ~bit,
             HEADER_LEN + cluster / 8);
}

static const char *or_else(const char *name, const char *otherwise)
{
    return name ? name : otherwise;
}

/* NAME as the add-cow file at PATH means it. */
static const char *beside(struct env *env, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    char *dir = case_alloc(env, len + 1);

    memcpy(dir, path, len);
    return path_from(env, dir, name);
}

static void set_all(struct env *env, const char *name, uint64_t n)
{
    uint64_t len = n / 8;
    uint8_t *ones;

    if (len > MAX_BITMAP)
        error(env, "too many bits to set in %s", name);
    ones = case_alloc(env, (size_t)len + 1);
    memset(ones, 0xff, (size_t)len);
    ones[len] = (uint8_t)((1u << n % 8) - 1);
    put_bytes(env, name, ones, (size_t)len + (n % 8 != 0), HEADER_LEN);
}

static void put_bitmap(struct env *env, const char *name,
                       const struct image_recipe *r)
{
    uint64_t len = bitmap_len_of(r->image_size);

    resize_file(env, name, HEADER_LEN + len);
    if (r->set_all)
        set_all(env, name, clusters_of(r->image_size));
    for (const uint64_t *c = r->set; c && *c != END_OF_LIST; c++)
        set_bit_of(env, name, *c, 1);
    if (r->add_len || r->cut_len)
        resize_file(env, name, HEADER_LEN + len + r->add_len - r->cut_len);
}

static struct oracle *ideal(struct env *env, const struct image_recipe *r,
                            const char *image_path, const char *backing_path)
{
    struct oracle *o = oracle_new(r->image_size);
    struct store *image = view_of(env, image_path);
    struct store *backing = backing_path ? view_of(env, backing_path) : NULL;

    oracle_set_files(o, image, backing);
    store_free(image);
    store_free(backing);
    if (r->set_all)
        oracle_set_all_allocated(o);
    for (const uint64_t *c = r->set; c && *c != END_OF_LIST; c++)
        oracle_set_allocated(o, *c);
    return o;
}

struct oracle *make_image(struct env *env, const struct image_recipe *r)
{
    const char *name = absolute(env, or_else(r->name, ADDCOW_NAME));
    const char *image_name = or_else(r->image_name, IMAGE_NAME);
    const char *backing_name = or_else(r->backing_name, BACKING_NAME);
    const char *image_path = beside(env, name, image_name);
    const char *backing_path = beside(env, name, backing_name);
    uint8_t header[HEADER_LEN];
    struct made *m;

    header_build(header, image_name, r->no_backing ? "" : backing_name);
    put_file(env, name, 0);
    put_bytes(env, name, header, HEADER_LEN, 0);
    put_bitmap(env, name, r);
    if (r->no_files)
        return NULL;
    put_pattern(env, image_path, TAG_OLD, r->image_size);
    if (!r->no_backing)
        put_pattern(env, backing_path, TAG_BACKING, r->backing_size);
    m = mem_new(1, sizeof(*m));
    m->path = mem_string(name);
    m->image_path = mem_string(image_path);
    m->backing_path = r->no_backing ? NULL : mem_string(backing_path);
    m->oracle = ideal(env, r, image_path, r->no_backing ? NULL : backing_path);
    if (choice_of(env, "IMPL-3") != 'a')
        oracle_allow_extra(m->oracle);
    m->next = env->made;
    env->made = m;
    return m->oracle;
}

struct made *made_of(struct env *env, const char *path)
{
    struct made *m = env->made;

    while (m && strcmp(m->path, path) != 0)
        m = m->next;
    return m;
}
