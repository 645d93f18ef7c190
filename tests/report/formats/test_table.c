/* test_table.c - text tables, and a report as a table. */
#include "report/formats/table.h"

#include <stdlib.h>

#include "tests/tap.h"

static char *printed_table(const struct xb_table *table)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    xb_table_print(table, out);
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

    char *text = printed_table(table);
    is_str(text,
           "name               n  last\n"
           "--------------------------\n"
           "caf\xc3\xa9s au lait      7  x\n"
           "tea            12345  \n",
           "columns fit their content, counted in characters");
    free(text);
    xb_table_free(table);
}

static void test_many_rows(void)
{
    static const char *const titles[] = {"n", NULL};
    struct xb_table *table = xb_table_new(titles);
    size_t lines = 0;

    for (int i = 0; i < 1000; i++) {
        char number[16];

        snprintf(number, sizeof(number), "%d", i);
        xb_table_add(table, (const char *const[]){number, NULL});
    }
    char *text = printed_table(table);
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    is_int((long long)lines, 1002, "titles, rule and a thousand rows");
    contains(text, "\n999\n", "the last row");
    free(text);
    xb_table_free(table);
    xb_table_free(NULL);
}

#define KEY(method, options, bytes, chunk, depth, window, offset)                              \
    "\"key\":{\"pattern\":\"stream\",\"method\":\"" method "\",\"options\":{" options          \
    "},\"src\":\"gpu\",\"dst\":\"gpu\",\"locality\":\"node\",\"bytes\":" bytes                 \
    ",\"chunk_bytes\":" chunk ",\"depth\":" depth ",\"window\":" window                        \
    ",\"src_offset\":" offset ",\"dst_offset\":0}"

#define NOT_TIMED "\"time_us\":null,\"bandwidth_gb_per_s\":null"

static const char report_text[] =
    "{\"cases\":["
    "{\"id\":\"a\"," KEY(
        "p2p", "\"engine\":\"ce\",\"side\":\"push\"", "16777216", "null", "null", "1",
        "0") ",\"status\":\"ok\",\"reason\":null,"
             "\"warning\":\"shares its GPU\","
             "\"time_us\":{\"median\":85.5,\"ci_lo\":85,\"ci_hi\":87},"
             "\"bandwidth_gb_per_s\":{\"median\":196.22}},"
             "{\"id\":\"b\"," KEY(
                 "host-staged", "", "1000", "262144", "4", "8",
                 "64") ","
                       "\"status\":\"corrupt\",\"reason\":\"wrong byte at "
                       "12\",\"warning\":\"shares its GPU\","
                       "\"time_us\":{\"median\":2100000,\"ci_lo\":null,\"ci_hi\":null},"
                       "\"bandwidth_gb_per_s\":{\"median\":0.0004}},"
                       "{\"id\":\"c\"," KEY(
                           "null", "\"delay\":1000,\"fail\":false", "4096", "null", "null", "1",
                           "0") ",\"status\":\"ok\",\"reason\":null,\"warning\":null,"
                                "\"time_us\":{\"median\":1.5,\"ci_lo\":1.5,\"ci_hi\":1.5},"
                                "\"bandwidth_gb_per_s\":{\"median\":0}},"
                                "{\"id\":\"d\"," KEY(
                                    "nccl", "", "1", "null", "null", "1",
                                    "0") ","
                                         "\"status\":\"skipped\",\"reason\":\"not built with "
                                         "NCCL\",\"warning\":null," NOT_TIMED "},"
                                         "{\"id\":\"e\"," KEY(
                                             "nccl", "", "2", "null", "null", "1",
                                             "0") ","
                                                  "\"status\":\"skipped\",\"reason\":\"not "
                                                  "built with "
                                                  "NCCL\",\"warning\":null," NOT_TIMED "},"
                                                  "{\"id\":\"f\"," KEY(
                                                      "mpi", "", "2", "null", "null", "1",
                                                      "0") ","
                                                           "\"status\":\"failed\",\"reason\":"
                                                           "\"out of "
                                                           "handles\",\"warning\":"
                                                           "null," NOT_TIMED "},"
                                                           "{\"id\":\"g\"," KEY(
                                                               "mpi", "", "4", "null", "null",
                                                               "1",
                                                               "0") ","
                                                                    "\"status\":\"timeout\","
                                                                    "\"reason\":\"out of "
                                                                    "handles\",\"warning\":"
                                                                    "null," NOT_TIMED "},"
                                                                    "{\"id\":\"h\"," KEY(
                                                                        "mpi", "", "8", "null",
                                                                        "null", "1",
                                                                        "0") ","
                                                                             "\"status\":"
                                                                             "\"failed\","
                                                                             "\"reason\":\"out "
                                                                             "of "
                                                                             "handles\","
                                                                             "\"warning\":"
                                                                             "null," NOT_TIMED
                                                                             "}"
                                                                             "]}";

static char *printed_report(const char *json)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    cJSON *report = cJSON_Parse(json);

    xb_table_print_report(report, out);
    fclose(out);
    cJSON_Delete(report);
    return text;
}

static void test_report(void)
{
    char *text = printed_report(report_text);

    is_str(text,
           "pattern  method                               path            size  chunk x depth  "
           "  median    GB/s  +-%  status\n"
           "-----------------------------------------------------------------------------------"
           "------------------------------\n"
           "stream   p2p[engine=ce,side=push]             gpu->gpu@node  16MiB              -  "
           "85.50 us   196.2  1.2  ok\n"
           "stream   host-staged[src_offset=64,window=8]  gpu->gpu@node  1000B     256KiB x 4  "
           " 2.100 s  0.0004    -  corrupt\n"
           "stream   null[delay=1000,fail=no]             gpu->gpu@node   4KiB              -  "
           "1.500 us       -  0.0  ok\n"
           "\n"
           "corrupt 1: wrong byte at 12\n"
           "  b\n"
           "skipped 2: not built with NCCL\n"
           "failed 2: out of handles\n"
           "  f\n"
           "  h\n"
           "timeout 1: out of handles\n"
           "  g\n"
           "warning 2: shares its GPU\n",
           "a report");
    free(text);
}

static void test_nothing_measured(void)
{
    char *text = printed_report("{\"cases\":[]}");

    is_str(text, "no case was measured\n", "a report without measured cases");
    free(text);
}

static void test_rates(void)
{
    static const struct {
        const char *rate, *shown;
    } rates[] = {
        {"1234.56", "us  1234.6  "}, {"100", "us  100.0  "},      {"31.4159", "us  31.42  "},
        {"3.14159", "us  3.142  "},  {"0.31416", "us  0.3142  "}, {"null", "us     -  "},
    };

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        char json[256];

        snprintf(json, sizeof(json),
                 "{\"cases\":[{\"time_us\":{\"median\":1,\"ci_lo\":1,\"ci_hi\":1},"
                 "\"bandwidth_gb_per_s\":{\"median\":%s}}]}",
                 rates[i].rate);
        char *text = printed_report(json);
        contains(text, rates[i].shown, rates[i].rate);
        free(text);
    }
}

int main(void)
{
    test_table();
    test_many_rows();
    test_report();
    test_nothing_measured();
    test_rates();
    return done_testing();
}
