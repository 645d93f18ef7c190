/* SPDX-License-Identifier: BSD-3-Clause */
/* test_options.c - typed options: read from JSON, written as text and as JSON. */
#include "base/options.h"

#include <stdlib.h>

#include "tests/tap.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const sides[] = {"push", "pull", "both", NULL};

struct sample {
    int side;
    bool touch;
    int64_t chunk, depth, pause, limit;
};

static const struct xb_option options[] = {
    {.name = "side",
     .type = XB_OPTION_ENUM,
     .choices = sides,
     .fallback = 1,
     XB_OPTION_MEMBER(struct sample, side)},
    {.name = "chunk",
     .type = XB_OPTION_SIZE,
     .min = 4096,
     .max = 1 << 30,
     .fallback = 8192,
     XB_OPTION_MEMBER(struct sample, chunk)},
    {.name = "depth",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = 64,
     .fallback = 2,
     XB_OPTION_MEMBER(struct sample, depth)},
    {.name = "pause",
     .type = XB_OPTION_DURATION,
     .min = 0,
     .max = 1000000000,
     XB_OPTION_MEMBER(struct sample, pause)},
    {.name = "touch",
     .type = XB_OPTION_BOOL,
     .fallback = 1,
     XB_OPTION_MEMBER(struct sample, touch)},
    {.name = "limit",
     .type = XB_OPTION_SIZE,
     .min = 0,
     .max = INT64_MAX,
     XB_OPTION_MEMBER(struct sample, limit)},
    {.name = NULL},
};

static const struct {
    const char *option;
    const char *json;
    int64_t value;
    const char *text;
    const char *report;
} good[] = {
    {"side", "\"push\"", 0, "push", "\"push\""},
    {"side", "\"both\"", 2, "both", "\"both\""},
    {"chunk", "\"16MiB\"", 16777216, "16MiB", "16777216"},
    {"chunk", "4096", 4096, "4KiB", "4096"},
    {"chunk", "\"1GiB\"", 1073741824, "1GiB", "1073741824"},
    {"depth", "1", 1, "1", "1"},
    {"depth", "64", 64, "64", "64"},
    {"pause", "\"0\"", 0, "0s", "0"},
    {"pause", "\"2.5us\"", 2500, "2500ns", "2500"},
    {"pause", "\"1s\"", 1000000000, "1s", "1000000000"},
    {"touch", "true", 1, "true", "true"},
    {"touch", "false", 0, "false", "false"},
    {"limit", "\"9223372036854775807\"", INT64_MAX, "9223372036854775807B", NULL},
};

static const struct {
    const char *option;
    const char *json;
    const char *error;
} bad[] = {
    {"side", "\"Push\"",
     "found the string \"Push\" (did you mean push?), expected push, pull or both"},
    {"side", "\"\"", "found the string \"\", expected push, pull or both"},
    {"side", "0", "found the number 0, expected push, pull or both"},
    {"chunk", "4095", "found the number 4095, expected a size from 4KiB to 1GiB"},
    {"chunk", "\"2GiB\"", "found the string \"2GiB\", expected a size from 4KiB to 1GiB"},
    {"chunk", "\"16MB\"", "unknown unit \"MB\""},
    {"chunk", "true", "found true, expected a size"},
    {"depth", "0", "found the number 0, expected a whole number from 1 to 64"},
    {"depth", "65", "found the number 65, expected a whole number from 1 to 64"},
    {"depth", "1.5", "found the number 1.5, expected a whole number"},
    {"depth", "\"2\"", "found the string \"2\", expected a whole number"},
    {"pause", "\"2s\"", "found the string \"2s\", expected a duration from 0s to 1s"},
    {"pause", "5", "found the number 5, expected a duration"},
    {"touch", "1", "found the number 1, expected true or false"},
    {"limit", "\"9223372036854775808\"", "expected a size from 0B to 9223372036854775807B"},
};

/* Read the JSON value as {"o": value}, so that the error has a path to name. */
static int read_option(const char *name, const char *json, int64_t *value, struct xb_error *err)
{
    char text[128];
    snprintf(text, sizeof text, "{\"o\": %s}", json);
    struct xb_json doc;
    if (xb_json_parse("t.json", text, strlen(text), &doc, err))
        return -2;
    struct xb_node root = xb_json_root(&doc), node;
    xb_node_member(&root, "o", &node);
    int rc = xb_option_read(&options[xb_option_find(options, name)], &node, value, err);
    xb_json_release(&doc);
    return rc;
}

static void test_good(void)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        const struct xb_option *opt = &options[xb_option_find(options, good[i].option)];
        int64_t value = 77;
        struct xb_error err = {""};
        char buf[32];
        is_int(read_option(good[i].option, good[i].json, &value, &err), 0, good[i].json);
        is_int(value, good[i].value, "its value");
        is_str(xb_option_format(opt, value, buf, sizeof buf), good[i].text, "its text");
        cJSON *json = xb_option_json(opt, value);
        char *printed = cJSON_PrintUnformatted(json);
        if (good[i].report)
            is_str(printed, good[i].report, "its place in a report");
        free(printed);
        cJSON_Delete(json);
    }
}

static void test_bad(void)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t value = 77;
        struct xb_error err = {""};
        is_int(read_option(bad[i].option, bad[i].json, &value, &err), -1, bad[i].json);
        contains(err.text, "t.json:1: o: ", "says where");
        contains(err.text, bad[i].error, "says why");
        is_int(value, 77, "leaves the value alone");
    }
}

/* Each option is read into its member and nowhere else, and written from there. */
static void test_struct(void)
{
    static const struct {
        const char *json;
        struct sample want;
        const char *text, *report;
    } rows[] = {
        {"{}",
         {1, true, 8192, 2, 0, 0},
         "side=pull,chunk=8KiB,depth=2,pause=0s,touch=true,limit=0B",
         "{\"side\":\"pull\",\"chunk\":8192,\"depth\":2,\"pause\":0,\"touch\":true,"
         "\"limit\":0}"},
        {"{\"limit\": 5, \"side\": \"both\", \"touch\": false, \"pause\": \"1ms\", "
         "\"other\": 1}",
         {2, false, 8192, 2, 1000000, 5},
         "side=both,chunk=8KiB,depth=2,pause=1ms,touch=false,limit=5B",
         "{\"side\":\"both\",\"chunk\":8192,\"depth\":2,\"pause\":1000000,\"touch\":false,"
         "\"limit\":5}"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct xb_options got;
        struct xb_error err = {""};
        struct xb_json doc;
        char text[128];
        xb_json_parse("t.json", rows[i].json, strlen(rows[i].json), &doc, &err);
        struct xb_node root = xb_json_root(&doc);
        is_int(xb_options_read(options, &root, &got, &err), 0, rows[i].json);
        const struct sample *s = (const void *)got.bytes;
        ok(s->side == rows[i].want.side && s->touch == rows[i].want.touch &&
               s->chunk == rows[i].want.chunk && s->depth == rows[i].want.depth &&
               s->pause == rows[i].want.pause && s->limit == rows[i].want.limit,
           "the members");
        is_str(xb_options_format(options, &got, text, sizeof text), rows[i].text, "as text");
        cJSON *json = cJSON_CreateObject();
        ok(xb_options_add_json(options, &got, json), "as JSON");
        char *printed = cJSON_PrintUnformatted(json);
        is_str(printed, rows[i].report, "its text");
        free(printed);
        cJSON_Delete(json);
        xb_json_release(&doc);
    }
    struct xb_options fallback = xb_options_default(options), none = xb_options_default(NULL);
    is_int(xb_option_get(&options[1], &fallback), 8192, "a default");
    is_int(xb_option_get(&options[1], &none), 0, "without a table all is 0");
}

/* Quiet options are written only where they say something, first or not. */
static void test_quiet(void)
{
    struct pair {
        int64_t a, b, c;
    };
    static const struct xb_option rows[] = {
        {.name = "a",
         .type = XB_OPTION_INT,
         .max = 9,
         .fallback = 3,
         .quiet = true,
         XB_OPTION_MEMBER(struct pair, a)},
        {.name = "b", .type = XB_OPTION_INT, .max = 9, XB_OPTION_MEMBER(struct pair, b)},
        {.name = "c",
         .type = XB_OPTION_INT,
         .max = 9,
         .quiet = true,
         XB_OPTION_MEMBER(struct pair, c)},
        {.name = NULL}};
    static const struct {
        int64_t a, c;
        const char *text, *json;
    } wants[] = {{3, 0, "b=0", "{\"b\":0}"},
                 {0, 0, "a=0,b=0", "{\"a\":0,\"b\":0}"},
                 {3, 1, "b=0,c=1", "{\"b\":0,\"c\":1}"}};

    for (size_t i = 0; i < COUNT(wants); i++) {
        struct xb_options held = xb_options_default(rows);
        char text[64];
        xb_option_set(&rows[0], &held, wants[i].a);
        xb_option_set(&rows[2], &held, wants[i].c);
        is_str(xb_options_format(rows, &held, text, sizeof text), wants[i].text, "as text");
        cJSON *json = cJSON_CreateObject();
        xb_options_add_json(rows, &held, json);
        char *printed = cJSON_PrintUnformatted(json);
        is_str(printed, wants[i].json, "as JSON");
        free(printed);
        cJSON_Delete(json);
    }
}

static void test_help(void)
{
    static const char *const ranges[] = {"push|pull|both", "4KiB to 1GiB",
                                         "1 to 64",        "0s to 1s",
                                         "true|false",     "0B to 9223372036854775807B"};
    static const char *const types[] = {"enum", "size", "int", "duration", "bool", "size"};
    struct xb_error err = {""};
    char buf[64];

    is_int(xb_options_check(options, &err), 0, "the table is sound");
    for (size_t i = 0; i < COUNT(ranges); i++) {
        is_str(xb_option_range(&options[i], buf, sizeof buf), ranges[i], options[i].name);
        is_str(xb_option_type_name(options[i].type), types[i], "its type");
    }
}

int main(void)
{
    char buf[4];
    is_int((long long)xb_option_count(options), 6, "the rows are counted");
    is_int((long long)xb_option_count(NULL), 0, "no table has no rows");
    is_int(xb_option_find(options, "depth"), 2, "a name is found");
    is_int(xb_option_find(options, "Depth"), -1, "another is not");
    is_int(xb_option_find(NULL, "depth"), -1, "nor in no table");
    is_str(xb_option_format(&options[0], 9, buf, sizeof buf), "?", "no such choice");
    is_str(xb_option_format(&options[1], 4096, buf, sizeof buf), "4Ki", "a short buffer cuts");
    test_good();
    test_bad();
    test_struct();
    test_quiet();
    test_help();
    return done_testing();
}
