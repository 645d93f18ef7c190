/* measure.c - a plan from its first case to the report. */
#include "config.h"

#include "cmd/run/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
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
#include "engine/runtime/journal.h"
#include "engine/runtime/watchdog.h"
#include "lab/run_experiment.h"
#include "report/formats/table.h"
#include "report/formats/trace.h"
#include "report/report.h"

/* Rank 0's books. The watchdog's thread reads them under its lock. */
struct books {
    const struct xb_run_options *options;
    const struct xb_plan *plan;
    struct xb_books books;
    struct xb_journal *journal;
    cJSON *resumed; /* entries of the run that is resumed, or NULL */
    cJSON *trace;   /* NULL where none was asked for */
    const struct xb_case *current;
    struct xb_choice chosen; /* by the policy, for the current case */
    double grace_s;          /* that it may take beyond its time */
};

static int write_report(struct books *b, enum xb_run_status status, struct xb_error *err)
{
    cJSON *report = xb_books_report(&b->books, status, err);

    if (!report)
        return -1;
    int rc = xb_report_write(b->options->output, report, err);
    if (rc == 0) {
        xb_table_print_report(report, stdout);
        fflush(stdout);
    }
    cJSON_Delete(report);
    return rc;
}

/* What was taken from an earlier run and not reached in this one is not lost either. */
static void keep_resumed(struct books *b)
{
    cJSON *entry;

    while ((entry = cJSON_DetachItemFromArray(b->resumed, 0)))
        cJSON_AddItemToArray(b->books.cases, entry);
}

/* On the watchdog's thread, with its lock held, and the main thread anywhere but at the books.
 */
static int rescue(enum xb_alarm alarm, void *arg)
{
    struct books *b = arg;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;

    if (alarm == XB_ALARM_HANG) {
        struct xb_result hung = {.status = XB_TIMEOUT, .chosen = b->chosen};
        snprintf(hung.reason, sizeof hung.reason,
                 "a rank did not come back within %g s and %g s of grace; the run ended here",
                 b->options->case_timeout_s, b->grace_s);
        cJSON_AddItemToArray(b->books.cases, xb_report_case(b->current, &hung));
        status = xb_report_status(b->books.cases);
        xb_log_error("%s: %s", b->current->id, hung.reason);
    }
    keep_resumed(b);
    if (b->trace && xb_report_write(b->options->trace, b->trace, &err) < 0)
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
    cJSON_Delete(b->resumed);
    cJSON_Delete(b->trace);
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

/* Take over what the run that is resumed has, and start this run's journal with it. */
static int open_journal(struct books *b, const struct xb_session *s, char **names,
                        struct xb_error *err)
{
    struct xb_journal_key key = {.plan_hash = b->plan->hash,
                                 .seed = s->seed,
                                 .nranks = s->nranks,
                                 .ranks = (const char *const *)names,
                                 .device = s->device->name};
    const cJSON *entry;

    if (b->options->resume && xb_journal_load(b->options->resume, &key, &b->resumed, err) < 0)
        return -1;
    if (xb_journal_open(b->options->output, &key, &b->journal, err) < 0)
        return -1;
    /* the new journal may have replaced the one that these come from */
    cJSON_ArrayForEach(entry, b->resumed)
    {
        if (xb_journal_add(b->journal, entry, err) < 0)
            return -1;
    }
    return 0;
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
    if (b->options->trace && !(b->trace = xb_trace_new()))
        return xb_fail(err, "out of memory");
    char **names = name_ranks(s);
    int rc = names ? open_journal(b, s, names, err) : xb_fail(err, "out of memory");
    free(names);
    return rc;
}

/* Take all entries of a case out of the run that is resumed: the one that is ok, or NULL. */
static cJSON *take_resumed(struct books *b, const struct xb_case *c)
{
    cJSON *entry = b->resumed ? b->resumed->child : NULL, *found = NULL, *next;

    for (; entry; entry = next) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(entry, "id");
        const cJSON *status = cJSON_GetObjectItemCaseSensitive(entry, "status");
        next = entry->next;
        if (!cJSON_IsString(id) || strcmp(id->valuestring, c->id) != 0)
            continue;
        cJSON_DetachItemViaPointer(b->resumed, entry);
        bool ok = cJSON_IsString(status) && xb_status_find(status->valuestring) == XB_OK;
        if (ok && !found)
            found = entry;
        else
            cJSON_Delete(entry); /* measured again */
    }
    return found;
}

/* Put an entry into the books, and into the journal unless it stands there. */
static int enter(struct books *b, cJSON *entry, bool in_journal, struct xb_error *err)
{
    if (!entry)
        return xb_fail(err, "out of memory for a result");
    xb_watchdog_lock();
    cJSON_AddItemToArray(b->books.cases, entry);
    b->current = NULL;
    int rc = in_journal ? 0 : xb_journal_add(b->journal, entry, err);
    xb_watchdog_unlock();
    return rc;
}

static int enter_trace(struct books *b, int number, const struct xb_case *c,
                       const struct xb_result *result, struct xb_error *err)
{
    if (!b->trace)
        return 0;
    xb_watchdog_lock();
    int rc = xb_trace_add(b->trace, number, c->id, result);
    xb_watchdog_unlock();
    return rc < 0 ? xb_fail(err, "out of memory for the trace") : 0;
}

static void show_progress(size_t i, size_t n, const struct xb_case *c,
                          const struct xb_result *r)
{
    if (r->status == XB_OK)
        xb_log_progress("[%zu/%zu] %s: ok, %zu samples", i + 1, n, c->id, r->nsamples);
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
    cJSON *known;
    struct xb_result result;
    int rc = 0;

    xb_watchdog_lock();
    known = s->rank == 0 ? take_resumed(b, c) : NULL;
    xb_watchdog_unlock();
    if (share_flag(s, known != NULL)) {
        if (s->rank == 0)
            xb_log_progress("[%zu/%zu] %s: taken over", i + 1, b->plan->count, c->id);
        return s->rank == 0 ? enter(b, known, true, err) : 0;
    }
    if (s->rank == 0) {
        xb_watchdog_lock();
        b->current = c;
        xb_watchdog_unlock();
    }
    exec_case(s, b, c, exec, &result);
    if (s->rank == 0) {
        show_progress(i, b->plan->count, c, &result);
        rc = enter(b, xb_report_case(c, &result), false, err);
        if (rc == 0)
            rc = enter_trace(b, (int)i, c, &result, err);
    }
    xb_result_release(&result);
    return rc;
}

/* Rank 0 writes what was measured; all ranks return its exit status. */
static int finish(struct xb_session *s, struct books *b, int rc, struct xb_error *err)
{
    int status = XB_EXIT_FAILED;

    xb_watchdog_stop();
    if (s->rank == 0) {
        /* without all its cases a report is a partial one */
        enum xb_run_status run =
            rc == 0 ? xb_report_status(b->books.cases) : XB_RUN_INTERRUPTED;
        struct xb_error why;
        int written = write_report(b, run, rc == 0 ? err : &why) == 0;
        if (b->trace && xb_report_write(b->options->trace, b->trace, rc == 0 ? err : &why) < 0)
            rc = -1;
        if (written) {
            status = rc == 0 ? xb_run_exit_status(run) : XB_EXIT_FAILED;
            printf("report: %s\n", b->options->output);
            fflush(stdout);
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
                                   .trace = options->trace != NULL};
    int rc = 0;

    if (xb_plans_agree(session, plan->hash, err) < 0)
        return XB_EXIT_USAGE;
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
