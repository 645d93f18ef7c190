/* SPDX-License-Identifier: BSD-3-Clause */
/* observe.c - what the stages of a pipelined transfer spend their time on. */
#include "engine/measure/observe.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/batch.h"
#include "engine/measure/clock_exchange.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/stages.h"
#include "engine/runtime/clock.h"
#include "model/figures/pipeline_model.h"

#define TRANSFERS  3     /* observed, one after the other */
#define MAX_CHUNKS 65536 /* of one transfer: what more of them would tell is little */
#define TIME_LEFT  10    /* so many transfers must still fit into the case's time */

/* What one rank saw of one of its stages; of the first and the last chunk of each transfer. */
struct note {
    char name[16];
    int kind, rank;
    double us, first_us;
    double first_start_us[TRANSFERS], first_done_us[TRANSFERS];
    double last_start_us[TRANSFERS], last_done_us[TRANSFERS];
};

static uint64_t chunks_of(const struct xb_case *c)
{
    return (c->bytes + c->chunk - 1) / c->chunk;
}

/* A case whose one lane is a pipeline, one transfer at a time. */
static bool is_observable(const struct xb_case_run *run)
{
    const struct xb_lane *lane = &run->round->lane[0];

    return run->method->pipeline && run->alone && run->round->count == 1 &&
           xb_lane_weight(lane, run->c->bytes) == 1 && run->c->window == 1 &&
           chunks_of(run->c) <= MAX_CHUNKS;
}

/* The first member says whether there is time: what was measured must not fail for being looked
 * into. */
static bool has_time(const struct xb_case_run *run, const struct xb_result *out)
{
    int yes = 0;

    if (xb_case_leads(run) && out->nsamples > 0)
        yes = run->deadline_us - xb_clock_us() >
              TIME_LEFT * TRANSFERS * out->samples_us[out->nsamples - 1];
    xb_team_share(&run->team, &yes, sizeof yes);
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

static double median(double us[TRANSFERS])
{
    qsort(us, TRANSFERS, sizeof *us, by_value);
    return us[TRANSFERS / 2];
}

/* Time in stage i of all chunks but the first of each transfer, and the last where that is
 * smaller; 0 where there are no others. scratch has room for all. */
static double stage_time(const struct xb_timeline *t, int i, bool whole, double *scratch)
{
    uint64_t per_op = t->room / TRANSFERS;
    size_t n = 0;

    for (uint64_t k = 0; k < t->room; k++)
        if (k % per_op != 0 && (whole || k % per_op != per_op - 1))
            scratch[n++] = busy_us(t, i, k);
    return trimmed_mean(scratch, n);
}

static void note_ends(const struct xb_timeline *t, int i, struct note *n)
{
    uint64_t per_op = t->room / TRANSFERS;
    double us[TRANSFERS];

    for (uint64_t op = 0; op < TRANSFERS; op++) {
        const struct xb_mark *first = &t->mark[(uint64_t)i * t->room + op * per_op];
        const struct xb_mark *last = first + per_op - 1;
        n->first_start_us[op] = first->start_us;
        n->first_done_us[op] = first->done_us;
        n->last_start_us[op] = last->start_us;
        n->last_done_us[op] = last->done_us;
        us[op] = busy_us(t, i, op * per_op);
    }
    n->first_us = median(us);
}

static void write_notes(const struct xb_case_run *run, const struct xb_pipeline *p,
                        const struct xb_timeline *t, double *scratch, struct note *notes)
{
    bool whole = run->c->bytes % run->c->chunk == 0;

    for (int i = 0; i < p->nstages; i++) {
        struct note *n = &notes[i];
        snprintf(n->name, sizeof n->name, "%s", p->stage[i].name);
        n->kind = p->stage[i].kind;
        n->rank = run->session->rank;
        note_ends(t, i, n);
        n->us = stage_time(t, i, whole, scratch);
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

/* The notes of the member that is this rank of the world. */
static const struct note *notes_of(const struct xb_case_run *run, const struct note *all,
                                   int rank)
{
    for (int m = 0; m < run->team.count; m++)
        if (run->team.member[m] == rank)
            return &all[m * XB_MAX_STAGES];
    return NULL;
}

/* On the first member: the stages in the order that chunks take, source first. */
static void list_stages(const struct xb_case_run *run, const struct note *all,
                        struct xb_pipeline_times *times)
{
    const struct xb_lane *lane = &run->round->lane[0];
    int ends[] = {lane->src_rank, lane->dst_rank};
    bool wire = false;

    for (int end = 0; end < (lane->src_rank == lane->dst_rank ? 1 : 2); end++) {
        const struct note *n = notes_of(run, all, ends[end]);
        for (int i = 0; n && i < XB_MAX_STAGES; i++)
            add_stage(times, &n[i], &wire);
    }
}

/* The first or the last of a rank's stages that tell another rank, or wait for it. */
static const struct note *signal_stage(const struct note *n, bool last)
{
    const struct note *found = NULL;

    for (int i = 0; n && i < XB_MAX_STAGES; i++)
        if (n[i].name[0] && n[i].kind == XB_STAGE_SIGNAL && (last || !found))
            found = &n[i];
    return found;
}

static double median_delay(const double *told_us, const double *learned_us)
{
    double us[TRANSFERS];

    for (int op = 0; op < TRANSFERS; op++)
        us[op] = fmax(0, learned_us[op] - told_us[op]);
    return median(us);
}

/* On the first member: what passes until one rank of a node, which share a clock, learns what
 * the other tells it, where nothing keeps it from looking: there of first chunks, back of last
 * ones. */
static void find_way(const struct xb_case_run *run, const struct note *all,
                     struct xb_pipeline_times *times)
{
    const struct xb_lane *lane = &run->round->lane[0];
    const struct note *src = signal_stage(notes_of(run, all, lane->src_rank), false);
    const struct note *arrive = signal_stage(notes_of(run, all, lane->dst_rank), false);
    const struct note *release = signal_stage(notes_of(run, all, lane->dst_rank), true);

    if (run->c->path.locality != XB_NODE || !src || !arrive)
        return;
    times->has_way = true;
    times->there_us = median_delay(src->first_start_us, arrive->first_done_us);
    times->back_us = median_delay(release->last_start_us, src->last_done_us);
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
            assert(bars); /* there is room for each chunk of each stage */
            bars[n] = (struct xb_bar){.rank = run->session->rank,
                                      .lane = i + (behind ? XB_MAX_STAGES : 0),
                                      .chunk = k,
                                      .start_us = waits ? mark[-1].done_us : mark->start_us,
                                      .done_us = mark->done_us};
            snprintf(bars[n++].stage, sizeof bars->stage, "%s", p->stage[i].name);
        }
    return n;
}

/* Gather what members have, so many bytes each, one behind the other with the first member.
 * Returns what the caller frees, there; NULL elsewhere. */
static void *gather(const struct xb_case_run *run, const void *mine, size_t bytes,
                    size_t *total)
{
    const struct xb_team *g = &run->team;
    int tag = xb_tag(g->epoch, XB_TAG_TEAM, 1);
    unsigned char *all;

    if (g->me > 0) {
        xb_team_send(g, g->member[0], tag, &bytes, sizeof bytes);
        if (bytes)
            xb_team_send(g, g->member[0], tag, mine, bytes);
        return NULL;
    }
    if (!(all = malloc(bytes + 1)))
        abort(); /* the other ranks wait for this one: there is no going on */
    memcpy(all, mine, bytes);
    *total = bytes;
    for (int m = 1; m < g->count; m++) {
        size_t more;
        xb_team_receive(g, g->member[m], tag, &more, sizeof more);
        unsigned char *longer = realloc(all, *total + more + 1);
        if (!longer)
            abort();
        all = longer;
        if (more)
            xb_team_receive(g, g->member[m], tag, all + *total, more);
        *total += more;
    }
    return all;
}

/* What observing takes of one rank. */
struct watch {
    struct xb_pipeline *pipeline; /* NULL where this rank has no part */
    struct xb_timeline timeline;
    double *scratch;
};

/* The times of bars by the clock of the first member, which is on another node. */
static void move_bars(const struct xb_clock_map *map, struct xb_bar *bars, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bars[i].start_us = xb_clock_map_there(map, bars[i].start_us);
        bars[i].done_us = xb_clock_map_there(map, bars[i].done_us);
        bars[i].clock_error_us = map->error_us;
    }
}

/* map: to the first member's clock, NULL where that is this rank's as well. */
static int keep_trace(struct xb_case_run *run, const struct watch *w,
                      const struct xb_clock_map *map, struct xb_result *out,
                      struct xb_error *err)
{
    const struct xb_pipeline *p = w->pipeline;
    size_t room = p ? (size_t)p->nstages * w->timeline.room : 0;
    struct xb_bar *bars = calloc(room + 1, sizeof *bars);
    int rc = xb_case_agree(run, bars ? XB_GO : xb_fail(err, "out of memory for a trace"), err);

    if (rc == XB_GO) {
        size_t total = 0, n = p ? make_bars(run, p, &w->timeline, bars) : 0;
        if (map)
            move_bars(map, bars, n);
        size_t bytes = n * sizeof *bars;
        out->bars = gather(run, bars, bytes, &total);
        out->nbars = total / sizeof *bars;
    }
    free(bars);
    return rc;
}

/* From what all members saw to what is reported. */
static void conclude(const struct xb_case_run *run, const struct note *all, uint64_t chunks,
                     struct xb_pipeline_times *times)
{
    *times = (struct xb_pipeline_times){.chunks = chunks};
    list_stages(run, all, times);
    find_way(run, all, times);
    apply_model(run->c, times);
}

static int open_watch(const struct xb_case_run *run, uint64_t chunks, struct watch *w,
                      struct xb_error *err)
{
    uint64_t room = chunks * TRANSFERS;

    w->scratch = calloc(room, sizeof *w->scratch);
    if (!w->scratch)
        return xb_fail(err, "out of memory");
    if (run->nmine == 0)
        return XB_GO;
    struct xb_pipeline *p = run->method->pipeline(run->mine[0].ctx);
    if (attach(p, room, &w->timeline, err) < 0)
        return XB_ERROR;
    w->pipeline = p;
    return XB_GO;
}

static void close_watch(struct watch *w)
{
    if (w->pipeline)
        w->pipeline->timeline = NULL;
    free(w->timeline.mark);
    free(w->scratch);
}

static int transfer(struct xb_case_run *run, struct xb_error *err)
{
    int batches = xb_case_one_by_one(run) ? TRANSFERS : 1, rc = XB_GO;
    double us;

    for (int i = 0; rc == XB_GO && i < batches; i++)
        rc = xb_batch_run(run, TRANSFERS / batches, &us, err);
    return rc;
}

int xb_observe_pipeline(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    struct note notes[XB_MAX_STAGES] = {{.kind = 0}};
    struct watch w = {0};
    struct xb_error none;

    if (!is_observable(run) || !has_time(run, out))
        return XB_GO;
    uint64_t chunks = chunks_of(run->c);
    bool traced = run->options->trace, apart = traced && run->c->path.locality == XB_REMOTE;
    struct xb_clock_exchange before[XB_CLOCK_EXCHANGES], after[XB_CLOCK_EXCHANGES];
    /* what was measured does not fail for want of memory to look into it */
    int opened = open_watch(run, chunks, &w, &none) < 0 ? XB_SKIP : XB_GO;
    bool ready = xb_case_agree(run, opened, &none) == XB_GO;
    if (ready && apart)
        xb_clock_exchange(&run->team, before);
    int rc = ready ? transfer(run, err) : XB_GO;
    if (ready && rc == XB_GO && apart)
        xb_clock_exchange(&run->team, after);
    if (ready && rc == XB_GO) {
        if (w.pipeline)
            write_notes(run, w.pipeline, &w.timeline, w.scratch, notes);
        size_t total;
        struct note *all = gather(run, notes, sizeof notes, &total);
        if (all)
            conclude(run, all, chunks, &out->pipeline);
        free(all);
        /* ranks of one node share a clock */
        bool moved = apart && run->team.me > 0;
        struct xb_clock_map map = {0};
        if (moved)
            map = xb_clock_map_make(before, XB_CLOCK_EXCHANGES, after, XB_CLOCK_EXCHANGES);
        if (traced)
            rc = keep_trace(run, &w, moved ? &map : NULL, out, err);
    }
    close_watch(&w);
    return rc;
}
