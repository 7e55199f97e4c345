/* SPDX-License-Identifier: MIT
 *
 * words.c - reading numbers, bytes and names.
 */
#include "words.h"

#include <stdbool.h>
#include <string.h>

bool word_number(size_t *out, const char *word, size_t max)
{
    size_t n = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        size_t digit;

        if (*word < '0' || *word > '9')
            return false;
        digit = (size_t)(*word - '0');
        if (digit > max || n > (max - digit) / 10)
            return false;
        n = 10 * n + digit;
    }
    *out = n;
    return true;
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* One byte of two digits; false if they are not there. */
static bool hex_byte(uint8_t *out, const char *word)
{
    int high = digit(word[0]);
    int low = high < 0 ? -1 : digit(word[1]);

    if (low < 0)
        return false;
    *out = (uint8_t)(high << 4 | low);
    return true;
}

bool word_hex(uint8_t *out, size_t *out_len, const char *word, size_t max_len)
{
    size_t n = 0;

    for (; *word; word += 2, n++)
        if (n == max_len || !hex_byte(&out[n], word))
            return false;
    *out_len = n;
    return n > 0;
}

struct name {
    char *out;
    size_t len;
};

static bool append(struct name *name, const char *text, size_t len, size_t n)
{
    for (; n > 0; n--) {
        if (len > WORD_MAX_NAME - name->len)
            return false;
        memcpy(name->out + name->len, text, len);
        name->len += len;
    }
    return true;
}

/* {TEXT*N}: appends it and returns what follows, or null. */
static const char *repeat(struct name *name, const char *word)
{
    const char *star = strchr(word, '*');
    const char *end = strchr(word, '}');
    char number[8];
    size_t n;
    if (!star || !end || end < star || end - star > 7)
        return NULL;
    memcpy(number, star + 1, (size_t)(end - star - 1));
    number[end - star - 1] = '\0';
    if (!word_number(&n, number, WORD_MAX_NAME))
        return NULL;
    if (!append(name, word + 1, (size_t)(star - word - 1), n))
        return NULL;
    return end + 1;
}

/* \xHH: appends the byte and returns what follows, or null. */
static const char *escape(struct name *name, const char *word)
{
    uint8_t byte;
    if (word[1] != 'x' || !hex_byte(&byte, word + 2) || byte == 0)
        return NULL;
    return append(name, (const char *)&byte, 1, 1) ? word + 4 : NULL;
}

bool word_name(char out[WORD_MAX_NAME + 1], const char *word)
{
    struct name name = {out, 0};
    if (strcmp(word, "\"\"") == 0)
        word = "";
    while (word && *word) {
        if (*word == '{')
            word = repeat(&name, word);
        else if (*word == '\\')
            word = escape(&name, word);
        else
            word = append(&name, word, 1, 1) ? word + 1 : NULL;
    }
    out[name.len] = '\0';

    return word != NULL;
}

bool word_run(size_t *first, size_t *last, const char *word, size_t max)
{
    char from[16];
    size_t len = strcspn(word, "-");

    if (len >= sizeof(from))
        return false;
    memcpy(from, word, len);
    from[len] = '\0';
    if (!word_number(first, from, max) || *first >= max)
        return false;
    *last = *first;
    if (word[len] && !word_number(last, word + len + 1, max))
        return false;
    return *last < max && *first <= *last;
}
