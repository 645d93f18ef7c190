/* SPDX-License-Identifier: BSD-3-Clause */
/* part.h - what one rank does of a transfer that is made again and again, by the method of the
 * engine that the case's options stand for.
 *
 * Both roles are one part within a rank; between two ranks each has a part. A part is
 * described, probed, opened and prepared once, in this order; then its bytes are made new, any
 * number of posts follow, each waited for, and its bytes are looked at. All but describe and
 * close fill err.
 */
#ifndef XB_LAB_INTERFERENCE_PART_H
#define XB_LAB_INTERFERENCE_PART_H

#include "engine/measure/lane_run.h"
#include "lab/experiment.h"

struct xb_part {
    const struct xb_lab_case *l;
    struct xb_case c; /* as the engine knows it */
    struct xb_lane_run run;
    uint64_t key;   /* of its bytes */
    unsigned ahead; /* steps by which the last post has read further on */
};

/* Say what the part is; index: 0, or 1 of a second transfer. It points into itself, so it must
 * stay where it is. */
void xb_part_describe(struct xb_part *p, const struct xb_lab_case *l, int index);

/* The case alone, on any rank. */
void xb_part_case(const struct xb_case *given, struct xb_case *out);

/* XB_GO, XB_SKIP with the reason, or XB_ERROR. */
int xb_part_probe(const struct xb_part *p, struct xb_error *err);

/* Add the memory that it needs and the arena lacks. */
void xb_part_needs(const struct xb_part *p, struct xb_needs *needs);

/* Take buffers and stream, and open; card is for the other end. Prepare takes that one's card,
 * within a rank its own. XB_GO, XB_SKIP or XB_ERROR; close follows in any case. */
int xb_part_open(struct xb_part *p, struct xb_card *card, struct xb_error *err);
int xb_part_prepare(struct xb_part *p, const struct xb_card *card, struct xb_error *err);

/* Give the source bytes of that key, which no key before had, and the destination none of them.
 * 0 or -1. */
int xb_part_renew(struct xb_part *p, uint64_t key, struct xb_error *err);

/* Start so many transfers, which read from the beginning of the source or, with ahead 1, from a
 * step further on, so that no post finds its bytes where they must be; 0 or -1. done: 1 when
 * they are complete, 0 when not yet, -1. A rank without a part in that does nothing. */
int xb_part_post(struct xb_part *p, int n, unsigned ahead, struct xb_error *err);
int xb_part_done(struct xb_part *p, struct xb_error *err);

/* Compare the destination with what the last post must have left there, and what lies before
 * and behind with what was there; adds to *out. 0 or -1. */
int xb_part_check(const struct xb_part *p, unsigned ahead, struct xb_verify *out,
                  struct xb_error *err);

/* GPU of this rank whose engine or kernel moves the bytes. */
int xb_part_gpu(const struct xb_part *p);

/* broken: something is under way that may never end. */
void xb_part_close(struct xb_part *p, bool broken);

#endif
