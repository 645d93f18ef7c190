/* SPDX-License-Identifier: BSD-3-Clause */
/* measure.c - a plan, pass by pass, from its first case to the report. */
#include "config.h"

#include "cmd/run/measure.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/log.h"
#include "base/output.h"
#include "base/units.h"
#include "cmd/agree.h"
#include "cmd/announce.h"
#include "cmd/cmd.h"
#include "cmd/run/run_check.h"
#include "cmd/run/run_slice.h"
#include "cmd/run/run_suspects.h"
#include "engine/measure/exec.h"
#include "engine/measure/session_use.h"
#include "engine/methods/method.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "model/figures/sampling.h"
#include "model/plan/order.h"
#include "model/plan/pace.h"
#include "report/formats/format.h"

/* ", about 35 s" and what follows it, where there is a while left. */
static const char *time_left(const struct xb_run *r, const char *left_word,
                             char buf[XB_UNITS_LEN + 16])
{
    char time[XB_UNITS_LEN];
    double left = xb_pace_left_s(&r->pace, xb_run_now_s());

    snprintf(buf, XB_UNITS_LEN + 16, left < 1 ? "" : ", about %s%s",
             xb_about_s_format(left, time), left_word);
    return buf;
}

/* What became of case k of this pass; why is "" where it is ok. */
static void show_progress(const struct xb_run *r, size_t k, const char *result, const char *why,
                          bool matters)
{
    char where[96], left[XB_UNITS_LEN + 16] = "";
    struct xb_step step = {.where = where,
                           .what = r->plan->cases[r->order[k]].id,
                           .result = result,
                           .why = why,
                           .left = left,
                           .matters = matters};

    if (r->repeat_s > 0)
        snprintf(where, sizeof where, "[pass %d, %.0f of %.0f s, %zu/%zu]", r->pass + 1,
                 xb_run_books_repeating_s(&r->books), r->repeat_s, k + 1, r->plan->count);
    else if (r->passes > 1)
        snprintf(where, sizeof where, "[pass %d/%d %zu/%zu]", r->pass + 1, r->passes, k + 1,
                 r->plan->count);
    else
        snprintf(where, sizeof where, "[%zu/%zu]", k + 1, r->plan->count);
    if (r->repeat_s <= 0)
        time_left(r, " left", left);
    xb_log_step(&step);
}

/* "ok, 412.3 GB/s", or the time where the case is about that. */
static void show_result(const struct xb_run *r, size_t k, const struct xb_case *c,
                        const struct xb_result *result)
{
    const bool latency = c->pattern && c->pattern->metric == XB_METRIC_LATENCY;
    const double rate = xb_result_gb_per_s(c, result);
    char figure[XB_CELL_LEN], what[XB_CELL_LEN + 40];

    if (rate > 0 && !latency)
        snprintf(what, sizeof what, "ok, %s GB/s", xb_format_rate(rate, figure));
    else if (result->time.n > 0)
        snprintf(what, sizeof what, "ok, %s", xb_time_us_format(result->time.median, figure));
    else
        snprintf(what, sizeof what, "ok");
    if (result->status == XB_OK)
        show_progress(r, k, what, "", false);
    else
        show_progress(r, k, xb_status_name(result->status), result->reason,
                      result->status != XB_SKIPPED);
}

/* What all ranks must know of a slice before they go on, as rank 0 says. */
enum word { FAILED = -1, GOES_ON, DONE, OVER };

/* Rank 0 takes what a slice gave: 0, 1 where the case has no other, or -1. */
static int enter_slice(struct xb_run *r, size_t k, struct xb_result *slice,
                       struct xb_error *err)
{
    size_t i = r->order[k];
    bool done = false;

    xb_clock_utc(slice->measured_utc);
    slice->measured_s = xb_clock_unix_s();
    slice->repeating_s = r->repeat_s > 0 ? xb_run_books_repeating_s(&r->books) : 0;
    show_result(r, k, &r->plan->cases[i], slice);
    if ((r->pass == 0 && xb_required_note(&r->required, i, slice, err) < 0) ||
        xb_run_books_enter(&r->books, i, r->pass, slice, &done, err) < 0)
        return -1;
    return done;
}

static enum word measure_slice(struct xb_run *r, size_t k, int64_t max_time_ns,
                               struct xb_error *err)
{
    size_t i = r->order[k];
    struct xb_result slice;
    double began_s = xb_run_now_s();
    int rc = 0;

    if (r->session->rank == 0)
        xb_run_books_begin(&r->books, i);
    xb_run_exec_case(r, i, max_time_ns, xb_run_books_keep_lane, &slice);
    if (r->session->rank == 0) {
        bool tells = slice.status == XB_OK;
        rc = enter_slice(r, k, &slice, err);
        xb_pace_took(&r->pace, i, r->pass, max_time_ns, tells ? xb_run_now_s() - began_s : 0);
    }
    xb_result_release(&slice);
    return (enum word)xb_run_share_word(r->session, rc < 0 ? FAILED : rc > 0 ? DONE : GOES_ON);
}

/* The limit of the run's time leaves none for a slice. A case that has none yet is skipped;
 * another one has no further passes. */
static enum word leave_out(struct xb_run *r, size_t k, struct xb_error *err)
{
    struct xb_result none = {.status = XB_SKIPPED, .overhead_us = NAN, .out_of_time = true};
    size_t i = r->order[k];
    int rc = 0;

    if (r->session->rank == 0) {
        snprintf(none.reason, sizeof none.reason,
                 "the run's time of %g s was over before there was time for this case",
                 r->options->max_time_s);
        if (r->books.cases[i].have == 0) {
            xb_run_books_begin(&r->books, i);
            rc = enter_slice(r, k, &none, err);
        }
        xb_pace_took(&r->pace, i, r->pass, 0, 0);
        xb_result_release(&none);
    }
    if (r->pass >= r->passes)
        return OVER;
    return xb_run_share_word(r->session, rc) < 0 ? FAILED : DONE;
}

/* What rank 0 says of a slice before it begins, to all. */
struct order {
    int known;           /* enum xb_known, or -1 */
    int64_t max_time_ns; /* of samples; 0: there is no time for it */
};

/* What is known of case i before this pass has it, on rank 0. */
static int find_slice(struct xb_run *r, size_t i, struct xb_error *err)
{
    int known = xb_run_books_find(&r->books, i, r->pass, err);
    bool over = r->pass >= r->passes && xb_run_books_repeating_s(&r->books) >= r->repeat_s;

    return known == XB_KNOWN_NOTHING && over ? XB_KNOWN_OVER : known;
}

/* Case k of a pass: taken over from an earlier run, or measured, unless the time for that is
 * over. */
static enum word run_slice(struct xb_run *r, size_t k, struct xb_error *err)
{
    size_t i = r->order[k];
    struct order order;

    memset(&order, 0, sizeof order); /* it travels as bytes */
    if (r->session->rank == 0) {
        order.known = find_slice(r, i, err);
        order.max_time_ns = xb_pace_slice(&r->pace, i, r->pass, xb_run_now_s());
    }
    xb_run_share(r->session, &order, sizeof order);
    if (order.known < 0)
        return FAILED;
    if (order.known == XB_KNOWN_OVER)
        return OVER;
    if (order.known == XB_KNOWN_NOTHING)
        return order.max_time_ns > 0 ? measure_slice(r, k, order.max_time_ns, err)
                                     : leave_out(r, k, err);
    if (r->session->rank == 0) {
        xb_pace_took(&r->pace, i, r->pass, order.max_time_ns, 0);
        show_progress(r, k,
                      order.known == XB_KNOWN_HUNG
                          ? "hung before, taken over; --retry-hung tries again"
                          : "taken over",
                      "", order.known == XB_KNOWN_HUNG);
    }
    return order.known == XB_KNOWN_SLICE ? GOES_ON : DONE;
}

/* One pass over what is not done yet: GOES_ON, DONE where it has found nothing more to measure,
 * OVER or FAILED. */
static enum word run_pass(struct xb_run *r, struct xb_error *err)
{
    bool left = false;

    xb_pass_order(r->plan->count, r->session->seed, r->pass, r->passes, r->order);
    for (size_t k = 0; k < r->plan->count; k++) {
        size_t i = r->order[k];
        enum word word = r->done[i] ? DONE : run_slice(r, k, err);
        if (word == FAILED || word == OVER)
            return word;
        if (word == DONE && !r->done[i]) {
            xb_slice_release(&r->slice[i]);
            if (r->session->rank == 0)
                xb_pace_done(&r->pace, i, r->pass + 1);
        }
        r->done[i] = word == DONE;
        left = left || !r->done[i];
    }
    return left ? GOES_ON : DONE;
}

/* What ranks take behind a pass. A driver that does not answer must not keep what was measured.
 */
static void note_use(struct xb_run *r)
{
    xb_watch_step(XB_LIMIT_DECISION, "looking at what ranks take");
    xb_session_use(r->session, r->uses);
    if (r->session->rank == 0)
        xb_run_books_take_use(&r->books, r->uses);
}

/* Passes until all is done, or the time for further ones is over. 0, or -1 on all ranks. */
static int run_passes(struct xb_run *r, struct xb_error *err)
{
    enum word word = GOES_ON;

    if (r->session->rank == 0)
        xb_run_books_start(&r->books);
    for (r->pass = 0; word == GOES_ON && (r->repeat_s > 0 || r->pass < r->passes); r->pass++) {
        word = run_pass(r, err);
        if (word == GOES_ON || word == DONE)
            note_use(r);
    }
    xb_log_steps_end();
    return word == FAILED ? -1 : 0;
}

/* Say where the report is, beside what people read. */
static void tell_report(const struct xb_run_options *options, const char *output)
{
    if (xb_output_kind(output) == XB_OUTPUT_STDOUT)
        return;
    if (options->format->is_document || options->people == stderr) {
        xb_log_progress("report: %s", output);
        return;
    }
    printf("report: %s\n", output);
    fflush(stdout);
}

/* The end of what finish does, as rank 0 says: no other rank tells of a journal that is gone.
 */
static int conclude(const struct xb_run *r, int status, bool journal_stays)
{
    if (!xb_run_share_word(r->session, journal_stays))
        xb_watchdog_hint("");
    status = xb_run_share_word(r->session, status);
    xb_watchdog_conclude(status);
    return status;
}

/* How to go on where no report was written. */
static void say_journal(const struct xb_run_books *b)
{
    if (xb_journal_is_kept(b->journal))
        xb_log_error("no report was written; what was measured is in %s.journal: go on with "
                     "--resume %s.journal",
                     b->output, b->output);
}

/* Rank 0 writes what was measured; all ranks return its exit status. */
static int finish(struct xb_run *r, int rc, struct xb_error *err)
{
    struct xb_run_books *b = &r->books;
    int status = XB_EXIT_FAILED;
    bool journal_stays = false;

    xb_books_states(&b->books, r->session);
    xb_run_watch_report(r, "writing the report");
    xb_watchdog_conclude(XB_EXIT_FAILED);
    if (r->session->rank == 0) {
        if (rc < 0)
            xb_run_books_end_early(b);
        /* without all its cases a report is a partial one */
        enum xb_run_status run =
            rc == 0 ? xb_report_status(&b->books.report) : XB_RUN_INTERRUPTED;
        if (r->required.missing > 0 && (run == XB_RUN_OK || run == XB_RUN_NOTHING))
            run = XB_RUN_FAILED;
        struct xb_error why;
        if (xb_run_books_nothing_new(b, run)) {
            journal_stays = xb_run_books_close(b, xb_journal_goes_on(b->journal));
            return conclude(r, status, journal_stays);
        }
        bool written = xb_run_books_write(b, run, rc == 0 ? err : &why) == 0;
        if (xb_run_books_write_trace(b, rc == 0 ? err : &why) < 0)
            rc = -1;
        if (written) {
            status = rc == 0 ? xb_run_exit_status(run) : XB_EXIT_FAILED;
            tell_report(r->options, b->output);
            xb_required_say(&r->required);
            if (run == XB_RUN_NOTHING)
                xb_log_error(
                    "nothing was measured: every case was skipped; the table says why");
        } else {
            say_journal(b);
        }
        journal_stays = xb_run_books_close(b, !written);
    }
    return conclude(r, status, journal_stays);
}

static void log_warning(const char *text)
{
    xb_log_warn("%s", text);
}

static void announce(const struct xb_run *r)
{
    const struct xb_session *s = r->session;
    char time[XB_UNITS_LEN + 16];

    if (!r->options->check || !r->options->check->is_again)
        xb_announce_device(s);
    xb_log_progress("%zu case%s%s", r->plan->count, r->plan->count == 1 ? "" : "s",
                    time_left(r, "", time));
    if (r->plan->repeated)
        xb_log_progress("%zu case%s named more than once and measured once", r->plan->repeated,
                        r->plan->repeated == 1 ? " is" : "s are");
    xb_places_warn(s->ranks, (size_t)s->nranks, log_warning);
}

static void release(struct xb_run *r)
{
    for (size_t i = 0; r->slice && i < r->plan->count; i++)
        xb_slice_release(&r->slice[i]);
    free(r->slice);
    xb_required_release(&r->required);
    xb_pace_release(&r->pace);
    free(r->done);
    free(r->uses);
    free(r->order);
}

/* What other ranks say where rank 0 cannot, by the name that rank 0 has given the report. */
static void share_hint(const struct xb_run *r)
{
    char hint[256] = "";

    if (r->session->rank == 0 && xb_journal_is_kept(r->books.journal))
        snprintf(hint, sizeof hint, "the journal stays: go on with --resume %.200s.journal",
                 r->books.output);
    MPI_Bcast(hint, sizeof hint, MPI_CHAR, 0, r->session->world);
    xb_watchdog_hint(hint);
}

static int plan_pace(struct xb_run *r, struct xb_error *err)
{
    const struct xb_job job = xb_session_job(r->session);

    return xb_pace_open(&r->pace, r->plan, r->whole, &job, r->session->device_is_host,
                        r->options->max_time_s, err);
}

/* Books on rank 0, and on all what they keep of each case. All come with rc, 0 or -1; so do
 * they leave, alike. */
static int prepare(struct xb_run *r, const struct xb_scenario *scenario, struct xb_error *err)
{
    struct xb_session *s = r->session;
    int rc = 0;

    xb_watch_step(XB_LIMIT_DECISION, "opening the journal");
    r->slice = calloc(r->plan->count, sizeof *r->slice);
    r->done = calloc(r->plan->count, sizeof *r->done);
    r->order = calloc(r->plan->count, sizeof *r->order);
    r->uses = calloc((size_t)s->nranks, sizeof *r->uses);
    if (!r->slice || !r->done || !r->order || !r->uses)
        rc = xb_fail(err, "out of memory for a plan of %zu cases", r->plan->count);
    if (xb_arguments_agree(rc, err) < 0)
        return -1;
    if (s->rank == 0)
        rc = xb_run_books_open(&r->books, s, scenario, r->plan, r->options, err);
    if (rc == 0 && s->rank == 0)
        rc = xb_required_open(&r->required, r->plan, r->options->required, err);
    if (rc == 0 && s->rank == 0)
        rc = plan_pace(r, err);
    if (rc == 0 && s->rank == 0)
        rc = xb_run_books_begin_journal(&r->books, err);
    if (xb_run_share_word(s, rc) == 0) {
        share_hint(r);
        if (s->rank == 0)
            xb_watchdog_rescue(xb_run_books_rescue, &r->books);
        return 0;
    }
    xb_run_books_close(&r->books, false);
    return -1;
}

int xb_measure(struct xb_session *session, const struct xb_scenario *scenario,
               const struct xb_plan *plan, const struct xb_run_options *options,
               struct xb_error *err)
{
    struct xb_run r = {.session = session,
                       .plan = plan,
                       .options = options,
                       .whole = &scenario->sampling,
                       .share = xb_sampling_share(&scenario->sampling),
                       .passes = xb_sampling_passes(&scenario->sampling),
                       .repeat_s = 1e-9 * (double)scenario->sampling.repeat_for_ns,
                       .books = {.plan = plan}};
    int status = XB_EXIT_USAGE;

    if (xb_plans_agree(session, plan->hash, err) < 0)
        return XB_EXIT_USAGE;
    if (!scenario->sampling.anew) /* which is about buffers of a case's own size */
        xb_exec_expect(session, plan);
    if (prepare(&r, scenario, err) == 0) {
        if (session->rank == 0)
            announce(&r);
        int rc = run_passes(&r, err);
        if (rc == 0)
            rc = xb_run_suspects(&r, err);
        status = finish(&r, rc, err);
        xb_methods_stop();
    }
    release(&r);
    return status;
}
