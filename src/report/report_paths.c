/* report_paths.c - `paths`: what the lanes add up to, per method with its options, path and
 * size class.
 *
 * A lane's mean is the time of one of its transfers, so it was busy for mean times transfers:
 * all of its wall time where every chain has one lane, and an equal share of it where the lanes
 * of a chain follow one another, since their times are one way then.
 */
#include "report/report.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/tables.h"

/* What a row is about; all is borrowed. */
struct about {
    const char *method, *src, *dst, *locality;
    const cJSON *options;
    int64_t size_class;
};

static bool is_about(const struct xb_report_path *row, const struct about *a)
{
    return row->size_class == a->size_class && strcmp(row->method, a->method) == 0 &&
           strcmp(row->src, a->src) == 0 && strcmp(row->dst, a->dst) == 0 &&
           strcmp(row->locality, a->locality) == 0 &&
           cJSON_Compare(row->options, a->options, true);
}

static int name_row(const struct about *a, struct xb_report_path *row)
{
    row->options = a->options ? cJSON_Duplicate(a->options, true) : cJSON_CreateObject();
    return row->options && xb_text_dup(a->method, &row->method) == 0 &&
                   xb_text_dup(a->src, &row->src) == 0 && xb_text_dup(a->dst, &row->dst) == 0 &&
                   xb_text_dup(a->locality, &row->locality) == 0
               ? 0
               : -1;
}

/* The row of that; made if there is none yet. NULL when out of memory. */
static struct xb_report_path *row_of(struct xb_report *r, const struct about *a)
{
    for (size_t i = 0; i < r->paths.n; i++)
        if (is_about(xb_report_path_at(r, i), a))
            return xb_report_path_at(r, i);
    struct xb_report_path *row = xb_list_add(&r->paths, sizeof(*row));
    if (!row)
        return NULL;
    xb_fields_clear(xb_report_path_fields, row);
    row->size_class = a->size_class;
    row->total_transfers = row->failures = 0;
    row->total_bytes = row->total_time_us = 0;
    if (name_row(a, row) == 0)
        return row;
    xb_fields_release(xb_report_path_fields, row);
    r->paths.n--;
    return NULL;
}

static struct xb_report_path *row_of_lane(struct xb_report *r, const struct xb_report_case *c,
                                          size_t lane)
{
    const struct xb_report_step *step =
        lane < c->lanes.n ? xb_report_step_of(r, c, lane) : NULL;
    const struct about a = {.method = c->chosen.there ? c->chosen.method : c->key.method,
                            .options = c->chosen.there ? c->chosen.options : c->key.options,
                            .src = step ? step->src : c->key.src,
                            .dst = step ? step->dst : c->key.dst,
                            .locality = c->key.locality,
                            .size_class = c->key.size_class};
    return row_of(r, &a);
}

static bool is_failure(int status)
{
    return status == XB_FAILED || status == XB_CORRUPT || status == XB_TIMEOUT;
}

static int add_lane(struct xb_report *r, const struct xb_report_case *c, size_t i)
{
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    const struct xb_report_lane_time *t = &lane->time_us;
    struct xb_report_path *row = row_of_lane(r, c, i);

    if (!row)
        return -1;
    if (!t->there || !(t->min > 0) || !(c->transfer_bytes >= 0))
        return 0;
    row->total_transfers += lane->transfers;
    row->total_bytes += (double)lane->transfers * c->transfer_bytes;
    row->total_time_us += (double)lane->transfers * t->mean;
    row->best_gb_per_s = fmax(row->best_gb_per_s, xb_gb_per_s(c->transfer_bytes, t->min));
    return 0;
}

static int add_case(struct xb_report *r, const struct xb_report_case *c)
{
    struct xb_report_path *row;
    size_t failed = 0;

    if (c->status == XB_SKIPPED)
        return 0;
    while (failed < c->lanes.n && !is_failure(xb_report_lane_at(c, failed)->status))
        failed++;
    /* A case that failed before it had lanes still belongs to the path that was asked for. */
    row = row_of_lane(r, c, is_failure(c->status) && failed < c->lanes.n ? failed : 0);
    if (!row)
        return -1;
    row->failures += is_failure(c->status);
    /* What carried wrong bytes, faster than the path can, or not to the end, says nothing about
     * its speed. */
    for (size_t i = 0; i < c->lanes.n; i++)
        if (xb_report_lane_at(c, i)->status == XB_OK && add_lane(r, c, i) < 0)
            return -1;
    return 0;
}

int xb_report_total(struct xb_report *report, struct xb_error *err)
{
    for (size_t i = 0; i < report->paths.n; i++)
        xb_fields_release(xb_report_path_fields, xb_report_path_at(report, i));
    report->paths.n = 0;
    for (size_t i = 0; i < report->cases.n; i++)
        if (add_case(report, xb_report_case_at(report, i)) < 0)
            return xb_fail(err, "out of memory for the report");
    for (size_t i = 0; i < report->paths.n; i++) {
        struct xb_report_path *row = xb_report_path_at(report, i);
        if (row->total_time_us > 0)
            row->avg_gb_per_s = xb_gb_per_s(row->total_bytes, row->total_time_us);
    }
    return 0;
}
