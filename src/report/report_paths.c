/* report_paths.c - `paths[]`: what the case entries add up to, per method, path and size class.
 *
 * One sample of a case is ops_per_sample transfers on every lane, and each lane counts for its
 * own path: the way back of `bidirectional` and `pingpong` is another path wherever source and
 * destination differ. samples_us is the time of one transfer of one lane, so a lane is busy for
 * samples_us * ops_per_sample of a sample: all of its wall time where every chain has one lane,
 * and an equal share of it where the lanes of a chain follow one another, since samples_us is
 * then one way.
 */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/report_json.h"

struct xb_path_row {
    const char *method, *src, *dst, *locality; /* borrowed from the case entries */
    double size_class;
    double transfers, bytes, time_us, failures;
    double best; /* GB/s; negative if nothing was timed */
};

struct xb_path_rows {
    struct xb_path_row *row;
    size_t count, room;
};

static bool same_row(const struct xb_path_row *a, const struct xb_path_row *b)
{
    return a->size_class == b->size_class && strcmp(a->method, b->method) == 0 &&
           strcmp(a->src, b->src) == 0 && strcmp(a->dst, b->dst) == 0 &&
           strcmp(a->locality, b->locality) == 0;
}

/* The row of a case for the endpoints of `ends`, a lane or the key; made if there is none yet.
 * NULL when out of memory. */
static struct xb_path_row *row_of(struct xb_path_rows *rows, const cJSON *entry,
                                  const cJSON *ends)
{
    const struct xb_path_row wanted = {
        .method = xb_report_member_text(entry, "key", "method"),
        .src = xb_report_member_text(ends, NULL, "src"),
        .dst = xb_report_member_text(ends, NULL, "dst"),
        .locality = xb_report_member_text(entry, "key", "locality"),
        .size_class = xb_report_member_number(entry, "key", "size_class"),
        .best = -1,
    };

    for (size_t i = 0; i < rows->count; i++) {
        if (same_row(&rows->row[i], &wanted))
            return &rows->row[i];
    }
    if (rows->count == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        struct xb_path_row *row = realloc(rows->row, room * sizeof(*row));

        if (!row)
            return NULL;
        rows->row = row;
        rows->room = room;
    }
    rows->row[rows->count] = wanted;
    return &rows->row[rows->count++];
}

/* What one lane of a case did. */
static void add_samples(struct xb_path_row *row, const cJSON *entry)
{
    double bytes = xb_report_member_number(entry, NULL, "transfer_bytes");
    double ops = xb_report_member_number(entry, "timing", "ops_per_sample");
    const cJSON *samples = xb_report_member(entry, NULL, "samples_us"), *sample;

    cJSON_ArrayForEach(sample, samples)
    {
        double us = cJSON_GetNumberValue(sample);

        /* Also leaves out a NaN: an entry that lacks a figure adds nothing. */
        if (!(us > 0 && ops > 0 && bytes >= 0))
            continue;
        row->transfers += ops;
        row->bytes += ops * bytes;
        row->time_us += us * ops;
        row->best = fmax(row->best, xb_gb_per_s(bytes, us));
    }
}

static int add_case(struct xb_path_rows *rows, const cJSON *entry)
{
    int status = xb_status_find(xb_report_member_text(entry, NULL, "status"));
    const cJSON *lanes = xb_report_member(entry, NULL, "lanes"), *lane;

    if (status < 0 || status == XB_SKIPPED)
        return 0;
    /* A case that failed before it had lanes still belongs to the path that was asked for. */
    const cJSON *first = cJSON_GetArrayItem(lanes, 0);
    struct xb_path_row *row =
        row_of(rows, entry, first ? first : xb_report_member(entry, NULL, "key"));
    if (!row)
        return -1;
    if (status == XB_FAILED || status == XB_CORRUPT || status == XB_TIMEOUT)
        row->failures++;
    /* What carried wrong bytes, faster than the path can, or not to the end, says nothing about
     * its speed. */
    if (status != XB_OK)
        return 0;
    cJSON_ArrayForEach(lane, lanes)
    {
        row = row_of(rows, entry, lane);
        if (!row)
            return -1;
        add_samples(row, entry);
    }
    return 0;
}

static cJSON *row_json(const struct xb_path_row *row)
{
    bool timed = row->time_us > 0;
    double average = timed ? xb_gb_per_s(row->bytes, row->time_us) : NAN;
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "method", xb_report_text(row->method)) &&
        xb_report_put(object, "src", xb_report_text(row->src)) &&
        xb_report_put(object, "dst", xb_report_text(row->dst)) &&
        xb_report_put(object, "locality", xb_report_text(row->locality)) &&
        xb_report_put(object, "size_class", xb_report_number(row->size_class)) &&
        xb_report_put(object, "total_transfers", xb_report_number(row->transfers)) &&
        xb_report_put(object, "total_bytes", xb_report_number(row->bytes)) &&
        xb_report_put(object, "total_time_us", xb_report_number(row->time_us)) &&
        xb_report_put(object, "failures", xb_report_number(row->failures)) &&
        xb_report_put(object, "best_gb_per_s", xb_report_number(timed ? row->best : NAN)) &&
        xb_report_put(object, "avg_gb_per_s", xb_report_number(average));

    return xb_report_done(object, good);
}

cJSON *xb_report_paths(const cJSON *cases)
{
    struct xb_path_rows rows = {0};
    cJSON *paths = cJSON_CreateArray();
    bool good = paths != NULL;
    const cJSON *entry;

    cJSON_ArrayForEach(entry, cases)
    {
        good = good && add_case(&rows, entry) == 0;
    }
    for (size_t i = 0; good && i < rows.count; i++)
        good = xb_report_push(paths, row_json(&rows.row[i]));
    free(rows.row);
    return xb_report_done(paths, good);
}
