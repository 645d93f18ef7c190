/* SPDX-License-Identifier: BSD-3-Clause */
/* auto.c - the method that the policy picks. It is the name by which scenarios ask for it: what
 * is measured is the method that was picked (see engine/auto.h), so nothing here moves. */
#include "engine/methods/method.h"
#include "engine/methods/auto_spec.h"

static int auto_probe(const struct xb_transfer *t, struct xb_error *err)
{
    (void)t;
    xb_fail(err, "no policy has picked a method");
    return XB_SKIP;
}

const struct xb_method xb_method_auto = {
    .spec = XB_AUTO_SPEC,
    .probe = auto_probe,
};
