/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_report.h - what each lane of a round came to, as its starter tells rank 0. */
#ifndef XB_ENGINE_MEASURE_LANE_REPORT_H
#define XB_ENGINE_MEASURE_LANE_REPORT_H

#include "engine/measure/case_run.h"
#include "report/result.h"

/* What one lane came to: plain bytes but for the samples, which who has the report frees. */
struct xb_lane_report {
    struct xb_lane_result result; /* without its reason, which follows */
    char reason[XB_REASON_LEN];
    bool left_out; /* an end of it, or of its chain, said that it cannot be */
    bool broken;   /* messages of the round may still be under way */
    bool tight;    /* and memory that it has left may be missing to others */
};

/* What the ends of a lane say when they are probed: XB_GO, or with the reason XB_SKIP, or
 * XB_ERROR where what it needs has failed for good. */
struct xb_verdict {
    int outcome;
    char text[XB_ERROR_LEN];
};

/* Called by all members when the round came to rc, with the reason in err unless it is XB_GO:
 * the ends of each lane tell each other what they found, and reports of the lanes that this
 * rank starts are put behind the count that are there. ops: transfers of one sample, 0 without.
 */
void xb_lane_reports_measured(struct xb_case_run *run, int rc, const struct xb_error *err,
                              int64_t ops, struct xb_lane_report *reports, size_t *count);

/* The same for the chains whose bit in skipped is set; verdicts are those of this rank's lanes.
 * For one rank itself. */
void xb_lane_reports_skipped(const struct xb_case_run *run, const struct xb_verdict *verdicts,
                             const unsigned char *skipped, struct xb_lane_report *reports,
                             size_t *count);

/* Give the count reports that are there, of a round without the skipped chains, the numbers
 * that the chains have in the whole round, of so many. */
void xb_lane_reports_number_back(const unsigned char *skipped, int chains,
                                 struct xb_lane_report *reports, size_t count);

/* Put reports into the order of chains and steps. */
void xb_lane_reports_sort(struct xb_lane_report *reports, size_t count);

/* Is bit i set? */
static inline bool xb_has_bit(const unsigned char *bits, int i)
{
    return bits[i / 8] & 1u << i % 8;
}

#endif
