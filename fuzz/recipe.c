/* SPDX-License-Identifier: MIT
 *
 * recipe.c - from a finding of fuzz_header or fuzz_open to a recipe of the
 * corpus:
 *
 *     fuzz_recipe N FILE OUT
 *
 * writes the recipe to standard output, and to OUT the input that it stands
 * for.  That is not always FILE itself.  Names become plain ones that lead to
 * the same.  A vector has one defect: a plain image gets the one range of FILE
 * that the table objects to, the whole of it (N = 0), its last byte that
 * differs (1), or its first (2).  The caller has to see whether OUT is still a
 * finding.
 *
 * Status 0; 2: there is no such vector, and one line says why.
 *
 * Deliberately missing: directories, and files of more than 1 MiB, which the
 * corpus does not hold.
 */
#include "still.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKING_AT = 12,
    IMAGE_AT = 1036,
    RESERVED_AT = 2060,
    HEADER_LEN = 2560,
    FIELD_LEN = 1024,
    PLAIN_LEN = HEADER_LEN + 1,
    PLAIN_SIZE = 1536, /* of the plain image: a cluster, cut off */
    CLUSTER_LEN = 65536,
    MAX_FILE = 1 << 20,
    MAX_HEX = 64
};

static _Noreturn void refuse(const char *why)
{
    fprintf(stderr, "fuzz_recipe: no vector: %s\n", why);
    exit(2);
}

static void judge(struct verdict *out, const uint8_t *data, size_t len)
{
    struct world world = {.look = still_look};

    still_begin(data, len);
    world.entry = still_entry();
    table_open(out, &world, data, len);
}

/* ---- The head ----------------------------------------------------------- */

/* CORRUPT,INVALID: the words of the table with commas. */
static void print_classes(outcomes allowed)
{
    char words[160];

    table_words(words, sizeof(words), allowed & ~UINT32_C(1));
    for (char * or = strstr(words, " or "); or ; or = strstr(words, " or ")) {
        * or = ',';
        memmove(or +1, or +4, strlen(or +4) + 1);
    }
    printf(" %s\n", words);
}

static void print_head(const struct verdict *v, const char *entry)
{
    bool opens = (v->allowed & 1) != 0;
    bool is_choice = opens && v->allowed != 1;

    printf("comment What a fuzzer has found.\nexpect %s", is_choice ? "impl"
                                                          : opens   ? "valid"
                                                                  : "invalid");
    if (v->allowed == 1)
        putchar('\n');
    else
        print_classes(v->allowed);
    printf("clauses %s\nlevel %s\nsince 1.0\nentry %s\n\n",
           v->clause ? v->clause : "BMP-3,RD-3", is_choice ? "choice" : "must",
           entry);
}

static void print_hex(const char *step, const char *entry, const uint8_t *data,
                      size_t len, size_t offset)
{
    printf("%s %s %zu ", step, entry, offset);
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
    putchar('\n');
}

/* ---- An image as it is -------------------------------------------------- */

/* FIELD gets a plain name that leads to the same: "disk.raw", or with a letter
 * before it (still.h). */
static void make_plain(uint8_t *field, const struct place *place,
                       const char *name)
{
    static const char *const letters[] = {"", "x", "s", "b", "y", "z", "m"};

    for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
        struct place found;
        char path[FIELD_LEN] = "/";

        strcat(strcat(path, letters[i]), name);
        still_look(&found, NULL, path);
        if (found.kind == place->kind && found.len == place->len) {
            memset(field, 0, FIELD_LEN);
            memcpy(field, path + 1, strlen(path + 1));
            return;
        }
    }
    refuse("a name leads to a directory, or to a file of 2^63 - 1 bytes");
}

/* The same image under plain names. */
static void rename_files(struct verdict *v, uint8_t *data, size_t len)
{
    outcomes allowed = v->allowed;

    make_plain(data + IMAGE_AT, &v->image, "disk.raw");
    if (v->has_backing)
        make_plain(data + BACKING_AT, &v->backing, "old.raw");
    judge(v, data, len);
    if (v->allowed != allowed)
        refuse("it is the names");
}

static void print_file(const struct place *place, const char *name,
                       const char *tag)
{
    if (place->kind == PLACE_FILE && place->len > MAX_FILE)
        refuse("a file of more than 1 MiB");
    if (place->kind == PLACE_FILE)
        printf("file %s %llu %s\n", name, (unsigned long long)place->len, tag);
}

/* The bits, such as they are, up to LEN. */
static void print_bits(const char *entry, const uint8_t *data, size_t len)
{
    for (size_t at = HEADER_LEN; at < len; at += MAX_HEX)
        print_hex("bytes", entry, data + at,
                  len - at < MAX_HEX ? len - at : MAX_HEX, at);
}

/* Bytes from AT on, of a disk of SIZE, that are read from TAG's file. */
static void print_guest(const struct verdict *v, uint64_t at, bool is_set)
{
    uint64_t end = at + CLUSTER_LEN < v->size ? at + CLUSTER_LEN : v->size;
    uint64_t backed =
        v->has_backing && v->backing.kind == PLACE_FILE ? v->backing.len : 0;

    if (is_set) {
        printf("guest %llu image\n", (unsigned long long)(end - at));
        return;
    }
    if (backed > end)
        backed = end;
    if (backed > at)
        printf("guest %llu backing\n", (unsigned long long)(backed - at));
    else
        backed = at;
    if (end > backed)
        printf("guest %llu zero\n", (unsigned long long)(end - backed));
}

/* The bits that are cut off are zeros. */
static void print_image(const struct verdict *v, const uint8_t *data,
                        size_t len)
{
    const char *image = (const char *)data + IMAGE_AT;
    const char *backing = (const char *)data + BACKING_AT;
    const char *entry = "disk.add-cow";
    uint64_t least = HEADER_LEN + (v->n_clusters + 7) / 8;

    if (least > MAX_FILE || len > MAX_FILE)
        refuse("a file of more than 1 MiB");
    print_head(v, entry);
    print_file(&v->image, image, "image");
    if (v->has_backing)
        print_file(&v->backing, backing, "backing");
    printf("header %s %s %s\nlength %s %llu\n", entry,
           *backing ? backing : "\"\"", image, entry,
           (unsigned long long)(len > least ? len : least));
    print_bits(entry, data, len);
    for (uint64_t c = 0; c < v->n_clusters; c++) {
        size_t at = HEADER_LEN + (size_t)(c / 8);

        print_guest(v, c * CLUSTER_LEN, at < len && data[at] >> c % 8 & 1);
    }
    if (!(v->allowed & 1))
        printf("\ndefect-cut %s %zu\n", entry, len);
}

/* ---- One defect of a plain image ---------------------------------------- */

struct range {
    size_t at;
    size_t end;
};

/* Where the defect CLAUSE of DATA can be. */
static struct range range_of(const char *clause, const uint8_t *plain,
                             const uint8_t *data)
{
    static const struct {
        const char *clause;
        struct range range;
    } ranges[] = {{"HDR-2", {0, 8}},
                  {"HDR-3", {8, BACKING_AT}},
                  {"HDR-8", {RESERVED_AT, HEADER_LEN}},
                  {"HDR-9", {IMAGE_AT, RESERVED_AT}},
                  {"NAM-14", {IMAGE_AT, RESERVED_AT}},
                  {"NAM-15", {BACKING_AT, IMAGE_AT}}};
    struct verdict v;
    uint8_t tried[PLAIN_LEN];

    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        if (strcmp(ranges[i].clause, clause) == 0)
            return ranges[i].range;
    memcpy(tried, plain, PLAIN_LEN);
    memcpy(tried + BACKING_AT, data + BACKING_AT, FIELD_LEN);
    judge(&v, tried, PLAIN_LEN);
    if (v.clause && strcmp(v.clause, clause) == 0)
        return (struct range){BACKING_AT, IMAGE_AT};
    return (struct range){IMAGE_AT, RESERVED_AT};
}

/* What of RANGE differs: all of it, or its last or first byte. */
static struct range narrow(struct range range, const uint8_t *plain,
                           const uint8_t *data, unsigned way)
{
    while (range.at < range.end && plain[range.at] == data[range.at])
        range.at++;
    while (range.end > range.at && plain[range.end - 1] == data[range.end - 1])
        range.end--;
    if (range.at == range.end)
        refuse("nothing but the files is wrong");
    if (way == 1)
        range.at = range.end - 1;
    if (way == 2)
        range.end = range.at + 1;
    if (range.end - range.at > MAX_HEX)
        refuse("the defect has more than 64 bytes");
    return range;
}

static void print_plain(bool is_allocated)
{
    printf("file base.raw %d backing\nfile disk.raw %d image\n"
           "header disk.add-cow base.raw disk.raw\n"
           "bitmap disk.add-cow %d%s\nguest %d %s\n\n",
           PLAIN_SIZE, PLAIN_SIZE, PLAIN_SIZE, is_allocated ? " 0" : "",
           PLAIN_SIZE, is_allocated ? "image" : "backing");
}

/* OUT, of PLAIN_LEN bytes, becomes a plain image with the defect of V, which
 * DATA has.  Returns how long it is. */
static size_t print_defect(uint8_t *out, const struct verdict *v,
                           const uint8_t *data, size_t len, unsigned way)
{
    bool is_allocated = strcmp(v->clause, "NAM-15") != 0;
    struct range range;

    memset(out, 0, PLAIN_LEN);
    memcpy(out, "ADD_COW\xff\0\0\0\1", BACKING_AT);
    memcpy(out + BACKING_AT, "base.raw", 8);
    memcpy(out + IMAGE_AT, "disk.raw", 8);
    out[HEADER_LEN] = (uint8_t)is_allocated;
    print_head(v, "disk.add-cow");
    print_plain(is_allocated);
    if (len < HEADER_LEN && (strcmp(v->clause, "HDR-5") == 0 || len < 8)) {
        printf("defect-cut disk.add-cow %zu\n", len);
        return len;
    }
    if (len < RESERVED_AT && strcmp(v->clause, "HDR-2") != 0)
        refuse("the file is cut as well");
    range = range_of(v->clause, out, data);
    range = narrow(range, out, data, way);
    memcpy(out + range.at, data + range.at, range.end - range.at);
    print_hex("defect", "disk.add-cow", out + range.at, range.end - range.at,
              range.at);
    return PLAIN_LEN;
}

/* ---- From file to file -------------------------------------------------- */

/* The content of PATH with zeros behind it. */
static uint8_t *load(const char *path, size_t *len)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = calloc(1, MAX_FILE + HEADER_LEN);

    if (!in || !data)
        refuse("the input cannot be read");
    *len = fread(data, 1, MAX_FILE, in);
    fclose(in);
    return data;
}

static void store(const char *path, const uint8_t *data, size_t len)
{
    FILE *out = fopen(path, "wb");

    if (!out || fwrite(data, 1, len, out) != len || fclose(out) != 0)
        refuse("the input cannot be written");
}

int main(int argc, char **argv)
{
    uint8_t plain[PLAIN_LEN];
    struct verdict v;
    uint8_t *data;
    size_t len;

    if (argc != 4 || strlen(argv[1]) != 1 || !strchr("012", *argv[1])) {
        fprintf(stderr, "usage: %s 0|1|2 FILE OUT\n", argv[0]);
        return 2;
    }
    data = load(argv[2], &len);
    judge(&v, data, len);
    if (v.allowed & 1 || strcmp(v.clause, "BMP-7") == 0) {
        rename_files(&v, data, len);
        print_image(&v, data, len);
        store(argv[3], data, len);
    } else {
        len = print_defect(plain, &v, data, len, (unsigned)(*argv[1] - '0'));
        store(argv[3], plain, len);
    }
    free(data);
    return 0;
}
