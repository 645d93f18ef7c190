/* validate.c - check scenario and policy files word for word, without running them. */
#include "cmd/cmd.h"

#include <limits.h>
#include <stdio.h>

#include "base/log.h"
#include "engine/methods/method.h"
#include "lab/experiment.h"
#include "model/policy/policy.h"

struct args {
    char **files;
};

static int validate_policy(const char *file, struct xb_error *err)
{
    struct xb_policy policy;

    if (xb_policy_load(file, xb_engine_catalog(), &policy, err) < 0)
        return -1;
    printf("%s: ok, %zu rules\n", file, policy.nrules);
    xb_policy_release(&policy);
    return 0;
}

static int validate_scenario(const char *file, struct xb_error *err)
{
    struct xb_scenario scenario;
    struct xb_plan plan;

    if (xb_scenario_load(file, NULL, xb_lab_catalog(), &scenario, err) < 0)
        return -1;
    int rc = xb_plan_expand(&scenario, &plan, err);
    if (rc == 0) {
        printf("%s: ok, %zu cases\n", file, plan.count);
        xb_plan_release(&plan);
    }
    xb_scenario_release(&scenario);
    return rc;
}

static int validate_one(const char *name, struct xb_error *err)
{
    char file[4096];
    struct xb_json doc;

    if (xb_scenario_find(name, file, sizeof file, err) < 0 ||
        xb_json_load(file, XB_JSON_MAX_BYTES, &doc, err) < 0)
        return -1;
    bool policy = xb_policy_is(&doc);
    xb_json_release(&doc);
    return policy ? validate_policy(file, err) : validate_scenario(file, err);
}

static int validate_main(int argc, char **argv)
{
    struct args a = {0};
    struct xb_error err;
    int status;

    if (!xb_command_parse(&xb_command_validate, argc, argv, &a, &status))
        return status;
    for (char **file = a.files; *file; file++)
        if (validate_one(*file, &err) < 0) {
            xb_log_error("%s", err.text);
            status = XB_EXIT_USAGE;
        }
    return status;
}

const struct xb_command xb_command_validate = {
    .name = "validate",
    .summary = "check scenario and policy files word for word",
    .operand = "FILE",
    .operand_help = "a scenario, by file or name, or a file with a policy",
    .least = 1,
    .most = INT_MAX,
    .operand_offset = offsetof(struct args, files),
    .main = validate_main,
};
