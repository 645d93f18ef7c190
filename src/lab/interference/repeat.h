/* SPDX-License-Identifier: BSD-3-Clause */
/* repeat.h - a transfer that is made again and again, within a rank or to another one, whose
 * part in it is made by that one's xb_repeat_follow.
 *
 * One rank leads: it tells the other what comes, does its own part, and hears from it how that
 * went. Between two ranks all is the main thread's.
 */
#ifndef XB_LAB_INTERFERENCE_REPEAT_H
#define XB_LAB_INTERFERENCE_REPEAT_H

#include "lab/interference/part.h"

struct xb_repeat {
    struct xb_part part;
    bool led;      /* another rank follows */
    int at_once;   /* transfers in a post */
    unsigned turn; /* posts since the bytes were new */
    bool broken;   /* something did not come to its end */
};

/* Open the transfer that part, which is described and probed, is of. It must stay where it is.
 * XB_GO, XB_SKIP, XB_ERROR or XB_TIMED_OUT; close follows in any case. */
int xb_repeat_open(struct xb_repeat *m, struct xb_error *err);

/* Let a post be of as many transfers as last least_us, by what one takes now. As run. */
int xb_repeat_size(struct xb_repeat *m, double least_us, struct xb_error *err);

/* New bytes, of a key that none before had. XB_GO, XB_ERROR or XB_TIMED_OUT. */
int xb_repeat_renew(struct xb_repeat *m, uint64_t key, struct xb_error *err);

/* Post at_once transfers and wait until all are complete. XB_GO, XB_ERROR or XB_TIMED_OUT. */
int xb_repeat_run(struct xb_repeat *m, struct xb_error *err);

/* Compare what the last run has left; adds to *out. XB_GO, XB_ERROR or XB_TIMED_OUT. */
int xb_repeat_check(struct xb_repeat *m, struct xb_verify *out, struct xb_error *err);

/* Let the other rank go, and free everything. Does not wait for it. */
void xb_repeat_close(struct xb_repeat *m);

/* What the other rank does meanwhile. As an experiment's follow. */
int xb_repeat_follow(const struct xb_lab_case *l, struct xb_error *err);

#endif
