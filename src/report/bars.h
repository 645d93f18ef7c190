/* SPDX-License-Identifier: BSD-3-Clause */
/* bars.h - the bars of a trace as JSON, for a journal: they are no part of a report. */
#ifndef XB_REPORT_BARS_H
#define XB_REPORT_BARS_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"
#include "report/result.h"

#define XB_BARS "bars" /* the key that they stand under where there are any */

/* A list of objects; the caller owns it. NULL when out of memory. */
cJSON *xb_bars_json(const struct xb_bar *bars, size_t n);

/* Those of an object, which has none where the key is missing, into *bars, which the caller
 * frees. */
int xb_bars_read(const struct xb_node *object, struct xb_bar **bars, size_t *n,
                 struct xb_error *err);

#endif
