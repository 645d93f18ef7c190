/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude.h - what a campaign comes to: its launches compared. */
#ifndef XB_CMD_CAMPAIGN_CONCLUDE_H
#define XB_CMD_CAMPAIGN_CONCLUDE_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/campaign/folder.h"
#include "cmd/campaign/record.h"
#include "report/compare.h"

#define XB_CAMPAIGN_ALPHA 0.05 /* how often a comparison may be wrong, all looks together */

/* Look whether all is decided: each case of each configuration, against the first one, has its
 * verdict or an interval of at most `until` to either side, at this level of confidence. *open
 * is the number of those that have not. Returns 0; 1 where a configuration has no launch that
 * is done, so that nothing can be decided; -1 where reports cannot be read. */
int xb_campaign_look(const struct xb_campaign *campaign, const struct xb_folder *folder,
                     double level, size_t *open, struct xb_error *err);

/* Compare all launches that are done, print it to stdout, and of a single configuration keep
 * the noise in the folder. Says which launches are missing. Returns how the campaign ends: as
 * its comparison does, but 3 in place of 0 where a launch failed or hung, and 3 where there is
 * nothing to compare; 2 where reports cannot be read. */
int xb_campaign_conclude(const struct xb_campaign *campaign, const struct xb_folder *folder,
                         enum xb_compare_format format);

#endif
