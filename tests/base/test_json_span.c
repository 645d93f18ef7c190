/* SPDX-License-Identifier: BSD-3-Clause */
/* test_json_span.c - where the parts of a JSON text begin and end. */
#include "base/json_span.h"

#include <stdio.h>

#include "tests/tap.h"

/* What a walk comes by, "key=value" or "value" each, with "!" behind where it did not end. */
static const struct {
    const char *name, *text, *want;
} rows[] = {
    {"an object", "{\"a\": 1, \"b\" : [2, {\"c\": 3}]}", "a=1 b=[2, {\"c\": 3}]"},
    {"an array with blanks", " [\n1 ,\t\"x\" , null ] \r\n", "1 \"x\" null"},
    {"nothing in it", "{}", ""},
    {"nothing in an array", "[ ]", ""},
    {"brackets, commas and quotes in strings", "{\"a]\":\"},{\\\"\",\"b\":[\"]\"]}",
     "a]=\"},{\\\"\" b=[\"]\"]"},
    {"an escaped backslash before the quote", "[\"\\\\\",1]", "\"\\\\\" 1"},
    {"numbers", "[-1.5e+3,0]", "-1.5e+3 0"},
    {"a number alone", "12", "!"},
    {"nothing at all", "", "!"},
    {"no end", "[1, 2", "1 2!"},
    {"no end of an inner one", "[1, [2]", "1 [2]!"},
    {"no end of a string", "[\"a", "!"},
    {"no colon", "{\"a\" 1}", "!"},
    {"no key", "{1: 2}", "!"},
    {"no value", "{\"a\": }", "!"},
    {"no comma", "[1 2]", "1!"},
    {"a comma at the end", "[1, ]", "1!"},
    {"another bracket at the end", "[1}", "1!"},
    {"what is passed over", "{\"skip\": [1, {\"a\": \"]\"}], \"b\": 2}", "skip= b=2"},
    {"what is passed over at the end", "{\"skip\": 1}", "skip="},
    {"what is entered", "{\"in\": {\"in\":[ 1,2 ],\"c\":3}, \"d\": 4}",
     "in=(in=(1 2) c=3) d=4"},
    {"nothing to enter", "{\"in\": 5, \"d\": 4}", "in=(!)!"},
    {"no end of what is entered", "{\"in\": [1, 2", "in=(1 2!)!"},
    {"no end of what is passed over", "{\"skip\": [1", "skip=!"},
    {"nothing between commas", "[1, , 2]", "1!"},
    {"something behind", "[1] 2", "1!"},
};

/* What a walk comes by. Values whose key begins with "skip" are passed over, those of "in" are
 * walked. */
static void walk_through(struct xb_span_walk *walk, char *got, size_t len)
{
    struct xb_span_walk inner;

    while (xb_span_next(walk)) {
        size_t at = strlen(got);
        snprintf(got + at, len - at, "%s%.*s%s", at && got[at - 1] != '(' ? " " : "",
                 (int)walk->key.len, walk->key.len ? walk->key.at : "",
                 walk->key.len ? "=" : "");
        at = strlen(got);
        if (xb_span_is(walk->key, "skip"))
            continue;
        if (xb_span_is(walk->key, "in")) {
            xb_span_enter(walk, &inner);
            strcat(got, "(");
            walk_through(&inner, got, len);
            strcat(got, ")");
            continue;
        }
        struct xb_span value = xb_span_value(walk);
        snprintf(got + at, len - at, "%.*s", (int)value.len, value.at);
    }
    if (!walk->ended)
        strcat(got, "!");
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char got[200] = "";
        struct xb_span_walk walk;

        xb_span_open(&walk, rows[i].text, strlen(rows[i].text));
        walk_through(&walk, got, sizeof got);
        is_str(got, rows[i].want, rows[i].name);
        ok(!xb_span_next(&walk), "and no further");
    }
    struct xb_span_walk cut;
    xb_span_open(&cut, "[1], 2]", 2);
    ok(xb_span_next(&cut), "a text that is cut");
    ok(!xb_span_next(&cut) && !cut.ended, "is not looked at behind its end");
    ok(xb_span_is((struct xb_span){"abc", 2}, "ab"), "a span's text");
    ok(!xb_span_is((struct xb_span){"abc", 2}, "abc"), "is all of it");
    return done_testing();
}
