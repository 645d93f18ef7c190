/* SPDX-License-Identifier: BSD-3-Clause */
/* books.c - rank 0's account of what was measured. */
#include "cmd/books.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <mpi.h>

#include "base/log.h"
#include "engine/measure/lost.h"
#include "engine/measure/session_state.h"
#include "engine/methods/nccl.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/give_up.h"
#include "engine/runtime/watchdog.h"

/* A driver that does not answer must not keep the report. */
#define STATES_LIMIT_S 30

static void make_run_id(char id[40])
{
    uint64_t random = 0;
    char utc[24];

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint64_t)(xb_clock_us() * 1e3);
    xb_clock_utc(utc);
    snprintf(id, 40, "%.20s-%08" PRIx32, utc, (uint32_t)random);
}

/* Say what the report warns of, from warning i on; returns how many there are. */
static int say_warnings(const struct xb_report *report, int i)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(report->topology, "warnings");

    for (; i < cJSON_GetArraySize(list); i++)
        xb_log_warn("%s", cJSON_GetStringValue(cJSON_GetArrayItem(list, i)));
    return i;
}

static bool is_first_of_node(const struct xb_session *s, int rank)
{
    for (int r = 0; r < rank; r++)
        if (s->node_of_rank[r] == s->node_of_rank[rank])
            return false;
    return true;
}

/* On which nodes `auto` has passed over a device that is there: what was measured there is not
 * what was meant. */
static int warn_of_passed(struct xb_report *report, const struct xb_session *s,
                          struct xb_error *err)
{
    struct xb_error text;

    for (int r = 0; r < s->nranks; r++) {
        const struct xb_rank_info *info = &s->ranks[r];
        if (!xb_place_passed(&info->place)[0] || !is_first_of_node(s, r))
            continue;
        xb_fail(&text,
                "%s: the figures are of device %s, not of a GPU: device auto passed over what "
                "is broken: %s",
                info->host, s->device_name, xb_place_passed(&info->place));
        if (xb_report_warn(report, text.text, err) < 0)
            return -1;
    }
    return 0;
}

int xb_books_open(struct xb_books *b, const struct xb_session *session,
                  const struct xb_books_subject *subject, struct xb_error *err)
{
    make_run_id(b->id);
    xb_clock_utc(b->start_utc);
    b->head = (struct xb_report_head){.id = b->id,
                                      .label = subject->label,
                                      .start_utc = b->start_utc,
                                      .argv = subject->argv,
                                      .required = subject->required,
                                      .scenario = subject->scenario,
                                      .policy = subject->policy,
                                      .plan_hash = subject->plan->hash,
                                      .plan_cases = subject->plan->count,
                                      .passes = subject->passes,
                                      .max_time_s = subject->max_time_s};
    b->env = xb_environment_open(session, &b->head);
    if (!session->device_is_host)
        b->head.nccl_library = xb_nccl_version();
    if (!b->env)
        return xb_fail(err, "out of memory");
    if (xb_report_begin(&b->report, &b->head, err) < 0)
        return -1;
    if (warn_of_passed(&b->report, session, err) < 0)
        return -1;
    b->nwarnings = say_warnings(&b->report, 0);
    return 0;
}

/* Which ranks' devices were lost on the way. */
static void warn_of_lost(struct xb_books *b, const struct xb_session *session)
{
    struct xb_error text, err;

    for (int r = 0; r < session->nranks; r++)
        if (xb_lost_tell(session, r, &text) && xb_report_warn(&b->report, text.text, &err) < 0)
            xb_log_warn("%s", err.text);
}

void xb_books_states(struct xb_books *b, const struct xb_session *session)
{
    struct xb_gpu_state *after = calloc((size_t)session->nranks, sizeof *after);
    struct xb_error err;

    if (!after)
        xb_give_up(session->world); /* the others wait in the next call */
    xb_watch_step(XB_LIMIT_DECISION, "asking in what state GPUs are");
    if (session->rank == 0)
        xb_watch_due(STATES_LIMIT_S);
    xb_session_states(session, after);
    xb_watch_step(XB_LIMIT_DECISION, "noting in what state GPUs are");
    xb_watchdog_lock();
    if (session->rank == 0 && b->env) {
        if (xb_report_states(&b->report, session->ranks, (size_t)session->nranks, after, &err) <
            0)
            xb_log_warn("%s", err.text);
        warn_of_lost(b, session);
        b->nwarnings = say_warnings(&b->report, b->nwarnings);
    }
    xb_watchdog_unlock();
    free(after);
}

int xb_books_write(struct xb_books *b, const char *file, bool replace,
                   enum xb_run_status status, struct xb_error *err)
{
    char end_utc[24];

    xb_clock_utc(end_utc);
    if (xb_report_end(&b->report, status, end_utc, err) < 0)
        return -1;
    return xb_report_save(&b->report, file, replace, err);
}

void xb_books_close(struct xb_books *b)
{
    xb_report_release(&b->report);
    xb_environment_close(b->env);
    b->env = NULL;
}
