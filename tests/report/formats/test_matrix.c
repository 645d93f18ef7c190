/* SPDX-License-Identifier: BSD-3-Clause */
/* test_matrix.c - cases with several lanes, as matrices and in the table. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "tests/report/report_fixture.h"

static const struct xb_rank_info ranks[] = {
    {.rank = 0, .host = "n1", .place = {.has_gpu = true, .pci = "0000:3b:00.0"}},
    {.rank = 1, .host = "n1", .place = {.has_gpu = true, .pci = "0000:5e:00.0"}},
    {.rank = 2, .host = "n1", .place = {.has_gpu = true, .pci = "0001:5e:00.0"}},
};

static struct xb_report begun(void)
{
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 3};
    struct xb_report report;

    xb_report_begin(&report, &head, NULL);
    return report;
}

static void is_printed(struct xb_report *report, const char *format, const char *want,
                       const char *name)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    const struct xb_format_source source = {.report = report};
    const struct xb_format_set set = {.source = &source, .n = 1, .page = {.columns = 100}};
    is_int(xb_format_write(xb_format_find(format), &set, out), 0, format);
    fclose(out);
    is_str(text, want, name);
    free(text);
    xb_report_release(report);
}

static void test_each(void)
{
    struct xb_report report = begun();
    struct xb_case c;
    struct xb_result r;

    fill_each(&c, &r);
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);
    is_printed(&report, "matrix",
               "stream classes, p2p[engine=ce,side=push] gpu->gpu@node 100000B, GB/s\n"
               "from \\ to       0 3b:00.0  1 5e:00.0  2 0001:5e:00.0\n"
               "----------------------------------------------------\n"
               "0 3b:00.0               -      10.00           5.000\n"
               "1 5e:00.0         skipped          -          failed\n"
               "2 0001:5e:00.0     0.6250     0.3125               -\n"
               "min 0.3125 (2->1), median 0.6250 (2->0), max 10.00 (0->1)\n"
               "\n"
               "failed 1: out of handles\n"
               "  each\n",
               "sources by destinations");

    report = begun();
    fill_each(&c, &r);
    r.status = XB_OK;
    r.reason[0] = '\0';
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);
    is_printed(&report, "table",
               "device cpu; 3 ranks on 1 node\n"
               "\n"
               "stream, gpu->gpu@node\n"
               "  p2p[engine=ce,side=push]\n"
               "   size  method   GB/s  slowest lane  %ceiling\n"
               "----------------------------------------------\n"
               "100000B  p2p     5.000  0.3125 2->1       10.0\n",
               "the median lane, and the slowest by name");
}

/* Within ranks there is a column for each, and the other cases stay in the table. */
static void test_self(void)
{
    struct xb_report report = begun();
    struct xb_case c;
    struct xb_result r;

    fill_each(&c, &r);
    xb_path_parse("host->gpu@self", &c.path, NULL);
    for (int i = 0; i < 6; i++) {
        r.lanes[i].src_rank = r.lanes[i].dst_rank = i % 3;
        r.lanes[i].path = i < 3 ? c.path : xb_path_reverse(&c.path);
    }
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);
    add_row(&report, &rows[PLAIN]);
    is_printed(
        &report, "matrix",
        "stream classes, p2p[engine=ce,side=push] host->gpu@self 100000B, GB/s\n"
        "           0 3b:00.0  1 5e:00.0  2 0001:5e:00.0\n"
        "-----------------------------------------------\n"
        "gpu->host     failed     0.6250          0.3125\n"
        "host->gpu      10.00      5.000         skipped\n"
        "min 0.3125 (2), median 0.6250 (1), max 10.00 (0)\n"
        "\n"
        "pattern  method                    path            size  chunk x depth    median  "
        " GB/s   +-%  status\n"
        "----------------------------------------------------------------------------------"
        "---------------------\n"
        "stream   p2p[engine=ce,side=push]  gpu->gpu@node  7000B              -  4.000 us  "
        "1.750  75.0  ok noisy\n"
        "\n"
        "failed 1: out of handles\n"
        "  each\n"
        "noisy: 1 of 2 cases have intervals wider than 10 %\n",
        "a row of ranks");
}

/* Lanes that share a cell, as both ways of pairs in both orders do: it shows the worst. */
static void test_shared(void)
{
    static const int pairs[][2] = {{0, 1}, {1, 0}, {2, 0}, {1, 0}, {0, 1}, {2, 1}};
    struct xb_report report = begun();
    struct xb_case c;
    struct xb_result r;

    fill_each(&c, &r);
    xb_path_parse("host->host@node", &c.path, NULL);
    for (int i = 0; i < 6; i++) {
        r.lanes[i].path = c.path;
        r.lanes[i].src_rank = pairs[i][0];
        r.lanes[i].dst_rank = pairs[i][1];
    }
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);
    is_printed(&report, "matrix",
               "stream classes, p2p[engine=ce,side=push] host->host@node 100000B, GB/s\n"
               "from \\ to   0 host  1 host\n"
               "--------------------------\n"
               "0 host           -  0.6250\n"
               "1 host      failed       -\n"
               "2 host     skipped  0.3125\n"
               "min 0.3125 (2->1), median 0.6250 (0->1), max 10.00 (0->1)\n"
               "\n"
               "failed 1: out of handles\n"
               "  each\n",
               "what is worst stands in the cell");
}

/* The ends of a rank's lanes by bus id, also of the GPUs that it sees besides its own: as the
 * report was made, and read back from its file. */
static void test_ends(void)
{
    static const struct {
        int64_t rank;
        const char *endpoint, *want;
    } ends[] = {{0, "gpu", "5e:00.0"}, {0, "gpu+1", "3b:00.0"}, {0, "gpu+2", "0001:5e:00.0"},
                {0, "gpu+3", "gpu+3"}, {0, "host", "host"},     {0, "gpu+*", "gpu+*"},
                {1, "gpu+1", "gpu+1"}, {7, "gpu", "gpu"},       {1, "gpu", "3b:00.0 MIG-1234"}};
    struct xb_gpu_info gpus[] = {xb_gpu_unknown("0000:3b:00.0"), xb_gpu_unknown("0000:5e:00.0"),
                                 xb_gpu_unknown("0001:5e:00.0")};
    const struct xb_node_info node = {.gpus = gpus, .ngpus = 3};
    const struct xb_rank_info seeing[] = {
        {.host = "n1",
         .place = {.has_gpu = true, .pci = "0000:5e:00.0"},
         .nvisible = 3,
         .visible = {0, 1, 2}},
        {.rank = 1,
         .host = "n1",
         .gpu_uuid = "MIG-1234",
         .place = {.has_gpu = true, .pci = "0000:3b:00.0", .instance = "MIG-1234"}}};
    const struct xb_report_head head = {
        .device = "cuda", .ranks = seeing, .nranks = 2, .nodes = &node};
    struct xb_report made, back;
    struct xb_error err = {""};
    struct xb_json doc;
    char end[XB_CELL_LEN];

    xb_report_begin(&made, &head, NULL);
    cJSON *json = xb_report_json(&made);
    char *text = cJSON_PrintUnformatted(json);
    xb_json_parse("r.json", text, strlen(text), &doc, NULL);
    struct xb_node root = xb_json_root(&doc);
    is_int(xb_report_read(&root, &back, &err), 0, "it can be read back");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        is_str(xb_format_end(&made, ends[i].rank, ends[i].endpoint, end), ends[i].want, "made");
        is_str(xb_format_end(&back, ends[i].rank, ends[i].endpoint, end), ends[i].want, "read");
    }
    xb_json_release(&doc);
    cJSON_free(text);
    cJSON_Delete(json);
    xb_report_release(&made);
    xb_report_release(&back);
}

int main(void)
{
    test_ends();
    test_each();
    test_self();
    test_shared();
    return done_testing();
}
