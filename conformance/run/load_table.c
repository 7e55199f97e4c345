/* SPDX-License-Identifier: MIT
 *
 * load_table.c - judging the table of a shim: sizes, numbers, claims.
 */
#include "base/clauses.h"
#include "base/text.h"
#include "load.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MEMBER(name) offsetof(struct addcow_shim, name), #name

/* Members that must be there: each of a shim, or with a capability. */
static const struct {
    uint64_t capability; /* 0: required */
    size_t offset;
    const char *name;
} members[] = {
    {0, MEMBER(open)},
    {0, MEMBER(close)},
    {0, MEMBER(get_size)},
    {0, MEMBER(read)},
    {ADDCOW_CAP_WRITE, MEMBER(write)},
    {ADDCOW_CAP_WRITE, MEMBER(flush)},
    {ADDCOW_CAP_CREATE, MEMBER(create)},
    {ADDCOW_CAP_RESIZE, MEMBER(set_size)},
    {ADDCOW_CAP_MAP, MEMBER(map)},
    {ADDCOW_CAP_CHECK, MEMBER(check)},
    {ADDCOW_CAP_DISCARD, MEMBER(discard)},
};

/* A shim may claim a capability of a later revision: this suite has no cases
 * for it, and no reason to refuse the shim. */
static const struct {
    uint64_t bit;
    const char *name;
    uint64_t needs;
} capabilities[] = {
    {ADDCOW_CAP_HOST, "HOST", 0},
    {ADDCOW_CAP_WRITE, "WRITE", 0},
    {ADDCOW_CAP_CREATE, "CREATE", 0},
    {ADDCOW_CAP_RESIZE, "RESIZE", ADDCOW_CAP_WRITE},
    {ADDCOW_CAP_MAP, "MAP", 0},
    {ADDCOW_CAP_CHECK, "CHECK", 0},
    {ADDCOW_CAP_WRITETHROUGH, "WRITETHROUGH", ADDCOW_CAP_WRITE},
    {ADDCOW_CAP_CONCURRENT, "CONCURRENT", 0},
    {ADDCOW_CAP_CLASSES, "CLASSES", 0},
    {ADDCOW_CAP_DISCARD, "DISCARD", ADDCOW_CAP_WRITE},
};

enum { MOST_SIZE = 65536 }; /* of a table that could be meant */

enum { N_CAPABILITIES = sizeof(capabilities) / sizeof(*capabilities) };

const char *load_next_capability(uint64_t *mask)
{
    for (size_t i = 0; i < N_CAPABILITIES; i++)
        if (*mask & capabilities[i].bit) {
            *mask &= ~capabilities[i].bit;
            return capabilities[i].name;
        }
    return NULL;
}

const char *load_capability_name(uint64_t mask)
{
    const char *name = load_next_capability(&mask);

    return name ? name : "?";
}

uint64_t load_capability_bit(const char *name)
{
    for (size_t i = 0; i < N_CAPABILITIES; i++)
        if (strcmp(capabilities[i].name, name) == 0)
            return capabilities[i].bit;
    return 0;
}

static bool is_null(const struct addcow_shim *shim, size_t offset)
{
    static const unsigned char zeros[sizeof(void (*)(void))];

    return memcmp((const char *)shim + offset, zeros, sizeof(zeros)) == 0;
}

static int judge_members(const struct addcow_shim *shim, struct complaint *why)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        uint64_t capability = members[i].capability;

        if (capability && !(shim->capabilities & capability))
            continue;
        if (!is_null(shim, members[i].offset))
            continue;
        if (capability)
            snprintf(why->text, sizeof(why->text),
                     "it claims %s, but its member %s is null",
                     load_capability_name(capability), members[i].name);
        else
            snprintf(why->text, sizeof(why->text),
                     "its required member %s is null or missing",
                     members[i].name);
        return -1;
    }
    return 0;
}

static int judge_claims(const struct addcow_shim *shim, struct complaint *why)
{
    for (size_t i = 0; i < N_CAPABILITIES; i++) {
        uint64_t needs = capabilities[i].needs;

        if (!(shim->capabilities & capabilities[i].bit) ||
            (shim->capabilities & needs) == needs)
            continue;
        snprintf(why->text, sizeof(why->text),
                 "it claims %s without %s, which that needs",
                 capabilities[i].name, load_capability_name(needs));
        return -1;
    }
    return 0;
}

static bool is_empty(const char *s)
{
    return !s || *s == '\0';
}

static int judge_names(const struct addcow_shim *shim, struct complaint *why)
{
    const char *what = NULL;

    if (is_empty(shim->name))
        what = "name";
    else if (is_empty(shim->version))
        what = "version";
    if (what)
        snprintf(why->text, sizeof(why->text), "its %s is null or empty",
                 what);
    return what ? -1 : 0;
}

/* The specification lists the choices of a point as "(a) ..., (b) ...". */
static bool offers(const struct clause *clause, const char *choice)
{
    const char listed[] = {'(', choice[0], ')', '\0'};

    return choice[0] >= 'a' && choice[0] <= 'z' && choice[1] == '\0' &&
           strstr(clause->words, listed) != NULL;
}

static bool declared_before(const struct addcow_choice *list,
                            const struct addcow_choice *c)
{
    for (; list != c; list++)
        if (strcmp(list->clause, c->clause) == 0)
            return true;
    return false;
}

static int judge_choice(const struct addcow_choice *list,
                        const struct addcow_choice *c, struct complaint *why)
{
    const struct clause *clause = clause_find(c->clause);
    const char *what = NULL;

    if (!c->choice)
        what = "without a letter";
    else if (!clause || clause->level != LEVEL_CHOICE)
        what = "where the specification leaves no choice";
    else if (!offers(clause, c->choice))
        what = "which the specification does not offer there";
    else if (declared_before(list, c))
        what = "and declares that point twice";
    if (what)
        snprintf(why->text, sizeof(why->text), "it declares choice %s=%s, %s",
                 c->clause, c->choice ? c->choice : "(null)", what);
    return what ? -1 : 0;
}

static int judge_choices(const struct addcow_shim *shim, struct complaint *why)
{
    const struct addcow_choice *list = shim->choices;

    for (const struct addcow_choice *c = list; c && c->clause; c++)
        if (judge_choice(list, c, why))
            return -1;
    return 0;
}

/* Sizes first, then the ABI number: the members after these two mean what we
 * think only if both are right. */
static int judge_size(const struct addcow_shim *given, struct complaint *why)
{
    uint32_t size = given->size;

    if (size < ADDCOW_END(struct addcow_shim, abi) || size > MOST_SIZE) {
        snprintf(why->text, sizeof(why->text),
                 "its table claims a size of %u bytes", size);
        return -1;
    }
    if (given->abi != ADDCOW_SHIM_ABI) {
        snprintf(why->text, sizeof(why->text),
                 "it was built for ABI %u, the suite drives ABI %u",
                 given->abi, ADDCOW_SHIM_ABI);
        return -1;
    }
    if (size % sizeof(void *)) {
        snprintf(why->text, sizeof(why->text),
                 "its table ends inside a member, at %u bytes", size);
        return -1;
    }
    return 0;
}

int load_table(struct addcow_shim *out, struct complaint *why,
               const struct addcow_shim *given)
{
    memset(out, 0, sizeof(*out));
    if (!given) {
        snprintf(why->text, sizeof(why->text),
                 "addcow_shim_get() returned a null pointer");
        return -1;
    }
    if (judge_size(given, why))
        return -1;
    memcpy(out, given,
           given->size < sizeof(*out) ? given->size : sizeof(*out));
    if (judge_members(out, why) || judge_names(out, why) ||
        judge_claims(out, why))
        return -1;
    return judge_choices(out, why);
}

static void append(char *out, size_t size, const char *a, const char *b)
{
    size_t used = strlen(out);

    snprintf(out + used, size - used, "%s%s=%s", used ? " " : "", a, b);
}

void load_describe(struct shim_info *out, const struct addcow_shim *shim)
{
    memset(out, 0, sizeof(*out));
    snprintf(out->name, sizeof(out->name), "%s", shim->name);
    snprintf(out->version, sizeof(out->version), "%s", shim->version);
    for (size_t i = 0; i < N_CAPABILITIES; i++)
        out->capabilities |= shim->capabilities & capabilities[i].bit;
    for (const struct addcow_choice *c = shim->choices; c && c->clause; c++)
        append(out->choices, sizeof(out->choices), c->clause, c->choice);
    text_make_utf8(out->name, sizeof(out->name));
    text_make_utf8(out->version, sizeof(out->version));
}
