/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_part.c - what a pipelined transfer was seen to spend its time on. */
#include "report/pipeline_part.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The model's time is that of pipeline_model.h. */
int xb_pipeline_part_fill(const struct xb_pipeline_times *times, double median_us,
                          struct xb_report_pipeline *out)
{
    if (times->nstages == 0)
        return 0;
    out->there = true;
    for (int i = 0; i < times->nstages; i++) {
        const struct xb_stage_time *s = &times->stage[i];
        struct xb_report_stage *stage = xb_list_add(&out->stages, sizeof(*stage));

        if (!stage || xb_text_dup(s->name, &stage->name) < 0)
            return -1;
        stage->rank = s->rank;
        stage->us = s->us;
        stage->first_us = s->first_us;
    }
    out->there_us = times->has_way ? times->there_us : NAN;
    out->back_us = times->has_way ? times->back_us : NAN;
    out->chunks = (int64_t)times->chunks;
    out->saturating_depth = times->saturating_depth;
    out->model_us = times->model_us;
    out->measured_over_model = times->model_us > 0 ? median_us / times->model_us : NAN;
    return xb_text_dup(times->stage[times->bottleneck].name, &out->bottleneck);
}

struct xb_pipeline_times xb_pipeline_part_times(const struct xb_report_pipeline *part)
{
    struct xb_pipeline_times times = {.nstages = 0};

    if (!part->there)
        return times;
    for (size_t i = 0; i < part->stages.n && i < XB_MAX_STAGE_TIMES; i++) {
        const struct xb_report_stage *from =
            (const struct xb_report_stage *)part->stages.item + i;
        struct xb_stage_time *stage = &times.stage[times.nstages++];

        snprintf(stage->name, sizeof(stage->name), "%s", from->name);
        stage->rank = (int)from->rank;
        stage->us = from->us;
        stage->first_us = from->first_us;
        if (part->bottleneck && strcmp(part->bottleneck, from->name) == 0)
            times.bottleneck = (int)i;
    }
    times.has_way = isfinite(part->there_us);
    times.there_us = part->there_us;
    times.back_us = part->back_us;
    times.chunks = (uint64_t)part->chunks;
    times.saturating_depth = (int)part->saturating_depth;
    times.model_us = part->model_us;
    return times;
}
