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
#include "cmd/read.h"
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
    int matrix;
    char output[512];
};

/* In the order of enum xb_mpi_buffers. */
static const char *const buffers[] = {"auto", "yes", "no", NULL};

static const struct xb_arg run_args[] = {
    {.name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "report to write (default xferbench-NAME-TIME.json)",
     .offset = offsetof(struct args, run.output)},
    XB_SCENARIO_ARGS(struct args, launch),
    {.name = "policy",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "for cases of the method auto: a file or a name (default\n" DEFAULT_POLICY ")",
     .offset = offsetof(struct args, policy)},
    {.name = "resume",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "take over what a report or journal already holds",
     .offset = offsetof(struct args, run.resume)},
    {.name = "case-timeout",
     .type = XB_ARG_SECONDS,
     .argument = "S",
     .help = "time for one case, all its steps (default 60)",
     .offset = offsetof(struct args, run.case_timeout_s)},
    {.name = "seed",
     .type = XB_ARG_COUNT,
     .max = MAX_SEED,
     .argument = "N",
     .help = "seed of the test pattern (default 1)",
     .offset = offsetof(struct args, session.seed)},
    {.name = "trace",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "timeline of one transfer of each pipelined case, for\nPerfetto",
     .offset = offsetof(struct args, run.trace)},
    {.name = "matrix",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "show each case's lanes as a matrix, sources x\ndestinations",
     .offset = offsetof(struct args, matrix)},
    {.name = "samples",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "let the report hold all samples",
     .offset = offsetof(struct args, run.samples)},
    {.name = "mpi-device-buffers",
     .type = XB_ARG_CHOICE,
     .choices = buffers,
     .argument = "auto|yes|no",
     .help = "whether MPI takes device buffers (default: ask it)",
     .offset = offsetof(struct args, session.mpi_buffers)},
    XB_PROGRESS_ARGS(struct args, launch),
    {0},
};

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

    if (xb_read_scenario(a->launch.scenario, (const char *const *)a->launch.sets.list,
                         &scenario, &plan, &err) < 0) {
        if (rank == 0)
            xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    name_output(a, &scenario);
    a->session.device = scenario.device;
    a->run.format = xb_format_find(a->matrix ? "matrix" : scenario.show);
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

static int run_main(int argc, char **argv)
{
    struct args a = {
        .launch = {.scenario = "quick"}, .run = {.case_timeout_s = 60}, .session = {.seed = 1}};
    int status;

    if (xb_launch_parse(&xb_command_run, argc, argv, &a, &a.launch, &status)) {
        a.run.argv = a.launch.argv;
        status = xb_launch_mpi(a.launch.level, run_scenario, &a);
    }
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_run = {
    .name = "run",
    .summary = "measure a scenario and write a report",
    .operand = "SCENARIO",
    .operand_help = "a file or a name (default quick)",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = run_args,
    .main = run_main,
};
