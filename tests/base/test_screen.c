/* SPDX-License-Identifier: BSD-3-Clause */
/* test_screen.c - texts for terminals, and what counts as one. */
#include "base/screen.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void test_width(void)
{
    static const struct {
        const char *text;
        size_t width;
    } rows[] = {
        {"", 0},
        {"abc", 3},
        {"caf\xc3\xa9", 4},
        {"\xe4\xb8\xad\xe6\x96\x87", 4}, /* two of Chinese */
        {"\xf0\x9f\x9a\x80", 2},         /* a rocket */
        {"a\xff", 2},                    /* no character */
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        is_int((long long)xb_screen_text_width(rows[i].text), (long long)rows[i].width,
               "width of a text");
}

static void test_elide(void)
{
    static const struct {
        const char *text;
        size_t columns;
        const char *want;
    } rows[] = {
        {"abcdefghij", 10, "abcdefghij"},
        {"abcdefghij", 9, "abc...hij"},
        {"abcdefghij", 8, "abc...ij"},
        {"abcdefghij", 4, "a..."},
        {"abcdefghij", 3, "abc"},
        {"abcdefghij", 0, ""},
        {"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", 7,
         "\xe4\xb8\xad...\xe6\x96\x87"}, /* characters stay whole */
    };
    char buf[64];

    for (size_t i = 0; i < ROWS(rows); i++)
        is_str(xb_screen_elide(rows[i].text, rows[i].columns, buf, sizeof buf), rows[i].want,
               "elided");
}

static void test_tame(void)
{
    static const struct {
        const char *text, *line, *lines;
    } rows[] = {
        {"plain caf\xc3\xa9", "plain caf\xc3\xa9", "plain caf\xc3\xa9"},
        {"a\nb\tc", "a?b?c", "a\nb?c"},
        {"\033]0;title\a", "?]0;title?", "?]0;title?"},
        {"\xc2\x9b"
         "2J",
         "?2J", "?2J"}, /* CSI in one character */
        {"\xe2\x80\xae"
         "gnp",
         "?gnp", "?gnp"},                                 /* from right to left */
        {"\xef\xbe\x9b", "\xef\xbe\x9b", "\xef\xbe\x9b"}, /* stands for a byte */
        {"\x9b\x7f", "??", "??"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        char line[64], lines[64], *printed = NULL;
        size_t len;
        FILE *out = open_memstream(&printed, &len);

        snprintf(line, sizeof line, "%s", rows[i].text);
        snprintf(lines, sizeof lines, "%s", rows[i].text);
        xb_screen_tame(line, false);
        xb_screen_tame(lines, true);
        xb_screen_print(rows[i].text, out);
        fclose(out);
        is_str(line, rows[i].line, "tamed");
        is_str(lines, rows[i].lines, "with ends of lines");
        is_str(printed, rows[i].line, "printed");
        free(printed);
    }
}

static void test_wrap(void)
{
    static const struct {
        const char *text;
        size_t columns, indent;
        const char *want;
    } rows[] = {
        {"", 10, 2, "\n"},
        {"one two", 10, 2, "one two\n"},
        {"one two three four", 10, 2, "one two\n  three\n  four\n"},
        {"one two", 7, 2, "one two\n"},
        {"abcdefghijkl mn", 6, 2, "abcdef\n  ghij\n  kl\n  mn\n"},
        {"one two\nthree\n", 20, 2, "one two\nthree\n"},
        {"\n  indented\nx", 20, 2, "\n  indented\nx\n"},
        {"  abcdefghij", 8, 2, "  abcdef\n  ghij\n"},
        {"a\033b", 8, 2, "a?b\n"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);

        xb_screen_wrap(rows[i].text, rows[i].columns, rows[i].indent, out);
        fclose(out);
        is_str(text, rows[i].want, rows[i].text);
        free(text);
    }
}

/* What is no terminal has the usual width, unless COLUMNS says another; and no colours. */
static void test_no_terminal(void)
{
    static const struct {
        const char *columns;
        int want;
    } rows[] = {{NULL, XB_SCREEN_USUAL},   {"", XB_SCREEN_USUAL},   {"80", 80},
                {"8", XB_SCREEN_LEAST},    {"0", XB_SCREEN_USUAL},  {"-5", XB_SCREEN_USUAL},
                {"wide", XB_SCREEN_USUAL}, {"80x", XB_SCREEN_USUAL}};
    int ends[2];

    if (pipe(ends) != 0)
        return;
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].columns)
            setenv("COLUMNS", rows[i].columns, 1);
        else
            unsetenv("COLUMNS");
        is_int(xb_screen_columns(ends[1]), rows[i].want, "columns of a pipe");
    }
    is_int(xb_screen_width(ends[1]), 0, "a pipe is no terminal");
    setenv("TERM", "xterm", 1);
    ok(!xb_screen_rewrites(ends[1]) && !xb_screen_colours(ends[1]), "nor is anything of it");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    test_width();
    test_elide();
    test_tame();
    test_wrap();
    test_no_terminal();
    return done_testing();
}
