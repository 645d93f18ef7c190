/* SPDX-License-Identifier: BSD-3-Clause */
/* trend_internal.h - the test for steps, which trend.c uses and nobody else. */
#ifndef XB_MODEL_FIGURES_TREND_INTERNAL_H
#define XB_MODEL_FIGURES_TREND_INTERNAL_H

#include <stddef.h>

/* A series as it is looked at, with room for what is made of it. */
struct xb_series {
    double *t, *v;
    double *rank, *room; /* of a part of it */
    size_t n;
    double level;
};

struct xb_steps_test {
    double p;  /* of no change */
    size_t at; /* where to look for one first, with a phase on either side */
    size_t to; /* where the phase that begins there ends, with one behind it; 0 where it need
                  not */
};

/* Do the values from..to, XB_TREND_LEAST at least, stay on one level? s->rank and s->room are
 * used. */
struct xb_steps_test xb_trend_test_steps(const struct xb_series *s, size_t from, size_t to);

int xb_trend_compare(const void *a, const void *b); /* doubles, for qsort */

#endif
