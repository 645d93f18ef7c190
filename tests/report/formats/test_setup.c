/* SPDX-License-Identifier: BSD-3-Clause */
/* test_setup.c - what cases took before their samples. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "tests/report/report_fixture.h"

int main(void)
{
    static const struct xb_rank_info ranks[] = {{.rank = 0, .host = "n1"},
                                                {.rank = 1, .host = "n1"}};
    static const struct xb_setup setups[] = {{1112, 40, 30, 12.5, 72, 1000},
                                             {6, 2, 0, 0, 4, NAN}};
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 2};
    struct xb_report report;
    char *text = NULL;
    size_t len;
    FILE *out;

    xb_report_begin(&report, &head, NULL);
    for (int i = 0; i < 3; i++) {
        const struct row *row = &rows[i < 2 ? PLAIN : SKIPPED];
        struct xb_case c;
        struct xb_result r;
        fill_case(row, &c);
        fill_result(row, &c, &r);
        if (i < 2)
            r.setup = setups[i];
        xb_report_add(&report, &c, &r, false, NULL);
        xb_result_release(&r);
    }
    out = open_memstream(&text, &len);
    is_int(xb_format_find("setup")->write(&report, out), 0, "it is written");
    fclose(out);
    is_str(
        text,
        "case      start      open  register       map     first     total    median  first / "
        "median\n"
        "--------------------------------------------------------------------------------------"
        "-"
        "----\n"
        "plain  1.000 ms  40.00 us  30.00 us  12.50 us  72.00 us  1.112 ms  4.000 us           "
        " "
        "18.0\n"
        "plain         -  2.000 us  0.000 ns  0.000 ns  4.000 us  6.000 us  4.000 us           "
        "  "
        "1.0\n"
        "\n"
        "skipped 1: no GPU\n"
        "noisy: 2 of 2 cases have intervals wider than 10 %\n",
        "cases that were measured, and what kept others from it");
    free(text);
    xb_report_release(&report);
    return done_testing();
}
