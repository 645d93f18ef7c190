/* plan.c - show the cases of a scenario, and places on a saved topology, without running. */
#include "cmd/cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "lab/experiment.h"

struct args {
    const char *scenario, *topology;
    uint64_t ranks;
    struct xb_sets sets;
    char device[64];
    bool help;
};

static int parse(int argc, char **argv, struct args *a, struct xb_error *err)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'},   {"set", required_argument, NULL, 's'},
        {"topology", required_argument, NULL, 't'}, {"ranks", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},           {0}};
    int c, rc = 0;

    a->scenario = "quick";
    opterr = 0;
    while (rc == 0 && (c = getopt_long(argc, argv, ":h", longs, NULL)) != -1)
        switch (c) {
        case 'd':
            snprintf(a->device, sizeof a->device, "device=\"%s\"", optarg);
            rc = xb_sets_add(&a->sets, a->device);
            break;
        case 's':
            rc = xb_sets_add(&a->sets, optarg);
            break;
        case 't':
            a->topology = optarg;
            break;
        case 'n':
            rc = xb_arg_u64("--ranks", optarg, 4096, &a->ranks, err);
            break;
        case 'h':
            a->help = true;
            break;
        default:
            rc = xb_arg_error(c, argv, err);
        }
    if (rc == 0 && optind < argc)
        a->scenario = argv[optind++];
    return rc == 0 && optind < argc ? xb_fail(err, "one scenario at a time") : rc;
}

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
    if (xb_scenario_find(a->scenario, file, sizeof file, err) < 0 ||
        xb_scenario_load(file, a->sets.list, xb_lab_catalog(), &scenario, err) < 0)
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

int xb_cmd_plan(int argc, char **argv)
{
    struct args a = {0};
    struct xb_error err = {""};
    int status = XB_EXIT_OK;

    if (parse(argc, argv, &a, &err) < 0)
        status = xb_usage_error("plan", err.text);
    else if (a.help)
        status = xb_usage("plan");
    else if (show(&a, &err) < 0) {
        xb_log_error("%s", err.text);
        status = XB_EXIT_USAGE;
    }
    xb_sets_free(&a.sets);
    return status;
}
