/* observe.c - what the stages of a pipelined transfer spend their time on. */
#include "engine/case_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/pipeline.h"
#include "engine/stages.h"
#include "model/pipeline_model.h"
#include "model/stats.h"

#define TRANSFERS  3     /* observed, one after the other */
#define MAX_CHUNKS 65536 /* of one transfer: what more of them would tell is little */
#define TIME_LEFT  10    /* so many transfers must still fit into the case's time */

/* What one rank saw of one of its stages. */
struct note {
    char name[16];
    int kind, rank;
    double us;
};

static uint64_t chunks_of(const struct xb_case *c)
{
    return (c->bytes + c->chunk - 1) / c->chunk;
}

/* A case whose one lane is a pipeline, one transfer at a time. */
static bool is_observable(const struct xb_case_run *run)
{
    return run->method->pipeline && run->lanes.count == 1 && run->c->window == 1 &&
           chunks_of(run->c) <= MAX_CHUNKS;
}

/* Rank 0 says whether there is time: what was measured must not fail for being looked into. */
static bool has_time(const struct xb_case_run *run, const struct xb_result *out)
{
    int yes = 0;

    if (run->comm_rank == 0 && out->nsamples > 0)
        yes = run->deadline_us - xb_clock_us() >
              TIME_LEFT * TRANSFERS * out->samples_us[out->nsamples - 1];
    MPI_Bcast(&yes, 1, MPI_INT, 0, run->comm);
    return yes;
}

static int attach(struct xb_pipeline *p, uint64_t chunks, struct xb_timeline *t,
                  struct xb_error *err)
{
    *t = (struct xb_timeline){.first = p->total, .room = chunks};
    t->mark = calloc(chunks * (uint64_t)p->nstages, sizeof *t->mark);
    if (!t->mark)
        return xb_fail(err, "out of memory for the times of %llu chunks",
                       (unsigned long long)chunks);
    p->timeline = t;
    return XB_GO;
}

/* Median time of a chunk in stage i: from its start, or from the end of the chunk before it
 * where it had to wait for that; where it is starting that takes time, that. Last chunks of
 * transfers may be smaller and are left out. */
static double stage_time(const struct xb_timeline *t, int i, uint64_t per_op, bool whole)
{
    const struct xb_mark *mark = &t->mark[(uint64_t)i * t->room];
    double *us = calloc(t->room, sizeof *us), median = 0;
    struct xb_stats stats;
    size_t n = 0;

    for (uint64_t k = 0; us && k < t->room; k++) {
        if (!whole && per_op > 1 && k % per_op == per_op - 1)
            continue;
        double from = mark[k].start_us;
        if (k > 0 && mark[k - 1].done_us > from)
            from = mark[k - 1].done_us;
        double took = mark[k].done_us - from, start = mark[k].back_us - mark[k].start_us;
        us[n++] = took > start ? took : start;
    }
    if (n > 0 && xb_stats_compute(us, n, &stats) == 0)
        median = stats.median;
    free(us);
    return median;
}

static void write_notes(const struct xb_case_run *run, const struct xb_pipeline *p,
                        const struct xb_timeline *t, struct note *notes)
{
    uint64_t per_op = t->room / TRANSFERS;
    bool whole = run->c->bytes % run->c->chunk == 0;

    for (int i = 0; i < p->nstages; i++) {
        struct note *n = &notes[i];
        snprintf(n->name, sizeof n->name, "%s", p->stage[i].name);
        n->kind = p->stage[i].kind;
        n->rank = run->session->rank;
        n->us = stage_time(t, i, per_op, whole);
    }
}

/* The two ends of a message are one stage, as long as the longer of them. */
static void add_stage(struct xb_pipeline_times *times, const struct note *n, bool *wire)
{
    if (n->name[0] == '\0' || n->kind == XB_STAGE_SIGNAL)
        return;
    if (n->kind == XB_STAGE_WIRE && *wire) {
        struct xb_stage_time *message = &times->stage[times->nstages - 1];
        message->us = message->us > n->us ? message->us : n->us;
        return;
    }
    *wire = n->kind == XB_STAGE_WIRE;
    struct xb_stage_time *stage = &times->stage[times->nstages++];
    snprintf(stage->name, sizeof stage->name, "%s", *wire ? "message" : n->name);
    stage->rank = n->rank;
    stage->us = n->us;
}

/* On comm rank 0: the stages in the order that chunks take, source first, and the model's time.
 */
static void conclude(const struct xb_case_run *run, const struct note *all, uint64_t chunks,
                     struct xb_pipeline_times *times)
{
    const struct xb_lane *lane = &run->lanes.lane[0];
    double us[XB_MAX_STAGE_TIMES];
    bool wire = false;

    *times = (struct xb_pipeline_times){.chunks = chunks};
    for (int end = 0; end < (lane->src_rank == lane->dst_rank ? 1 : 2); end++)
        for (int m = 0; m < run->nmembers; m++)
            for (int i = 0; run->members[m] == (end ? lane->dst_rank : lane->src_rank) &&
                            i < XB_MAX_STAGES;
                 i++)
                add_stage(times, &all[m * XB_MAX_STAGES + i], &wire);
    for (int i = 0; i < times->nstages; i++)
        us[i] = times->stage[i].us;
    if (times->nstages == 0)
        return;
    times->model_us = xb_pipeline_time(
        us, times->nstages, (double)run->c->bytes / (double)run->c->chunk, run->c->depth);
    times->bottleneck = xb_pipeline_bottleneck(us, times->nstages);
    times->saturating_depth = xb_pipeline_saturating_depth(us, times->nstages);
}

/* Bars of the last observed transfer, of stages that do something. A chunk that was started
 * while the one before it was in the stage begins when that has left: bars of a lane do not
 * overlap. */
static size_t make_bars(const struct xb_case_run *run, const struct xb_pipeline *p,
                        const struct xb_timeline *t, struct xb_bar *bars)
{
    uint64_t per_op = t->room / TRANSFERS, first = t->room - per_op;
    bool behind = !(run->mine[0].t.roles & XB_ROLE_SRC); /* the source's stages come before */
    size_t n = 0;

    for (int i = 0; i < p->nstages; i++)
        for (uint64_t k = 0; p->stage[i].kind != XB_STAGE_SIGNAL && k < per_op; k++) {
            const struct xb_mark *mark = &t->mark[(uint64_t)i * t->room + first + k];
            bool waits = k > 0 && mark[-1].done_us > mark->start_us;
            bars[n] = (struct xb_bar){.rank = run->session->rank,
                                      .lane = i + (behind ? XB_MAX_STAGES : 0),
                                      .chunk = k,
                                      .start_us = waits ? mark[-1].done_us : mark->start_us,
                                      .done_us = mark->done_us};
            snprintf(bars[n++].stage, sizeof bars->stage, "%s", p->stage[i].name);
        }
    return n;
}

/* All members' bars on comm rank 0. Ranks of one node share a clock. */
static void gather_bars(const struct xb_case_run *run, const struct xb_bar *mine, size_t n,
                        struct xb_result *out)
{
    int bytes = (int)(n * sizeof *mine), total = 0;
    int *counts = calloc((size_t)run->nmembers, sizeof *counts);
    int *at = calloc((size_t)run->nmembers, sizeof *at);

    if (!counts || !at)
        abort(); /* the other ranks wait in the next call: there is no going on */
    MPI_Gather(&bytes, 1, MPI_INT, counts, 1, MPI_INT, 0, run->comm);
    for (int m = 0; m < run->nmembers && run->comm_rank == 0; m++) {
        at[m] = total;
        total += counts[m];
    }
    if (run->comm_rank == 0 && !(out->bars = malloc((size_t)total + 1)))
        abort();
    MPI_Gatherv(mine, bytes, MPI_BYTE, out->bars, counts, at, MPI_BYTE, 0, run->comm);
    out->nbars = (size_t)total / sizeof *mine;
    free(counts);
    free(at);
}

static int keep_trace(struct xb_case_run *run, const struct xb_pipeline *p,
                      const struct xb_timeline *t, struct xb_result *out, struct xb_error *err)
{
    size_t room = p ? (size_t)p->nstages * t->room : 0;
    struct xb_bar *bars = calloc(room + 1, sizeof *bars);
    int rc = xb_case_agree(run, bars ? XB_GO : xb_fail(err, "out of memory for a trace"), err);

    if (rc == XB_GO)
        gather_bars(run, bars, p ? make_bars(run, p, t, bars) : 0, out);
    free(bars);
    return rc;
}

int xb_observe_pipeline(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    struct xb_pipeline *p = NULL;
    struct xb_timeline t = {0};
    struct note notes[XB_MAX_STAGES] = {{.kind = 0}}, *all = NULL;
    double us;

    if (!is_observable(run) || !has_time(run, out))
        return XB_GO;
    uint64_t chunks = chunks_of(run->c);
    int rc = XB_GO;
    if (run->nmine > 0) {
        p = run->method->pipeline(run->mine[0].ctx);
        rc = attach(p, chunks * TRANSFERS, &t, err);
    }
    if (!(all = calloc((size_t)run->nmembers * XB_MAX_STAGES, sizeof *all)))
        rc = xb_fail(err, "out of memory");
    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO)
        rc = xb_case_agree(run, xb_rounds_run(run, TRANSFERS, &us, err), err);
    if (p)
        p->timeline = NULL;
    if (rc == XB_GO && p)
        write_notes(run, p, &t, notes);
    if (rc == XB_GO) {
        MPI_Gather(notes, (int)sizeof notes, MPI_BYTE, all, (int)sizeof notes, MPI_BYTE, 0,
                   run->comm);
        if (run->comm_rank == 0)
            conclude(run, all, chunks, &out->pipeline);
        /* clocks of two nodes have nothing to do with each other */
        if (run->options->trace && run->c->path.locality != XB_REMOTE)
            rc = keep_trace(run, p, &t, out, err);
    }
    free(t.mark);
    free(all);
    return rc;
}
