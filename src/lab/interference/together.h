/* SPDX-License-Identifier: BSD-3-Clause */
/* together.h - two activities, each alone and both at the same time.
 */
#ifndef XB_LAB_INTERFERENCE_TOGETHER_H
#define XB_LAB_INTERFERENCE_TOGETHER_H

#include "lab/interference/side.h"

/* Places of the sides: the first works on the calling thread, the second on its own. */
enum { XB_SIDE_FIRST, XB_SIDE_SECOND, XB_SIDES };

/* Who is busy in a part of a round. */
enum xb_part_of_round { XB_FIRST_ALONE, XB_BOTH_SIDES, XB_SECOND_ALONE, XB_PARTS_OF_ROUND };

struct xb_together {
    struct xb_side side[XB_SIDES];
    const char *name[XB_SIDES]; /* in errors: "the transfer" */
    double deadline_us;         /* on xb_clock_us */
};

/* What a part has shown. */
struct xb_rates {
    double unit_per_us[XB_SIDES]; /* NAN of a side that was not busy */
    double window_us;             /* in which the busy ones were */
};

/* Let one side or both work for a while. Where both do, the second is busy before the first
 * begins and until it ends, each goes on until the other has done enough, and the rates are
 * those of the time in which both were busy. XB_GO; XB_ERROR, also where a rate cannot be told;
 * XB_TIMED_OUT. Behind it nothing is under way any more, except where a side could not end. */
int xb_together_run(struct xb_together *t, enum xb_part_of_round part, struct xb_rates *out,
                    struct xb_error *err);

/* The rates of what the sides have noted, of both or of the one that was busy. As run. */
int xb_together_rates(const struct xb_together *t, enum xb_part_of_round part,
                      struct xb_rates *out, struct xb_error *err);

void xb_together_free(struct xb_together *t);

#endif
