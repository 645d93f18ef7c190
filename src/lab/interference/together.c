/* SPDX-License-Identifier: BSD-3-Clause */
/* together.c - two activities, each alone and both at the same time. */
#include "lab/interference/together.h"

#include <math.h>
#include <time.h>

#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"

#define PART_US 20e3   /* that a part lasts at least */
#define UNITS   8      /* that each busy side does in it at least */
#define LOOK_NS 200000 /* between two looks at the side on the other thread */

/* Let the side on the other thread do so many units more, and for so long. */
static int look_on(const struct xb_together *t, size_t units, double least_us)
{
    const struct timespec look = {.tv_nsec = LOOK_NS};
    const struct xb_side *second = &t->side[XB_SIDE_SECOND];
    const size_t enough = atomic_load(&second->complete) + units;
    const double until_us = xb_clock_us() + least_us;

    while (atomic_load(&second->complete) < enough || xb_clock_us() < until_us) {
        if (atomic_load(&second->failed)) /* join says how */
            return XB_GO;
        if (xb_clock_us() > t->deadline_us)
            return XB_TIMED_OUT;
        nanosleep(&look, NULL);
    }
    return XB_GO;
}

/* Work on this thread until the sides that are busy have done enough. */
static int work_here(struct xb_together *t, bool both, struct xb_error *err)
{
    struct xb_side *first = &t->side[XB_SIDE_FIRST];
    const struct xb_side *second = &t->side[XB_SIDE_SECOND];
    const size_t enough = atomic_load(&second->complete) + UNITS;
    int rc = xb_side_begin(first, err);

    while (rc == XB_GO && (first->n < UNITS || xb_clock_us() < first->begin_us + PART_US ||
                           (both && atomic_load(&second->complete) < enough))) {
        if (both && atomic_load(&second->failed))
            return XB_GO;
        if (xb_clock_us() > t->deadline_us)
            return XB_TIMED_OUT;
        rc = xb_side_unit(first, err);
    }
    return rc == XB_GO ? xb_side_end(first, err) : rc;
}

static int work(struct xb_together *t, enum xb_part_of_round part, struct xb_error *err)
{
    struct xb_side *second = &t->side[XB_SIDE_SECOND];
    struct xb_error why = {""};
    int rc = XB_GO;

    xb_side_reset(&t->side[XB_SIDE_FIRST]);
    xb_side_reset(second);
    if (part == XB_FIRST_ALONE)
        return work_here(t, false, err);
    if (xb_side_start(second, err) < 0)
        return XB_ERROR;
    if (part == XB_BOTH_SIDES) {
        rc = look_on(t, 1, 0);
        if (rc == XB_GO)
            rc = work_here(t, true, err);
    } else {
        rc = look_on(t, UNITS, PART_US);
    }
    int other = xb_side_join(second, &why);
    if (rc != XB_GO || other == XB_GO)
        return rc;
    *err = why;
    return other;
}

int xb_together_rates(const struct xb_together *t, enum xb_part_of_round part,
                      struct xb_rates *out, struct xb_error *err)
{
    const struct xb_progress p[] = {xb_side_progress(&t->side[XB_SIDE_FIRST]),
                                    xb_side_progress(&t->side[XB_SIDE_SECOND])};
    const bool busy[] = {part != XB_SECOND_ALONE, part != XB_FIRST_ALONE};
    struct xb_window window = xb_progress_whole(&p[busy[XB_SIDE_FIRST] ? 0 : 1]);

    if (part == XB_BOTH_SIDES && !xb_progress_together(&p[0], &p[1], &window))
        return xb_fail(err, "%s and %s were not busy at the same time", t->name[0], t->name[1]);
    out->window_us = window.to_us - window.from_us;
    for (int i = 0; i < XB_SIDES; i++) {
        out->unit_per_us[i] = busy[i] ? xb_progress_rate(&p[i], &window) : NAN;
        if (busy[i] && isnan(out->unit_per_us[i]))
            return xb_fail(err,
                           "%s completed fewer than %d units of work in the %.0f us that count",
                           t->name[i], XB_PROGRESS_LEAST, out->window_us);
    }
    return XB_GO;
}

int xb_together_run(struct xb_together *t, enum xb_part_of_round part, struct xb_rates *out,
                    struct xb_error *err)
{
    int rc = work(t, part, err);

    return rc == XB_GO ? xb_together_rates(t, part, out, err) : rc;
}

void xb_together_free(struct xb_together *t)
{
    for (int i = 0; i < XB_SIDES; i++)
        xb_side_free(&t->side[i]);
}
