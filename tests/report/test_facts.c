/* SPDX-License-Identifier: BSD-3-Clause */
/* test_facts.c - what a report says of its environment, as names and values. */
#include "report/facts.h"

#include "tests/report/made_report.h"
#include "tests/tap.h"

static const struct {
    const char *name, *value; /* NULL: no such fact */
} rows[] = {
    {"build.version", "\"0.1.0\""},
    {"build.git", NULL},
    {"driver", "\"580.1\""},
    {"variables.UCX_TLS", "\"a,b\""},
    {"clock.resolution_ns", NULL}, /* is measured anew each time */
    {"mpi_cuda_aware_how", NULL},
    {"nodes[0].host", "\"alpha\""},
    {"nodes[0].load", "0.5"},
    {"run.ranks", "4"},
    {"run.label", "\"mine\""},
    {"run.device", "\"cuda\""},
    {"ranks[3].gpu.nvlink.links", "18"},
    {"ranks[3].gpu.pci_bus_id", "\"0000:04:00.0\""},
    {"ranks[0].gpu.clocks.sm_mhz.before", "1980"},
    {"ranks[4].host", NULL},
};

static const struct {
    const char *name;
    bool measured;
} kinds[] = {
    {"nodes[0].load", true}, {"ranks[0].gpu.clocks.sm_mhz.after", true},
    {"workload", false},     {"load", false},
    {"driver", false},       {"ranks[0].gpu.clocks.sm_mhz.max", false},
};

static const struct {
    const char *name, *list;
    int number;
    const char *rest;
} numbers[] = {
    {"ranks[3].gpu.name", "ranks", 3, "gpu.name"},
    {"nodes[12].load", "nodes", 12, "load"},
    {"nodes[12].load", "ranks", -1, NULL},
    {"nodes.load", "nodes", -1, NULL},
    {"nodes[-1].load", "nodes", -1, NULL},
    {"nodes[1]", "nodes", -1, NULL},
    {"nodes[x].load", "nodes", -1, NULL},
    {"nodes[9999999999].load", "nodes", -1, NULL},
};

int main(void)
{
    const struct made m = {.cases = 1,
                           .lanes = 1,
                           .variable = "UCX_TLS",
                           .value = "a,b",
                           .label = "mine",
                           .load = 0.5};
    struct xb_facts facts = {.list = {NULL, 0, 0}};
    struct xb_report report;
    struct xb_error err = {""};

    if (!ok(made_report(&m, &report, &err) == 0, "a report"))
        printf("# %s\n", err.text);
    is_int(xb_facts_environment(&report, &facts), 0, "its environment");
    ok(!xb_facts_find(&facts, "run.ranks"), "which the run is no part of");
    is_int(xb_facts_machine(&report, &facts), 0, "its machine");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xb_fact *fact = xb_facts_find(&facts, rows[i].name);
        is_str(fact ? fact->value : NULL, rows[i].value, rows[i].name);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        ok(xb_fact_is_measured(kinds[i].name) == kinds[i].measured, kinds[i].name);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *rest = NULL;
        is_int(xb_fact_number(numbers[i].name, numbers[i].list, &rest), numbers[i].number,
               numbers[i].name);
        is_str(rest, numbers[i].rest, "and what is behind it");
    }
    xb_facts_release(&facts);
    xb_report_release(&report);
    return done_testing();
}
