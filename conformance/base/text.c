/* SPDX-License-Identifier: MIT
 *
 * text.c - text of others on a terminal and as words of a shell.
 */
#include "text.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 79 };

static void put_byte(FILE *to, char byte)
{
    unsigned value = (unsigned char)byte;

    if (value < 0x20 || value == 0x7f)
        fprintf(to, "\\x%02x", value);
    else
        fputc(byte, to);
}

static void put_bytes(FILE *to, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put_byte(to, s[i]);
}

void text_put(FILE *to, const char *s)
{
    put_bytes(to, s, strlen(s));
}

void text_put_wrapped(FILE *to, const char *s, int indent)
{
    int column = indent;

    for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
        int len = (int)strcspn(s, " ");

        if (column > indent && column + 1 + len > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', to);
            column++;
        }
        put_bytes(to, s, (size_t)len);
        column += len;
        s += len;
    }
}

void text_put_quoted(FILE *to, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=./:,@%";

    if (*s && s[strspn(s, plain)] == '\0') {
        fputs(s, to);
        return;
    }
    fputc('\'', to);
    for (; *s; s++)
        if (*s == '\'')
            fputs("'\\''", to);
        else
            fputc(*s, to);
    fputc('\'', to);
}

void text_put_lines(FILE *to, const char *prefix, const char *s, size_t len)
{
    while (len > 0) {
        const char *end = memchr(s, '\n', len);
        size_t line_len = end ? (size_t)(end - s) : len;

        fputs(prefix, to);
        put_bytes(to, s, line_len);
        fputc('\n', to);
        len -= line_len + (end != NULL);
        s += line_len + (end != NULL);
    }
}

void text_put_seconds(FILE *to, uint64_t microseconds)
{
    fprintf(to, "%" PRIu64 ".%06" PRIu64, microseconds / 1000000,
            microseconds % 1000000);
}
