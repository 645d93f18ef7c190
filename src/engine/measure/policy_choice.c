/* SPDX-License-Identifier: BSD-3-Clause */
/* policy_choice.c - what stands for a case whose method the policy picks. */
#include "engine/measure/policy_choice.h"

#include "engine/runtime/agree.h"
#include "model/plan/schedule.h"
#include "model/topology/link_class.h"

/* What joins the ends of all lanes of a case; XB_LINK_MIXED where they differ, and where the
 * job has no ranks for it. */
static int link_of(const struct xb_session *session, const struct xb_case *c)
{
    const struct xb_machine machine = xb_session_machine(session);
    const struct xb_job job = xb_session_job(session);
    struct xb_schedule schedule;
    struct xb_round round = {0};
    struct xb_error none;
    int link = XB_LINK_MIXED;
    bool alike = xb_schedule_open(c, &job, &schedule, &none) == 0, is_open = alike;

    for (size_t i = 0; alike && i < schedule.rounds; i++) {
        alike = xb_schedule_round(&schedule, i, &round, &none) == 0;
        for (size_t k = 0; alike && k < round.count; k++) {
            const struct xb_lane *lane = &round.lane[k];
            int of_lane = (int)xb_link_class_between(&machine, &lane->path, lane->src_rank,
                                                     lane->dst_rank);
            alike = (i == 0 && k == 0) || of_lane == link;
            link = of_lane;
        }
    }
    xb_round_release(&round);
    if (is_open)
        xb_schedule_close(&schedule);
    return alike ? link : XB_LINK_MIXED;
}

struct xb_policy_place xb_auto_place(const struct xb_session *session,
                                     const struct xb_policy *policy, const struct xb_case *c)
{
    return (struct xb_policy_place){.memory = session->ranks[0].gpu_memory,
                                    .link = policy->asks_link ? link_of(session, c)
                                                              : XB_LINK_MIXED};
}

int xb_auto_resolve(const struct xb_session *session, struct xb_policy *policy,
                    const struct xb_case *c, struct xb_case *out, struct xb_choice *choice,
                    struct xb_error *err)
{
    *choice = (struct xb_choice){0};
    *out = *c;
    if (!(c->method->flags & XB_METHOD_BY_POLICY))
        return XB_GO;
    if (!policy) {
        xb_fail(err, "there is no policy that could pick the method");
        return XB_SKIP;
    }
    const struct xb_shape shape = xb_case_shape(c);
    if (xb_policy_decide(policy, &c->path, c->bytes, &shape, xb_auto_place(session, policy, c),
                         choice, err) < 0)
        return XB_SKIP;
    *out = xb_choice_apply(choice, c);
    return XB_GO;
}
