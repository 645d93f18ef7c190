/* SPDX-License-Identifier: BSD-3-Clause */
/* test_budget.c - what the ranks of a node need together, against what is free. */
#include "engine/measure/budget.h"

#include "tests/tap.h"

#define GIB (UINT64_C(1) << 30)

/* Ranks of one node with what they need and find free, in GiB. */
static const struct {
    const char *name;
    struct {
        uint64_t need_host, free_host;
        struct {
            const char *pci;
            uint64_t device, managed, free;
            const char *instance;
        } gpu[3];
    } rank[3];
    const char *why; /* NULL where it is enough */
} rows[] = {
    {"one rank that needs nothing", {{0, 0, {{NULL, 0, 0, 0, NULL}}}}, NULL},
    {"all of what is free", {{15, 16, {{"a", 80, 0, 80, NULL}}}}, NULL},
    {"what the system must have too",
     {{16, 16, {{"a", 0, 0, 80, NULL}}}},
     " are free; 1073741824 of these are left to the system"},
    {"two ranks that leave the system nothing",
     {{11, 23, {{"a", 0, 0, 0, NULL}}}, {11, 23, {{"b", 0, 0, 0, NULL}}}},
     "left to the system"},
    {"one more of the GPU", {{0, 8, {{"a", 81, 0, 80, NULL}}}}, "of device memory on a, where"},
    {"one more of the host",
     {{9, 8, {{"a", 0, 0, 80, NULL}}}},
     "of host memory on node, where"},
    {"two ranks of a host",
     {{5, 8, {{"a", 0, 0, 0, NULL}}}, {5, 8, {{"b", 0, 0, 0, NULL}}}},
     "of host memory"},
    {"two ranks that share a GPU",
     {{0, 8, {{"a", 41, 0, 80, NULL}}}, {0, 8, {{"a", 41, 0, 80, NULL}}}},
     "of device memory on a"},
    {"two ranks of two instances of a GPU",
     {{0, 8, {{"a", 41, 0, 50, "MIG-1"}}}, {0, 8, {{"a", 41, 0, 50, "MIG-2"}}}},
     NULL},
    {"two ranks of one instance",
     {{0, 8, {{"a", 41, 0, 50, "MIG-1"}}}, {0, 8, {{"a", 41, 0, 50, "MIG-1"}}}},
     "of device memory on a"},
    {"two ranks of two GPUs",
     {{0, 8, {{"a", 41, 0, 80, NULL}}}, {0, 8, {{"b", 41, 0, 80, NULL}}}},
     NULL},
    {"a third one on another's GPU",
     {{0, 8, {{"a", 1, 0, 80, NULL}, {"b", 41, 0, 80, NULL}}},
      {0, 8, {{"b", 41, 0, 80, NULL}}}},
     "of device memory on b"},
    {"three that fill one GPU that is none's own",
     {{0, 8, {{"a", 0, 0, 0, NULL}, {"b", 0, 0, 0, NULL}, {"d", 30, 0, 80, NULL}}},
      {0, 8, {{"b", 0, 0, 0, NULL}, {"a", 0, 0, 0, NULL}, {"d", 30, 0, 80, NULL}}},
      {0, 8, {{"c", 0, 0, 0, NULL}, {"d", 30, 0, 80, NULL}}}},
     "of device memory on d"},
    {"several other GPUs, the first of them too small",
     {{0, 8, {{"a", 1, 0, 80, NULL}, {"b", 9, 0, 8, NULL}, {"c", 9, 0, 80, NULL}}}},
     "of device memory on b"},
    {"a quarter of a GPU as managed memory", {{0, 8, {{"a", 0, 20, 80, NULL}}}}, NULL},
    {"more than that",
     {{0, 8, {{"a", 0, 21, 80, NULL}}}},
     "of managed memory on a quarter of a"},
    {"together more than that",
     {{0, 8, {{"a", 0, 11, 80, NULL}}}, {0, 8, {{"b", 0, 0, 0, NULL}, {"a", 0, 11, 80, NULL}}}},
     "of managed memory on a quarter of a"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xb_budget all[3] = {{.host = ""}};
        struct xb_error err = {""};
        int n = 0;

        for (int r = 0; r < 3 && (r == 0 || rows[i].rank[r].gpu[0].pci); r++, n++) {
            snprintf(all[r].host, sizeof all[r].host, "node");
            all[r].need_host = rows[i].rank[r].need_host * GIB;
            all[r].free_host = rows[i].rank[r].free_host * GIB;
            for (int g = 0; g < 3 && rows[i].rank[r].gpu[g].pci; g++, all[r].ngpus++) {
                struct xb_gpu_budget *gpu = &all[r].gpu[g];
                snprintf(gpu->pci, sizeof gpu->pci, "%s", rows[i].rank[r].gpu[g].pci);
                if (rows[i].rank[r].gpu[g].instance)
                    snprintf(gpu->instance, sizeof gpu->instance, "%s",
                             rows[i].rank[r].gpu[g].instance);
                gpu->device = rows[i].rank[r].gpu[g].device * GIB;
                gpu->managed = rows[i].rank[r].gpu[g].managed * GIB;
                gpu->free = rows[i].rank[r].gpu[g].free * GIB;
            }
        }
        is_int(xb_budget_compare(all, n, &err), rows[i].why ? XB_SKIP : XB_GO, rows[i].name);
        if (rows[i].why)
            ok(strstr(err.text, rows[i].why), err.text);
    }
    return done_testing();
}
