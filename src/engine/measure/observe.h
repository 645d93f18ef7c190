/* SPDX-License-Identifier: BSD-3-Clause */
/* observe.h - what the stages of a pipelined transfer spend their time on. */
#ifndef XB_ENGINE_MEASURE_OBSERVE_H
#define XB_ENGINE_MEASURE_OBSERVE_H

#include "engine/measure/case_run.h"

/* A few more transfers of a case whose one lane is a pipeline, with a look at its stages, into
 * out on the first member; nothing for other cases. Called by all members; XB_GO or what ended
 * it. */
int xb_observe_pipeline(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);

#endif
