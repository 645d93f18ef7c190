/* validate.c - check scenario files word for word, without running them. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "engine/method.h"

static int validate_one(const char *name)
{
    char file[4096];
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_error err;

    if (xb_scenario_find(name, file, sizeof file, &err) < 0 ||
        xb_scenario_load(file, NULL, xb_engine_catalog(), &scenario, &err) < 0) {
        xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    int rc = xb_plan_expand(&scenario, &plan, &err);
    if (rc < 0) {
        xb_log_error("%s", err.text);
    } else {
        printf("%s: ok, %zu cases\n", file, plan.count);
        xb_plan_release(&plan);
    }
    xb_scenario_release(&scenario);
    return rc < 0 ? XB_EXIT_USAGE : XB_EXIT_OK;
}

int xb_cmd_validate(int argc, char **argv)
{
    int status = XB_EXIT_OK;

    if (argc < 2)
        return xb_usage_error("validate", "expected at least one file");
    if (strcmp(argv[1], "--help") == 0)
        return xb_usage("validate");
    for (int i = 1; i < argc; i++)
        if (validate_one(argv[i]) != XB_EXIT_OK)
            status = XB_EXIT_USAGE;
    return status;
}
