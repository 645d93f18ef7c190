/* report_case.c - the `cases[]` entry of one measured case. */
#include "report/report.h"

#include <math.h>

#include "base/units.h"
#include "model/figures/stats.h"
#include "model/plan/collective_op.h"
#include "report/report_json.h"

/* With the lane's own endpoints: a lane back has those of the case's path swapped. */
static cJSON *lane_json(const struct xb_lane_result *lane)
{
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "src_rank", xb_report_number(lane->src_rank)) &&
                xb_report_put(object, "dst_rank", xb_report_number(lane->dst_rank)) &&
                xb_report_put(object, "src",
                              cJSON_CreateString(xb_endpoint_format(lane->path.src, src))) &&
                xb_report_put(object, "dst",
                              cJSON_CreateString(xb_endpoint_format(lane->path.dst, dst)));

    return xb_report_done(object, good);
}

static cJSON *lanes_json(const struct xb_result *result)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < result->nlanes; i++)
        good = xb_report_push(array, lane_json(&result->lanes[i]));
    return xb_report_done(array, good);
}

static cJSON *timing_json(const struct xb_result *result)
{
    cJSON *timing = cJSON_CreateObject();
    bool good =
        xb_report_put(timing, "clock", cJSON_CreateString("host_monotonic_raw")) &&
        xb_report_put(timing, "ops_per_sample",
                      xb_report_number((double)result->ops_per_sample)) &&
        xb_report_put(timing, "n", xb_report_number((double)result->nsamples)) &&
        xb_report_put(timing, "stop_reason", xb_report_text(xb_stop_name(result->stop)));

    return xb_report_done(timing, good);
}

/* A sample of several transfers is a mean, which says nothing about single slow ones: no
 * percentiles then. */
static cJSON *time_json(const struct xb_stats *stats, const struct xb_result *result)
{
    bool single = result->ops_per_sample <= 1;
    cJSON *time = cJSON_CreateObject();
    bool good =
        xb_report_put(time, "min", xb_report_number(stats->min)) &&
        xb_report_put(time, "median", xb_report_number(stats->median)) &&
        xb_report_put(time, "ci_lo", xb_report_number(stats->has_ci ? stats->ci_lo : NAN)) &&
        xb_report_put(time, "ci_hi", xb_report_number(stats->has_ci ? stats->ci_hi : NAN)) &&
        xb_report_put(time, "p90", xb_report_number(single ? stats->p90 : NAN)) &&
        xb_report_put(time, "p99", xb_report_number(single ? stats->p99 : NAN)) &&
        xb_report_put(time, "max", xb_report_number(stats->max)) &&
        xb_report_put(time, "mean", xb_report_number(stats->mean)) &&
        xb_report_put(time, "cv", xb_report_number(stats->cv)) &&
        xb_report_put(time, "device_median",
                      xb_report_number(result->has_device_time ? result->device_time_us : NAN));

    return xb_report_done(time, good);
}

/* Of transfers timed one by one, or of the samples where each is one transfer; null where
 * neither was taken. */
static cJSON *op_time_json(const struct xb_result *result)
{
    bool single = result->ops_per_sample == 1;
    const double *samples = single ? result->samples_us : result->op_samples_us;
    size_t n = single ? result->nsamples : result->nop_samples;
    struct xb_stats stats;

    if (n == 0)
        return cJSON_CreateNull();
    if (xb_stats_compute(samples, n, &stats) != 0)
        return NULL;
    cJSON *time = cJSON_CreateObject();
    bool good = xb_report_put(time, "n", xb_report_number((double)stats.n)) &&
                xb_report_put(time, "min", xb_report_number(stats.min)) &&
                xb_report_put(time, "median", xb_report_number(stats.median)) &&
                xb_report_put(time, "p90", xb_report_number(stats.p90)) &&
                xb_report_put(time, "p99", xb_report_number(stats.p99)) &&
                xb_report_put(time, "max", xb_report_number(stats.max));

    return xb_report_done(time, good);
}

/* Null where there is no such time. */
static cJSON *rate_json(double bytes, bool known, double us)
{
    return xb_report_number(known && us > 0 ? xb_gb_per_s(bytes, us) : NAN);
}

/* The slow end of the time is the low end of the bandwidth. */
static cJSON *bandwidth_json(const struct xb_stats *stats, double bytes)
{
    cJSON *bandwidth = cJSON_CreateObject();
    bool good =
        xb_report_put(bandwidth, "median", rate_json(bytes, true, stats->median)) &&
        xb_report_put(bandwidth, "ci_lo", rate_json(bytes, stats->has_ci, stats->ci_hi)) &&
        xb_report_put(bandwidth, "ci_hi", rate_json(bytes, stats->has_ci, stats->ci_lo));

    return xb_report_done(bandwidth, good);
}

static bool put_nulls(cJSON *entry, const char *const *keys)
{
    for (; *keys; keys++) {
        if (!xb_report_put(entry, *keys, cJSON_CreateNull()))
            return false;
    }
    return true;
}

/* timing, time_us and bandwidth_gb_per_s: all there or all null. */
static bool put_measured(cJSON *entry, const struct xb_result *result, double bytes)
{
    static const char *const keys[] = {"timing", "time_us", "bandwidth_gb_per_s", NULL};
    struct xb_stats stats;

    if (result->nsamples == 0)
        return put_nulls(entry, keys);
    if (xb_stats_compute(result->samples_us, result->nsamples, &stats) != 0)
        return false;
    return xb_report_put(entry, "timing", timing_json(result)) &&
           xb_report_put(entry, "time_us", time_json(&stats, result)) &&
           xb_report_put(entry, "bandwidth_gb_per_s",
                         bandwidth_json(&stats, bytes * result->concurrent));
}

/* After put_measured, whose median the fraction is made of. */
static bool put_ceiling(cJSON *entry, double ceiling)
{
    double median = xb_report_member_number(entry, "bandwidth_gb_per_s", "median");

    return xb_report_put(entry, "ceiling_gb_per_s", xb_report_known(ceiling)) &&
           xb_report_put(entry, "fraction_of_ceiling",
                         xb_report_number(ceiling > 0 ? median / ceiling : NAN));
}

static cJSON *verify_json(const struct xb_verify *verify)
{
    if (!verify->done)
        return cJSON_CreateNull();

    bool bad = verify->wrong_bytes > 0;
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "checked_bytes",
                      xb_report_number((double)verify->checked_bytes)) &&
        xb_report_put(object, "wrong_bytes", xb_report_number((double)verify->wrong_bytes)) &&
        xb_report_put(object, "first_bad_offset",
                      xb_report_number(bad ? (double)verify->first_bad : NAN));

    return xb_report_done(object, good);
}

static cJSON *samples_json(const double *samples, size_t n)
{
    return n ? cJSON_CreateDoubleArray(samples, (int)n) : cJSON_CreateArray();
}

static cJSON *stages_json(const struct xb_pipeline_times *times)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (int i = 0; good && i < times->nstages; i++) {
        const struct xb_stage_time *s = &times->stage[i];
        cJSON *stage = cJSON_CreateObject();
        good = xb_report_put(stage, "name", cJSON_CreateString(s->name)) &&
               xb_report_put(stage, "rank", xb_report_number(s->rank)) &&
               xb_report_put(stage, "us", xb_report_number(s->us)) &&
               xb_report_put(stage, "first_us", xb_report_number(s->first_us));
        stage = xb_report_done(stage, good);
        good = stage && xb_report_push(array, stage);
    }
    return xb_report_done(array, good);
}

/* Where the stages were observed; the model's time is that of pipeline_model.h. */
static cJSON *pipeline_json(const struct xb_result *result)
{
    const struct xb_pipeline_times *times = &result->pipeline;
    struct xb_stats stats;

    if (times->nstages == 0 ||
        xb_stats_compute(result->samples_us, result->nsamples, &stats) != 0)
        return cJSON_CreateNull();
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "stages", stages_json(times)) &&
        xb_report_put(object, "there_us",
                      xb_report_number(times->has_way ? times->there_us : NAN)) &&
        xb_report_put(object, "back_us",
                      xb_report_number(times->has_way ? times->back_us : NAN)) &&
        xb_report_put(object, "chunks", xb_report_number((double)times->chunks)) &&
        xb_report_put(object, "bottleneck",
                      cJSON_CreateString(times->stage[times->bottleneck].name)) &&
        xb_report_put(object, "saturating_depth", xb_report_number(times->saturating_depth)) &&
        xb_report_put(object, "model_us", xb_report_number(times->model_us)) &&
        xb_report_put(
            object, "measured_over_model",
            xb_report_number(times->model_us > 0 ? stats.median / times->model_us : NAN));

    return xb_report_done(object, good);
}

/* Null where the method has none. */
static cJSON *figures_json(const struct xb_result *result)
{
    if (result->nfigures == 0)
        return cJSON_CreateNull();
    cJSON *figures = cJSON_CreateObject();
    bool good = true;
    for (size_t i = 0; i < result->nfigures; i++)
        good = good && xb_report_put(figures, result->figures[i].name,
                                     xb_report_number(result->figures[i].value));
    return xb_report_done(figures, good);
}

/* What each counter saw over the bytes moved; null as a whole where none could be read. */
static cJSON *carried_json(const struct xb_result *result)
{
    if (!result->has_carried)
        return cJSON_CreateNull();
    cJSON *carried = cJSON_CreateObject();
    bool good = true;
    for (int w = 0; w < XB_WIRES; w++)
        good = good &&
               xb_report_put(carried, xb_wire_name((enum xb_wire)w),
                             result->carried[w] < 0 ? cJSON_CreateNull()
                                                    : xb_report_number(result->carried[w]));
    return xb_report_done(carried, good);
}

cJSON *xb_report_case(const struct xb_case *c, const struct xb_result *result)
{
    const struct xb_choice *chosen = &result->chosen;
    struct xb_case moved = chosen->method ? xb_choice_apply(chosen, c) : *c;
    /* A method that moves nothing has a time but no rate, whatever size the case names. */
    double bytes = xb_case_moved_bytes(&moved, (int)result->nlanes);
    cJSON *entry = cJSON_CreateObject();
    bool good =
        xb_report_put(entry, "id", cJSON_CreateString(c->id)) &&
        xb_report_put(entry, "key", xb_case_key_json(c)) &&
        xb_report_put(entry, "chosen", xb_choice_json(chosen)) &&
        xb_report_put(entry, "status", cJSON_CreateString(xb_status_name(result->status))) &&
        xb_report_put(entry, "reason", xb_report_text(result->reason)) &&
        xb_report_put(entry, "warning", xb_report_text(result->warning)) &&
        xb_report_put(entry, "lanes", lanes_json(result)) &&
        xb_report_put(entry, "concurrent",
                      xb_report_number(result->nlanes ? result->concurrent : 0)) &&
        xb_report_put(entry, "transfer_bytes", xb_report_number(bytes)) &&
        put_measured(entry, result, bytes) &&
        xb_report_put(entry, "op_time_us", op_time_json(result)) &&
        put_ceiling(entry, result->ceiling_gb_per_s) &&
        xb_report_put(entry, "carried_by", carried_json(result)) &&
        xb_report_put(entry, "figures", figures_json(result)) &&
        xb_report_put(entry, "pipeline", pipeline_json(result)) &&
        xb_report_put(entry, "verify", verify_json(&result->verify)) &&
        xb_report_put(entry, "samples_us",
                      samples_json(result->samples_us, result->nsamples)) &&
        xb_report_put(entry, "op_samples_us",
                      samples_json(result->op_samples_us, result->nop_samples));

    return xb_report_done(entry, good);
}
