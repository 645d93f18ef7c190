/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_link.h - how watchdogs of several nodes hear of each other: plain TCP, since MPI may be
 * what hangs, and may be called by the main thread alone.
 *
 * Rank 0 listens; the lowest rank of each other node calls it at an address that MPI has told,
 * and says once a second how the ranks of its node look to it. Rank 0 answers as often with
 * whether the run goes on. A node that cannot call is not watched: its ranks then wait for the
 * launcher. All but the first two are called by the watchdog's thread, and none waits.
 */
#ifndef XB_ENGINE_RUNTIME_WATCH_LINK_H
#define XB_ENGINE_RUNTIME_WATCH_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/runtime/watch_view.h"

#define XB_WATCH_ADDRESSES 16

/* Where rank 0 can be called: plain bytes. */
struct xb_watch_number {
    uint64_t token; /* that a caller must know; 0: nobody listens */
    uint16_t port;
    uint16_t n;
    uint32_t address[XB_WATCH_ADDRESSES]; /* IPv4, as it travels */
};

/* Rank 0 listens; where that cannot be, out->token is 0. */
void xb_watch_link_listen(struct xb_watch_number *out);

/* Another node's lowest rank will call that number. */
void xb_watch_link_call(const struct xb_watch_number *number);

/* What every rank but those of rank 0's node looks like by now, as far as it has been heard:
 * views has one for each rank of the world, of which those are changed. By rank 0. */
void xb_watch_link_hear(struct xb_watch_view *views, size_t n);

/* Tell all nodes, once a second or now: the run goes on (status < 0), or ends with a status. By
 * rank 0. */
void xb_watch_link_tell(int status, bool now);

/* Has any other node called? */
bool xb_watch_link_is_used(void);

/* Have all ranks of the nodes that have called ended? By rank 0. */
bool xb_watch_link_all_ended(const struct xb_watch_view *views, size_t n);

/* Say how the ranks of this node look, once a second or now. Returns false while rank 0 has not
 * been reached. */
bool xb_watch_link_say(const struct xb_watch_view *views, size_t n, bool now);

/* What rank 0 said last: -1 that the run goes on, else the status to end with. */
int xb_watch_link_order(void);

/* For how long nothing was heard of rank 0, in seconds of this rank's watch; *closed is set
 * where its end of the connection is. */
double xb_watch_link_silence(bool *closed);

#endif
