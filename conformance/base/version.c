/* SPDX-License-Identifier: MIT
 *
 * version.c - numbers, compared as numbers: 1.10 comes after 1.9.
 */
#include "version.h"

#include <stdio.h>
#include <string.h>

int version_parse(unsigned out[3], const char *s)
{
    int end = 0;

    out[2] = 0;
    if (sscanf(s, "%5u.%5u%n", &out[0], &out[1], &end) != 2)
        return -1;
    if (s[end] == '.') {
        int more = 0;

        if (sscanf(s + end, ".%5u%n", &out[2], &more) != 1)
            return -1;
        end += more;
    }
    return s[end] || strspn(s, "0123456789.") != strlen(s) ? -1 : 0;
}

int version_compare(const char *a, const char *b)
{
    unsigned x[3], y[3];

    if (version_parse(x, a))
        memset(x, 0, sizeof(x));
    if (version_parse(y, b))
        memset(y, 0, sizeof(y));
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}
