/* SPDX-License-Identifier: BSD-3-Clause */
/* tune.c - find the fastest method, chunk and depth for each path and size, and write a policy.
 */
#include "config.h"

#include "cmd/tune/tune_print.h"

#include <stdio.h>
#include <string.h>

#include <mpi.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/agree.h"
#include "cmd/announce.h"
#include "cmd/launch.h"
#include "cmd/read.h"
#include "cmd/tune/tune_books.h"
#include "engine/measure/session_open.h"
#include "engine/methods/method.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/watchdog.h"
#include "model/topology/link_class.h"
#include "report/report_json.h"

struct args {
    struct xb_launch launch;
    const char *output, *report;
    struct xb_session_options session;
    double case_timeout_s;
    int force;
};

/* What a run of tune goes by. */
struct run {
    const struct args *args;
    const struct xb_scenario *scenario;
    const struct xb_plan *plan;
    struct xb_policy *fixed; /* the static one, that the tuned one is compared with */
};

static const struct xb_arg tune_args[] = {
    XB_SCENARIO_ARGS(struct args, launch),
    XB_PASSES_ARG(
        struct args, launch,
        "passes in which the best of the search are measured\nagain: their medians and "
        "the intervals between passes\ndecide, and of what these do not part the "
        "simpler one\nis kept; 1: single measurements decide (default: the\n"
        "scenario's, or 6)"),
    {.name = "case-timeout",
     .type = XB_ARG_SECONDS,
     .argument = "S",
     .help = "time for one case, all its steps (default 30)",
     .offset = offsetof(struct args, case_timeout_s)},
    {.group = "Output",
     .name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help =
         "policy to write (default xferbench-policy.json); -: to\nstandard output, and what "
         "people read to standard error",
     .offset = offsetof(struct args, output),
     .wants = XB_WANTS_FILE},
    {.name = "report",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "also a report of all that was measured",
     .offset = offsetof(struct args, report),
     .wants = XB_WANTS_FILE},
    XB_FORCE_ARG(struct args, force, "a policy or report"),
    XB_PROGRESS_ARGS(struct args, launch),
    {0},
};

/* Carry out all cases: candidates with chunks are searched, the others measured. */
static int measure_all(struct xb_tune *tune, struct xb_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < tune->ncases; i++) {
        const struct xb_case *c = &tune->cases[i];
        size_t before = tune->tuner.trials.count, index;
        char where[64], measured[64];

        rc = c->method->flags & XB_METHOD_CHUNKED
                 ? xb_tuner_search(&tune->tuner, c, err)
                 : xb_tuner_measure(&tune->tuner, c, &index, err);
        if (rc < 0)
            break;
        snprintf(where, sizeof where, "[%zu/%zu]", i + 1, tune->ncases);
        snprintf(measured, sizeof measured, "%zu measured", tune->tuner.trials.count - before);
        xb_log_step(&(struct xb_step){
            .where = where, .what = c->id, .result = measured, .why = "", .left = ""});
        rc = 0;
    }
    xb_log_steps_end();
    return rc < 0 ? -1 : 0;
}

/* {the key of a case, of one link class "link_class", "us"} */
static cJSON *pipeline_json(const struct xb_trial *t)
{
    const char *link =
        t->c.one_class ? xb_link_class_name((enum xb_link_class)t->c.link_class) : NULL;
    cJSON *entry = xb_case_key_json(&t->c);
    bool good = (!link || xb_report_put(entry, "link_class", cJSON_CreateString(link))) &&
                xb_report_put(entry, "us", xb_report_number(xb_round_us(t->us)));

    return xb_report_done(entry, good);
}

/* The best chunk and depth of every pipelined method, path, link class and size. */
static cJSON *pipelines_json(const struct xb_tune *tune)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < tune->tuner.nfound; i++) {
        const struct xb_trial *t = &tune->tuner.trials.trial[tune->tuner.found[i]];
        if (t->ok) /* still */
            good = xb_report_push(array, pipeline_json(t));
    }
    return xb_report_done(array, good);
}

static cJSON *source_json(const struct xb_tune *tune, const struct xb_session *s,
                          const struct xb_books *b, const struct xb_tune_results *r)
{
    const struct xb_rank_info *me = &s->ranks[0];
    cJSON *source = cJSON_CreateObject(), *regret = cJSON_CreateObject();
    bool good = xb_report_put(regret, "tuned", xb_regret_json(&r->tuned)) &&
                xb_report_put(regret, "static", xb_regret_json(&r->fixed));

    regret = xb_report_done(regret, good);
    good = xb_report_put(source, "made_by", cJSON_CreateString("xferbench tune")) &&
           xb_report_put(source, "version", cJSON_CreateString(PACKAGE_VERSION)) &&
           xb_report_put(source, "utc", cJSON_CreateString(b->start_utc)) &&
           xb_report_put(source, "device", cJSON_CreateString(s->device->name)) &&
           xb_report_put(source, "gpu", xb_report_text(me->gpu_name)) &&
           xb_report_put(source, "ranks", xb_report_number(s->nranks)) &&
           xb_report_put(source, "nodes", xb_report_number(s->nnodes)) &&
           xb_report_put(source, "pipelines", pipelines_json(tune)) &&
           xb_report_put(source, "passes", xb_report_number(tune->tuner.passes)) &&
           xb_report_put(source, "finalists", xb_report_number((double)r->finalists)) &&
           xb_report_put(source, "crossovers", xb_crossovers_json(tune)) &&
           xb_report_put(source, "undecided", xb_undecided_json(tune)) &&
           xb_report_put(source, "cases_measured", xb_report_number((double)r->measured)) &&
           xb_report_put(source, "tuning_s", xb_report_number(xb_round_ratio(r->tuning_s))) &&
           xb_report_put(source, "with_regrets_s", xb_report_number(xb_round_ratio(r->all_s)));
    if (!regret || !good) {
        cJSON_Delete(regret);
        cJSON_Delete(source);
        return NULL;
    }
    return xb_report_done(source, xb_report_put(source, "regret", regret));
}

/* The policy of the ranges as every rank decides by it. */
static int parse_own(const struct xb_tune *tune, struct xb_policy *out, struct xb_error *err)
{
    cJSON *json = xb_tune_policy(tune, "tuned", cJSON_CreateString("tune"));
    char *text = json ? cJSON_PrintUnformatted(json) : NULL;
    int rc = text ? xb_policy_parse("the policy", text, xb_engine_catalog(), out, err)
                  : xb_fail(err, "out of memory for the policy");

    cJSON_free(text);
    cJSON_Delete(json);
    return rc;
}

static int compare_policies(struct xb_tune *tune, struct xb_policy *fixed,
                            struct xb_tune_results *r, struct xb_error *err)
{
    struct xb_policy tuned = {0};
    int rc = parse_own(tune, &tuned, err);

    rc = xb_tuner_agree(&tune->tuner, rc, err);
    if (rc == 0)
        rc = xb_tune_regrets(tune, fixed, &tuned, &r->fixed, &r->tuned, err);
    xb_policy_release(&tuned);
    return rc;
}

static int present(const struct xb_tune *tune, const struct args *a, const struct xb_session *s,
                   const struct xb_books *b, const struct xb_tune_results *r,
                   struct xb_error *err)
{
    cJSON *policy = xb_tune_policy(tune, "tuned", source_json(tune, s, b, r));

    if (!policy)
        return xb_fail(err, "out of memory for the policy");
    int rc = xb_report_write(a->output, policy, a->force, err);
    cJSON_Delete(policy);
    if (rc < 0)
        return -1;
    FILE *people = xb_tune_people(a->output, a->report);
    xb_tune_print(tune, r, people);
    fprintf(people, "policy: %s\n", a->output);
    fflush(people);
    return 0;
}

static void count_ok(const struct xb_trials *trials, struct xb_tune_results *r)
{
    r->measured = r->finalists = 0;
    for (size_t i = 0; i < trials->count; i++) {
        r->measured += trials->trial[i].ok;
        r->finalists += trials->trial[i].ok && trials->trial[i].final;
    }
}

#define ATTEMPTS 3 /* at a policy of choices that still work when they are measured again */

/* Finalists, ranges and their regrets: anew where a choice was spoiled meanwhile. */
static int decide(struct xb_tune *tune, const struct run *run, struct xb_tune_books *b,
                  struct xb_tune_results *r, double start_us, struct xb_error *err)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        size_t spoiled = tune->tuner.spoiled;
        double finals_us = xb_clock_us();
        if (xb_tune_finals(tune, err) < 0)
            return -1;
        r->finals_s += (xb_clock_us() - finals_us) * 1e-6;
        if (xb_tune_ranges(tune, err) < 0)
            return -1;
        b->complete = true;
        r->tuning_s = (xb_clock_us() - start_us) * 1e-6;
        count_ok(&tune->tuner.trials, r);
        if (tune->nranges == 0)
            return xb_fail(err, "nothing could be measured; run says why: xferbench run %s",
                           run->args->launch.scenario);
        if (compare_policies(tune, run->fixed, r, err) < 0)
            return -1;
        if (tune->tuner.spoiled == spoiled)
            return 0;
    }
    return xb_fail(err, "choices that were ok did not stay so: see the warnings; no policy");
}

/* All ranks do the same. */
static int tune_all(struct xb_tune *tune, const struct run *run, struct xb_tune_books *b,
                    struct xb_tune_results *r, struct xb_error *err)
{
    double start_us = xb_clock_us();

    if (xb_tune_points(tune, run->plan, err) < 0 || measure_all(tune, err) < 0 ||
        xb_tune_try(tune, run->fixed, err) < 0)
        return -1;
    if (decide(tune, run, b, r, start_us, err) < 0)
        return -1;
    r->all_s = (xb_clock_us() - start_us) * 1e-6;
    return 0;
}

/* Rank 0: policy, tables and report. */
static void write_all(const struct xb_tune *tune, const struct args *a, struct xb_tune_books *b,
                      int rc, const struct xb_tune_results *r, struct xb_error *err)
{
    if (b->books.env) { /* the books are open */
        if (rc == 0)
            rc = xb_tune_books_choices(b, tune, err);
        if (rc == 0)
            rc = present(tune, a, tune->tuner.session, &b->books, r, err);
        rc = xb_tune_books_finish(b, rc, err);
    }
    b->exit_status = xb_tune_books_status(b, rc);
}

static int open_books(struct xb_tune_books *b, const struct run *run, struct xb_tuner *tuner,
                      struct xb_error *err)
{
    const struct args *a = run->args;
    const struct xb_books_subject subject = {
        .scenario = run->scenario, .plan = run->plan, .argv = a->launch.argv};

    *b = (struct xb_tune_books){
        .tuner = tuner, .report = a->report, .policy = a->output, .force = a->force};
    xb_tune_rescue_name(a->output, b->rescue);
    return tuner->session->rank == 0 ? xb_books_open(&b->books, tuner->session, &subject, err)
                                     : 0;
}

static int tune_session(const struct run *run, struct xb_session *s, struct xb_error *err)
{
    struct xb_tune_books b;
    struct xb_tune_results r = {0};
    const struct xb_sampling *whole = &run->scenario->sampling;
    struct xb_sampling once = *whole; /* what the search gives a case */
    struct xb_tune tune = {.tuner = {.session = s,
                                     .exec = {.sampling = &once,
                                              .timeout_s = run->args->case_timeout_s,
                                              .batches_only = true},
                                     .sink = xb_tune_books_enter,
                                     .sink_rest = xb_tune_books_rest,
                                     .arg = &b,
                                     .passes = whole->passes,
                                     .in_all = *whole}};

    once.passes = 1;

    if (xb_plans_agree(s, run->plan->hash, err) < 0)
        return XB_EXIT_USAGE;
    int rc = open_books(&b, run, &tune.tuner, err);
    rc = xb_tuner_agree(&tune.tuner, rc, err);
    if (rc == 0 && s->rank == 0) {
        xb_announce_device(s);
        xb_watchdog_rescue(xb_tune_books_rescue, &b);
    }
    if (rc == 0)
        rc = tune_all(&tune, run, &b, &r, err);
    xb_books_states(&b.books, s);
    xb_watch_step(XB_LIMIT_START, "writing the policy");
    xb_watchdog_conclude(XB_EXIT_FAILED);
    if (s->rank == 0)
        write_all(&tune, run->args, &b, rc, &r, err);
    xb_methods_stop();
    xb_tune_release(&tune);
    xb_books_close(&b.books);
    MPI_Bcast(&b.exit_status, 1, MPI_INT, 0, s->world);
    xb_watchdog_conclude(b.exit_status);
    return b.exit_status;
}

/* Candidates must be ways to do the same, and a rule must be able to say which. */
static int check_candidates(const struct xb_plan *plan, struct xb_error *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        if (c->pattern != xb_pattern_find("stream", NULL) || c->window != 1 || c->src_offset ||
            c->dst_offset || c->cache != XB_CACHE_WARM || c->allocator != XB_ALLOCATOR_MALLOC ||
            c->contention != XB_CONTENTION_NONE || c->method->kind != XB_KIND_TRANSFER ||
            c->method->flags & (XB_METHOD_NO_BYTES | XB_METHOD_BY_POLICY))
            return xb_fail(err,
                           "%s: tune compares transfers of the pattern stream, window 1, "
                           "without offsets and contention, with warm caches, in memory of the "
                           "allocator malloc, by methods that move bytes "
                           "themselves",
                           c->id);
        const struct xb_shape shape = xb_case_shape(c);
        if (shape.stride != 0 || shape.rows != 0)
            return xb_fail(err,
                           "%s: a rule knows no stride and no planes: tune takes the stride of "
                           "two blocks, which is the default",
                           c->id);
        if (shape.blocks == 1 && xb_case_is_submitted(c))
            return xb_fail(err,
                           "%s: a rule for one piece knows no submission: tune takes that of "
                           "several blocks",
                           c->id);
    }
    return 0;
}

static int check_outputs(const struct args *a, const struct xb_scenario *scenario,
                         struct xb_error *err)
{
    char fixed[4096];
    struct xb_error why;
    bool found = xb_policy_find("static", fixed, sizeof fixed, &why) == 0;
    const struct xb_input in[] = {{"scenario", scenario->doc.name, false},
                                  {"policy to compare with", found ? fixed : NULL, false}};
    const struct xb_output out[] = {{.what = "policy", .file = a->output},
                                    {.what = "report", .file = a->report}};

    return xb_outputs_check(out, 2, in, 2, a->force, err);
}

/* All that can be wrong before the first measurement, on all ranks or on none. */
static int prepare(const struct args *a, const struct xb_scenario *scenario,
                   const struct xb_plan *plan, struct xb_policy *fixed, int rank,
                   struct xb_error *err)
{
    int rc = check_candidates(plan, err);

    if (rc == 0 && rank == 0)
        rc = check_outputs(a, scenario, err);
    if (xb_arguments_agree(rc, err) < 0)
        return -1;
    return xb_read_policy("static", fixed, err);
}

static int tune_scenario(void *arg, int rank)
{
    struct args *a = arg;
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_policy fixed = {0};
    struct xb_session session;
    struct xb_error err = {""};
    int status = XB_EXIT_USAGE;

    xb_watch_step(XB_LIMIT_DECISION, "reading what is to be tuned");
    if (xb_read_scenario(a->launch.scenario, (const char *const *)a->launch.sets.list,
                         &scenario, &plan, &err) == 0) {
        a->session.device = scenario.device;
        if (prepare(a, &scenario, &plan, &fixed, rank, &err) == 0 &&
            xb_launch_session(&a->session, &session, &err) == 0) {
            const struct run run = {a, &scenario, &plan, &fixed};
            status = tune_session(&run, &session, &err);
            xb_session_close(&session);
        }
        xb_policy_release(&fixed);
        xb_plan_release(&plan);
        xb_scenario_release(&scenario);
    }
    if (err.text[0] && rank == 0)
        xb_log_error("%s", err.text);
    return status;
}

static int tune_main(int argc, char **argv)
{
    struct args a = {.launch = {.scenario = "tune"},
                     .output = "xferbench-policy.json",
                     .session = {.seed = 1},
                     .case_timeout_s = 30};
    struct xb_error err = {""};
    int status;

    if (xb_launch_parse(&xb_command_tune, argc, argv, &a, &a.launch, &status)) {
        if (a.report && strcmp(a.report, a.output) == 0) {
            xb_fail(&err, "--output and --report: found %s for both, expected two files",
                    a.output);
            status = xb_command_refuse(&xb_command_tune, err.text);
        } else {
            status = xb_launch_mpi(a.launch.level, &xb_command_tune, &a, tune_scenario);
        }
    }
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_tune = {
    .name = "tune",
    .summary = "find the fastest method, chunk and depth for each path and size",
    .operand = "SCENARIO",
    .operand_help = "what to choose from, a file or a name (default tune)",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = tune_args,
    .operand_wants = XB_WANTS_SCENARIO,
    .ends = "0 the policy is written\n"
            "1 a candidate failed, timed out or is implausible, or no policy could be written\n"
            "2 wrong usage or input\n"
            "3 nothing was measured\n"
            "4 bytes were wrong\n"
            "5 interrupted; what was measured is written",
    .main = tune_main,
};
