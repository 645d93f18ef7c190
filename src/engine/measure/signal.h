/* SPDX-License-Identifier: BSD-3-Clause */
/* signal.h - how the two ends of a lane tell each other that something is complete, or whose
 * turn it is: the same way for every method, so that its cost is the same for all. On one node
 * each end has a flag in memory that both share; between nodes they are empty messages.
 */
#ifndef XB_ENGINE_MEASURE_SIGNAL_H
#define XB_ENGINE_MEASURE_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/pipeline/transfer.h"
#include "engine/runtime/shm.h"

/* One end. All zero for a lane within a rank, which needs no signals. */
struct xb_signal {
    const struct xb_transfer *t;
    int tag;             /* of the messages between nodes */
    struct xb_shm board; /* with both flags; empty between nodes */
    uint64_t given, heard;
    MPI_Request request;
    bool waits; /* request is open */
};

/* Where the shared flags are, as it travels between the ends. */
struct xb_signal_card {
    char name[XB_SHM_NAME_LEN];
    uint64_t bytes;
};

/* The source makes the flags and says in the card where they are; the destination takes the
 * source's card. t outlives the signal. 0 or -1. */
int xb_signal_open(struct xb_signal *s, const struct xb_transfer *t, int tag,
                   struct xb_signal_card *card, struct xb_error *err);
int xb_signal_join(struct xb_signal *s, const struct xb_signal_card *card,
                   struct xb_error *err);

/* Give the other end one signal. 0 or -1. */
int xb_signal_give(struct xb_signal *s, struct xb_error *err);

/* Take one signal of the other end: 1, 0 while there is none, or -1. */
int xb_signal_take(struct xb_signal *s, struct xb_error *err);

/* Stop waiting for a signal that may never come: it would take a later one of the same tag. */
void xb_signal_give_up(struct xb_signal *s);

/* Give back what was opened, in the state that the transfer ended in. */
void xb_signal_close(struct xb_signal *s);

#endif
