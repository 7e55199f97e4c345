/* SPDX-License-Identifier: MIT
 *
 * recipe_steps.c - what each step of a recipe does, in the order in which
 * corpus/README.md describes them.
 */
#include "recipe_steps.h"
#include "words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_HEX 64u

bool complain(const struct recipe *r, const char *what, const char *which)
{
    fprintf(stderr, "%s:%u: %s%s\n", r->path, r->line, what, which);
    return false;
}

static bool no_room(const struct recipe *r)
{
    return complain(r, "over the limits of a vector, or no memory", "");
}

static bool number(const struct recipe *r, size_t *out, const char *word)
{
    if (word_number(out, word, VECTOR_MAX_LEN))
        return true;
    return complain(r, "no number, or over the limit: ", word);
}

static bool name(const struct recipe *r, char out[WORD_MAX_NAME + 1],
                 const char *word)
{
    return word_name(out, word) || complain(r, "malformed name: ", word);
}

/* The file of that name, made by an earlier step; no link. */
static struct vector_file *file(const struct recipe *r, const char *word)
{
    char plain[WORD_MAX_NAME + 1];
    struct vector_file *found;

    if (!name(r, plain, word))
        return NULL;
    found = vector_find(r->v, plain);
    if (found && !found->target)
        return found;
    complain(r, "no such file in this recipe: ", word);
    return NULL;
}

/* A new one. */
static struct vector_file *add(const struct recipe *r, const char *word)
{
    char plain[WORD_MAX_NAME + 1];
    struct vector_file *made;

    if (!name(r, plain, word))
        return NULL;
    if (vector_find(r->v, plain)) {
        complain(r, "made twice: ", word);
        return NULL;
    }
    made = vector_add(r->v, plain);
    if (!made)
        no_room(r);
    return made;
}

static bool set_text(const struct recipe *r, char out[VECTOR_MAX_WORD],
                     const char *word)
{
    if (*out)
        return complain(r, "said twice: ", word);
    if (strlen(word) >= VECTOR_MAX_WORD)
        return complain(r, "too long: ", word);
    strcpy(out, word);
    return true;
}

static bool run_expect(struct recipe *r, char *const *args)
{
    for (int i = RESULT_VALID; i <= RESULT_IMPL; i++)
        if (strcmp(args[0], vector_result_name((enum vector_result)i)) == 0)
            r->v->result = (enum vector_result)i;
    if (!r->v->result)
        return complain(r, "neither valid, invalid nor impl: ", args[0]);
    if ((args[1] == NULL) != (r->v->result == RESULT_VALID))
        return complain(r, "wrong number of words after ", "expect");
    return set_text(r, r->v->classes, args[1] ? args[1] : "-");
}

/* file NAME LENGTH TAG */
static bool run_file(struct recipe *r, char *const *args)
{
    size_t len;
    struct vector_file *made;

    made = add(r, args[0]);
    if (!made || !number(r, &len, args[1]))
        return false;
    return bytes_fill(&made->content, args[2], len, 0) || no_room(r);
}

/* bytes NAME OFFSET HEX */
static bool run_bytes(struct recipe *r, char *const *args)
{
    uint8_t data[MAX_HEX];
    size_t len, offset;
    struct vector_file *to;

    to = file(r, args[0]);
    if (!to || !number(r, &offset, args[1]))
        return false;
    if (!word_hex(data, &len, args[2], MAX_HEX))
        return complain(r, "malformed bytes: ", args[2]);
    return bytes_write(&to->content, data, len, offset) || no_room(r);
}

/* length NAME LENGTH */
static bool run_length(struct recipe *r, char *const *args)
{
    size_t len;
    struct vector_file *of;

    of = file(r, args[0]);
    if (!of || !number(r, &len, args[1]))
        return false;
    return bytes_resize(&of->content, len) || no_room(r);
}

/* Writes the whole field, and no byte beyond it. */
static bool set_name(const struct recipe *r, struct vector_file *to,
                     size_t offset, const char *word)
{
    char text[WORD_MAX_NAME + 1];

    memset(text, 0, sizeof(text));
    if (!name(r, text, word))
        return false;
    if (strlen(text) > NAME_FIELD_LEN)
        return complain(r, "longer than its field: ", word);
    return bytes_write(&to->content, text, NAME_FIELD_LEN, offset) ||
           no_room(r);
}

/* header NAME BACKING IMAGE */
static bool run_header(struct recipe *r, char *const *args)
{
    static const uint8_t start[] = {0x41, 0x44, 0x44, 0x5f, 0x43, 0x4f,
                                    0x57, 0xff, 0,    0,    0,    1};
    struct vector_file *made;

    made = add(r, args[0]);
    if (!made)
        return false;
    if (!bytes_resize(&made->content, HEADER_LEN))
        return no_room(r);
    memcpy(made->content.data, start, sizeof(start));
    return set_name(r, made, BACKING_OFFSET, args[1]) &&
           set_name(r, made, IMAGE_OFFSET, args[2]);
}

/* bitmap NAME SIZE CLUSTER... */
static bool run_bitmap(struct recipe *r, char *const *args)
{
    size_t size, first, last;
    struct vector_file *to = file(r, args[0]);
    size_t n_clusters;

    if (!to || !number(r, &size, args[1]))
        return false;
    n_clusters = (size + CLUSTER_LEN - 1) / CLUSTER_LEN;
    if (!bytes_resize(&to->content, HEADER_LEN + (n_clusters + 7) / 8))
        return no_room(r);
    for (size_t i = 2; args[i]; i++) {
        if (!word_run(&first, &last, args[i], n_clusters))
            return complain(r, "no cluster of this size: ", args[i]);
        for (size_t c = first; c <= last; c++)
            to->content.data[HEADER_LEN + c / 8] |= (uint8_t)(1u << c % 8);
    }
    return true;
}

static bool make_link(struct recipe *r, char *const *args, bool symbolic)
{
    char target[WORD_MAX_NAME + 1];
    struct vector_file *made = add(r, args[0]);

    if (!made || !name(r, target, args[1]))
        return false;
    made->symbolic = symbolic;
    made->target = strdup(target);
    return made->target || no_room(r);
}

/* link NEW OLD */
static bool run_link(struct recipe *r, char *const *args)
{
    return file(r, args[1]) && make_link(r, args, false);
}

/* symlink NEW TARGET */
static bool run_symlink(struct recipe *r, char *const *args)
{
    return make_link(r, args, true);
}

/* guest LENGTH TAG */
static bool run_guest(struct recipe *r, char *const *args)
{
    struct bytes *guest = &r->v->guest;
    size_t len;

    if (!number(r, &len, args[0]))
        return false;
    return bytes_fill(guest, args[1], len, guest->len) || no_room(r);
}

/* guest-bytes HEX */
static bool run_guest_bytes(struct recipe *r, char *const *args)
{
    struct bytes *guest = &r->v->guest;
    uint8_t data[MAX_HEX];
    size_t len;

    if (!word_hex(data, &len, args[0], MAX_HEX))
        return complain(r, "malformed bytes: ", args[0]);
    return bytes_write(guest, data, len, guest->len) || no_room(r);
}

/* Notes what the defect may change. */
static bool begin_defect(struct recipe *r, const struct vector_file *of,
                         size_t len, size_t offset)
{
    r->defect = true;
    r->v->defect.present = true;
    r->v->defect.file = of->name;
    r->v->defect.offset = offset;
    r->v->defect.len = len;
    return !r->undo;
}

/* defect NAME OFFSET HEX */
static bool run_defect(struct recipe *r, char *const *args)
{
    uint8_t data[MAX_HEX];
    size_t len, offset;
    struct vector_file *to;

    to = file(r, args[0]);
    if (!to || !number(r, &offset, args[1]))
        return false;
    if (!word_hex(data, &len, args[2], MAX_HEX))
        return complain(r, "malformed bytes: ", args[2]);
    if (offset > to->content.len || len > to->content.len - offset)
        return complain(r, "a defect beyond the end of ", args[0]);
    if (!begin_defect(r, to, len, offset))
        return true;
    return bytes_write(&to->content, data, len, offset) || no_room(r);
}

/* defect-name NAME backing|image NAME */
static bool run_defect_name(struct recipe *r, char *const *args)
{
    bool backing = strcmp(args[1], "backing") == 0;
    size_t offset;
    struct vector_file *to;

    to = file(r, args[0]);
    if (!to)
        return false;
    if (!backing && strcmp(args[1], "image") != 0)
        return complain(r, "neither backing nor image: ", args[1]);
    if (to->content.len < HEADER_LEN)
        return complain(r, "no header in ", args[0]);
    offset = backing ? BACKING_OFFSET : IMAGE_OFFSET;
    if (!begin_defect(r, to, NAME_FIELD_LEN, offset))
        return true;
    return set_name(r, to, offset, args[2]);
}

/* defect-cut NAME LENGTH */
static bool run_defect_cut(struct recipe *r, char *const *args)
{
    size_t len;
    struct vector_file *of;

    of = file(r, args[0]);
    if (!of || !number(r, &len, args[1]))
        return false;
    if (len >= of->content.len)
        return complain(r, "a cut that cuts nothing off ", args[0]);
    if (!begin_defect(r, of, of->content.len - len, len))
        return true;
    return bytes_resize(&of->content, len) || no_room(r);
}

/* defect-remove NAME */
static bool run_defect_remove(struct recipe *r, char *const *args)
{
    struct vector_file *of;

    of = file(r, args[0]);
    if (!of)
        return false;
    if (!begin_defect(r, of, of->content.len, 0))
        return true;
    r->v->defect.file = NULL;
    r->v->defect.removed = true;
    vector_remove(r->v, of);
    return true;
}

/* The word after some steps goes into the vector as it is. */
#define TEXT(member) NULL, offsetof(struct vector, member)

/* A kind of step: its first word, how many words may follow, what it does:
 * RUN, which returns false after complain(), or the member to fill. */
static const struct {
    const char *word;
    size_t min;
    size_t max;
    bool (*run)(struct recipe *r, char *const *args);
    size_t offset;
} steps[] = {
    {"expect", 1, 2, run_expect, 0},
    {"clauses", 1, 1, TEXT(clauses)},
    {"level", 1, 1, TEXT(level)},
    {"since", 1, 1, TEXT(since)},
    {"entry", 1, 1, TEXT(entry)},
    {"file", 3, 3, run_file, 0},
    {"bytes", 3, 3, run_bytes, 0},
    {"length", 2, 2, run_length, 0},
    {"header", 3, 3, run_header, 0},
    {"bitmap", 2, 10, run_bitmap, 0},
    {"link", 2, 2, run_link, 0},
    {"symlink", 2, 2, run_symlink, 0},
    {"guest", 2, 2, run_guest, 0},
    {"guest-bytes", 1, 1, run_guest_bytes, 0},
    {"defect", 3, 3, run_defect, 0},
    {"defect-name", 3, 3, run_defect_name, 0},
    {"defect-cut", 2, 2, run_defect_cut, 0},
    {"defect-remove", 1, 1, run_defect_remove, 0},
};

enum { N_STEPS = sizeof(steps) / sizeof(steps[0]) };

bool step_run(struct recipe *r, char *const *words, size_t n_words)
{
    size_t i = 0;

    while (i < N_STEPS && strcmp(steps[i].word, words[0]) != 0)
        i++;
    if (i == N_STEPS)
        return complain(r, "no such step: ", words[0]);
    if (n_words - 1 < steps[i].min || n_words - 1 > steps[i].max)
        return complain(r, "wrong number of words after ", words[0]);
    if (steps[i].run)
        return steps[i].run(r, words + 1);
    return set_text(r, (char *)r->v + steps[i].offset, words[1]);
}
