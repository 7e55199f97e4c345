/* SPDX-License-Identifier: MIT
 *
 * hint.c - mistakes that authors of shims make.
 *
 * Most failures of a new shim do not concern the format: they are slips in
 * the contract with the suite, and these look alike.
 */
#include "hint.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* HINT is for an outcome that begins or has these; null matches anything. */
static const struct {
    enum verdict verdict;
    const char *doing; /* it begins so */
    const char *expected;
    const char *got; /* it has this somewhere */
    const char *hint;
} rules[] = {
    {V_FAIL, NULL, NULL, "a positive number is never a result",
     "0 is success, also of a read; neither a count of bytes nor errno is a "
     "result: see \"Results\" in addcow_shim.h"},
    {V_FAIL, NULL, NULL, "looks like -errno",
     "translate errno to the classes of enum addcow_result: see \"Results\" "
     "in addcow_shim.h"},
    {V_FAIL, NULL, NULL, "is still open after",
     "a file that was opened through the host is closed before the call "
     "returns: see struct addcow_host in addcow_shim.h"},
    {V_UNIMPL, NULL, NULL, "UNIMPLEMENTED (-89)",
     "a capability that is claimed is tested: do it, or leave out its bit; "
     "see \"Capabilities\" in addcow_shim.h"},
    {V_FAIL, NULL, "refused with ", "OTHER (-1012)",
     "only a shim that tells error classes apart claims CLASSES: see "
     "\"CLASSES\" in addcow_shim.h"},
    {V_FAIL, "open ", "success", "NOT_FOUND (-1005)",
     "with HOST files are opened by the host, not by the system, and names "
     "of a header start where the add-cow file is: see \"HOST\" in "
     "addcow_shim.h, and NAM-2"},
    {V_FAIL, NULL, "choice", "",
     "the implementation does not do what its shim declares: see struct "
     "addcow_choice in addcow_shim.h"},
    {V_FAIL, NULL, "the call stays within its buffer", "",
     "a call writes LEN bytes at OUT, none past them, whatever the unit of "
     "the storage is: see read in struct addcow_shim"},
    {V_FAIL, NULL, "the shim leaves other processes alone", "",
     "a shim neither stops nor kills a process that it has not started: see "
     "\"The life of a run\" in addcow_shim.h"},
    {V_FAIL, "read ", "refused with RANGE", "success (0)",
     "a request that passes the virtual size is refused whole, not cut: see "
     "read in struct addcow_shim"},
    {V_FAIL, "read ", NULL, "unknown bytes: 15 15 15 15",
     "the read left these bytes of the buffer alone: 0 means all LEN bytes, "
     "and the arguments are out, len, offset; see \"The law of arguments\" "
     "in addcow_shim.h"},
    {V_CRASH, "close ", NULL, "",
     "close() gives everything back, once, whatever it returns: see close "
     "in struct addcow_shim; --valgrind shows what was freed twice"},
    {V_CRASH, "read ", NULL, "",
     "does the read write past LEN bytes, or at an offset that it took for "
     "the length? see \"The law of arguments\" in addcow_shim.h; --valgrind "
     "shows where"},
    {V_CRASH, NULL, NULL, "",
     "a shim does not end the process: see \"The life of a run\" in "
     "addcow_shim.h; --gdb runs the case where you can look"},
    {V_HANG, NULL, NULL, "",
     "each call returns, and is made alone unless CONCURRENT is claimed: "
     "see \"Concurrency\" in addcow_shim.h; --gdb shows where it waits"},
};

static bool begins(const char *s, const char *with)
{
    return !with || strncmp(s, with, strlen(with)) == 0;
}

/* "virtual size: 196608 bytes" and "virtual size: 384 bytes". */
static bool is_in_sectors(const struct outcome *o)
{
    const char *wanted = strchr(o->expected, ':');
    const char *found = strchr(o->got, ':');
    uint64_t want;
    uint64_t got;

    if (!begins(o->doing, "get the size") || !wanted || !found)
        return false;
    want = strtoull(wanted + 1, NULL, 10);
    got = strtoull(found + 1, NULL, 10);
    return got > 0 && want % 512 == 0 && want / 512 == got;
}

/* Several images are open, and one shows what is another's. */
static bool is_of_another(const struct outcome *o)
{
    return o->verdict == V_FAIL && strcmp(o->clause, "LIM-5") == 0 &&
           begins(o->doing, "read ");
}

const char *hint_of(const struct outcome *o)
{
    if (is_of_another(o))
        return "images that are open together share nothing: what is known of "
               "one stays with the handle that open() gives, not in a "
               "variable of the shim; see open in struct addcow_shim";
    if (o->verdict == V_FAIL && is_in_sectors(o))
        return "sizes, lengths and offsets are in bytes, never in sectors: "
               "see \"The law of arguments\" in addcow_shim.h";
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (o->verdict == rules[i].verdict &&
            begins(o->doing, rules[i].doing) &&
            begins(o->expected, rules[i].expected) &&
            strstr(o->got, rules[i].got))
            return rules[i].hint;
    return NULL;
}
