/* overlap.c - three stages within one rank, and what of them runs at the same time. */
#include "model/patterns/patterns.h"

static int overlap_lanes(const struct xb_path *path, const struct xb_job *job,
                         struct xb_lanes *out, struct xb_error *err)
{
    (void)job;
    if (path->locality != XB_SELF) {
        xb_fail(err, "overlap is within one rank; the path says %s",
                xb_locality_name(path->locality));
        return 1;
    }
    out->count = 1;
    out->chains = 1;
    out->lane[0] = (struct xb_lane){.path = *path};
    return 0;
}

const struct xb_pattern xb_pattern_overlap = {
    .name = "overlap",
    .summary = "prepare, compute and download, process: stages of one rank that may overlap",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_OVERLAP,
    .lanes = overlap_lanes,
};
