/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_pairs.h - reading which ranks a group's patterns are about. */
#ifndef XB_MODEL_SCENARIO_SCENARIO_PAIRS_H
#define XB_MODEL_SCENARIO_SCENARIO_PAIRS_H

#include "model/scenario/scenario.h"

/* Read the key `pairs` of a group into group->pairs, classes where it is not there. The group's
 * patterns must have been read: some say their pairs by their name, and some have none, beside
 * which the key is an error. A list is the group's to free. 0, or -1 with file, line, path and
 * what was expected. */
int xb_read_pairs(const struct xb_node *group_node, struct xb_group *group,
                  struct xb_error *err);

#endif
