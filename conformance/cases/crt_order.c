/* SPDX-License-Identifier: MIT
 *
 * crt_order.c - chapter 11, Create: the order of writes and flushes, judged
 * from the recording, and what is left when the host fails.
 *
 * Deliberately missing: power cuts, which are in dur_create.c.
 */
#include "all.h"
#include "steps/content.h"
#include "steps/create.h"

#include <stdbool.h>
#include <string.h>

#define NEEDS (ADDCOW_CAP_CREATE | ADDCOW_CAP_HOST)
#define REPLACE ADDCOW_CREATE_REPLACE
#define IMAGE_SIZE (17 * CLUSTER)
#define FILE_LEN (HEADER_LEN + 3) /* of the add-cow file over IMAGE_SIZE */
#define MAX_CALLS 500             /* of one create, before a test gives up */

/* A create of ADDCOW_NAME under observation. */
struct creation {
    struct addcow_create_args args;
    struct followed file; /* stands before the first event of the create */
    struct content old;   /* of the file that was there before */
    size_t end;           /* of its events */
};

/* Names of this length reach into every sector of the header. */
static const char *name_of(struct env *env, const char *name, size_t len)
{
    char *out = case_alloc(env, len + 1);
    size_t i, start = len - strlen(name);

    for (i = 0; i < start; i++)
        out[i] = i % 2 ? '/' : '.';
    memcpy(out + start, name, strlen(name));
    return out;
}

/* ARG of a case is the length of the old file, or NO_OLD. */
#define NO_OLD UINT64_MAX

static void put_world(struct env *env, struct addcow_create_args *args,
                      uint64_t old_len)
{
    put_inputs(env, IMAGE_SIZE, CLUSTER);
    if (file_exists(env, ADDCOW_NAME))
        remove_file(env, ADDCOW_NAME);
    *args = create_args(old_len == NO_OLD ? 0 : REPLACE);
    args->image_name = name_of(env, IMAGE_NAME, 1000 + strlen(IMAGE_NAME));
    args->backing_name =
        name_of(env, BACKING_NAME, 1000 + strlen(BACKING_NAME));
    if (old_len != NO_OLD)
        put_old_target(env, old_len);
}

/* TEXT of a case, if it has one: there is no backing file. */
static void observe(struct env *env, struct creation *c,
                    const struct conf_case *self)
{
    put_world(env, &c->args, self->arg);
    if (self->text) {
        c->args.flags |= ADDCOW_CREATE_NO_BACKING;
        c->args.backing_name = NULL;
    }
    c->old = content_get(env, ADDCOW_NAME);
    follow_init(&c->file, env, ADDCOW_NAME);
    must_create(env, self->clauses, &c->args);
    c->end = n_events(env);
}

/* ---- CRT-10: sector 0 comes last ---------------------------------------- */

/* Whether E puts a byte other than zero into sector 0. */
static bool fills_sector_0(const struct event *e)
{
    size_t len;

    if (e->kind != EV_WRITE || e->offset >= SECTOR)
        return false;
    len = (size_t)(SECTOR - e->offset);
    return !pattern_is_zeros(e->data, len < e->len ? len : e->len);
}

static void check_the_rest(struct env *env, const struct content *durable,
                           const struct content *last)
{
    expect_u64(env, "CRT-10", "durable length when sector 0 is written",
               durable->len, FILE_LEN);
    expect_bytes(env, "CRT-10", "durable sectors after the first",
                 durable->data + SECTOR, last->data + SECTOR,
                 FILE_LEN - SECTOR);
}

static void sector_0_is_last(struct env *env, const struct conf_case *self)
{
    struct creation c;
    struct content last;

    observe(env, &c, self);
    last = content_get(env, ADDCOW_NAME);
    expect_u64(env, "CRT-10", "length of the add-cow file", last.len,
               FILE_LEN);
    for (size_t i = c.file.next; i < c.end; i++) {
        follow_until(&c.file, i);
        if (follow_concerns(&c.file, i) && fills_sector_0(event_at(env, i))) {
            check_the_rest(env, &c.file.durable, &last);
            return;
        }
    }
    fail(env, "CRT-10", "a write of sector 0 through the host",
         "no such write in the recording");
}

/* ---- CRT-11: an old file loses its sector 0 first ----------------------- */

/* Whether NOW is OLD with zeros in some bytes of sector 0, which may have
 * become whole by that. */
static bool only_zeroed(const struct content *now, const struct content *old)
{
    size_t old_len = old->len < SECTOR ? old->len : SECTOR;

    if (now->len != old->len && (now->len > SECTOR || now->len < old->len))
        return false;
    for (size_t i = 0; i < now->len && i < SECTOR; i++)
        if (now->data[i] && (i >= old_len || now->data[i] != old->data[i]))
            return false;
    return now->len <= SECTOR ||
           !memcmp(now->data + SECTOR, old->data + SECTOR, old->len - SECTOR);
}

static bool is_zeroed(const struct content *durable)
{
    return !durable->exists ||
           pattern_is_zeros(durable->data,
                            durable->len < SECTOR ? durable->len : SECTOR);
}

static void zeroed_first(struct env *env, const struct conf_case *self)
{
    struct creation c;

    observe(env, &c, self);
    for (size_t i = c.file.next; i < c.end && !is_zeroed(&c.file.durable);
         i++) {
        follow_until(&c.file, i + 1);
        if (!c.file.visible.exists)
            break; /* removed whole: what follows is another file */
        expect_that(env, "CRT-11",
                    "before zeros in sector 0 are flushed nothing else of "
                    "the old file changes",
                    is_zeroed(&c.file.durable) ||
                        only_zeroed(&c.file.visible, &c.old),
                    "something else was changed by a %s", event_words(env, i));
    }
    expect_that(env, "CRT-11", "sector 0 was made zeros and flushed",
                !c.file.visible.exists || is_zeroed(&c.file.durable),
                "sector 0 is not durably zeros when the create ends");
}

/* ---- CRT-12: a flush after the last write ------------------------------- */

static void flushed_last(struct env *env, const struct conf_case *self)
{
    struct creation c;
    int pending = 1;

    observe(env, &c, self);
    for (size_t i = c.file.next; i < c.end; i++) {
        const struct event *e = event_at(env, i);

        follow_until(&c.file, i + 1);
        if (follow_concerns(&c.file, i))
            pending = e->kind != EV_FLUSH || e->result != ADDCOW_OK;
    }
    expect_that(env, "CRT-12", "the last write was followed by a flush",
                !pending, "no flush of the add-cow file came after it");
    expect_that(env, "CRT-12", "what is visible is durable",
                content_equal(&c.file.visible, &c.file.durable),
                "the durable add-cow file is another one");
}

/* ---- CRT-13: the host fails --------------------------------------------- */

/* What the name leads to after a create that failed. */
static void judge_rest(struct env *env, const struct content *old,
                       int could_tidy)
{
    struct content now = content_get(env, ADDCOW_NAME);
    int harmless = !has_magic(env, ADDCOW_NAME) || content_equal(&now, old);

    if (could_tidy || harmless) {
        expect_that(env, "CRT-13",
                    "after a create that failed the target is absent, "
                    "without the magic, or the old file",
                    harmless, "it has the magic and is another file");
        return;
    }
    /* The host failed from some point on, or at the close of the new file,
     * which stays if whole. */
    expect_new_image(env, "CRT-13", ADDCOW_NAME,
                     name_of(env, IMAGE_NAME, 1000 + strlen(IMAGE_NAME)),
                     name_of(env, BACKING_NAME, 1000 + strlen(BACKING_NAME)),
                     IMAGE_SIZE);
}

static void create_again(struct env *env, struct addcow_create_args *args)
{
    args->flags |= REPLACE;
    doing(env, "create again");
    must_create(env, "CRT-13", args);
    expect_new_image(env, "CRT-13", ADDCOW_NAME, args->image_name,
                     args->backing_name, IMAGE_SIZE);
}

/* One create with FAULT.  Returns 0 if it did not fire. */
static bool fails_once(struct env *env, const struct fault *fault,
                       uint64_t old_len)
{
    struct addcow_create_args args;
    struct content old;
    int result;

    new_world(env);
    put_world(env, &args, old_len);
    old = content_get(env, ADDCOW_NAME);
    put_fault(env, fault);
    result = shim_create(env, &args);
    clear_faults(env);
    if (n_faults_hit(env) == 0)
        return false;
    if (result == ADDCOW_OK) {
        expect_new_image(env, "CRT-13", ADDCOW_NAME, args.image_name,
                         args.backing_name, IMAGE_SIZE);
        return true;
    }
    expect_refused(env, "CRT-13", result, ADDCOW_IO, ADDCOW_NO_SPACE, 0);
    judge_rest(env, &old,
               !fault->for_good && !closed_in_vain(env, ADDCOW_NAME));
    create_again(env, &args);
    return true;
}

static void each_call(struct env *env, struct fault fault, uint64_t old_len)
{
    for (fault.nth = 1; fault.nth < MAX_CALLS; fault.nth++)
        if (!fails_once(env, &fault, old_len))
            break;
    expect_that(env, "CRT-13", "a create makes fewer than 500 calls",
                fault.nth < MAX_CALLS, "it makes 500 or more");
    expect_that(env, "CRT-13", "some call of the host was refused",
                fault.nth > 1, "the create made no call of the host");
}

static void any_call_fails(struct env *env, const struct conf_case *self)
{
    each_call(env, (struct fault){.kind = EV_ANY, .result = ADDCOW_IO},
              self->arg);
}

static void any_flush_fails(struct env *env, const struct conf_case *self)
{
    each_call(env, (struct fault){.kind = EV_FLUSH, .result = ADDCOW_IO},
              self->arg);
}

static void any_write_is_short(struct env *env, const struct conf_case *self)
{
    each_call(env,
              (struct fault){
                  .kind = EV_WRITE, .result = ADDCOW_NO_SPACE, .n_sectors = 1},
              self->arg);
}

static void all_calls_fail(struct env *env, const struct conf_case *self)
{
    each_call(
        env,
        (struct fault){.kind = EV_ANY, .result = ADDCOW_IO, .for_good = 1},
        self->arg);
}

/* ARG is the space that there is. */
static void disk_full(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args;
    struct content old;
    int result;

    put_world(env, &args, NO_OLD);
    old = content_get(env, ADDCOW_NAME);
    set_free_space(env, self->arg);
    result = shim_create(env, &args);
    set_free_space(env, UINT64_MAX);
    expect_refused(env, "CRT-13", result, ADDCOW_NO_SPACE, ADDCOW_IO, 0);
    judge_rest(env, &old, 1);
    create_again(env, &args);
}

const struct conf_case cases_crt_order[] = {
    {"crt/sector-0-comes-last",
     "Sector 0 is written after all else has been flushed", "CRT-10", NEEDS,
     .run = sector_0_is_last, .arg = NO_OLD},
    {"crt/sector-0-comes-last-replacing",
     "Sector 0 is written last over an image that is longer", "CRT-10", NEEDS,
     .run = sector_0_is_last, .arg = 9000},
    {"crt/sector-0-comes-last-replacing-a-stub",
     "Sector 0 is written last over a file that is shorter", "CRT-10", NEEDS,
     .run = sector_0_is_last, .arg = 700},
    {"crt/sector-0-comes-last-without-backing",
     "Sector 0 is written last where no backing file is named", "CRT-10",
     NEEDS, .run = sector_0_is_last, .arg = NO_OLD, .text = "no backing file"},
    {"crt/sector-0-comes-last-replacing-without-backing",
     "It is written last over an image that is longer, too", "CRT-10", NEEDS,
     .run = sector_0_is_last, .arg = 9000, .text = "no backing file"},
    {"crt/old-sector-0-goes-first",
     "An old image has zeros in sector 0, flushed, before it changes",
     "CRT-11", NEEDS, .run = zeroed_first, .arg = 9000},
    {"crt/old-sector-0-goes-first-at-equal-length",
     "An old image of the new length has its sector 0 zeroed first", "CRT-11",
     NEEDS, .run = zeroed_first, .arg = FILE_LEN},
    {"crt/old-sector-0-goes-first-without-a-bitmap",
     "An old file shorter than a header has its sector 0 zeroed first",
     "CRT-11", NEEDS, .run = zeroed_first, .arg = 1024},
    {"crt/old-sector-0-goes-first-where-it-is-short",
     "Of an old file of 100 bytes these bytes are zeroed first", "CRT-11",
     NEEDS, .run = zeroed_first, .arg = 100},
    {"crt/flush-after-the-last-write",
     "A flush of the add-cow file follows its last write", "CRT-12", NEEDS,
     .run = flushed_last, .arg = NO_OLD},
    {"crt/flush-after-the-last-write-replacing",
     "A flush follows the last write to a file that was replaced", "CRT-12",
     NEEDS, .run = flushed_last, .arg = 9000},
    {"crt/flush-after-the-last-write-without-backing",
     "A flush follows the last write where no backing file is named", "CRT-12",
     NEEDS, .run = flushed_last, .arg = NO_OLD, .text = "no backing file"},
    {"crt/old-sector-0-goes-first-without-backing",
     "An old image has its sector 0 zeroed first, no backing file named",
     "CRT-11", NEEDS, .run = zeroed_first, .arg = 9000,
     .text = "no backing file"},
    {"crt/any-call-fails-once",
     "Whichever host call fails, no torn image is left; create works again",
     "CRT-13", NEEDS | CASE_REFUSES, .run = any_call_fails, .arg = NO_OLD},
    {"crt/any-call-fails-once-replacing",
     "Whichever host call fails, the old image is whole or gone", "CRT-13",
     NEEDS | CASE_REFUSES, .run = any_call_fails, .arg = 9000},
    {"crt/any-flush-fails", "Whichever flush fails, no image is left",
     "CRT-13", NEEDS | CASE_REFUSES, .run = any_flush_fails, .arg = NO_OLD},
    {"crt/any-write-is-short",
     "Whichever write is short, no image is left; create works again",
     "CRT-13", NEEDS | CASE_REFUSES, .run = any_write_is_short, .arg = NO_OLD},
    {"crt/any-write-is-short-replacing",
     "Whichever write is short, the old image is whole or gone", "CRT-13",
     NEEDS | CASE_REFUSES, .run = any_write_is_short, .arg = 9000},
    {"crt/all-calls-fail-from-one-on",
     "Where the host fails for good, what is left is no torn image", "CRT-13",
     NEEDS | CASE_REFUSES, .run = all_calls_fail, .arg = NO_OLD},
    {"crt/all-calls-fail-from-one-on-replacing",
     "Where the host fails for good, the old image is whole, gone or replaced",
     "CRT-13", NEEDS | CASE_REFUSES, .run = all_calls_fail, .arg = 9000},
    {"crt/disk-full", "A full disk leaves no image", "CRT-13",
     NEEDS | CASE_REFUSES, .run = disk_full},
    {"crt/disk-full-within-the-header",
     "A disk with room for four sectors leaves no image", "CRT-13",
     NEEDS | CASE_REFUSES, .run = disk_full, .arg = 4 * SECTOR},
    {0}};
