/* SPDX-License-Identifier: MIT
 *
 * witness_text.c - a state of a point as a string, and back.
 *
 * POINT:CHOICES.  A choice is "as2", "is1" (the size of the add-cow file, of
 * the image file: which one, 0 being durable), "a5.1", "i12-14.1" (a sector
 * or several and which content); what is not named is durable.  "POINT:-"
 * names none.  Cut again, it is two with "~" between.
 */
#include "base/memory.h"
#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- In words ----------------------------------------------------------- */

void crash_op_text(char *out, size_t size, const struct crash_op *op)
{
    switch (op->kind) {
    case CRASH_WRITE:
    case CRASH_ZEROS:
        snprintf(out, size, "write %" PRIu64 " %s at %" PRIu64, op->len,
                 op->kind == CRASH_ZEROS ? "zeros" : "bytes", op->offset);
        break;
    case CRASH_RESIZE:
        snprintf(out, size, "resize to %" PRIu64 " bytes", op->len);
        break;
    case CRASH_CREATE:
        snprintf(out, size, op->len ? "create, replacing" : "create");
        break;
    default:
        snprintf(out, size, "%s",
                 op->kind == CRASH_FLUSH    ? "flush"
                 : op->kind == CRASH_REOPEN ? "close and open"
                 : op->kind == CRASH_CLOSE  ? "close"
                 : op->kind == CRASH_KILL   ? "kill and open"
                                            : "nothing");
    }
}

static const char file_letters[N_WRITABLE] = {'a', 'i'};

/* ---- To a string -------------------------------------------------------- */

size_t picks_in_a_row(const struct state *s, size_t i)
{
    const struct pick *p = &s->picks[i];
    size_t n = 1;

    while (i + n < s->n_picks && p[n].file == p->file &&
           p[n].choice == p->choice && p[n].sector == p->sector + n)
        n++;
    return n;
}

static int put_picks(char *out, size_t size, const struct state *s, size_t i,
                     size_t n)
{
    const struct pick *p = &s->picks[i];
    char last[24] = "";

    if (n > 1)
        snprintf(last, sizeof(last), "-%" PRIu64, p[n - 1].sector);
    return snprintf(out, size, "%c%" PRIu64 "%s.%zu,", file_letters[p->file],
                    p->sector, last, p->choice);
}

void witness_put(char *out, size_t size, size_t point, const struct state *s)
{
    size_t used = (size_t)snprintf(out, size, "%zu:", point);
    size_t start = used;

    for (unsigned f = 0; f < N_WRITABLE && used < size; f++)
        if (s->size[f])
            used += (size_t)snprintf(out + used, size - used, "%cs%zu,",
                                     file_letters[f], s->size[f]);
    for (size_t i = 0, n; i < s->n_picks && used < size; i += n) {
        n = picks_in_a_row(s, i);
        used += (size_t)put_picks(out + used, size - used, s, i, n);
    }
    if (used == start)
        used += (size_t)snprintf(out + used, size - used, "-,");
    out[used < size ? used - 1 : 0] = '\0';
}

/* ---- From a string ------------------------------------------------------ */

enum { MAX_PICKS = 1 << 20 };

int crash_number(uint64_t *out, const char **text)
{
    const char *at = *text;
    uint64_t n = 0;

    if (*at < '0' || *at > '9')
        return -1;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (n > (UINT64_MAX - 9) / 10)
            return -1;
        n = n * 10 + (uint64_t)(*at - '0');
    }
    *out = n;
    *text = at;
    return 0;
}

/* "12.1" or "12-14.1". */
static int parse_picks(struct state *s, const char **text, unsigned file)
{
    uint64_t first, last, choice;

    if (crash_number(&first, text))
        return -1;
    last = first;
    if (**text == '-' && (++*text, crash_number(&last, text)))
        return -1;
    if (*(*text)++ != '.' || crash_number(&choice, text))
        return -1;
    if (last < first || last - first >= MAX_PICKS)
        return -1;
    for (uint64_t sector = first; sector <= last; sector++)
        state_pick(s, file, sector, (size_t)choice);
    return 0;
}

static int parse_choice(struct state *s, const char **text)
{
    unsigned file = **text == 'a' ? F_ADDCOW : F_IMAGE;
    uint64_t size;

    if (**text != 'a' && **text != 'i')
        return -1;
    if (*++*text != 's')
        return parse_picks(s, text, file);
    ++*text;
    if (crash_number(&size, text))
        return -1;
    s->size[file] = (size_t)size;
    return 0;
}

int witness_parse(struct state *s, const char *text)
{
    state_clear(s);
    if (strcmp(text, "-") == 0)
        return 0;
    for (;;) {
        if (parse_choice(s, &text))
            return -1;
        if (*text == '\0')
            return 0;
        if (*text++ != ',')
            return -1;
    }
}

/* Splits POINT:CHOICES.  -1: TEXT is not of that form. */
static int split(uint64_t *point, char **choices, const char *text)
{
    struct state s = {0};
    int result;

    result = crash_number(point, &text) || *text != ':' ||
             witness_parse(&s, text + 1);
    mem_free(s.picks);
    if (result)
        return -1;
    *choices = mem_string(text + 1);
    return 0;
}

int crash_only(struct crash *c, const char *witness)
{
    struct only *only = &c->only;
    char *outer = mem_string(witness);
    char *again = strchr(outer, '~');
    char *choices = NULL;
    char *unused = NULL;
    uint64_t point = 0;
    int result;

    if (again)
        *again++ = '\0';
    result = again ? split(&point, &unused, again) : 0;
    if (result == 0)
        result = split(&point, &choices, outer);
    if (result == 0) {
        mem_free(only->choices);
        mem_free(only->again);
        only->point = (size_t)point;
        only->choices = choices;
        only->again = again ? mem_string(again) : NULL;
    }
    mem_free(unused);
    mem_free(outer);
    return result;
}
