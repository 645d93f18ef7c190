/* SPDX-License-Identifier: BSD-3-Clause */
/* suspects.h - who is slow among lanes that are alike: a node, a rank, or a link.
 *
 * Example: of twelve lanes between four ranks six take twice as long as the others, and all six
 * begin or end at rank 2. What they have in common is slow: rank 2, and no link of its own.
 *
 * A place (a node or a rank) is as good as the best of its lanes: one slow link makes no slow
 * place, and a place whose best lane is slow is slow also where most lanes are slow since they
 * touch it. Places are looked at by all lanes that touch them, then by those that they send,
 * then by those that they receive; nodes before ranks. The lanes of a slow place explain
 * nothing more. What is left is looked at lane by lane.
 *
 * Slow is what takes longer than the middle of its like by the larger of two bounds: a share of
 * it (`off`), and so many (`mads`) median absolute deviations, each times 1.4826, which makes
 * it the standard deviation of normal noise (P. J. Rousseeuw, C. Croux, "Alternatives to the
 * Median Absolute Deviation", J. Am. Stat. Assoc. 88, 1993). The middle is the lower one of an
 * even number, so that half of four may be slow. Three are the least that there is a middle of.
 * With `than_us` above 0 the middle is that time instead, for lanes that are to keep a rate.
 */
#ifndef XB_MODEL_FIGURES_SUSPECTS_H
#define XB_MODEL_FIGURES_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>

enum xb_suspect_kind {
    XB_SUSPECT_NODE,
    XB_SUSPECT_RANK,
    XB_SUSPECT_LINK, /* between two ranks, or two GPUs of one */
    XB_SUSPECT_ALL,  /* no lane keeps the rate */
};

/* What a suspect is slow at; bits. */
#define XB_SENDS    1
#define XB_RECEIVES 2

struct xb_like_lane {
    int src, dst;           /* ranks */
    int src_node, dst_node; /* their nodes */
    bool is_link;           /* within a rank, between two of its GPUs: no other GPU's */
    double us;              /* what it takes */
    double least_us;        /* the low end of its interval, or the least that it has taken */
};

struct xb_slow_limit {
    double off;     /* share of the middle, 0.03: 3 % longer */
    double mads;    /* deviations from the middle */
    double than_us; /* 0: the middle is that of the lanes */
};

struct xb_suspect {
    enum xb_suspect_kind kind;
    int roles;           /* XB_SENDS, XB_RECEIVES; for a link: from src to dst, and back */
    int src, dst;        /* ranks, or nodes; the same twice but for a link; -1 for all */
    double us, usual_us; /* its best lane, and the middle that it is compared with */
};

/* The middle of values, which are reordered, and the limit above which one is slow; n >= 1. An
 * infinite limit below three values, but for than_us. */
double xb_slow_above(double *values, size_t n, const struct xb_slow_limit *limit,
                     double *middle);

/* Find who is slow among n lanes that are alike. *out is the caller's to free; it is NULL where
 * there is none. Ranks and nodes are numbers from 0 on, of which memory is O(the largest).
 * Returns their number, or -1 when out of memory. */
int xb_suspects_find(const struct xb_like_lane *lanes, size_t n,
                     const struct xb_slow_limit *limit, struct xb_suspect **out);

#endif
