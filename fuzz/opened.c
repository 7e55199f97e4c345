/* SPDX-License-Identifier: MIT
 *
 * opened.c - an image of files at rest, opened and judged by the table.
 */
#include "opened.h"
#include "fuzz.h"
#include "guard.h"

#include <stdbool.h>
#include <string.h>

static void see(const struct verdict *v)
{
    unsigned at = v->allowed;

    for (const char *c = v->clause; c && *c; c++)
        at = at * 31 + (unsigned char)*c;
    fuzz_see(at / 32, -(int)(at % 32));
}

/* A class is looked at only of a shim that tells them apart. */
static bool agrees(const struct addcow_shim *shim, outcomes allowed,
                   int result)
{
    if (shim->capabilities & ADDCOW_CAP_CLASSES || result == ADDCOW_OK)
        return table_allows(allowed, result);
    return result != ADDCOW_UNIMPLEMENTED && (allowed & ~UINT32_C(1)) != 0;
}

static void judge_answer(const uint8_t *data, size_t len, int result)
{
    int expected = table_probe(data, len);

    if (result != expected)
        fuzz_fail(expected == ADDCOW_VERSION ? "HDR-14" : "HDR-13",
                  "probe of %zu bytes: expected %s, got %s (%d)", len,
                  table_name(expected), table_name(result), result);
}

const struct addcow_host *judge_host(void)
{
    static struct addcow_host host;

    if (!host.size)
        guard(&host, still_host());
    return &host;
}

void judge_probe(const struct addcow_shim *shim, const uint8_t *data,
                 size_t len)
{
    if (!shim->probe)
        return;
    judge_answer(data, len, shim->probe(data, len));
    if (len > 12)
        judge_answer(data, 12, shim->probe(data, 12));
    fuzz_count(0, len > 12 ? 2 : 1, 0);
}

/* Which clause has it open. */
static const char *clause_of_good(const struct verdict *v)
{
    if (!v->has_backing)
        return "HDR-10";
    if (v->size == 0)
        return "SIZ-3";
    return "ERR-7";
}

static void judge_result(const struct addcow_shim *shim,
                         const struct verdict *v, int result)
{
    char expected[160];

    if (agrees(shim, v->allowed, result))
        return;
    table_words(expected, sizeof(expected), v->allowed);
    fuzz_fail(v->clause ? v->clause : clause_of_good(v),
              "open \"%s\": expected %s, got %s (%d)", still_entry(), expected,
              table_name(result), result);
}

/* The files that the header names: of none, if it is not accepted. */
static void judge_opened(const struct verdict *v)
{
    struct place named[2] = {v->image, v->backing};
    size_t n_named = v->accepted ? 1 + (size_t)v->has_backing : 0;
    const char *stranger = still_stranger(named, n_named);

    if (still_bug())
        fuzz_fail("RD-9", "%s", still_bug());
    if (stranger)
        fuzz_fail(v->accepted ? "NAM-2" : "HDR-15",
                  "open \"%s\": it opened \"%s\", %s", still_entry(), stranger,
                  v->accepted ? "which the header does not name"
                              : "before the header was accepted");
}

static void judge_size(const struct addcow_shim *shim, const struct verdict *v,
                       void *image)
{
    uint64_t size = 0;
    int result = shim->get_size(image, &size);

    if (result != ADDCOW_OK || size != v->size)
        fuzz_fail("SIZ-1",
                  "get_size: expected %llu bytes, got %llu and %s (%d)",
                  (unsigned long long)v->size, (unsigned long long)size,
                  table_name(result), result);
}

static void judge_leaks(void)
{
    if (still_n_open())
        fuzz_fail("ERR-4", "%u files of the host are still open",
                  still_n_open());
}

void *judge_open(struct verdict *verdict, const struct addcow_shim *shim,
                 const uint8_t *data, size_t len)
{
    const struct addcow_open_args args = {.size = sizeof(args),
                                          .name = still_entry()};
    const struct world world = {
        .look = still_look, .entry = still_entry(), .choices = shim->choices};
    void *image = NULL;
    int result;

    table_open(verdict, &world, data, len);
    see(verdict);
    still_set_image(&verdict->image);
    result = shim->open(&image, judge_host(), &args);
    fuzz_count(1, 1, 0);
    judge_result(shim, verdict, result);
    judge_opened(verdict);
    if (result != ADDCOW_OK) {
        judge_leaks();
        return NULL;
    }
    judge_size(shim, verdict, image);
    return image;
}

void judge_close(const struct addcow_shim *shim, const struct verdict *verdict,
                 void *image)
{
    int result = shim->close(image);

    fuzz_count(0, 2, 0); /* get_size as well */
    if (result != ADDCOW_OK)
        fuzz_fail("RD-9", "close: expected success, got %s (%d)",
                  table_name(result), result);
    judge_opened(verdict);
    judge_leaks();
}
