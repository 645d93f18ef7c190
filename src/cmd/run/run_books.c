/* run_books.c - rank 0's account of a run. */
#include "cmd/run/run_books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/cmd.h"
#include "cmd/run/outputs.h"
#include "engine/measure/exec.h"
#include "engine/measure/policy_choice.h"
#include "model/figures/sampling.h"
#include "report/formats/trace.h"
#include "report/slices.h"

/* ---- the report ---- */

int xb_run_books_write(struct xb_run_books *b, enum xb_run_status status, struct xb_error *err)
{
    xb_report_sort(&b->books.report);
    FILE *people = xb_run_people(b->output);

    if (xb_run_books_report_uses(b, err) < 0 ||
        xb_books_write(&b->books, b->output, b->options->force || b->options->replace, status,
                       err) < 0)
        return -1;
    if (people == stderr && b->options->format->is_document)
        return 0; /* one of them is enough */
    if (b->options->format->write(&b->books.report, people) < 0)
        xb_log_error("out of memory while printing the %s", b->options->format->name);
    fflush(people);
    return 0;
}

int xb_run_books_write_trace(struct xb_run_books *b, struct xb_error *err)
{
    if (!b->options->trace)
        return 0;
    cJSON *trace = xb_trace_json(&b->books.report);
    int rc = trace ? xb_report_write(b->options->trace, trace, b->options->replace_trace, err)
                   : xb_fail(err, "out of memory for the trace");
    cJSON_Delete(trace);
    return rc;
}

/* Add a case to the report, at its place. */
static int report_case(struct xb_run_books *b, size_t i, const struct xb_result *result,
                       struct xb_error *err)
{
    struct xb_report *report = &b->books.report;

    if (xb_report_add(report, &b->plan->cases[i], result, b->books.samples, err) < 0)
        return -1;
    xb_report_case_at(report, report->cases.n - 1)->place = i;
    return 0;
}

static int take_resumed(struct xb_run_books *b, size_t known, size_t place,
                        struct xb_error *err)
{
    struct xb_report *report = &b->books.report;

    if (xb_report_take(report, &b->resumed, known, err) < 0)
        return -1;
    xb_report_case_at(report, report->cases.n - 1)->place = place;
    return 0;
}

static void forget(struct xb_run_case *c)
{
    if (c->sum)
        xb_result_release(c->sum);
    free(c->sum);
    c->sum = NULL;
}

/* What the passes of a case come to, into the report. */
static int conclude(struct xb_run_books *b, size_t i, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_result *sum = b->cases[i].sum;

    if (sum->passes_asked > 1) {
        struct xb_case moved = sum->chosen.method ? xb_choice_apply(&sum->chosen, c) : *c;
        xb_exec_conclude(b->session, &moved, sum);
    }
    return report_case(b, i, sum, err);
}

/* Is the case at this place of the plan in the report? */
static bool is_reported(const struct xb_run_books *b, size_t place)
{
    for (size_t i = 0; i < b->books.report.cases.n; i++)
        if (xb_report_case_at(&b->books.report, i)->place == place)
            return true;
    return false;
}

void xb_run_books_end_early(struct xb_run_books *b)
{
    struct xb_error err;

    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].sum && conclude(b, i, &err) < 0)
            xb_log_error("%s", err.text);
    /* What was taken from an earlier run and not reached in this one is not lost either. */
    for (size_t i = 0; i < b->resumed.cases.n; i++) {
        const char *id = xb_report_case_at(&b->resumed, i)->id;
        size_t at = id ? xb_run_books_place(b->plan, id) : b->plan->count;
        bool is_there = at < b->plan->count && is_reported(b, at);
        if (id && !is_there && take_resumed(b, i, at, &err) < 0)
            xb_log_error("%s", err.text);
    }
}

void xb_run_books_end(struct xb_run_books *b)
{
    struct xb_error err;

    for (size_t i = 0; i < b->plan->count; i++)
        if (b->cases[i].sum && conclude(b, i, &err) == 0)
            forget(&b->cases[i]);
        else if (b->cases[i].sum)
            xb_log_error("%s", err.text);
}

/* ---- when the run cannot go on ---- */

/* Are there cases of which the journal holds more than the report? */
static bool has_slices(const struct xb_run_books *b)
{
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].sum)
            return true;
    return false;
}

/* The case that was being measured: of its first pass, what some lanes came to is kept; the
 * case is measured again. */
static void end_current(struct xb_run_books *b, enum xb_alarm alarm, const char *why)
{
    size_t i = (size_t)(b->current - b->plan->cases);
    struct xb_result *cut = b->cases[i].sum ? b->cases[i].sum : &b->lanes;
    struct xb_error err;

    if (cut == &b->lanes) {
        cut->status = XB_FAILED;
        cut->chosen = b->chosen;
        cut->concurrent = 1;
        snprintf(cut->reason, sizeof cut->reason, "interrupted behind %zu lanes", cut->nlanes);
    }
    if (alarm == XB_ALARM_HANG) {
        cut->status = XB_TIMEOUT;
        cut->hung = true;
        snprintf(cut->reason, sizeof cut->reason,
                 "a rank did not come back within %g s and %g s of grace; the run ended here: "
                 "%.300s",
                 b->options->case_timeout_s, b->grace_s, why);
        xb_log_error("%s: %s", b->current->id, cut->reason);
    }
    if (cut == &b->lanes && (alarm == XB_ALARM_HANG || cut->nlanes > 0) &&
        report_case(b, i, cut, &err) < 0)
        xb_log_error("%s", err.text);
}

bool xb_run_books_nothing_new(const struct xb_run_books *b, enum xb_run_status status)
{
    return status == XB_RUN_INTERRUPTED && !b->measured && b->output &&
           xb_output_kind(b->output) == XB_OUTPUT_FILE && access(b->output, F_OK) == 0;
}

/* A run that goes on from the journal must know which case hung. */
static void journal_hung(struct xb_run_books *b)
{
    struct xb_error err;
    size_t n = b->books.report.cases.n;

    for (size_t i = 0; i < n; i++) {
        const struct xb_report_case *c = xb_report_case_at(&b->books.report, i);
        if (c->id && strcmp(c->id, b->current->id) == 0 &&
            xb_journal_add(b->journal, &b->books.report, i, &err) < 0)
            xb_log_error("%s", err.text);
    }
}

/* What became of the run, and how to go on where there is a file to go on from. */
static void say_end(const struct xb_run_books *b, enum xb_alarm alarm, const char *why,
                    bool journal_stays)
{
    bool hung = b->current && alarm == XB_ALARM_HANG;
    const char *what = alarm == XB_ALARM_SIGNAL ? ": interrupted; partial"
                       : hung                   ? "incomplete"
                                                : "partial";

    if (alarm != XB_ALARM_SIGNAL)
        why = "";
    if (xb_output_kind(b->output) != XB_OUTPUT_FILE)
        xb_log_error("%s%s report in %s", why, what, b->output);
    else
        xb_log_error("%s%s report in %s; go on with --resume %s%s%s", why, what, b->output,
                     b->output, journal_stays ? ".journal" : "",
                     hung ? ", which leaves out the case that hung (--retry-hung does not)"
                          : "");
}

int xb_run_books_rescue(enum xb_alarm alarm, const char *why, void *books)
{
    struct xb_run_books *b = books;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;
    bool keep = b->journal && has_slices(b);

    if (b->current)
        end_current(b, alarm, why);
    xb_run_books_end_early(b);
    if (b->current && alarm == XB_ALARM_HANG) {
        journal_hung(b);
        status = xb_report_status(&b->books.report);
    }
    if (xb_run_books_nothing_new(b, status)) {
        xb_log_error("%s%sbefore anything was measured; %s is as it was",
                     alarm == XB_ALARM_SIGNAL ? why : "",
                     alarm == XB_ALARM_SIGNAL ? ": interrupted " : "ended ", b->output);
        xb_journal_close(b->journal, !xb_journal_goes_on(b->journal));
        return xb_run_exit_status(status);
    }
    if (xb_run_books_write_trace(b, &err) < 0)
        xb_log_error("%s", err.text);
    if (xb_run_books_write(b, status, &err) < 0) {
        xb_log_error("%s", err.text); /* the journal stays */
        return XB_EXIT_FAILED;
    }
    say_end(b, alarm, why, keep);
    xb_journal_close(b->journal, !keep);
    return xb_run_exit_status(status);
}

/* ---- beginning and end ---- */

int xb_run_books_begin_journal(struct xb_run_books *b, struct xb_error *err)
{
    return xb_journal_begin(b->journal, err) == 0 ? 0 : -1;
}

bool xb_run_books_close(struct xb_run_books *b, bool keep_journal)
{
    bool stays = b->journal && (keep_journal || has_slices(b));

    xb_journal_close(b->journal, !stays);
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        forget(&b->cases[i]);
    free(b->cases);
    free(b->output);
    xb_report_release(&b->resumed);
    xb_use_log_release(&b->uses);
    xb_books_close(&b->books);
    return stays;
}

/* ---- case by case ---- */

/* One that has all it should have. */
static bool is_good(const struct xb_report_case *c)
{
    return c->status == XB_OK && !xb_report_noted(c, XB_NOTE_PARTIAL);
}

/* One that ended the run that is resumed would end this one too. */
static bool is_hung(const struct xb_report_case *c)
{
    return c->status == XB_TIMEOUT && xb_report_noted(c, XB_NOTE_HUNG);
}

/* Index of the case of the run that is resumed to take over, or -1. The others of the same id
 * are measured again and go. */
static int64_t find_resumed(struct xb_run_books *b, const struct xb_case *c)
{
    int64_t found = -1;

    for (size_t i = 0; i < b->resumed.cases.n; i++) {
        const struct xb_report_case *old = xb_report_case_at(&b->resumed, i);
        if (!old->id || strcmp(old->id, c->id) != 0)
            continue;
        if (found < 0 && (is_good(old) || (is_hung(old) && !b->options->retry_hung)))
            found = (int64_t)i;
        else
            xb_report_drop(&b->resumed, i--);
    }
    return found;
}

int xb_run_books_find(struct xb_run_books *b, size_t i, int pass, struct xb_error *err)
{
    int rc = pass < b->cases[i].have ? XB_KNOWN_SLICE : XB_KNOWN_NOTHING;

    xb_watchdog_lock();
    int64_t known =
        rc == XB_KNOWN_NOTHING && pass == 0 ? find_resumed(b, &b->plan->cases[i]) : -1;
    if (known >= 0) {
        bool hung = is_hung(xb_report_case_at(&b->resumed, (size_t)known));
        rc = hung ? XB_KNOWN_HUNG : XB_KNOWN_CASE;
        if (take_resumed(b, (size_t)known, i, err) < 0)
            rc = -1;
    }
    xb_watchdog_unlock();
    return rc;
}

void xb_run_books_begin(struct xb_run_books *b, size_t i)
{
    xb_watchdog_lock();
    b->current = &b->plan->cases[i];
    xb_watchdog_unlock();
}

void xb_run_books_chosen(struct xb_run_books *b, const struct xb_choice *chosen, double grace_s)
{
    xb_watchdog_lock();
    b->chosen = *chosen;
    b->grace_s = grace_s;
    xb_watchdog_unlock();
}

static int add_slice(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                     bool *done, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_run_case *rc = &b->cases[i];

    b->measured = true;
    /* an experiment has no lanes that would keep apart what passes give: it is measured once */
    int asked = xb_case_is_experiment(c) ? 1 : b->passes;
    int made = rc->sum ? rc->sum->passes : 0;

    bool goes_on = made + 1 < asked || (b->repeat_s > 0 && asked > 1);

    if (!rc->sum && !(rc->sum = xb_run_books_new_sum(b)))
        return xb_fail(err, "out of memory for %s", c->id);
    *done = slice->status != XB_OK || !goes_on;
    if (!*done && xb_journal_add_slice(b->journal, c->id, pass, slice, err) < 0)
        return -1;
    if (xb_slices_add(rc->sum, slice, asked) < 0)
        return xb_fail(err, "out of memory for %s", c->id);
    rc->have = pass + 1;
    if (!*done)
        return 0;
    int added = conclude(b, i, err);
    forget(rc);
    return added < 0
               ? -1
               : xb_journal_add(b->journal, &b->books.report, b->books.report.cases.n - 1, err);
}

int xb_run_books_enter(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                       bool *done, struct xb_error *err)
{
    xb_watchdog_lock();
    int rc = add_slice(b, i, pass, slice, done, err);
    b->current = NULL;
    xb_result_release(&b->lanes);
    b->room = 0;
    xb_watchdog_unlock();
    return rc;
}

void xb_run_books_keep_lane(void *books, const struct xb_case *c,
                            const struct xb_lane_result *lane)
{
    struct xb_run_books *b = books;
    struct xb_error err;

    if (b->current && b->cases[b->current - b->plan->cases].sum)
        return; /* there is more of the case than these lanes */
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
        kept->samples_us = kept->passes_us = NULL;
        kept->nsamples = kept->npasses = 0;
        kept->reason = lane->reason ? strdup(lane->reason) : NULL;
    }
    if (xb_journal_add_lane(b->journal, c, lane, &err) < 0)
        xb_log_warn("%s", err.text);
    xb_watchdog_unlock();
}
