/* SPDX-License-Identifier: BSD-3-Clause */
/* agree.h - a local outcome becomes everybody's before anyone goes on. */
#ifndef XB_ENGINE_RUNTIME_AGREE_H
#define XB_ENGINE_RUNTIME_AGREE_H

#include <mpi.h>

#include "base/error.h"

/* What a step came to, from the rank's own point of view or, agreed, from everybody's. */
enum xb_outcome {
    XB_GO = 0,
    XB_SKIP = 1,      /* cannot be done here; err holds the reason */
    XB_STOPPED = 2,   /* gave up because another rank failed, which has the reason */
    XB_TIMED_OUT = 3, /* the case's time was over */
    XB_ERROR = -1,
};

/* What one rank came to, as it travels to others: plain bytes. */
struct xb_ballot {
    int outcome, world_rank;
    int others; /* ranks beside this one that came to the same */
    char host[64];
    char text[XB_ERROR_LEN];
};

/* The ballot of a rank; err is read unless the outcome is XB_GO. */
struct xb_ballot xb_ballot_make(int outcome, int world_rank, const char *host,
                                const struct xb_error *err);

/* Keep the worse of two ballots (of the lower rank where they are alike) in into, and count who
 * came to the same. Merging any number in any order gives the same. */
void xb_ballot_merge(struct xb_ballot *into, const struct xb_ballot *from);

/* The outcome; unless it is XB_GO with the reason in err, "rank 1 (n2): ... (and 2 other
 * ranks)". */
int xb_ballot_read(const struct xb_ballot *ballot, struct xb_error *err);

/* Every rank of comm brings its outcome and, unless it is XB_GO, the reason in err. All get
 * the worst one (XB_ERROR, then XB_TIMED_OUT, XB_STOPPED, XB_SKIP) as the return value and in
 * err the reason of the lowest rank that brought it, "rank 1 (n2): ...", with a note how many
 * others came to the same. `world_rank` names the caller in the text, `host` its node. Time
 * grows with the logarithm of the ranks, memory not at all. */
int xb_agree(MPI_Comm comm, int outcome, int world_rank, const char *host,
             struct xb_error *err);

#endif
