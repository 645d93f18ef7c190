/* overlap.c - three stages within one rank, and what of them runs at the same time. */
#include "model/plan/patterns/patterns.h"

static int overlap_lanes(const struct xb_path *path, const struct xb_job *job,
                         struct xb_lanes *out, struct xb_error *err)
{
    (void)job;
    return xb_pattern_within_rank(path, "overlap is within one rank", out, err);
}

const struct xb_pattern xb_pattern_overlap = {
    .name = "overlap",
    .summary = "prepare, compute and download, process: stages of one rank that may overlap",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_OVERLAP,
    .lanes = overlap_lanes,
};
