/* SPDX-License-Identifier: BSD-3-Clause */
/* build_case.c - what each case gave, as it stands in a report. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/topology/link_class.h"
#include "model/figures/stats.h"
#include "model/figures/trend.h"
#include "report/build_rounds.h"
#include "report/drift.h"
#include "report/pipeline_part.h"
#include "report/tables.h"

/* p90 and p99 are of at least so many single transfers. */
#define LEAST_FOR_P90 10
#define LEAST_FOR_P99 100

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for the report");
}

/* Null where it is 0, which stands for what is not known. */
static double known(double value)
{
    return value > 0 ? value : NAN;
}

/* What a case is called in JSON, read into a struct as a report's reader does. */
static int read_made(cJSON *json, const struct xb_field *table, void *out, struct xb_error *err)
{
    struct xb_json doc = {.name = (char[]){"case"}, .root = json};
    struct xb_node root = xb_json_root(&doc);
    int rc =
        json ? xb_fields_read(table, &root, XB_REPORT_VERSION, out, err) : out_of_memory(err);

    cJSON_Delete(json);
    return rc;
}

static int fill_key(const struct xb_case *c, struct xb_report_key *key, struct xb_error *err)
{
    return read_made(xb_case_key_json(c), xb_report_key_fields, key, err);
}

static int fill_chosen(const struct xb_choice *choice, struct xb_report_choice *out,
                       struct xb_error *err)
{
    if (!choice->method)
        return 0;
    out->there = true;
    return read_made(xb_choice_json(choice), xb_report_choice_fields, out, err);
}

/* A sample of several transfers is a mean, which says nothing about single slow ones: no
 * percentiles then. */
static void fill_time(const struct xb_result *result, struct xb_report_time *out)
{
    const struct xb_stats *s = &result->time;
    size_t singles = result->ops_per_sample <= 1 ? s->n : 0;

    *out = (struct xb_report_time){
        .there = true,
        .min = s->min,
        .median = s->median,
        .ci_lo = s->has_ci ? s->ci_lo : NAN,
        .ci_hi = s->has_ci ? s->ci_hi : NAN,
        .p90 = singles >= LEAST_FOR_P90 ? s->p90 : NAN,
        .p99 = singles >= LEAST_FOR_P99 ? s->p99 : NAN,
        .max = s->max,
        .mean = s->mean,
        .cv = s->cv,
        .device_median = result->has_device_time ? result->device_time_us : NAN,
    };
}

/* The slow end of the time is the low end of the bandwidth. */
static void fill_bandwidth(const struct xb_stats *s, double bytes, struct xb_report_rate *out)
{
    *out = (struct xb_report_rate){
        .there = true,
        .median = s->median > 0 ? xb_gb_per_s(bytes, s->median) : NAN,
        .ci_lo = s->has_ci && s->ci_hi > 0 ? xb_gb_per_s(bytes, s->ci_hi) : NAN,
        .ci_hi = s->has_ci && s->ci_lo > 0 ? xb_gb_per_s(bytes, s->ci_lo) : NAN,
    };
}

/* Of transfers timed one by one, or of the samples where each is one transfer. */
static int fill_op_time(const struct xb_result *result, struct xb_report_op_time *out,
                        struct xb_error *err)
{
    struct xb_stats s = result->time;

    if (result->ops_per_sample != 1) {
        if (result->nop_samples == 0)
            return 0;
        if (xb_stats_compute(result->op_samples_us, result->nop_samples, &s) != 0)
            return out_of_memory(err);
        xb_thinning_apply(&result->op_thinned, &s);
    }
    if (s.n > 0)
        *out = (struct xb_report_op_time){
            .there = true,
            .n = (int64_t)s.n,
            .min = s.min,
            .median = s.median,
            .p90 = s.n >= LEAST_FOR_P90 ? s.p90 : NAN,
            .p99 = s.n >= LEAST_FOR_P99 ? s.p99 : NAN,
            .max = s.max,
        };
    return 0;
}

static int fill_timing(const struct xb_result *result, struct xb_report_timing *out)
{
    out->there = true;
    out->ops_per_sample = result->ops_per_sample;
    out->n = (int64_t)result->time.n;
    out->passes = result->passes > 0 ? result->passes : -1;
    const struct xb_text_copy copies[] = {
        {"host_monotonic_raw", &out->clock},
        {result->passes_asked > 1 ? "passes" : "samples", &out->interval},
        {xb_stop_name(result->stop), &out->stop_reason}};
    return xb_text_copies(copies, sizeof(copies) / sizeof(copies[0]));
}

static void fill_setup(const struct xb_setup *s, struct xb_report_setup *out)
{
    *out = (struct xb_report_setup){
        .there = isfinite(s->total) || isfinite(s->open) || isfinite(s->register_) ||
                 isfinite(s->map) || isfinite(s->first),
        .total = s->total,
        .start = s->start,
        .open = s->open,
        .register_ = s->register_,
        .map = s->map,
        .first = s->first,
    };
}

static void fill_carried(bool there, const double *carried, struct xb_report_carried *out)
{
    out->there = there;
    for (int w = 0; there && w < XB_WIRES; w++)
        out->by[w] = carried[w] < 0 ? NAN : carried[w];
}

static void fill_verify(const struct xb_verify *v, struct xb_report_verify *out)
{
    if (v->done)
        *out = (struct xb_report_verify){
            .there = true,
            .checked_bytes = (int64_t)v->checked_bytes,
            .stamped_batches = (int64_t)v->stamped_batches,
            .wrong_bytes = (int64_t)v->wrong_bytes,
            .first_bad_offset = v->wrong_bytes ? (int64_t)v->first_bad : -1,
        };
}

static int fill_figures(const struct xb_result *result, struct xb_named_numbers *out)
{
    if (result->nfigures == 0)
        return 0;
    out->item = calloc(result->nfigures, sizeof(*out->item));
    if (!out->item)
        return -1;
    for (; out->n < result->nfigures; out->n++) {
        out->item[out->n].value = result->figures[out->n].value;
        out->item[out->n].name = strdup(result->figures[out->n].name);
        if (!out->item[out->n].name)
            return -1;
    }
    return 0;
}

static int copy_numbers(const double *from, size_t n, struct xb_numbers *to)
{
    if (n == 0 || !from)
        return 0;
    to->value = malloc(n * sizeof(*to->value));
    if (!to->value)
        return -1;
    memcpy(to->value, from, n * sizeof(*to->value));
    to->n = n;
    return 0;
}

/* ---- its lanes ---- */

static int fill_lane(const struct xb_lane_result *l, double bytes, struct xb_report_lane *out)
{
    const struct xb_stats *s = &l->time;

    xb_fields_clear(xb_report_lane_fields, out);
    out->status = (int)l->status;
    out->transfers = (int64_t)s->n * l->ops_per_sample;
    if (l->bytes > 0 && bytes > 0) { /* a method that moves nothing moves none of them */
        out->bytes = (int64_t)l->bytes;
        bytes = (double)l->bytes;
    }
    if (s->n > 0) {
        out->time_us = xb_build_time(s);
        out->gb_per_s = s->median > 0 ? xb_gb_per_s(bytes, s->median) : NAN;
    }
    out->ceiling_gb_per_s = known(l->ceiling_gb_per_s);
    out->fraction_of_ceiling = out->gb_per_s / out->ceiling_gb_per_s;
    fill_carried(l->has_carried, l->carried, &out->carried_by);
    fill_verify(&l->verify, &out->verify);
    return xb_text_dup(l->reason, &out->reason);
}

static int fill_step(const struct xb_lane_result *l, struct xb_report_step *out)
{
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];
    const struct xb_text_copy copies[] = {
        {xb_endpoint_format(l->path.src, src), &out->src},
        {xb_endpoint_format(l->path.dst, dst), &out->dst},
        {l->link_class < 0 ? NULL : xb_link_class_name((enum xb_link_class)l->link_class),
         &out->link_class},
        {xb_build_company(l->company), &out->company},
    };

    out->round = l->round;
    out->chain = l->chain;
    out->step = l->step;
    out->src_rank = l->src_rank;
    out->dst_rank = l->dst_rank;
    return xb_text_copies(copies, sizeof(copies) / sizeof(copies[0]));
}

static int fill_schedule(const struct xb_result *result, struct xb_report_schedule *out)
{
    for (size_t i = 0; i < result->nlanes; i++) {
        struct xb_report_step *step = xb_list_add(&out->steps, sizeof(*step));

        if (!step || fill_step(&result->lanes[i], step) < 0)
            return -1;
    }
    return 0;
}

static int fill_lanes(const struct xb_result *result, bool samples, struct xb_report_case *out)
{
    bool several = samples && result->nlanes > 1; /* else the case has them */
    size_t timed = 0;

    for (size_t i = 0; i < result->nlanes; i++) {
        const struct xb_lane_result *l = &result->lanes[i];
        struct xb_report_lane *lane = xb_list_add(&out->lanes, sizeof(*lane));

        if (!lane || fill_lane(l, out->transfer_bytes, lane) < 0 ||
            (several && copy_numbers(l->samples_us, l->nsamples, &lane->samples_us) < 0))
            return -1;
        timed += l->status == XB_OK && l->time.n > 0 && l->company == XB_COMPANY_ALL;
    }
    if (timed > 1)
        out->slowest_lane = (int64_t)result->slowest_lane;
    return 0;
}

static bool is_noisy(const struct xb_result *result)
{
    return result->status == XB_OK && result->time.n > 0 &&
           xb_stats_ci_rel(&result->time) > XB_NOISY;
}

/* An interval is between passes: a run that ended before a case had them all has none. */
static bool is_partial(const struct xb_result *result)
{
    return result->status == XB_OK && result->passes < result->passes_asked;
}

/* Of the case and its lanes: does any drift, or step? */
static bool is_told(const struct xb_report_case *c, enum xb_trend_kind kind)
{
    bool told = c->drift.there && c->drift.kind == (int)kind;

    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_drift *drift = &xb_report_lane_at(c, i)->drift;
        told = told || (drift->there && drift->kind == (int)kind);
    }
    return told;
}

/* How the medians of passes went, of the case and of each of several lanes: one series of all
 * that a run with so many cases looks at. */
static int fill_drift(const struct xb_result *result, const struct xb_report_run *run,
                      struct xb_report_case *out)
{
    size_t cases = run->plan_cases > 0 ? (size_t)run->plan_cases : 1;
    double level = xb_trend_level(cases * (result->nlanes > 1 ? 1 + result->nlanes : 1));
    struct xb_pass_times times;

    if (result->status != XB_OK)
        return 0;
    if (xb_pass_times_make(result, run->start_utc, &times) < 0)
        return -1;
    int rc = xb_drift_find(&times, result->passes_us, result->npasses, level, &out->drift);
    for (size_t i = 0; rc == 0 && result->nlanes > 1 && i < result->nlanes; i++) {
        const struct xb_lane_result *lane = &result->lanes[i];
        struct xb_report_drift *drift = &xb_report_lane_at(out, i)->drift;
        if (lane->step == 0)
            rc = xb_drift_find(&times, lane->passes_us, lane->npasses, level, drift);
        if (!xb_drift_told(drift))
            drift->there = false;
    }
    if (times.n == result->npasses) {
        out->passes_s = (struct xb_numbers){times.s, times.n};
        times.s = NULL;
    }
    free(times.s);
    return rc;
}

static int fill_notes(const struct xb_result *result, const struct xb_report_case *c,
                      struct xb_texts *notes)
{
    const struct {
        bool is;
        const char *word;
    } all[] = {{is_noisy(result), XB_NOTE_NOISY},
               {is_partial(result), XB_NOTE_PARTIAL},
               {is_told(c, XB_TREND_DRIFTS), XB_NOTE_DRIFTS},
               {is_told(c, XB_TREND_STEPPED), XB_NOTE_STEPS},
               {result->resumed, XB_NOTE_RESUMED},
               {result->hung, XB_NOTE_HUNG},
               {result->out_of_time, XB_NOTE_OUT_OF_TIME}};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].is && xb_texts_add(notes, all[i].word) < 0)
            return -1;
    return 0;
}

static int fill_measured(const struct xb_result *result, struct xb_report_case *out,
                         struct xb_error *err)
{
    if (result->time.n > 0) {
        fill_time(result, &out->time_us);
        fill_bandwidth(&result->time, out->transfer_bytes * result->concurrent,
                       &out->bandwidth);
        if (fill_timing(result, &out->timing) < 0)
            return out_of_memory(err);
    }
    out->ceiling_gb_per_s = known(result->ceiling_gb_per_s);
    out->fraction_of_ceiling = out->bandwidth.median / out->ceiling_gb_per_s;
    if (result->nlanes > 0) {
        out->overhead_us = result->overhead_us;
        out->post_us = known(result->post_us);
        fill_setup(&result->setup, &out->setup_us);
    }
    fill_carried(result->has_carried, result->carried, &out->carried_by);
    fill_verify(&result->verify, &out->verify);
    return fill_op_time(result, &out->op_time_us, err);
}

static int fill_case(const struct xb_report_run *run, const struct xb_case *c,
                     const struct xb_result *result, bool samples, struct xb_report_case *out,
                     struct xb_error *err)
{
    const struct xb_choice *chosen = &result->chosen;
    const struct xb_text_copy copies[] = {{c->id, &out->id},
                                          {result->reason, &out->reason},
                                          {result->warning, &out->warning},
                                          {result->measured_utc, &out->measured_utc}};

    out->status = (int)result->status;
    /* A method that moves nothing has a time but no rate, whatever size the case names. */
    out->transfer_bytes = xb_result_transfer_bytes(c, result);
    out->concurrent = result->nlanes ? result->concurrent : 0;
    if (fill_key(c, &out->key, err) < 0 || fill_chosen(chosen, &out->chosen, err) < 0 ||
        fill_measured(result, out, err) < 0)
        return -1;
    bool good =
        xb_text_copies(copies, sizeof(copies) / sizeof(copies[0])) == 0 &&
        fill_figures(result, &out->figures) == 0 &&
        (result->time.n == 0 ||
         xb_pipeline_part_fill(&result->pipeline, result->time.median, &out->pipeline) == 0) &&
        fill_lanes(result, samples, out) == 0 && xb_build_rounds(result, out) == 0 &&
        xb_build_contention(result, out) == 0 && fill_drift(result, run, out) == 0 &&
        fill_notes(result, out, &out->notes) == 0 &&
        copy_numbers(result->passes_us, result->npasses, &out->passes_us) == 0;
    if (good && samples)
        good =
            copy_numbers(result->samples_us, result->nsamples, &out->samples_us) == 0 &&
            copy_numbers(result->op_samples_us, result->nop_samples, &out->op_samples_us) == 0;
    return good ? 0 : out_of_memory(err);
}

static int copy_bars(const struct xb_result *result, struct xb_report_case *out)
{
    if (result->nbars == 0)
        return 0;
    out->bars = malloc(result->nbars * sizeof(*out->bars));
    if (!out->bars)
        return -1;
    memcpy(out->bars, result->bars, result->nbars * sizeof(*out->bars));
    out->nbars = result->nbars;
    return 0;
}

int xb_report_make(struct xb_report *report, const struct xb_case *c,
                   const struct xb_result *result, bool samples, struct xb_report_case *out,
                   struct xb_error *err)
{
    struct xb_report_schedule schedule = {.steps = {NULL, 0, 0}};

    xb_report_case_clear(out);
    int rc = fill_case(&report->run, c, result, samples, out, err);
    if (rc == 0 && result->nlanes > 0 &&
        (fill_schedule(result, &schedule) < 0 ||
         (out->schedule = xb_report_schedule(report, &schedule)) < 0))
        rc = out_of_memory(err);
    if (rc == 0 && copy_bars(result, out) < 0)
        rc = out_of_memory(err);
    if (rc < 0) {
        xb_report_case_release(out);
        xb_fields_release(xb_report_schedule_fields, &schedule);
    }
    return rc;
}

int xb_report_add(struct xb_report *report, const struct xb_case *c,
                  const struct xb_result *result, bool samples, struct xb_error *err)
{
    struct xb_report_case made, *added;

    if (xb_report_make(report, c, result, samples, &made, err) < 0)
        return -1;
    added = xb_list_add(&report->cases, sizeof(*added));
    if (!added) {
        xb_report_case_release(&made);
        return out_of_memory(err);
    }
    *added = made;
    return 0;
}
