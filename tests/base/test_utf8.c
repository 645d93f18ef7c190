/* SPDX-License-Identifier: BSD-3-Clause */
/* test_utf8.c - any bytes as UTF-8, and none of them lost. */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/tap.h"

static const struct {
    const char *name, *text, *want;
} rows[] = {
    {"nothing", "", ""},
    {"letters", "plain text\n", "plain text\n"},
    {"characters of two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e",
     "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e"},
    {"a byte of Latin 1", "caf\xe9!", "caf\xee\xbf\xa9!"},
    {"the first and the last such byte", "\x80\xff", "\xee\xbe\x80\xee\xbf\xbf"},
    {"a character that is cut by the end", "\xe2\x82", "\xee\xbf\xa2\xee\xbe\x82"},
    {"and by a letter", "\xe2\x82x", "\xee\xbf\xa2\xee\xbe\x82x"},
    {"a slash in two bytes", "\xc0\xaf", "\xee\xbf\x80\xee\xbe\xaf"},
    {"half a pair", "\xed\xa0\x80", "\xee\xbf\xad\xee\xbe\xa0\xee\xbe\x80"},
    {"beyond the last", "\xf4\x90\x80\x80", "\xee\xbf\xb4\xee\xbe\x90\xee\xbe\x80\xee\xbe\x80"},
    {"a character that stands for a byte", "\xee\xbf\xa9",
     "\xee\xbf\xae\xee\xbe\xbf\xee\xbe\xa9"},
    {"its neighbours below and above", "\xee\xbd\xbf\xef\x80\x80", "\xee\xbd\xbf\xef\x80\x80"},
};

/* Each of these characters back into its byte. */
static void back(const char *text, char *to)
{
    for (; *text; text++) {
        const unsigned char *at = (const unsigned char *)text;
        if (at[0] == 0xee && (at[1] == 0xbe || at[1] == 0xbf)) {
            *to++ = (char)((at[1] & 3u) << 6 | (at[2] & 0x3fu));
            text += 2;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static void test_rows(void)
{
    char had[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = xb_utf8_text(rows[i].text), *same = xb_utf8_repair(text);
        is_str(text, rows[i].want, rows[i].name);
        is_str(same, text, "stays so");
        back(text, had);
        is_str(had, rows[i].text, "and can be had back");
        free(text);
        free(same);
    }
}

static void test_buffer(void)
{
    char buf[8];

    xb_utf8_copy("abcdefghij", buf, sizeof(buf));
    is_str(buf, "abcdefg", "what does not fit is left out");
    xb_utf8_copy("abcde\xe9", buf, sizeof(buf));
    is_str(buf, "abcde", "and no half characters are made");
    xb_utf8_copy("abcd\xe9", buf, sizeof(buf));
    is_str(buf, "abcd\xee\xbf\xa9", "one that fits is there");
}

/* Whatever stands in a value, its text is UTF-8; one that is so already is not touched. */
static void test_json(void)
{
    cJSON *value = cJSON_CreateObject();
    struct xb_json doc;
    struct xb_error err;

    cJSON_AddStringToObject(value, "caf\xe9", "\xff \xee\xbf\xa9");
    char *text = xb_json_print(value, false);
    is_str(text, "{\"caf\xee\xbf\xa9\":\"\xee\xbf\xbf \xee\xbf\xa9\"}", "printed");
    is_int(xb_json_parse("it", text, strlen(text), &doc, &err), 0, "it can be read");
    xb_json_release(&doc);
    free(text);
    cJSON_Delete(value);
}

static const struct {
    const char *name, *text, *why; /* NULL: it is a line */
} lines[] = {
    {"a word", "base", NULL},
    {"blanks and characters of two to four bytes", " \xc3\xa9 \xe2\x86\x92 \xf0\x9d\x84\x9e",
     NULL},
    {"the first character behind the controls", "\xc2\xa0", NULL},
    {"nothing", "", "found an empty text, expected one line of text"},
    {"two lines", "a\nb", "found a control character at 1, expected one line of text"},
    {"an escape", "\x1b[0m", "found a control character at 0, expected one line of text"},
    {"delete", "ab\x7f", "found a control character at 2, expected one line of text"},
    {"a control character of two bytes", "a\xc2\x85",
     "found a control character at 1, expected one line of text"},
    {"a byte of Latin 1", "caf\xe9", "found the byte 0xe9 at 3, expected UTF-8"},
    {"half a character", "\xe2\x86", "found the byte 0xe2 at 0, expected UTF-8"},
};

static void test_lines(void)
{
    struct xb_error err;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        err.text[0] = '\0';
        is_int(xb_utf8_expect_line(lines[i].text, &err), lines[i].why ? -1 : 0, lines[i].name);
        is_str(err.text, lines[i].why ? lines[i].why : "", "and why not");
    }
}

static void test_make_line(void)
{
    static const char *const made[][2] = {{"a b \xc3\xa9", "a b \xc3\xa9"},
                                          {"a\nb\t\x7f\x1b", "a b   "},
                                          {"a\xc2\x85z", "a  z"},
                                          {"cut \xe2\x86", "cut "},
                                          {"cut \xf0\x9d\x84", "cut "},
                                          {"caf\xe9 x", "caf\xe9 x"},
                                          {"all \xe2\x86\x92", "all \xe2\x86\x92"},
                                          {"", ""}};
    char text[32];

    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        snprintf(text, sizeof text, "%s", made[i][0]);
        xb_utf8_make_line(text);
        is_str(text, made[i][1], "one line");
    }
}

static void test_printable(void)
{
    static const char *const made[][2] = {{"a b \xc3\xa9", "a b \xc3\xa9"},
                                          {"a\nb\t\r", "a\\nb\\t\\r"},
                                          {"\x1b[31m\x7f", "\\x1b[31m\\x7f"},
                                          {"a\xc2\x9bz", "a\\xc2\\x9bz"},
                                          {"caf\xe9", "caf\\xe9"},
                                          {"", ""}};

    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        char *text = xb_utf8_printable(made[i][0]);
        is_str(text, made[i][1], "as a terminal may have it");
        free(text);
    }
}

int main(void)
{
    test_printable();
    test_make_line();
    test_rows();
    test_buffer();
    test_json();
    test_lines();
    return done_testing();
}
