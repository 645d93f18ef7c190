/* auto.c - the method that the policy picks. It is the name by which scenarios ask for it: what
 * is measured is the method that was picked (see engine/auto.h), so nothing here moves. */
#include "engine/methods/method.h"

static int auto_probe(const struct xb_transfer *t, struct xb_error *err)
{
    (void)t;
    xb_fail(err, "no policy has picked a method");
    return XB_SKIP;
}

const struct xb_method xb_method_auto = {
    .spec = {.name = "auto",
             .summary = "what the policy picks for path and size",
             .flags = XB_METHOD_BY_POLICY},
    .probe = auto_probe,
};
