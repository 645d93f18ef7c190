/* SPDX-License-Identifier: BSD-3-Clause */
/* counters.h - what the hardware's own counters saw of a block of transfers: which wire it
 * took.
 *
 * NVLink and PCI Express bytes are those of the rank's GPU, from NVML; NIC bytes those of its
 * nearest NIC, from Linux. A counter that cannot be read is unknown, never guessed.
 */
#ifndef XB_ENGINE_MEASURE_COUNTERS_H
#define XB_ENGINE_MEASURE_COUNTERS_H

#include <stdint.h>

#include "engine/measure/case_run.h"

/* Called by all members of a round around its timed block: begin before it, batch after every
 * batch of so many rounds, outside the timer; it reads the counters often enough that those
 * which the driver holds in 32 bits are not lost. After end run->counting.seen has what this
 * rank's counters moved by. */
void xb_counters_begin(struct xb_case_run *run);
void xb_counters_batch(struct xb_case_run *run, int64_t rounds);
void xb_counters_end(struct xb_case_run *run);

/* What the counters have seen since they were read last does not belong to the block: called
 * before a batch after what moved bytes outside the timer. */
void xb_counters_skip(struct xb_case_run *run);

/* May a counter of 32 bits have begun anew more than once since it was read, when so many bytes
 * were moved in that time? Not where its link, of so many GB/s (0: unknown), cannot carry that
 * much in so short a time: most of the bytes went another way then. */
bool xb_counter_is_lost(uint64_t bytes, double elapsed_us, double gb_per_s);

#endif
