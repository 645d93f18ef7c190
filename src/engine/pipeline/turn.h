/* SPDX-License-Identifier: BSD-3-Clause */
/* turn.h - which bytes each transfer of a batch moves, so that those that were not moved show.
 *
 * A lane's transfers do not all go from one place to one place. The first of a batch begins at
 * the beginning of both buffers, the last two steps further on, those between them one step. A
 * step is XB_TURN_STEP bytes, or what is as much in whole blocks. The source is read further on
 * than the destination is written: by two steps in the first of several rounds, by one in every
 * other round behind it. So each round finds other bytes than its own in the destination; only
 * the first transfer leaves bytes in the first step, only the last one in the last, and what
 * lies between is not what the first round left there. Transfers of one round may complete in
 * any order: where they overlap they write the same.
 *
 * Example, 4 rounds of one transfer of 8 KiB, in steps: [2,4) of the source to [0,2), then
 * [2,4) to [1,3), [1,3) to [1,3), and [3,5) to [2,4).
 *
 * What a destination must hold after a batch is a list of patches. Stamps are short stretches
 * of the source that are written anew before each batch and compared behind it. All is pure.
 */
#ifndef XB_ENGINE_PIPELINE_TURN_H
#define XB_ENGINE_PIPELINE_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "stamps.h"

/* A page of the host's: what is aligned stays so. */
#define XB_TURN_STEP 4096

/* Steps by which the last transfer begins further on than the first: buffers are so much larger
 * than one transfer. */
#define XB_TURN_SRC_STEPS 3
#define XB_TURN_DST_STEPS 2

/* The rounds of a batch. */
struct xb_batch {
    uint64_t step;    /* bytes; 0: all transfers go from one place to one place */
    int64_t rounds;   /* one after another */
    int window;       /* transfers in each */
    unsigned odd;     /* 1: it is the even rounds, from 0, that read a step further on */
    uint64_t written; /* bytes that one transfer writes, from its beginning */
};

/* The n transfers that are posted together: one round, or all rounds at once. All zero for
 * those that always go from one place to one place. */
struct xb_turn {
    uint64_t step;
    unsigned ahead;           /* steps by which the source is read further on */
    bool has_first, has_last; /* of the batch */
    bool forwards;            /* the source is what another lane has left as its destination */
    int n;
};

/* Round `round` of a batch, from 0. */
static inline struct xb_turn xb_turn_of(const struct xb_batch *batch, int64_t round)
{
    return (struct xb_turn){
        .step = batch->step,
        .ahead = round == 0 && batch->rounds > 1 ? 2 : (unsigned)(round + batch->odd) % 2,
        .has_first = round == 0,
        .has_last = round == batch->rounds - 1,
        .n = batch->window};
}

/* How far behind the beginning of its buffers transfer i of a turn begins; and the buffer that
 * its bytes come from at last, which is another's where it forwards them. They are asked within
 * the time of each transfer. */
static inline uint64_t xb_turn_dst(const struct xb_turn *turn, int i)
{
    if (turn->has_first && i == 0)
        return 0;
    return turn->has_last && i == turn->n - 1 ? 2 * turn->step : turn->step;
}

static inline uint64_t xb_turn_origin(const struct xb_turn *turn, int i)
{
    return xb_turn_dst(turn, i) + turn->ahead * turn->step;
}

static inline uint64_t xb_turn_src(const struct xb_turn *turn, int i)
{
    return turn->forwards ? xb_turn_dst(turn, i) : xb_turn_origin(turn, i);
}

/* A stretch of the destination behind a batch. */
struct xb_patch {
    uint64_t at, bytes; /* from where its first transfer begins */
    bool untouched;     /* no transfer wrote here */
    uint64_t dst, src;  /* where the transfer that wrote here last begins in both */
};
#define XB_TURN_PATCHES 7

/* Split bytes [0, size) of the destination, which hold all that the batch writes; returns how
 * many patches there are. */
int xb_turn_patches(const struct xb_batch *batch, uint64_t size,
                    struct xb_patch patches[XB_TURN_PATCHES]);

/* Where stamps lie in a source whose transfers are of so many bytes and begin a step apart: at
 * the beginning and the end of whatever a transfer may read, and between them in every unit,
 * which is what a method cuts its transfers into (0: it does not). */
struct xb_stamps xb_stamps_make(uint64_t bytes, uint64_t step, uint64_t unit);

#endif
