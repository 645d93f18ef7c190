/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_books.c - all that tune measured. */
#include "cmd/tune/tune_books.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/cmd.h"
#include "engine/methods/method.h"
#include "engine/runtime/clock.h"

void xb_tune_rescue_name(const char *policy, char name[4096])
{
    bool is_file = xb_output_kind(policy) == XB_OUTPUT_FILE;

    snprintf(name, 4096, "%.4000s.report.json", is_file ? policy : "xferbench-policy.json");
    for (int i = 2; access(name, F_OK) == 0; i++)
        snprintf(name, 4096, "%.4000s.report-%d.json",
                 is_file ? policy : "xferbench-policy.json", i);
}

FILE *xb_tune_people(const char *policy, const char *report)
{
    return xb_output_kind(policy) == XB_OUTPUT_STDOUT ||
                   (report && xb_output_kind(report) == XB_OUTPUT_STDOUT)
               ? stderr
               : stdout;
}

/* Add a case's result, in place of one of the same case. With the watchdog's lock held. */
static int put(struct xb_tune_books *b, const struct xb_case *c, const struct xb_result *result,
               struct xb_error *err)
{
    struct xb_report *report = &b->books.report;
    struct xb_result now = *result; /* borrows */
    size_t i = 0;

    xb_clock_utc(now.measured_utc);
    while (i < report->cases.n && strcmp(xb_report_case_at(report, i)->id, c->id) != 0)
        i++;
    bool known = i < report->cases.n;
    if (xb_report_add(report, c, &now, b->books.samples, err) < 0)
        return -1;
    if (known) { /* the new one takes its place */
        struct xb_report_case *last = xb_report_case_at(report, report->cases.n - 1);
        struct xb_report_case old = *xb_report_case_at(report, i);
        *xb_report_case_at(report, i) = *last;
        *last = old;
        xb_report_drop(report, report->cases.n - 1);
    }
    return 0;
}

int xb_tune_books_enter(void *arg, const struct xb_case *c, const struct xb_result *result,
                        enum xb_measured which, struct xb_error *err)
{
    struct xb_tune_books *b = arg;
    enum xb_status status = result->status;
    bool bad = status != XB_OK && status != XB_SKIPPED;

    b->corrupt = b->corrupt || status == XB_CORRUPT;
    b->failed = b->failed || bad;
    if (bad)
        xb_log_warn("%s: %s: %s", c->id, xb_status_name(status), result->reason);
    if (which == XB_MEASURED_AGAIN && status == XB_OK) /* its entry is there */
        return 0;
    xb_watchdog_lock();
    int rc = put(b, c, result, err);
    b->any = b->any || status == XB_OK;
    xb_watchdog_unlock();
    return rc;
}

int xb_tune_books_choices(struct xb_tune_books *b, const struct xb_tune *tune,
                          struct xb_error *err)
{
    xb_watchdog_lock();
    int rc = xb_tune_outcome(tune, &b->books.report.tuned, err);
    xb_watchdog_unlock();
    return rc;
}

/* What was measured, to the file that was asked for or else beside the policy's; also there
 * where others have left theirs meanwhile. Returns its name, or NULL with err filled. */
static const char *write_report(struct xb_tune_books *b, enum xb_run_status status,
                                struct xb_error *err)
{
    const char *file = b->report ? b->report : b->rescue;

    b->books.report.run.plan_cases = (int64_t)b->books.report.cases.n;
    while (xb_books_write(&b->books, file, b->report && b->force, status, err) < 0) {
        if ((b->report && b->force) || access(file, F_OK) != 0)
            return NULL;
        xb_tune_rescue_name(b->policy, b->rescue);
        file = b->rescue;
    }
    return file;
}

/* What there is of cases that have not all of their passes. With the watchdog's lock held. */
static void enter_partial(struct xb_tune_books *b)
{
    const struct xb_case *c;
    struct xb_result *sum;
    struct xb_error err;

    for (size_t i = 0; (c = xb_tuner_partial(b->tuner, i, &sum)); i++)
        if (sum && put(b, c, sum, &err) < 0)
            xb_log_error("%s", err.text);
}

void xb_tune_books_rest(void *arg)
{
    xb_watchdog_lock();
    enter_partial(arg);
    xb_watchdog_unlock();
}

/* The case that a rank did not come back from. */
static void enter_hung(struct xb_tune_books *b, const char *why)
{
    const struct xb_case *c = b->tuner->current;
    struct xb_result hung = {.status = XB_TIMEOUT};
    struct xb_error err;

    snprintf(hung.reason, sizeof hung.reason,
             "a rank did not come back within %g s and %g s of grace; tuning ended here: "
             "%.300s",
             b->tuner->exec.timeout_s, xb_method_grace_s(c), why);
    hung.hung = true;
    xb_log_error("%s: %s", c->id, hung.reason);
    if (put(b, c, &hung, &err) < 0)
        xb_log_error("%s", err.text);
}

int xb_tune_books_rescue(enum xb_alarm alarm, const char *why, void *arg)
{
    struct xb_tune_books *b = arg;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;

    enter_partial(b);
    if (alarm == XB_ALARM_HANG && b->tuner->current) {
        enter_hung(b, why);
        status = xb_report_status(&b->books.report);
    }
    char what[600];
    snprintf(what, sizeof what, "%s%s", alarm == XB_ALARM_SIGNAL ? why : "",
             alarm == XB_ALARM_SIGNAL ? ": interrupted"
             : alarm == XB_ALARM_HANG ? "a case hangs"
                                      : "a rank was lost");
    const char *file = "no file: there is nothing";
    if ((b->report || b->any) && !(file = write_report(b, status, &err))) {
        xb_log_error("%s; %s", what, err.text);
        return XB_EXIT_FAILED;
    }
    xb_log_error("%s; no policy was written; what was measured is in %s", what, file);
    return xb_run_exit_status(status);
}

int xb_tune_books_finish(struct xb_tune_books *b, int rc, struct xb_error *err)
{
    struct xb_error why = {""};
    enum xb_run_status status = xb_report_status(&b->books.report);

    if (!b->report && (rc == 0 || !b->any))
        return rc;
    if (rc < 0 && status != XB_RUN_CORRUPT)
        status = b->complete ? XB_RUN_FAILED : XB_RUN_INTERRUPTED;
    const char *file = write_report(b, status, rc == 0 ? err : &why);
    if (!file) {
        if (rc < 0) /* err has what was first */
            xb_log_error("%s", why.text);
        return -1;
    }
    FILE *people = xb_tune_people(b->policy, b->report);
    fprintf(people, "report: %s\n", file);
    fflush(people);
    /* elsewhere than it was asked for: err has why */
    return b->report && file != b->report ? -1 : rc;
}

int xb_tune_books_status(const struct xb_tune_books *b, int rc)
{
    return xb_run_exit_status(b->corrupt            ? XB_RUN_CORRUPT
                              : b->failed || rc < 0 ? XB_RUN_FAILED
                                                    : XB_RUN_OK);
}
