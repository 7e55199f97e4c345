/* SPDX-License-Identifier: MIT
 *
 * emit.c - writing JSON, indented by one blank for each level.
 */
#include "emit.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static void begin(struct emit *e, const char *key)
{
    if (e->more)
        fputc(',', e->to);
    if (e->depth)
        fprintf(e->to, "\n%*s", e->depth, "");
    e->more = true;
    if (key)
        fprintf(e->to, "\"%s\": ", key);
}

void emit_open(struct emit *e, const char *key, char bracket)
{
    begin(e, key);
    fputc(bracket, e->to);
    e->depth++;
    e->more = false;
}

void emit_close(struct emit *e, char bracket)
{
    e->depth--;
    if (e->more)
        fprintf(e->to, "\n%*s", e->depth, "");
    fputc(bracket, e->to);
    e->more = true;
    if (e->depth == 0)
        fputc('\n', e->to);
}

void emit_bytes(struct emit *e, const char *key, const char *s, size_t len)
{
    begin(e, key);
    text_put_json(e->to, s, len);
}

void emit_text(struct emit *e, const char *key, const char *s)
{
    emit_bytes(e, key, s, strlen(s));
}

void emit_number(struct emit *e, const char *key, uint64_t value)
{
    begin(e, key);
    fprintf(e->to, "%" PRIu64, value);
}

/* All its bits: read back it is the same. */
void emit_fraction(struct emit *e, const char *key, double value)
{
    begin(e, key);
    fprintf(e->to, "%.17g", value);
}

void emit_seconds(struct emit *e, const char *key, uint64_t microseconds)
{
    begin(e, key);
    text_put_seconds(e->to, microseconds);
}

void emit_flag(struct emit *e, const char *key, bool value)
{
    begin(e, key);
    fputs(value ? "true" : "false", e->to);
}

void emit_null(struct emit *e, const char *key)
{
    begin(e, key);
    fputs("null", e->to);
}
