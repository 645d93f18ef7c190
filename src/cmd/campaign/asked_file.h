/* SPDX-License-Identifier: BSD-3-Clause */
/* asked_file.h - what a campaign is to do, from a JSON file. */
#ifndef XB_CMD_CAMPAIGN_ASKED_FILE_H
#define XB_CMD_CAMPAIGN_ASKED_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"
#include "cmd/campaign/record.h"

/* Is it such a file? Nothing else has "configs" and no schema. */
bool xb_asked_is(const struct xb_json *doc);

/* Read a file, as xb_campaign_ask takes it, into a campaign that has begun. */
int xb_asked_read_file(const char *file, struct xb_campaign *c, struct xb_error *err);

#endif
