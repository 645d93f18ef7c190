/* SPDX-License-Identifier: BSD-3-Clause */
/* test_markup.c - texts that would like to be more than texts. */
#include "report/page/markup.h"

#include <stdlib.h>

#include "tests/tap.h"

static const struct {
    const char *text, *markup, *name;
} texts[] = {
    {"n1", "n1", "a host"},
    {"\"><script>alert(1)</script>", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
     "a script"},
    {"' onload='x", "&#39; onload=&#39;x", "an attribute"},
    {"<!-- & ]]>", "&lt;!-- &amp; ]]&gt;", "a comment"},
    {"&lt;", "&amp;lt;", "what is escaped already"},
    {"a\tb\r\nc", "a b  c", "ends of lines and tabs"},
    {"a\x01"
     "b\x1b[0m\x7f",
     "a\xef\xbf\xbd"
     "b\xef\xbf\xbd[0m\xef\xbf\xbd",
     "control characters"},
    {"a\xc2\x85z", "a\xef\xbf\xbdz", "those beyond ASCII"},
    {"a\xff\xc3z", "a\xef\xbf\xbd\xef\xbf\xbdz", "bytes of no character"},
    {"caf\xc3\xa9 \xe2\x86\x92", "caf\xc3\xa9 \xe2\x86\x92", "other letters"},
    {"", "", "nothing"},
    {NULL, "", "no text"},
};

/* What prints to a stream, as a text that the caller frees. */
static char *text_of(const char *text)
{
    char *out = NULL;
    size_t len;
    FILE *stream = open_memstream(&out, &len);

    xb_markup_text(text, stream);
    fclose(stream);
    return out;
}

static void test_breakable(void)
{
    char *out = NULL;
    size_t len;
    FILE *stream = open_memstream(&out, &len);

    xb_markup_breakable("p2p[engine=ce,side=push], <mpi[]", stream);
    fclose(stream);
    is_str(out, "p2p[<wbr>engine=ce,<wbr>side=push], &lt;mpi[<wbr>]",
           "a line may begin behind a bracket and a comma, and is escaped as any text");
    free(out);
}

static char *json_of(const cJSON *value, int *rc)
{
    char *out = NULL;
    size_t len;
    FILE *stream = open_memstream(&out, &len);

    *rc = xb_markup_json(value, stream);
    fclose(stream);
    return out;
}

static void test_json(void)
{
    const char *const hostile = "</script><!--&\xe2\x80\xa8\xe2\x80\xa9\"\\\x01";
    cJSON *value = cJSON_CreateArray();
    int rc;

    cJSON_AddItemToArray(value, cJSON_CreateString(hostile));
    cJSON_AddItemToArray(value, cJSON_CreateNumber(0.5));
    char *text = json_of(value, &rc);
    is_int(rc, 0, "JSON is written");
    is_str(text,
           "[\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\u2029\\\"\\\\\\u0001\",0.5]",
           "nothing in it ends its element");
    cJSON *back = cJSON_Parse(text);
    is_str(cJSON_GetStringValue(cJSON_GetArrayItem(back, 0)), hostile,
           "and it says what it said");
    cJSON_Delete(back);
    cJSON_Delete(value);
    free(text);
}

int main(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *got = text_of(texts[i].text);
        is_str(got, texts[i].markup, texts[i].name);
        free(got);
    }
    test_breakable();
    test_json();
    return done_testing();
}
