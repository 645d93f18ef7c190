/* SPDX-License-Identifier: BSD-3-Clause */
/* use.h - what the processes of a run take while it goes on: memory, open files, GPU memory.
 * What grows with the passes is leaked, by this program or by a library that it calls. Rank
 * 0's.
 */
#ifndef XB_REPORT_USE_H
#define XB_REPORT_USE_H

#include <stddef.h>

#include "report/report.h"

enum xb_use_kind {
    XB_USE_RSS,         /* bytes of the process that are in memory */
    XB_USE_DESCRIPTORS, /* open */
    XB_USE_GPU,         /* bytes of the rank's GPU that are taken, by whomsoever */
    XB_USE_KINDS
};

/* At one moment, of one rank; NAN where it is not known. */
struct xb_use {
    double of[XB_USE_KINDS];
};

/* Moments that are kept of a run, evenly spread, however long it is. */
#define XB_USE_MOMENTS 64

/* In constant memory: what ranks took first, last and at most, and some moments between. */
struct xb_use_log {
    size_t nranks;
    struct xb_use *first, *last,
        *most;              /* owned, by rank, in one block that begins with first */
    struct xb_use *moments; /* XB_USE_MOMENTS times nranks */
    double times[XB_USE_MOMENTS];
    size_t n, stride, seen;
};

/* Room for so many ranks; -1 when out of memory. Zeroed or opened, a log can be released. */
int xb_use_log_open(struct xb_use_log *log, size_t nranks);
void xb_use_log_release(struct xb_use_log *log);

/* Add what all ranks take now, behind a pass. What the first two passes set up is not looked at
 * for growth. */
void xb_use_log_add(struct xb_use_log *log, double at_s, const struct xb_use *ranks);

/* Put it into the report's run, anew where it is there. What has grown steadily since the
 * second pass, by the tests of model/figures/trend.h, and by more than is worth a word, has a
 * warning that names rank and host. -1 when out of memory. */
int xb_report_uses(struct xb_report *report, const struct xb_use_log *log,
                   struct xb_error *err);

#endif
