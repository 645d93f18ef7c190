/* SPDX-License-Identifier: BSD-3-Clause */
/* asked_parts.h - parts of a campaign, as the command line or a file gives them.
 */
#ifndef XB_CMD_CAMPAIGN_ASKED_PARTS_H
#define XB_CMD_CAMPAIGN_ASKED_PARTS_H

#include "base/error.h"
#include "cmd/campaign/record.h"

/* Say in err that there is no memory; always returns -1. */
int xb_asked_no_memory(struct xb_error *err);

/* One more configuration, with nothing in it but a name. NULL where there are too many. */
struct xb_config *xb_asked_add_config(struct xb_campaign *c, const char *name,
                                      struct xb_error *err);

/* Bytes of the name of "NAME=VALUE", 0 where it is none. */
size_t xb_asked_variable_name(const char *word);

/* Add a variable, whose name has so many bytes; value NULL is one that is taken away. */
int xb_asked_add_variable(struct xb_named_texts *variables, const char *name, size_t len,
                          const char *value, struct xb_error *err);

/* A share of the time, "2%", from 0.1 to 50 %. */
int xb_asked_share(const char *text, double *out, struct xb_error *err);

#endif
