/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_traffic.h - reading the traffic that a group's pattern plays.
 *
 *     "traffic": [[0, 1, "1MiB"], [1, 0, "64KiB"]]    source, destination, bytes of each lane
 *     "traffic": [[0, 1], [1, 0]]                     of the case's size
 *     "traffic": "halo.txt"                           a file with a matrix (traffic_file.h)
 *     "traffic": {"ranks": 2, "lanes": [[0, 1, "1MiB"], ...]}    for jobs of two ranks alone
 *
 * What a file has takes the place of its name in the scenario's document, in the last form: so
 * the report says what was played, and a run that is resumed needs no file.
 */
#ifndef XB_MODEL_SCENARIO_SCENARIO_TRAFFIC_H
#define XB_MODEL_SCENARIO_SCENARIO_TRAFFIC_H

#include "model/scenario/scenario.h"

/* Read the files that groups of a document name, by the catalog's read_text where it has one,
 * and put what they have into the document. 0, or -1 with file, line and what was expected. */
int xb_inline_traffic(struct xb_json *doc, const struct xb_catalog *catalog,
                      struct xb_error *err);

/* Read the key `traffic` of a group, whose patterns must have been read: one that plays a
 * traffic needs it, beside others it is an error. The lanes are the group's to free. 0, or -1
 * with file, line, path and what was expected. */
int xb_read_traffic(const struct xb_node *group_node, struct xb_group *group,
                    struct xb_error *err);

#endif
