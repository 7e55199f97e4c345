/* SPDX-License-Identifier: MIT
 *
 * waivers.c - failures that are known.
 */
#include "waivers.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/version.h"
#include "requirements.h"
#include "select.h"
#include "status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_FIELDS = 5 };
enum { LINE_SIZE = 65537 }; /* of a file: 65535 bytes, newline, NUL */

/* ---- Signatures --------------------------------------------------------- */

void waivers_signature(char out[SIGNATURE_SIZE], const struct outcome *o)
{
    snprintf(out, SIGNATURE_SIZE, "%s%s", o->clause[0] ? o->clause : "-",
             o->sign[0] ? o->sign : "/case/otherwise");
}

/* CLAUSE:8 digits in hex, a hash of words that have changed since. */
static bool is_of_1_0(const char *signature)
{
    const char *hash = strchr(signature, ':');

    return hash && strlen(hash) == 9 &&
           strspn(hash + 1, "0123456789abcdef") == 8;
}

/* CLAUSE/check/what was seen */
static bool is_signature(const char *s)
{
    size_t clause = strcspn(s, "/");
    size_t check = s[clause] ? strcspn(s + clause + 1, "/") : 0;

    if (is_of_1_0(s))
        return true;
    return clause && check && s[clause + 1 + check] == '/' &&
           s[clause + 1 + check + 1] && !strchr(s + clause + check + 2, '/');
}

/* Of a signature of 1.0 the clause is compared, up to this version.  Then what
 * no check decided was charged to the first clause of the case. */
static bool is_same(const char *waived, const char *signature,
                    const struct conf_case *c)
{
    size_t len = strcspn(waived, ":");
    const char *first = c->clauses;

    if (!is_of_1_0(waived) || version_compare(CONFORM_VERSION, "1.2") >= 0)
        return strcmp(waived, signature) == 0;
    return (strncmp(waived, signature, len) == 0 && signature[len] == '/') ||
           (strncmp(waived, first, len) == 0 && strcspn(first, " ") == len);
}

/* ---- Reading ------------------------------------------------------------ */

static int complain(const char *name, unsigned line, const char *what)
{
    fprintf(stderr, "addcow-conform: %s:%u: %s\n", name, line, what);
    return STATUS_USAGE;
}

static const struct waiver *find(const struct waiver *all, const char *id)
{
    for (; all && all->id; all++)
        if (strcmp(all->id, id) == 0)
            return all;
    return NULL;
}

/* Not an error: who waived it did so when there was such a case. */
static bool was_withdrawn(const char *id, const char *name, unsigned line)
{
    struct withdrawn old;

    if (!withdrawn_find(&old, id))
        return false;
    fprintf(stderr,
            "addcow-conform: %s:%u: case %s was withdrawn in %s; this line "
            "can go\n",
            name, line, old.id, old.version);
    return true;
}

static int judge(const struct waiver *all, const struct waiver *w,
                 const char *name, unsigned line)
{
    unsigned version[3];
    size_t place;

    if (!select_find(&place, w->id) && !was_withdrawn(w->id, name, line))
        return complain(name, line, "no such case; one waiver names one case");
    if (find(all, w->id) != w)
        return complain(name, line, "this case is waived further up");
    if (!verdict_is_failure(verdict_of_name(w->verdict)))
        return complain(name, line,
                        "the verdict is none of FAIL, CRASH, HANG, UNIMPL");
    if (!is_signature(w->signature))
        return complain(name, line, "this is no signature of a failure");
    if (version_parse(version, w->until))
        return complain(name, line, "'until' is no version of the suite");
    if (w->reason[strspn(w->reason, " ")] == '\0')
        return complain(name, line, "say why it is waived: no reason");
    return 0;
}

/* Cuts LINE into fields, which stay in it.  Their number. */
static int split(char *fields[N_FIELDS + 1], char *line)
{
    int n = 0;

    for (; n <= N_FIELDS; line++) {
        fields[n++] = line;
        line += strcspn(line, "\t");
        if (*line == '\0')
            break;
        *line = '\0';
    }
    return n;
}

static int take_line(struct waiver **all, size_t *n, char *text,
                     const char *name, unsigned line)
{
    char *fields[N_FIELDS + 1];
    size_t len;
    struct waiver *w;
    struct waiver *more;

    text[strcspn(text, "\r\n")] = '\0';
    if (*text == '#' || *text == '\0')
        return 0;
    if (split(fields, text) != N_FIELDS)
        return complain(name, line,
                        "not five fields with tabs between: case, verdict, "
                        "signature, until, reason");
    more = mem_new(*n + 2, sizeof(*more));
    memcpy(more, *all, *n * sizeof(*more));
    free(*all);
    *all = more;
    w = &more[(*n)++];
    w->line = line;
    w->id = mem_format("%s", fields[0]);
    w->verdict = mem_format("%s", fields[1]);
    w->signature = mem_format("%s", fields[2]);
    w->until = mem_format("%s", fields[3]);
    w->reason = text_utf8(&len, fields[4], strlen(fields[4]));
    return judge(more, w, name, line);
}

static int cannot_read(const char *name)
{
    fprintf(stderr, "addcow-conform: --waivers: '%s': %s\n", name,
            strerror(errno));
    return STATUS_USAGE;
}

/* One line, however many there are. */
static void note_old(const struct waiver *all, const char *name)
{
    size_t n = 0;
    unsigned first = 0;

    for (; all->id; all++) {
        if (!is_of_1_0(all->signature))
            continue;
        first = n++ ? first : all->line;
    }
    if (n == 0)
        return;
    fprintf(stderr, "addcow-conform: %s:%u: ", name, first);
    if (n > 1)
        fprintf(stderr, "and %zu more: ", n - 1);
    fputs("a signature of 1.0, its clause alone is compared; in 1.2 it is "
          "stale; --write-waivers FILE writes what replaces it\n",
          stderr);
}

/* Reads a line, with its newline, into TEXT; *OUT_LEN is 0 at the end of the
 * file.  A line with a NUL, or one that is too long, is refused at once: what
 * follows may have no end. */
static int read_line(char text[LINE_SIZE], size_t *out_len, FILE *file,
                     const char *name, unsigned line)
{
    size_t len = 0;
    int c = 0;

    while (len < LINE_SIZE - 1 && c != '\n' && (c = getc(file)) != EOF) {
        if (c == '\0')
            return complain(name, line, "there is a NUL byte in it");
        text[len++] = (char)c;
    }
    text[len] = '\0';
    *out_len = len;
    if (len == LINE_SIZE - 1 && c != '\n')
        return complain(name, line, "it is longer than 65535 bytes");
    return 0;
}

static int read_lines(struct waiver **all, FILE *file, const char *name)
{
    char *text = mem_new(LINE_SIZE, 1);
    size_t len = 1, n = 0;
    int result = 0;

    for (unsigned line = 1; result == 0 && len; line++) {
        result = read_line(text, &len, file, name, line);
        if (result == 0 && len)
            result = take_line(all, &n, text, name, line);
    }
    free(text);
    if (result == 0 && ferror(file))
        result = cannot_read(name);
    return result;
}

int waivers_read(struct waiver **out, const char *name)
{
    FILE *file = fopen(name, "r");
    int result;

    *out = NULL;
    if (!file)
        return cannot_read(name);
    *out = mem_new(1, sizeof(**out));
    result = read_lines(out, file, name);
    fclose(file);
    if (result == 0) {
        note_old(*out, name);
        return 0;
    }
    waivers_free(*out);
    *out = NULL;
    return result;
}

void waivers_free(struct waiver *waivers)
{
    for (struct waiver *w = waivers; w && w->id; w++) {
        free(w->id);
        free(w->verdict);
        free(w->signature);
        free(w->until);
        free(w->reason);
    }
    free(waivers);
}

/* ---- Judging ------------------------------------------------------------ */

static bool has_come(const char *version)
{
    return version_compare(version, CONFORM_VERSION) <= 0;
}

static void apply(struct result *r, const struct waiver *w)
{
    struct outcome *o = &r->outcome;
    char signature[SIGNATURE_SIZE];
    const char *got = verdict_name(o->verdict);

    waivers_signature(signature, o);
    r->stale = true;
    if (o->verdict == V_PASS) {
        o->verdict = V_XPASS;
        r->waiver = mem_format("it passes; waived: %s", w->reason);
    } else if (strcmp(got, w->verdict) != 0) {
        r->waiver = mem_format("it is waived for %s, not %s", w->verdict, got);
    } else if (!is_same(w->signature, signature, r->c)) {
        r->waiver = mem_format("another failure is waived: %s, not %s",
                               w->signature, signature);
    } else if (has_come(w->until)) {
        r->waiver =
            mem_format("it was waived until %s: %s", w->until, w->reason);
    } else {
        o->verdict = V_XFAIL;
        r->stale = false;
        r->waiver = mem_format("waived until %s: %s", w->until, w->reason);
    }
}

/* An ERROR is nobody's to waive. */
void waivers_apply(struct result *r, const struct waiver *waivers)
{
    const struct waiver *w = find(waivers, r->c->id);

    if (w && r->outcome.verdict != V_ERROR)
        apply(r, w);
}

/* ---- Writing ------------------------------------------------------------ */

/* The first version after this one that may break what worked. */
static void put_until(FILE *to)
{
    unsigned now[3];

    version_parse(now, CONFORM_VERSION);
    fprintf(to, "%u.%u", now[0], now[1] + 1);
}

static void put(FILE *to, const struct run *run, const struct result *r)
{
    char signature[SIGNATURE_SIZE];
    const struct waiver *w = find(run->waivers, r->c->id);

    waivers_signature(signature, &r->outcome);
    if (r->outcome.verdict == V_XFAIL && w) {
        fprintf(to, "%s\t%s\t%s\t%s\t%s\n", w->id, w->verdict, signature,
                w->until, w->reason);
        return;
    }
    if (!verdict_is_failure(r->outcome.verdict))
        return;
    fprintf(to, "%s\t%s\t%s\t", r->c->id, verdict_name(r->outcome.verdict),
            signature);
    put_until(to);
    fprintf(to, "\t%s\n", w ? w->reason : "");
}

/* Only the first failure of a case that was repeated. */
int waivers_write(FILE *to, const struct run *run)
{
    const struct conf_case *last = NULL;

    fputs("# case\tverdict\tsignature\tuntil\treason\n", to);
    for (size_t i = 0; i < run->n_reported; i++) {
        const struct result *r = &run->results[i];
        enum verdict v = r->outcome.verdict;

        if (r->c == last || !(verdict_is_failure(v) || v == V_XFAIL))
            continue;
        last = r->c;
        put(to, run, r);
    }
    return ferror(to) ? -1 : 0;
}
