/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_mapping.h - another rank's GPU memory, mapped by NCCL instead of by CUDA's handles: a
 * window of the two ranks, and the pointer into it that NCCL gives to kernels. */
#ifndef XB_ENGINE_METHODS_NCCL_MAPPING_H
#define XB_ENGINE_METHODS_NCCL_MAPPING_H

#include <stdint.h>

#include "base/error.h"
#include "engine/pipeline/transfer.h"

/* What the rank that owns the memory tells the one that maps it. */
struct xb_nccl_mapping_card {
    unsigned char id[128]; /* of the communicator that both join */
    uint64_t bytes;        /* of the allocation that the memory is in */
};

struct xb_nccl_mapping; /* opaque */

/* Can this lane's memory be mapped so: XB_GO, or XB_SKIP with the reason. One rank for itself;
 * has no effect but that it loads NCCL. */
int xb_nccl_mapping_probe(const struct xb_transfer *t, struct xb_error *err);

/* The owner: fill in the card for memory at the beginning of an allocation of so many bytes.
 * 0 or -1. */
int xb_nccl_mapping_offer(uint64_t bytes, struct xb_nccl_mapping_card *card,
                          struct xb_error *err);

/* Both ranks of the lane, at the same time: make a communicator of the two, the owner being
 * rank 0, and the window. mem is where the owner's memory begins, NULL on the other rank, which
 * takes as much for its own part of the window; *there is where it finds the owner's first byte
 * (NULL on the owner). XB_GO, XB_SKIP with the reason, or XB_ERROR; only with XB_GO there is
 * something to close. */
int xb_nccl_mapping_open(const struct xb_transfer *t, const struct xb_nccl_mapping_card *card,
                         void *mem, struct xb_nccl_mapping **out, void **there,
                         struct xb_error *err);

/* Both ranks, when neither uses it any more; broken: the other rank may not come to it. NULL is
 * allowed. */
void xb_nccl_mapping_close(struct xb_nccl_mapping *mapping, bool broken);

#endif
