/* exec.h - measures one case, by DESIGN's eight steps. */
#ifndef XB_ENGINE_MEASURE_EXEC_H
#define XB_ENGINE_MEASURE_EXEC_H

#include <stdbool.h>

#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "report/result.h"

struct xb_exec_options {
    const struct xb_sampling *sampling;
    double timeout_s;  /* of one case, all its steps together */
    bool batches_only; /* leave out the single transfers, for who needs medians alone */
    bool trace;        /* keep what one transfer of a pipelined case did when */
};

/* Called by all ranks with the same case: lanes, probe, memory, buffers, verified transfer,
 * warm-up, batch size, samples, verification, clean-up. Every way it can go is a result:
 * nothing is returned. On rank 0 out holds the result, on other ranks its status alone. The
 * caller releases it. */
void xb_exec_case(const struct xb_session *session, const struct xb_case *c,
                  const struct xb_exec_options *options, struct xb_result *out);

#endif
