/* SPDX-License-Identifier: BSD-3-Clause */
/* test_json.c - strict reading of JSON: what is refused, and with which words. */
#include "base/json.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Parse a literal, with the NULs in it. */
#define PARSE(text, doc, err) xb_json_parse("t.json", (text), sizeof(text) - 1, (doc), (err))

static const struct {
    const char *text;
    const char *error;
} refused[] = {
    {"", "t.json:1:1: not valid JSON: the text ends too early, expected a value"},
    {" \n ", "t.json:2:2: not valid JSON: the text ends too early"},
    {"{\n\"a\": 1",
     "t.json:2:7: not valid JSON: the text ends too early, expected a closing } or ]"},
    {"[1, 2", "t.json:1:5: not valid JSON: the text ends too early, expected a closing } or ]"},
    {"]", "t.json:1:1: not valid JSON: ]"},
    {"{\n  \"a\" 1\n}", "t.json:2:7: not valid JSON: \"a\" 1"},
    {"{\n  \"a\": 1\n  \"b\": 2\n}", "t.json:3:3: not valid JSON: \"b\": 2"},
    {"{1: 2}", "t.json:1:2: not valid JSON: {1: 2}"},
    {"{\"a\": 1, 2}", "t.json:1:10: not valid JSON"},
    {"{\"\xC3\xA4\": }", "t.json:1:7: not valid JSON"},
    {"{\"a\": [1, 2\n}", "t.json:2:1: not valid JSON: }"},
    {"[1,,2]", "t.json:1:4: not valid JSON"},
    {"{} 1",
     "t.json:1:4: not valid JSON: there is more text behind the value, expected one value"},
    {"{}\n{}", "t.json:2:1: not valid JSON: there is more text behind the value"},
    {"1 2", "more text behind the value"},
    /* commas before a bracket */
    {"{\n  \"a\": 1,\n}\n",
     "t.json:2:9: not valid JSON: found a comma before the closing }, expected none"},
    {"{\"a\": 1 , }",
     "t.json:1:9: not valid JSON: found a comma before the closing }, expected none"},
    {"[1,\n]\n",
     "t.json:1:3: not valid JSON: found a comma before the closing ], expected none"},
    {"[\"\xC3\xA4,]\",]",
     "t.json:1:7: not valid JSON: found a comma before the closing ], expected none"},
    /* comments */
    {"// x\n{}", "t.json:1:1: not valid JSON: // begins a comment, expected none"},
    {"{\n  \"a\": 1, // x\n}", "t.json:2:11: not valid JSON: // begins a comment"},
    {"[1, /* x */ 2]", "t.json:1:5: not valid JSON: /* begins a comment"},
    {"{}\n# x", "t.json:2:1: not valid JSON: # begins a comment"},
    {"[1 / 2]", "t.json:1:4: not valid JSON: [1 / 2]"},
    /* words */
    {"tru",
     "t.json:1:1: not valid JSON: tru stands without double quotes (did you mean true?)"},
    {"[None]", "None stands without double quotes, expected them around a text"},
    {"[True]", "(did you mean true?)"},
    {"{\n  sizes: [1]\n}", "t.json:2:3: not valid JSON: sizes stands without double quotes"},
    {"{\"a\": 16MiB}", "t.json:1:7: not valid JSON: 16MiB stands without double quotes"},
    {"{\"a\": nulll}", "nulll stands without double quotes (did you mean null?)"},
    {"[\xE2\x80\x9Cx\xE2\x80\x9D]", "x\xE2\x80\x9D stands without double quotes"},
    {"'a'",
     "t.json:1:1: not valid JSON: found a single quote, expected texts in double quotes"},
    {"{'a': 1}", "t.json:1:2: not valid JSON: found a single quote"},
    {"[NaN]", "t.json:1:2: not valid JSON: found NaN, expected a number or null"},
    {"[\n -Infinity]", "t.json:2:3: not valid JSON: found Infinity, expected a number"},
    /* texts */
    {"\"abc", "t.json:1:5: not valid JSON: a string does not end"},
    {"\"abc\\", "a string does not end, expected a closing"},
    {"[\n\"a\nb\"]",
     "t.json:2:3: not valid JSON: a string has the control character 0x0a, expected a closing"},
    {"\"a\tb\"", "a string has the control character 0x09, expected a closing"},
    {"\"a\\\tb\"", "a string has the control character 0x09, expected a closing"},
    {"\"a\\u0000b\"", "\\u0000 stands in a string, expected a text without NUL"},
    {"[\"\\q\"]", "t.json:1:4: not valid JSON: \\q is no escape, expected "},
    {"\"\\\xC3\xA9\"", "\\\xC3\xA9 is no escape"},
    {"\"\\u12\"", "\\u is not an escape by itself, expected four hexadecimal digits"},
    {"\"\\u12g4\"", "expected four hexadecimal digits"},
    {"\"\\ud800\"",
     "\\ud800 is half of a character, expected \\uD800 to \\uDBFF and behind it"},
    {"\"\\uDC00\"", "\\uDC00 is half of a character"},
    {"\"\\ud83d\\u0041\"", "\\ud83d is half of a character"},
    {"\"\\q\"", "not valid JSON"},
    {"\"\\ud800\"", "not valid JSON"},
    {"[\f1]", "found the control character 0x0c, expected text"},
    /* numbers */
    {"[01]", "\"01\" is not a number"},
    {"[-01]", "\"-01\" is not a number"},
    {"[1.]", "\"1.\" is not a number"},
    {"[-]", "\"-\" is not a number"},
    {"[1e]", "\"1e\" is not a number"},
    {"[1e+]", "\"1e+\" is not a number"},
    {"[1.2.3]", "\"1.2.3\" is not a number"},
    {"[1-2]", "\"1-2\" is not a number"},
    {"[\n1e999]", "t.json:2:1: not valid JSON: the number 1e999 is too large, expected at most "
                  "1.79769e+308"},
    {"[+1]", "t.json:1:2: not valid JSON: \"+1\" is not a number"},
    {"[.5]", "\".5\" is not a number"},
    {"[0x10]", "t.json:1:2: not valid JSON: 0x10 stands without double quotes"},
    /* encoding */
    {"\"\xE9\"", "t.json:1:2: not valid JSON: found the byte 0xe9, expected UTF-8"},
    {"[\n\"\xC3\"]", "t.json:2:2: not valid JSON: found the byte 0xc3, expected UTF-8"},
    {"\"\xC0\xAF\"", "expected UTF-8"},
    {"\"\xE0\x80\xAF\"", "expected UTF-8"},
    {"\"\xED\xA0\x80\"", "expected UTF-8"},
    {"\"\xF0\x80\x80\xAF\"", "expected UTF-8"},
    {"\"\xF4\x90\x80\x80\"", "expected UTF-8"},
    /* keys that stand twice */
    {"{\"a\": 1, \"a\": 2}",
     "t.json:1: a: the key \"a\" stands twice in its object, expected it once"},
    {"{\n\"a\": 1,\n\"b\": [0, {\n\"c\": 1,\n\"d\": 2,\n\"c\": 3}]}",
     "t.json:6: b[1].c: the key \"c\" stands twice"},
    {"{\"a\": 1,\n \"\\u0061\": 2}", "t.json:2: a: the key \"a\" stands twice"},
};

static const char *const accepted[] = {
    "null",
    " [ ] ",
    "{}\n\n",
    "\xEF\xBB\xBF{}",
    "[0, -0, 1.5, -1.5e3, 1E+2, 1e-9, 0.0, 9007199254740993]",
    "[true, false, null, [true ], {\"a\": null\n}]",
    "[\"// x\", \"# ,]\", \"'NaN'\"]",
    "\"\\\\u0000 \\\" \\n \\u00e9 \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 ] } 01\"",
    "\"\\ud83d\\uDE00 \\/\\b\\f\\r\\t\"",
    "{\"a\": {\"a\": 1}, \"A\": 2, \"\": 3}",
};

static void test_syntax(void)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct xb_json doc;
        struct xb_error err = {""};
        is_int(xb_json_parse("t.json", refused[i].text, strlen(refused[i].text), &doc, &err),
               -1, "is refused");
        contains(err.text, refused[i].error, refused[i].error);
        ok(!doc.root && !doc.text && !doc.name, "and leaves nothing");
    }
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct xb_json doc;
        struct xb_error err = {""};
        is_int(xb_json_parse("t.json", accepted[i], strlen(accepted[i]), &doc, &err), 0,
               "is accepted");
        is_str(err.text, "", "without an error");
        xb_json_release(&doc);
    }
    struct xb_json doc;
    struct xb_error err;
    is_int(PARSE("[1,\n\0 2]", &doc, &err), -1, "a NUL inside is refused");
    contains(err.text, "t.json:2:1: not valid JSON: found a NUL byte, expected text",
             "at its place");
    is_int(PARSE("{}\0", &doc, &err), -1, "a NUL behind is refused");
    is_int(PARSE("\"a\0b\"", &doc, &err), -1, "a NUL in a string is refused");
    is_int(xb_json_parse("t.json", "{}xx", 2, &doc, &err), 0, "no byte past len is read");
    xb_json_release(&doc);
    xb_json_release(&doc);
    ok(true, "an empty document is released");
}

/* Nest as deep as told, with a number at the bottom. */
static int parse_nested(size_t depth, struct xb_json *doc, struct xb_error *err)
{
    char *text = malloc(2 * depth + 1);
    memset(text, '[', depth);
    text[depth] = '1';
    memset(text + depth + 1, ']', depth);
    int rc = xb_json_parse("t.json", text, 2 * depth + 1, doc, err);
    free(text);
    return rc;
}

static void test_depth(void)
{
    struct xb_json doc;
    struct xb_error err;
    is_int(parse_nested(XB_JSON_MAX_DEPTH, &doc, &err), 0, "64 deep is accepted");
    struct xb_node node = xb_json_root(&doc);
    for (int i = 0; i < XB_JSON_MAX_DEPTH; i++)
        node = xb_node_at(&node, 0);
    const char *text;
    is_int(xb_node_string(&node, &text, &err), -1, "its bottom is reached");
    contains(err.text, "t.json:1: [0][0]", "and located");
    xb_json_release(&doc);
    static const size_t deep[] = {XB_JSON_MAX_DEPTH + 1, 2000, 300000};
    for (size_t i = 0; i < COUNT(deep); i++) {
        is_int(parse_nested(deep[i], &doc, &err), -1, "deeper is refused");
        contains(err.text, "t.json:1:65: nests deeper than is read, expected at most 64",
                 "says why");
    }
}

static void test_load(void)
{
    char file[] = "/tmp/xferbench-test-json-XXXXXX";
    int fd = mkstemp(file);
    static const char text[] = "{\n  \"a\": 1\n}\n";
    ok(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1, "a file is written");
    struct xb_json doc;
    struct xb_error err;
    is_int(xb_json_load(file, sizeof text - 1, &doc, &err), 0, "a file of max_bytes is read");
    is_str(doc.name, file, "its name is kept");
    is_str(doc.text, text, "its text is kept");
    xb_json_release(&doc);
    is_int(xb_json_load(file, sizeof text - 2, &doc, &err), -1, "a larger one is refused");
    contains(err.text, "is too large: expected at most 12 bytes", "says the limit");
    ok(!doc.root && !doc.text && !doc.name, "and leaves nothing");

    size_t large = 200000;
    char *spaces = malloc(large);
    memset(spaces, ' ', large);
    ok(write(fd, spaces, large) == (ssize_t)large, "a file grows past the first buffer");
    free(spaces);
    close(fd);
    is_int(xb_json_load(file, XB_JSON_MAX_BYTES, &doc, &err), 0, "it is read");
    is_int((long long)strlen(doc.text), (long long)(large + sizeof text - 1), "all of it");
    xb_json_release(&doc);
    unlink(file);

    is_int(xb_json_load(file, 100, &doc, &err), -1, "a missing file is refused");
    contains(err.text, "cannot be opened: No such file", "says why");
    is_int(xb_json_load("/tmp", 100, &doc, &err), -1, "a folder is refused");
    contains(err.text, "/tmp: cannot be", "says why");
}

/* A number without an exponent is too large only where it has hundreds of digits. */
static void test_digits(void)
{
    static const struct {
        int digits, rc;
    } rows[] = {{300, 0}, {308, 0}, {310, -1}, {400, -1}};
    struct xb_json doc;
    struct xb_error err;
    char text[512];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(text, '9', sizeof text);
        text[rows[i].digits] = '\0';
        is_int(xb_json_parse("t", text, strlen(text), &doc, &err), rows[i].rc,
               "a number of many digits");
        xb_json_release(&doc);
    }
}

int main(void)
{
    test_syntax();
    test_digits();
    test_depth();
    test_load();
    return done_testing();
}
