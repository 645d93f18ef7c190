/* SPDX-License-Identifier: BSD-3-Clause */
/* report_paths.c - what cases add up to: status, passes, and `paths`, what their lanes come to
 * per method with its options, path and size class.
 *
 * A lane's mean is the time of one of its transfers, so it was busy for mean times transfers:
 * all of its wall time where every chain has one lane, and an equal share of it where the lanes
 * of a chain follow one another, since their times are one way then.
 */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
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

/* A text of a report may be empty, which is not null. */
static int name_row(const struct about *a, struct xb_report_path *row)
{
    row->options = a->options ? cJSON_Duplicate(a->options, true) : cJSON_CreateObject();
    row->method = strdup(a->method);
    row->src = strdup(a->src);
    row->dst = strdup(a->dst);
    row->locality = strdup(a->locality);
    return row->options && row->method && row->src && row->dst && row->locality ? 0 : -1;
}

/* Where a case's lanes stand among those of all cases. */
struct turn {
    size_t place, turn;
};

static bool comes_first(const struct turn *t, const struct xb_report_path *row)
{
    return t->place != row->place ? t->place < row->place : t->turn < row->turn;
}

/* The row of that; made if there is none yet. NULL when out of memory. */
static struct xb_report_path *row_of(struct xb_report *r, const struct about *a,
                                     const struct turn *t)
{
    struct xb_report_path *row = NULL;

    for (size_t i = 0; i < r->paths.n && !row; i++)
        if (is_about(xb_report_path_at(r, i), a))
            row = xb_report_path_at(r, i);
    if (row) {
        if (comes_first(t, row)) {
            row->place = t->place;
            row->turn = t->turn;
        }
        return row;
    }
    row = xb_list_add(&r->paths, sizeof(*row));
    if (!row)
        return NULL;
    xb_fields_clear(xb_report_path_fields, row);
    row->size_class = a->size_class;
    row->total_transfers = row->failures = 0;
    row->total_bytes = row->total_time_us = 0;
    row->place = t->place;
    row->turn = t->turn;
    if (name_row(a, row) == 0)
        return row;
    xb_fields_release(xb_report_path_fields, row);
    r->paths.n--;
    return NULL;
}

/* Of the lane's own bytes, where it has such. */
static int64_t class_of_lane(const struct xb_report_case *c, size_t lane)
{
    int64_t bytes = lane < c->lanes.n ? xb_report_lane_at(c, lane)->bytes : -1;

    return bytes > 0 ? xb_size_class((uint64_t)bytes) : c->key.size_class;
}

static struct xb_report_path *row_of_lane(struct xb_report *r, const struct xb_report_case *c,
                                          size_t lane, struct turn *t)
{
    const struct xb_report_step *step =
        lane < c->lanes.n ? xb_report_step_of(r, c, lane) : NULL;
    const struct about a = {.method = c->chosen.there ? c->chosen.method : c->key.method,
                            .options = c->chosen.there ? c->chosen.options : c->key.options,
                            .src = step ? step->src : c->key.src,
                            .dst = step ? step->dst : c->key.dst,
                            .locality = c->key.locality,
                            .size_class = class_of_lane(c, lane)};
    struct xb_report_path *row = row_of(r, &a, t);

    t->turn++;
    return row;
}

static bool is_failure(int status)
{
    return status == XB_FAILED || status == XB_CORRUPT || status == XB_TIMEOUT;
}

static int add_lane(struct xb_report *r, const struct xb_report_case *c, size_t i,
                    struct turn *t)
{
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    const struct xb_report_lane_time *time = &lane->time_us;
    const double bytes = xb_report_lane_bytes(c, i);
    struct xb_report_path *row = row_of_lane(r, c, i, t);

    if (!row)
        return -1;
    if (!time->there || !(time->min > 0) || !(c->transfer_bytes >= 0))
        return 0;
    row->total_transfers += lane->transfers;
    row->total_bytes += (double)lane->transfers * bytes;
    row->total_time_us += (double)lane->transfers * time->mean;
    row->best_gb_per_s = fmax(row->best_gb_per_s, xb_gb_per_s(bytes, time->min));
    return 0;
}

static int add_case(struct xb_report *r, const struct xb_report_case *c, size_t place)
{
    struct turn t = {place, 0};
    struct xb_report_path *row;
    size_t failed = 0;

    if (c->status == XB_SKIPPED)
        return 0;
    while (failed < c->lanes.n && !is_failure(xb_report_lane_at(c, failed)->status))
        failed++;
    /* A case that failed before it had lanes still belongs to the path that was asked for. */
    row = row_of_lane(r, c, is_failure(c->status) && failed < c->lanes.n ? failed : 0, &t);
    if (!row)
        return -1;
    row->failures += is_failure(c->status);
    /* What carried wrong bytes, faster than the path can, or not to the end, says nothing about
     * its speed. */
    for (size_t i = 0; i < c->lanes.n; i++)
        if (xb_report_lane_at(c, i)->status == XB_OK && add_lane(r, c, i, &t) < 0)
            return -1;
    return 0;
}

static enum xb_run_status worse(enum xb_run_status was, int status)
{
    if (status == XB_CORRUPT || was == XB_RUN_CORRUPT)
        return XB_RUN_CORRUPT;
    if (status == XB_OK && was == XB_RUN_NOTHING)
        return XB_RUN_OK;
    return status == XB_OK || status == XB_SKIPPED ? was : XB_RUN_FAILED;
}

static void count_passes(struct xb_report_run *run, const struct xb_report_case *c)
{
    if (run->passes > 0 && c->timing.passes > run->passes_made)
        run->passes_made = c->timing.passes;
}

enum xb_run_status xb_report_status(const struct xb_report *report)
{
    enum xb_run_status worst = report->store.status;

    for (size_t i = 0; i < report->cases.n; i++)
        worst = worse(worst, xb_report_case_at(report, i)->status);
    return worst;
}

int xb_report_count(struct xb_report *report, const struct xb_report_case *c, size_t place,
                    struct xb_error *err)
{
    report->store.status = worse(report->store.status, c->status);
    count_passes(&report->run, c);
    return add_case(report, c, place) < 0 ? xb_fail(err, "out of memory for the report") : 0;
}

static int by_first(const void *a, const void *b)
{
    const struct xb_report_path *x = a, *y = b;
    const struct turn t = {x->place, x->turn};

    return comes_first(&t, y) ? -1 : 1; /* no lane is in two rows */
}

/* What follows from the rows when all cases are in them. */
static void finish(struct xb_report *report)
{
    if (report->paths.n > 1)
        qsort(report->paths.item, report->paths.n, sizeof(struct xb_report_path), by_first);
    for (size_t i = 0; i < report->paths.n; i++) {
        struct xb_report_path *row = xb_report_path_at(report, i);
        if (row->total_time_us > 0)
            row->avg_gb_per_s = xb_gb_per_s(row->total_bytes, row->total_time_us);
    }
}

int xb_report_total(struct xb_report *report, struct xb_error *err)
{
    for (size_t i = 0; !report->store.read && i < report->paths.n; i++)
        xb_fields_release(xb_report_path_fields, xb_report_path_at(report, i));
    report->paths.n = report->store.read ? report->paths.n : 0;
    for (size_t i = 0; i < report->cases.n; i++) {
        count_passes(&report->run, xb_report_case_at(report, i));
        if (add_case(report, xb_report_case_at(report, i), i) < 0)
            return xb_fail(err, "out of memory for the report");
    }
    finish(report);
    return 0;
}
