/* auto.c - what stands for a case whose method the policy picks. */
#include "engine/measure/policy_choice.h"

#include "engine/runtime/agree.h"

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
    if (xb_policy_decide(policy, &c->path, c->bytes, &shape, session->ranks[0].gpu_memory,
                         choice, err) < 0)
        return XB_SKIP;
    *out = xb_choice_apply(choice, c);
    return XB_GO;
}
