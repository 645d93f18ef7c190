/* SPDX-License-Identifier: BSD-3-Clause */
/* test_table_report.c - a report as tables that fit a page. */
#include <stdlib.h>

#include "report/formats/format.h"
#include "report/tables.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static char *printed(const struct xb_report *report, struct xb_page page)
{
    const struct xb_format_source source = {.report = report};
    const struct xb_format_set set = {.source = &source, .n = 1, .page = page};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    is_int(xb_format_write(xb_format_find("table"), &set, out), 0, "written");
    fclose(out);
    return text;
}

/* A case by what the table shows of it; NAN and NULL are null. */
struct shown {
    const char *id, *pattern, *method, *options;
    int64_t bytes, chunk, depth, window;
    enum xb_status status;
    const char *reason, *warning, *note;
    double median, lo, hi, rate;
};

static struct xb_report_case *add(struct xb_report *report, const struct shown *s)
{
    struct xb_report_case *c = xb_list_add(&report->cases, sizeof(*c));

    xb_fields_clear(xb_report_case_fields, c);
    xb_text_dup(s->id, &c->id);
    xb_text_dup(s->pattern, &c->key.pattern);
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
    c->key.src_offset = c->key.dst_offset = 0;
    c->status = (int)s->status;
    c->slowest_lane = -1;
    c->time_us.there = !isnan(s->median);
    c->time_us.median = s->median;
    c->time_us.ci_lo = s->lo;
    c->time_us.ci_hi = s->hi;
    c->bandwidth.median = s->rate;
    return c;
}

static struct xb_report report_of(const struct shown *cases, size_t n)
{
    struct xb_report report;

    xb_report_empty(&report);
    xb_text_dup("cpu", &report.run.device);
    for (size_t i = 0; i < n; i++)
        add(&report, &cases[i]);
    return report;
}

static void is_table(struct xb_report *report, struct xb_page page, const char *want,
                     const char *name)
{
    char *text = printed(report, page);

    is_str(text, want, name);
    free(text);
    xb_report_release(report);
}

#define ONE       -1, -1, 1
#define NOT_TIMED NULL, NULL, NAN, NAN, NAN, NAN
#define MiB       1048576

static const struct shown mixed[] = {
    {"a", "stream", "p2p", "{\"engine\":\"ce\",\"side\":\"push\"}", 16 * MiB, ONE, XB_OK, NULL,
     "shares its GPU", NULL, 85.5, 85, 87, 196.22},
    {"b", "stream", "p2p", "{\"engine\":\"sm\",\"side\":\"push\"}", 16 * MiB, ONE, XB_OK, NULL,
     NULL, "noisy", 86, 70, 99, 195.1},
    {"c", "stream", "host-staged", "{}", 16 * MiB, 262144, 4, 1, XB_CORRUPT, "wrong byte at 12",
     "shares its GPU", NULL, 2100, 2090, 2110, 300},
    {"d", "stream", "mpi", "{}", 1000, ONE, XB_OK, NULL, NULL, "resumed", 1.5, 1.4, 1.6,
     0.6667},
    {"e", "stream", "mpi", "{}", 16 * MiB, ONE, XB_OK, NULL, NULL, NULL, 170, 169, 171, 98.69},
    {"f", "pingpong", "mpi", "{}", 8, ONE, XB_OK, NULL, NULL, NULL, 2.25, 2.2, 2.3, 0.0036},
    {"g", "pingpong", "mpi", "{}", 65536, ONE, XB_OK, NULL, NULL, NULL, 1236.2, 1236, 1237, 53},
    {"h", "stream", "nccl", "{}", 1, ONE, XB_SKIPPED, "not built with NCCL", NOT_TIMED},
    {"i", "stream", "nccl", "{}", 2, ONE, XB_SKIPPED, "not built with NCCL", NOT_TIMED},
    {"j", "stream", "mpi", "{}", 2, ONE, XB_FAILED, "out of handles", NOT_TIMED},
};

#define HEAD                                                                                   \
    "device cpu\n"                                                                             \
    "\n"                                                                                       \
    "stream, gpu->gpu@node\n"                                                                  \
    "  p2p[side=push]\n"                                                                       \
    " size  method          chunk x depth      GB/s       +-%  notes\n"                        \
    "-----------------------------------------------------------------\n"                      \
    "1000B  mpi                              0.6667       6.7  resumed\n"                      \
    "16MiB  p2p[engine=ce]                 196.2     *    1.2\n"                               \
    "16MiB  p2p[engine=sm]                 195.1     *~  16.9\n"                               \
    "16MiB  host-staged        256KiB x 4  300.0     x    0.5  corrupt\n"                      \
    "16MiB  mpi                             98.69         0.6\n"
#define SIGNS                                                                                  \
    "\n"                                                                                       \
    "pingpong, gpu->gpu@node\n"                                                                \
    " size  method   time us  +-%\n"                                                           \
    "----------------------------\n"                                                           \
    "   8B  mpi        2.250  2.2\n"                                                           \
    "64KiB  mpi     1236      0.0\n"                                                           \
    "\n"                                                                                       \
    "signs: * fastest of its size, or its interval meets that one's; ~ noisy: its interval "   \
    "is\n"                                                                                     \
    "  wider than +-10 %; x not ok\n"                                                          \
    "\n"                                                                                       \
    "1 case corrupt: wrong byte at 12\n"                                                       \
    "  c\n"

static void test_mixed(void)
{
    struct xb_report report = report_of(mixed, ROWS(mixed));

    is_table(&report, (struct xb_page){.columns = 88},
             HEAD SIGNS "2 cases skipped: not built with NCCL\n"
                        "1 case failed: out of handles\n"
                        "  j\n"
                        "--verbose lists the skipped cases\n"
                        "warning 2: shares its GPU\n"
                        "noisy: 1 of 7 cases have intervals wider than 10 %\n",
             "methods beside one another at each size");
    report = report_of(mixed, ROWS(mixed));
    is_table(&report, (struct xb_page){.columns = 88, .verbose = true},
             HEAD SIGNS "2 cases skipped: not built with NCCL\n"
                        "  h\n"
                        "  i\n"
                        "1 case failed: out of handles\n"
                        "  j\n"
                        "warning 2: shares its GPU\n"
                        "noisy: 1 of 7 cases have intervals wider than 10 %\n",
             "and which ones were skipped");
}

/* Colours of a row that is not ok, and of a noisy one; the signs are there without them. */
static void test_colours(void)
{
    struct xb_report report = report_of(mixed, ROWS(mixed));
    char *text = printed(&report, (struct xb_page){.columns = 88, .colours = true});

    contains(text,
             "\n\033[33m16MiB  p2p[engine=sm]                 195.1     *~  16.9\033[0m\n",
             "noisy");
    contains(
        text,
        "\n\033[31m16MiB  host-staged        256KiB x 4  300.0     x    0.5  corrupt\033[0m\n",
        "corrupt");
    free(text);
    xb_report_release(&report);
}

/* Two chunks by three depths. */
static void test_grid(void)
{
    static const struct shown cases[] = {
        {"a", "stream", "host-staged", "{}", 4 * MiB, MiB, 1, 1, XB_OK, NULL, NULL, NULL, 100,
         99, 101, 10},
        {"b", "stream", "host-staged", "{}", 4 * MiB, MiB, 2, 1, XB_OK, NULL, NULL, NULL, 50,
         49, 51, 20},
        {"c", "stream", "host-staged", "{}", 4 * MiB, MiB, 4, 1, XB_OK, NULL, NULL, "noisy", 40,
         30, 51, 25},
        {"d", "stream", "host-staged", "{}", 4 * MiB, 65536, 1, 1, XB_OK, NULL, NULL, NULL, 400,
         399, 401, 2.5},
        {"e", "stream", "host-staged", "{}", 4 * MiB, 65536, 2, 1, XB_OK, NULL, NULL, NULL, 200,
         199, 201, 5},
        {"f", "stream", "host-staged", "{}", 4 * MiB, 65536, 4, 1, XB_OK, NULL, NULL, NULL, 100,
         99, 101, 10},
        {"g", "stream", "mpi", "{}", 4 * MiB, ONE, XB_OK, NULL, NULL, NULL, 25, 24, 26, 40},
    };
    struct xb_report report = report_of(cases, ROWS(cases));

    is_table(&report, (struct xb_page){.columns = 80},
             "device cpu\n"
             "\n"
             "stream, gpu->gpu@node\n"
             "size  method       chunk x depth   GB/s       +-%\n"
             "-------------------------------------------------\n"
             "4MiB  host-staged       1MiB x 4  25.00  #~  26.2\n"
             "4MiB  mpi                         40.00  *    4.0\n"
             "\n"
             "host-staged, 4MiB: GB/s by chunk (rows) and depth (columns)\n"
             "chunk \\ depth       1       2        4\n"
             "--------------------------------------\n"
             "        64KiB   2.500   5.000  10.00\n"
             "         1MiB  10.00   20.00   25.00#~\n"
             "\n"
             "signs: * fastest of its size, or its interval meets that one's; # best of a\n"
             "  grid; ~ noisy: its interval is wider than +-10 %\n"
             "\n"
             "noisy: 1 of 7 cases have intervals wider than 10 %\n",
             "as a grid, the best of which has a row");
    report = report_of(cases, ROWS(cases));
    char *text = printed(&report, (struct xb_page){.columns = 80, .verbose = true});
    contains(text, "\n4MiB  host-staged      64KiB x 2   5.000  ",
             "each in a row, where verbose");
    free(text);
    xb_report_release(&report);
}

/* What was slow as a whole run found is marked in the cases in which it was seen. */
static void test_slow(void)
{
    struct xb_report report = report_of(mixed, 5);
    char *text;

    report.outliers = cJSON_Parse("[{\"kind\": \"gpu\", \"cases\": [{\"id\": \"e\"}]}]");
    text = printed(&report, (struct xb_page){.columns = 88});
    contains(text, "\n16MiB  mpi                             98.69    !    0.6\n", "marked");
    contains(text, "! something was slow in it", "and said");
    free(text);
    xb_report_release(&report);
}

/* Conditions of all cases stand in the heading, others with the method. */
static void test_conditions(void)
{
    static const struct shown cases[] = {
        {"a", "stream", "mpi", "{\"memory\":\"device\"}", 8, -1, -1, 16, XB_OK, NULL, NULL,
         NULL, 1, NAN, NAN, 0.008},
        {"b", "stream", "mpi", "{\"memory\":\"device\"}", 8, -1, -1, 16, XB_OK, NULL, NULL,
         NULL, 2, NAN, NAN, 0.004},
    };
    struct xb_report report = report_of(cases, 2);

    xb_text_dup("cold", &xb_report_case_at(&report, 1)->key.cache);
    char *text = printed(&report, (struct xb_page){.columns = 80});
    contains(text, "\nstream, gpu->gpu@node, window=16\n  mpi[memory=device]\n", "the heading");
    contains(text, "\n  8B  mpi              0.00800\n", "one");
    contains(text, "\n  8B  mpi[cache=cold]  0.00400\n",
             "the other, which is not compared with it");
    free(text);
    xb_report_release(&report);
}

static void test_nothing_measured(void)
{
    struct xb_report report = report_of(NULL, 0);

    is_table(&report, (struct xb_page){.columns = 80}, "device cpu\nno case was measured\n",
             "a report without measured cases");
}

static void test_rates(void)
{
    static const struct {
        double rate;
        const char *shown;
    } rates[] = {
        {1234.56, "  1234.6"},  {100, "  100.0  "},      {31.4159, "  31.42  "},
        {3.14159, "  3.142  "}, {0.31416, "  0.3142  "},
    };

    for (size_t i = 0; i < ROWS(rates); i++) {
        struct shown c = mixed[0];
        c.rate = rates[i].rate;
        struct xb_report report = report_of(&c, 1);
        char *text = printed(&report, (struct xb_page){.columns = 80});
        contains(text, rates[i].shown, rates[i].shown);
        free(text);
        xb_report_release(&report);
    }
}

int main(void)
{
    test_mixed();
    test_colours();
    test_grid();
    test_slow();
    test_conditions();
    test_nothing_measured();
    test_rates();
    return done_testing();
}
