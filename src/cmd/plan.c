/* SPDX-License-Identifier: BSD-3-Clause */
/* plan.c - show the cases of a scenario, and places on a saved topology, without running. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "cmd/launch.h"
#include "engine/devices/device.h"
#include "lab/experiment.h"
#include "model/figures/sampling.h"
#include "model/plan/case_fits.h"
#include "model/plan/estimate.h"
#include "model/plan/schedule.h"
#include "model/topology/link_class.h"
#include "model/topology/rank_ends.h"

#define DEFAULT_SCENARIO "quick"

struct args {
    struct xb_launch launch;
    bool words; /* options say which cases there are */
    const char *topology;
    uint64_t ranks, per_node; /* 0: not said */
};

static const struct xb_arg plan_args[] = {
    XB_SCENARIO_ARGS(struct args, launch),
    XB_WORD_ARGS(struct args, launch),
    XB_PASSES_ARG(struct args, launch, "passes over the cases (default: the scenario's, or 6)"),
    XB_REPEAT_ARG(struct args, launch),
    {.group = "Job",
     .name = "topology",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "also place ranks on a saved topology (lstopo FILE.xml)",
     .offset = offsetof(struct args, topology),
     .wants = XB_WANTS_FILE},
    {.name = "ranks",
     .type = XB_ARG_COUNT,
     .max = 4096,
     .argument = "N",
     .help = "what the cases come to with so many ranks (there: one for each GPU)",
     .offset = offsetof(struct args, ranks)},
    {.name = "per-node",
     .type = XB_ARG_COUNT,
     .max = 4096,
     .argument = "N",
     .help = "so many of them on each node (default: all on one)",
     .offset = offsetof(struct args, per_node)},
    {0},
};

/* Why a job has no ranks for a case, or how many rounds and lanes it comes to there. */
static int describe_case(const struct xb_case *c, const struct xb_job *job,
                         struct xb_error *err)
{
    struct xb_schedule schedule;
    struct xb_error why = {""};
    char left_out[XB_LEFT_OUT_LEN] = "";
    size_t lanes = 0;

    if (xb_case_is_experiment(c)) {
        bool fits = xb_case_experiment_fits(c, &why) == 0;
        printf("%s%s%s\n", c->id, fits ? "" : "  -- skipped: ", why.text);
        return 0;
    }
    int rc = xb_case_fits(c, &why);
    if (rc == 0)
        rc = xb_schedule_open(c, job, &schedule, &why);
    if (rc > 0) {
        printf("%s  -- skipped: %s\n", c->id, why.text);
        return 0;
    }
    if (rc < 0)
        return xb_fail(err, "%s", why.text);
    rc = xb_schedule_lanes(&schedule, &lanes, err);
    if (rc == 0 && c->traffic)
        xb_traffic_left_out(c->traffic, &c->path, job, left_out);
    if (rc == 0)
        printf("%s  -- %zu lane%s in %zu round%s%s%s\n", c->id, lanes, lanes == 1 ? "" : "s",
               schedule.rounds, schedule.rounds == 1 ? "" : "s",
               left_out[0] ? "; left out: " : "", left_out);
    xb_schedule_close(&schedule);
    return rc;
}

/* Print the cases and the passes over them; with a job also what each case comes to there. */
static int show_cases(const struct xb_plan *plan, const struct xb_sampling *sampling,
                      const struct xb_job *job, struct xb_error *err)
{
    char time[XB_UNITS_LEN];
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < plan->count; i++)
        if (job)
            rc = describe_case(&plan->cases[i], job, err);
        else
            printf("%s\n", plan->cases[i].id);
    printf("%zu case%s", plan->count, plan->count == 1 ? "" : "s");
    if (plan->repeated)
        printf(" (%zu named more than once)", plan->repeated);
    if (sampling->repeat_for_ns > 0)
        printf(", %d passes and more until %s are over", xb_sampling_passes(sampling),
               xb_duration_format(sampling->repeat_for_ns, time));
    else if (sampling->passes > 1)
        printf(", %d passes", sampling->passes);
    printf("\n");
    return rc;
}

/* A size with three digits: an estimate has no more. */
static const char *about_bytes(uint64_t bytes, char buf[XB_UNITS_LEN])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024;
    snprintf(buf, XB_UNITS_LEN, "%.*f %s", value < 9.995 && unit > 0 ? 1 : 0, value,
             units[unit]);
    return buf;
}

/* The device that a job would use, as far as that can be told from here: of `auto` the first of
 * this build. */
static bool is_host(const char *device, const char **name)
{
    bool any = strcmp(device, "auto") == 0;

    for (size_t i = 0; xb_devices[i]; i++)
        if (any || strcmp(xb_devices[i]->name, device) == 0) {
            *name = xb_devices[i]->name;
            return xb_devices[i]->caps & XB_DEVICE_IS_HOST;
        }
    *name = device;
    return false;
}

static int show_estimate(const struct xb_scenario *scenario, const struct xb_plan *plan,
                         const struct xb_job *job, struct xb_error *err)
{
    char time[XB_UNITS_LEN], gpu[XB_UNITS_LEN], host[XB_UNITS_LEN];
    struct xb_estimate estimate;
    const char *device;
    bool on_host = is_host(scenario->device, &device);

    if (xb_estimate_plan(plan, &scenario->sampling, job, on_host, &estimate, err) < 0)
        return -1;
    printf("about %s on the device %s for the %zu case%s that the job has ranks for; "
           "buffers: ",
           xb_about_s_format(estimate.seconds, time), device, estimate.cases,
           estimate.cases == 1 ? "" : "s");
    if (!on_host)
        printf("%s of a GPU, ", about_bytes(estimate.gpu_bytes, gpu));
    printf("%s of a node's host memory\n", about_bytes(estimate.host_bytes, host));
    return 0;
}

static int others_of(const void *machine, int rank)
{
    const struct xb_machine *m = machine;
    return m->ranks[rank].nvisible > 0 ? m->ranks[rank].nvisible - 1 : 0;
}

static int link_of(const void *machine, const struct xb_path *path, int src_rank, int dst_rank)
{
    return (int)xb_link_class_between(machine, path, src_rank, dst_rank);
}

static int alike_of(const void *machine, int rank)
{
    const struct xb_machine *m = machine;
    return m->ends[rank].alike;
}

/* Show the plan in a job: ranks on one node of a saved machine, or so many on nodes that nobody
 * knows more of. */
static int show_job(const struct args *a, const struct xb_scenario *scenario,
                    const struct xb_plan *plan, struct xb_error *err)
{
    struct xb_saved_job saved = {0};
    size_t n = (size_t)a->ranks;

    if (a->topology) {
        if (xb_saved_job_load(a->topology, a->ranks, &saved, err) < 0)
            return -1;
        xb_places_print(saved.ranks, saved.nranks);
        n = saved.nranks;
    }
    struct xb_machine machine = {.ranks = saved.ranks, .nodes = &saved.node};
    struct xb_rank_ends *ends = a->topology ? xb_rank_ends_make(&machine, (int)n) : NULL;
    int *nodes = calloc(n + 1, sizeof *nodes);
    struct xb_job job = {.nranks = (int)n, .node_of_rank = nodes};
    if (ends) {
        machine.ends = ends;
        job.machine = &machine;
        job.others = others_of;
        job.link = link_of;
        job.alike = alike_of;
    }
    for (size_t r = 0; nodes && !a->topology && a->per_node && r < n; r++)
        nodes[r] = (int)(r / a->per_node);
    int rc = nodes && (ends || !a->topology) ? show_cases(plan, &scenario->sampling, &job, err)
                                             : xb_fail(err, "out of memory for the ranks");
    if (rc == 0)
        rc = show_estimate(scenario, plan, &job, err);
    free(nodes);
    free(ends);
    xb_saved_job_release(&saved);
    return rc;
}

static int show(const struct args *a, struct xb_error *err)
{
    const char *named = a->launch.scenario ? a->launch.scenario : DEFAULT_SCENARIO;
    struct xb_scenario scenario;
    struct xb_plan plan;

    if (xb_launch_read_scenario(&a->launch, named, &scenario, err) < 0)
        return -1;
    int rc = xb_plan_expand(&scenario, &plan, err);
    if (rc == 0) {
        if (a->launch.print_scenario)
            rc = xb_launch_print_scenario(&scenario, err);
        else
            rc = a->topology || a->ranks ? show_job(a, &scenario, &plan, err)
                                         : show_cases(&plan, &scenario.sampling, NULL, err);
        xb_plan_release(&plan);
    }
    xb_scenario_release(&scenario);
    return rc;
}

static int plan_main(int argc, char **argv)
{
    struct args a = {.launch = {.scenario = NULL}};
    struct xb_error err = {""};
    int status;

    if (xb_launch_parse(&xb_command_plan, argc, argv, &a, &a.launch, &status)) {
        if (xb_launch_check_words(&a.launch, &a.words, &err) < 0) {
            status = xb_command_refuse(&xb_command_plan, err.text);
        } else if (show(&a, &err) < 0) {
            xb_log_error("%s", err.text);
            status = XB_EXIT_USAGE;
        }
    }
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_plan = {
    .name = "plan",
    .summary = "show the cases of a scenario without running them",
    .operand = "SCENARIO",
    .operand_help =
        "a file or a name (default " DEFAULT_SCENARIO "), unless options say\nwhich "
        "cases there are",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = plan_args,
    .operand_wants = XB_WANTS_SCENARIO,
    .ends = "0 it is done\n2 wrong usage, or a file that cannot be read or written",
    .main = plan_main,
};
