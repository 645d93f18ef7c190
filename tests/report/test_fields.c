/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fields.c - structs become JSON and come back, by their tables alone. */
#include "report/fields.h"

#include <stdlib.h>

#include "report/report_json.h"
#include "tests/tap.h"

struct part {
    bool there;
    int64_t whole;
};

struct element {
    struct xb_list inner;
};

struct all {
    char *text;
    int word;
    bool truth;
    int64_t whole;
    uint64_t digits, hash;
    double us, ns, ratio, bytes;
    struct xb_numbers times, samples;
    struct xb_texts texts;
    struct xb_named_texts named;
    struct xb_named_numbers figures;
    cJSON *json;
    struct part part, maybe;
    struct xb_list list, lists;
};

static const char *word_of(int value)
{
    static const char *const words[] = {"zero", NULL, "two"};
    return words[value];
}

#define ROW(key, kind)                                                                         \
    {                                                                                          \
        .name = #key, .type = (kind), .offset = offsetof(struct all, key)                      \
    }

static const struct xb_field part_fields[] = {
    {.name = "whole",
     .type = XB_FIELD_WHOLE,
     .offset = offsetof(struct part, whole),
     .flags = XB_FIELD_NEEDED},
    {.name = NULL},
};

static const struct xb_field element_fields[] = {
    {.name = "",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct element, inner),
     .fields = part_fields,
     .size = sizeof(struct part)},
    {.name = NULL},
};

static const struct xb_field all_fields[] = {
    ROW(text, XB_FIELD_TEXT),
    {.name = "word",
     .type = XB_FIELD_WORD,
     .offset = offsetof(struct all, word),
     .word = word_of,
     .words = 3},
    ROW(truth, XB_FIELD_BOOL),
    ROW(whole, XB_FIELD_WHOLE),
    ROW(digits, XB_FIELD_DIGITS),
    ROW(hash, XB_FIELD_HASH),
    ROW(us, XB_FIELD_US),
    ROW(ns, XB_FIELD_NS),
    ROW(ratio, XB_FIELD_RATIO),
    ROW(bytes, XB_FIELD_BYTES),
    ROW(times, XB_FIELD_TIMES),
    ROW(samples, XB_FIELD_SAMPLES),
    ROW(texts, XB_FIELD_TEXTS),
    ROW(named, XB_FIELD_NAMED),
    ROW(figures, XB_FIELD_FIGURES),
    ROW(json, XB_FIELD_JSON),
    {.name = "part",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct all, part),
     .fields = part_fields},
    {.name = "maybe",
     .type = XB_FIELD_MAYBE,
     .offset = offsetof(struct all, maybe),
     .fields = part_fields},
    {.name = "list",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct all, list),
     .fields = part_fields,
     .size = sizeof(struct part)},
    {.name = "lists",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct all, lists),
     .fields = element_fields,
     .size = sizeof(struct element)},
    {.name = NULL},
};

#define NOTHING                                                                                \
    "{\"text\":null,\"word\":null,\"truth\":false,\"whole\":null,\"digits\":0,"                \
    "\"hash\":\"0x0000000000000000\",\"us\":null,\"ns\":null,\"ratio\":null,\"bytes\":null,"   \
    "\"times\":[],\"samples\":null,\"texts\":[],\"named\":null,\"figures\":null,"              \
    "\"json\":null,\"part\":{\"whole\":null},\"maybe\":null,\"list\":[],\"lists\":[]}"

/* Read a text and write it again; NULL with err filled where it is refused. */
static char *there_and_back(const char *text, int version, struct xb_error *err)
{
    struct xb_json doc;
    struct all all;
    char *out = NULL;

    if (xb_json_parse("t", text, strlen(text), &doc, err) < 0)
        return NULL;
    struct xb_node root = xb_json_root(&doc);
    if (xb_fields_read(all_fields, &root, version, &all, err) == 0) {
        cJSON *json = xb_fields_write(all_fields, &all);
        out = cJSON_PrintUnformatted(json);
        cJSON_Delete(json);
    }
    xb_fields_release(all_fields, &all);
    xb_json_release(&doc);
    return out;
}

static void test_there_and_back(void)
{
    static const char full[] =
        "{\"text\":\"a\",\"word\":\"two\",\"truth\":true,\"whole\":9007199254740991,"
        "\"digits\":9007199254740991,\"hash\":\"0xfedcba9876543210\",\"us\":1.2346,\"ns\":0.1,"
        "\"ratio\":0.123457,\"bytes\":1234567.5,\"times\":[1.5,2],\"samples\":[0.0001],"
        "\"texts\":[\"\",\"x\"],\"named\":{\"A\":\"\",\"B\":null},"
        "\"figures\":{\"wait_us\":1.0001,\"n\":12345678,\"share\":0.333333,\"none\":null},"
        "\"json\":{\"any\":[1,{}]},\"part\":{\"whole\":0},\"maybe\":{\"whole\":7},"
        "\"list\":[{\"whole\":1},{\"whole\":2}],\"lists\":[[],[{\"whole\":3}]]}";
    struct xb_error err = {""};
    struct all all;

    char *text = there_and_back(full, 2, &err);
    is_str(text, full, "all types");
    is_str(err.text, "", "without an error");
    cJSON_free(text);
    text = there_and_back("{\"new\":3}", 1, &err);
    is_str(text, NOTHING, "what version 1 lacks is null, and other members are passed over");
    cJSON_free(text);
    is_str(there_and_back("{}", 2, &err), NULL, "version 2 lacks nothing");
    contains(err.text, "the key \"text\" is missing", "and the error says what it does");

    xb_fields_clear(all_fields, &all);
    cJSON *json = xb_fields_write(all_fields, &all);
    text = cJSON_PrintUnformatted(json);
    is_str(text, NOTHING, "nothing is null");
    cJSON_free(text);
    cJSON_Delete(json);
}

static void test_rounding(void)
{
    static const struct {
        double value, us, ratio;
    } some[] = {
        {1.23456789, 1.2346, 1.23457},    {0.00004, 0, 0.00004},
        {123456.789, 123456.789, 123457}, {1.23456789e12, 1.23456789e12, 1.23457e12},
        {-1.23456, -1.2346, -1.23456},
    };

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        is_near(xb_round_us(some[i].value), some[i].us, 1e-12, "a time to 0.1 ns");
        is_near(xb_round_ratio(some[i].value), some[i].ratio, 1e-12, "a ratio to 6 digits");
        is_near(xb_round_us(xb_round_us(some[i].value)), some[i].us, 1e-12, "and not again");
    }
    ok(isnan(xb_round_us(NAN)) && isnan(xb_round_ratio(NAN)), "nothing stays nothing");
}

static void test_errors(void)
{
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"[]", "found an array of 0, expected an object"},
        {"{\"text\":1}", "text: found the number 1, expected a string"},
        {"{\"word\":\"one\"}", "word: found the string \"one\", expected the word zero or two"},
        {"{\"truth\":0}", "truth: found the number 0"},
        {"{\"whole\":-1}", "whole: found the number -1"},
        {"{\"whole\":1.5}", "whole: found the number 1.5"},
        {"{\"hash\":\"0x1\"}", "hash: found \"0x1\""},
        {"{\"hash\":\"0x000000000000000g\"}", "hash: found"},
        {"{\"us\":\"1\"}", "us: found the string \"1\""},
        {"{\"times\":[1,\"2\"]}", "times[1]: found the string \"2\""},
        {"{\"texts\":{}}", "texts: found an object, expected an array"},
        {"{\"named\":{\"A\":1}}", "named.A: found the number 1"},
        {"{\"figures\":{\"n\":\"1\"}}", "figures.n: found the string \"1\""},
        {"{\"maybe\":{}}", "maybe: the key \"whole\" is missing"},
        {"{\"maybe\":{\"whole\":null}}", "maybe.whole: found null"},
        {"{\"list\":[{\"whole\":1},3]}", "list[1]: found the number 3, expected an object"},
        {"{\"lists\":[[],[{\"whole\":\"\"}]]}", "lists[1][0].whole: found the string \"\""},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct xb_error err = {""};
        char *text = there_and_back(bad[i].text, 1, &err);
        is_str(text, NULL, bad[i].text);
        contains(err.text, bad[i].error, "names place and what was found");
        cJSON_free(text);
    }
}

int main(void)
{
    test_there_and_back();
    test_rounding();
    test_errors();
    return done_testing();
}
