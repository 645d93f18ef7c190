/* SPDX-License-Identifier: BSD-3-Clause */
/* run_suspects.c - who is slow in a run, once all passes were made. */
#include "cmd/run/run_suspects.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cmd/run/run_check.h"
#include "report/case_walk.h"
#include "report/outliers.h"

#define FEWEST_RANKS 3 /* of which one is slower than the others */

/* Rank 0's: who is suspected, and which cases are measured again. */
struct suspects {
    struct xb_outliers found;
    size_t *places;
    int n;
};

static const struct xb_outlier_limits *limits_of(const struct xb_run *r)
{
    return &r->books.scenario->outliers;
}

/* Let the report say who is suspected by now. */
static int report_found(struct xb_run *r, const struct suspects *s, struct xb_error *err)
{
    struct xb_report *report = &r->books.books.report;
    cJSON *json = xb_outliers_json(&s->found, report);

    if (!json)
        return xb_fail(err, "out of memory for the outliers");
    cJSON_Delete(report->outliers);
    report->outliers = json;
    return 0;
}

static int look(struct xb_run *r, struct suspects *s, struct xb_error *err)
{
    struct xb_case_walk walk = xb_cases(&r->books.books.report);
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = xb_outliers_look(&s->found, walk.report, c, walk.place, limits_of(r), err);
    if (xb_cases_end(&walk) < 0 && rc == 0)
        rc = xb_fail(err, "%s",
                     r->books.unread.text[0] ? r->books.unread.text
                                             : "out of memory for the outliers");
    return rc;
}

static int find(struct xb_run *r, struct suspects *s, struct xb_error *err)
{
    const struct xb_run_check *check = r->options->check;

    xb_run_books_end(&r->books);
    if (check && check->is_again)
        return 0; /* these few cases were chosen, and are not alike */
    if (r->session->nranks < FEWEST_RANKS && !(limits_of(r)->ceiling > 0))
        return 0; /* none can stand out, and reading all cases back takes its time */
    if (look(r, s, err) < 0 || report_found(r, s, err) < 0)
        return -1;
    s->n = xb_outliers_choose(&s->found, limits_of(r)->again, &s->places);
    return s->n < 0 ? xb_fail(err, "out of memory for the outliers") : 0;
}

/* What measuring case i again has come to. That it is not ok now, as it was in all passes, is a
 * warning of the run: it names nobody. */
static int take(struct xb_run *r, struct suspects *s, size_t i, const struct xb_result *slice,
                struct xb_error *err)
{
    struct xb_report *report = &r->books.books.report;
    const struct xb_case *c = &r->plan->cases[i];
    struct xb_report_case made;
    char warning[XB_REASON_LEN + XB_CASE_ID_LEN + 40];

    if (slice->status != XB_OK) {
        snprintf(warning, sizeof warning, "%s, measured again: %s: %s", c->id,
                 xb_status_name(slice->status), slice->reason);
        xb_log_warn("%s", warning);
        return xb_report_warn(report, warning, err);
    }
    if (xb_report_make(report, c, slice, false, &made, err) < 0)
        return -1;
    int rc = xb_outliers_again(&s->found, report, &made, i, limits_of(r), err);
    xb_report_case_release(&made);
    return rc;
}

static int measure(struct xb_run *r, struct suspects *s, size_t i, int64_t max_time_ns,
                   struct xb_error *err)
{
    struct xb_result slice;
    int rc = 0;

    xb_run_exec_case(r, i, max_time_ns, NULL, &slice);
    xb_slice_release(&r->slice[i]);
    if (r->session->rank == 0) {
        xb_watchdog_lock();
        rc = take(r, s, i, &slice, err);
        xb_watchdog_unlock();
    }
    xb_result_release(&slice);
    return xb_run_share_word(r->session, rc);
}

/* A case that is measured again, as rank 0 says. */
struct turn {
    int64_t place;
    int64_t max_time_ns; /* of its samples; 0: there is no time for it */
};

static int measure_all(struct xb_run *r, struct suspects *s, struct xb_error *err)
{
    int n = xb_run_share_word(r->session, s->n), rc = 0;

    if (n > 0 && r->session->rank == 0)
        xb_log_progress("slower than others of their kind: %zu; cases to measure again: %d",
                        s->found.list.n, n);
    for (int k = 0; rc == 0 && k < n; k++) {
        struct turn turn = {0, 0};
        if (r->session->rank == 0) {
            assert(s->places);
            turn.place = (int64_t)s->places[k];
            turn.max_time_ns = xb_pace_slice(&r->pace, s->places[k], 0, xb_run_now_s());
        }
        xb_run_share(r->session, &turn, sizeof turn);
        if (turn.max_time_ns > 0)
            rc = measure(r, s, (size_t)turn.place, turn.max_time_ns, err);
    }
    return rc;
}

static void say_gone(const struct suspects *s)
{
    size_t gone = 0;

    for (size_t i = 0; i < s->found.list.n; i++)
        gone += xb_outlier_is_gone(xb_outlier_at(&s->found, i));
    if (gone > 0)
        xb_log_progress("not seen again, and not named: %zu of %zu", gone, s->found.list.n);
}

int xb_run_suspects(struct xb_run *r, struct xb_error *err)
{
    struct suspects s = {.places = NULL};
    int rc = 0;

    xb_run_watch_report(r, "looking for who is slow");
    if (r->session->rank == 0) {
        xb_watchdog_lock();
        rc = find(r, &s, err);
        xb_watchdog_unlock();
    }
    rc = xb_run_share_word(r->session, rc);
    if (rc == 0)
        rc = measure_all(r, &s, err);
    if (rc == 0 && r->session->rank == 0) {
        xb_watchdog_lock();
        rc = report_found(r, &s, err);
        xb_watchdog_unlock();
        say_gone(&s);
    }
    free(s.places);
    xb_outliers_release(&s.found);
    return xb_run_share_word(r->session, rc);
}
