/* exec.c - measures one case: every step is taken by all members or by none. */
#include "engine/measure/exec.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "engine/measure/case_run.h"
#include "engine/measure/counters.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/shm.h"
#include "model/figures/ceiling.h"
#include "model/figures/stats.h"
#include "model/plan/collective_op.h"

/* Over its ceiling a result is wrong, but for what clocks and link rates are rounded by. */
#define CEILING_TOLERANCE 1.02

int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err)
{
    const struct xb_session *s = run->session;
    int rc = xb_agree(run->comm, outcome, s->rank, s->ranks[s->rank].host, err);
    if (rc != XB_GO && rc != XB_SKIP)
        run->broken = true;
    return rc;
}

int xb_case_timed_out(const struct xb_case_run *run, struct xb_error *err)
{
    xb_fail(err, "not complete within the case's time of %g s", run->options->timeout_s);
    return XB_TIMED_OUT;
}

/* Members are rank 0, which decides, and every rank with a role, in rank order. */
static int find_members(struct xb_case_run *run, struct xb_error *err)
{
    int nranks = run->session->nranks;
    bool *in = calloc((size_t)nranks, sizeof *in);

    run->members = calloc((size_t)nranks, sizeof *run->members);
    if (!in || !run->members) {
        free(in);
        return xb_fail(err, "out of memory");
    }
    in[0] = true;
    for (size_t i = 0; i < run->lanes.count; i++)
        in[run->lanes.lane[i].src_rank] = in[run->lanes.lane[i].dst_rank] = true;
    for (int r = 0; r < nranks; r++)
        if (in[r])
            run->members[run->nmembers++] = r;
    free(in);
    return 0;
}

static bool is_member(const struct xb_case_run *run)
{
    for (int i = 0; i < run->nmembers; i++)
        if (run->members[i] == run->session->rank)
            return true;
    return false;
}

static int make_comm(struct xb_case_run *run, struct xb_error *err)
{
    MPI_Group world, group;

    MPI_Comm_group(run->session->world, &world);
    MPI_Group_incl(world, run->nmembers, run->members, &group);
    int rc = MPI_Comm_create_group(run->session->world, group, 0, &run->comm);
    MPI_Group_free(&group);
    MPI_Group_free(&world);
    if (rc != MPI_SUCCESS)
        return xb_fail(err, "no communicator for the case (MPI error %d)", rc);
    MPI_Comm_set_errhandler(run->comm, MPI_ERRORS_RETURN);
    MPI_Comm_rank(run->comm, &run->comm_rank);
    return 0;
}

static int probe_all(struct xb_case_run *run, struct xb_error *err)
{
    int rc = XB_GO;
    if (run->c->pattern->kind != xb_case_kind(run->c)) {
        xb_fail(err, "the pattern %s is not for what the method %s does here",
                run->c->pattern->name, run->c->method->name);
        rc = XB_SKIP;
    }
    for (size_t i = 0; rc == XB_GO && i < run->nmine; i++)
        rc = run->method->probe(&run->mine[i].t, err);
    return xb_case_agree(run, rc, err);
}

/* Cards of a lane meet at its other end: each member sees all cards and picks its peers'. A
 * lane that failed does not keep those behind it from preparing: their other ends may wait for
 * them.
 */
static int prepare_lanes(struct xb_case_run *run, const struct xb_card *all, size_t nlanes,
                         struct xb_error *err)
{
    int worst = XB_GO;
    for (size_t i = 0; run->method->prepare && i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        size_t lane = (size_t)(l->t.tag - XB_TAG_LANE);
        struct xb_error why;
        int rc = run->method->prepare(l->ctx, &all[(size_t)l->t.peer * nlanes + lane], &why);
        if (rc != XB_GO && worst == XB_GO) {
            worst = rc;
            *err = why;
        }
    }
    return worst;
}

static int open_lanes(struct xb_case_run *run, struct xb_card *cards, struct xb_error *err)
{
    int rc = xb_memory_alloc(run, err);
    for (size_t i = 0; rc == XB_GO && i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        rc = run->method->open(&l->t, &l->ctx, &cards[l->t.tag - XB_TAG_LANE], err);
    }
    return rc;
}

/* Buffers, contexts, and what the two ends must know of each other. */
static int open_all(struct xb_case_run *run, struct xb_error *err)
{
    size_t n = run->lanes.count, all_cards = n * (size_t)run->nmembers;
    struct xb_card *mine = calloc(n, sizeof *mine), *all = calloc(all_cards, sizeof *all);
    int rc = mine && all ? open_lanes(run, mine, err) : xb_fail(err, "out of memory");

    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO) {
        int bytes = (int)(n * sizeof *mine);
        MPI_Allgather(mine, bytes, MPI_BYTE, all, bytes, MPI_BYTE, run->comm);
        rc = xb_case_agree(run, prepare_lanes(run, all, n, err), err);
    }
    xb_shm_unlink_created(); /* whoever needed the names has mapped by now */
    free(mine);
    free(all);
    return rc;
}

/* Sum what the destinations found, on every member. */
static void gather_verify(const struct xb_case_run *run, struct xb_verify *v, uint64_t *outside)
{
    uint64_t sums[3] = {v->checked_bytes, v->wrong_bytes, *outside}, all[3];
    uint64_t bad = v->wrong_bytes ? v->first_bad : UINT64_MAX, lowest;

    MPI_Allreduce(sums, all, 3, MPI_UINT64_T, MPI_SUM, run->comm);
    MPI_Allreduce(&bad, &lowest, 1, MPI_UINT64_T, MPI_MIN, run->comm);
    *v = (struct xb_verify){true, all[0], all[1], all[1] ? lowest : 0};
    *outside = all[2];
}

/* Say what is wrong with the bytes, if anything. */
static void judge_bytes(const struct xb_verify *v, uint64_t outside, const char *when,
                        struct xb_result *out)
{
    out->verify = *v;
    if (v->wrong_bytes == 0 && outside == 0)
        return;
    out->status = XB_CORRUPT;
    int n = snprintf(out->reason, sizeof out->reason, "%s: ", when);
    char *at = out->reason + n;
    size_t left = sizeof out->reason - (size_t)n;
    if (v->wrong_bytes)
        snprintf(at, left,
                 "%" PRIu64 " of %" PRIu64 " bytes wrong, the first at offset %" PRIu64,
                 v->wrong_bytes, v->checked_bytes, v->first_bad);
    else
        snprintf(at, left, "%" PRIu64 " bytes beside the destination were overwritten",
                 outside);
}

static int check_bytes(struct xb_case_run *run, const char *when, struct xb_result *out,
                       struct xb_error *err)
{
    struct xb_verify v = {0};
    uint64_t outside = 0;
    int rc = xb_case_agree(run, xb_verify_check(run, &v, &outside, err), err);

    if (rc != XB_GO)
        return rc;
    for (size_t i = 0; run->method->judge && i < run->nmine; i++)
        run->method->judge(run->mine[i].ctx, &v);
    gather_verify(run, &v, &outside);
    judge_bytes(&v, outside, when, out);
    return XB_GO;
}

/* One untimed transfer on every lane, with its bytes looked at. */
static int verified_transfer(struct xb_case_run *run, struct xb_result *out,
                             struct xb_error *err)
{
    double us;
    int rc = xb_case_agree(run, xb_verify_prepare(run, err), err);

    if (rc == XB_GO)
        rc = xb_lanes_reset(run, err);
    if (rc == XB_GO)
        rc = xb_case_agree(run, xb_rounds_run(run, 1, &us, err), err);
    return rc == XB_GO ? check_bytes(run, "untimed transfer", out, err) : rc;
}

/* The samples, with the hardware's counters read around them. */
static int take_counted(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err)
{
    xb_counters_begin(run);
    int rc = xb_sample_take(run, rounds, out, err);
    if (rc == XB_GO)
        xb_counters_judge(run, out);
    return rc;
}

/* Verified by themselves: they would hide what the batches did not move. */
static int single_transfers(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                            struct xb_error *err)
{
    if (!xb_sample_wants_each(run, rounds))
        return XB_GO;
    int rc = xb_sample_each(run, out, err);
    return rc == XB_GO ? check_bytes(run, "transfers timed one by one", out, err) : rc;
}

/* The destinations are poisoned when warm-up and batch size are behind, or what those moved
 * would hide that the timed block moved nothing. */
static int timed_transfers(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    int64_t rounds = 1;
    int rc = xb_sample_size(run, &rounds, err);

    if (rc == XB_GO)
        rc = xb_case_agree(run, xb_verify_prepare(run, err), err);
    if (rc == XB_GO)
        rc = take_counted(run, rounds, out, err);
    if (rc == XB_GO)
        rc = check_bytes(run, "timed transfers", out, err);
    if (rc == XB_GO && out->status == XB_OK)
        rc = single_transfers(run, rounds, out, err);
    if (rc == XB_GO && out->status == XB_OK)
        rc = xb_observe_pipeline(run, out, err);
    if (rc == XB_GO && out->status == XB_OK)
        rc = xb_sample_by_device(run, rounds, out, err);
    return rc;
}

static void close_all(struct xb_case_run *run)
{
    for (size_t i = 0; i < run->nmine; i++) {
        run->mine[i].t.broken = run->broken;
        if (run->mine[i].ctx)
            run->method->close(run->mine[i].ctx);
    }
    /* mapped memory is gone everywhere before its owner frees it */
    MPI_Barrier(run->comm);
    if (!run->broken || run->nmembers == 1 || !run->method->may_touch_later)
        xb_memory_free(run);
}

static int measure(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    int rc = xb_case_agree(run, xb_lanes_open(run, err), err);

    if (rc == XB_GO && (rc = probe_all(run, err)) == XB_GO)
        rc = xb_case_agree(run, xb_memory_check(run, err), err);
    if (rc == XB_GO && (rc = open_all(run, err)) == XB_GO)
        rc = verified_transfer(run, out, err);
    if (rc == XB_GO && out->status == XB_OK)
        rc = timed_transfers(run, out, err);
    close_all(run);
    xb_lanes_close(run);
    return rc;
}

/* More than the hardware can carry was not carried. */
static void judge_ceiling(const struct xb_case_run *run, struct xb_result *out)
{
    struct xb_stats stats;

    out->ceiling_gb_per_s = xb_ceiling(run->c, &run->lanes, run->session->ranks);
    if (out->status != XB_OK || out->ceiling_gb_per_s <= 0 ||
        xb_stats_compute(out->samples_us, out->nsamples, &stats) < 0)
        return;
    double rate =
        xb_gb_per_s(xb_case_moved_bytes(run->c, (int)run->lanes.count), stats.median) *
        xb_lanes_concurrent(&run->lanes);
    if (rate <= CEILING_TOLERANCE * out->ceiling_gb_per_s)
        return;
    out->status = XB_IMPLAUSIBLE;
    snprintf(out->reason, sizeof out->reason,
             "%.1f GB/s are more than the %.1f GB/s that the hardware of this path can carry",
             rate, out->ceiling_gb_per_s);
}

static enum xb_status status_of(int outcome)
{
    switch (outcome) {
    case XB_GO:
        return XB_OK;
    case XB_SKIP:
        return XB_SKIPPED;
    case XB_TIMED_OUT:
        return XB_TIMEOUT;
    default:
        return XB_FAILED;
    }
}

static void settle(struct xb_result *out, int outcome, const struct xb_error *err)
{
    if (outcome == XB_GO)
        return;
    out->status = status_of(outcome);
    snprintf(out->reason, sizeof out->reason, "%s", err->text);
}

/* One clock saw all lanes: each has the case's times, and of a single one all is known. */
static void fill_lanes(const struct xb_case_run *run, struct xb_result *out)
{
    bool single = run->lanes.count == 1;

    if (out->nsamples > 0)
        xb_stats_compute(out->samples_us, out->nsamples, &out->time);
    out->concurrent = xb_lanes_concurrent(&run->lanes);
    for (size_t i = 0; i < out->nlanes; i++) {
        const struct xb_lane *lane = &run->lanes.lane[i];
        struct xb_lane_result *l = &out->lanes[i];
        l->chain = lane->chain;
        l->step = lane->step;
        l->src_rank = lane->src_rank;
        l->dst_rank = lane->dst_rank;
        l->path = lane->path;
        l->status = out->status;
        l->reason = out->reason[0] ? strdup(out->reason) : NULL;
        l->time = out->time;
        l->ops_per_sample = out->nsamples ? out->ops_per_sample : 0;
        l->ceiling_gb_per_s = single ? out->ceiling_gb_per_s : 0;
        l->has_carried = single && out->has_carried;
        memcpy(l->carried, out->carried, sizeof l->carried);
        if (single)
            l->verify = out->verify;
    }
}

/* All ranks leave a case together; those without a part in it wait without spinning. */
static void leave_together(const struct xb_case_run *run, bool member)
{
    const struct timespec pause = {0, 200000};
    MPI_Request request;
    int done = 0;

    if (run->session->nranks == 1)
        return;
    MPI_Ibarrier(run->session->world, &request);
    for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
         MPI_Test(&request, &done, MPI_STATUS_IGNORE))
        if (!member)
            nanosleep(&pause, NULL);
        else
            xb_session_relax(run->session);
}

static int run_member(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    int rc = make_comm(run, err);

    if (rc < 0)
        return XB_ERROR;
    rc = measure(run, out, err);
    if (run->comm_rank == 0)
        judge_ceiling(run, out);
    if (!run->broken) /* else messages may still arrive in it */
        MPI_Comm_free(&run->comm);
    return rc;
}

void xb_exec_case(const struct xb_session *session, const struct xb_case *c,
                  const struct xb_exec_options *options, struct xb_result *out)
{
    struct xb_case_run run = {.session = session,
                              .c = c,
                              .options = options,
                              .method = xb_method_of(c),
                              .comm = MPI_COMM_NULL};
    struct xb_job job = xb_session_job(session);
    struct xb_error err = {""};

    memset(out, 0, sizeof *out);
    out->overhead_us = NAN;
    out->setup = (struct xb_setup){NAN, NAN, NAN, NAN, NAN};
    int rc = c->pattern->lanes(&c->path, &job, &run.lanes, &err);
    if (rc == XB_GO)
        rc = xb_agree(session->world, find_members(&run, &err), session->rank,
                      session->ranks[session->rank].host, &err);
    if (rc == XB_GO && run.method->start)
        rc = run.method->start(session, &err);
    bool member = rc == XB_GO && is_member(&run);
    run.deadline_us = xb_clock_us() + options->timeout_s * 1e6;
    if (member) {
        rc = run_member(&run, out, &err);
    }
    leave_together(&run, member);
    settle(out, rc, &err);
    if (member && run.comm_rank == 0 && xb_result_lanes(out, run.lanes.count) == 0)
        fill_lanes(&run, out);
    free(run.members);
}
