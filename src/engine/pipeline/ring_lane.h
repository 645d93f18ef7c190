/* SPDX-License-Identifier: BSD-3-Clause */
/* ring_lane.h - a lane through a ring of host memory: device -> ring -> device, in chunks.
 *
 * The calls are those of method.h, for methods whose rows point here; each rank calls them for
 * its own end of the lane. What differs between the methods stands in the options.
 */
#ifndef XB_ENGINE_PIPELINE_RING_LANE_H
#define XB_ENGINE_PIPELINE_RING_LANE_H

#include <stdbool.h>

#include "engine/pipeline/host_copy.h"
#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"

struct xb_ring_lane_options {
    bool pinned;    /* the ring is registered with the devices */
    bool by_kernel; /* kernels read and write the ring, else copy engines */
    int sms;        /* multiprocessors that such a kernel may have; 0: all */
    int threads;    /* that copy between a host buffer and the ring, and as many that work on
                       chunks; 1, or 0: the rank's own */
    enum xb_stores stores; /* of copies between a host buffer and the ring */
};

int xb_ring_lane_probe(const struct xb_transfer *t, const struct xb_ring_lane_options *o,
                       struct xb_error *err);
void xb_ring_lane_needs(const struct xb_transfer *t, struct xb_needs *needs);
int xb_ring_lane_open(const struct xb_transfer *t, const struct xb_ring_lane_options *o,
                      void **ctx, struct xb_card *card, struct xb_error *err);
int xb_ring_lane_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err);
int xb_ring_lane_post(void *ctx, int n, struct xb_error *err);
int xb_ring_lane_wait(void *ctx, struct xb_error *err);
void xb_ring_lane_close(void *ctx);
bool xb_ring_lane_staging(void *ctx, struct xb_mem *out);
struct xb_pipeline *xb_ring_lane_pipeline(void *ctx);
uint64_t xb_ring_lane_checksum(void *ctx);

#endif
