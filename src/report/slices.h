/* SPDX-License-Identifier: BSD-3-Clause */
/* slices.h - one result of the slices that a case had in the passes of a run. Pure: what the
 * lanes then come to as a case is concluded by who measures. */
#ifndef XB_REPORT_SLICES_H
#define XB_REPORT_SLICES_H

#include "report/result.h"

/* Add what one more pass gave to what the earlier ones gave, lane by lane; slice is emptied,
 * and sum is empty before the first. asked is the number of passes that the run is to make.
 *
 * Of several passes each lane and round, and the case as a whole, keeps the median of every
 * pass; its median is theirs, its interval is between them, and everything else is over the
 * samples of all passes, so slices must come with those of their lanes (of a chain's first
 * lane). Bytes that were compared add up, what the counters saw is weighted by the transfers.
 * The worst status counts, with its reason, and the first warning. What was set up, and what
 * was looked into only once, is that of the first pass that has it. With one pass asked for,
 * sum is the slice.
 *
 * Of a run that makes passes for hours not all samples can stay: where sum has most_samples, at
 * most so many of each lane do, evenly spread over the passes (model/figures/thinning.h), and
 * of percentiles alone these are the base. n, least, largest, mean and variation are those of
 * all, and the median of every pass stays. Times are not made up of them before xb_slices_time
 * is called.
 *
 * -1 when out of memory; sum then holds what it held, but for lanes that have the pass already.
 */
int xb_slices_add(struct xb_result *sum, struct xb_result *slice, int asked);

/* Make up the times of what was added so far: its work grows with the number of passes. -1 when
 * out of memory. xb_exec_conclude calls it. */
int xb_slices_time(struct xb_result *sum);

#endif
