/* SPDX-License-Identifier: BSD-3-Clause */
/* slice_file.h - what one pass gave of a case, as a line of a journal has it: all that the case
 * needs of it when its passes are over. */
#ifndef XB_REPORT_SLICE_FILE_H
#define XB_REPORT_SLICE_FILE_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"
#include "report/result.h"

/* A slice of a case that is ok, without what the policy picked. */
struct xb_slice_entry {
    char *id; /* of its case */
    int pass; /* from 0 */
    struct xb_result result;
};

/* As JSON; its samples are those of its lanes. The caller owns it; NULL when out of memory. */
cJSON *xb_slice_json(const char *id, int pass, const struct xb_result *slice);

/* Read it; the caller releases out, which is empty after a failure. */
int xb_slice_read(const struct xb_node *node, struct xb_slice_entry *out, struct xb_error *err);
void xb_slice_entry_release(struct xb_slice_entry *entry);

#endif
