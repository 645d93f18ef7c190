/* SPDX-License-Identifier: BSD-3-Clause */
/* test_interference.c - transfers beside work: a row for each transfer, whatever was beside it.
 */
#include "report/formats/format.h"

#include <stdlib.h>
#include <string.h>

#include "tests/report/report_fixture.h"

struct measured {
    const char *options;
    double alone, kept, work; /* figures; NAN: not known */
    bool failed;
};

static void add(struct xb_report *report, const struct measured *m)
{
    const struct xb_figure figures[] = {{"transfer_alone_gb_per_s", m->alone},
                                        {"transfer_kept", m->kept},
                                        {"work_kept", m->work}};
    struct xb_case c;
    struct xb_result r;

    fill_case(&rows[PLAIN], &c);
    fill_result(&rows[PLAIN], &c, &r);
    memcpy(r.figures, figures, sizeof figures);
    r.nfigures = sizeof figures / sizeof figures[0];
    xb_report_add(report, &c, &r, false, NULL);
    xb_result_release(&r);

    struct xb_report_case *out = xb_report_case_at(report, report->cases.n - 1);
    cJSON_Delete(out->key.options);
    out->key.options = cJSON_Parse(m->options);
    if (m->failed)
        out->status = XB_FAILED;
}

static const struct xb_rank_info ranks[] = {{.rank = 0, .host = "n1"},
                                            {.rank = 1, .host = "n1"}};

static char *print(const struct measured *m, size_t n)
{
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 2};
    struct xb_report report;
    char *text = NULL;
    size_t len;

    xb_report_begin(&report, &head, NULL);
    for (size_t i = 0; i < n; i++)
        add(&report, &m[i]);
    FILE *out = open_memstream(&text, &len);
    is_int(xb_format_find("interference")->write(&report, out), 0, "it is written");
    fclose(out);
    xb_report_release(&report);
    return text;
}

int main(void)
{
    static const struct measured measured[] = {
        {"{\"engine\":\"ce\",\"beside\":\"arithmetic\"}", 360, 1, 0.999, false},
        {"{\"engine\":\"ce\",\"beside\":\"memory\"}", 362, 0.8, 0.91, false},
        {"{\"engine\":\"ce\",\"beside\":\"transfer\"}", 361, 0.5, 0.501, false},
        {"{\"engine\":\"sm\",\"sms\":8,\"beside\":\"arithmetic\"}", 350, 0.4, 0.95, false},
        {"{\"engine\":\"sm\",\"sms\":8,\"beside\":\"memory\"}", 350, 0.7, 0.9, true},
    };
    const char *want =
        "what is kept of each one's rate alone: the transfer's / of what is beside it\n"
        "transfer                                                  alone GB/s  beside "
        "arithmetic  beside memory  beside transfer\n"
        "-----------------------------------------------------------------------------------"
        "------------------------------------\n"
        "stream classes, p2p[engine=ce] gpu->gpu@node 7000B             361.0      1.000 / "
        "0.999  0.800 / 0.910    0.500 / 0.501\n"
        "stream classes, p2p[engine=sm,sms=8] gpu->gpu@node 7000B       350.0      0.400 / "
        "0.950              -                -\n";
    char *text = print(measured, sizeof measured / sizeof measured[0]);

    if (!ok(strncmp(text, want, strlen(want)) == 0, "a row for each transfer"))
        printf("%s", text);
    contains(text, "p2p[engine=sm,sms=8,beside=memory]", "a case that failed is below");
    free(text);

    static const struct measured other[] = {{"{\"engine\":\"ce\"}", NAN, NAN, NAN, false}};
    text = print(other, 1);
    ok(strstr(text, "alone GB/s") == NULL, "another case is in the table as always");
    contains(text, "p2p[engine=ce]", "which is there");
    free(text);
    return done_testing();
}
