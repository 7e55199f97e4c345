/* SPDX-License-Identifier: MIT
 *
 * schema_check.c - does a JSON document follow a schema?
 *
 *   schema-check SCHEMA DOCUMENT...
 *
 * Knows the keywords that report-schema.json uses; any other one is an error,
 * so that none is believed to be checked that is not.  Status 0, 1: a
 * document does not follow, 2: usage, or no schema.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct place {
    const struct place *above;
    const char *key; /* or null: an item of an array */
    size_t index;
};

static void put_place(const struct place *at)
{
    if (!at)
        return;
    put_place(at->above);
    if (at->key)
        fprintf(stderr, "/%s", at->key);
    else
        fprintf(stderr, "/%zu", at->index);
}

static int complain(const struct place *at, const char *what, const char *s)
{
    put_place(at);
    fprintf(stderr, ": %s%s\n", what, s);
    return 1;
}

static bool has_type(json_t *value, const char *type)
{
    static const struct {
        const char *name;
        json_type type;
    } rows[] = {{"object", JSON_OBJECT}, {"array", JSON_ARRAY},
                {"string", JSON_STRING}, {"integer", JSON_INTEGER},
                {"boolean", JSON_TRUE},  {"null", JSON_NULL}};

    if (strcmp(type, "number") == 0)
        return json_is_number(value);
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strcmp(rows[i].name, type) == 0)
            return json_typeof(value) == rows[i].type;
    return false;
}

static int check_type(json_t *types, json_t *value, const struct place *at)
{
    if (json_is_string(types))
        return has_type(value, json_string_value(types))
                   ? 0
                   : complain(at, "is no ", json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        if (has_type(value, json_string_value(json_array_get(types, i))))
            return 0;
    return complain(at, "has none of the types", "");
}

static int check_enum(json_t *values, json_t *value, const struct place *at)
{
    for (size_t i = 0; i < json_array_size(values); i++)
        if (json_equal(json_array_get(values, i), value))
            return 0;
    return complain(at, "has none of the values", "");
}

static int check_required(json_t *keys, json_t *value, const struct place *at)
{
    int result = 0;

    for (size_t i = 0; json_is_object(value) && i < json_array_size(keys);
         i++) {
        const char *key = json_string_value(json_array_get(keys, i));

        if (!json_object_get(value, key))
            result = complain(at, "lacks ", key);
    }
    return result;
}

static int check(json_t *schema, json_t *value, const struct place *at);

static int check_members(json_t *schema, json_t *value, const struct place *at)
{
    json_t *properties = json_object_get(schema, "properties");
    int closed =
        json_is_false(json_object_get(schema, "additionalProperties"));
    int result = 0;

    for (void *i = json_object_iter(value); i;
         i = json_object_iter_next(value, i)) {
        const struct place place = {at, json_object_iter_key(i), 0};
        json_t *each = json_object_get(properties, place.key);

        if (each)
            result |= check(each, json_object_iter_value(i), &place);
        else if (closed)
            result |= complain(&place, "is not in the schema", "");
    }
    return result;
}

static int check_items(json_t *items, json_t *value, const struct place *at)
{
    int result = 0;

    for (size_t i = 0; i < json_array_size(value); i++) {
        const struct place place = {at, NULL, i};

        result |= check(items, json_array_get(value, i), &place);
    }
    return result;
}

static int check_keyword(const char *key, json_t *rule, json_t *value,
                         const struct place *at)
{
    if (strcmp(key, "type") == 0)
        return check_type(rule, value, at);
    if (strcmp(key, "enum") == 0)
        return check_enum(rule, value, at);
    if (strcmp(key, "const") == 0)
        return json_equal(rule, value) ? 0 : complain(at, "differs", "");
    if (strcmp(key, "required") == 0)
        return check_required(rule, value, at);
    if (strcmp(key, "items") == 0)
        return check_items(rule, value, at);
    if (strcmp(key, "minimum") == 0)
        return !json_is_integer(value) ||
                       json_integer_value(value) >= json_integer_value(rule)
                   ? 0
                   : complain(at, "is less than the minimum", "");
    if (strcmp(key, "properties") == 0 || strcmp(key, "title") == 0 ||
        strcmp(key, "additionalProperties") == 0 || *key == '$')
        return 0;
    return complain(at, "the schema has an unknown keyword: ", key);
}

static int check(json_t *schema, json_t *value, const struct place *at)
{
    int result = check_members(schema, value, at);

    for (void *i = json_object_iter(schema); i;
         i = json_object_iter_next(schema, i))
        result |= check_keyword(json_object_iter_key(i),
                                json_object_iter_value(i), value, at);
    return result;
}

static json_t *load(const char *name)
{
    json_error_t error;
    json_t *out =
        json_load_file(name, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

    if (!out)
        fprintf(stderr, "%s:%d: %s\n", name, error.line, error.text);
    return out;
}

int main(int argc, char **argv)
{
    json_t *schema = argc > 2 ? load(argv[1]) : NULL;
    int result = schema ? 0 : 2;

    for (int i = 2; schema && i < argc; i++) {
        json_t *document = load(argv[i]);

        result |= !document || check(schema, document, NULL);
        json_decref(document);
    }
    json_decref(schema);
    return result;
}
