/* SPDX-License-Identifier: BSD-3-Clause */
/* run_again.c - run --check: a second look at what is not good. */
#include "cmd/run/run_again.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/output.h"
#include "cmd/agree.h"
#include "cmd/cmd.h"
#include "cmd/run/outputs.h"
#include "engine/runtime/watch_record.h"
#include "engine/runtime/watchdog.h"
#include "report/formats/check_format.h"

#define NAME_LEN 4096

/* ---- the second look ---- */

/* Which cases of the plan are to be measured again, as rank 0 says; their number. */
static size_t choose(const struct xb_run_check *check, const struct xb_session *session,
                     const struct xb_plan *plan, unsigned char *again)
{
    const struct xb_checked *k =
        check->first.reports.n > 0 ? xb_checked_at(&check->first, 0) : NULL;
    size_t n = 0;

    for (size_t i = 0; k && i < k->cases.n; i++) {
        const struct xb_checked_case *c = xb_checked_case_at(k, i);
        for (size_t p = 0; c->level >= XB_LEVEL_WARNING && p < plan->count; p++)
            again[p] = again[p] || strcmp(plan->cases[p].id, c->id) == 0;
    }
    MPI_Bcast(again, (int)plan->count, MPI_UNSIGNED_CHAR, 0, session->world);
    for (size_t p = 0; p < plan->count; p++)
        n += again[p];
    return n;
}

/* These cases of a plan, which lives as long; their list is the caller's to free. */
static struct xb_plan take_cases(const struct xb_plan *plan, const unsigned char *again,
                                 struct xb_case *cases)
{
    struct xb_plan out = {.cases = cases, .hash = plan->hash};

    for (size_t p = 0; p < plan->count; p++)
        if (again[p]) {
            cases[out.count++] = plan->cases[p];
            out.hash = xb_hash_text(out.hash, plan->cases[p].id);
        }
    return out;
}

/* Measure them, into a report beside the first, or nowhere where that is no file. */
static int look_again(struct xb_run_check *check, struct xb_session *session,
                      const struct xb_scenario *scenario, const struct xb_plan *plan,
                      const struct xb_run_options *options, struct xb_error *err)
{
    struct xb_scenario once = *scenario;
    struct xb_run_options o = *options;
    char name[NAME_LEN] = "/dev/null";

    if (check->output && xb_output_kind(check->output) == XB_OUTPUT_FILE)
        xb_run_check_name(check->output, name, sizeof name);
    once.sampling.repeat_for_ns = 0;
    o.people = xb_run_people(check->output ? check->output : "");
    o.output = name;
    o.resume = o.trace = NULL;
    o.replace = o.replace_trace = false;
    o.max_time_s = 0; /* they are few, and count only when they were looked at */
    check->is_again = true;
    if (plan->count == 1)
        xb_log_progress("check: 1 case is not good; it is measured again");
    else
        xb_log_progress("check: %zu cases are not good; they are measured again", plan->count);
    return xb_measure(session, &once, plan, &o, err);
}

static int measure_again(struct xb_run_check *check, struct xb_session *session,
                         const struct xb_scenario *scenario, const struct xb_plan *plan,
                         const struct xb_run_options *options, int status, struct xb_error *err)
{
    unsigned char *again = calloc(plan->count, 1);
    struct xb_case *cases = calloc(plan->count, sizeof *cases);
    int rc = again && cases ? 0 : xb_fail(err, "out of memory for a second look");

    xb_watchdog_conclude(-1); /* what is measured can be rescued again */
    xb_watch_step(XB_LIMIT_DECISION, "choosing what is measured again");
    rc = xb_arguments_agree(rc, err);
    assert(rc < 0 || (again && cases));
    if (rc < 0)
        status = XB_EXIT_FAILED;
    else if (choose(check, session, plan, again) > 0) {
        struct xb_plan chosen = take_cases(plan, again, cases);
        status = look_again(check, session, scenario, &chosen, options, err);
        if (session->rank == 0 && check->again.reports.n > 0 &&
            xb_check_again(&check->first, &check->again, err) < 0)
            status = XB_EXIT_FAILED;
    }
    free(cases);
    free(again);
    return status;
}

/* ---- the end ---- */

static bool is_decided(int status)
{
    return status != XB_EXIT_OK && status != XB_EXIT_FAILED;
}

/* Did a case fail, and no other thing? Then it has failed for good, or is good now. */
static bool is_excused(const struct xb_run_check *check)
{
    const struct xb_checked *k = xb_checked_at(&check->first, 0);

    for (size_t i = 0; i < k->cases.n; i++)
        if (xb_checked_case_at(k, i)->earlier && xb_checked_case_at(k, i)->was_broken)
            return true;
    return false;
}

/* What the verdicts make of the status of the first run, and of the last one. */
static int conclude(const struct xb_run_check *check, const struct xb_run_options *options,
                    int first, int last)
{
    /* a case that had to be measured and was not fails the run, too, and is not looked at again
     */
    bool excused = !options->required && is_excused(check);

    if (is_decided(last))
        return last;
    if (check->first.reports.n == 0 || check->first.level != XB_LEVEL_GOOD)
        return XB_EXIT_FAILED;
    return first == XB_EXIT_OK || excused ? last : first;
}

int xb_run_again(struct xb_run_check *check, struct xb_session *session,
                 const struct xb_scenario *scenario, const struct xb_plan *plan,
                 const struct xb_run_options *options, int status, struct xb_error *err)
{
    int last = status;

    if (!is_decided(status))
        last = measure_again(check, session, scenario, plan, options, status, err);
    if (session->rank == 0) {
        FILE *people = xb_run_people(check->output ? check->output : "");
        if (check->first.reports.n > 0 && xb_check_formats[0]->write(&check->first, people) < 0)
            xb_log_error("out of memory while printing the verdicts");
        fflush(people);
        status = conclude(check, options, status, last);
    }
    MPI_Bcast(&status, 1, MPI_INT, 0, session->world);
    xb_watchdog_conclude(status);
    return status;
}
