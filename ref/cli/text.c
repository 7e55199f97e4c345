/* SPDX-License-Identifier: MIT
 *
 * Text of the addcow command: names that a terminal must not obey (SEC-4),
 * JSON, sizes for people.
 */
#include "cli.h"

#include <string.h>

/* The lead bytes of UTF-8, each with what may follow at once: nothing
 * overlong, no surrogates, nothing above U+10FFFF. */
static const struct {
    unsigned char first;
    unsigned char last;
    unsigned char second_first;
    unsigned char second_last;
    unsigned char len;
} leads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* The number of bytes of the character at AT, which is not ASCII; 0 if it is
 * not UTF-8.  A NUL ends the text and continues no character. */
static size_t multibyte_len(const unsigned char *at)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
        if (at[0] < leads[i].first || at[0] > leads[i].last)
            continue;
        if (at[1] < leads[i].second_first || at[1] > leads[i].second_last)
            return 0;
        for (size_t j = 2; j < leads[i].len; j++)
            if ((at[j] & 0xC0) != 0x80)
                return 0;
        return leads[i].len;
    }
    return 0;
}

/* Characters beyond ASCII that act on a terminal or on the text around them:
 * C1 controls, marks and overrides of direction, separators of lines. */
static bool acts(const unsigned char *at, size_t len)
{
    if (len == 2)
        return (at[0] == 0xC2 && at[1] < 0xA0) ||
               (at[0] == 0xD8 && at[1] == 0x9C);
    if (len != 3 || at[0] != 0xE2)
        return false;
    return (at[1] == 0x80 && ((at[2] >= 0x8B && at[2] <= 0x8F) ||
                              (at[2] >= 0xA8 && at[2] <= 0xAE))) ||
           (at[1] == 0x81 && at[2] >= 0xA0 && at[2] <= 0xAF);
}

/* The number of bytes from AT on that may be printed as they are, or 0. */
static size_t harmless_len(const unsigned char *at)
{
    size_t len;

    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7F && !strchr("\"'\\", at[0]);
    len = multibyte_len(at);
    return len && !acts(at, len) ? len : 0;
}

void print_escaped(FILE *stream, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at) {
        size_t len = harmless_len(at);

        if (len)
            fwrite(at, 1, len, stream);
        else
            fprintf(stream, "\\x%02x", at[0]);
        at += len ? len : 1;
    }
}

void print_quoted(FILE *stream, const char *text)
{
    putc('"', stream);
    print_escaped(stream, text);
    putc('"', stream);
}

void print_json_text(FILE *stream, const char *text)
{
    putc('"', stream);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < 0x20 || *at > 0x7E || *at == '"' || *at == '\\')
            fprintf(stream, "\\u%04x", *at);
        else
            putc(*at, stream);
    putc('"', stream);
}

/* Tenths, rounded down: what is not whole never looks whole. */
void print_size(FILE *stream, uint64_t size)
{
    static const char units[] = "KMGTPE";
    unsigned unit = 0;

    fprintf(stream, "%llu bytes", (unsigned long long)size);
    if (size < 1024)
        return;
    while (unit < 5 && size >> (10 * (unit + 2)))
        unit++;
    fprintf(stream, " (%llu.%llu %ciB)",
            (unsigned long long)(size >> (10 * (unit + 1))),
            (unsigned long long)((size >> (10 * unit)) % 1024 * 10 / 1024),
            units[unit]);
}
