/* SPDX-License-Identifier: MIT
 *
 * check.c - checks of results, of values and of files.
 */
#include "env_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void unimplemented(struct env *env, const char *clause)
{
    snprintf(env->out->clause, sizeof(env->out->clause), "%s", clause);
    snprintf(env->out->got, sizeof(env->out->got), "%s",
             result_name(ADDCOW_UNIMPLEMENTED));
    check_sign(env->out, CHECK_IMPLEMENTED, class_name(ADDCOW_UNIMPLEMENTED));
    leave(env, V_UNIMPL);
}

/* For callers that pass on what a wrapper returned. */
static void legal(struct env *env, int result)
{
    if (!result_name(result))
        check_result(env, result);
}

void expect_ok(struct env *env, const char *clause, int result)
{
    count_check(env, clause);
    legal(env, result);
    if (result == ADDCOW_UNIMPLEMENTED)
        unimplemented(env, clause);
    if (result)
        fail_as(env, clause, CHECK_SUCCESS, class_name(result), "success",
                "%s", result_name(result));
}

/* Whether RESULT is one of the classes in ARGS; what they are in words, each
 * once. */
static bool listed(char *words, size_t size, int result, va_list args)
{
    size_t n = 0;
    bool found = false;
    int class;

    words[0] = '\0';
    while ((class = va_arg(args, int)) != 0) {
        found = found || class == result;
        if (n < size && result_name(class) &&
            !strstr(words, result_name(class)))
            n += (size_t)snprintf(words + n, size - n, "%s%s", n ? " or " : "",
                                  result_name(class));
    }
    return found;
}

static void check_refusal(struct env *env, const char *clause, int result,
                          va_list classes)
{
    char words[300];
    char want[400];
    bool found = listed(words, sizeof(words), result, classes);

    count_check(env, clause);
    legal(env, result);
    snprintf(want, sizeof(want), "refused with %s",
             has_cap(env, ADDCOW_CAP_CLASSES) && words[0] ? words
                                                          : "any class");
    if (result == ADDCOW_OK)
        fail_as(env, clause, CHECK_REFUSED, class_name(result), want, "%s",
                result_name(result));
    if (result == ADDCOW_UNIMPLEMENTED && !found)
        unimplemented(env, clause);
    if (!found && words[0] && has_cap(env, ADDCOW_CAP_CLASSES))
        fail_as(env, clause, CHECK_REFUSED, class_name(result), want, "%s",
                result_name(result));
}

void expect_refused(struct env *env, const char *clause, int result, ...)
{
    va_list classes;

    va_start(classes, result);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_ok_or_refused(struct env *env, const char *clause, int result, ...)
{
    va_list classes;

    if (result == ADDCOW_OK) {
        count_check(env, clause);
        return;
    }
    va_start(classes, result);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_open_refused(struct env *env, const char *clause, const char *name,
                         uint32_t flags, ...)
{
    struct img *img;
    int result = img_open(env, &img, name, flags);
    va_list classes;

    va_start(classes, flags);
    check_refusal(env, clause, result, classes);
    va_end(classes);
}

void expect_true(struct env *env, const char *clause, const char *what,
                 bool holds)
{
    count_check(env, clause);
    if (!holds)
        fail_as(env, clause, CHECK_HOLDS, "not", what, "the contrary");
}

void expect_that(struct env *env, const char *clause, const char *want,
                 bool holds, const char *got_fmt, ...)
{
    char got[300];
    va_list args;

    count_check(env, clause);
    if (holds)
        return;
    va_start(args, got_fmt);
    vsnprintf(got, sizeof(got), got_fmt, args);
    va_end(args);
    fail_as(env, clause, CHECK_HOLDS, "not", want, "%s", got);
}

/* The unit of the number that WHAT names: sizes, lengths and ends are in
 * bytes, the others count what their name says. */
static const char *unit_of(const char *what)
{
    static const char *const nouns[] = {"size", "length", "end of"};

    for (size_t i = 0; i < sizeof(nouns) / sizeof(*nouns); i++)
        if (strstr(what, nouns[i]))
            return " bytes";
    return "";
}

void expect_u64(struct env *env, const char *clause, const char *what,
                uint64_t got, uint64_t want)
{
    const char *unit = unit_of(what);
    char words[200];

    count_check(env, clause);
    snprintf(words, sizeof(words), "%s: %" PRIu64 "%s", what, want, unit);
    if (got != want)
        fail_as(env, clause, CHECK_NUMBER, got < want ? "less" : "more", words,
                "%s: %" PRIu64 "%s", what, got, unit);
}

/* Some bytes in hex, those that differ first. */
static void hex(char *out, size_t size, const uint8_t *data, size_t len)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < len && i < 16 && n + 4 < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%02x", i ? " " : "",
                              data[i]);
}

/* LEN if all bytes are equal. */
static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;

    while (i < len && a[i] == b[i])
        i++;
    return i;
}

void expect_bytes(struct env *env, const char *clause, const char *what,
                  const void *got, const void *want, size_t len)
{
    const uint8_t *g = got;
    const uint8_t *w = want;
    char words[300];
    char wanted[64];
    char found[64];
    size_t i = first_difference(g, w, len);

    count_check(env, clause);
    if (i == len)
        return;
    hex(wanted, sizeof(wanted), w + i, len - i);
    hex(found, sizeof(found), g + i, len - i);
    snprintf(words, sizeof(words), "%s, from byte %zu on: %s (hex)", what, i,
             wanted);
    fail_as(env, clause, CHECK_BYTES,
            pattern_is_zeros(g, len) ? "zeros" : "other", words, "%s (hex)",
            found);
}

void expect_content(struct env *env, const char *clause, const char *what,
                    const void *got, const void *want, size_t len,
                    uint64_t offset)
{
    const uint8_t *g = got;
    const uint8_t *w = want;
    char wanted[120];
    char found[120];
    char words[300];
    size_t i = first_difference(g, w, len);

    count_check(env, clause);
    if (i == len)
        return;
    pattern_name(wanted, sizeof(wanted), w + i, len - i, offset + i);
    pattern_name(found, sizeof(found), g + i, len - i, offset + i);
    snprintf(words, sizeof(words), "%s, from byte %" PRIu64 " on: %s", what,
             offset + i, wanted);
    fail_as(env, clause, CHECK_BYTES,
            pattern_is_zeros(g, len) ? "zeros" : "other", words, "%s", found);
}

/* ---- Files */

/* Says what differs between OLD and NOW of the file NAME. */
static void changed(struct env *env, const char *clause, const char *name,
                    const struct store *old, const struct store *now,
                    uint64_t offset)
{
    uint8_t was[SECTOR];
    uint8_t is[SECTOR];
    char want[300];
    char words[120];
    size_t len = (size_t)(SECTOR - offset % SECTOR);

    if (offset >= store_size(old) || offset >= store_size(now)) {
        snprintf(want, sizeof(want), "\"%s\" as it was, %" PRIu64 " bytes",
                 shown_name(env, name), store_size(old));
        fail_as(env, clause, CHECK_UNCHANGED,
                store_size(now) < store_size(old)   ? "shorter"
                : store_size(now) > store_size(old) ? "longer"
                                                    : "length",
                want, "%" PRIu64 " bytes", store_size(now));
    }
    store_read(old, was, len, offset);
    store_read(now, is, len, offset);
    pattern_name(words, sizeof(words), was, len, offset);
    snprintf(want, sizeof(want), "\"%s\" as it was, at byte %" PRIu64 ": %s",
             shown_name(env, name), offset, words);
    pattern_name(words, sizeof(words), is, len, offset);
    fail_as(env, clause, CHECK_UNCHANGED, pattern_kind(is, len, offset), want,
            "%s", words);
}

static const struct store *snapped(struct env *env, const struct snapshot *s,
                                   const char *name)
{
    const struct store *old = snapshot_find(s, absolute(env, name));

    if (!old)
        error(env, "the snapshot has no file %s", name);
    return old;
}

static void compare(struct env *env, const char *clause, const char *name,
                    const struct store *old, const struct store *now)
{
    uint64_t offset;

    if (!now)
        fail_as(env, clause, CHECK_THERE, "gone", "the file is still there",
                "\"%s\" is gone", shown_name(env, name));
    if (store_differ(old, now, &offset))
        changed(env, clause, name, old, now, offset);
}

void expect_unchanged(struct env *env, const char *clause, struct snapshot *s,
                      const char *name)
{
    count_check(env, clause);
    compare(env, clause, name, snapped(env, s, name), keep_view(env, name));
}

/* What NOW would be had nothing happened to the range. */
static struct store *masked(const struct store *old, const struct store *now,
                            uint64_t len, uint64_t offset)
{
    struct store *m = store_clone(now);
    uint64_t end = offset + len;
    uint8_t buf[SECTOR];

    if (store_size(old) != store_size(now) && end >= store_size(old) &&
        end >= store_size(now))
        store_set_size(m, store_size(old));
    if (end > store_size(m))
        end = store_size(m);
    while (offset < end) {
        size_t n = end - offset < SECTOR ? (size_t)(end - offset) : SECTOR;

        store_read(old, buf, n, offset);
        store_write(m, buf, n, offset);
        offset += n;
    }
    return m;
}

void expect_unchanged_except(struct env *env, const char *clause,
                             struct snapshot *s, const char *name,
                             uint64_t len, uint64_t offset)
{
    const struct store *old = snapped(env, s, name);
    const struct store *now = keep_view(env, name);
    struct store *m;
    uint64_t at;

    count_check(env, clause);
    if (!now)
        fail_as(env, clause, CHECK_THERE, "gone", "the file is still there",
                "\"%s\" is gone", shown_name(env, name));
    m = masked(old, now, len, offset);
    if (!store_differ(old, m, &at)) {
        store_free(m);
        return;
    }
    store_free(m);
    changed(env, clause, name, old, now, at);
}

void expect_nothing_changed(struct env *env, const char *clause,
                            struct snapshot *s)
{
    const struct snapshot *now = take_snapshot(env);

    count_check(env, clause);
    for (size_t i = 0; i < s->n_files; i++)
        compare(env, clause, s->files[i].path, s->files[i].content,
                snapshot_find(now, s->files[i].path));
    for (size_t i = 0; i < now->n_files; i++)
        if (!snapshot_find(s, now->files[i].path))
            fail_as(env, clause, CHECK_NEW_FILE, "new", "no new file",
                    "\"%s\"", shown_name(env, now->files[i].path));
}
