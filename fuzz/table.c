/* SPDX-License-Identifier: MIT
 *
 * table.c - the decision table.  A row is a defect: its clause and the
 * classes that chapter 15 gives it.  A file with several may be refused with
 * a class of any (ERR-3), but for the magic and the version, which go first.
 */
#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    MAGIC_LEN = 8,
    VERSION_END = 12,
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    FIELD_LEN = 1024,
    RESERVED_AT = 2060,
    HEADER_LEN = 2560,
    DIRECTORY_MAX = 1024
};

#define BIT(class) (UINT32_C(1) << (ADDCOW_INVALID - (class) + 1))
#define OPENS UINT32_C(1)

static const uint8_t magic[MAGIC_LEN] = {0x41, 0x44, 0x44, 0x5f,
                                         0x43, 0x4f, 0x57, 0xff};
static const uint8_t version_1[4] = {0, 0, 0, 1};
static const uint8_t zeros[FIELD_LEN];

static const struct {
    int result;
    const char *name;
} names[] = {
    {ADDCOW_OK, "success"},
    {ADDCOW_INVALID, "INVALID"},
    {ADDCOW_NOT_ADDCOW, "NOT_ADDCOW"},
    {ADDCOW_VERSION, "VERSION"},
    {ADDCOW_CORRUPT, "CORRUPT"},
    {ADDCOW_NOT_FOUND, "NOT_FOUND"},
    {ADDCOW_EXISTS, "EXISTS"},
    {ADDCOW_RANGE, "RANGE"},
    {ADDCOW_IO, "IO"},
    {ADDCOW_NO_SPACE, "NO_SPACE"},
    {ADDCOW_READ_ONLY, "READ_ONLY"},
    {ADDCOW_NO_MEMORY, "NO_MEMORY"},
    {ADDCOW_OTHER, "OTHER"},
    {ADDCOW_UNIMPLEMENTED, "UNIMPLEMENTED"},
};

const char *table_name(int result)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (names[i].result == result)
            return names[i].name;
    return "no result at all";
}

static outcomes bit_of(int result)
{
    if (result == ADDCOW_OK)
        return OPENS;
    if (result > ADDCOW_INVALID || result < ADDCOW_OTHER)
        return 0;
    return BIT(result);
}

bool table_allows(outcomes allowed, int result)
{
    return (allowed & bit_of(result)) != 0;
}

void table_words(char *out, size_t room, outcomes allowed)
{
    size_t len = 0;

    *out = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (allowed & bit_of(names[i].result) && len < room)
            len += (size_t)snprintf(out + len, room - len, "%s%s",
                                    len ? " or " : "", names[i].name);
}

static void add(struct verdict *v, const char *clause, outcomes classes)
{
    v->allowed |= classes;
    if (!v->clause)
        v->clause = clause;
}

static bool all_zero(const uint8_t *at, size_t len)
{
    return memcmp(at, zeros, len) == 0;
}

static bool has_magic(const uint8_t *data, size_t len)
{
    return len >= MAGIC_LEN && memcmp(data, magic, MAGIC_LEN) == 0;
}

static bool has_version_1(const uint8_t *data)
{
    return memcmp(data + MAGIC_LEN, version_1, sizeof(version_1)) == 0;
}

/* HDR-12, HDR-13, HDR-14 */
int table_probe(const uint8_t *data, size_t len)
{
    if (!has_magic(data, len))
        return ADDCOW_NOT_ADDCOW;
    if (len >= VERSION_END && !has_version_1(data))
        return ADDCOW_VERSION;
    return ADDCOW_OK;
}

/* NAM-6: of the LEN bytes of a name. */
static bool is_protocol(const uint8_t *name, size_t len)
{
    const uint8_t *colon = memchr(name, ':', len);

    return colon && !memchr(name, '/', (size_t)(colon - name));
}

/* HDR-6, HDR-7, NAM-6, as far as a field of a cut file tells.  Returns the
 * length of the name. */
static size_t judge_field(struct verdict *v, const uint8_t *field, size_t len)
{
    const uint8_t *nul = memchr(field, 0, len);
    size_t name_len = nul ? (size_t)(nul - field) : len;

    if (!nul && len == FIELD_LEN)
        add(v, "HDR-6", BIT(ADDCOW_CORRUPT));
    if (!all_zero(field + name_len, len - name_len) && nul)
        add(v, "HDR-7", BIT(ADDCOW_CORRUPT));
    if (is_protocol(field, name_len))
        add(v, "NAM-6",
            BIT(ADDCOW_CORRUPT) | BIT(ADDCOW_INVALID) | BIT(ADDCOW_OTHER));
    return name_len;
}

/* How many bytes of a range from START to END a file of LEN bytes has. */
static size_t part_of(size_t start, size_t end, size_t len)
{
    if (len <= start)
        return 0;
    return (len < end ? len : end) - start;
}

/* HDR-5 to HDR-10: the file has magic and version. */
static void judge_fields(struct verdict *v, const uint8_t *data, size_t len)
{
    size_t backing_len = part_of(BACKING_AT, BACKING_AT + FIELD_LEN, len);
    size_t image_len = part_of(IMAGE_AT, IMAGE_AT + FIELD_LEN, len);

    if (len < HEADER_LEN)
        add(v, "HDR-5", BIT(ADDCOW_CORRUPT));
    if (backing_len)
        v->has_backing = judge_field(v, data + BACKING_AT, backing_len) > 0;
    if (image_len && judge_field(v, data + IMAGE_AT, image_len) == 0)
        add(v, "HDR-9", BIT(ADDCOW_CORRUPT));
    if (len > RESERVED_AT &&
        !all_zero(data + RESERVED_AT, part_of(RESERVED_AT, HEADER_LEN, len)))
        add(v, "HDR-8", BIT(ADDCOW_CORRUPT));
}

/* ERR-3: magic, then version, then the rest. */
static void judge_header(struct verdict *v, const uint8_t *data, size_t len)
{
    if (!has_magic(data, len))
        add(v, "HDR-2", BIT(ADDCOW_NOT_ADDCOW));
    else if (len < VERSION_END)
        add(v, "HDR-5", BIT(ADDCOW_CORRUPT) | BIT(ADDCOW_NOT_ADDCOW));
    else if (!has_version_1(data))
        add(v, "HDR-3",
            BIT(ADDCOW_VERSION) |
                (len < HEADER_LEN ? BIT(ADDCOW_CORRUPT) : 0));
    else
        judge_fields(v, data, len);
    v->accepted = v->allowed == 0;
}

/* NAM-2, NAM-3, NAM-5, NAM-9 */
static void look_at(struct place *out, const struct world *world,
                    const uint8_t *name)
{
    char path[DIRECTORY_MAX + FIELD_LEN];
    const char *slash = strrchr(world->entry, '/');
    size_t dir_len = 0;

    if (slash && name[0] != '/')
        dir_len = (size_t)(slash - world->entry) + 1;
    memcpy(path, world->entry, dir_len);
    memcpy(path + dir_len, name, strlen((const char *)name) + 1);
    world->look(out, world->ctx, path);
}

static bool is_same(const struct place *a, const struct place *b)
{
    return a->kind == PLACE_FILE && b->kind == PLACE_FILE &&
           a->identity.device == b->identity.device &&
           a->identity.inode == b->identity.inode;
}

/* Whether the implementation may take CHOICE at the point CLAUSE. */
static bool may(const struct world *world, const char *clause, char choice)
{
    const struct addcow_choice *each = world->choices;

    for (; each && each->clause; each++)
        if (strcmp(each->clause, clause) == 0)
            return each->choice[0] == choice;
    return true;
}

/* NAM-14, NAM-16, NAM-10: of one of the two files that are named. */
static outcomes judge_place(const char **clause, const struct place *place,
                            const struct place *entry)
{
    if (place->kind == PLACE_NO_FILE) {
        *clause = "NAM-16";
        return BIT(ADDCOW_INVALID) | BIT(ADDCOW_CORRUPT) | BIT(ADDCOW_IO) |
               BIT(ADDCOW_OTHER);
    }
    if (is_same(place, entry)) {
        *clause = "NAM-10";
        return BIT(ADDCOW_CORRUPT) | BIT(ADDCOW_INVALID);
    }
    return 0;
}

/* SIZ-1, TRM-8, BMP-7.  What is larger than supported may be refused as that,
 * too (LIM-1, LIM-2). */
static void judge_sizes(struct verdict *v, size_t len)
{
    uint64_t bitmap_len;

    v->size = v->image.len - v->image.len % 512;
    v->n_clusters = v->size / 65536 + (v->size % 65536 != 0);
    bitmap_len = v->n_clusters / 8 + (v->n_clusters % 8 != 0);
    if (len - HEADER_LEN < bitmap_len)
        add(v, "BMP-7", BIT(ADDCOW_CORRUPT));
    if (v->size > UINT64_C(8) << 40)
        add(v, "LIM-1",
            BIT(ADDCOW_RANGE) | BIT(ADDCOW_NO_MEMORY) | BIT(ADDCOW_NO_SPACE) |
                BIT(ADDCOW_OTHER));
}

/* Whether all N bits are 1; the bitmap is there. */
static bool is_full(const struct verdict *v, const uint8_t *bitmap)
{
    for (uint64_t c = 0; c < v->n_clusters; c++)
        if (!(bitmap[c / 8] >> c % 8 & 1))
            return false;
    return true;
}

/* NAM-15, NAM-10, NAM-16; IMPL-1 and IMPL-4.  Returns whether the image may
 * open for all that the backing file is. */
static bool judge_backing(struct verdict *v, const struct world *world,
                          const struct place *entry, const uint8_t *bitmap)
{
    const char *clause = NULL;
    outcomes classes = judge_place(&clause, &v->backing, entry);
    bool opens = may(world, "IMPL-1", 'b');

    if (is_same(&v->backing, &v->image)) {
        clause = "NAM-10";
        classes |= BIT(ADDCOW_CORRUPT) | BIT(ADDCOW_INVALID);
    }
    if (v->backing.kind == PLACE_NOTHING) {
        clause = "NAM-15";
        classes = BIT(ADDCOW_NOT_FOUND);
        if (bitmap && is_full(v, bitmap) && may(world, "IMPL-4", 'b'))
            opens = true;
    }
    if (classes == 0)
        return true;
    add(v, clause, classes);
    return opens;
}

static void judge_files(struct verdict *v, const struct world *world,
                        const uint8_t *data, size_t len)
{
    struct place entry;
    const char *clause = NULL;
    outcomes classes;
    bool opens;

    world->look(&entry, world->ctx, world->entry);
    look_at(&v->image, world, data + IMAGE_AT);
    classes = judge_place(&clause, &v->image, &entry);
    if (v->image.kind == PLACE_NOTHING) {
        clause = "NAM-14";
        classes = BIT(ADDCOW_NOT_FOUND);
    }
    if (classes)
        add(v, clause, classes);
    if (v->image.kind == PLACE_FILE)
        judge_sizes(v, len);
    opens = v->allowed == 0;
    if (v->has_backing) {
        look_at(&v->backing, world, data + BACKING_AT);
        if (!judge_backing(v, world, &entry, opens ? data + HEADER_LEN : NULL))
            opens = false;
    }
    if (opens)
        v->allowed |= OPENS;
}

void table_open(struct verdict *out, const struct world *world,
                const uint8_t *data, size_t len)
{
    memset(out, 0, sizeof(*out));
    judge_header(out, data, len);
    if (out->accepted)
        judge_files(out, world, data, len);
}
