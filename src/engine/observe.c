/* observe.c - what the stages of a pipelined transfer spend their time on. */
#include "engine/case_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/pipeline.h"
#include "engine/stages.h"
#include "model/pipeline_model.h"

#define TRANSFERS  3     /* observed, one after the other */
#define MAX_CHUNKS 65536 /* of one transfer: what more of them would tell is little */
#define TIME_LEFT  10    /* so many transfers must still fit into the case's time */

/* What one rank saw of one of its stages. */
struct note {
    char name[16];
    int kind, rank;
    double us, first_us;
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

/* What a chunk kept stage i busy: from its start, or from the end of the chunk before it where
 * it had to wait for that; where it is starting that takes time, that. */
static double busy_us(const struct xb_timeline *t, int i, uint64_t k)
{
    const struct xb_mark *mark = &t->mark[(uint64_t)i * t->room + k];
    double from = mark->start_us;

    if (k > 0 && mark[-1].done_us > from)
        from = mark[-1].done_us;
    return fmax(mark->done_us - from, mark->back_us - mark->start_us);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The mean, which is what an interval comes to where times differ, without the largest
 * twentieth, in which something else had the processor. */
static double trimmed_mean(double *us, size_t n)
{
    double sum = 0;
    size_t kept = n - n / 20;

    qsort(us, n, sizeof *us, by_value);
    for (size_t i = 0; i < kept; i++)
        sum += us[i];
    return n ? sum / (double)kept : 0;
}

/* Of the first chunk of each transfer, or of all others, of which the last may be smaller and
 * is left out then. */
static double stage_time(const struct xb_timeline *t, int i, bool first, bool whole)
{
    uint64_t per_op = t->room / TRANSFERS;
    double *us = calloc(t->room, sizeof *us), mean = 0;
    size_t n = 0;

    for (uint64_t k = 0; us && k < t->room; k++) {
        if (first != (k % per_op == 0) || (!first && !whole && k % per_op == per_op - 1))
            continue;
        us[n++] = busy_us(t, i, k);
    }
    if (us)
        mean = trimmed_mean(us, n);
    free(us);
    return mean;
}

static void write_notes(const struct xb_case_run *run, const struct xb_pipeline *p,
                        const struct xb_timeline *t, struct note *notes)
{
    bool whole = run->c->bytes % run->c->chunk == 0;

    for (int i = 0; i < p->nstages; i++) {
        struct note *n = &notes[i];
        snprintf(n->name, sizeof n->name, "%s", p->stage[i].name);
        n->kind = p->stage[i].kind;
        n->rank = run->session->rank;
        n->first_us = stage_time(t, i, true, true);
        n->us = stage_time(t, i, false, whole);
        if (n->us == 0) /* there is one chunk, or one and a smaller one */
            n->us = n->first_us;
    }
}

/* The two ends of a message are one stage, as long as the longer of them. What the receiver's
 * first one takes is mostly waiting for the sender's chunk. */
static void add_stage(struct xb_pipeline_times *times, const struct note *n, bool *wire)
{
    if (n->name[0] == '\0' || n->kind == XB_STAGE_SIGNAL)
        return;
    if (n->kind == XB_STAGE_WIRE && *wire) {
        struct xb_stage_time *message = &times->stage[times->nstages - 1];
        message->us = fmax(message->us, n->us);
        message->first_us = fmax(message->first_us, message->us);
        return;
    }
    *wire = n->kind == XB_STAGE_WIRE;
    struct xb_stage_time *stage = &times->stage[times->nstages++];
    snprintf(stage->name, sizeof stage->name, "%s", *wire ? "message" : n->name);
    stage->rank = n->rank;
    stage->us = n->us;
    stage->first_us = n->first_us;
}

/* On comm rank 0: the stages in the order that chunks take, source first. */
static void list_stages(const struct xb_case_run *run, const struct note *all,
                        struct xb_pipeline_times *times)
{
    const struct xb_lane *lane = &run->lanes.lane[0];
    bool wire = false;

    for (int end = 0; end < (lane->src_rank == lane->dst_rank ? 1 : 2); end++)
        for (int m = 0; m < run->nmembers; m++)
            for (int i = 0; run->members[m] == (end ? lane->dst_rank : lane->src_rank) &&
                            i < XB_MAX_STAGES;
                 i++)
                add_stage(times, &all[m * XB_MAX_STAGES + i], &wire);
}

/* ---- what a chunk's way takes between the stages of two ranks ---- */

/* When this rank told the other of each chunk, and learned from it: there[] and back[] of room
 * chunks each. Zeros where it has no stages that signal. */
static void note_signals(const struct xb_pipeline *p, const struct xb_timeline *t, bool is_src,
                         double *there, double *back)
{
    int first = -1, last = -1;

    for (int i = 0; i < p->nstages; i++)
        if (p->stage[i].kind == XB_STAGE_SIGNAL) {
            first = first < 0 ? i : first;
            last = i;
        }
    for (uint64_t k = 0; first >= 0 && k < t->room; k++) {
        const struct xb_mark *a = &t->mark[(uint64_t)first * t->room + k];
        const struct xb_mark *b = &t->mark[(uint64_t)last * t->room + k];
        there[k] = is_src ? a->start_us : a->done_us;
        back[k] = is_src ? b->done_us : b->start_us;
    }
}

static double mean_delay(const double *told, const double *learned, uint64_t n, double *us)
{
    for (uint64_t k = 0; k < n; k++)
        us[k] = fmax(0, learned[k] - told[k]);
    return trimmed_mean(us, n);
}

/* On comm rank 0, from both ranks' times: there and back of each in a row. */
static int conclude_way(const struct xb_case_run *run, const double *all, uint64_t room,
                        struct xb_pipeline_times *times, struct xb_error *err)
{
    int src = run->members[0] == run->lanes.lane[0].src_rank ? 0 : 1;
    const double *at_src = all + (uint64_t)src * 2 * room;
    const double *at_dst = all + (uint64_t)(1 - src) * 2 * room;
    double *us = calloc(room, sizeof *us);

    if (!us)
        return xb_fail(err, "out of memory");
    times->has_way = at_src[0] > 0 && at_dst[0] > 0;
    if (times->has_way) {
        times->there_us = mean_delay(at_src, at_dst, room, us);
        times->back_us = mean_delay(at_dst + room, at_src + room, room, us);
    }
    free(us);
    return XB_GO;
}

/* Two ranks of a node share a clock; others have no such times. All members call it alike. */
static int observe_way(struct xb_case_run *run, const struct xb_pipeline *p,
                       const struct xb_timeline *t, uint64_t room,
                       struct xb_pipeline_times *times, struct xb_error *err)
{
    int n = (int)(2 * room);
    int rc = XB_GO;

    if (run->c->path.locality != XB_NODE || run->nmembers != 2)
        return XB_GO;
    double *mine = calloc(2 * room, sizeof *mine);
    double *all = run->comm_rank == 0 ? calloc(4 * room, sizeof *all) : NULL;
    if (!mine || (run->comm_rank == 0 && !all))
        rc = xb_fail(err, "out of memory for the times of chunks");
    else if (p)
        note_signals(p, t, run->mine[0].t.roles & XB_ROLE_SRC, mine, mine + room);
    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO) {
        MPI_Gather(mine, n, MPI_DOUBLE, all, n, MPI_DOUBLE, 0, run->comm);
        if (run->comm_rank == 0)
            rc = conclude_way(run, all, room, times, err);
    }
    free(mine);
    free(all);
    return xb_case_agree(run, rc, err);
}

/* What the model makes of it. */
static void apply_model(const struct xb_case *c, struct xb_pipeline_times *times)
{
    double us[XB_MAX_STAGE_TIMES];
    struct xb_way way = {.there_us = times->there_us, .back_us = times->back_us};

    if (times->nstages == 0)
        return;
    for (int i = 0; i < times->nstages; i++) {
        us[i] = times->stage[i].us;
        way.first_us += times->stage[i].first_us - us[i];
    }
    times->model_us = xb_pipeline_time(us, times->nstages, way,
                                       (double)c->bytes / (double)c->chunk, c->depth);
    times->bottleneck = xb_pipeline_bottleneck(us, times->nstages);
    times->saturating_depth = xb_pipeline_saturating_depth(us, times->nstages, way);
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

/* From what all members saw to what rank 0 reports. */
static int conclude(struct xb_case_run *run, const struct xb_pipeline *p,
                    const struct xb_timeline *t, struct note *all, uint64_t chunks,
                    struct xb_result *out, struct xb_error *err)
{
    struct note notes[XB_MAX_STAGES] = {{.kind = 0}};
    struct xb_pipeline_times *times = &out->pipeline;

    if (p)
        write_notes(run, p, t, notes);
    MPI_Gather(notes, (int)sizeof notes, MPI_BYTE, all, (int)sizeof notes, MPI_BYTE, 0,
               run->comm);
    *times = (struct xb_pipeline_times){.chunks = chunks};
    if (run->comm_rank == 0)
        list_stages(run, all, times);
    int rc = observe_way(run, p, t, chunks * TRANSFERS, times, err);
    if (run->comm_rank == 0)
        apply_model(run->c, times);
    return rc;
}

int xb_observe_pipeline(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    struct xb_pipeline *p = NULL;
    struct xb_timeline t = {0};
    struct note *all = NULL;
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
    if (rc == XB_GO)
        rc = conclude(run, p, &t, all, chunks, out, err);
    /* clocks of two nodes have nothing to do with each other */
    if (rc == XB_GO && run->options->trace && run->c->path.locality != XB_REMOTE)
        rc = keep_trace(run, p, &t, out, err);
    free(t.mark);
    free(all);
    return rc;
}
