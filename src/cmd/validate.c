/* SPDX-License-Identifier: BSD-3-Clause */
/* validate.c - check files of scenarios, policies, expectations and campaigns word for word,
 * without running them. */
#include "cmd/cmd.h"

#include <limits.h>
#include <stdio.h>

#include "base/log.h"
#include "cmd/campaign/asked.h"
#include "cmd/campaign/asked_file.h"
#include "engine/methods/method.h"
#include "lab/experiment.h"
#include "model/policy/policy.h"
#include "report/expect.h"

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

static int validate_expectations(const char *file, struct xb_error *err)
{
    struct xb_expectations expect;

    if (xb_expect_load(file, xb_lab_catalog(), &expect, err) < 0)
        return -1;
    printf("%s: ok, %zu bounds\n", file, expect.nbounds);
    xb_expect_release(&expect);
    return 0;
}

static int validate_campaign(const char *file, struct xb_error *err)
{
    struct xb_campaign campaign;
    int rc = xb_campaign_begin(&campaign, err);

    if (rc == 0 && (rc = xb_asked_read_file(file, &campaign, err)) == 0 &&
        (rc = xb_campaign_check(&campaign, err)) < 0)
        xb_fail_in(err, "%s", file);
    if (rc == 0)
        printf("%s: ok, %zu configurations\n", file, campaign.configs.n);
    xb_campaign_release(&campaign);
    return rc;
}

static int validate_scenario(const char *file, struct xb_error *err)
{
    struct xb_scenario scenario;
    struct xb_plan plan;

    if (xb_scenario_load(file, NULL, xb_lab_catalog(), &scenario, err) < 0)
        return -1;
    int rc = xb_plan_expand(&scenario, &plan, err);
    if (rc == 0) {
        printf("%s: ok, %zu case%s\n", file, plan.count, plan.count == 1 ? "" : "s");
        xb_plan_release(&plan);
    }
    xb_scenario_release(&scenario);
    return rc;
}

/* A file with a schema is of one of the kinds that have one. */
static int check_schema(const struct xb_json *doc, struct xb_error *err)
{
    static const char *const known[] = {XB_POLICY_NAME, XB_EXPECT_NAME, NULL};
    struct xb_node root = xb_json_root(doc), schema, name;
    const char *text;

    if (!xb_node_member(&root, "schema", &schema) || !cJSON_IsObject(schema.item) ||
        !xb_node_member(&schema, "name", &name) || xb_node_string(&name, &text, err) < 0)
        return 0; /* who reads it says what is wrong */
    for (int i = 0; known[i]; i++)
        if (strcmp(text, known[i]) == 0)
            return 0;
    return xb_node_fail_choice(&name, "schema", known, err);
}

/* What a file says that it is decides, not where it lies. */
static int validate_file(const char *file, struct xb_error *err)
{
    struct xb_json doc;

    if (xb_json_load(file, XB_EXPECT_MAX_BYTES, &doc, err) < 0)
        return -1;
    bool expectations = xb_expect_is(&doc), policy = xb_policy_is(&doc);
    bool campaign = xb_asked_is(&doc);
    int rc = expectations || !policy ? 0 : check_schema(&doc, err);
    xb_json_release(&doc);
    if (rc < 0)
        return -1;
    if (expectations)
        return validate_expectations(file, err);
    if (campaign)
        return validate_campaign(file, err);
    return policy ? validate_policy(file, err) : validate_scenario(file, err);
}

static bool is_good(const char *file)
{
    struct xb_error err;

    if (validate_file(file, &err) == 0)
        return true;
    xb_log_error("%s", err.text);
    return false;
}

/* A file, or all files of a name, of whatever kind they are. */
static bool validate_given(const char *given)
{
    char file[4096];
    struct xb_error err;
    bool found = false, good = true;

    if (xb_named_is_file(given))
        return is_good(given);
    for (int kind = 0; kind < XB_NAMED_KINDS; kind++)
        if (xb_named_find((enum xb_named_kind)kind, given, file, sizeof file)) {
            found = true;
            good = is_good(file) && good;
        }
    if (found)
        return good;
    xb_named_fail(0, XB_NAMED_KINDS - 1, given, &err);
    xb_log_error("%s", err.text);
    return false;
}

static int validate_main(int argc, char **argv)
{
    struct args a = {0};
    int status;

    if (!xb_command_parse(&xb_command_validate, argc, argv, &a, &status))
        return status;
    for (char **file = a.files; *file; file++)
        if (!validate_given(*file))
            status = XB_EXIT_USAGE;
    return status;
}

const struct xb_command xb_command_validate = {
    .name = "validate",
    .summary = "check files of scenarios, policies, expectations and campaigns word for word",
    .operand = "FILE",
    .operand_help =
        "a scenario, a policy or expectations, by file or name, or\na file of a campaign's "
        "configurations",
    .least = 1,
    .most = INT_MAX,
    .operand_offset = offsetof(struct args, files),
    .operand_wants = XB_WANTS_NAMED,
    .ends = "0 all files are right\n2 a file is wrong or cannot be read; wrong usage",
    .main = validate_main,
};
