/* tune.c - find the fastest method, chunk and depth for each path and size, and write a policy.
 */
#include "config.h"

#include "cmd/tune.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "base/log.h"
#include "cmd/books.h"
#include "cmd/launch.h"
#include "cmd/measure.h"
#include "engine/clock.h"
#include "engine/method.h"
#include "engine/shm.h"
#include "engine/watchdog.h"
#include "model/report.h"
#include "model/report_json.h"

struct args {
    struct xb_launch launch;
    const char *output, *report;
    struct xb_session_options session;
    double case_timeout_s;
};

enum { OPT_REPORT = XB_OPT_OWN, OPT_TIMEOUT };

static int take_option(int c, void *arg, struct xb_error *err)
{
    struct args *a = arg;

    switch (c) {
    case 'o':
        a->output = optarg;
        return 0;
    case OPT_REPORT:
        a->report = optarg;
        return 0;
    default: /* OPT_TIMEOUT */
        return xb_arg_seconds("--case-timeout", optarg, &a->case_timeout_s, err);
    }
}

static int parse(int argc, char **argv, struct args *a, struct xb_error *err)
{
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"set", required_argument, NULL, XB_OPT_SET},
        {"device", required_argument, NULL, XB_OPT_DEVICE},
        {"report", required_argument, NULL, OPT_REPORT},
        {"case-timeout", required_argument, NULL, OPT_TIMEOUT},
        {"quiet", no_argument, NULL, 'q'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0}};

    *a = (struct args){.launch = {.scenario = "tune"},
                       .output = "xferbench-policy.json",
                       .session = {.seed = 1},
                       .case_timeout_s = 30};
    return xb_launch_parse(&a->launch, argc, argv, longs, take_option, a, err);
}

/* ---- the report of all that was measured ---- */

/* The watchdog's thread reads it under its lock. */
struct books {
    struct xb_books books;
    const struct xb_tuner *tuner;
    const char *report;   /* file that was asked for, or NULL */
    char rescue[4096];    /* file for it where none was */
    bool any;             /* something was measured */
    bool corrupt, failed; /* candidates that came to that */
};

static int keep(void *arg, const struct xb_case *c, const struct xb_result *result, bool again,
                struct xb_error *err)
{
    struct books *b = arg;
    enum xb_status status = result->status;
    cJSON *entry;

    b->corrupt = b->corrupt || status == XB_CORRUPT;
    b->failed = b->failed || (status != XB_OK && status != XB_SKIPPED);
    if (status != XB_OK && status != XB_SKIPPED)
        xb_log_warn("%s: %s: %s", c->id, xb_status_name(status), result->reason);
    if (again) /* a report has each case once */
        return 0;
    if (!(entry = xb_report_case(c, result)))
        return xb_fail(err, "out of memory for a result");
    xb_watchdog_lock();
    cJSON_AddItemToArray(b->books.cases, entry);
    b->any = b->any || status == XB_OK;
    xb_watchdog_unlock();
    return 0;
}

/* What was measured, to the file that was asked for or else beside the policy's. Returns its
 * name, or NULL with err filled. */
static const char *write_report(struct books *b, enum xb_run_status status,
                                struct xb_error *err)
{
    const char *file = b->report ? b->report : b->rescue;

    b->books.head.plan_cases = (size_t)cJSON_GetArraySize(b->books.cases);
    cJSON *report = xb_books_report(&b->books, status, err);
    int rc = report ? xb_report_write(file, report, err) : -1;
    cJSON_Delete(report);
    return rc == 0 ? file : NULL;
}

/* The case that a rank did not come back from. */
static void enter_hung(struct books *b)
{
    struct xb_result hung = {.status = XB_TIMEOUT};

    snprintf(hung.reason, sizeof hung.reason,
             "a rank did not come back within %g s and %g s of grace; tuning ended here",
             b->tuner->exec.timeout_s, XB_TUNER_GRACE_S);
    xb_log_error("%s: %s", b->tuner->current->id, hung.reason);
    cJSON_AddItemToArray(b->books.cases, xb_report_case(b->tuner->current, &hung));
}

/* On the watchdog's thread, with its lock held. */
static int rescue(enum xb_alarm alarm, void *arg)
{
    struct books *b = arg;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;

    xb_shm_unlink_created();
    if (alarm == XB_ALARM_HANG && b->tuner->current) {
        enter_hung(b);
        status = xb_report_status(b->books.cases);
    }
    const char *what = alarm == XB_ALARM_SIGNAL ? "interrupted" : "a case hangs";
    const char *file = "no file: there is nothing";
    if ((b->report || b->any) && !(file = write_report(b, status, &err))) {
        xb_log_error("%s; %s", what, err.text);
        return XB_EXIT_FAILED;
    }
    xb_log_error("%s; no policy was written; what was measured is in %s", what, file);
    return xb_run_exit_status(status);
}

static int open_books(struct books *b, const struct args *a, const struct xb_session *s,
                      const struct xb_scenario *scenario, const struct xb_plan *plan,
                      const struct xb_tuner *tuner, struct xb_error *err)
{
    *b = (struct books){.tuner = tuner, .report = a->report};
    snprintf(b->rescue, sizeof b->rescue, "%.4000s.report.json", a->output);
    return s->rank == 0 ? xb_books_open(&b->books, s, scenario, plan, NULL, a->launch.argv, err)
                        : 0;
}

/* The report when all is done, or when it could not go on: then also where none was asked for,
 * so that nothing measured is lost. */
static int finish_books(struct books *b, int rc, struct xb_error *err)
{
    struct xb_error why = {""};
    bool partial = rc < 0 && b->any;

    if (!b->report && !partial)
        return rc;
    const char *file =
        write_report(b, partial ? XB_RUN_INTERRUPTED : xb_report_status(b->books.cases),
                     rc == 0 ? err : &why);
    if (!file)
        return -1;
    printf("report: %s\n", file);
    fflush(stdout);
    return rc;
}

/* ---- tuning ---- */

/* Carry out the plan: candidates with chunks are searched, the others measured. */
static int measure_all(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        size_t before = tune->tuner.trials.count, index;

        int rc = c->method->flags & XB_METHOD_CHUNKED
                     ? xb_tuner_search(&tune->tuner, c, err)
                     : xb_tuner_measure(&tune->tuner, c, &index, err);
        if (rc < 0)
            return -1;
        xb_log_progress("[%zu/%zu] %s: %zu measured", i + 1, plan->count, c->id,
                        tune->tuner.trials.count - before);
    }
    return 0;
}

/* The best chunk and depth of every pipelined method, path and size. */
static cJSON *pipelines_json(const struct xb_tune *tune)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < tune->tuner.nfound; i++) {
        const struct xb_trial *t = &tune->tuner.trials.trial[tune->tuner.found[i]];
        cJSON *entry = xb_case_key_json(&t->c);
        entry = xb_report_done(entry, xb_report_put(entry, "us", xb_report_number(t->us)));
        good = entry && xb_report_push(array, entry);
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
           xb_report_put(source, "cases_measured", xb_report_number((double)r->measured)) &&
           xb_report_put(source, "tuning_s", xb_report_number(r->tuning_s));
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
    int rc =
        text ? xb_policy_parse("the policy", text, strlen(text), xb_engine_catalog(), out, err)
             : xb_fail(err, "out of memory for the policy");

    cJSON_free(text);
    cJSON_Delete(json);
    return rc;
}

static int judge(struct xb_tune *tune, struct xb_policy *fixed, struct xb_tune_results *r,
                 struct xb_error *err)
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
    int rc = xb_report_write(a->output, policy, err);
    cJSON_Delete(policy);
    if (rc < 0)
        return -1;
    xb_tune_print(tune, r);
    printf("policy: %s\n", a->output);
    fflush(stdout);
    return 0;
}

static size_t count_ok(const struct xb_trials *trials)
{
    size_t n = 0;
    for (size_t i = 0; i < trials->count; i++)
        n += trials->trial[i].ok;
    return n;
}

/* All ranks do the same. */
static int tune_all(struct xb_tune *tune, struct xb_policy *fixed, const struct args *a,
                    const struct xb_plan *plan, struct xb_tune_results *r, struct xb_error *err)
{
    double start_us = xb_clock_us();

    if (xb_tune_points(tune, plan, err) < 0 || measure_all(tune, plan, err) < 0 ||
        xb_tune_try(tune, fixed, err) < 0 || xb_tune_ranges(tune, err) < 0)
        return -1;
    r->tuning_s = (xb_clock_us() - start_us) * 1e-6;
    r->measured = count_ok(&tune->tuner.trials);
    if (tune->nranges == 0)
        return xb_fail(err, "nothing could be measured; run says why: xferbench run %s",
                       a->launch.scenario);
    if (judge(tune, fixed, r, err) < 0)
        return -1;
    r->all_s = (xb_clock_us() - start_us) * 1e-6;
    return 0;
}

/* Rank 0: policy, tables and report. */
static int write_all(const struct xb_tune *tune, const struct args *a, struct books *b, int rc,
                     const struct xb_tune_results *r, struct xb_error *err)
{
    if (!b->books.cases)
        return rc;
    if (rc == 0)
        rc = present(tune, a, tune->tuner.session, &b->books, r, err);
    return finish_books(b, rc, err);
}

/* 0, or as run: 4 where a candidate carried wrong bytes, 1 where one failed. Rank 0 knows. */
static int exit_status(const struct books *b, const struct xb_session *s, int rc)
{
    enum xb_run_status status = b->corrupt            ? XB_RUN_CORRUPT
                                : b->failed || rc < 0 ? XB_RUN_FAILED
                                                      : XB_RUN_OK;
    int out = xb_run_exit_status(status);

    MPI_Bcast(&out, 1, MPI_INT, 0, s->world);
    return out;
}

static int tune_session(const struct args *a, const struct xb_scenario *scenario,
                        const struct xb_plan *plan, struct xb_policy *fixed,
                        struct xb_session *s, struct xb_error *err)
{
    struct books b;
    struct xb_tune_results r = {0};
    struct xb_tune tune = {.tuner = {.session = s,
                                     .exec = {.sampling = &scenario->sampling,
                                              .timeout_s = a->case_timeout_s,
                                              .batches_only = true},
                                     .sink = keep,
                                     .arg = &b}};

    int rc = open_books(&b, a, s, scenario, plan, &tune.tuner, err);
    if (rc == 0)
        rc = xb_watchdog_start(s->rank == 0 ? rescue : NULL, &b, err);
    rc = xb_tuner_agree(&tune.tuner, rc, err);
    if (rc == 0)
        rc = tune_all(&tune, fixed, a, plan, &r, err);
    xb_watchdog_stop();
    if (s->rank == 0)
        rc = write_all(&tune, a, &b, rc, &r, err);
    xb_methods_stop();
    xb_tune_release(&tune);
    xb_books_close(&b.books);
    return exit_status(&b, s, rc);
}

/* Candidates must be ways to do the same. */
static int check_candidates(const struct xb_plan *plan, struct xb_error *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        if (c->pattern != xb_pattern_find("stream") || c->window != 1 || c->src_offset ||
            c->dst_offset || c->method->kind != XB_KIND_TRANSFER ||
            c->method->flags & (XB_METHOD_NO_BYTES | XB_METHOD_BY_POLICY))
            return xb_fail(err,
                           "%s: tune compares transfers of the pattern stream, window 1, "
                           "without offsets, by methods that move bytes themselves",
                           c->id);
    }
    return 0;
}

/* Say now, and not after all measuring, that a file cannot be written. */
static int check_output(const char *file, struct xb_error *err)
{
    char folder[4096];

    if (!file)
        return 0;
    snprintf(folder, sizeof folder, "%s", file);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    if (access(slash ? folder : ".", W_OK) != 0)
        return xb_fail(err, "cannot write %s: %s", file, strerror(errno));
    return 0;
}

/* All that can be wrong before the first measurement, on all ranks or on none. */
static int prepare(const struct args *a, const struct xb_plan *plan, struct xb_policy *fixed,
                   int rank, struct xb_error *err)
{
    int rc = check_candidates(plan, err);

    if (rc == 0 && rank == 0 && (rc = check_output(a->output, err)) == 0)
        rc = check_output(a->report, err);
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

    if (xb_read_scenario(a->launch.scenario, a->launch.sets.list, &scenario, &plan, &err) ==
        0) {
        a->session.device = scenario.device;
        if (prepare(a, &plan, &fixed, rank, &err) == 0 &&
            xb_session_open(&a->session, &session, &err) == 0) {
            status = tune_session(a, &scenario, &plan, &fixed, &session, &err);
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

int xb_cmd_tune(int argc, char **argv)
{
    struct args a;
    struct xb_error err = {""};
    int rc = parse(argc, argv, &a, &err), status;

    if (rc == 0 && a.launch.help)
        status = xb_usage("tune");
    else
        status = xb_launch_mpi("tune", a.launch.level, rc, &err, tune_scenario, &a);
    xb_launch_free(&a.launch);
    return status;
}
