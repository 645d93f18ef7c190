/* SPDX-License-Identifier: BSD-3-Clause */
/* submission.h - transfers of many blocks, and the ways to submit their copies.
 *
 * Example: 1,024 blocks of 2 KiB can be 1,024 copies, one call for a batch of copies, one 2-D
 * copy, one kernel that reads a list of addresses, a graph of copies, or one copy between two
 * buffers into which they are packed. One rank, whose GPU or processor moves the bytes, uses it
 * for itself.
 */
#ifndef XB_ENGINE_PIPELINE_SUBMISSION_H
#define XB_ENGINE_PIPELINE_SUBMISSION_H

#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"

/* Who copies, and between which buffers. */
struct xb_submitter {
    int gpu;                  /* of this process, whose stream the transfer has */
    bool on_host;             /* both ends are host memory: the calling thread copies */
    bool addresses;           /* the GPU can address both ends by itself */
    bool by_kernel;           /* a copy is a kernel; else what the device takes for it */
    int sms;                  /* that a kernel may have, 0 for all */
    unsigned char *dst, *src; /* where the transfer's ends begin, as this process sees them;
                                 not looked at by probe */
};

struct xb_submission; /* opaque */

/* Can the case's submission be done so: XB_GO, or XB_SKIP with the reason. */
int xb_submission_probe(const struct xb_transfer *t, const struct xb_submitter *by,
                        struct xb_error *err);

/* Add the memory that it takes besides the buffers. */
void xb_submission_needs(const struct xb_transfer *t, struct xb_needs *needs);

/* List where the blocks are, and prepare what can be. t outlives it. 0, or -1 with nothing
 * left.
 */
int xb_submission_open(const struct xb_transfer *t, const struct xb_submitter *by,
                       struct xb_submission **out, struct xb_error *err);

/* Start n transfers: 0 or -1. Then ask: 1 when all are complete, 0 when not yet, or -1. */
int xb_submission_post(struct xb_submission *s, int n, struct xb_error *err);
int xb_submission_done(struct xb_submission *s, struct xb_error *err);

/* Free it; does not wait. NULL is allowed. */
void xb_submission_close(struct xb_submission *s);

#endif
