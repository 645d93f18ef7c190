/* SPDX-License-Identifier: BSD-3-Clause */
/* run.c - measure a scenario and write a report. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/output.h"
#include "base/utf8.h"
#include "cmd/agree.h"
#include "cmd/launch.h"
#include "cmd/read.h"
#include "cmd/run/measure.h"
#include "cmd/run/outputs.h"
#include "cmd/run/run_again.h"
#include "engine/measure/session_open.h"
#include "engine/methods/method.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/share.h"
#include "engine/runtime/watch_record.h"
#include "model/plan/case_filter.h"

#define DEFAULT_SCENARIO "quick"
#define DEFAULT_POLICY   "static"
#define DEFAULT_SEED     1
#define MAX_SEED         ((1ull << 53) - 1) /* a JSON number holds it exactly */
#define NO_SEED          UINT64_MAX         /* none was given */

struct args {
    struct xb_launch launch;
    struct xb_run_options run;
    bool words;         /* options say which cases there are */
    const char *policy; /* NULL where none was named */
    struct xb_session_options session;
    int matrix;
    int check; /* not 0: hold the report against expectations */
    struct xb_sets expect;
    const char *resume_if; /* what to resume where it is there */
    struct xb_sets required;
    char output[4096], journal[4096], stem[XB_STEM_LEN];
};

/* In the order of enum xb_mpi_buffers. */
static const char *const buffers[] = {"auto", "yes", "no", NULL};

static const struct xb_arg run_args[] = {
    XB_SCENARIO_ARGS(struct args, launch),
    {.name = "policy",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "for cases of the method auto: a file or a name (default\n" DEFAULT_POLICY ")",
     .offset = offsetof(struct args, policy),
     .wants = XB_WANTS_POLICY},
    XB_WORD_ARGS(struct args, launch),
    XB_PASSES_ARG(struct args, launch,
                  "passes over the cases, each with its share of a\ncase's time (default: the "
                  "scenario's, or 6)"),
    XB_REPEAT_ARG(struct args, launch),
    {.name = "max-time",
     .type = XB_ARG_SECONDS,
     .argument = "TIME",
     .help = "end by then (90s, 10m, 2h) with what there is: slices\nare made shorter first, "
             "then passes left out, then cases",
     .offset = offsetof(struct args, run.max_time_s)},
    {.name = "case-timeout",
     .type = XB_ARG_SECONDS,
     .argument = "S",
     .help = "time for one case in a pass, all its steps (default\n60)",
     .offset = offsetof(struct args, run.case_timeout_s)},
    {.name = "seed",
     .type = XB_ARG_COUNT,
     .max = MAX_SEED,
     .argument = "N",
     .help = "seed of the test pattern, and of the order of cases\n(default 1)",
     .offset = offsetof(struct args, session.seed)},
    {.name = "mpi-device-buffers",
     .type = XB_ARG_CHOICE,
     .choices = buffers,
     .argument = "auto|yes|no",
     .help = "whether MPI takes device buffers (default: ask it)",
     .offset = offsetof(struct args, session.mpi_buffers)},
    {.group = "Output",
     .name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help =
         "report to write (default: xferbench-NAME-TIME-HOST-PID.json,\nwith the job's "
         "number before the host); one that is there is\nnot replaced unless it is resumed. "
         "-: to standard output,\nand what people read to standard error, without a journal",
     .offset = offsetof(struct args, run.output),
     .wants = XB_WANTS_FILE},
    XB_FORCE_ARG(struct args, run.force, "a report, trace or journal"),
    {.name = "label",
     .type = XB_ARG_TEXT,
     .argument = "TEXT",
     .help = "what to call the run: one line of UTF-8, run.label of\nthe report",
     .offset = offsetof(struct args, run.label)},
    {.name = "samples",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "let the report hold all samples",
     .offset = offsetof(struct args, run.samples)},
    {.name = "trace",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "timeline of one transfer of each pipelined case, for\nPerfetto",
     .offset = offsetof(struct args, run.trace),
     .wants = XB_WANTS_FILE},
    {.name = "matrix",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "show each case's lanes as a matrix, sources x\ndestinations",
     .offset = offsetof(struct args, matrix)},
    {.group = "Verdict",
     .name = "require",
     .type = XB_ARG_SET,
     .argument = "FILTER",
     .help = "cases that must be measured, or the run has failed: an\nid with * and ?, or "
             "method=nccl, path=gpu->gpu@*, ...;\nmay be repeated",
     .offset = offsetof(struct args, required)},
    {.name = "check",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "hold what was measured against expectations, and measure\nwhat is not good once "
             "more before it counts; ends with 1 for\na warning or worse",
     .offset = offsetof(struct args, check)},
    {.name = "expect",
     .type = XB_ARG_SET,
     .argument = "FILE",
     .help = "expectations for --check, a file or a name; may be repeated\n(default: all there "
             "are that match the machine)",
     .offset = offsetof(struct args, expect),
     .wants = XB_WANTS_EXPECTATIONS},
    {.group = "Going on with an earlier run",
     .name = "resume",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "take over what a report or journal already holds;\nwithout SCENARIO also its "
             "scenario and seed",
     .offset = offsetof(struct args, run.resume),
     .wants = XB_WANTS_FILE},
    {.name = "resume-if-exists",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "the same where FILE or FILE.journal is there, else\nbegin anew: for jobs that "
             "are queued again",
     .offset = offsetof(struct args, resume_if),
     .wants = XB_WANTS_FILE},
    {.name = "resume-anyway",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "also from another build or environment",
     .offset = offsetof(struct args, run.resume_anyway)},
    {.name = "retry-hung",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "measure cases again that hung and so ended the run\nthat is resumed",
     .offset = offsetof(struct args, run.retry_hung)},
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

/* Is each of the filters that say what must be measured about a case of the plan? All ranks
 * find the same. */
static int check_required(struct args *a, const struct xb_plan *plan, struct xb_error *err)
{
    a->run.required = (const char *const *)a->required.list;
    for (size_t i = 0; i < a->required.count; i++)
        if (xb_case_filter_check(plan, a->required.list[i], err) < 0)
            return xb_fail_in(err, "--require %s", a->required.list[i]);
    return 0;
}

/* Rank 0 looks at what will be written; all ranks know what it found. */
static int check_outputs(struct args *a, int rank, const struct xb_scenario *scenario,
                         struct xb_error *err)
{
    char policy[4096];
    struct xb_error why;
    int rc = 0;

    if (rank == 0) {
        const char *named = a->policy ? a->policy : DEFAULT_POLICY;
        bool found = xb_policy_find(named, policy, sizeof policy, &why) == 0;
        const struct xb_run_inputs inputs = {a->words ? NULL : scenario->doc.name,
                                             found ? policy : NULL};
        xb_run_stem(scenario->name, a->stem);
        a->run.stem = a->stem;
        rc = xb_run_outputs_check(&a->run, &inputs, a->output, err);
    }
    return xb_arguments_agree(rc, err);
}

/* What a job that is queued again goes on with: the journal of a start that died, which has
 * what each pass gave, or else its report. */
static void find_resumed(struct args *a)
{
    if (!a->resume_if)
        return;
    char *file = xb_output_follow(a->resume_if);
    snprintf(a->journal, sizeof a->journal, "%s.journal", file ? file : a->resume_if);
    free(file);
    if (xb_journal_has_header(a->journal))
        a->run.resume = a->journal;
    else if (access(a->resume_if, F_OK) == 0)
        a->run.resume = a->resume_if;
    else
        xb_log_progress("%s: not there: begin anew", a->resume_if);
}

/* The scenario that was named, or that of the run that is resumed, and its seed. */
static int read_plan(struct args *a, int rank, struct xb_scenario *scenario,
                     struct xb_plan *plan, struct xb_error *err)
{
    const char *const *sets = (const char *const *)a->launch.sets.list;
    uint64_t seed = DEFAULT_SEED;
    int resumes, rc;

    if (rank == 0)
        find_resumed(a);
    resumes = a->run.resume != NULL;
    MPI_Bcast(&resumes, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (a->words) {
        struct xb_scenario_words words = xb_launch_words(&a->launch);
        rc = xb_read_words(&words, sets, scenario, plan, err);
    } else if (a->launch.scenario || !resumes)
        rc = xb_read_scenario(a->launch.scenario ? a->launch.scenario : DEFAULT_SCENARIO, sets,
                              scenario, plan, err);
    else
        rc = xb_read_origin(a->run.resume, sets, scenario, plan, &seed, err);
    if (a->session.seed == NO_SEED)
        a->session.seed = seed;
    return rc;
}

static int run_scenario(void *arg, int rank)
{
    struct args *a = arg;
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_policy policy = {0};
    struct xb_session session;
    struct xb_run_check check = {.output = NULL};
    struct xb_error err = {""};
    int status = XB_EXIT_USAGE;

    a->run.check = a->check ? &check : NULL;
    xb_watch_step(XB_LIMIT_DECISION, "reading what is to be measured");
    if (read_plan(a, rank, &scenario, &plan, &err) < 0) {
        if (rank == 0)
            xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    a->session.device = scenario.device;
    a->run.verbose = a->launch.level == XB_LOG_VERBOSE;
    a->run.format = xb_format_find(a->matrix ? "matrix" : scenario.show);
    if (a->launch.print_scenario) {
        if (rank > 0 || xb_launch_print_scenario(&scenario, &err) == 0)
            status = XB_EXIT_OK;
    } else if (check_required(a, &plan, &err) == 0 &&
               (!a->check || xb_run_check_open(a->run.check, a->expect.list, &err) == 0) &&
               check_outputs(a, rank, &scenario, &err) == 0 &&
               read_policy(a, &plan, &policy, &err) == 0 &&
               xb_launch_session(&a->session, &session, &err) == 0) {
        status = xb_measure(&session, &scenario, &plan, &a->run, &err);
        if (a->check)
            status =
                xb_run_again(a->run.check, &session, &scenario, &plan, &a->run, status, &err);
        xb_session_close(&session);
    }
    if (err.text[0] && rank == 0)
        xb_log_error("%s", err.text);
    if (a->check)
        xb_run_check_release(a->run.check);
    xb_policy_release(&policy);
    xb_plan_release(&plan);
    xb_scenario_release(&scenario);
    return status;
}

/* What is wrong with the arguments beyond what their rows say. */
static int check_args(struct args *a, struct xb_error *err)
{
    struct xb_error why;

    if (xb_launch_check_words(&a->launch, &a->words, err) < 0)
        return -1;
    if (a->run.resume && a->resume_if)
        return xb_fail(err, "found --resume and --resume-if-exists, expected one of them");
    if (a->expect.count > 0 && !a->check)
        return xb_fail(err, "found --expect without --check, expected --check beside it");
    if (a->run.label && xb_utf8_expect_line(a->run.label, &why) < 0)
        return xb_fail(err, "--label: %s", why.text);
    return 0;
}

static int run_main(int argc, char **argv)
{
    struct args a = {.run = {.case_timeout_s = 60}, .session = {.seed = NO_SEED}};
    struct xb_error err;
    int status;

    xb_clock_passed_us(); /* from now on the run's time passes */
    bool good = xb_launch_parse(&xb_command_run, argc, argv, &a, &a.launch, &status);
    if (good && check_args(&a, &err) < 0) {
        status = xb_command_refuse(&xb_command_run, err.text);
        good = false;
    }
    if (good) {
        a.run.argv = a.launch.argv;
        status = xb_launch_mpi(a.launch.level, &xb_command_run, &a, run_scenario);
    }
    xb_sets_free(&a.required);
    xb_sets_free(&a.expect);
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_run = {
    .name = "run",
    .summary = "measure a scenario and write a report",
    .operand = "SCENARIO",
    .operand_help =
        "a file or a name (default " DEFAULT_SCENARIO "), unless options say\nwhich "
        "cases there are",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = run_args,
    .operand_wants = XB_WANTS_SCENARIO,
    .ends = "0 all cases are ok, or skipped with a reason\n"
            "1 a case failed, timed out, is implausible or not there although required;\n"
            "with --check a warning or worse\n"
            "2 wrong usage or input\n"
            "3 nothing was measured\n"
            "4 bytes were wrong\n"
            "5 interrupted; a partial report is written",
    .main = run_main,
};
