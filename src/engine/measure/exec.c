/* SPDX-License-Identifier: BSD-3-Clause */
/* exec.c - a case from its schedule to its result; rank 0 conducts. */
#include "engine/measure/exec.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/devices/arena.h"
#include "engine/measure/budget.h"
#include "engine/measure/buffers.h"
#include "engine/measure/conclude.h"
#include "engine/measure/lost.h"
#include "engine/measure/round_run.h"
#include "engine/runtime/watch_record.h"
#include "model/plan/case_fits.h"
#include "report/slices.h"

/* What rank 0 says: to the ranks of a round that it begins; to all that what arenas do not use
 * is freed, that the method starts anew, or that there are no more rounds. */
enum word { GO_ROUND, GO_FLUSH, GO_START, GO_END };

struct go {
    enum word word;
    int epoch;
};

/* Everything of a case that is being measured, on any rank. */
struct conduct {
    const struct xb_session *session;
    const struct xb_case *c;
    const struct xb_exec_options *options;
    struct xb_schedule schedule;
    struct xb_team wire; /* for messages alone */
    struct xb_result *out;
    size_t room; /* of out->lanes */
};

void xb_exec_expect(const struct xb_session *session, const struct xb_plan *plan)
{
    xb_buffers_expect(session, plan);
}

static bool has_role(const struct xb_round *round, int rank)
{
    for (size_t i = 0; i < round->count; i++)
        if (round->lane[i].src_rank == rank || round->lane[i].dst_rank == rank)
            return true;
    return false;
}

/* Receive without spinning: what is waited for takes as long as a measurement. */
static void receive_idly(const struct conduct *k, int from, int tag, void *value, size_t bytes)
{
    const struct timespec pause = {0, 50000};
    MPI_Request request;
    int done = 0;

    xb_watch_wait(from == MPI_ANY_SOURCE ? 0 : from);
    xb_session_must(k->session, "MPI_Irecv",
                    MPI_Irecv(value, (int)bytes, MPI_BYTE, from, tag, k->wire.comm, &request));
    for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
         MPI_Test(&request, &done, MPI_STATUS_IGNORE))
        nanosleep(&pause, NULL);
    xb_watch_wait(XB_WAIT_NOBODY);
}

/* ---- from the ranks of a round to rank 0 ---- */

/* What is known of a round as a whole, with the arrays behind it. */
static void send_whole(const struct conduct *k, const struct xb_result *r)
{
    int tag = xb_tag(k->wire.epoch, XB_TAG_RESULT, 1);

    xb_team_send(&k->wire, 0, tag, r, sizeof *r);
    xb_team_send(&k->wire, 0, tag, r->samples_us, r->nsamples * sizeof *r->samples_us);
    xb_team_send(&k->wire, 0, tag, r->op_samples_us, r->nop_samples * sizeof *r->op_samples_us);
    xb_team_send(&k->wire, 0, tag, r->bars, r->nbars * sizeof *r->bars);
}

static void *receive_array(const struct conduct *k, int from, int tag, size_t count,
                           size_t size)
{
    void *array = calloc(count + 1, size);

    if (!array)
        abort(); /* the rank that sends waits */
    receive_idly(k, from, tag, array, count * size);
    return array;
}

static void receive_whole(const struct conduct *k, int from, struct xb_result *r)
{
    int tag = xb_tag(k->wire.epoch, XB_TAG_RESULT, 1);

    receive_idly(k, from, tag, r, sizeof *r);
    r->samples_us = receive_array(k, from, tag, r->nsamples, sizeof *r->samples_us);
    r->op_samples_us = receive_array(k, from, tag, r->nop_samples, sizeof *r->op_samples_us);
    r->bars = receive_array(k, from, tag, r->nbars, sizeof *r->bars);
}

/* Each lane of a round by itself; its samples are freed. */
static void send_lane(const struct conduct *k, struct xb_lane_report *report)
{
    int tag = xb_tag(k->wire.epoch, XB_TAG_RESULT, 0);
    struct xb_lane_result *lane = &report->result;

    xb_team_send(&k->wire, 0, tag, report, sizeof *report);
    if (lane->nsamples > 0)
        xb_team_send(&k->wire, 0, tag, lane->samples_us,
                     lane->nsamples * sizeof *lane->samples_us);
    free(lane->samples_us);
    lane->samples_us = NULL;
}

static void receive_lane(const struct conduct *k, int from, struct xb_lane_report *report)
{
    int tag = xb_tag(k->wire.epoch, XB_TAG_RESULT, 0);
    struct xb_lane_result *lane = &report->result;

    receive_idly(k, from, tag, report, sizeof *report);
    lane->samples_us = lane->nsamples > 0 ? receive_array(k, from, tag, lane->nsamples,
                                                          sizeof *lane->samples_us)
                                          : NULL;
}

/* ---- on rank 0 ---- */

static int add_lane(struct conduct *k, const struct xb_lane_report *report)
{
    struct xb_result *out = k->out;

    if (out->nlanes == k->room) {
        size_t room = k->room ? 2 * k->room : 16;
        struct xb_lane_result *more = realloc(out->lanes, room * sizeof *more);
        if (!more)
            return -1;
        out->lanes = more;
        k->room = room;
    }
    struct xb_lane_result *lane = &out->lanes[out->nlanes];
    *lane = report->result;
    lane->reason = report->reason[0] ? strdup(report->reason) : NULL;
    out->nlanes++;
    if (lane->step > 0 && lane->status == XB_OK) { /* its chain's start has the time */
        lane->time = lane[-lane->step].time;
        lane->ops_per_sample = lane[-lane->step].ops_per_sample;
    }
    if (k->options->take_lane && k->schedule.rounds > 1)
        k->options->take_lane(k->options->take_arg, k->c, lane);
    return 0;
}

/* Has a round failed while it was measured, and do ranks hold memory of it that the next rounds
 * may lack? */
struct end {
    bool broken, tight;
};

/* Take a round's results: this rank's own, or as they come from the others. */
static struct end collect(struct conduct *k, const struct xb_round *round,
                          const struct xb_lane_report *own, struct xb_result *own_whole)
{
    const struct xb_lane *first = NULL;
    struct end end = {false, false};
    double chains = 0; /* that were not left out, as of the case's size */
    bool of_pair = k->c->pattern->of_pair != NULL;

    for (size_t i = 0; i < round->count; i++) {
        int starter = xb_lane_starter(k->c, &round->lane[i]);
        struct xb_lane_report report;
        if (starter == 0) {
            assert(own);
            report = *own++;
        } else
            receive_lane(k, starter, &report);
        if (!first && !report.left_out)
            first = &round->lane[i];
        if (!report.left_out && round->lane[i].step == 0)
            chains += xb_lane_weight(&round->lane[i], k->c->bytes);
        end.broken = end.broken || report.broken;
        end.tight = end.tight || report.tight;
        if (add_lane(k, &report) < 0)
            abort();
    }
    if (end.broken)
        ++*k->session->epoch;
    if (!first)
        return end;
    struct xb_result whole = {.overhead_us = NAN};
    int clock = xb_round_clock(k->c, first);
    if (clock == 0) {
        whole = *own_whole;
        *own_whole = (struct xb_result){0};
    } else {
        receive_whole(k, clock, &whole);
    }
    const struct xb_round_result place = {.round = first->round,
                                          .company = first->company,
                                          .concurrent =
                                              k->c->pattern->one_operation ? 1 : chains};
    bool kept = !end.broken && first->company != XB_COMPANY_ALONE &&
                (round->chains > 1 || !of_pair); /* else the lane's own time is that */
    xb_conclude_round(k->out, &whole, kept ? &place : NULL, k->schedule.rounds == 1);
    return end;
}

static void let_begin(const struct conduct *k, const struct xb_round *round)
{
    struct go go;
    int tag = xb_tag(0, XB_TAG_GO, 0), n = k->session->nranks;
    bool *told = calloc((size_t)n, sizeof *told);

    if (!told)
        abort();
    memset(&go, 0, sizeof go);
    go.epoch = *k->session->epoch;
    told[0] = true;
    for (size_t l = 0; l < 2 * round->count; l++) {
        int rank = l % 2 ? round->lane[l / 2].dst_rank : round->lane[l / 2].src_rank;
        if (!told[rank])
            xb_team_send(&k->wire, rank, tag, &go, sizeof go);
        told[rank] = true;
    }
    free(told);
}

/* ---- one round ---- */

/* This rank's part in a round, and what rank 0 must hear of it. */
static void take_part(struct conduct *k, const struct xb_round *round,
                      struct xb_lane_report **reports, struct xb_result *whole)
{
    const struct xb_round_task task = {.session = k->session,
                                       .c = k->c,
                                       .options = k->options,
                                       .round = round,
                                       .epoch = k->wire.epoch,
                                       .alone = k->schedule.rounds == 1};
    bool leads;
    size_t n = xb_round_run(&task, reports, whole, &leads);

    if (k->session->rank == 0)
        return;
    for (size_t i = 0; i < n; i++)
        send_lane(k, &(*reports)[i]);
    if (leads)
        send_whole(k, whole);
}

/* What the method keeps for all its cases, on all ranks: without the device of one there is
 * none of it. anew: also where it is there. */
static int start_method(const struct xb_session *s, const struct xb_case *c, bool anew,
                        struct xb_error *err)
{
    const struct xb_method *method = xb_method_of(c);
    int rc = method->start ? xb_lost_check_all(s, err) : XB_GO;

    if (rc != XB_GO || !method->start)
        return rc;
    if (anew && method->stop)
        method->stop();
    rc = method->start(s, c, err);
    if (rc == XB_ERROR) {
        xb_lost_note(s, c->id);
        xb_lost_share(s, false);
    }
    return rc;
}

/* What a method keeps for all its cases may not have outlived a round that failed. Where it
 * cannot be made again, its probe says so. On all ranks. */
static void start_again(const struct conduct *k)
{
    struct xb_error ignored;

    xb_lost_share(k->session, false);
    start_method(k->session, k->c, false, &ignored);
}

/* Free what arenas do not use; on all ranks. */
static void flush_arenas(const struct xb_session *s)
{
    xb_arena_flush_mapped(s->arena);
    xb_session_meet(s, false);
    xb_arena_flush_owned(s->arena);
}

/* To the ranks below this one, in a binomial tree whose root is rank 0. */
static void pass_on(const struct conduct *k, const struct go *go)
{
    const int rank = k->session->rank, n = k->session->nranks;
    int mask = 1;

    while (mask < n && !(rank & mask))
        mask <<= 1;
    for (mask >>= 1; mask > 0; mask >>= 1)
        if (rank + mask < n)
            xb_team_send(&k->wire, rank + mask, xb_tag(0, XB_TAG_GO, 0), go, sizeof *go);
}

/* On rank 0. */
static void tell_all(const struct conduct *k, enum word word)
{
    struct go go;

    memset(&go, 0, sizeof go);
    go.word = word;
    pass_on(k, &go);
}

/* What rank 0 says next about rounds; meanwhile what all ranks do together is done. What is for
 * all comes by way of other ranks. It is never overtaken: behind it all ranks meet before rank
 * 0 says anything else. */
static struct go follow(struct conduct *k)
{
    struct go go;

    do {
        receive_idly(k, MPI_ANY_SOURCE, xb_tag(0, XB_TAG_GO, 0), &go, sizeof go);
        if (go.word != GO_ROUND)
            pass_on(k, &go);
        if (go.word == GO_FLUSH)
            flush_arenas(k->session);
        else if (go.word == GO_START)
            start_again(k);
    } while (go.word == GO_FLUSH || go.word == GO_START);
    return go;
}

/* One round as rank 0 conducts it. What a failed round has left would be missing for those
 * behind it. */
static void conduct_round(struct conduct *k, const struct xb_round *round, size_t i)
{
    struct xb_lane_report *reports = NULL;
    struct xb_result whole = {.overhead_us = NAN};

    k->wire.epoch = *k->session->epoch;
    xb_watch_due(k->options->timeout_s + xb_method_grace_s(k->c));
    let_begin(k, round);
    if (has_role(round, 0))
        take_part(k, round, &reports, &whole);
    struct end end = collect(k, round, reports, &whole);
    xb_result_release(&whole);
    free(reports);
    if (i + 1 == k->schedule.rounds)
        return;
    xb_watch_due(k->options->timeout_s + xb_method_grace_s(k->c));
    if (end.tight) {
        tell_all(k, GO_FLUSH);
        flush_arenas(k->session);
    }
    if (end.broken && xb_method_of(k->c)->start) {
        tell_all(k, GO_START);
        start_again(k);
    }
}

/* One round as another rank sees it. */
static void follow_round(struct conduct *k, const struct xb_round *round)
{
    struct xb_lane_report *reports = NULL;
    struct xb_result whole = {.overhead_us = NAN};

    if (!has_role(round, k->session->rank))
        return;
    k->wire.epoch = follow(k).epoch;
    take_part(k, round, &reports, &whole);
    xb_result_release(&whole);
    free(reports);
}

/* ---- the case ---- */

/* Where memory may run out for what arenas hold, all ranks free what they do not use. */
static void make_room(const struct conduct *k)
{
    const struct xb_session *s = k->session;
    int tight = xb_budget_is_tight(s, k->c), any = 0;

    MPI_Allreduce(&tight, &any, 1, MPI_INT, MPI_MAX, s->world);
    if (any)
        flush_arenas(s);
}

static void run_schedule(struct conduct *k)
{
    struct xb_round round = {0};
    struct xb_error err;

    for (size_t i = 0; i < k->schedule.rounds; i++) {
        if (xb_schedule_round(&k->schedule, i, &round, &err) < 0)
            abort(); /* the others wait for this rank */
        if (k->session->rank == 0)
            conduct_round(k, &round, i);
        else
            follow_round(k, &round);
    }
    xb_round_release(&round);
    if (k->schedule.rounds > 1 && k->session->rank > 0)
        follow(k);
    if (k->session->rank > 0)
        return;
    if (k->schedule.rounds > 1)
        tell_all(k, GO_END);
    xb_conclude_case(k->session, k->c, &k->schedule, k->out);
}

/* Room for what each round learns. */
static void prepare_slice(struct conduct *k)
{
    struct xb_slice *slice = k->options->slice;

    if (!slice || slice->batch)
        return;
    slice->batch = calloc(k->schedule.rounds + 1, sizeof *slice->batch);
    slice->nbatch = slice->batch ? k->schedule.rounds : 0; /* else it is learnt again */
}

void xb_slice_release(struct xb_slice *slice)
{
    free(slice->batch);
    *slice = (struct xb_slice){.batch = NULL};
}

static void settle(struct xb_result *out, enum xb_status status, const struct xb_error *err)
{
    out->status = status;
    snprintf(out->reason, sizeof out->reason, "%s", err->text);
}

/* What a case needs before its first round, on all ranks: start the method, and where the
 * scenario wants it so, let go of all that earlier cases have set up. */
static int set_up(struct conduct *k, struct xb_error *err)
{
    const struct xb_slice *slice = k->options->slice;
    bool first = !slice || !slice->later, anew = first && k->options->sampling->anew;

    if (anew)
        flush_arenas(k->session);
    double began_us = xb_clock_us();
    int rc = start_method(k->session, k->c, anew, err);
    k->out->setup.start = xb_method_of(k->c)->start ? xb_clock_us() - began_us : NAN;
    return rc;
}

void xb_exec_case(const struct xb_session *session, const struct xb_case *c,
                  const struct xb_exec_options *options, struct xb_result *out)
{
    struct xb_job job = xb_session_job(session);
    struct conduct k = {.session = session, .c = c, .options = options, .out = out};
    struct xb_error err = {""};

    memset(out, 0, sizeof *out);
    out->overhead_us = NAN;
    k.wire = (struct xb_team){.session = session, .comm = session->cases};
    if (xb_case_fits(c, &err) != 0) {
        settle(out, XB_SKIPPED, &err);
        return;
    }
    int rc = xb_schedule_open(c, &job, &k.schedule, &err);
    if (rc < 0)
        abort(); /* the others would wait for this rank */
    if (rc == 0)
        rc = set_up(&k, &err);
    if (rc != 0) {
        xb_schedule_close(&k.schedule);
        settle(out, rc == XB_SKIP ? XB_SKIPPED : XB_FAILED, &err);
        return;
    }
    char left_out[XB_LEFT_OUT_LEN] = ""; /* lanes of its traffic that are not on its path */
    if (c->traffic)
        xb_traffic_left_out(c->traffic, &c->path, &job, left_out);
    if (left_out[0])
        snprintf(out->warning, sizeof out->warning, "left out of the traffic: %s", left_out);
    prepare_slice(&k);
    make_room(&k);
    run_schedule(&k);
    xb_lost_share(session, false);
    xb_schedule_close(&k.schedule);
}

void xb_exec_conclude(const struct xb_session *session, const struct xb_case *c,
                      struct xb_result *sum)
{
    struct xb_job job = xb_session_job(session);
    struct xb_schedule schedule;
    struct xb_error err;

    if (sum->most_samples > 0 && xb_slices_time(sum) < 0)
        return;
    if (sum->nlanes == 0 || xb_schedule_open(c, &job, &schedule, &err) != 0)
        return;
    xb_conclude_slices(session, c, &schedule, sum);
    xb_schedule_close(&schedule);
}
