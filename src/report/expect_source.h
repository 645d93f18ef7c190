/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_source.h - what reports that expectations are learnt from say of where they come from.
 * For expect_learn.c.
 */
#ifndef XB_REPORT_EXPECT_SOURCE_H
#define XB_REPORT_EXPECT_SOURCE_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "report/expect.h"

/* Fail unless all reports are of one device and of the same kinds of GPUs, and no two of one
 * run. */
int xb_source_check(const struct xb_report *reports, size_t n, struct xb_error *err);

/* How many different nodes the first ranks of the reports are on: by host and, where it has
 * some, the node's first GPU. And the number of that of report i, the same for the same node.
 */
size_t xb_source_nodes(const struct xb_report *reports, size_t n);
size_t xb_source_node(const struct xb_report *reports, size_t n, size_t i);

/* Parts of the file, each owned by the caller, NULL when out of memory: where it comes from, in
 * counts and builds without names of hosts; which machines it is about; and what their GPUs
 * have, each need whose value is known everywhere and the same, of like, where it is not NULL,
 * those that it asks for. */
cJSON *xb_source_json(const struct xb_report *reports, size_t n);
cJSON *xb_source_match(const struct xb_report *reports, size_t n);
cJSON *xb_source_needs(const struct xb_report *reports, size_t n,
                       const struct xb_expectations *like);

#endif
