/* SPDX-License-Identifier: BSD-3-Clause */
/* session_use.h - what the processes of a session take of their nodes now. */
#ifndef XB_ENGINE_MEASURE_SESSION_USE_H
#define XB_ENGINE_MEASURE_SESSION_USE_H

#include "engine/runtime/session.h"
#include "report/use.h"

/* Called by all ranks; out[nranks] is filled on rank 0 and not used elsewhere. */
void xb_session_use(const struct xb_session *session, struct xb_use *out);

#endif
