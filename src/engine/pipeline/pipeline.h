/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline.h - chunks that pass through stages, so many in flight at once.
 *
 * Chunk k may enter a stage when it has left the one before; chunks stay in order in each. It
 * may enter the first stage when chunk k - depth has left the last one, since they share a slot
 * of the ring. Nothing here waits or allocates: progress is made whenever the owner asks.
 */
#ifndef XB_ENGINE_PIPELINE_PIPELINE_H
#define XB_ENGINE_PIPELINE_PIPELINE_H

#include <stdint.h>

#include "base/error.h"

#define XB_MAX_STAGES 4

/* What a stage's time is spent on. */
enum xb_stage_kind {
    XB_STAGE_WORK,   /* moving a chunk by itself */
    XB_STAGE_WIRE,   /* one end of a message, whose other end is a stage of another rank */
    XB_STAGE_SIGNAL, /* telling, or waiting for, another rank */
};

struct xb_stage {
    const char *name;
    enum xb_stage_kind kind;
    void *ctx;
    /* Start chunk k: 0, or -1. NULL where there is nothing to start. */
    int (*start)(void *ctx, uint64_t k, struct xb_error *err);
    /* Has chunk k, which was started, left the stage: 1, 0 not yet, or -1. NULL means at once.
     */
    int (*test)(void *ctx, uint64_t k, struct xb_error *err);
};

/* When chunks entered and left the stages, on xb_clock_us: chunks from `first` on, `room` of
 * them, mark[stage * room + chunk - first]. The owner makes it and attaches it while nothing is
 * in flight. */
struct xb_mark {
    double start_us, back_us, done_us; /* back: when starting it returned */
};

struct xb_timeline {
    uint64_t first, room;
    struct xb_mark *mark;
};

struct xb_pipeline {
    struct xb_stage stage[XB_MAX_STAGES];
    int nstages;
    uint64_t depth; /* chunks in flight at most, at least 1 */
    uint64_t total; /* chunks posted so far, of all time */
    uint64_t started[XB_MAX_STAGES], done[XB_MAX_STAGES];
    struct xb_timeline *timeline; /* NULL but for transfers that are observed */
};

/* Append a stage; at most XB_MAX_STAGES. */
void xb_pipeline_add(struct xb_pipeline *p, struct xb_stage stage);

/* So many more chunks shall pass. */
void xb_pipeline_post(struct xb_pipeline *p, uint64_t chunks);

/* Start and finish what can be: 1 when all posted chunks have left the last stage, 0 when not
 * yet, -1 when a stage failed. */
int xb_pipeline_progress(struct xb_pipeline *p, struct xb_error *err);

#endif
