/* SPDX-License-Identifier: BSD-3-Clause */
/* test_json_differences.c - where two values differ, by path, and how often. */
#include "base/json_differences.h"

#include "tests/tap.h"

static const struct {
    const char *was, *is, *text;
    int count;
} rows[] = {
    {"{\"a\": 1, \"b\": [1, {\"c\": null}]}", "{\"b\": [1, {\"c\": null}], \"a\": 1}", "", 0},
    {"{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}", "a.b was 1, is 2", 1},
    {"{\"a\": [8, 16]}", "{\"a\": [8]}", "a[1] was 16, is nothing", 1},
    {"{\"a\": [[1], 2]}", "{\"a\": [[3], 2]}", "a[0][0] was 1, is 3", 1},
    {"{\"a\": \"x\"}", "{\"a\": [\"x\"]}", "a was \"x\", is [\"x\"]", 1},
    {"{\"old\": 1}", "{\"new\": true}", "new was nothing, is true; old was 1, is nothing", 2},
    {"[1, 2, 3, 4]", "[5, 6, 7, 8]", "[0] was 1, is 5; [1] was 2, is 6; and 2 more", 4},
    {"1", "2", " was 1, is 2", 1},
};

int main(void)
{
    char text[256], shorter[16];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cJSON *was = cJSON_Parse(rows[i].was), *is = cJSON_Parse(rows[i].is);
        is_int(xb_json_differences(was, is, 2, text, sizeof text), rows[i].count, rows[i].was);
        is_str(text, rows[i].text, "as text");
        int count = xb_json_differences(was, is, 2, shorter, sizeof shorter);
        is_int(count, rows[i].count, "the same where the text does not fit");
        ok(strncmp(shorter, rows[i].text, sizeof shorter - 1) == 0, "which is cut");
        cJSON_Delete(was);
        cJSON_Delete(is);
    }
    is_int(xb_json_differences(NULL, NULL, 2, text, sizeof text), 0, "nothing and nothing");
    return done_testing();
}
