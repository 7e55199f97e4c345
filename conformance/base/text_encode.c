/* SPDX-License-Identifier: MIT
 *
 * text_encode.c - text of others in files that programs read.
 *
 * All of these files are UTF-8, and what an implementation prints need not
 * be: it is made so when the runner takes it, once for all reports.
 */
#include "memory.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes may follow FIRST, and the least and the greatest value of the
 * first of these: overlong forms, surrogates and numbers past the last are
 * refused. */
static int n_following(unsigned first, unsigned *least, unsigned *greatest)
{
    *least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    if (first >= 0xf0 && first <= 0xf4)
        return 3;
    return -1;
}

/* The length of the character at S; 0 if there is no character. */
static size_t character_len(const char *s, size_t len)
{
    unsigned least, greatest;
    int n = n_following((unsigned char)s[0], &least, &greatest);

    if (n < 0 || (size_t)n >= len)
        return 0;
    for (int i = 1; i <= n; i++) {
        unsigned byte = (unsigned char)s[i];

        if (byte < least || byte > greatest)
            return 0;
        least = 0x80;
        greatest = 0xbf;
    }
    return (size_t)n + 1;
}

char *text_utf8(size_t *out_len, const char *s, size_t len)
{
    char *out = mem_new(4 * len + 1, 1);
    size_t n = 0;

    while (len > 0) {
        size_t part = character_len(s, len);

        if (part)
            memcpy(out + n, s, part);
        else
            snprintf(out + n, 5, "\\x%02x", (unsigned char)*s);
        n += part ? part : 4;
        part += part == 0;
        s += part;
        len -= part;
    }
    out[n] = '\0';
    *out_len = n;
    return out;
}

void text_make_utf8(char *s, size_t size)
{
    size_t len;
    char *good = text_utf8(&len, s, strlen(s));

    while (len >= size)
        do
            len--;
        while ((good[len] & 0xc0) == 0x80);
    memcpy(s, good, len);
    s[len] = '\0';
    free(good);
}

/* XML has no way to write a control character, nor U+FFFE and U+FFFF. */
static bool is_forbidden(const char *s, size_t len)
{
    unsigned first = (unsigned char)s[0];

    if ((first < 0x20 && first != '\n') || first == 0x7f)
        return true;
    if (character_len(s, len) == 0)
        return true;
    return first == 0xef && (unsigned char)s[1] == 0xbf &&
           (unsigned char)s[2] >= 0xbe;
}

static void put_xml_byte(FILE *to, char byte)
{
    if (byte == '&')
        fputs("&amp;", to);
    else if (byte == '<')
        fputs("&lt;", to);
    else if (byte == '>')
        fputs("&gt;", to);
    else if (byte == '"')
        fputs("&quot;", to);
    else if (byte == '\n')
        fputs("&#10;", to);
    else
        fputc(byte, to);
}

/* Its length, at least 1. */
static size_t put_character(FILE *to, const char *s, size_t len)
{
    size_t n = character_len(s, len);

    n += n == 0;
    fwrite(s, 1, n, to);
    return n;
}

void text_put_xml(FILE *to, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)s[i];

        if (is_forbidden(s + i, len - i))
            fprintf(to, "\\x%02x", byte);
        else if (byte < 0x80)
            put_xml_byte(to, s[i]);
        else
            i += put_character(to, s + i, len - i) - 1;
    }
}

void text_put_json(FILE *to, const char *s, size_t len)
{
    fputc('"', to);
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)s[i];

        if (byte == '"' || byte == '\\')
            fprintf(to, "\\%c", (int)byte);
        else if (byte == '\n')
            fputs("\\n", to);
        else if (byte < 0x20 || byte == 0x7f)
            fprintf(to, "\\u%04x", byte);
        else if (byte >= 0x80 && character_len(s + i, len - i) == 0)
            fprintf(to, "\\\\x%02x", byte);
        else
            i += put_character(to, s + i, len - i) - 1;
    }
    fputc('"', to);
}
