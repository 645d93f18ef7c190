/* run.c - measure a scenario and write a report. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "base/hash.h"
#include "base/log.h"
#include "cmd/launch.h"
#include "cmd/run/measure.h"
#include "engine/measure/session_open.h"
#include "engine/methods/method.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/share.h"

#define DEFAULT_POLICY "static"
#define MAX_SEED       ((1ull << 53) - 1) /* a JSON number holds it exactly */

struct args {
    struct xb_launch launch;
    struct xb_run_options run;
    const char *policy; /* NULL where none was named */
    struct xb_session_options session;
    char output[512];
};

enum {
    OPT_RESUME = XB_OPT_OWN,
    OPT_TIMEOUT,
    OPT_SEED,
    OPT_BUFFERS,
    OPT_TRACE,
    OPT_POLICY,
    OPT_MATRIX,
    OPT_SAMPLES
};

static int parse_buffers(const char *text, enum xb_mpi_buffers *out, struct xb_error *err)
{
    static const char *const names[] = {"auto", "yes", "no"};
    static const enum xb_mpi_buffers values[] = {XB_MPI_BUFFERS_AUTO, XB_MPI_BUFFERS_YES,
                                                 XB_MPI_BUFFERS_NO};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = values[i];
            return 0;
        }
    return xb_fail(err, "--mpi-device-buffers: got '%s', expected auto, yes or no", text);
}

static int take_option(int c, void *arg, struct xb_error *err)
{
    struct args *a = arg;

    switch (c) {
    case 'o':
        a->run.output = optarg;
        return 0;
    case OPT_POLICY:
        a->policy = optarg;
        return 0;
    case OPT_RESUME:
        a->run.resume = optarg;
        return 0;
    case OPT_TRACE:
        a->run.trace = optarg;
        return 0;
    case OPT_MATRIX:
        a->run.format = &xb_format_matrix;
        return 0;
    case OPT_SAMPLES:
        a->run.samples = true;
        return 0;
    case OPT_TIMEOUT:
        return xb_arg_seconds("--case-timeout", optarg, &a->run.case_timeout_s, err);
    case OPT_SEED:
        return xb_arg_u64("--seed", optarg, MAX_SEED, &a->session.seed, err);
    default: /* OPT_BUFFERS */
        return parse_buffers(optarg, &a->session.mpi_buffers, err);
    }
}

static int parse(int argc, char **argv, struct args *a, struct xb_error *err)
{
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"set", required_argument, NULL, XB_OPT_SET},
        {"device", required_argument, NULL, XB_OPT_DEVICE},
        {"policy", required_argument, NULL, OPT_POLICY},
        {"resume", required_argument, NULL, OPT_RESUME},
        {"case-timeout", required_argument, NULL, OPT_TIMEOUT},
        {"seed", required_argument, NULL, OPT_SEED},
        {"mpi-device-buffers", required_argument, NULL, OPT_BUFFERS},
        {"trace", required_argument, NULL, OPT_TRACE},
        {"matrix", no_argument, NULL, OPT_MATRIX},
        {"samples", no_argument, NULL, OPT_SAMPLES},
        {"quiet", no_argument, NULL, 'q'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0}};

    *a = (struct args){
        .launch = {.scenario = "quick"}, .run = {.case_timeout_s = 60}, .session = {.seed = 1}};
    return xb_launch_parse(&a->launch, argc, argv, longs, take_option, a, err);
}

/* Two runs of the same plan by other policies do not measure the same. */
static void mix_policy(const struct xb_policy *policy, struct xb_plan *plan)
{
    char hash[24];

    snprintf(hash, sizeof hash, "%016" PRIx64, policy->hash);
    plan->hash = xb_hash_text(plan->hash, hash);
}

/* All ranks end up with the policy that was named or that the plan asks for, or none does. It
 * stays empty where it is neither. */
static int read_policy(struct args *a, struct xb_plan *plan, struct xb_policy *policy,
                       struct xb_error *err)
{
    const char *given = a->policy ? a->policy : DEFAULT_POLICY;
    int wanted = a->policy || xb_plan_asks_policy(plan); /* as rank 0 sees it */

    MPI_Bcast(&wanted, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (!wanted)
        return 0;
    if (xb_read_policy(given, policy, err) < 0)
        return -1;
    if (!xb_plan_asks_policy(plan))
        xb_log_warn("no case has the method auto: the policy %s decides nothing", given);
    else {
        mix_policy(policy, plan);
        a->run.policy = policy;
    }
    return 0;
}

/* The default name says what and when, so that runs do not overwrite each other. */
static void name_output(struct args *a, const struct xb_scenario *scenario)
{
    char when[32];
    time_t now = time(NULL);
    struct tm tm;

    if (a->run.output)
        return;
    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    snprintf(a->output, sizeof a->output, "xferbench-%.200s-%s.json", scenario->name, when);
    for (char *slash = a->output; (slash = strchr(slash, '/'));) /* a name, not a folder */
        *slash = '_';
    a->run.output = a->output;
}

static int run_scenario(void *arg, int rank)
{
    struct args *a = arg;
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_policy policy = {0};
    struct xb_session session;
    struct xb_error err = {""};
    int status = XB_EXIT_USAGE;

    if (xb_read_scenario(a->launch.scenario, a->launch.sets.list, &scenario, &plan, &err) < 0) {
        if (rank == 0)
            xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    name_output(a, &scenario);
    a->session.device = scenario.device;
    if (!a->run.format)
        a->run.format = xb_format_find(scenario.show);
    if (read_policy(a, &plan, &policy, &err) == 0 &&
        xb_session_open(&a->session, &session, &err) == 0) {
        status = xb_measure(&session, &scenario, &plan, &a->run, &err);
        xb_session_close(&session);
    }
    if (err.text[0] && rank == 0)
        xb_log_error("%s", err.text);
    xb_policy_release(&policy);
    xb_plan_release(&plan);
    xb_scenario_release(&scenario);
    return status;
}

int xb_cmd_run(int argc, char **argv)
{
    struct args a;
    struct xb_error err = {""};
    int rc = parse(argc, argv, &a, &err), status;

    a.run.argv = a.launch.argv;
    if (rc == 0 && a.launch.help)
        status = xb_usage("run");
    else
        status = xb_launch_mpi("run", a.launch.level, rc, &err, run_scenario, &a);
    xb_launch_free(&a.launch);
    return status;
}
