/* measure.c - a plan from its first case to the report. */
#include "config.h"

#include "cmd/run/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/log.h"
#include "base/units.h"
#include "cmd/agree.h"
#include "cmd/books.h"
#include "cmd/cmd.h"
#include "engine/measure/exec.h"
#include "engine/measure/policy_choice.h"
#include "engine/methods/method.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/watchdog.h"
#include "lab/run_experiment.h"
#include "report/differences.h"
#include "report/formats/format.h"
#include "report/formats/trace.h"
#include "report/report.h"

/* Rank 0's books. The watchdog's thread reads them under its lock. */
struct books {
    const struct xb_run_options *options;
    const struct xb_plan *plan;
    struct xb_books books;
    struct xb_journal *journal;
    struct xb_report resumed; /* the cases of the run that is resumed */
    const struct xb_case *current;
    struct xb_choice chosen; /* by the policy, for the current case */
    double grace_s;          /* that it may take beyond its time */
    struct xb_result lanes;  /* of it, as far as they have come; its lanes alone */
    size_t room;             /* of them */
};

/* The report to its file, and for people to stdout. */
static int write_report(struct books *b, enum xb_run_status status, struct xb_error *err)
{
    if (xb_books_write(&b->books, b->options->output, status, err) < 0)
        return -1;
    if (b->options->format->write(&b->books.report, stdout) < 0)
        xb_log_error("out of memory while printing the %s", b->options->format->name);
    fflush(stdout);
    return 0;
}

static int write_trace(struct books *b, struct xb_error *err)
{
    if (!b->options->trace)
        return 0;
    cJSON *trace = xb_trace_json(&b->books.report);
    int rc = trace ? xb_report_write(b->options->trace, trace, err)
                   : xb_fail(err, "out of memory for the trace");
    cJSON_Delete(trace);
    return rc;
}

/* What was taken from an earlier run and not reached in this one is not lost either. */
static void keep_resumed(struct books *b)
{
    struct xb_error err;

    for (size_t i = 0; i < b->resumed.cases.n; i++)
        if (xb_report_case_at(&b->resumed, i)->id &&
            xb_report_take(&b->books.report, &b->resumed, i, &err) < 0)
            xb_log_error("%s", err.text);
}

/* On the watchdog's thread, with its lock held, and the main thread anywhere but at the books.
 */
static int rescue(enum xb_alarm alarm, void *arg)
{
    struct books *b = arg;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;

    /* what some lanes of the current case came to is kept; the case is measured again */
    struct xb_result *cut = &b->lanes;
    cut->status = XB_FAILED;
    cut->chosen = b->chosen;
    cut->concurrent = 1;
    snprintf(cut->reason, sizeof cut->reason, "interrupted behind %zu lanes", cut->nlanes);
    if (alarm == XB_ALARM_HANG) {
        cut->status = XB_TIMEOUT;
        snprintf(cut->reason, sizeof cut->reason,
                 "a rank did not come back within %g s and %g s of grace; the run ended here",
                 b->options->case_timeout_s, b->grace_s);
        xb_log_error("%s: %s", b->current->id, cut->reason);
    }
    if (b->current && (alarm == XB_ALARM_HANG || cut->nlanes > 0) &&
        xb_report_add(&b->books.report, b->current, cut, false, &err) < 0)
        xb_log_error("%s", err.text);
    if (alarm == XB_ALARM_HANG)
        status = xb_report_status(&b->books.report);
    keep_resumed(b);
    if (write_trace(b, &err) < 0)
        xb_log_error("%s", err.text);
    if (write_report(b, status, &err) < 0) {
        xb_log_error("%s", err.text); /* the journal stays */
        return XB_EXIT_FAILED;
    }
    xb_log_warn("%s report in %s; go on with --resume",
                alarm == XB_ALARM_SIGNAL ? "interrupted; partial" : "incomplete",
                b->options->output);
    xb_journal_close(b->journal, 1);
    return xb_run_exit_status(status);
}

static void close_books(struct books *b, int keep_journal)
{
    xb_journal_close(b->journal, !keep_journal);
    xb_report_release(&b->resumed);
    xb_books_close(&b->books);
}

#define RANK_NAME_LEN 120

/* Host and GPU of every rank, as a journal names them; one block, freed with free. */
static char **name_ranks(const struct xb_session *s)
{
    size_t n = (size_t)s->nranks;
    char **names = malloc(n * (sizeof *names + RANK_NAME_LEN));

    for (size_t r = 0; names && r < n; r++) {
        names[r] = (char *)(names + n) + r * RANK_NAME_LEN;
        snprintf(names[r], RANK_NAME_LEN, "%s/%s", s->ranks[r].host,
                 s->ranks[r].gpu_uuid[0] ? s->ranks[r].gpu_uuid : "-");
    }
    return names;
}

/* Say in the report which run is resumed, and in what it differs. */
static int note_resumed(struct books *b, struct xb_error *err)
{
    char text[XB_ERROR_LEN];
    int n = xb_report_differences(&b->resumed, &b->books.report, text, sizeof text);
    cJSON *note = n < 0 ? NULL : cJSON_CreateObject();
    const struct {
        const char *key, *value;
    } members[] = {{"file", b->options->resume},
                   {"run_id", b->resumed.run.id},
                   {"start_utc", b->resumed.run.start_utc},
                   {"differences", n > 0 ? text : NULL}};
    bool good = note != NULL;

    for (size_t i = 0; good && i < sizeof members / sizeof members[0]; i++)
        good =
            (members[i].value ? cJSON_AddStringToObject(note, members[i].key, members[i].value)
                              : cJSON_AddNullToObject(note, members[i].key)) != NULL;
    if (!good) {
        cJSON_Delete(note);
        return xb_fail(err, "out of memory");
    }
    b->books.report.run.resumed = note;
    if (n > 0)
        xb_log_warn("%s: made by another build or in another environment: %s",
                    b->options->resume, text);
    return 0;
}

/* Take over what the run that is resumed has, and start this run's journal with it. */
static int open_journal(struct books *b, const struct xb_session *s, char **names,
                        struct xb_error *err)
{
    struct xb_journal_key key = {.plan_hash = b->plan->hash,
                                 .seed = s->seed,
                                 .nranks = s->nranks,
                                 .ranks = (const char *const *)names,
                                 .device = s->device->name,
                                 .run = &b->books.report,
                                 .anyway = b->options->resume_anyway};

    if (b->options->resume &&
        (xb_journal_load(b->options->resume, &key, &b->resumed, err) < 0 ||
         note_resumed(b, err) < 0))
        return -1;
    return xb_journal_open(b->options->output, &key, b->options->resume ? &b->resumed : NULL,
                           &b->journal, err);
}

static int open_books(struct books *b, const struct xb_session *s,
                      const struct xb_scenario *scenario, struct xb_error *err)
{
    const struct xb_books_subject subject = {scenario, b->plan, b->options->policy,
                                             b->options->argv};

    if (xb_books_open(&b->books, s, &subject, err) < 0)
        return -1;
    if (xb_output_check(b->options->trace, err) < 0)
        return -1;
    b->books.samples = b->options->samples;
    char **names = name_ranks(s);
    int rc = names ? open_journal(b, s, names, err) : xb_fail(err, "out of memory");
    free(names);
    return rc;
}

/* Index of the case of the run that is resumed to take over: one that is ok, or -1. The others
 * of the same id are measured again and go. */
static int64_t find_resumed(struct books *b, const struct xb_case *c)
{
    int64_t found = -1;

    for (size_t i = 0; i < b->resumed.cases.n; i++) {
        const struct xb_report_case *old = xb_report_case_at(&b->resumed, i);
        if (!old->id || strcmp(old->id, c->id) != 0)
            continue;
        if (old->status == XB_OK && found < 0)
            found = (int64_t)i;
        else
            xb_report_drop(&b->resumed, i--);
    }
    return found;
}

static int take_over(struct books *b, size_t known, struct xb_error *err)
{
    xb_watchdog_lock();
    int rc = xb_report_take(&b->books.report, &b->resumed, known, err);
    xb_watchdog_unlock();
    return rc;
}

static void forget_lanes(struct books *b)
{
    xb_result_release(&b->lanes);
    b->room = 0;
}

/* Put a result into the books and into the journal. */
static int enter(struct books *b, const struct xb_case *c, const struct xb_result *result,
                 struct xb_error *err)
{
    struct xb_report *report = &b->books.report;

    xb_watchdog_lock();
    int rc = xb_report_add(report, c, result, b->books.samples, err);
    b->current = NULL;
    forget_lanes(b);
    if (rc == 0)
        rc = xb_journal_add(b->journal, report, report->cases.n - 1, err);
    xb_watchdog_unlock();
    return rc;
}

/* Keep a lane of the current case, here and in the journal, should the case not come to its
 * end. What cannot be kept is still measured. */
static void keep_lane(void *arg, const struct xb_case *c, const struct xb_lane_result *lane)
{
    struct books *b = arg;
    struct xb_error err;

    xb_watchdog_lock();
    if (b->lanes.nlanes == b->room) {
        size_t room = b->room ? 2 * b->room : 16;
        struct xb_lane_result *more = realloc(b->lanes.lanes, room * sizeof *more);
        if (more) {
            b->lanes.lanes = more;
            b->room = room;
        }
    }
    if (b->lanes.nlanes < b->room) {
        struct xb_lane_result *kept = &b->lanes.lanes[b->lanes.nlanes++];
        *kept = *lane;
        kept->samples_us = NULL;
        kept->nsamples = 0;
        kept->reason = lane->reason ? strdup(lane->reason) : NULL;
    }
    if (xb_journal_add_lane(b->journal, c, lane, &err) < 0)
        xb_log_warn("%s", err.text);
    xb_watchdog_unlock();
}

static void show_progress(size_t i, size_t n, const struct xb_case *c,
                          const struct xb_result *r)
{
    if (r->status == XB_OK)
        xb_log_progress("[%zu/%zu] %s: ok, %zu samples", i + 1, n, c->id, r->time.n);
    else
        xb_log_progress("[%zu/%zu] %s: %s: %s", i + 1, n, c->id, xb_status_name(r->status),
                        r->reason);
}

/* Rank 0 says whether a case is taken over from an earlier run. */
static int share_flag(const struct xb_session *s, int flag)
{
    if (s->nranks > 1)
        MPI_Bcast(&flag, 1, MPI_INT, 0, s->world);
    return flag;
}

/* Measure a case, or what the policy makes of it, by the engine or in the laboratory. The
 * watchdog is told what is really measured: what need not set itself up has less time. */
static void exec_case(struct xb_session *s, struct books *b, const struct xb_case *c,
                      const struct xb_exec_options *exec, struct xb_result *out)
{
    struct xb_choice chosen;
    struct xb_case actual;
    struct xb_error why;
    int rc = xb_auto_resolve(s, b->options->policy, c, &actual, &chosen, &why);
    bool experiment = xb_case_is_experiment(&actual);

    xb_watchdog_lock();
    b->chosen = chosen;
    b->grace_s = experiment ? XB_EXPERIMENT_GRACE_S : xb_method_grace_s(&actual);
    xb_watchdog_unlock();
    if (s->rank == 0)
        xb_watchdog_arm(exec->timeout_s + b->grace_s);
    if (rc != XB_GO) {
        *out = (struct xb_result){.status = XB_SKIPPED};
        snprintf(out->reason, sizeof out->reason, "%s", why.text);
    } else if (experiment) {
        xb_run_experiment(s, &actual, exec, out);
    } else {
        xb_exec_case(s, &actual, exec, out);
    }
    xb_watchdog_arm(0);
    out->chosen = chosen;
}

static int run_case(struct xb_session *s, struct books *b, size_t i,
                    const struct xb_exec_options *exec, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_result result;
    int rc = 0;

    xb_watchdog_lock();
    int64_t known = s->rank == 0 ? find_resumed(b, c) : -1;
    xb_watchdog_unlock();
    if (share_flag(s, known >= 0)) {
        if (s->rank == 0)
            xb_log_progress("[%zu/%zu] %s: taken over", i + 1, b->plan->count, c->id);
        return s->rank == 0 ? take_over(b, (size_t)known, err) : 0;
    }
    if (s->rank == 0) {
        xb_watchdog_lock();
        b->current = c;
        xb_watchdog_unlock();
    }
    exec_case(s, b, c, exec, &result);
    if (s->rank == 0) {
        xb_clock_utc(result.measured_utc);
        show_progress(i, b->plan->count, c, &result);
        rc = enter(b, c, &result, err);
    }
    xb_result_release(&result);
    return rc;
}

/* Say where the report is, beside what people read. */
static void tell_report(const struct books *b)
{
    if (b->options->format->is_document) {
        xb_log_progress("report: %s", b->options->output);
        return;
    }
    printf("report: %s\n", b->options->output);
    fflush(stdout);
}

/* Rank 0 writes what was measured; all ranks return its exit status. */
static int finish(struct xb_session *s, struct books *b, int rc, struct xb_error *err)
{
    int status = XB_EXIT_FAILED;

    xb_watchdog_stop();
    xb_books_states(&b->books, s);
    if (s->rank == 0) {
        if (rc < 0)
            keep_resumed(b);
        /* without all its cases a report is a partial one */
        enum xb_run_status run =
            rc == 0 ? xb_report_status(&b->books.report) : XB_RUN_INTERRUPTED;
        struct xb_error why;
        int written = write_report(b, run, rc == 0 ? err : &why) == 0;
        if (write_trace(b, rc == 0 ? err : &why) < 0)
            rc = -1;
        if (written) {
            status = rc == 0 ? xb_run_exit_status(run) : XB_EXIT_FAILED;
            tell_report(b);
        }
        close_books(b, !written);
    }
    return share_flag(s, status);
}

static void announce(const struct xb_session *s, const struct xb_plan *plan)
{
    if (s->device->caps & XB_DEVICE_IS_HOST)
        xb_log_progress("device cpu: no GPU is used; these are figures of host memory");
    if (plan->repeated)
        xb_log_progress("%zu cases are named more than once and measured once", plan->repeated);
    for (int r = 0; r < s->nranks; r++)
        if (s->ranks[r].place.warning[0])
            xb_log_warn("rank %d: %s", r, s->ranks[r].place.warning);
}

int xb_measure(struct xb_session *session, const struct xb_scenario *scenario,
               const struct xb_plan *plan, const struct xb_run_options *options,
               struct xb_error *err)
{
    struct books b = {.options = options, .plan = plan};
    struct xb_exec_options exec = {.sampling = &scenario->sampling,
                                   .timeout_s = options->case_timeout_s,
                                   .samples = options->samples,
                                   .trace = options->trace != NULL,
                                   .take_lane = keep_lane,
                                   .take_arg = &b};
    int rc = 0;

    if (xb_plans_agree(session, plan->hash, err) < 0)
        return XB_EXIT_USAGE;
    xb_exec_expect(session, plan);
    if (session->rank == 0)
        rc = open_books(&b, session, scenario, err);
    if (rc == 0)
        rc = xb_watchdog_start(session->rank == 0 ? rescue : NULL, &b, err);
    if (share_flag(session, rc) < 0) {
        close_books(&b, 0);
        return XB_EXIT_USAGE;
    }
    if (session->rank == 0)
        announce(session, plan);
    for (size_t i = 0; i < plan->count; i++)
        if (share_flag(session, run_case(session, &b, i, &exec, err)) < 0) {
            rc = -1;
            break;
        }
    int status = finish(session, &b, rc, err);
    xb_methods_stop();
    return status;
}
