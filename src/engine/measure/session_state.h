/* session_state.h - in what state the GPUs of a run are, when it begins and when it ends. */
#ifndef XB_ENGINE_MEASURE_SESSION_STATE_H
#define XB_ENGINE_MEASURE_SESSION_STATE_H

#include "engine/runtime/session.h"
#include "model/topology/gpu_state.h"

/* The state of this rank's GPU now; not there without one. Called by all ranks of a node, after
 * they have taken their GPUs: they tell each other their process ids. */
void xb_session_state(const struct xb_session *session, const struct xb_place *place,
                      struct xb_gpu_state *out);

/* The states of all ranks' GPUs now, with the fastest that their PCI Express has been seen
 * since the session began. Called by all ranks; out[nranks] is filled on rank 0 and not used
 * elsewhere. */
void xb_session_states(const struct xb_session *session, struct xb_gpu_state *out);

#endif
