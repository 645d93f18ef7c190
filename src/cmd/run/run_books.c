/* SPDX-License-Identifier: BSD-3-Clause */
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
#include "cmd/run/run_check.h"
#include "lab/experiment.h"
#include "report/formats/trace.h"
#include "report/slices.h"

/* ---- the report ---- */

/* What could not be printed: a case that could not be read back says more than who prints. */
static int not_printed(const struct xb_run_books *b, struct xb_error *err)
{
    if (b->unread.text[0])
        *err = b->unread;
    return -1;
}

int xb_run_books_write(struct xb_run_books *b, enum xb_run_status status, struct xb_error *err)
{
    FILE *people = b->options->people ? b->options->people : xb_run_people(b->output);
    struct xb_run_check *check = b->options->check;

    if (xb_run_books_report_uses(b, err) < 0 ||
        xb_books_write(&b->books, b->output, b->options->force || b->options->replace, status,
                       err) < 0)
        return not_printed(b, err);
    if (check && xb_run_check_take(check, &b->books.report, b->output, err) < 0)
        return not_printed(b, err);
    if (people == stderr && b->options->format->is_document)
        return 0; /* one of them is enough */
    const struct xb_format_source source = {.report = &b->books.report, .name = b->output};
    const struct xb_format_set set = {.source = &source,
                                      .n = 1,
                                      .catalog = xb_lab_catalog(),
                                      .page = xb_page_of(fileno(people), b->options->verbose)};
    if (xb_format_write(b->options->format, &set, people) < 0)
        xb_log_error("the %s is not whole: %s", b->options->format->name,
                     b->unread.text[0] ? b->unread.text : "out of memory");
    fflush(people);
    return 0;
}

static int print_trace(const void *report, FILE *out)
{
    return xb_trace_print(report, out);
}

int xb_run_books_write_trace(struct xb_run_books *b, struct xb_error *err)
{
    if (!b->options->trace)
        return 0;
    int rc = xb_output_print(b->options->trace, print_trace, &b->books.report,
                             b->options->replace_trace, err);
    return rc < 0 ? not_printed(b, err) : 0;
}

/* Put into the report what there is of case i. */
static void report_case(struct xb_run_books *b, size_t i, bool over)
{
    struct xb_error err;

    if (xb_run_cases_report(b, i, over, &err) < 0)
        xb_log_error("%s", err.text);
}

void xb_run_books_end_early(struct xb_run_books *b)
{
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].slices >= 0)
            report_case(b, i, false);
    /* What was taken from an earlier run and not reached in this one is not lost either. */
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        report_case(b, i, false);
}

void xb_run_books_end(struct xb_run_books *b)
{
    for (size_t i = 0; i < b->plan->count; i++)
        if (b->cases[i].slices >= 0)
            report_case(b, i, true);
}

/* ---- when the run cannot go on ---- */

/* What there is of the case that was being measured: in its first pass what some lanes came to,
 * later what its passes gave. */
static int cut_current(struct xb_run_books *b, size_t i, struct xb_result *cut,
                       struct xb_error *err)
{
    if (b->cases[i].slices >= 0)
        return xb_run_cases_sum(b, i, cut, err);
    *cut = b->lanes;
    b->lanes = (struct xb_result){.status = XB_OK};
    b->room = 0;
    cut->status = XB_FAILED;
    cut->chosen = b->chosen;
    cut->concurrent = 1;
    snprintf(cut->reason, sizeof cut->reason, "interrupted behind %zu lanes", cut->nlanes);
    return 0;
}

/* The case that was being measured: of its first pass, what some lanes came to is kept; the
 * case is measured again. */
static void end_current(struct xb_run_books *b, enum xb_alarm alarm, const char *why)
{
    size_t i = (size_t)(b->current - b->plan->cases);
    bool first = b->cases[i].slices < 0, hung = alarm == XB_ALARM_HANG;
    struct xb_result cut = {.status = XB_OK};
    struct xb_error err;

    if (!hung && !(first && b->lanes.nlanes > 0))
        return;
    if (cut_current(b, i, &cut, &err) < 0) {
        xb_log_error("%s", err.text);
        return;
    }
    if (hung) {
        cut.status = XB_TIMEOUT;
        cut.hung = true;
        snprintf(cut.reason, sizeof cut.reason,
                 "a rank did not come back within %g s and %g s of grace; the run ended here: "
                 "%.300s",
                 b->options->case_timeout_s, b->grace_s, why);
        xb_log_error("%s: %s", b->current->id, cut.reason);
    }
    xb_run_cases_keep(b, i, &cut);
}

bool xb_run_books_nothing_new(const struct xb_run_books *b, enum xb_run_status status)
{
    return status == XB_RUN_INTERRUPTED && !b->measured && b->output &&
           xb_output_kind(b->output) == XB_OUTPUT_FILE && access(b->output, F_OK) == 0;
}

/* A run that goes on from the journal must know which case hung. */
static void journal_hung(struct xb_run_books *b)
{
    size_t i = (size_t)(b->current - b->plan->cases);
    struct xb_report_case made;
    struct xb_error err;
    int64_t where;

    if (xb_run_cases_read(b, i, &made) <= 0)
        return;
    if (xb_journal_add(b->journal, &b->books.report, &made, &where, &err) < 0)
        xb_log_error("%s", err.text);
    xb_report_case_release(&made);
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
    bool keep = xb_journal_is_kept(b->journal) && xb_run_cases_open(b);

    xb_log_steps_end();
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
    bool stays = xb_journal_is_kept(b->journal) && (keep_journal || xb_run_cases_open(b));

    xb_journal_close(b->journal, !stays);
    xb_result_release(&b->kept);
    xb_result_release(&b->lanes);
    free(b->cases);
    free(b->output);
    xb_report_release(&b->resumed);
    xb_use_log_release(&b->uses);
    xb_books_close(&b->books);
    return stays;
}

/* ---- case by case ---- */

int xb_run_books_find(struct xb_run_books *b, size_t i, int pass, struct xb_error *err)
{
    const struct xb_run_case *c = &b->cases[i];

    if (pass < c->have)
        return XB_KNOWN_SLICE;
    if (pass > 0 || !(c->good || c->hung))
        return XB_KNOWN_NOTHING;
    xb_watchdog_lock();
    int rc = xb_run_cases_report(b, i, false, err);
    xb_watchdog_unlock();
    return rc < 0 ? -1 : c->hung ? XB_KNOWN_HUNG : XB_KNOWN_CASE;
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

/* What a pass gave of a case that is to have more of them. */
static int add_slice(struct xb_run_books *b, size_t i, int pass, const struct xb_result *slice,
                     struct xb_error *err)
{
    struct xb_run_case *entry = &b->cases[i];
    int64_t where;

    if (xb_journal_add_slice(b->journal, b->plan->cases[i].id, pass, slice, entry->slices,
                             &where, err) < 0)
        return -1;
    entry->slices = where;
    entry->have++;
    entry->open = true;
    entry->line = XB_NOWHERE; /* of an earlier run, and not good */
    return 0;
}

static int add_pass(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                    bool *done, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    /* an experiment has no lanes that would keep apart what passes give: it is measured once */
    int asked = xb_case_is_experiment(c) ? 1 : b->passes;
    bool goes_on = b->cases[i].have + 1 < asked || (b->repeat_s > 0 && asked > 1);
    struct xb_result sum = {.status = XB_OK};
    struct xb_error why;

    b->measured = true;
    *done = slice->status != XB_OK || !goes_on;
    int rc = *done ? 0 : add_slice(b, i, pass, slice, err);
    if (rc == 0 && !*done)
        return 0;
    if (xb_run_cases_sum(b, i, &sum, rc == 0 ? err : &why) < 0)
        return -1;
    if (xb_slices_add(&sum, slice, asked) < 0) {
        xb_result_release(&sum);
        return rc == 0 ? xb_fail(err, "out of memory for %s", c->id) : -1;
    }
    if (rc == 0)
        return xb_run_cases_enter(b, i, &sum, err);
    xb_run_cases_keep(b, i, &sum);
    return -1;
}

int xb_run_books_enter(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                       bool *done, struct xb_error *err)
{
    xb_watchdog_lock();
    int rc = add_pass(b, i, pass, slice, done, err);
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

    if (b->current && b->cases[b->current - b->plan->cases].slices >= 0)
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
