/* SPDX-License-Identifier: BSD-3-Clause */
/* policy_choice.h - what stands for a case whose method the policy picks. */
#ifndef XB_ENGINE_MEASURE_POLICY_CHOICE_H
#define XB_ENGINE_MEASURE_POLICY_CHOICE_H

#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"

/* Where a case goes, as the policy's rules ask: the kind of memory of rank 0's GPU and, where a
 * rule names one, the link class that all of its lanes have. The same on all ranks. */
struct xb_policy_place xb_auto_place(const struct xb_session *session,
                                     const struct xb_policy *policy, const struct xb_case *c);

/* Called by all ranks with the same case and policy, which all come to the same: out is the
 * case to measure, under its own id: c itself, or what the policy makes of it for its path, its
 * size and its place. choice is what the policy said, without a method
 * where c asks for none. XB_GO, or XB_SKIP with the reason where there is no policy (NULL) or
 * it has no rule. */
int xb_auto_resolve(const struct xb_session *session, struct xb_policy *policy,
                    const struct xb_case *c, struct xb_case *out, struct xb_choice *choice,
                    struct xb_error *err);

#endif
