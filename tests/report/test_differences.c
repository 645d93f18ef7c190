/* SPDX-License-Identifier: BSD-3-Clause */
/* test_differences.c - in what two runs' builds and environments differ. */
#include "report/differences.h"

#include <stdlib.h>

#include "tests/tap.h"

/* A run as it is described; names and values of variables in turn. */
struct run {
    const char *git, *driver, *mpi_library;
    bool mpi_cuda_aware;
    const char *variables[6];
};

static struct xb_report report_of(const struct run *run)
{
    struct xb_report report;

    xb_report_empty(&report);
    xb_text_dup("0.1.0", &report.build.version);
    xb_text_dup(run->git, &report.build.git);
    xb_text_dup(run->driver, &report.environment.driver);
    xb_text_dup(run->mpi_library, &report.environment.mpi_library);
    xb_text_dup("asked", &report.environment.mpi_cuda_aware_how);
    report.environment.mpi_cuda_aware = run->mpi_cuda_aware;
    report.environment.clock.resolution_ns = 1;
    report.environment.variables.there = true;
    report.environment.variables.item = calloc(3, sizeof(struct xb_named_text));
    for (size_t i = 0; i < 6 && run->variables[i]; i += 2) {
        struct xb_named_text *item = &report.environment.variables.item[i / 2];
        xb_text_dup(run->variables[i], &item->name);
        xb_text_dup(run->variables[i + 1], &item->value);
        report.environment.variables.n++;
    }
    return report;
}

static const struct {
    const char *name;
    struct run was, is;
    int count;
    const char *text;
} rows[] = {
    {"the same",
     {"a", "580", "Open MPI", true, {"UCX_TLS", "tcp"}},
     {"a", "580", "Open MPI", true, {"UCX_TLS", "tcp"}},
     0,
     ""},
    {"variables in another order",
     {"a", NULL, NULL, false, {"A", "1", "B", "2"}},
     {"a", NULL, NULL, false, {"B", "2", "A", "1"}},
     0,
     ""},
    {"another commit",
     {"a", NULL, NULL, false, {NULL}},
     {"b", NULL, NULL, false, {NULL}},
     1,
     "build.git was \"a\", is \"b\""},
    {"a build without a commit",
     {"a", NULL, NULL, false, {NULL}},
     {NULL, NULL, NULL, false, {NULL}},
     1,
     "build.git was \"a\", is nothing"},
    {"a driver where there was none",
     {"a", NULL, NULL, false, {NULL}},
     {"a", "580", NULL, false, {NULL}},
     1,
     "driver was nothing, is \"580\""},
    {"another library, that takes GPU memory",
     {"a", NULL, "one", false, {NULL}},
     {"a", NULL, "two", true, {NULL}},
     2,
     "mpi_library was \"one\", is \"two\"; mpi_cuda_aware was false, is true"},
    {"a variable changed, one more, one less",
     {"a", NULL, NULL, false, {"A", "1", "B", "2"}},
     {"a", NULL, NULL, false, {"A", "3", "C", "4"}},
     3,
     "variables.A was \"1\", is \"3\"; variables.C was nothing, is \"4\"; "
     "variables.B was \"2\", is nothing"},
};

/* What nodes say of themselves, but for what is another in each run. */
static void test_nodes(void)
{
    static const char *const was = "[{\"host\":\"n1\",\"kernel\":\"a\",\"load\":1},"
                                   "{\"host\":\"n2\",\"kernel\":\"a\",\"load\":1}]";
    static const char *const is = "[{\"host\":\"n1\",\"kernel\":\"a\",\"load\":2},"
                                  "{\"host\":\"n2\",\"kernel\":\"b\",\"load\":1}]";
    struct xb_report old = report_of(&rows[0].was), now = report_of(&rows[0].is);
    char text[512];

    old.environment.nodes = cJSON_Parse(was);
    now.environment.nodes = cJSON_Parse(is);
    is_int(xb_report_differences(&old, &now, text, sizeof text), 1,
           "one node has another kernel");
    is_str(text, "n2: kernel was \"a\", is \"b\"", "which is named");
    xb_report_release(&old);
    xb_report_release(&now);
}

int main(void)
{
    char text[512], little[16];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xb_report was = report_of(&rows[i].was), is = report_of(&rows[i].is);
        was.environment.clock.resolution_ns = 2; /* measured anew */
        is_int(xb_report_differences(&was, &is, text, sizeof text), rows[i].count,
               rows[i].name);
        is_str(text, rows[i].text, "each is named");
        is_int(xb_report_differences(&was, &is, little, sizeof little), rows[i].count,
               "and counted where they do not fit");
        ok(strlen(little) < sizeof little, "which cuts the text");
        xb_report_release(&was);
        xb_report_release(&is);
    }
    struct xb_report nothing, is = report_of(&rows[0].is);
    xb_report_empty(&nothing);
    is_int(xb_report_differences(&nothing, &is, text, sizeof text), 1, "nothing is known");
    is_str(text, "it does not say by what build it was made", "which is said");
    xb_report_release(&is);
    test_nodes();
    return done_testing();
}
