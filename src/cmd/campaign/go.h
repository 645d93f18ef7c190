/* SPDX-License-Identifier: BSD-3-Clause */
/* go.h - the launches of a campaign, one after another. */
#ifndef XB_CMD_CAMPAIGN_GO_H
#define XB_CMD_CAMPAIGN_GO_H

#include "base/error.h"
#include "cmd/campaign/child.h"
#include "cmd/campaign/folder.h"
#include "cmd/campaign/record.h"

/* Start what is still to be started, and keep each launch in campaign.json as it ends; where it
 * goes on until all is decided, look at the fixed numbers of launches. Says on stderr how far
 * it is. Returns 0 at the end, the signal that has ended it before, or -1 where nothing can be
 * started, read or kept. A launch that fails or hangs is no error. */
int xb_campaign_go(struct xb_campaign *campaign, const struct xb_folder *folder,
                   const struct xb_child_guard *guard, struct xb_error *err);

#endif
