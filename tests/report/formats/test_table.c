/* SPDX-License-Identifier: BSD-3-Clause */
/* test_table.c - text tables, and the forms of reports. */
#include "report/formats/table.h"

#include <stdlib.h>

#include "report/formats/format.h"
#include "tests/tap.h"

static char *printed_table(void (*print)(const struct xb_table *, FILE *),
                           const struct xb_table *table)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    print(table, out);
    fclose(out);
    return text;
}

static void print_html(const struct xb_table *table, FILE *out)
{
    is_int(xb_table_print_html(table, 0, NULL, out), 0, "as HTML: printed");
}

static void test_table(void)
{
    static const char *const titles[] = {"name", ">n", "last", NULL};
    static const char *const first[] = {"caf\xc3\xa9s au lait", "7", "x", NULL};
    static const char *const second[] = {"tea", "12345", "", NULL};
    static const char *const short_row[] = {"tea", NULL};
    static const char *const long_row[] = {"a", "b", "c", "d", NULL};
    struct xb_table *table = xb_table_new(titles);

    is_int(xb_table_add(table, first), 0, "a row");
    is_int(xb_table_add(table, second), 0, "another row");
    is_int(xb_table_add(table, short_row), -1, "a row with too few cells is refused");
    is_int(xb_table_add(table, long_row), -1, "a row with too many cells is refused");

    char *text = printed_table(xb_table_print, table);
    is_str(text,
           "name               n  last\n"
           "--------------------------\n"
           "caf\xc3\xa9s au lait      7  x\n"
           "tea            12345\n",
           "columns fit their content, counted in characters");
    free(text);
    xb_table_free(table);
}

static void test_other_forms(void)
{
    static const char *const titles[] = {"name", ">n", NULL};
    static const char *const rows[][3] = {{"a|b", "1", NULL},
                                          {"say \"hi\", twice", "2", NULL},
                                          {"two\nlines", "", NULL},
                                          {"<b>\x1b[2J caf\xc3\xa9", "", NULL}};
    struct xb_table *table = xb_table_new(titles);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        xb_table_add(table, rows[i]);
    char *text = printed_table(xb_table_print_markdown, table);
    is_str(text,
           "| name | n |\n"
           "|---|---:|\n"
           "| a\\|b | 1 |\n"
           "| say \"hi\", twice | 2 |\n"
           "| two lines |  |\n"
           "| &lt;b>?[2J caf\xc3\xa9 |  |\n",
           "as Markdown");
    free(text);
    text = printed_table(xb_table_print_csv, table);
    is_str(text,
           "name,n\r\n"
           "a|b,1\r\n"
           "\"say \"\"hi\"\", twice\",2\r\n"
           "\"two\nlines\",\r\n"
           "<b>\x1b[2J caf\xc3\xa9,\r\n",
           "as CSV");
    free(text);
    text = printed_table(print_html, table);
    is_str(
        text,
        "<table class=\"t r2\">\n"
        "<thead><tr><th scope=\"col\">name</th><th scope=\"col\">n</th></tr></thead>\n<tbody>\n"
        "<tr><td>a|b</td><td>1</td></tr>\n"
        "<tr><td>say &quot;hi&quot;, twice</td><td>2</td></tr>\n"
        "<tr><td>two lines</td><td></td></tr>\n"
        "<tr><td>&lt;b&gt;\xef\xbf\xbd[<wbr>2J caf\xc3\xa9</td><td></td></tr>\n"
        "</tbody></table>\n",
        "as HTML");
    free(text);
    xb_table_free(table);
}

/* Points of numbers stand below one another, whatever else stands in the column. */
static void test_numbers(void)
{
    static const char *const titles[] = {"name", ".GB/s", "sign", NULL};
    static const char *const rows[][4] = {{"a", "0.5812", "", NULL},
                                          {"b", "1234", "~", NULL},
                                          {"c", "-", "", NULL},
                                          {"d", "55.1", "*", NULL}};
    struct xb_table *table = xb_table_new(titles);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        xb_table_add(table, rows[i]);
    char *text = printed_table(xb_table_print, table);
    is_str(text,
           "name       GB/s  sign\n"
           "---------------------\n"
           "a        0.5812\n"
           "b     1234       ~\n"
           "c        -\n"
           "d       55.1     *\n",
           "points below one another");
    free(text);
    xb_table_free(table);
}

static char *fitted(const struct xb_table *table, const struct xb_table_fit *fit)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    xb_table_print_fit(table, fit, out);
    fclose(out);
    return text;
}

/* First text becomes shorter, then columns go, then text becomes shorter still. */
static void test_fit(void)
{
    static const char *const titles[] = {">n", "method", "?>share", "", "note", "", NULL};
    static const char *const rows[][7] = {
        {"1", "p2p[engine=ce,side=push]", "85.5", "", "", "", NULL},
        {"2", "mpi", "-", "", "resumed", "y", NULL}};
    static const struct {
        struct xb_table_fit fit;
        const char *want, *name;
    } fits[] = {
        {{.columns = 80, .least = 12},
         "n  method                    share  note\n"
         "-------------------------------------------\n"
         "1  p2p[engine=ce,side=push]   85.5\n"
         "2  mpi                           -  resumed\n",
         "as it is, without the empty column"},
        {{.columns = 34, .least = 12},
         "n  method           share  note\n"
         "----------------------------------\n"
         "1  p2p[en...=push]   85.5\n"
         "2  mpi                  -  resumed\n",
         "the middle of a text is left out"},
        {{.columns = 30, .least = 18},
         "n  method              note\n"
         "------------------------------\n"
         "1  p2p[engi...e=push]\n"
         "2  mpi                 resumed\n",
         "a column is left out for a text"},
        {{.columns = 18, .least = 18},
         "n  method  note\n"
         "------------------\n"
         "1  p2...]\n"
         "2  mpi     resumed\n",
         "and then text all the same"},
        {{.columns = 30, .least = 18, .colours = true, .tint = 5},
         "n  method              note\n"
         "------------------------------\n"
         "1  p2p[engi...e=push]\n"
         "\033[33m2  mpi                 resumed\033[0m\n",
         "in colour"},
    };
    struct xb_table *table = xb_table_new(titles);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        xb_table_add(table, rows[i]);
    xb_table_narrow(table, 5);
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        char *text = fitted(table, &fits[i].fit);
        is_str(text, fits[i].want, fits[i].name);
        free(text);
    }
    xb_table_free(table);
}

/* A matrix that is too wide comes in several, each with its first column. */
static void test_blocks(void)
{
    static const char *const titles[] = {"from", ">0 gpu", ">1 gpu", ">2 gpu", NULL};
    static const char *const row[] = {"0 gpu", "-", "395.1", "394.9", NULL};
    const struct xb_table_fit fit = {.columns = 20};
    struct xb_table *table = xb_table_new(titles);

    xb_table_add(table, row);
    char *text = fitted(table, &fit);
    is_str(text,
           "from   0 gpu  1 gpu\n"
           "-------------------\n"
           "0 gpu      -  395.1\n"
           "\n"
           "from   2 gpu\n"
           "------------\n"
           "0 gpu  394.9\n",
           "in two parts");
    free(text);
    xb_table_free(table);
}

/* What a terminal would act on is shown, not done. */
static void test_wild(void)
{
    static const char *const titles[] = {"host", "last", NULL};
    static const char *const row[] = {"a\033[2Jb\x9b", "\xc2\x9b\r\n", NULL};
    struct xb_table *table = xb_table_new(titles);

    xb_table_add(table, row);
    char *text = printed_table(xb_table_print, table);
    is_str(text,
           "host     last\n"
           "-------------\n"
           "a?[2Jb?  ???\n",
           "question marks");
    free(text);
    xb_table_free(table);
}

#define MANY 20000

/* Rows "0, 0", "1, 0", "2, 1", as printf prints them. */
static size_t count_rows(const char *text, const char *form)
{
    char row[64];
    size_t n = 0;
    int len = snprintf(row, sizeof(row), form, 0, 0);

    for (size_t at = 0; text[at];) {
        bool is = strncmp(text + at, row, (size_t)len) == 0;
        at += is ? (size_t)len : 1;
        n += is;
        len = snprintf(row, sizeof(row), form, (int)n, (int)n / 2);
    }
    return n;
}

/* More than waits in memory: rows come back from a file, and then those that are still there.
 */
static void test_many_rows(void)
{
    static const char *const titles[] = {"n", ">half", "x", NULL};
    static const struct {
        void (*print)(const struct xb_table *, FILE *);
        const char *row, *name;
        size_t lines;
    } forms[] = {
        {xb_table_print, "%-5d  %4d\n", "as text", MANY + 2},
        {xb_table_print_markdown, "| %d | %d |\n", "as Markdown", MANY + 2},
        {xb_table_print_csv, "%d,%d\r\n", "as CSV", MANY + 1},
        {xb_table_print, "%-5d  %4d\n", "as text again", MANY + 2},
    };
    struct xb_table *table = xb_table_new(titles);

    for (int i = 0; i < MANY; i++) {
        char number[16], half[16];

        snprintf(number, sizeof(number), "%d", i);
        snprintf(half, sizeof(half), "%d", i / 2);
        xb_table_add(table, (const char *const[]){number, half, "hidden", NULL});
    }
    xb_table_narrow(table, 2);
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        char *text = printed_table(forms[f].print, table);
        size_t lines = 0, right = count_rows(text, forms[f].row);
        for (const char *p = text; *p; p++)
            lines += *p == '\n';
        is_int((long long)right, MANY, forms[f].name);
        is_int((long long)lines, (long long)forms[f].lines, "with titles and no more");
        free(text);
    }
    xb_table_free(table);
    xb_table_free(NULL);
}

static char *printed_report(const struct xb_report *report, const char *format)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    xb_format_find(format)->write(report, out);
    fclose(out);
    return text;
}

static void test_formats(void)
{
    for (size_t i = 0; xb_formats[i]; i++) {
        ok(xb_format_find(xb_formats[i]->name) == xb_formats[i], xb_formats[i]->name);
        ok(xb_formats[i]->summary[0] != '\0', "has a summary");
        is_int(!!xb_formats[i]->write + !!xb_formats[i]->write_set +
                   !!xb_formats[i]->write_page,
               1, "and one way to be written");
    }
    ok(!xb_format_find("no such"), "and no other");

    struct xb_report report;
    struct xb_json doc;
    xb_report_empty(&report);
    char *text = printed_report(&report, "json");
    ok(xb_json_parse("json", text, strlen(text), &doc, NULL) == 0, "json is JSON");
    contains(text, "\"version\":\t2", "of the last version");
    free(text);
    xb_json_release(&doc);
    text = printed_report(&report, "trace");
    contains(text, "\"traceEvents\":\t[]", "a trace of nothing");
    free(text);
    xb_report_release(&report);
}

static void test_rates(void)
{
    static const struct {
        double rate;
        const char *text;
    } rates[] = {
        {396.04, "396.0"},      {53.504, "53.50"},      {1.0444, "1.044"},
        {0.56864, "0.5686"},    {0.0265, "0.0265"},     {0.00444, "0.00444"},
        {0.000123, "0.000123"}, {1e-12, "0.000000000"}, {0, "-"},
    };
    char buf[XB_CELL_LEN];

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        is_str(xb_format_rate(rates[i].rate, buf), rates[i].text, "a rate keeps its digits");
}

int main(void)
{
    test_rates();
    test_table();
    test_other_forms();
    test_many_rows();
    test_numbers();
    test_fit();
    test_blocks();
    test_wild();
    test_formats();
    return done_testing();
}
