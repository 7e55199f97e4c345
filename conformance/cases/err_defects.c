/* SPDX-License-Identifier: MIT
 *
 * err_defects.c - chapter 15, Errors: which defect comes first where there
 * are several, and that no file stays open after any.
 *
 * A defect is a change to a good image that leaves room for the others, so
 * that any two can be combined.
 */
#include "all.h"
#include "steps/create.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

/* ---- Defects ------------------------------------------------------------ */

static void wrong_magic(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 0x40, 0);
}

static void wrong_version(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 2, 11);
}

static void no_nul(struct env *env)
{
    uint8_t field[NAME_FIELD_LEN];

    memset(field, 'x', sizeof(field));
    put_bytes(env, ADDCOW_NAME, field, sizeof(field), BACKING_FIELD);
}

static void backing_padding(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 'x', IMAGE_FIELD - 1);
}

static void image_padding(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 'x', RESERVED_FIELD - 1);
}

static void reserved(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 'x', RESERVED_FIELD);
}

static void empty_image_name(struct env *env)
{
    static const uint8_t zeros[sizeof(IMAGE_NAME)];

    put_bytes(env, ADDCOW_NAME, zeros, sizeof(zeros), IMAGE_FIELD);
}

/* A file of that name is there, unless the backing file is missing. */
static void colon(struct env *env)
{
    put_byte(env, ADDCOW_NAME, ':', BACKING_FIELD + 1);
    put_pattern(env, "b:se.img", TAG_BACKING, GOOD_SIZE);
}

/* Not the backing file, which may be looked at later (IMPL-1). */
static void same_file_twice(struct env *env)
{
    put_bytes(env, ADDCOW_NAME, ADDCOW_NAME, sizeof(ADDCOW_NAME), IMAGE_FIELD);
}

static void image_missing(struct env *env)
{
    remove_file(env, IMAGE_NAME);
}

static void backing_missing(struct env *env)
{
    remove_file(env, BACKING_NAME);
}

static void short_bitmap(struct env *env)
{
    resize_file(env, ADDCOW_NAME, HEADER_LEN);
}

static void short_header(struct env *env)
{
    resize_file(env, ADDCOW_NAME, HEADER_LEN - 1);
}

struct defect {
    const char *what;
    void (*make)(struct env *env);
    int classes[4]; /* ended by 0 */
};

/* In the order in which they are made: what cuts the file comes last. */
enum {
    MAGIC,
    VERSION,
    NO_NUL,
    BACKING_PADDING,
    IMAGE_PADDING,
    RESERVED,
    EMPTY_IMAGE_NAME,
    COLON,
    SAME_FILE,
    IMAGE_MISSING,
    BACKING_MISSING,
    SHORT_BITMAP,
    SHORT_HEADER,
    N_DEFECTS
};

static const struct defect defects[N_DEFECTS] = {
    {"a wrong magic", wrong_magic, {ADDCOW_NOT_ADDCOW}},
    {"version 2", wrong_version, {ADDCOW_VERSION}},
    {"a backing name without NUL", no_nul, {ADDCOW_CORRUPT}},
    {"a byte after the backing name", backing_padding, {ADDCOW_CORRUPT}},
    {"a byte after the image name", image_padding, {ADDCOW_CORRUPT}},
    {"a reserved byte", reserved, {ADDCOW_CORRUPT}},
    {"no image name", empty_image_name, {ADDCOW_CORRUPT}},
    {"a colon in the backing name",
     colon,
     {ADDCOW_CORRUPT, ADDCOW_INVALID, ADDCOW_OTHER}},
    {"the add-cow file as image file",
     same_file_twice,
     {ADDCOW_CORRUPT, ADDCOW_INVALID}},
    {"no image file", image_missing, {ADDCOW_NOT_FOUND}},
    {"no backing file", backing_missing, {ADDCOW_NOT_FOUND}},
    {"a short bitmap", short_bitmap, {ADDCOW_CORRUPT}},
    {"a short header", short_header, {ADDCOW_CORRUPT}}};

/* A fresh image with the defects A and B, A before B in the list. */
static void put_defects(struct env *env, size_t a, size_t b)
{
    good_image(env);
    doing(env, "making an image with %s and %s", defects[a].what,
          defects[b].what);
    defects[a].make(env);
    defects[b].make(env);
}

/* ---- Precedence --------------------------------------------------------- */

static void magic_first(struct env *env, const struct conf_case *self)
{
    put_defects(env, MAGIC, self->arg);
    refuse_open(env, "ERR-3", ADDCOW_NAME, defects[MAGIC].classes);
}

/* With a short header CORRUPT is as right. */
static void version_first(struct env *env, const struct conf_case *self)
{
    static const int either[] = {ADDCOW_VERSION, ADDCOW_CORRUPT, 0};

    put_defects(env, VERSION, self->arg);
    refuse_open(env, "ERR-3", ADDCOW_NAME,
                self->arg == SHORT_HEADER ? either : defects[VERSION].classes);
}

/* The classes of A and B without repetition. */
static void either_class(int *out, size_t a, size_t b)
{
    const int *lists[] = {defects[a].classes, defects[b].classes};
    size_t n = 0;
    size_t i, k, m;

    for (i = 0; i < 2; i++) {
        for (k = 0; lists[i][k]; k++) {
            for (m = 0; m < n && out[m] != lists[i][k]; m++)
                ;
            if (m == n)
                out[n++] = lists[i][k];
        }
    }
    out[n] = 0;
}

/* ARG with each defect that follows it in the list. */
static void any_of_two(struct env *env, const struct conf_case *self)
{
    int classes[8];

    for (size_t other = self->arg + 1; other < N_DEFECTS; other++) {
        put_defects(env, self->arg, other);
        either_class(classes, self->arg, other);
        refuse_open(env, "ERR-3", ADDCOW_NAME, classes);
    }
}

/* A creator is given a wrong argument, and files that are not there or, for
 * the target, that is. */
static void refuse_arguments(struct env *env, const char *image_name,
                             const char *backing_name)
{
    struct addcow_create_args args = create_args(0);

    args.image_name = image_name;
    args.backing_name = backing_name;
    put_file(env, ADDCOW_NAME, HEADER_LEN);
    expect_refused(env, "ERR-3", shim_create(env, &args), ADDCOW_INVALID, 0);
}

/* TEXT: the name of the image file. */
static void wrong_argument_of_create(struct env *env,
                                     const struct conf_case *self)
{
    refuse_arguments(env, self->text, BACKING_NAME);
}

static void long_name_of_create(struct env *env, const struct conf_case *self)
{
    char *name = case_alloc(env, NAME_FIELD_LEN + 1);

    (void)self;
    memset(name, 'x', NAME_FIELD_LEN);
    refuse_arguments(env, name, BACKING_NAME);
}

static void no_backing_of_create(struct env *env, const struct conf_case *self)
{
    (void)self;
    refuse_arguments(env, IMAGE_NAME, "");
}

/* A size that is no multiple of 512 is the caller's fault, whatever else is
 * wrong.  Growth that is not offered at all may say so. */
static void wrong_size_of_resize(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    good_image(env);
    img = open_image(env, 0);
    expect_refused(env, "ERR-3", img_set_size(img, GOOD_SIZE + 1),
                   ADDCOW_INVALID, ADDCOW_UNIMPLEMENTED, 0);
}

/* ---- Nothing stays open ------------------------------------------------- */

static void closed_after_a_defect(struct env *env,
                                  const struct conf_case *self)
{
    size_t first;

    (void)self;
    need_simulated(env);
    for (size_t i = 0; i < N_DEFECTS; i++) {
        if (i == BACKING_MISSING)
            continue;
        put_defects(env, i, i == IMAGE_MISSING ? BACKING_MISSING : i);
        first = n_events(env);
        refuse_open(env, "ERR-4", ADDCOW_NAME, (const int[]){0});
        expect_u64(env, "ERR-4", "files left open",
                   files_left_open(env, first), 0);
    }
}

/* The host fails at its first call, its second, and so on, until opening
 * needs no further call.  Then the image opens as ever. */
static void closed_after_host_errors(struct env *env,
                                     const struct conf_case *self)
{
    struct img *img = NULL;
    uint64_t before = 0;
    uint64_t nth;
    size_t first;

    need_simulated(env);
    good_image(env);
    for (nth = 1; nth == 1 || n_faults_hit(env) > before; nth++) {
        before = n_faults_hit(env);
        first = n_events(env);
        put_fault(env, &(struct fault){
                           .kind = EV_ANY, .nth = nth, .result = ADDCOW_IO});
        if (img_open(env, &img, ADDCOW_NAME, (uint32_t)self->arg) == 0)
            (void)img_close(img);
        clear_faults(env);
        expect_u64(env, "ERR-4", "files left open",
                   files_left_open(env, first), 0);
    }
    img = expect_open(env, "ERR-4", 0);
    expect_guest_all(img, "ERR-4");
}

static void closed_after_create_fails(struct env *env,
                                      const struct conf_case *self)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = ADDCOW_NAME,
                                      .image_name = IMAGE_NAME,
                                      .backing_name = BACKING_NAME};
    uint64_t before = 0;
    uint64_t nth;
    size_t first;

    (void)self;
    need_simulated(env);
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    for (nth = 1; nth == 1 || n_faults_hit(env) > before; nth++) {
        if (file_exists(env, ADDCOW_NAME))
            remove_file(env, ADDCOW_NAME);
        before = n_faults_hit(env);
        first = n_events(env);
        put_fault(env, &(struct fault){
                           .kind = EV_ANY, .nth = nth, .result = ADDCOW_IO});
        (void)shim_create(env, &args);
        clear_faults(env);
        expect_u64(env, "ERR-4", "files left open",
                   files_left_open(env, first), 0);
    }
}

/* TEXT is the file that is missing or in the way: nothing stays open. */
static void closed_after_create_refused(struct env *env,
                                        const struct conf_case *self)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = ADDCOW_NAME,
                                      .image_name = IMAGE_NAME,
                                      .backing_name = BACKING_NAME};
    size_t first;

    need_simulated(env);
    put_file(env, IMAGE_NAME, GOOD_SIZE);
    put_file(env, BACKING_NAME, GOOD_SIZE);
    if (strcmp(self->text, ADDCOW_NAME) == 0)
        put_file(env, ADDCOW_NAME, HEADER_LEN);
    else
        remove_file(env, self->text);
    first = n_events(env);
    expect_refused(env, "ERR-4", shim_create(env, &args), ADDCOW_NOT_FOUND,
                   ADDCOW_EXISTS, 0);
    expect_u64(env, "ERR-4", "files left open", files_left_open(env, first),
               0);
}

#define CLASSES ADDCOW_CAP_CLASSES
#define CREATE ADDCOW_CAP_CREATE
#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_err_defects[] = {
    {"err/create-long-name-before-all",
     "A name of 1024 bytes is INVALID before the target EXISTS", "ERR-3",
     CLASSES | CREATE | CASE_REFUSES, .run = long_name_of_create},
    {"err/create-empty-name-before-all",
     "An empty image name is INVALID before files are missing", "ERR-3",
     CLASSES | CREATE | CASE_REFUSES, .run = wrong_argument_of_create,
     .text = ""},
    {"err/create-colon-before-all",
     "A protocol colon is INVALID before files are missing", "ERR-3",
     CLASSES | CREATE | CASE_REFUSES, .run = wrong_argument_of_create,
     .text = "nbd:disk"},
    {"err/create-no-backing-name-before-all",
     "A backing name left out is INVALID before files are missing", "ERR-3",
     CLASSES | CREATE | CASE_REFUSES, .run = no_backing_of_create},
    {"err/resize-odd-size-before-all",
     "A size that is no multiple of 512 is INVALID before READ_ONLY", "ERR-3",
     CLASSES | WRITE | ADDCOW_CAP_RESIZE | CASE_REFUSES,
     .run = wrong_size_of_resize},
    {"err/magic-before-version-2", "The magic comes before version 2", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = VERSION},
    {"err/magic-before-backing-name-without-nul",
     "The magic comes before a backing name without NUL", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = NO_NUL},
    {"err/magic-before-backing-padding",
     "The magic comes before a byte after the backing name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = BACKING_PADDING},
    {"err/magic-before-image-padding",
     "The magic comes before a byte after the image name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = IMAGE_PADDING},
    {"err/magic-before-reserved-byte",
     "The magic comes before a reserved byte", "ERR-3", CLASSES | CASE_REFUSES,
     .run = magic_first, .arg = RESERVED},
    {"err/magic-before-empty-image-name",
     "The magic comes before an empty image name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = EMPTY_IMAGE_NAME},
    {"err/magic-before-colon", "The magic comes before a protocol colon",
     "ERR-3", CLASSES | CASE_REFUSES, .run = magic_first, .arg = COLON},
    {"err/magic-before-same-file",
     "The magic comes before the same file twice", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = SAME_FILE},
    {"err/magic-before-missing-image-file",
     "The magic comes before a missing image file", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = IMAGE_MISSING},
    {"err/magic-before-missing-backing-file",
     "The magic comes before a missing backing file", "ERR-3",
     CLASSES | CASE_REFUSES, .run = magic_first, .arg = BACKING_MISSING},
    {"err/magic-before-short-bitmap", "The magic comes before a short bitmap",
     "ERR-3", CLASSES | CASE_REFUSES, .run = magic_first, .arg = SHORT_BITMAP},
    {"err/magic-before-short-header", "The magic comes before a short header",
     "ERR-3", CLASSES | CASE_REFUSES, .run = magic_first, .arg = SHORT_HEADER},
    {"err/version-before-backing-name-without-nul",
     "The version comes before a backing name without NUL", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = NO_NUL},
    {"err/version-before-backing-padding",
     "The version comes before a byte after the backing name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = BACKING_PADDING},
    {"err/version-before-image-padding",
     "The version comes before a byte after the image name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = IMAGE_PADDING},
    {"err/version-before-reserved-byte",
     "The version comes before a reserved byte", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = RESERVED},
    {"err/version-before-empty-image-name",
     "The version comes before an empty image name", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = EMPTY_IMAGE_NAME},
    {"err/version-before-colon", "The version comes before a protocol colon",
     "ERR-3", CLASSES | CASE_REFUSES, .run = version_first, .arg = COLON},
    {"err/version-before-same-file",
     "The version comes before the same file twice", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = SAME_FILE},
    {"err/version-before-missing-image-file",
     "The version comes before a missing image file", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = IMAGE_MISSING},
    {"err/version-before-missing-backing-file",
     "The version comes before a missing backing file", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = BACKING_MISSING},
    {"err/version-before-short-bitmap",
     "The version comes before a short bitmap", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = SHORT_BITMAP},
    {"err/version-before-short-header",
     "The version comes before a short header", "ERR-3",
     CLASSES | CASE_REFUSES, .run = version_first, .arg = SHORT_HEADER},
    {"err/backing-name-without-nul-with-another-defect",
     "A backing name without NUL and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two, .arg = NO_NUL},
    {"err/backing-padding-with-another-defect",
     "A byte after the backing name and a defect beside it: the class of "
     "either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two,
     .arg = BACKING_PADDING},
    {"err/image-padding-with-another-defect",
     "A byte after the image name and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two, .arg = IMAGE_PADDING},
    {"err/reserved-byte-with-another-defect",
     "A reserved byte and a defect beside it: the class of either", "ERR-3",
     CLASSES | CASE_REFUSES, .run = any_of_two, .arg = RESERVED},
    {"err/empty-image-name-with-another-defect",
     "An empty image name and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two,
     .arg = EMPTY_IMAGE_NAME},
    {"err/colon-with-another-defect",
     "A protocol colon and a defect beside it: the class of either", "ERR-3",
     CLASSES | CASE_REFUSES, .run = any_of_two, .arg = COLON},
    {"err/same-file-with-another-defect",
     "The same file twice and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two, .arg = SAME_FILE},
    {"err/missing-image-file-with-another-defect",
     "A missing image file and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two, .arg = IMAGE_MISSING},
    {"err/missing-backing-file-with-another-defect",
     "A missing backing file and a defect beside it: the class of either",
     "ERR-3", CLASSES | CASE_REFUSES, .run = any_of_two,
     .arg = BACKING_MISSING},
    {"err/short-bitmap-with-another-defect",
     "A short bitmap and a defect beside it: the class of either", "ERR-3",
     CLASSES | CASE_REFUSES, .run = any_of_two, .arg = SHORT_BITMAP},
    {"err/closed-after-each-defect", "Opening a bad image leaves no file open",
     "ERR-4", HOST | CASE_REFUSES, .run = closed_after_a_defect},
    {"err/closed-after-host-errors",
     "An opening that fails at any call of the host leaves no file open",
     "ERR-4", HOST | CASE_REFUSES, .run = closed_after_host_errors},
    {"err/closed-after-host-errors-for-writing",
     "An opening for writing that fails at any call leaves no file open",
     "ERR-4", HOST | WRITE | CASE_REFUSES, .run = closed_after_host_errors,
     .arg = ADDCOW_OPEN_WRITE},
    {"err/closed-after-create-fails",
     "A create that fails at any call of the host leaves no file open",
     "ERR-4", HOST | CREATE | CASE_REFUSES, .run = closed_after_create_fails},
    {"err/closed-after-create-finds-the-target",
     "A create whose target exists leaves no file open", "ERR-4",
     HOST | CREATE | CASE_REFUSES, .run = closed_after_create_refused,
     .text = ADDCOW_NAME},
    {"err/closed-after-create-misses-the-image-file",
     "A create without image file leaves no file open", "ERR-4",
     HOST | CREATE | CASE_REFUSES, .run = closed_after_create_refused,
     .text = IMAGE_NAME},
    {"err/closed-after-create-misses-the-backing-file",
     "A create without backing file leaves no file open", "ERR-4",
     HOST | CREATE | CASE_REFUSES, .run = closed_after_create_refused,
     .text = BACKING_NAME},
    {0}};
