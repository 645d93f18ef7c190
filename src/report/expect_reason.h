/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_reason.h - what is wrong with a host, in one line that is short enough for the reason
 * of a drained node: "node07: GPU 3b:00.0 nvlink (6 lanes): p2p 256MiB 210.3 GB/s, expected
 * 379.0 GB/s or more".
 *
 * Where several lanes are bad and one GPU is an end of them, that GPU is named once, then what
 * it leaves over: the GPU with the most bad lanes first, a pair where a lane stands alone.
 */
#ifndef XB_REPORT_EXPECT_REASON_H
#define XB_REPORT_EXPECT_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "report/expect_check.h"

#define XB_REASON_LINE 240 /* bytes of a line at most, with its end */

struct xb_reason {
    const char *host;    /* "" where it lies between hosts, or nobody says where; borrowed */
    enum xb_level level; /* XB_LEVEL_WARNING or XB_LEVEL_CRITICAL */
    char text[XB_REASON_LINE]; /* with the host, without a line's end */
};

/* Reasons of all hosts of which something is a warning or critical, in the order in which they
 * are found, critical ones first; the caller frees *out. -1 when out of memory. */
int xb_check_reasons(const struct xb_check *check, struct xb_reason **out, size_t *n);

#endif
