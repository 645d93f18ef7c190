/* SPDX-License-Identifier: BSD-3-Clause */
/* bars.c - the bars of a trace as JSON. */
#include "report/bars.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/field_rows.h"
#include "report/report.h"
#include "report/report_json.h"

/* As the file has one. */
struct file_bar {
    char *stage;
    int64_t rank, lane, chunk;
    double start_us, done_us; /* of one clock, in full: they are large and lie close together */
    double clock_error_us;
};

static const struct xb_field bar_fields[] = {
    NEEDED(file_bar, "stage", XB_FIELD_TEXT, stage),
    NEEDED(file_bar, "rank", XB_FIELD_WHOLE, rank),
    NEEDED(file_bar, "lane", XB_FIELD_WHOLE, lane),
    NEEDED(file_bar, "chunk", XB_FIELD_WHOLE, chunk),
    NEEDED(file_bar, "start_us", XB_FIELD_BYTES, start_us),
    NEEDED(file_bar, "done_us", XB_FIELD_BYTES, done_us),
    NEEDED(file_bar, "clock_error_us", XB_FIELD_US, clock_error_us),
    {.name = NULL},
};

cJSON *xb_bars_json(const struct xb_bar *bars, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t i = 0; good && i < n; i++) {
        const struct file_bar bar = {.stage = (char *)bars[i].stage,
                                     .rank = bars[i].rank,
                                     .lane = bars[i].lane,
                                     .chunk = (int64_t)bars[i].chunk,
                                     .start_us = bars[i].start_us,
                                     .done_us = bars[i].done_us,
                                     .clock_error_us = bars[i].clock_error_us};
        good = xb_report_push(list, xb_fields_write(bar_fields, &bar));
    }
    return xb_report_done(list, good);
}

static int read_bar(const struct xb_node *node, struct xb_bar *out, struct xb_error *err)
{
    struct file_bar bar;

    if (xb_fields_read(bar_fields, node, XB_REPORT_VERSION, &bar, err) < 0)
        return -1;
    *out = (struct xb_bar){.rank = (int)bar.rank,
                           .lane = (int)bar.lane,
                           .chunk = (uint64_t)bar.chunk,
                           .start_us = bar.start_us,
                           .done_us = bar.done_us,
                           .clock_error_us = bar.clock_error_us};
    snprintf(out->stage, sizeof(out->stage), "%s", bar.stage);
    xb_fields_release(bar_fields, &bar);
    return 0;
}

int xb_bars_read(const struct xb_node *object, struct xb_bar **bars, size_t *n,
                 struct xb_error *err)
{
    struct xb_node list, node;

    *bars = NULL;
    *n = 0;
    if (!xb_node_member(object, XB_BARS, &list))
        return 0;
    if (xb_node_expect_array(&list, 1, err) < 0)
        return -1;
    *bars = calloc(xb_node_count(&list), sizeof(**bars));
    int rc = *bars ? 0 : xb_fail(err, "out of memory for a trace");
    for (bool more = xb_node_first(&list, &node); rc == 0 && more;
         more = xb_node_next(&list, &node))
        rc = read_bar(&node, &(*bars)[(*n)++], err);
    if (rc < 0) {
        free(*bars);
        *bars = NULL;
        *n = 0;
    }
    return rc;
}
