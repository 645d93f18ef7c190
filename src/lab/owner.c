/* SPDX-License-Identifier: BSD-3-Clause */
/* owner.c - who may touch a buffer now. */
#include "lab/owner.h"

#define OWNERS 3

static const char *const names[OWNERS] = {
    [XB_OWNER_FREE] = "nobody",
    [XB_OWNER_DEVICE] = "the device",
    [XB_OWNER_HOST] = "the host",
};

int xb_owner_pass(struct xb_owned *b, enum xb_owner from, enum xb_owner to,
                  struct xb_error *err)
{
    int has = (int)from;

    if ((int)to != ((int)from + 1) % OWNERS)
        return xb_fail(err, "a buffer does not go from %s to %s", names[from], names[to]);
    if (!atomic_compare_exchange_strong(&b->owner, &has, (int)to))
        return xb_fail(err, "a buffer is passed from %s to %s, but %s has it", names[from],
                       names[to], names[has]);
    return 0;
}

int xb_owner_check(const struct xb_owned *b, enum xb_owner who, struct xb_error *err)
{
    int has = atomic_load(&b->owner);

    if (has == (int)who)
        return 0;
    return xb_fail(err, "%s uses a buffer that %s has", names[who], names[has]);
}
