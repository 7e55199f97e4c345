/* SPDX-License-Identifier: MIT
 *
 * nam.c - chapter 4, Names and files: where a name leads.
 *
 * Wherever a name could be resolved in another way a decoy stands there: a
 * file of zeros, which no oracle allows.  Each image has both kinds of
 * cluster, so the image file's name and the backing file's are judged at
 * once.
 *
 * Deliberately missing: what the files are that names lead to
 * (nam_files.c), two names of one file (nam_same.c).
 */
#include "all.h"
#include "steps/names.h"
#include "steps/refuse.h"

#include <string.h>

static void decoy(struct env *env, const char *name)
{
    if (name[0] && !file_exists(env, name))
        put_file(env, name, GOOD_SIZE);
}

static struct oracle *image_with(struct env *env, const char *name,
                                 const char *image_name,
                                 const char *backing_name)
{
    return make_image(env, &(struct image_recipe){.name = name,
                                                  .image_name = image_name,
                                                  .backing_name = backing_name,
                                                  .image_size = GOOD_SIZE,
                                                  .backing_size = GOOD_SIZE,
                                                  .set = only_the_middle});
}

/* PATH opens and shows what O says. */
static void expect_opens(struct env *env, const char *clause, const char *path,
                         struct oracle *o)
{
    struct img *img = NULL;

    expect_ok(env, clause, img_open(env, &img, path, 0));
    img_track(img, o);
    expect_u64(env, clause, "virtual size", img_size(img), GOOD_SIZE);
    expect_guest_all(img, clause);
    must_close(img);
}

/* ---- The bytes of a name ------------------------------------------------ */

/* TEXT: the name; DATA: what it might be taken for, or null. */
static void name_as_it_is(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    if (self->data)
        decoy(env, self->data);
    o = image_with(env, "a.add-cow", self->text, NULL);
    expect_opens(env, "NAM-1", "a.add-cow", o);
    o = image_with(env, "b.add-cow", NULL, self->text);
    expect_opens(env, "NAM-1", "b.add-cow", o);
}

/* ---- Directories -------------------------------------------------------- */

/* TEXT: the current directory; DATA: the path of the add-cow file from there.
 * The image lies in "d", decoys lie in every other directory. */
static void beside_the_add_cow_file(struct env *env,
                                    const struct conf_case *self)
{
    static const char *const others[] = {
        IMAGE_NAME,          BACKING_NAME,          "other/" IMAGE_NAME,
        "d/sub/" IMAGE_NAME, "other/" BACKING_NAME, "d/sub/" BACKING_NAME};
    struct oracle *o;

    put_dir(env, "d");
    put_dir(env, "d/sub");
    put_dir(env, "other");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        decoy(env, others[i]);
    o = image_with(env, "d/" ADDCOW_NAME, NULL, NULL);
    change_dir(env, self->text);
    expect_opens(env, "NAM-2", self->data, o);
}

static void absolute_path(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    put_dir(env, "d");
    decoy(env, IMAGE_NAME);
    decoy(env, BACKING_NAME);
    o = image_with(env, "d/" ADDCOW_NAME, NULL, NULL);
    expect_opens(env, "NAM-2", absolute(env, "d/" ADDCOW_NAME), o);
}

/* The directory of "/test.add-cow" is the root, not nothing. */
static void in_the_root(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    need_simulated(env);
    decoy(env, IMAGE_NAME);
    decoy(env, BACKING_NAME);
    o = image_with(env, "/" ADDCOW_NAME, NULL, NULL);
    expect_opens(env, "NAM-2", "/" ADDCOW_NAME, o);
}

/* TEXT: the name of the image file; DATA: the name of the backing file. */
static void names_with_directories(struct env *env,
                                   const struct conf_case *self)
{
    struct oracle *o;

    put_dir(env, "d");
    put_dir(env, "d/sub");
    put_dir(env, "sub");
    decoy(env, "sub/" IMAGE_NAME);
    decoy(env, "sub/" BACKING_NAME);
    o = image_with(env, "d/" ADDCOW_NAME, self->text, self->data);
    expect_opens(env, "NAM-2", "d/" ADDCOW_NAME, o);
}

/* The last component is a symbolic link into a directory with decoys. */
static void not_behind_a_link(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    put_dir(env, "d");
    put_dir(env, "l");
    decoy(env, "d/" IMAGE_NAME);
    decoy(env, "d/" BACKING_NAME);
    o = image_with(env, "l/link", NULL, NULL);
    copy_file(env, "d/" ADDCOW_NAME, "l/link");
    remove_file(env, "l/link");
    put_symlink(env, "l/link", "../d/" ADDCOW_NAME);
    expect_opens(env, "NAM-3", "l/link", o);
    change_dir(env, "l");
    expect_opens(env, "NAM-3", "link", o);
}

/* "link/.." is the directory above the one that the link leads to: a path
 * that is shortened as text ends in the wrong place. */
static void up_from_a_linked_directory(struct env *env,
                                       const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    put_dir(env, "x");
    put_dir(env, "x/sub");
    decoy(env, IMAGE_NAME);
    decoy(env, BACKING_NAME);
    put_symlink(env, "link", "x/sub");
    o = image_with(env, "x/sub/" ADDCOW_NAME, "../" IMAGE_NAME,
                   "../" BACKING_NAME);
    expect_opens(env, "NAM-3", "link/" ADDCOW_NAME, o);
}

/* Both named files lie in another directory. */
static void absolute_names(struct env *env, const struct conf_case *self)
{
    const char *there;
    struct oracle *o;

    (void)self;
    put_dir(env, "d");
    put_dir(env, "other");
    there = absolute(env, "other");
    decoy(env, "d/" IMAGE_NAME);
    decoy(env, "d/" BACKING_NAME);
    o = image_with(env, "d/" ADDCOW_NAME, joined(env, there, IMAGE_NAME),
                   joined(env, there, BACKING_NAME));
    expect_opens(env, "NAM-5", "d/" ADDCOW_NAME, o);
    change_dir(env, "d");
    expect_opens(env, "NAM-5", ADDCOW_NAME, o);
}

/* ---- Colons ------------------------------------------------------------- */

/* TEXT: the name; DATA: a directory that it needs, or null.  A file of that
 * name, and one of what follows the colon, are there. */
static void colon_refused(struct env *env, const struct conf_case *self)
{
    const char *rest = strchr(self->text, ':') + 1;

    if (self->data)
        put_dir(env, self->data);
    if (rest[0] && rest[0] != '/' && !strchr(rest, '/'))
        decoy(env, rest);
    image_with(env, "a.add-cow", self->text, NULL);
    refuse_open(env, "NAM-6", "a.add-cow", reserved_name);
    image_with(env, "b.add-cow", NULL, self->text);
    refuse_open(env, "NAM-6", "b.add-cow", reserved_name);
}

static void colon_taken(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    put_dir(env, "d");
    o = image_with(env, "a.add-cow", self->text, NULL);
    expect_opens(env, "NAM-7", "a.add-cow", o);
    o = image_with(env, "b.add-cow", NULL, self->text);
    expect_opens(env, "NAM-7", "b.add-cow", o);
}

static void colon_in_an_absolute_name(struct env *env,
                                      const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    o = image_with(env, ADDCOW_NAME, absolute(env, "nbd:disk"),
                   absolute(env, "file:disk"));
    expect_opens(env, "NAM-7", ADDCOW_NAME, o);
}

/* The colon is in the path of the add-cow file, not in a name. */
static void colon_in_the_path(struct env *env, const struct conf_case *self)
{
    struct oracle *o;

    (void)self;
    put_dir(env, "a:b");
    o = image_with(env, "a:b/" ADDCOW_NAME, NULL, NULL);
    expect_opens(env, "NAM-7", "a:b/" ADDCOW_NAME, o);
}

/* ---- Long paths --------------------------------------------------------- */

/* An image in "d" whose names end in 200 letters, with a decoy at every name
 * that is shorter by any of them.  DIR is a path that leads to "d". */
static void long_path(struct env *env, const char *dir, size_t name_len,
                      int must_work)
{
    enum { TAIL = 200 };
    char tail[2][TAIL + 2];
    struct oracle *o;
    struct img *img = NULL;
    int result;

    put_dir(env, "d");
    for (size_t i = 0; i < 2; i++) {
        memset(tail[i], i ? 'b' : 'i', TAIL + 1);
        for (size_t k = 1; k < TAIL; k++) {
            tail[i][k] = '\0';
            put_file(env, joined(env, "d", tail[i]), GOOD_SIZE);
            tail[i][k] = i ? 'b' : 'i';
        }
        tail[i][TAIL] = '\0';
    }
    o = image_with(env, "d/" ADDCOW_NAME, padded_name(env, tail[0], name_len),
                   padded_name(env, tail[1], name_len));
    result = img_open(env, &img, joined(env, dir, ADDCOW_NAME), 0);
    if (must_work)
        expect_ok(env, "NAM-9", result);
    else
        expect_ok_or_refused(env, "NAM-9", result, ADDCOW_IO, ADDCOW_NOT_FOUND,
                             ADDCOW_INVALID, ADDCOW_RANGE, ADDCOW_NO_MEMORY,
                             ADDCOW_OTHER, 0);
    if (result != ADDCOW_OK)
        return;
    img_track(img, o);
    expect_guest_all(img, "NAM-9");
}

/* ARG is the length of the directory's path. */
static void long_but_supported(struct env *env, const struct conf_case *self)
{
    long_path(env, padded_dir(env, "d", self->arg), MAX_NAME, 1);
}

static void longer_than_hosts_like(struct env *env,
                                   const struct conf_case *self)
{
    long_path(env, padded_dir(env, "d", self->arg), MAX_NAME, 0);
}

/* ---- Creators ----------------------------------------------------------- */

static int create_in(struct env *env, const char *name, const char *image_name,
                     const char *backing_name)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = name,
                                      .image_name = image_name,
                                      .backing_name = backing_name};

    return shim_create(env, &args);
}

/* The named files lie beside the new file, decoys in the current directory. */
static void create_beside(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    put_dir(env, "d");
    put_file(env, IMAGE_NAME, 7 * CLUSTER);
    put_file(env, BACKING_NAME, 7 * CLUSTER);
    put_pattern(env, "d/" IMAGE_NAME, TAG_OLD, GOOD_SIZE);
    put_pattern(env, "d/" BACKING_NAME, TAG_BACKING, GOOD_SIZE);
    expect_ok(env, "NAM-4",
              create_in(env, "d/" ADDCOW_NAME, IMAGE_NAME, BACKING_NAME));
    img = must_open(env, "d/" ADDCOW_NAME, 0);
    expect_u64(env, "NAM-4", "virtual size", img_size(img), GOOD_SIZE);
}

/* TEXT, the image or the backing file, lies in the current directory only. */
static void create_with_a_file_elsewhere(struct env *env,
                                         const struct conf_case *self)
{
    struct snapshot *before;

    put_dir(env, "d");
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    put_file(env, joined(env, "d", self->text), GOOD_SIZE);
    before = take_snapshot(env);
    expect_refused(env, "NAM-4",
                   create_in(env, "d/" ADDCOW_NAME, IMAGE_NAME, BACKING_NAME),
                   ADDCOW_NOT_FOUND, 0);
    expect_nothing_changed(env, "NAM-4", before);
}

static void create_from_another_directory(struct env *env,
                                          const struct conf_case *self)
{
    (void)self;
    put_dir(env, "other");
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    change_dir(env, "other");
    expect_ok(env, "NAM-4",
              create_in(env, "../" ADDCOW_NAME, IMAGE_NAME, BACKING_NAME));
    expect_that(env, "NAM-4", "the add-cow file lies where it was asked for",
                file_exists(env, ADDCOW_NAME), "there is no file");
}

static void create_refuses_colon(struct env *env, const struct conf_case *self)
{
    struct snapshot *before;

    if (self->data)
        put_dir(env, self->data);
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    put_file(env, self->text, GOOD_SIZE);
    before = take_snapshot(env);
    expect_refused(env, "NAM-8",
                   create_in(env, ADDCOW_NAME, self->text, BACKING_NAME),
                   ADDCOW_INVALID, 0);
    expect_refused(env, "NAM-8",
                   create_in(env, ADDCOW_NAME, IMAGE_NAME, self->text),
                   ADDCOW_INVALID, 0);
    expect_nothing_changed(env, "NAM-8", before);
}

/* Both fields hold the names byte for byte. */
static void expect_names(struct env *env, const char *clause,
                         const char *image_name, const char *backing_name)
{
    uint8_t want[HEADER_LEN];
    uint8_t got[HEADER_LEN];

    header_build(want, image_name, backing_name);
    get_bytes(env, ADDCOW_NAME, got, HEADER_LEN, 0);
    expect_bytes(env, clause, "image_file field", got + IMAGE_FIELD,
                 want + IMAGE_FIELD, NAME_FIELD_LEN);
    expect_bytes(env, clause, "backing_file field", got + BACKING_FIELD,
                 want + BACKING_FIELD, NAME_FIELD_LEN);
}

static void create_takes_colon(struct env *env, const struct conf_case *self)
{
    (void)self;
    put_file(env, "a:i", GOOD_SIZE);
    put_file(env, "a:b", GOOD_SIZE);
    expect_ok(env, "NAM-8", create_in(env, ADDCOW_NAME, "./a:i", "./a:b"));
    expect_names(env, "NAM-8", "./a:i", "./a:b");
}

/* TEXT: the name of the image file; DATA: the name of the backing file. */
static void create_stores(struct env *env, const struct conf_case *self)
{
    const char *image_name = self->text;
    const char *backing_name = self->data;

    put_dir(env, "d");
    put_file(env, image_name, GOOD_SIZE);
    put_file(env, backing_name, GOOD_SIZE);
    expect_ok(env, "NAM-17",
              create_in(env, ADDCOW_NAME, image_name, backing_name));
    expect_names(env, "NAM-17", image_name, backing_name);
}

static void create_stores_absolute(struct env *env,
                                   const struct conf_case *self)
{
    const char *image_name = absolute(env, IMAGE_NAME);
    const char *backing_name = absolute(env, BACKING_NAME);

    (void)self;
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    expect_ok(env, "NAM-17",
              create_in(env, ADDCOW_NAME, image_name, backing_name));
    expect_names(env, "NAM-17", image_name, backing_name);
}

#define CREATE ADDCOW_CAP_CREATE

const struct conf_case cases_nam[] = {
    {"nam/upper-case", "A name keeps its case", "NAM-1", 0,
     .run = name_as_it_is, .text = "Disk.RAW", .data = "disk.raw"},
    {"nam/blank-in-front", "A name keeps a blank in front", "NAM-1", 0,
     .run = name_as_it_is, .text = " disk", .data = "disk"},
    {"nam/blank-at-the-end", "A name keeps a blank at its end", "NAM-1", 0,
     .run = name_as_it_is, .text = "disk ", .data = "disk"},
    {"nam/newline-at-the-end", "A name keeps a newline at its end", "NAM-1", 0,
     .run = name_as_it_is, .text = "disk\n", .data = "disk"},
    {"nam/bytes-that-are-no-utf-8", "A name has no encoding", "NAM-1", 0,
     .run = name_as_it_is, .text = "\xff\xfe\x80", .data = "\xef\xbf\xbd"},
    {"nam/decomposed-letter", "A name is not normalised to composed letters",
     "NAM-1", 0, .run = name_as_it_is, .text = "a\xcc\x88",
     .data = "\xc3\xa4"},
    {"nam/composed-letter", "A name is not normalised to decomposed letters",
     "NAM-1", 0, .run = name_as_it_is, .text = "\xc3\xa4",
     .data = "a\xcc\x88"},
    {"nam/percent-sign", "A name is no URL: %20 is three bytes", "NAM-1", 0,
     .run = name_as_it_is, .text = "disk%20one", .data = "disk one"},
    {"nam/question-mark", "A name is no URL: ? has no meaning", "NAM-1", 0,
     .run = name_as_it_is, .text = "disk?x=1", .data = "disk"},
    {"nam/backslash", "A backslash is a byte like others", "NAM-1", 0,
     .run = name_as_it_is, .text = "a\\disk", .data = "adisk"},
    {"nam/asterisk", "A name is no pattern", "NAM-1", 0, .run = name_as_it_is,
     .text = "d*k", .data = "disk"},
    {"nam/tilde", "A tilde is a byte like others", "NAM-1", 0,
     .run = name_as_it_is, .text = "~"},
    {"nam/dollar-sign", "A name is not expanded by a shell", "NAM-1", 0,
     .run = name_as_it_is, .text = "$HOME"},
    {"nam/hyphen", "A hyphen is a name like others", "NAM-1", 0,
     .run = name_as_it_is, .text = "-"},

    {"nam/opened-from-above",
     "Names are relative to the add-cow file's directory, not to the current",
     "NAM-2", 0, .run = beside_the_add_cow_file, .text = ".",
     .data = "d/" ADDCOW_NAME},
    {"nam/opened-from-its-directory",
     "A path without a slash has the current directory", "NAM-2", 0,
     .run = beside_the_add_cow_file, .text = "d", .data = ADDCOW_NAME},
    {"nam/opened-from-its-directory-as-dot",
     "The directory of ./test.add-cow is the current one", "NAM-2", 0,
     .run = beside_the_add_cow_file, .text = "d", .data = "./" ADDCOW_NAME},
    {"nam/opened-from-beside",
     "The directory of a path may begin with two dots", "NAM-2", 0,
     .run = beside_the_add_cow_file, .text = "other",
     .data = "../d/" ADDCOW_NAME},
    {"nam/opened-from-below", "The directory of a path may be two dots",
     "NAM-2", 0, .run = beside_the_add_cow_file, .text = "d/sub",
     .data = "../" ADDCOW_NAME},
    {"nam/opened-by-a-doubled-slash", "A path may have two slashes", "NAM-2",
     0, .run = beside_the_add_cow_file, .text = ".",
     .data = "d//" ADDCOW_NAME},
    {"nam/opened-by-a-detour", "A path may lead through another directory",
     "NAM-2", 0, .run = beside_the_add_cow_file, .text = ".",
     .data = "other/../d/" ADDCOW_NAME},
    {"nam/opened-by-an-absolute-path",
     "Names are relative to the directory of an absolute path", "NAM-2", 0,
     .run = absolute_path},
    {"nam/opened-in-the-root", "The directory of /test.add-cow is the root",
     "NAM-2", ADDCOW_CAP_HOST, .run = in_the_root},
    {"nam/names-in-a-directory-below", "Names may lead to a directory below",
     "NAM-2", 0, .run = names_with_directories, .text = "sub/" IMAGE_NAME,
     .data = "sub/" BACKING_NAME},
    {"nam/names-in-the-directory-above", "Names may begin with two dots",
     "NAM-2", 0, .run = names_with_directories, .text = "../" IMAGE_NAME,
     .data = "../" BACKING_NAME},
    {"nam/names-with-a-dot", "Names may begin with one dot", "NAM-2", 0,
     .run = names_with_directories, .text = "./" IMAGE_NAME,
     .data = ".//" BACKING_NAME},
    {"nam/link-to-the-add-cow-file",
     "A symbolic link as the last component is not followed for names",
     "NAM-3", 0, .run = not_behind_a_link},
    {"nam/up-from-a-linked-directory",
     "A name with .. is resolved by the host behind a linked directory",
     "NAM-3", 0, .run = up_from_a_linked_directory},

    {"nam/create-beside-the-add-cow-file",
     "A creator resolves names against the directory of the add-cow file",
     "NAM-4", CREATE, .run = create_beside},
    {"nam/create-with-the-image-file-elsewhere",
     "An image file in the current directory only is not found", "NAM-4",
     CREATE | CASE_REFUSES, .run = create_with_a_file_elsewhere,
     .text = BACKING_NAME},
    {"nam/create-with-the-backing-file-elsewhere",
     "A backing file in the current directory only is not found", "NAM-4",
     CREATE | CASE_REFUSES, .run = create_with_a_file_elsewhere,
     .text = IMAGE_NAME},
    {"nam/create-from-another-directory",
     "A creator finds the files beside ../test.add-cow", "NAM-4", CREATE,
     .run = create_from_another_directory},

    {"nam/absolute-names", "Names that begin with / are used as they are",
     "NAM-5", 0, .run = absolute_names},

    {"nam/colon-after-a-word", "The name nbd:disk is reserved for protocols",
     "NAM-6", CASE_REFUSES, .run = colon_refused, .text = "nbd:disk"},
    {"nam/colon-after-file", "The name file:disk is reserved for protocols",
     "NAM-6", CASE_REFUSES, .run = colon_refused, .text = "file:disk"},
    {"nam/colon-first", "A colon as the first byte is reserved", "NAM-6",
     CASE_REFUSES, .run = colon_refused, .text = ":disk"},
    {"nam/colon-last", "A colon as the last byte is reserved", "NAM-6",
     CASE_REFUSES, .run = colon_refused, .text = "disk:"},
    {"nam/colon-alone", "A colon alone is reserved", "NAM-6", CASE_REFUSES,
     .run = colon_refused, .text = ":"},
    {"nam/colon-before-the-first-slash", "A colon before the first / counts",
     "NAM-6", CASE_REFUSES, .run = colon_refused, .text = "a:b/disk",
     .data = "a:b"},
    {"nam/colon-right-before-the-first-slash",
     "A colon right before the first / counts", "NAM-6", CASE_REFUSES,
     .run = colon_refused, .text = "c:/disk", .data = "c:"},
    {"nam/colon-after-dot-slash", "The name ./a:b is an ordinary path",
     "NAM-7", 0, .run = colon_taken, .text = "./a:b"},
    {"nam/colon-after-a-directory", "The name d/a:b is an ordinary path",
     "NAM-7", 0, .run = colon_taken, .text = "d/a:b"},
    {"nam/colon-right-after-a-slash", "The name d/:b is an ordinary path",
     "NAM-7", 0, .run = colon_taken, .text = "d/:b"},
    {"nam/colon-in-an-absolute-name",
     "An absolute name with a colon is an ordinary path", "NAM-7", 0,
     .run = colon_in_an_absolute_name},
    {"nam/colon-in-the-path-of-the-add-cow-file",
     "A colon in the directory that is joined is no colon of the name",
     "NAM-7", 0, .run = colon_in_the_path},
    {"nam/create-refuses-a-protocol", "A creator refuses nbd:disk", "NAM-8",
     CREATE | CASE_REFUSES, .run = create_refuses_colon, .text = "nbd:disk"},
    {"nam/create-refuses-a-colon-before-the-first-slash",
     "A creator refuses a colon before the first /", "NAM-8",
     CREATE | CASE_REFUSES, .run = create_refuses_colon, .text = "a:b/disk",
     .data = "a:b"},
    {"nam/create-refuses-a-colon-first", "A creator refuses a leading colon",
     "NAM-8", CREATE | CASE_REFUSES, .run = create_refuses_colon,
     .text = ":disk"},
    {"nam/create-refuses-a-colon-last", "A creator refuses a trailing colon",
     "NAM-8", CREATE | CASE_REFUSES, .run = create_refuses_colon,
     .text = "disk:"},
    {"nam/create-takes-a-colon-after-a-slash", "A creator takes ./a:b",
     "NAM-8", CREATE, .run = create_takes_colon},

    {"nam/joined-path-over-1023-bytes",
     "A joined path of more than 1023 bytes is not cut", "NAM-9", 0,
     .run = long_but_supported, .arg = 101},
    {"nam/joined-path-of-2047-bytes",
     "A joined path of 1023 + 1 + 1023 bytes is not cut", "NAM-9", 0,
     .run = long_but_supported, .arg = 1023},
    {"nam/joined-path-over-4095-bytes",
     "A joined path of more than 4095 bytes is not cut, but may be refused",
     "NAM-9", 0, .run = longer_than_hosts_like, .arg = 3171},

    {"nam/create-stores-bytes-that-are-no-text",
     "A creator stores names byte for byte: no encoding", "NAM-17", CREATE,
     .run = create_stores, .text = "\xff\xfe i", .data = "a\xcc\x88\n"},
    {"nam/create-stores-blanks",
     "A creator stores names byte for byte: blanks at both ends", "NAM-17",
     CREATE, .run = create_stores, .text = " i ", .data = " b "},
    {"nam/create-stores-slashes-and-dots",
     "A creator stores names with ./, // and ../ byte for byte", "NAM-17",
     CREATE, .run = create_stores, .text = ".//i", .data = "d/../b"},
    {"nam/create-stores-absolute-names",
     "A creator stores names byte for byte: absolute ones", "NAM-17", CREATE,
     .run = create_stores_absolute},
    {0}};
