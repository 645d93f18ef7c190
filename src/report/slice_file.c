/* SPDX-License-Identifier: BSD-3-Clause */
/* slice_file.c - what one pass gave of a case, as a line of a journal has it. */
#include "report/slice_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/topology/link_class.h"
#include "report/bars.h"
#include "report/field_rows.h"
#include "report/pipeline_part.h"
#include "report/report.h"
#include "report/report_json.h"
#include "report/tables.h"

/* The structs of the file: what is not known is null there. */
struct file_lane {
    int status;
    char *reason;
    int64_t round, chain, step, src_rank, dst_rank;
    char *path, *link_class, *company;
    int64_t ops_per_sample;
    int64_t bytes;          /* -1: the case's size */
    int64_t group, members; /* -1: of no operation of several */
    struct xb_report_carried carried_by;
    struct xb_report_setup setup_us;
    int64_t checked_bytes; /* -1: nothing was compared */
    int64_t stamped_batches;
    struct xb_numbers samples_us;
};

struct file_round {
    int64_t round, ops_per_sample;
    char *company;
    double concurrent;
    struct xb_numbers samples_us;
};

struct file_slice {
    char *id;
    int64_t pass;
    char *warning, *measured_utc;
    double measured_s, repeating_s;
    int64_t stop, ops_per_sample;
    double overhead_us, post_us;
    struct xb_report_setup setup_us;
    double device_us;
    struct xb_report_pipeline pipeline;
    struct xb_numbers samples_us, op_samples_us;
    struct xb_list lanes, rounds;
};

#define PART(object, key, member, rows)                                                        \
    {                                                                                          \
        .name = (key), .type = XB_FIELD_MAYBE, .offset = offsetof(struct object, member),      \
        .fields = (rows)                                                                       \
    }

#define LATER(object, key, kind, member)                                                       \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member),              \
        .flags = XB_FIELD_LATER                                                                \
    }

static const char *status_word(int status)
{
    return xb_status_name((enum xb_status)status);
}

static const struct xb_field lane_fields[] = {
    {.name = "status",
     .type = XB_FIELD_WORD,
     .offset = offsetof(struct file_lane, status),
     .flags = XB_FIELD_NEEDED,
     .word = status_word,
     .words = XB_TIMEOUT + 1},
    ROW(file_lane, "reason", XB_FIELD_TEXT, reason),
    NEEDED(file_lane, "round", XB_FIELD_WHOLE, round),
    NEEDED(file_lane, "chain", XB_FIELD_WHOLE, chain),
    NEEDED(file_lane, "step", XB_FIELD_WHOLE, step),
    NEEDED(file_lane, "src_rank", XB_FIELD_WHOLE, src_rank),
    NEEDED(file_lane, "dst_rank", XB_FIELD_WHOLE, dst_rank),
    NEEDED(file_lane, "path", XB_FIELD_TEXT, path),
    ROW(file_lane, "link_class", XB_FIELD_TEXT, link_class),
    LATER(file_lane, "company", XB_FIELD_TEXT, company),
    LATER(file_lane, "bytes", XB_FIELD_WHOLE, bytes),
    LATER(file_lane, "group", XB_FIELD_WHOLE, group),
    LATER(file_lane, "members", XB_FIELD_WHOLE, members),
    NEEDED(file_lane, "ops_per_sample", XB_FIELD_WHOLE, ops_per_sample),
    PART(file_lane, "carried_by", carried_by, xb_report_carried_fields),
    PART(file_lane, "setup_us", setup_us, xb_report_setup_fields),
    ROW(file_lane, "checked_bytes", XB_FIELD_WHOLE, checked_bytes),
    NEEDED(file_lane, "stamped_batches", XB_FIELD_WHOLE, stamped_batches),
    ROW(file_lane, "samples_us", XB_FIELD_TIMES, samples_us),
    {.name = NULL},
};

static const struct xb_field round_fields[] = {
    NEEDED(file_round, "round", XB_FIELD_WHOLE, round),
    NEEDED(file_round, "company", XB_FIELD_TEXT, company),
    NEEDED(file_round, "concurrent", XB_FIELD_RATIO, concurrent),
    NEEDED(file_round, "ops_per_sample", XB_FIELD_WHOLE, ops_per_sample),
    ROW(file_round, "samples_us", XB_FIELD_TIMES, samples_us),
    {.name = NULL},
};

static const struct xb_field slice_fields[] = {
    NEEDED(file_slice, "id", XB_FIELD_TEXT, id),
    NEEDED(file_slice, "pass", XB_FIELD_WHOLE, pass),
    ROW(file_slice, "warning", XB_FIELD_TEXT, warning),
    ROW(file_slice, "measured_utc", XB_FIELD_TEXT, measured_utc),
    LATER(file_slice, "measured_s", XB_FIELD_BYTES, measured_s),
    LATER(file_slice, "repeating_s", XB_FIELD_BYTES, repeating_s),
    NEEDED(file_slice, "stop", XB_FIELD_WHOLE, stop),
    NEEDED(file_slice, "ops_per_sample", XB_FIELD_WHOLE, ops_per_sample),
    ROW(file_slice, "overhead_us", XB_FIELD_US, overhead_us),
    LATER(file_slice, "post_us", XB_FIELD_US, post_us),
    PART(file_slice, "setup_us", setup_us, xb_report_setup_fields),
    LATER(file_slice, "device_us", XB_FIELD_US, device_us),
    {.name = "pipeline",
     .type = XB_FIELD_MAYBE,
     .offset = offsetof(struct file_slice, pipeline),
     .flags = XB_FIELD_LATER,
     .fields = xb_report_pipeline_fields},
    ROW(file_slice, "samples_us", XB_FIELD_TIMES, samples_us),
    ROW(file_slice, "op_samples_us", XB_FIELD_TIMES, op_samples_us),
    {.name = "lanes",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct file_slice, lanes),
     .flags = XB_FIELD_NEEDED,
     .fields = lane_fields,
     .size = sizeof(struct file_lane)},
    {.name = "rounds",
     .type = XB_FIELD_LIST,
     .offset = offsetof(struct file_slice, rounds),
     .flags = XB_FIELD_LATER,
     .fields = round_fields,
     .size = sizeof(struct file_round)},
    {.name = NULL},
};

/* ---- to the file ---- */

static struct xb_report_setup write_setup(const struct xb_setup *s)
{
    return (struct xb_report_setup){.there = isfinite(s->total),
                                    .total = s->total,
                                    .start = s->start,
                                    .open = s->open,
                                    .register_ = s->register_,
                                    .map = s->map,
                                    .first = s->first};
}

/* Borrows all but path. */
static int write_lane(const struct xb_lane_result *l, struct file_lane *out)
{
    char path[XB_PATH_LEN];

    *out = (struct file_lane){
        .status = (int)l->status,
        .reason = l->reason,
        .round = l->round,
        .chain = l->chain,
        .step = l->step,
        .src_rank = l->src_rank,
        .dst_rank = l->dst_rank,
        .link_class = l->link_class < 0
                          ? NULL
                          : (char *)xb_link_class_name((enum xb_link_class)l->link_class),
        .company = (char *)xb_company_name(l->company),
        .bytes = l->bytes > 0 ? (int64_t)l->bytes : -1,
        .group = l->members > 0 ? l->group : -1,
        .members = l->members > 0 ? l->members : -1,
        .ops_per_sample = l->ops_per_sample,
        .carried_by = {.there = l->has_carried},
        .setup_us = write_setup(&l->setup),
        .stamped_batches = (int64_t)l->verify.stamped_batches,
        .checked_bytes = l->verify.done ? (int64_t)l->verify.checked_bytes : -1,
        .samples_us = {l->samples_us, l->nsamples},
    };
    for (int w = 0; w < XB_WIRES; w++)
        out->carried_by.by[w] = l->carried[w] < 0 ? NAN : l->carried[w];
    return xb_text_dup(xb_path_format(&l->path, path), &out->path);
}

/* Null where it is 0, which stands for what is not known. */
static double in_ms(double seconds)
{
    return seconds > 0 ? round(seconds * 1e3) / 1e3 : NAN;
}

cJSON *xb_slice_json(const char *id, int pass, const struct xb_result *r)
{
    bool whole = r->time_of == XB_TIME_OF_SCHEDULE; /* else they are those of one lane */
    struct file_slice file = {
        .id = (char *)id,
        .pass = pass,
        .warning = (char *)r->warning,
        .measured_utc = (char *)r->measured_utc,
        .measured_s = in_ms(r->measured_s),
        .repeating_s = in_ms(r->repeating_s),
        .stop = (int64_t)r->stop,
        .ops_per_sample = r->ops_per_sample,
        .overhead_us = r->overhead_us,
        .post_us = r->post_us > 0 ? r->post_us : NAN,
        .setup_us = write_setup(&r->setup),
        .device_us = r->has_device_time ? r->device_time_us : NAN,
        .samples_us = {whole ? r->samples_us : NULL, whole ? r->nsamples : 0},
        .op_samples_us = {r->op_samples_us, r->nop_samples},
    };
    bool good = xb_pipeline_part_fill(&r->pipeline, NAN, &file.pipeline) == 0;

    for (size_t i = 0; good && i < r->nlanes; i++) {
        struct file_lane *lane = xb_list_add(&file.lanes, sizeof(*lane));
        good = lane && write_lane(&r->lanes[i], lane) == 0;
    }
    for (size_t i = 0; good && i < r->nrounds; i++) {
        const struct xb_round_result *from = &r->rounds[i];
        struct file_round *round = xb_list_add(&file.rounds, sizeof(*round));
        good = round != NULL;
        if (good)
            *round = (struct file_round){.round = from->round,
                                         .company = (char *)xb_company_name(from->company),
                                         .concurrent = from->concurrent,
                                         .ops_per_sample = from->ops_per_sample,
                                         .samples_us = {from->samples_us, from->nsamples}};
    }
    cJSON *json = good ? xb_fields_write(slice_fields, &file) : NULL;
    if (json && r->nbars > 0)
        json =
            xb_report_done(json, xb_report_put(json, XB_BARS, xb_bars_json(r->bars, r->nbars)));
    xb_fields_release(xb_report_pipeline_fields, &file.pipeline);
    for (size_t i = 0; i < file.lanes.n; i++)
        free(((struct file_lane *)file.lanes.item + i)->path);
    free(file.lanes.item);
    free(file.rounds.item);
    return json;
}

/* ---- from the file ---- */

static struct xb_setup read_setup(const struct xb_report_setup *s)
{
    if (!s->there)
        return (struct xb_setup){NAN, NAN, NAN, NAN, NAN, NAN};
    return (struct xb_setup){s->total, s->open, s->register_, s->map, s->first, s->start};
}

/* The numbers change hands. */
static double *take_numbers(struct xb_numbers *from, size_t *n)
{
    double *value = from->value;

    *n = from->n;
    *from = (struct xb_numbers){NULL, 0};
    return value;
}

/* Journals of earlier versions say nothing, and have nothing else than all. */
static int read_company(const char *name, enum xb_company *out, struct xb_error *err)
{
    for (int c = 0; name && c < XB_COMPANIES; c++)
        if (strcmp(name, xb_company_name((enum xb_company)c)) == 0) {
            *out = (enum xb_company)c;
            return 0;
        }
    return name ? xb_fail(err, "found the company \"%s\", expected all, alone or two", name)
                : 0;
}

static int read_rounds(struct file_slice *from, struct xb_result *out, struct xb_error *err)
{
    for (size_t i = 0; i < from->rounds.n; i++) {
        struct file_round *file = (struct file_round *)from->rounds.item + i;
        struct xb_round_result *round = xb_result_add_round(out);

        if (!round)
            return xb_fail(err, "out of memory for a slice");
        round->round = (int)file->round;
        round->concurrent = file->concurrent;
        round->ops_per_sample = file->ops_per_sample;
        round->samples_us = take_numbers(&file->samples_us, &round->nsamples);
        if (read_company(file->company, &round->company, err) < 0)
            return -1;
        if (round->nsamples > 0 &&
            xb_stats_compute(round->samples_us, round->nsamples, &round->time) < 0)
            return xb_fail(err, "out of memory for a slice");
    }
    return 0;
}

static int read_lane(struct file_lane *from, struct xb_lane_result *out, struct xb_error *err)
{
    enum xb_link_class link;

    out->status = (enum xb_status)from->status;
    out->round = (int)from->round;
    out->chain = (int)from->chain;
    out->step = (int)from->step;
    out->src_rank = (int)from->src_rank;
    out->dst_rank = (int)from->dst_rank;
    out->ops_per_sample = from->ops_per_sample;
    out->bytes = from->bytes > 0 ? (uint64_t)from->bytes : 0;
    out->group = from->members > 0 ? (int)from->group : 0;
    out->members = from->members > 0 ? (int)from->members : 0;
    out->has_carried = from->carried_by.there;
    for (int w = 0; w < XB_WIRES; w++)
        out->carried[w] = isnan(from->carried_by.by[w]) ? -1 : from->carried_by.by[w];
    out->setup = read_setup(&from->setup_us);
    out->verify.done = from->checked_bytes >= 0;
    out->verify.stamped_batches = (uint64_t)from->stamped_batches;
    out->verify.checked_bytes = out->verify.done ? (uint64_t)from->checked_bytes : 0;
    out->reason = from->reason;
    from->reason = NULL;
    out->samples_us = take_numbers(&from->samples_us, &out->nsamples);
    if (out->nsamples > 0 && xb_stats_compute(out->samples_us, out->nsamples, &out->time) < 0)
        return xb_fail(err, "out of memory for a slice");
    if (from->link_class) {
        if (xb_link_class_find(from->link_class, &link, err) < 0)
            return -1;
        out->link_class = (int)link;
    }
    if (read_company(from->company, &out->company, err) < 0)
        return -1;
    return xb_path_parse(from->path, &out->path, err);
}

static int read_lanes(struct file_slice *from, struct xb_result *out, struct xb_error *err)
{
    if (xb_result_lanes(out, from->lanes.n) < 0)
        return xb_fail(err, "out of memory for a slice");
    for (size_t i = 0; i < out->nlanes; i++) {
        struct xb_lane_result *lane = &out->lanes[i];
        if (read_lane((struct file_lane *)from->lanes.item + i, lane, err) < 0)
            return -1;
        if (lane->step > 0 && (size_t)lane->step <= i && lane->status == XB_OK)
            lane->time = out->lanes[i - (size_t)lane->step].time;
    }
    return 0;
}

static int read_result(struct file_slice *from, struct xb_result *out, struct xb_error *err)
{
    *out = (struct xb_result){
        .status = XB_OK,
        .stop = from->stop <= XB_STOP_MAX_SAMPLES ? (enum xb_stop)from->stop : XB_STOP_NONE,
        .ops_per_sample = from->ops_per_sample,
        .overhead_us = from->overhead_us,
        .post_us = isnan(from->post_us) ? 0 : from->post_us,
        .measured_s = isnan(from->measured_s) ? 0 : from->measured_s,
        .repeating_s = isnan(from->repeating_s) ? 0 : from->repeating_s,
        .setup = read_setup(&from->setup_us),
        .has_device_time = !isnan(from->device_us),
        .device_time_us = isnan(from->device_us) ? 0 : from->device_us,
        .pipeline = xb_pipeline_part_times(&from->pipeline)};
    if (from->warning)
        snprintf(out->warning, sizeof(out->warning), "%s", from->warning);
    if (from->measured_utc)
        snprintf(out->measured_utc, sizeof(out->measured_utc), "%s", from->measured_utc);
    out->samples_us = take_numbers(&from->samples_us, &out->nsamples);
    out->op_samples_us = take_numbers(&from->op_samples_us, &out->nop_samples);
    if (out->nsamples > 0 && xb_stats_compute(out->samples_us, out->nsamples, &out->time) < 0)
        return xb_fail(err, "out of memory for a slice");
    return read_rounds(from, out, err) < 0 ? -1 : read_lanes(from, out, err);
}

int xb_slice_read(const struct xb_node *node, struct xb_slice_entry *out, struct xb_error *err)
{
    struct file_slice file;

    *out = (struct xb_slice_entry){.id = NULL};
    if (xb_fields_read(slice_fields, node, XB_REPORT_VERSION, &file, err) < 0)
        return -1;
    int rc = read_result(&file, &out->result, err);
    if (rc == 0)
        rc = xb_bars_read(node, &out->result.bars, &out->result.nbars, err);
    out->pass = (int)file.pass;
    out->id = file.id;
    file.id = NULL;
    xb_fields_release(slice_fields, &file);
    if (rc < 0)
        xb_slice_entry_release(out);
    return rc;
}

void xb_slice_entry_release(struct xb_slice_entry *entry)
{
    free(entry->id);
    entry->id = NULL;
    xb_result_release(&entry->result);
}
