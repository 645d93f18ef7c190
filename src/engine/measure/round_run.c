/* SPDX-License-Identifier: BSD-3-Clause */
/* round_run.c - one round of a case: every step is taken by all its ranks or by none. */
#include "engine/measure/round_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/budget.h"
#include "engine/measure/batch.h"
#include "engine/measure/buffers.h"
#include "engine/measure/cold.h"
#include "engine/measure/counters.h"
#include "engine/measure/lanes.h"
#include "engine/measure/lost.h"
#include "engine/measure/observe.h"
#include "engine/measure/rounds.h"
#include "engine/measure/sample.h"
#include "engine/measure/verify.h"
#include "engine/runtime/clock.h"

#define PHASES 16 /* more than a round has */

int xb_round_clock(const struct xb_case *c, const struct xb_lane *first)
{
    return xb_lane_starter(c, first);
}

/* ---- who is in it ---- */

static int by_rank(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* The ranks with a role in a round, the one with the clock in front of the others. */
static int make_team(const struct xb_round_task *task, const struct xb_round *round,
                     struct xb_team *out, struct xb_error *err)
{
    int clock = xb_round_clock(task->c, &round->lane[0]), n = 0, kept = 0;
    int *member = calloc(2 * round->count, sizeof *member);

    *out = (struct xb_team){.session = task->session,
                            .comm = task->session->cases,
                            .epoch = task->epoch,
                            .member = member,
                            .me = -1};
    if (!member)
        return xb_fail(err, "out of memory for the ranks of a round");
    for (size_t i = 0; i < round->count; i++) {
        member[n++] = round->lane[i].src_rank;
        member[n++] = round->lane[i].dst_rank;
    }
    qsort(member, (size_t)n, sizeof *member, by_rank);
    for (int i = 0; i < n; i++)
        if (i == 0 || member[i] != member[i - 1])
            member[kept++] = member[i];
    for (int i = 0; i < kept; i++)
        if (member[i] == clock) {
            memmove(member + 1, member, (size_t)i * sizeof *member);
            member[0] = clock;
        }
    for (int i = 0; i < kept; i++)
        if (member[i] == task->session->rank)
            out->me = i;
    out->count = kept;
    return 0;
}

/* ---- probing ---- */

static void either_bits(void *into, const void *from, size_t bytes)
{
    unsigned char *a = into;
    const unsigned char *b = from;

    for (size_t i = 0; i < bytes; i++)
        a[i] |= b[i];
}

/* Bits that any member has set; as many messages as they need. */
static void combine_bits(const struct xb_team *team, unsigned char *bits, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += XB_TEAM_VALUE_MAX) {
        size_t left = bytes - at;
        xb_team_combine(team, bits + at, left < XB_TEAM_VALUE_MAX ? left : XB_TEAM_VALUE_MAX,
                        either_bits);
    }
}

static struct xb_verdict probe_lane(const struct xb_case_run *run, const struct xb_lane_run *l)
{
    struct xb_error err = {""};
    struct xb_verdict v;

    memset(&v, 0, sizeof v); /* it travels as bytes */
    v.outcome = xb_lost_check_lane(&l->t, &err);
    if (v.outcome == XB_GO)
        v.outcome = run->method->probe(&l->t, &err);
    if (v.outcome == XB_GO)
        v.outcome = xb_cold_probe(run, l, &err);
    if (v.outcome == XB_GO)
        v.outcome = xb_buffers_probe(&l->t, &err);
    if (v.outcome != XB_GO)
        snprintf(v.text, sizeof v.text, "rank %d (%s): %.*s", run->session->rank,
                 run->session->ranks[run->session->rank].host, XB_ERROR_LEN - 120, err.text);
    return v;
}

/* Ask this rank's lanes, and what their other ends say: the worse counts, or the lower rank's
 * reason. skipped gets a bit for each chain that cannot be, the same on all members; of parts
 * of one operation none can be without the others. */
static void probe_round(struct xb_case_run *run, struct xb_verdict *mine,
                        unsigned char *skipped)
{
    struct xb_verdict *theirs = calloc(run->nmine + 1, sizeof *theirs);

    if (!theirs)
        abort(); /* the other ends wait for these */
    for (size_t i = 0; i < run->nmine; i++)
        mine[i] = probe_lane(run, &run->mine[i]);
    xb_lanes_exchange(run, mine, theirs, sizeof *mine);
    for (size_t i = 0; i < run->nmine; i++) {
        bool alike = mine[i].outcome == theirs[i].outcome;
        bool take = alike ? run->mine[i].t.peer < run->session->rank
                          : mine[i].outcome == XB_GO || theirs[i].outcome == XB_ERROR;
        if (take)
            mine[i] = theirs[i];
        if (mine[i].outcome != XB_GO)
            skipped[run->mine[i].lane.chain / 8] |=
                (unsigned char)(1u << run->mine[i].lane.chain % 8);
    }
    free(theirs);
    combine_bits(&run->team, skipped, (size_t)run->round->chains / 8 + 1);
}

/* The lanes of a round without those of some chains, the rest numbered anew. */
static int leave_out(const struct xb_round *round, const unsigned char *skipped,
                     struct xb_round *out)
{
    int chain = -1, last = -1;

    for (size_t i = 0; i < round->count; i++) {
        struct xb_lane lane = round->lane[i];
        if (xb_has_bit(skipped, lane.chain))
            continue;
        if (lane.chain != last)
            chain++;
        last = lane.chain;
        lane.chain = chain;
        if (xb_round_add(out, &lane) < 0)
            return -1;
    }
    return 0;
}

/* ---- from buffers to a verified transfer ---- */

/* What the two ends of a lane tell each other before its first transfer. */
struct cards {
    struct xb_card method;
    struct xb_signal_card signal;
};

/* A lane that failed does not keep those behind it from preparing: their other ends may wait
 * for them. */
static int prepare_lanes(struct xb_case_run *run, const struct cards *theirs,
                         struct xb_error *err)
{
    bool in_turn = run->method->in_turn && run->method->in_turn(run->c);
    size_t before = 0; /* lanes of the round */
    int worst = XB_GO;

    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_error why;
        for (; in_turn && before < run->mine[i].index; before++)
            xb_team_meet(&run->team);
        int rc = run->method->prepare
                     ? run->method->prepare(run->mine[i].ctx, &theirs[i].method, &why)
                     : XB_GO;
        if (rc != XB_GO && worst == XB_GO) {
            worst = rc;
            *err = why;
        }
    }
    for (; in_turn && before < run->round->count; before++)
        xb_team_meet(&run->team);
    return worst;
}

/* Before anything is prepared, which one end may do only with the other. */
static int join_signals(struct xb_case_run *run, const struct cards *theirs,
                        struct xb_error *err)
{
    int rc = XB_GO;

    for (size_t i = 0; rc == XB_GO && i < run->nmine; i++)
        rc = xb_signal_join(&run->mine[i].signal, &theirs[i].signal, err);
    return xb_case_agree(run, rc, err);
}

static int open_lanes(struct xb_case_run *run, struct cards *cards, struct xb_error *err)
{
    int rc = xb_buffers_take(run, err);

    for (size_t i = 0; rc == XB_GO && i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        int tag = xb_tag(run->team.epoch, XB_TAG_TOKEN, (int)l->index);
        /* the flags first: they fit into a ring's segment, and would take it */
        rc = xb_signal_open(&l->signal, &l->t, tag, &cards[i].signal, err);
        if (rc == XB_GO && l->looks)
            rc = xb_look_open(&l->look, &l->t, err);
        if (rc == XB_GO)
            rc = run->method->open(&l->t, &l->ctx, &cards[i].method, err);
    }
    return rc;
}

/* Buffers, contexts, and what the two ends must know of each other. */
static int open_all(struct xb_case_run *run, struct xb_error *err)
{
    struct cards *mine = calloc(run->nmine + 1, sizeof *mine);
    struct cards *theirs = calloc(run->nmine + 1, sizeof *theirs);
    struct xb_arena_times before = xb_arena_times(run->session->arena);
    double start_us = xb_clock_us();
    int rc = mine && theirs ? open_lanes(run, mine, err) : xb_fail(err, "out of memory");

    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO) {
        xb_lanes_exchange(run, mine, theirs, sizeof *mine);
        rc = join_signals(run, theirs, err);
    }
    if (rc == XB_GO) {
        rc = xb_case_agree(run, prepare_lanes(run, theirs, err), err);
    }
    struct xb_arena_times after = xb_arena_times(run->session->arena);
    for (size_t i = 0; i < run->nmine; i++)
        run->mine[i].setup =
            (struct xb_setup){.open = xb_clock_us() - start_us,
                              .register_ = after.register_us - before.register_us,
                              .map = after.map_us - before.map_us};
    free(mine);
    free(theirs);
    return rc;
}

/* How many lanes are wrong, of all. */
struct wrong {
    size_t lanes, of;
};

static void add_wrong(void *into, const void *from, size_t bytes)
{
    struct wrong *a = into;
    const struct wrong *b = from;

    (void)bytes;
    a->lanes += b->lanes;
    a->of += b->of;
}

/* Compare what arrived as a whole, where this slice does so, and hear which lanes have wrong
 * bytes or stamps. *good tells whether there is a lane left that is worth going on with.
 */
static int check_bytes(struct xb_case_run *run, bool *good, struct xb_error *err)
{
    struct wrong wrong = {0, 0};

    if (xb_case_verifies(run)) {
        int rc = xb_case_agree(run, xb_verify_check(run, err), err);
        if (rc != XB_GO)
            return rc;
    }
    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        if (!(l->t.roles & XB_ROLE_DST))
            continue;
        wrong.lanes += l->when != NULL;
        wrong.of++;
    }
    xb_team_combine(&run->team, &wrong, sizeof wrong, add_wrong);
    *good = wrong.lanes < wrong.of && !(run->c->pattern->one_operation && wrong.lanes > 0);
    return XB_GO;
}

static int prepare_bytes(struct xb_case_run *run, struct xb_error *err)
{
    return xb_case_verifies(run) ? xb_case_agree(run, xb_verify_prepare(run, err), err) : XB_GO;
}

/* One untimed transfer on every lane, with its bytes looked at. A later slice finds what it has
 * set up. */
static int verified_transfer(struct xb_case_run *run, bool *good, struct xb_error *err)
{
    double us = 0;

    if (!xb_case_is_first(run))
        return XB_GO;

    run->stage = "untimed transfer";
    int rc = prepare_bytes(run, err);
    if (rc == XB_GO)
        rc = xb_batch_run(run, 1, &us, err);
    for (size_t i = 0; i < run->nmine; i++)
        run->mine[i].setup.first = us;
    return rc == XB_GO ? check_bytes(run, good, err) : rc;
}

/* ---- the timed block ---- */

/* Verified by themselves: they would hide what the batches did not move. */
static int single_transfers(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                            bool *good, struct xb_error *err)
{
    if (!xb_sample_wants_each(run, rounds))
        return XB_GO;
    run->stage = "transfers timed one by one";
    int rc = xb_sample_each(run, out, err);
    return rc == XB_GO ? check_bytes(run, good, err) : rc;
}

/* The destinations are poisoned when warm-up and batch size are behind, or what those moved
 * would hide that the timed block moved nothing. Poisoning leaves caches and clocks as no batch
 * would find them, so one more goes before those that are timed. */
static int timed_transfers(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    bool good = true;
    int64_t rounds = 1;

    run->stage = "warm-up";
    int rc = xb_sample_size(run, &rounds, err);

    if (rc == XB_GO)
        rc = prepare_bytes(run, err);
    if (rc == XB_GO && xb_case_verifies(run)) /* poison has taken the place of what was warm */
        rc = xb_sample_warm(run, rounds, 1, err);
    run->stage = "timed transfers";
    if (rc == XB_GO) {
        xb_counters_begin(run);
        rc = xb_sample_take(run, rounds, out, err);
        xb_counters_end(run);
    }
    if (rc == XB_GO)
        rc = check_bytes(run, &good, err);
    if (rc == XB_GO && good && xb_case_is_first(run))
        rc = xb_sample_overhead(run, out, err);
    run->stage = "transfers whose posting is timed";
    if (rc == XB_GO && good && xb_case_is_first(run))
        rc = xb_sample_posts(run, rounds, out, err);
    if (rc == XB_GO && good)
        rc = single_transfers(run, rounds, out, &good, err);
    run->stage = "transfers that were observed";
    if (rc == XB_GO && good && xb_case_is_first(run))
        rc = xb_observe_pipeline(run, out, err);
    if (rc == XB_GO && good && xb_case_is_first(run))
        rc = xb_sample_by_device(run, rounds, out, err);
    return rc;
}

static void close_all(struct xb_case_run *run)
{
    for (size_t i = 0; i < run->nmine; i++)
        xb_lane_run_close(&run->mine[i], run->broken);
    if (run->broken)
        xb_rounds_settle(run);
    xb_team_meet(&run->team); /* nobody uses a lane's memory any more */
    xb_buffers_give(run);
    if (run->broken)
        run->tight = xb_team_any(&run->team, xb_budget_is_tight(run->session, run->c));
}

static int measure(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    bool good = true;
    int rc = xb_budget_check(run, err);

    if (rc == XB_GO && (rc = open_all(run, err)) == XB_GO)
        rc = verified_transfer(run, &good, err);
    if (rc == XB_GO && good)
        rc = timed_transfers(run, out, err);
    close_all(run);
    return rc;
}

static struct xb_case_run make_run(const struct xb_round_task *task,
                                   const struct xb_round *round)
{
    return (struct xb_case_run){
        .session = task->session,
        .c = task->c,
        .options = task->options,
        .method = xb_method_of(task->c),
        .round = round,
        .phase = task->options->slice ? PHASES * task->options->slice->pass : 0,
        .alone = task->alone,
        .mark = xb_clock_mark(),
        .looked_us = xb_clock_us(),
        .deadline_us = xb_clock_us() + task->options->timeout_s * 1e6};
}

/* What a transfer is cut into, each piece of which is to hold stamps: a collective's are looked
 * at closely, since each rank has other ends. */
static uint64_t unit_of(const struct xb_case *c, const struct xb_round *round)
{
    int members = round->lane[0].members;
    uint64_t block = members > 0 ? c->bytes / (uint64_t)members : c->bytes;

    if (c->pattern->one_operation)
        return block < XB_TURN_STEP ? block : XB_TURN_STEP;
    return xb_case_is_submitted(c) ? xb_case_block(c) : c->chunk;
}

/* Measure the lanes that can be, all of whose ranks come here. */
static void run_lanes(const struct xb_round_task *task, const struct xb_round *round,
                      struct xb_lane_report *reports, size_t *count, struct xb_result *out,
                      bool *leads)
{
    struct xb_case_run run = make_run(task, round);
    struct xb_error err = {""};
    int rc = make_team(task, round, &run.team, &err);

    if (rc < 0)
        abort(); /* the others wait for this rank */
    if (run.team.me >= 0) {
        rc = xb_case_agree(&run, xb_lanes_open(&run, &err), &err);
        for (size_t i = 0; rc == XB_GO && i < run.nmine; i++)
            xb_lane_run_stamp(&run.mine[i], unit_of(run.mine[i].t.c, round));
        if (rc == XB_GO)
            rc = measure(&run, out, &err);
        if (rc == XB_ERROR)
            xb_lost_note(task->session, task->c->id);
        xb_lane_reports_measured(&run, rc, &err, out->ops_per_sample, reports, count);
    }
    *leads = run.team.me == 0;
    xb_lanes_close(&run);
    free(run.team.member);
}

size_t xb_round_run(const struct xb_round_task *task, struct xb_lane_report **reports,
                    struct xb_result *out, bool *leads)
{
    struct xb_case_run run = make_run(task, task->round);
    struct xb_round active = {0};
    struct xb_error err = {""};
    size_t count = 0, bytes = (size_t)task->round->chains / 8 + 1;
    unsigned char *skipped = calloc(bytes, 1); /* a bit for each chain */

    *leads = false;
    if (make_team(task, task->round, &run.team, &err) < 0 || xb_lanes_open(&run, &err) < 0)
        abort(); /* the others wait for this rank */
    struct xb_verdict *verdicts = calloc(run.nmine + 1, sizeof *verdicts);
    *reports = calloc(run.nmine + 1, sizeof **reports);
    if (!verdicts || !*reports || !skipped)
        abort();
    probe_round(&run, verdicts, skipped);
    bool any = false;
    for (size_t i = 0; i < bytes; i++)
        any = any || skipped[i];
    if (any && task->c->pattern->one_operation)
        memset(skipped, 0xff, bytes);
    if (leave_out(task->round, skipped, &active) < 0)
        abort();
    if (active.count > 0)
        run_lanes(task, &active, *reports, &count, out, leads);
    if (any) {
        xb_lane_reports_number_back(skipped, task->round->chains, *reports, count);
        xb_lane_reports_skipped(&run, verdicts, skipped, *reports, &count);
        xb_lane_reports_sort(*reports, count);
    }
    free(verdicts);
    free(skipped);
    xb_round_release(&active);
    xb_lanes_close(&run);
    free(run.team.member);
    return count;
}
