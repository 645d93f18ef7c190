/* plan.c - show the cases of a scenario, and places on a saved topology, without running. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cmd/launch.h"
#include "lab/experiment.h"

struct args {
    struct xb_launch launch;
    const char *topology;
    uint64_t ranks;
};

static const struct xb_arg plan_args[] = {
    XB_SCENARIO_ARGS(struct args, launch),
    {.name = "topology",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "also place ranks on a saved topology (lstopo FILE.xml)",
     .offset = offsetof(struct args, topology)},
    {.name = "ranks",
     .type = XB_ARG_COUNT,
     .max = 4096,
     .argument = "N",
     .help = "so many ranks (default: one for each of its GPUs)",
     .offset = offsetof(struct args, ranks)},
    {0},
};

/* Would the case be skipped in this job, for want of ranks or since what it names does not fit
 * together? Then the reason is in err. */
static bool is_skipped(const struct xb_case *c, const struct xb_job *job, struct xb_error *err)
{
    struct xb_lanes lanes;

    if (xb_case_is_experiment(c))
        return xb_case_experiment_fits(c, err) != 0;
    return c->pattern->lanes(&c->path, job, &lanes, err) != 0;
}

/* Print the cases; with a job's shape also why one would be skipped. */
static void show_cases(const struct xb_plan *plan, const struct xb_job *job)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct xb_error reason = {""};
        const struct xb_case *c = &plan->cases[i];
        bool skip = job && is_skipped(c, job, &reason);
        printf("%s%s%s\n", c->id, skip ? "  -- skipped: " : "", reason.text);
    }
    printf("%zu cases", plan->count);
    if (plan->repeated)
        printf(" (%zu named more than once)", plan->repeated);
    printf("\n");
}

static int show(const struct args *a, struct xb_error *err)
{
    char file[4096];
    struct xb_scenario scenario;
    struct xb_plan plan;
    int nranks = 0, *nodes = NULL;

    if (a->topology && (nranks = xb_places_show_saved(a->topology, a->ranks, err)) < 0)
        return -1;
    if (xb_scenario_find(a->launch.scenario, file, sizeof file, err) < 0 ||
        xb_scenario_load(file, (const char *const *)a->launch.sets.list, xb_lab_catalog(),
                         &scenario, err) < 0)
        return -1;
    if (nranks > 0 && !(nodes = calloc((size_t)nranks, sizeof *nodes)))
        nranks = 0;
    struct xb_job job = {nranks, nodes};
    int rc = xb_plan_expand(&scenario, &plan, err);
    if (rc == 0) {
        show_cases(&plan, nranks > 0 ? &job : NULL);
        xb_plan_release(&plan);
    }
    free(nodes);
    xb_scenario_release(&scenario);
    return rc;
}

static int plan_main(int argc, char **argv)
{
    struct args a = {.launch = {.scenario = "quick"}};
    struct xb_error err = {""};
    int status;

    if (xb_launch_parse(&xb_command_plan, argc, argv, &a, &a.launch, &status) &&
        show(&a, &err) < 0) {
        xb_log_error("%s", err.text);
        status = XB_EXIT_USAGE;
    }
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_plan = {
    .name = "plan",
    .summary = "show the cases of a scenario without running them",
    .operand = "SCENARIO",
    .operand_help = "a file or a name (default quick)",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = plan_args,
    .main = plan_main,
};
