/* SPDX-License-Identifier: BSD-3-Clause */
/* test_case_filter.c - some of a plan's cases, named by a text. */
#include "model/plan/case_filter.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

/* Six cases: 0 and 1 p2p, 2 mpi, 3 to 5 others. */
static const char scenario[] =
    "{\"name\": \"t\", \"cases\": ["
    "{\"paths\": [\"gpu->gpu@node\"], \"sizes\": \"1MiB\", \"methods\": [{\"name\": \"p2p\","
    " \"engine\": [\"ce\", \"sm\"]}, \"mpi\"]},"
    "{\"paths\": [\"gpu->gpu\"], \"sizes\": 1000, \"pairs\": [[0, 0]], \"methods\": ["
    "{\"name\": \"host-staged\", \"chunk\": \"size/2\", \"depth\": 2}]},"
    "{\"paths\": [\"host->gpu\"], \"sizes\": 8, \"window\": 16, \"src_offset\": 3,"
    " \"methods\": [\"direct\"]},"
    "{\"pattern\": \"queue\", \"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": "
    "[\"queue\"]}]}";

static const struct {
    const char *filter;
    unsigned meets; /* a bit for each case; none: the error follows */
    const char *error;
} rows[] = {
    {"*", 0x3f, NULL},
    {"stream/*", 0x1f, NULL},
    {"stream/p2p[engine=ce,side=push]/gpu->gpu@node/1MiB", 0x01, NULL},
    {"*p2p[engine=?m*", 0x02, NULL},
    {"method=p2p", 0x03, NULL},
    {"method=*i*", 0x14, NULL},
    {"pattern=queue", 0x20, NULL},
    {"engine=sm", 0x02, NULL},
    {"options.engine=*", 0x03, NULL},
    {"transfer=send", 0x04, NULL},
    {"memory=pinned", 0x18, NULL},
    {"producers=1", 0x20, NULL},
    {"path=gpu->gpu@*", 0x0f, NULL},
    {"src=host", 0x30, NULL},
    {"dst=gpu", 0x1f, NULL},
    {"locality=node", 0x07, NULL},
    {"size=1MiB", 0x07, NULL},
    {"bytes=1000", 0x08, NULL},
    {"size_class=0", 0x38, NULL},
    {"chunk=512B", 0x08, NULL},
    {"chunk_bytes=512", 0x08, NULL},
    {"depth=2", 0x08, NULL},
    {"window=16", 0x10, NULL},
    {"src_offset=3", 0x10, NULL},
    {"dst_offset=0", 0x3f, NULL},
    {"cache=warm", 0x3f, NULL},
    {"pairs=classes", 0x17, NULL},
    {"pairs=0-0", 0x08, NULL},
    {"method=nccl", 0, "no case of the plan meets it"},
    {"stream/nccl*", 0, "no case of the plan meets it"},
    {"", 0, "no case of the plan meets it"},
    {"metod=nccl", 0,
     "no case has the key \"metod\" (did you mean method?), expected pattern, "},
    {"depth=0", 0, "no case of the plan meets it"}, /* no chunks, no depth */
};

int main(void)
{
    struct xb_scenario s;
    struct xb_plan plan;
    struct xb_error err = {""};

    is_int(xb_scenario_parse("t.json", scenario, NULL, &fixture_catalog, &s, &err), 0, "read");
    is_int(xb_plan_expand(&s, &plan, &err), 0, "expanded");
    is_int((long long)plan.count, 6, "six cases");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned meets = 0;
        for (size_t k = 0; k < plan.count; k++)
            meets |= (unsigned)xb_case_filter_meets(&plan.cases[k], rows[i].filter) << k;
        is_int(meets, rows[i].meets, rows[i].filter);
        is_int(xb_case_filter_check(&plan, rows[i].filter, &err), rows[i].error ? -1 : 0,
               "whether it names any");
        if (rows[i].error)
            contains(err.text, rows[i].error, "and why not");
    }
    xb_plan_release(&plan);
    xb_scenario_release(&s);
    return done_testing();
}
