/* SPDX-License-Identifier: BSD-3-Clause */
/* command.h - which launch of a campaign comes when, and the command that it is started by. */
#ifndef XB_CMD_CAMPAIGN_COMMAND_H
#define XB_CMD_CAMPAIGN_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "cmd/campaign/folder.h"
#include "cmd/campaign/record.h"

/* Launches that a campaign may have, of all its configurations. */
size_t xb_campaign_most(const struct xb_campaign *campaign);

/* Fill in what launch i, from 0, in the order of the seed, is to be: configuration, number,
 * files, command and environment. folder is the campaign's. The caller releases it with
 * xb_campaign_launch_release. -1 when out of memory or where this program cannot be found. */
int xb_campaign_launch_make(const struct xb_campaign *campaign, const struct xb_folder *folder,
                            size_t i, struct xb_campaign_launch *out, struct xb_error *err);

/* Print its command as a shell would take it, the environment before it. */
void xb_campaign_launch_print(const struct xb_campaign_launch *launch, FILE *out);

#endif
