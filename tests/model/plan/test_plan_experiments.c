/* SPDX-License-Identifier: BSD-3-Clause */
/* test_plan_experiments.c - cases of experiments: which scenario names them rightly. */
#include "model/plan/plan.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* What a case of an experiment must name. */
static void test_experiments(void)
{
    static const struct {
        const char *pattern, *method, *path;
        bool is;
        const char *reason; /* NULL: it fits */
    } cases[] = {
        {"queue", "queue", "host->host", true, NULL},
        {"overlap", "gray-scott", "gpu->host", true, NULL},
        {"stream", "direct", "host->host", false, NULL},
        {"stream", "queue", "host->host", true,
         "the pattern stream is not for what the method queue does here, expected another of "
         "one of them"},
        {"queue", "direct", "host->host", true,
         "the experiment queue is not for what the method direct does here, expected another "
         "of one of them"},
        {"queue", "gray-scott", "host->host", true,
         "the experiment queue is not for what the method gray-scott does here, expected "
         "another of one of them"},
        {"overlap", "gray-scott", "gpu->host@node", true,
         "the experiment overlap is within one rank; the path says node, expected self"},
        {"overlap", "gray-scott", "gpu+1->host", true,
         "method gray-scott does not do the path gpu+1->host@self"},
        {"interference", "company", "gpu->gpu+1", true, NULL},
        {"interference", "company", "gpu->gpu@node", true, NULL},
        {"interference", "company", "gpu->gpu@remote", true,
         "the experiment interference is within one node; the path says remote, expected node"},
        {"overlap", "gray-scott", "gpu->gpu", true,
         "method gray-scott does not do the path gpu->gpu@self"},
    };

    for (size_t i = 0; i < ROWS(cases); i++) {
        struct xb_scenario scenario;
        struct xb_plan plan;
        struct xb_error err = {""};
        char text[256];
        snprintf(
            text, sizeof text,
            "{\"name\": \"t\", \"cases\": [{\"pattern\": [\"%s\", \"stream\"], \"paths\": "
            "[\"%s\", \"host->host\"], \"sizes\": 64, \"methods\": [\"%s\", \"direct\"]}]}",
            cases[i].pattern, cases[i].path, cases[i].method);
        if (!is_int(xb_scenario_parse("t.json", text, NULL, &fixture_catalog, &scenario, &err),
                    0, text))
            continue;
        is_int(xb_plan_expand(&scenario, &plan, &err), 0, "is expanded");
        xb_scenario_release(&scenario);
        const struct xb_case *c = &plan.cases[0];
        is_str(xb_case_pattern_name(c), cases[i].pattern, "what stands as its pattern");
        ok(xb_case_is_experiment(c) == cases[i].is, "whose it is");
        if (cases[i].is) {
            is_int(xb_case_experiment_fits(c, &err), cases[i].reason != NULL, "does it fit");
            is_str(err.text, cases[i].reason ? cases[i].reason : "", "if not, why");
        }
        xb_plan_release(&plan);
    }
}

int main(void)
{
    test_experiments();
    return done_testing();
}
