/* SPDX-License-Identifier: BSD-3-Clause */
/* submission_internal.h - what the ways to submit share. */
#ifndef XB_ENGINE_PIPELINE_SUBMISSION_INTERNAL_H
#define XB_ENGINE_PIPELINE_SUBMISSION_INTERNAL_H

#include "engine/pipeline/address_list.h"
#include "engine/pipeline/submission.h"

#define XB_TURN_PLACES 3 /* where transfers of a batch may begin, a step apart */

struct xb_submission {
    const struct xb_transfer *t;
    struct xb_submitter by;
    const struct xb_way *way;
    uint64_t blocks, block; /* of a transfer, and bytes of each */
    uint64_t granule; /* from one address of the lists to the next one, in the bytes that a
                         turn counts */
    unsigned align;   /* see struct xb_block_list */
    struct xb_address_list dst, src; /* blocks of the ends: a transfer's are those from where
                                        it begins on */
    size_t *bytes;                   /* owned; of each block */
    struct xb_event *event;
    struct xb_graph *graph[XB_TURN_PLACES][XB_TURN_PLACES]; /* by where a transfer begins in the
                                                               destination, and how much
                                                               further on in the source */
    struct xb_pack *pack;                                   /* owned */
};

/* A way to submit: a row of the table in submission.c. */
struct xb_way {
    const char *name;
    bool reads_lists; /* a kernel takes part, which needs the lists where it can read them */
    bool addressed;   /* it needs a GPU that can address both ends */
    bool on_host;     /* it can be done between two ends in host memory */
    /* More that it asks, opening and closing: NULL for nothing. */
    int (*probe)(const struct xb_transfer *t, const struct xb_submitter *by,
                 struct xb_error *err);
    int (*open)(struct xb_submission *s, struct xb_error *err);
    void (*close)(struct xb_submission *s);
    /* Start transfer i of those that are posted together. */
    int (*start)(struct xb_submission *s, int i, struct xb_error *err);
    /* In place of start, for a way that keeps account of its own. */
    int (*post)(struct xb_submission *s, int n, struct xb_error *err);
    int (*done)(struct xb_submission *s, struct xb_error *err);
};

/* submission_lists.c: the blocks of transfer i, or of one that begins so many bytes on, with
 * addresses for the processor, or for kernels. */
struct xb_block_list xb_submission_list(const struct xb_submission *s, int i, bool for_kernels);
struct xb_block_list xb_submission_list_from(const struct xb_submission *s, uint64_t dst,
                                             uint64_t src, bool for_kernels);

/* Packed into one copy: submission_pack.c. */
int xb_pack_open(struct xb_submission *s, struct xb_error *err);
void xb_pack_close(struct xb_submission *s);
int xb_pack_post(struct xb_submission *s, int n, struct xb_error *err);
int xb_pack_done(struct xb_submission *s, struct xb_error *err);
void xb_pack_needs(const struct xb_transfer *t, struct xb_needs *needs);

#endif
