/* SPDX-License-Identifier: BSD-3-Clause */
/* tuned.h - what tune chose, as it stands in the report of all that it measured. */
#ifndef XB_REPORT_TUNED_H
#define XB_REPORT_TUNED_H

#include <stdbool.h>
#include <stdint.h>

#include "report/fields.h"

/* Which transfers: what stands in a rule of a policy too. */
struct xb_tuned_place {
    char *src, *dst, *locality;
    char *link_class;        /* of lanes of that class alone; else NULL */
    int64_t blocks;          /* 1: one piece */
    char *order, *blocks_at; /* of several blocks; else NULL */
};

/* A way to carry it out. */
struct xb_tuned_use {
    bool there;
    char *id;      /* of its case */
    char *use;     /* method, options, chunk and depth, as a rule has them */
    double us;     /* the smallest time that it was seen to take */
    double regret; /* that over the best one's */
};

/* A path and a size that were tuned. */
struct xb_tuned_point {
    struct xb_tuned_place place;
    int64_t bytes;
    int64_t measured;                        /* candidates that were ok */
    struct xb_tuned_use chosen, fixed, best; /* by the policy, by `static`, of all */
    struct xb_texts rivals;                  /* from which what is chosen does not part */
};

/* A size above which another method is chosen. */
struct xb_tuned_crossover {
    struct xb_tuned_place place;
    int64_t above; /* bytes, of blocks those of one */
    char *before, *after;
    bool parted; /* it was faster there beyond doubt */
};

struct xb_report_tuned {
    bool there;
    struct xb_list points;     /* of struct xb_tuned_point */
    struct xb_list crossovers; /* of struct xb_tuned_crossover */
};

extern const struct xb_field xb_report_tuned_fields[];

/* Element i of the lists, with i below their n. */
const struct xb_tuned_point *xb_tuned_point_at(const struct xb_report_tuned *tuned, size_t i);
const struct xb_tuned_crossover *xb_tuned_crossover_at(const struct xb_report_tuned *tuned,
                                                       size_t i);

#endif
