/* SPDX-License-Identifier: BSD-3-Clause */
/* test_budget.c - cases that differ in a budget, and the least that is enough. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "tests/report/report_fixture.h"

/* A case of `p2p` with these options, and its rate in GB/s. */
struct measured {
    const char *options;
    double rate;
};

static void add(struct xb_report *report, const struct measured *m)
{
    struct xb_case c;
    struct xb_result r;

    fill_case(&rows[PLAIN], &c);
    fill_result(&rows[PLAIN], &c, &r);
    xb_report_add(report, &c, &r, false, NULL);
    xb_result_release(&r);

    struct xb_report_case *out = xb_report_case_at(report, report->cases.n - 1);
    cJSON_Delete(out->key.options);
    out->key.options = cJSON_Parse(m->options);
    out->bandwidth.median = m->rate;
}

static const struct xb_rank_info ranks[] = {{.rank = 0, .host = "n1"},
                                            {.rank = 1, .host = "n1"}};

static void is_printed(const struct measured *m, size_t n, const char *want, const char *name)
{
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 2};
    struct xb_report report;
    char *text = NULL;
    size_t len;

    xb_report_begin(&report, &head, NULL);
    for (size_t i = 0; i < n; i++)
        add(&report, &m[i]);
    FILE *out = open_memstream(&text, &len);
    is_int(xb_format_find("budget")->write(&report, out), 0, "it is written");
    fclose(out);
    is_str(text, want, name);
    free(text);
    xb_report_release(&report);
}

/* The best of all is 360, of which 342 are 95 %: 342.1 is enough, 341.9 is not. */
static void test_multiprocessors(void)
{
    static const struct measured measured[] = {
        {"{\"engine\":\"sm\"}", 350},
        {"{\"engine\":\"sm\",\"sms\":16}", 360},
        {"{\"engine\":\"sm\",\"sms\":1}", 45},
        {"{\"engine\":\"sm\",\"sms\":8}", 342.1},
        {"{\"engine\":\"sm\",\"sms\":4}", 341.9},
    };

    is_printed(measured, sizeof(measured) / sizeof(measured[0]),
               "stream classes, p2p[engine=sm] gpu->gpu@node 7000B\n"
               "multiprocessors   GB/s  of the best\n"
               "---------------------------------------------------------\n"
               "              1  45.00        0.125\n"
               "              4  341.9        0.950\n"
               "              8  342.1        0.950  the least within 5 %\n"
               "             16  360.0        1.000\n"
               "            all  350.0        0.972\n"
               "\n"
               "noisy: 5 of 5 cases have intervals wider than 10 %\n",
               "multiprocessors in order, all behind them");
}

/* Ways to submit stand in the report's order, and the best is marked however near the next is.
 */
static void test_submissions(void)
{
    static const struct measured measured[] = {
        {"{\"blocks\":64}", 1.5},
        {"{\"blocks\":64,\"submission\":\"kernel\"}", 359},
        {"{\"blocks\":64,\"submission\":\"2d\"}", 360},
    };

    is_printed(measured, sizeof(measured) / sizeof(measured[0]),
               "stream classes, p2p[blocks=64] gpu->gpu@node 7000B\n"
               "submission   GB/s  of the best\n"
               "----------------------------------------\n"
               "loop        1.500        0.004\n"
               "kernel      359.0        0.997\n"
               "2d          360.0        1.000  the best\n"
               "\n"
               "noisy: 3 of 3 cases have intervals wider than 10 %\n",
               "ways to submit");
}

/* Allocators stand beside what carried the bytes: one that another wire carried is seen. */
static void test_allocators(void)
{
    static const struct {
        char *allocator;
        double rate, nvlink, pcie;
    } measured[] = {{"malloc", 380, 1, 0}, {"pool", 0.3, 0.01, 1.02}, {"vmm", 190, 1, 0}};
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 2};
    struct xb_report report;
    char *text = NULL;
    size_t len;

    xb_report_begin(&report, &head, NULL);
    for (size_t i = 0; i < 3; i++) {
        add(&report, &(struct measured){"{\"side\":\"push\"}", measured[i].rate});
        struct xb_report_case *c = xb_report_case_at(&report, report.cases.n - 1);
        free(c->key.allocator);
        c->key.allocator = strdup(measured[i].allocator);
        c->carried_by = (struct xb_report_carried){
            .there = true,
            .by = {[XB_NVLINK_TX] = measured[i].nvlink, [XB_PCIE_TX] = measured[i].pcie}};
    }
    FILE *out = open_memstream(&text, &len);
    is_int(xb_format_find("budget")->write(&report, out), 0, "it is written");
    fclose(out);
    is_str(text,
           "stream classes, p2p[side=push] gpu->gpu@node 7000B\n"
           "allocator    GB/s  of the best                            carried by\n"
           "------------------------------------------------------------------------\n"
           "malloc      380.0        1.000  the best                  nvlink_tx 1.00\n"
           "pool       0.3000        0.001  less than half of malloc  pcie_tx 1.02\n"
           "vmm         190.0        0.500                            nvlink_tx 1.00\n"
           "\n"
           "noisy: 3 of 3 cases have intervals wider than 10 %\n",
           "allocators");
    free(text);
    xb_report_release(&report);
}

/* One budget is no curve: such cases are in the table. */
static void test_others(void)
{
    static const struct measured measured[] = {
        {"{\"memory\":\"pinned\",\"threads\":4}", 32},
        {"{\"memory\":\"pinned\"}", 9.1},
        {"{\"memory\":\"pageable\",\"threads\":4}", 7},
    };

    is_printed(
        measured, sizeof(measured) / sizeof(measured[0]),
        "stream classes, p2p[memory=pinned] gpu->gpu@node 7000B\n"
        "threads   GB/s  of the best\n"
        "-------------------------------------------------\n"
        "      1  9.100        0.284\n"
        "      4  32.00        1.000  the least within 5 %\n"
        "\n"
        "pattern  method                          path            size  chunk x depth    "
        "median   GB/s   +-%  status\n"
        "---------------------------------------------------------------------------------"
        "----------------------------\n"
        "stream   p2p[memory=pageable,threads=4]  gpu->gpu@node  7000B              -  "
        "4.000 us  7.000  75.0  ok noisy\n"
        "\n"
        "noisy: 3 of 3 cases have intervals wider than 10 %\n",
        "threads, and what has no other beside it");
}

int main(void)
{
    test_multiprocessors();
    test_submissions();
    test_allocators();
    test_others();
    return done_testing();
}
