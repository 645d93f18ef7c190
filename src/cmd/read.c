/* read.c - scenarios and policies that rank 0 reads and all ranks have. */
#include "cmd/read.h"

#include <stdlib.h>

#include "cmd/agree.h"
#include "cmd/cmd.h"
#include "engine/methods/method.h"
#include "lab/experiment.h"
#include "engine/runtime/share.h"

int xb_read_scenario(const char *given, const char *const *sets, struct xb_scenario *scenario,
                     struct xb_plan *plan, struct xb_error *err)
{
    struct xb_shared_text file;
    int rc;

    if (xb_share_text(xb_scenario_find, given, &file, err) < 0)
        return -1;
    rc = xb_scenario_parse(file.path, file.text, sets, xb_lab_catalog(), scenario, err);
    free(file.text);
    if (rc == 0 && (rc = xb_plan_expand(scenario, plan, err)) < 0)
        xb_scenario_release(scenario);
    if (xb_arguments_agree(rc, err) == 0)
        return 0;
    if (rc == 0) {
        xb_plan_release(plan);
        xb_scenario_release(scenario);
    }
    return -1;
}

int xb_read_policy(const char *given, struct xb_policy *policy, struct xb_error *err)
{
    struct xb_shared_text file;

    if (xb_share_text(xb_policy_find, given, &file, err) < 0)
        return -1;
    int rc = xb_policy_parse(file.path, file.text, xb_engine_catalog(), policy, err);
    free(file.text);
    return xb_arguments_agree(rc, err);
}
