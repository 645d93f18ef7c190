/* SPDX-License-Identifier: BSD-3-Clause */
/* session_state.h - what a session finds out about its ranks' GPUs, NICs and memory beside
 * their places: in what state they are, and what is really used. */
#ifndef XB_ENGINE_MEASURE_SESSION_STATE_H
#define XB_ENGINE_MEASURE_SESSION_STATE_H

#include "engine/runtime/session.h"
#include "model/topology/gpu_state.h"

/* Put the NIC that a rank's bytes go through to other nodes in the place of the one that is
 * nearest to its GPU; "" where that cannot be known. Called by all ranks, who are told the
 * addresses of two on two nodes. */
void xb_session_nic(const struct xb_session *session, struct xb_place *place);

/* The state of this rank's GPU now; not there without one. Called by all ranks of a node, after
 * they have taken their GPUs: they tell each other their process ids. */
void xb_session_state(const struct xb_session *session, const struct xb_place *place,
                      struct xb_gpu_state *out);

/* Look where host memory lies that this rank's device allocates, and tell rank 0, with the
 * words of its place; where it is on another NUMA node than it was asked from, the rank's place
 * has a warning. Called by all ranks, each with its GPU. */
void xb_session_memory(struct xb_session *session);

/* The states of all ranks' GPUs now, with the fastest that their PCI Express has been seen
 * since the session began. Called by all ranks; out[nranks] is filled on rank 0 and not used
 * elsewhere. */
void xb_session_states(const struct xb_session *session, struct xb_gpu_state *out);

#endif
