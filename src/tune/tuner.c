/* SPDX-License-Identifier: BSD-3-Clause */
/* tuner.c - measures candidates, and looks for chunk and depth. */
#include "tune/tuner.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "engine/methods/method.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/watchdog.h"
#include "model/figures/stats.h"
#include "tune/tuner_internal.h"

/* Chunks that are tried: 2^k and 3 * 2^k. */
#define CHUNK_MIN 4096ull
#define CHUNK_MAX (64ull << 20)
#define DEPTH_MAX 8

/* Stages are observed at these, with enough of them in flight. */
#define FIT_BYTES   (32ull << 20)
#define FIT_SMALL   (256ull << 10)
#define FIT_LARGE   (4ull << 20)
#define FIT_DEPTH   4
#define WORTH_IT    0.995        /* a time below this share of the best is better */
#define WHOLE_BELOW (1ull << 20) /* sizes for which no chunks at all are tried as well */

void xb_trial_outcome_of(const struct xb_result *result, double wall_us,
                         struct xb_trial_outcome *out)
{
    const struct xb_stats *time = &result->time;

    *out = (struct xb_trial_outcome){.wall_us = wall_us, .pipeline = result->pipeline};
    if (result->status != XB_OK || time->n == 0)
        return;
    out->ok = 1;
    out->us = out->ci_lo_us = out->ci_hi_us = time->median;
    if (time->has_ci) {
        out->ci_lo_us = time->ci_lo;
        out->ci_hi_us = time->ci_hi;
        return;
    }
    for (size_t i = 0; i < result->npasses; i++) {
        out->ci_lo_us = fmin(out->ci_lo_us, result->passes_us[i]);
        out->ci_hi_us = fmax(out->ci_hi_us, result->passes_us[i]);
    }
}

int xb_tuner_agree(const struct xb_tuner *tuner, int rc, struct xb_error *err)
{
    const struct xb_session *s = tuner->session;

    rc = xb_agree(s->world, rc < 0 ? XB_ERROR : XB_GO, s->rank, s->ranks[s->rank].host, err);
    return rc == XB_GO ? 0 : -1;
}

static void note_current(struct xb_tuner *tuner, const struct xb_case *c)
{
    xb_watchdog_lock();
    tuner->current = c;
    xb_watchdog_unlock();
}

double xb_tuner_carry_out(struct xb_tuner *tuner, const struct xb_case *c,
                          const struct xb_exec_options *options, struct xb_result *out)
{
    xb_tuner_exec exec = tuner->carry_out ? tuner->carry_out : xb_exec_case;
    double start_us = xb_clock_us();

    note_current(tuner, c);
    xb_watch_step(XB_LIMIT_NONE, "%s", c->id);
    if (tuner->session->rank == 0)
        xb_watch_due(tuner->exec.timeout_s + xb_method_grace_s(c));
    exec(tuner->session, c, options, out);
    xb_watch_step(XB_LIMIT_DECISION, "deciding what is measured next");
    note_current(tuner, NULL);
    return xb_clock_us() - start_us;
}

/* Measure a case and tell the sink, then all ranks; returns what this rank came to. */
static int carry_out(struct xb_tuner *tuner, const struct xb_case *c, enum xb_measured which,
                     struct xb_trial_outcome *out, struct xb_error *err)
{
    struct xb_result result;
    double wall_us = xb_tuner_carry_out(tuner, c, &tuner->exec, &result);
    int rc = 0;

    if (tuner->session->rank == 0) {
        xb_trial_outcome_of(&result, wall_us, out);
        rc = tuner->sink ? tuner->sink(tuner->arg, c, &result, which, err) : 0;
        xb_log_detail("%s: %s, %.2f us", c->id, xb_status_name(result.status), out->us);
    }
    xb_result_release(&result);
    MPI_Bcast(out, (int)sizeof *out, MPI_BYTE, 0, tuner->session->world);
    return rc;
}

/* Append a trial; its index. */
static int add_trial(struct xb_tuner *tuner, const struct xb_trial *t, size_t *index,
                     struct xb_error *err)
{
    *index = tuner->trials.count;
    return xb_trials_add(&tuner->trials, t) < 0
               ? xb_fail(err, "out of memory for what was measured")
               : 0;
}

/* The index of the trial with that id, if there is one. */
static bool find_trial(const struct xb_tuner *tuner, const char *id, size_t *index)
{
    const struct xb_trial *known = xb_trials_find(&tuner->trials, id);

    if (known)
        *index = (size_t)(known - tuner->trials.trial);
    return known != NULL;
}

int xb_tuner_ask(struct xb_tuner *tuner, const struct xb_case *c, size_t *index,
                 struct xb_error *err)
{
    struct xb_trial t = {.c = *c, .asked = true};

    if (tuner->passes <= 1)
        return xb_tuner_measure(tuner, c, index, err);
    if (xb_case_make_id(&t.c, err) < 0) /* the same on all ranks */
        return -1;
    if (find_trial(tuner, t.c.id, index))
        return 0;
    return xb_tuner_agree(tuner, add_trial(tuner, &t, index, err), err);
}

int xb_tuner_measure(struct xb_tuner *tuner, const struct xb_case *c, size_t *index,
                     struct xb_error *err)
{
    struct xb_trial t = {.c = *c};
    struct xb_trial_outcome out;

    if (xb_case_make_id(&t.c, err) < 0) /* the same on all ranks */
        return -1;
    if (find_trial(tuner, t.c.id, index))
        return 0;
    int rc = carry_out(tuner, &t.c, XB_MEASURED_FIRST, &out, err);
    t.ok = out.ok;
    t.us = t.best_us = out.us;
    t.ci_lo_us = out.ci_lo_us;
    t.ci_hi_us = out.ci_hi_us;
    t.wall_us = out.wall_us;
    t.pipeline = out.pipeline;
    if (add_trial(tuner, &t, index, err) < 0)
        rc = -1;
    return xb_tuner_agree(tuner, rc, err);
}

int xb_tuner_again(struct xb_tuner *tuner, size_t index, struct xb_error *err)
{
    struct xb_case c = tuner->trials.trial[index].c;
    struct xb_trial_outcome out;

    if (!tuner->trials.trial[index].ok) /* on all ranks */
        return 0;
    int rc = carry_out(tuner, &c, XB_MEASURED_AGAIN, &out, err);
    struct xb_trial *t = &tuner->trials.trial[index];
    t->ok = t->again = out.ok;
    tuner->spoiled += !out.ok;
    if (out.ok && out.us < t->best_us)
        t->best_us = out.us;
    return xb_tuner_agree(tuner, rc, err);
}

/* ---- what the stages cost ---- */

static bool is_like(const struct xb_case *a, const struct xb_case *b)
{
    const struct xb_point here = xb_point_of(a), there = xb_point_of(b);

    return xb_same_line(&here, &there) && xb_same_method(a, b);
}

/* Observe the stages at two sizes of a chunk; the way between them at the smaller one, which
 * keeps no rank from looking. */
static int fit(struct xb_tuner *tuner, const struct xb_case *c, struct xb_stage_fit *f,
               struct xb_error *err)
{
    static const uint64_t chunks[2] = {FIT_SMALL, FIT_LARGE};
    struct xb_pipeline_times times[2];
    struct xb_case probe = *c;
    size_t index;

    probe.bytes = FIT_BYTES;
    probe.depth = FIT_DEPTH;
    for (int i = 0; i < 2; i++) {
        probe.chunk = chunks[i];
        if (xb_tuner_measure(tuner, &probe, &index, err) < 0)
            return -1;
        times[i] = tuner->trials.trial[index].pipeline;
    }
    f->like = *c;
    f->nstages = times[0].nstages == times[1].nstages ? times[0].nstages : 0;
    f->has_way = times[0].has_way;
    f->way = (struct xb_way){.there_us = times[0].there_us, .back_us = times[0].back_us};
    for (int i = 0; i < f->nstages; i++)
        f->cost[i] =
            xb_stage_cost_fit(FIT_SMALL, times[0].stage[i].us, FIT_LARGE, times[1].stage[i].us);
    return 0;
}

static int find_fit(struct xb_tuner *tuner, const struct xb_case *c,
                    const struct xb_stage_fit **out, struct xb_error *err)
{
    static const struct xb_stage_fit unknown;

    if (xb_case_shape(c).blocks > 1) { /* what stages cost depends on the blocks' size */
        *out = &unknown;
        return 0;
    }
    for (size_t i = 0; i < tuner->nfits; i++)
        if (is_like(&tuner->fits[i].like, c)) {
            *out = &tuner->fits[i];
            return 0;
        }
    if (tuner->nfits == XB_MAX_FITS) {
        if (tuner->session->rank == 0)
            xb_log_warn("%s: more than %d pipelines: its search begins without the model",
                        c->id, XB_MAX_FITS);
        *out = &unknown;
        return 0;
    }
    *out = &tuner->fits[tuner->nfits];
    return fit(tuner, c, &tuner->fits[tuner->nfits++], err);
}

/* ---- chunk and depth ---- */

/* The chunk of step i: 4 KiB, 6, 8, 12, 16 KiB, ... */
static uint64_t chunk_of(int step)
{
    uint64_t octave = CHUNK_MIN << (step / 2);
    return step % 2 ? octave / 2 * 3 : octave;
}

static int step_near(double chunk)
{
    int best = 0;
    for (int i = 1; chunk_of(i) <= CHUNK_MAX; i++)
        if (fabs(log((double)chunk_of(i) / chunk)) < fabs(log((double)chunk_of(best) / chunk)))
            best = i;
    return best;
}

/* The best so far of one search. */
struct search {
    struct xb_tuner *tuner;
    struct xb_case c;
    double us;    /* 0 while nothing was ok */
    int step;     /* of its chunk; -1 for the whole without a step of its own */
    int depth;    /* with which chunks are tried */
    size_t index; /* of its trial */
    bool found;
};

/* A chunk, of blocks so many whole ones, and depth as a case: false where there is none. A
 * whole has nothing to overlap with. */
static bool candidate(const struct search *s, int step, int depth, struct xb_case *out)
{
    *out = s->c;
    out->chunk = step < 0 ? s->c.bytes : xb_chunk_of_blocks(&s->c, chunk_of(step));
    out->depth = out->chunk < s->c.bytes ? depth : 1;
    return out->chunk <= s->c.bytes && (step < 0 || chunk_of(step) <= CHUNK_MAX) &&
           depth >= 1 && depth <= DEPTH_MAX;
}

static int try_one(struct search *s, int step, int depth, bool *better, struct xb_error *err)
{
    struct xb_case c;
    size_t index;

    *better = false;
    if (!candidate(s, step, depth, &c))
        return 0;
    if (xb_tuner_measure(s->tuner, &c, &index, err) < 0)
        return -1;
    const struct xb_trial *t = &s->tuner->trials.trial[index];
    if (!t->ok || (s->found && t->us >= WORTH_IT * s->us))
        return 0;
    *better = true;
    s->found = true;
    s->us = t->us;
    s->c = t->c;
    s->index = index;
    s->step = step;
    s->depth = depth;
    return 0;
}

/* Go on in one direction, an octave at a time, while that is better. */
static int climb(struct search *s, int by, struct xb_error *err)
{
    bool better = true;

    while (better && s->step + by >= 0)
        if (try_one(s, s->step + by, s->depth, &better, err) < 0)
            return -1;
    return 0;
}

/* What a chunk was measured to take, or 0. */
static double known_us(const struct search *s, int step)
{
    struct xb_case c;
    struct xb_error none;

    if (step < 0 || !candidate(s, step, s->depth, &c) || xb_case_make_id(&c, &none) < 0)
        return 0;
    const struct xb_trial *t = xb_trials_find(&s->tuner->trials, c.id);
    return t && t->ok ? t->us : 0;
}

/* Two steps to either side the best chunk was worse, or there is none. One step aside it may be
 * better on the side of the better of the two; on either where there is but one. */
static int refine(struct search *s, struct xb_error *err)
{
    double below = known_us(s, s->step - 2), above = known_us(s, s->step + 2);
    int by = above == 0 || (below > 0 && below < above) ? -1 : 1;
    int start = s->step;
    bool better = false;

    if (start + by >= 0 && try_one(s, start + by, s->depth, &better, err) < 0)
        return -1;
    if (better || (above > 0 && below > 0) || start - by < 0)
        return 0;
    return try_one(s, start - by, s->depth, &better, err);
}

static int find_chunk(struct search *s, struct xb_error *err)
{
    return climb(s, 2, err) < 0 || climb(s, -2, err) < 0 || refine(s, err) < 0 ? -1 : 0;
}

/* More depth as long as that is better, or one less. */
static int find_depth(struct search *s, struct xb_error *err)
{
    int start = s->depth, next = start;
    bool better = true;

    while (better && next < DEPTH_MAX) {
        next = 2 * next < DEPTH_MAX ? 2 * next : DEPTH_MAX;
        if (try_one(s, s->step, next, &better, err) < 0)
            return -1;
    }
    return s->depth > start ? 0 : try_one(s, s->step, start - 1, &better, err);
}

/* Where the model says that the best chunk is, and the depth that keeps its slowest stage busy,
 * with one more for what it does not know; all there is where the way is not known. */
static void start_point(const struct xb_stage_fit *f, const struct xb_case *c, int *step,
                        int *depth)
{
    double us[XB_MAX_STAGE_TIMES], chunk = (double)c->chunk;

    *depth = c->depth;
    if (f->nstages > 0) {
        chunk = xb_pipeline_best_chunk(f->cost, f->nstages, (double)c->bytes);
        for (int i = 0; i < f->nstages; i++)
            us[i] = f->cost[i].overhead_us + chunk * f->cost[i].us_per_byte;
        *depth = xb_pipeline_saturating_depth(us, f->nstages, f->way) + 1;
        if (!f->has_way && c->path.locality != XB_SELF) /* between nodes it may be long */
            *depth = DEPTH_MAX;
    }
    *step = step_near(fmin(chunk, (double)c->bytes));
    while (*step > 0 && chunk_of(*step) > c->bytes)
        --*step;
    if (*depth > DEPTH_MAX)
        *depth = DEPTH_MAX;
}

int xb_tuner_search(struct xb_tuner *tuner, const struct xb_case *c, struct xb_error *err)
{
    struct search s = {.tuner = tuner, .c = *c};
    const struct xb_stage_fit *f = NULL;
    int step, depth;
    bool better;

    for (size_t i = 0; i < tuner->nfound; i++) {
        const struct xb_case *known = &tuner->trials.trial[tuner->found[i]].c;
        if (is_like(known, c) && known->bytes == c->bytes)
            return 0; /* the scenario names it with another chunk or depth */
    }
    if (find_fit(tuner, c, &f, err) < 0)
        return -1;
    start_point(f, c, &step, &depth);
    if (try_one(&s, step, depth, &better, err) < 0)
        return -1;
    if (s.found && (find_chunk(&s, err) < 0 || find_depth(&s, err) < 0))
        return -1;
    if ((c->bytes <= WHOLE_BELOW || !s.found) && try_one(&s, -1, 1, &better, err) < 0)
        return -1;
    if (!s.found)
        return 0;
    if (tuner->nfound == XB_MAX_FOUND)
        return xb_fail(err, "more than %d pipelined cases", XB_MAX_FOUND);
    tuner->found[tuner->nfound++] = s.index;
    return 0;
}
