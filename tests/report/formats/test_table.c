/* SPDX-License-Identifier: BSD-3-Clause */
/* test_table.c - text tables, and a report as a table. */
#include "report/formats/table.h"

#include <stdlib.h>

#include "report/formats/format.h"
#include "report/tables.h"
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
           "tea            12345  \n",
           "columns fit their content, counted in characters");
    free(text);
    xb_table_free(table);
}

static void test_other_forms(void)
{
    static const char *const titles[] = {"name", ">n", NULL};
    static const char *const rows[][3] = {
        {"a|b", "1", NULL}, {"say \"hi\", twice", "2", NULL}, {"two\nlines", "", NULL}};
    struct xb_table *table = xb_table_new(titles);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        xb_table_add(table, rows[i]);
    char *text = printed_table(xb_table_print_markdown, table);
    is_str(text,
           "| name | n |\n"
           "|---|---:|\n"
           "| a\\|b | 1 |\n"
           "| say \"hi\", twice | 2 |\n"
           "| two lines |  |\n",
           "as Markdown");
    free(text);
    text = printed_table(xb_table_print_csv, table);
    is_str(text,
           "name,n\r\n"
           "a|b,1\r\n"
           "\"say \"\"hi\"\", twice\",2\r\n"
           "\"two\nlines\",\r\n",
           "as CSV");
    free(text);
    text = printed_table(xb_table_print_html, table);
    is_str(
        text,
        "<table class=\"t r2\">\n"
        "<thead><tr><th scope=\"col\">name</th><th scope=\"col\">n</th></tr></thead>\n<tbody>\n"
        "<tr><td>a|b</td><td>1</td></tr>\n"
        "<tr><td>say &quot;hi&quot;, twice</td><td>2</td></tr>\n"
        "<tr><td>two lines</td><td></td></tr>\n"
        "</tbody></table>\n",
        "as HTML");
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

/* A case by what the table shows of it; NAN and NULL are null. */
struct shown {
    const char *id, *method, *options;
    int64_t bytes, chunk, depth, window, offset;
    enum xb_status status;
    const char *reason, *warning, *note;
    double median, ci_lo, ci_hi, rate;
};

static void add(struct xb_report *report, const struct shown *s)
{
    struct xb_report_case *c = xb_list_add(&report->cases, sizeof(*c));

    xb_fields_clear(xb_report_case_fields, c);
    xb_text_dup(s->id, &c->id);
    xb_text_dup("stream", &c->key.pattern);
    xb_text_dup(s->method, &c->key.method);
    xb_text_dup("gpu", &c->key.src);
    xb_text_dup("gpu", &c->key.dst);
    xb_text_dup("node", &c->key.locality);
    xb_text_dup(s->reason, &c->reason);
    xb_text_dup(s->warning, &c->warning);
    if (s->note)
        xb_texts_add(&c->notes, s->note);
    c->key.options = cJSON_Parse(s->options);
    c->key.bytes = s->bytes;
    c->key.chunk_bytes = s->chunk;
    c->key.depth = s->depth;
    c->key.window = s->window;
    c->key.src_offset = s->offset;
    c->key.dst_offset = 0;
    c->status = (int)s->status;
    c->time_us.there = !isnan(s->median);
    c->time_us.median = s->median;
    c->time_us.ci_lo = s->ci_lo;
    c->time_us.ci_hi = s->ci_hi;
    c->bandwidth.median = s->rate;
}

#define NOT_TIMED NULL, NULL, NAN, NAN, NAN, NAN

static const struct shown cases[] = {
    {"a", "p2p", "{\"engine\":\"ce\",\"side\":\"push\"}", 16777216, -1, -1, 1, 0, XB_OK, NULL,
     "shares its GPU", NULL, 85.5, 85, 87, 196.22},
    {"b", "host-staged", "{}", 1000, 262144, 4, 8, 64, XB_CORRUPT, "wrong byte at 12",
     "shares its GPU", NULL, 2100000, NAN, NAN, 0.0004},
    {"c", "null", "{\"delay\":1000,\"fail\":false}", 4096, -1, -1, 1, 0, XB_OK, NULL, NULL,
     "noisy", 1.5, 1.5, 1.5, 0},
    {"d", "nccl", "{}", 1, -1, -1, 1, 0, XB_SKIPPED, "not built with NCCL", NOT_TIMED},
    {"e", "nccl", "{}", 2, -1, -1, 1, 0, XB_SKIPPED, "not built with NCCL", NOT_TIMED},
    {"f", "mpi", "{}", 2, -1, -1, 1, 0, XB_FAILED, "out of handles", NOT_TIMED},
    {"g", "mpi", "{}", 4, -1, -1, 1, 0, XB_TIMEOUT, "out of handles", NOT_TIMED},
    {"h", "mpi", "{}", 8, -1, -1, 1, 0, XB_FAILED, "out of handles", NOT_TIMED},
};

static void test_report(void)
{
    struct xb_report report;

    xb_report_empty(&report);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        add(&report, &cases[i]);
    char *text = printed_report(&report, "table");
    is_str(text,
           "pattern  method                               path            size  chunk x depth  "
           "  median    GB/s  +-%  status\n"
           "-----------------------------------------------------------------------------------"
           "-------------------------------\n"
           "stream   p2p[engine=ce,side=push]             gpu->gpu@node  16MiB              -  "
           "85.50 us   196.2  1.2  ok\n"
           "stream   host-staged[src_offset=64,window=8]  gpu->gpu@node  1000B     256KiB x 4  "
           " 2.100 s  0.0004    -  corrupt\n"
           "stream   null[delay=1000,fail=no]             gpu->gpu@node   4KiB              -  "
           "1.500 us       -  0.0  ok noisy\n"
           "\n"
           "corrupt 1: wrong byte at 12\n"
           "  b\n"
           "skipped 2: not built with NCCL\n"
           "failed 2: out of handles\n"
           "  f\n"
           "  h\n"
           "timeout 1: out of handles\n"
           "  g\n"
           "warning 2: shares its GPU\n"
           "noisy: 1 of 3 cases have intervals wider than 10 %\n",
           "a report");
    free(text);
    xb_report_release(&report);
}

static void test_nothing_measured(void)
{
    struct xb_report report;

    xb_report_empty(&report);
    char *text = printed_report(&report, "table");
    is_str(text, "no case was measured\n", "a report without measured cases");
    free(text);
}

static void test_rates(void)
{
    static const struct {
        double rate;
        const char *shown;
    } rates[] = {
        {1234.56, "us  1234.6  "}, {100, "us  100.0  "},      {31.4159, "us  31.42  "},
        {3.14159, "us  3.142  "},  {0.31416, "us  0.3142  "}, {NAN, "us     -  "},
    };

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct xb_report report;
        struct shown c = cases[0];
        c.rate = rates[i].rate;
        xb_report_empty(&report);
        add(&report, &c);
        char *text = printed_report(&report, "table");
        contains(text, rates[i].shown, rates[i].shown);
        free(text);
        xb_report_release(&report);
    }
}

static void test_formats(void)
{
    for (size_t i = 0; xb_formats[i]; i++) {
        ok(xb_format_find(xb_formats[i]->name) == xb_formats[i], xb_formats[i]->name);
        ok(xb_formats[i]->summary[0] != '\0', "has a summary");
        ok(!xb_formats[i]->write != !xb_formats[i]->write_set, "and one way to be written");
    }
    ok(!xb_format_find("no such"), "and no other");

    struct xb_report report;
    struct xb_json doc;
    xb_report_empty(&report);
    add(&report, &cases[0]);
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

int main(void)
{
    test_table();
    test_other_forms();
    test_many_rows();
    test_report();
    test_nothing_measured();
    test_rates();
    test_formats();
    return done_testing();
}
